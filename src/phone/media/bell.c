/**
 * @file bell.c  Ringing, tones and digits, where one can hear them
 *
 * The phone rings at the device that is set for it, everything else is
 * heard where one talks: the tones of calls, the beep of a waiting one, the
 * digits one presses. All are guests: they mix with what plays, but no file
 * is opened for them, since a file is there to hold a call. Where it should
 * ring and cannot, it rings where one talks, and the user is told: a call
 * must not be missed for a headset that is out.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "check.h"
#include "device.h"
#include "dtmf.h"
#include "loop.h"
#include "media.h"
#include "media_priv.h"
#include "tones.h"

enum { SRATE = 16000, BLOCK = SRATE * LOOP_PTIME / 1000 };

/** What plays one kind of sound; media loop */
struct player {
	struct devices *dev;
	struct ticker tick;          /**< Where no clock of a card drives */
	struct ticker poll;          /**< Looks whether it is over        */
	bool over;
	bool told;                   /**< That it cannot play             */
	bool (*fill)(int16_t *sampv, size_t sampc);
};

/** What is asked for */
struct command {
	struct player *player;
	const struct tone_shape *shape;      /**< NULL: stop              */
	char digits[DTMF_MAX];
	char setting[512];
};

static bool tone_fill(int16_t *sampv, size_t sampc);
static bool digits_fill(int16_t *sampv, size_t sampc);

static struct player bell = { .fill = tone_fill };
static struct player keys = { .fill = digits_fill };
static struct tone_gen gen;
static struct dtmf_wave digits;

/* main loop */
static enum tone playing;    /* what was asked for                     */
static bool elsewhere;       /* it rings, but not where it should      */
static bool pressed;         /* digits were asked for                  */

/** Why a tone cannot be heard; a copy */
struct trouble {
	char text[256];
};

static tone_trouble_h *troubleh;

static void trouble_handler(void *data);


static bool tone_fill(int16_t *sampv, size_t sampc)
{
	return tone_gen_fill(&gen, sampv, sampc);
}


static bool digits_fill(int16_t *sampv, size_t sampc)
{
	return dtmf_wave_fill(&digits, sampv, sampc, SRATE, 1);
}


static void player_fill(struct player *p, int16_t *sampv, size_t sampc)
{
	if (p->over || !p->fill(sampv, sampc)) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		p->over = true;
	}
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	(void)sampv;
	(void)sampc;
	(void)arg;
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	player_fill(arg, sampv, sampc);
}


static void tick_handler(uint64_t now, void *arg)
{
	struct player *p = arg;
	int16_t sampv[BLOCK];
	(void)now;

	player_fill(p, sampv, BLOCK);
	devices_write(p->dev, sampv, BLOCK);
}


static void clock_handler(void *arg)
{
	struct player *p = arg;

	/* a card that is not there yet is waited for, not played past */
	if (!devices_has_sink(p->dev) || devices_sink_is_card(p->dev))
		ticker_stop(&p->tick);
	else
		ticker_start(&p->tick, false, tick_handler, p);
}


static void device_handler(int err, const char *text, void *arg)
{
	struct player *p = arg;
	struct trouble *t;

	if (!err)
		return;

	info("media: tone: %s\n", text);
	if (p != &bell || p->told)
		return;

	p->told = true;
	t = mem_zalloc(sizeof(*t), NULL);
	if (!t)
		return;
	str_ncpy(t->text, text, sizeof(t->text));
	(void)loop_report(trouble_handler, t);
}


static void player_stop(struct player *p)
{
	ticker_stop(&p->tick);
	ticker_stop(&p->poll);
	p->dev = mem_deref(p->dev);
}


/* What ended by itself leaves the sound card */
static void poll_handler(uint64_t now, void *arg)
{
	struct player *p = arg;
	(void)now;

	if (p->over)
		player_stop(p);
}


