/**
 * @file card_user.c  Those who share one sound device
 *
 * Each has blocks of 20 ms at a rate of its own. A device with a clock asks
 * each of them in turn; for one without, a block is complete when all have
 * written that did so the last time, and read once for all who read it.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "card_priv.h"


static void sink_flush(struct card *card);

static void user_destructor(void *arg)
{
	struct card_user *u = arg;
	struct card *card = u->card;

	list_unlink(&u->le);
	mem_deref(u->rs);
	if (!card)
		return;

	/* nobody waits for this one's part any more */
	if (card->mixed && !u->wrote)
		sink_flush(card);
	mem_deref(card);
}


static int user_resampler(struct card_user *u)
{
	const uint32_t srate = u->card->prm.srate;

	u->rs = mem_deref(u->rs);

	return u->card->prm.capture ?
		resampler_alloc(&u->rs, srate, u->srate) :
		resampler_alloc(&u->rs, u->srate, srate);
}


int card_use(struct card_user **up, const struct card_wish *wish,
	     const struct card_handlers *h)
{
	struct card *card;
	struct card_user *u;
	int err;

	if (!up || !wish || !wish->setting || !h || !h->captureh ||
	    !h->playbackh || !h->clockh || !h->eventh)
		return EINVAL;

	card = card_get(wish);
	if (!card)
		return ENOMEM;

	if (wish->guest && !card->dev &&
	    !(card->drv && card->drv->clocked)) {
		mem_deref(card);
		return ENOTSUP;
	}

	u = mem_zalloc(sizeof(*u), user_destructor);
	if (!u) {
		mem_deref(card);
		return ENOMEM;
	}

	u->card = card;
	u->h = *h;
	u->srate = wish->srate;
	u->seq = card->seq;
	err = user_resampler(u);
	if (err) {
		mem_deref(u);
		return err;
	}

	list_append(&card->users, &u->le, u);
	*up = u;
	if (!card->tried)
		card_open(card);
	else if (card->told)
		u->h.eventh(EIO, card->why, u->h.arg);

	return 0;
}


void card_user_rate(struct card_user *u, uint32_t srate)
{
	if (!u || u->srate == srate)
		return;

	u->srate = srate;
	if (user_resampler(u))
		warning("media: no way from %u Hz to %u\n", u->srate,
			u->card->prm.srate);
}


bool card_user_clocked(const struct card_user *u)
{
	return u && u->card->running;
}


bool card_user_is_card(const struct card_user *u)
{
	return u && u->card->drv && u->card->drv->clocked;
}


/* ---- a device with a clock ---- */

void card_user_take(struct card_user *u, const int16_t *sampv,
		      size_t sampc)
{
	int16_t block[MIXER_BLOCK];
	const size_t n = u->srate / CARD_BLOCKS;

	if (!u->rs) {
		u->h.captureh(sampv, sampc, u->h.arg);
		return;
	}

	resampler_block(u->rs, block, n, sampv, sampc);
	u->h.captureh(block, n, u->h.arg);
}


/* A block of a user at the rate of the device */
void card_user_give(struct card_user *u, int16_t *sampv, size_t sampc)
{
	int16_t block[MIXER_BLOCK];
	const uint32_t srate = u->srate;
	const size_t n = srate / CARD_BLOCKS;

	if (!u->rs) {
		u->h.playbackh(sampv, sampc, u->h.arg);
		return;
	}

	u->h.playbackh(block, n, u->h.arg);

	/* the peer changed its codec with this very block */
	if (u->srate != srate)
		memset(sampv, 0, sampc * sizeof(*sampv));
	else
		resampler_block(u->rs, sampv, sampc, block, n);
}


/* ---- a device without one ---- */

static bool card_usable(const struct card *card)
{
	return card->dev && !card->failed && !card->drv->clocked;
}


/* The next block of the source, once for all who read it */
static void source_next(struct card *card)
{
	const size_t n = card->prm.srate / CARD_BLOCKS;
	int err = ENODEV;

	++card->seq;
	if (card_usable(card)) {
		err = card->drv->read(card->dev, card->buf, n);
		if (err)
			card_fail(card, err, NULL);
	}
	if (err)
		memset(card->buf, 0, n * sizeof(*card->buf));
}


void card_user_read(struct card_user *u, int16_t *sampv, size_t sampc)
{
	struct card *card = u ? u->card : NULL;

	if (!card || sampc > MIXER_BLOCK) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	if (u->seq == card->seq)
		source_next(card);
	u->seq = card->seq;

	resampler_block(u->rs, sampv, sampc, card->buf,
			card->prm.srate / CARD_BLOCKS);
}


static void sink_flush(struct card *card)
{
	struct le *le;

	LIST_FOREACH(&card->users, le) {
		struct card_user *u = le->data;

		u->writes = u->wrote;
		u->wrote = false;
	}

	card->mixed = false;
	if (card_usable(card)) {
		int err;

		mixer_take(&card->mix, NULL, 0, &card->guard, card->buf);
		err = card->drv->write(card->dev, card->buf, card->mix.n);
		if (err)
			card_fail(card, err, NULL);
	}
}


/* Have all spoken who did so the last time? */
static bool all_wrote(const struct card *card)
{
	struct le *le;

	LIST_FOREACH(&card->users, le) {
		const struct card_user *u = le->data;

		if (u->writes && !u->wrote)
			return false;
	}

	return true;
}


void card_user_write(struct card_user *u, const int16_t *sampv,
		     size_t sampc)
{
	struct card *card = u ? u->card : NULL;
	int16_t block[MIXER_BLOCK];
	size_t n;

	if (!card || !card_usable(card) || sampc > MIXER_BLOCK)
		return;

	/* nearly always there is but one, at the rate of the device */
	if (!u->rs && !u->le.prev && !u->le.next && !card->mixed) {
		const int err = card->drv->write(card->dev, sampv, sampc);

		if (err)
			card_fail(card, err, NULL);
		return;
	}

	/* somebody did not come this time */
	if (u->wrote)
		sink_flush(card);

	n = card->prm.srate / CARD_BLOCKS;
	if (!card->mixed)
		mixer_clear(&card->mix, n);
	resampler_block(u->rs, block, n, sampv, sampc);
	mixer_add(&card->mix, block);
	card->mixed = true;
	u->wrote = true;

	if (all_wrote(card))
		sink_flush(card);
}
