/**
 * @file card.c  One open per sound device, however many use it
 *
 * Calls, ringing and tones that name the same device share one open one:
 * what they play is mixed, what it captures goes to all of them, each at
 * its own rate. So a card that only one can open is never fought for. A
 * device with a clock calls and thereby drives its users; one without is
 * read and written by them in the tick. A device that failed, or stands
 * still, is closed a little later, not from within its own callback, and
 * tried again every second until it is back; its users go on meanwhile. So
 * is one that was opened for one channel when somebody comes with two.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "card_priv.h"

enum {
	CARD_RATE = 48000,
	STILL_US  = 500000,          /**< No block: the tick takes over  */
	DEAD_US   = 2500000          /**< ... and the device is given up */
};

static struct list cards = LIST_INIT;
static struct ticker watch;


static void card_destructor(void *arg)
{
	struct card *card = arg;

	list_unlink(&card->le);
	mem_deref(card->dev);
	if (!list_head(&cards))
		ticker_stop(&watch);
}


int device_parse(const char *setting, bool capture,
		 const struct audio_driver **drvp, const char **device)
{
	const size_t len = strcspn(setting, ",");
	char name[64];

	*drvp = NULL;
	*device = setting + len + (setting[len] ? 1 : 0);

	if (!len || len >= sizeof(name))
		return ENOENT;

	memcpy(name, setting, len);
	name[len] = '\0';

	*drvp = audio_driver_find(name);
	if (!*drvp)
		return ENOENT;
	if (capture ? !(*drvp)->source : !(*drvp)->sink)
		return ENOTSUP;

	return 0;
}


void device_load(const char *setting)
{
	const struct audio_driver *drv;
	const char *device;

	(void)device_parse(setting, false, &drv, &device);
}


/* ---- what is told ---- */

static void tell(struct card *card, int err, const char *text)
{
	struct le *le, *n;

	LIST_FOREACH_SAFE(&card->users, le, n) {
		struct card_user *u = le->data;

		u->h.eventh(err, text, u->h.arg);
	}
}


static void tell_clock(struct card *card)
{
	struct le *le, *n;

	LIST_FOREACH_SAFE(&card->users, le, n) {
		struct card_user *u = le->data;

		u->h.clockh(u->h.arg);
	}
}


void card_fail(struct card *card, int err, const char *why)
{
	const bool ran = card->running;

	card->failed = true;
	card->running = false;

	if (!card->told) {
		card->told = true;
		(void)re_snprintf(card->why, sizeof(card->why),
				  "%s: %s: ", card->prm.capture ?
				  "no microphone" : "no loudspeaker",
				  card->setting);
		if (why)
			(void)re_snprintf(card->why + strlen(card->why),
					  sizeof(card->why) -
					  strlen(card->why), "%s", why);
		else
			(void)re_snprintf(card->why + strlen(card->why),
					  sizeof(card->why) -
					  strlen(card->why), "%m", err);
		tell(card, err ? err : EIO, card->why);
	}

	if (ran)
		tell_clock(card);
}


static void tell_back(struct card *card)
{
	if (!card->told)
		return;

	card->told = false;
	tell(card, 0, card->prm.capture ? "the microphone is back" :
	     "the loudspeaker is back");
}


/* ---- a device with a clock ---- */

static bool card_ticks(struct card *card)
{
	if (card->failed)
		return false;

	card->last = loop_now();
	if (!card->running) {
		card->running = true;
		tell_back(card);
		tell_clock(card);
	}

	return true;
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct card *card = arg;
	struct le *le, *next;

	if (!card_ticks(card) || sampc != card_block(card))
		return;

	mem_ref(card);
	LIST_FOREACH_SAFE(&card->users, le, next)
		card_user_take(le->data, sampv, sampc);
	mem_deref(card);
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct card *card = arg;
	struct le *le, *next;

	if (!card_ticks(card) || sampc != card_block(card)) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	mem_ref(card);
	le = list_head(&card->users);
	if (le && !le->next) {
		card_user_give(le->data, sampv, sampc);
	}
	else {
		mixer_clear(&card->mix, sampc);
		LIST_FOREACH_SAFE(&card->users, le, next) {
			card_user_give(le->data, card->buf, sampc);
			mixer_add(&card->mix, card->buf);
		}
		mixer_take(&card->mix, NULL, 0, &card->guard, sampv);
	}
	mem_deref(card);
}