static void player_start(struct player *p, const char *setting)
{
	const struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		device_handler, p
	};
	struct devices_wish wish;

	if (!p->dev && devices_alloc(&p->dev, &h))
		return;

	memset(&wish, 0, sizeof(wish));
	wish.setting = setting;
	wish.srate = SRATE;
	wish.channels = 1;
	wish.guest = true;
	wish.plain = true;
	p->over = p->told = false;
	devices_sink(p->dev, &wish);
	if (!devices_has_sink(p->dev)) {
		player_stop(p);
		return;
	}

	clock_handler(p);
	ticker_start(&p->poll, true, poll_handler, p);
}


static void command_handler(void *data)
{
	const struct command *cmd = data;

	if (cmd->digits[0]) {
		(void)dtmf_wave_add(&digits, cmd->digits);
	}
	else if (cmd->shape) {
		tone_gen_init(&gen, cmd->shape, SRATE);
	}
	else {
		player_stop(cmd->player);
		return;
	}

	player_start(cmd->player, cmd->setting);
}


static void post(struct player *p, const struct tone_shape *shape,
		 const char *text, const char *setting)
{
	struct command *cmd = mem_zalloc(sizeof(*cmd), NULL);

	if (!cmd)
		return;

	cmd->player = p;
	cmd->shape = shape;
	str_ncpy(cmd->digits, text, sizeof(cmd->digits));
	str_ncpy(cmd->setting, setting, sizeof(cmd->setting));
	(void)loop_post(command_handler, cmd);
}


/* Could anybody hear it? A thread is not started for nobody */
static bool audible(const char *setting)
{
	const struct audio_driver *drv;
	const char *device;

	return !device_parse(setting, false, &drv, &device) &&
		(drv->clocked || (drv->share_sink && loop_running()));
}


bool ring_audible(const char *setting)
{
	const struct audio_driver *drv;
	const char *device;

	return !device_parse(setting, false, &drv, &device) && drv->clocked;
}


void tone_listen(tone_trouble_h *h)
{
	troubleh = h;
}


static void trouble_tell(const char *fmt, const char *why)
{
	char text[320];

	(void)re_snprintf(text, sizeof(text), fmt, why);
	warning("media: %s\n", text);
	if (troubleh)
		troubleh(text);
}


/* Ring where one talks instead; why: what the user is told */
static bool ring_elsewhere(const char *why)
{
	const struct media_settings *conf = media_settings();

	if (elsewhere || !conf->ring[0] || !audible(conf->sink) ||
	    !strcmp(conf->ring, conf->sink))
		return false;

	trouble_tell("It rings at the loudspeaker: %s", why);
	elsewhere = true;
	post(&bell, tone_shape(conf->tones, TONE_RING), "", conf->sink);

	return true;
}


static void trouble_handler(void *data)
{
	const struct trouble *t = data;

	/* of a call its own line says it */
	if (playing == TONE_RING && !ring_elsewhere(t->text))
		trouble_tell("It cannot be heard ringing: %s", t->text);
}


static void tone_stop(void)
{
	if (playing != TONE_NONE)
		post(&bell, NULL, "", "");
	playing = TONE_NONE;
}


void tone_play(enum tone tone)
{
	const struct media_settings *conf = media_settings();
	const bool ring = tone == TONE_RING && conf->ring[0];
	const char *setting = ring ? conf->ring : conf->sink;
	char why[256];

	elsewhere = false;
	if (tone == TONE_NONE) {
		tone_stop();
		return;
	}
	if (ring && sound_setting_check("audio.ring", setting, why,
					sizeof(why))) {
		playing = tone;
		if (!ring_elsewhere(why))
			tone_stop();
		return;
	}
	if (!audible(setting)) {
		tone_stop();
		return;
	}

	playing = tone;
	post(&bell, tone_shape(conf->tones, tone), "", setting);
}


void tone_digits(const char *text)
{
	const struct media_settings *conf = media_settings();

	if (!str_isset(text) || !audible(conf->sink))
		return;

	pressed = true;
	post(&keys, NULL, text, conf->sink);
}


void tones_close(void)
{
	tone_stop();
	if (pressed)
		post(&keys, NULL, "", "");
	pressed = false;
}