static void error_handler(int err, const char *text, void *arg)
{
	card_fail(arg, err, text);
}


/* ---- open, watch, open again ---- */

static void card_close(struct card *card)
{
	card->dev = mem_deref(card->dev);
	card->failed = false;
	card->running = false;
}


/* What a number of a driver means; NULL: what it always does */
static const char *open_reason(const struct card *card, int err)
{
	if (err == EBADMSG)
		return "no WAV file of 16 bit PCM";
	if (err == ENOENT && card->drv->clocked)
		return "there is no such sound card";

	return NULL;
}


void card_open(struct card *card)
{
	struct audio_handlers h = {
		capture_handler, playback_handler, error_handler, card
	};
	const uint8_t channels = card->prm.channels;
	const char *device = "";
	int err;

	card->tried = true;
	card->widen = false;
	err = device_parse(card->setting, card->prm.capture, &card->drv,
			   &device);
	if (err || !card->drv) {
		card_fail(card, err, err == ENOENT ? "no such driver" :
			  "wrong direction");
		return;
	}
	if (!card->drv->clocked)
		h.arg = (void *)(uintptr_t)card->pair;
	err = card->drv->open(&card->dev, &card->prm, device, &h);

	/* perhaps it has but one channel */
	if (err && channels > 1) {
		card->prm.channels = 1;
		if (!card->drv->open(&card->dev, &card->prm, device, &h)) {
			card->narrow = true;
			err = 0;
		}
		else {
			card->prm.channels = channels;
		}
	}

	if (err) {
		card->dev = NULL;
		card_fail(card, err, open_reason(card, err));
		return;
	}

	card_users_follow(card);
	card->last = loop_now();
	if (!card->drv->clocked)
		tell_back(card);
}


/* What was opened for one channel is opened for two. The tick goes on
   meanwhile, as whenever a card gives nothing. */
static void card_widen(struct card *card)
{
	card->running = false;
	tell_clock(card);
	card_close(card);
	card->prm.channels = CHANNELS_MAX;
	card_open(card);
}


static void card_watch(struct card *card, uint64_t now)
{
	const bool clocked = card->drv && card->drv->clocked;

	if (card->failed)
		card_close(card);

	/* a file that failed would begin anew: only sound cards come back */
	if (!card->dev) {
		if (clocked)
			card_open(card);
		return;
	}

	if (!clocked)
		return;

	if (card->widen) {
		card_widen(card);
		return;
	}

	if (card->running && now - card->last > STILL_US) {
		card->running = false;
		tell_clock(card);
	}
	if (now - card->last > DEAD_US)
		card_fail(card, ETIMEDOUT, "the device stands still");
}


static void watch_handler(uint64_t now, void *arg)
{
	struct le *le, *next;
	(void)arg;

	LIST_FOREACH_SAFE(&cards, le, next)
		card_watch(le->data, now);
}


static struct card *card_find(const struct card_wish *wish)
{
	struct le *le;

	LIST_FOREACH(&cards, le) {
		struct card *card = le->data;

		if (card->prm.capture == wish->capture && card->shared &&
		    !str_cmp(card->setting, wish->setting))
			return card;
	}

	return NULL;
}


static struct card *card_new(const struct card_wish *wish)
{
	const char *device;
	struct card *card;

	card = mem_alloc(sizeof(*card), card_destructor);
	if (!card)
		return NULL;

	memset(card, 0, offsetof(struct card, mix));
	card->prm.capture = wish->capture;
	card->pair = wish->pair;
	str_ncpy(card->setting, wish->setting, sizeof(card->setting));
	(void)device_parse(card->setting, card->prm.capture, &card->drv,
			   &device);
	card->shared = card->drv &&
		(card->drv->clocked || (card->prm.capture ?
					card->drv->share_source :
					card->drv->share_sink));
	card->prm.channels = (uint8_t)wish->channels;
	card->prm.ptime = LOOP_PTIME;
	if (card->drv && card->drv->srate)
		card->prm.srate = card->drv->srate;
	else
		card->prm.srate = card->drv && card->drv->clocked ?
			CARD_RATE : wish->srate;

	list_append(&cards, &card->le, card);
	ticker_start(&watch, true, watch_handler, NULL);

	return card;
}


struct card *card_get(const struct card_wish *wish)
{
	struct card *card = mem_ref(card_find(wish));

	return card ? card : card_new(wish);
}
