/**
 * @file card_user.c  Those who share one sound device
 *
 * Each has blocks of 20 ms at a rate and of channels of its own: what has
 * more channels than the other end is mixed before its rate is converted,
 * what has fewer is doubled behind it. A device with a clock asks
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
	const struct audio_param *prm = &u->card->prm;
	const unsigned channels = prm->channels < u->channels ?
		prm->channels : u->channels;

	u->rs = mem_deref(u->rs);

	return prm->capture ?
		resampler_alloc(&u->rs, prm->srate, u->srate, channels) :
		resampler_alloc(&u->rs, u->srate, prm->srate, channels);
}


size_t card_block(const struct card *card)
{
	return (size_t)card->prm.srate / CARD_BLOCKS * card->prm.channels;
}


static size_t user_block(const struct card_user *u)
{
	return (size_t)u->srate / CARD_BLOCKS * u->channels;
}


void card_users_follow(struct card *card)
{
	struct le *le;

	LIST_FOREACH(&card->users, le) {
		struct card_user *u = le->data;

		if (user_resampler(u))
			warning("media: no way between %u Hz and %u\n",
				u->srate, card->prm.srate);
	}
}


/* A card that is open for one channel: its watch opens it for two */
static void wider(struct card_user *u)
{
	struct card *card = u->card;

	if (u->channels > card->prm.channels && !card->narrow)
		card->widen = true;
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
	u->channels = wish->channels;
	u->seq = card->seq;
	err = user_resampler(u);
	if (err) {
		mem_deref(u);
		return err;
	}

	list_append(&card->users, &u->le, u);
	*up = u;
	wider(u);
	if (!card->tried)
		card_open(card);
	else if (card->told)
		u->h.eventh(EIO, card->why, u->h.arg);

	return 0;
}


void card_user_form(struct card_user *u, uint32_t srate, unsigned channels)
{
	if (!u || (u->srate == srate && u->channels == channels))
		return;

	u->srate = srate;
	u->channels = channels;
	wider(u);
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


/* ---- from one form to the other ---- */

static bool same_form(const struct card_user *u)
{
	return !u->rs && u->channels == u->card->prm.channels;
}


/* 20 ms of one end for the other; frames of both, their channels */
static void convert(struct resampler *rs, int16_t *out, size_t outn,
		    unsigned outch, const int16_t *in, size_t inn,
		    unsigned inch)
{
	const unsigned ch = inch < outch ? inch : outch;
	int16_t mono[MIXER_FRAMES];

	if (inch > ch) {
		channels_convert(mono, ch, in, inch, inn);
		in = mono;
	}
	resampler_block(rs, out, outn * ch, in, inn * ch);
	if (outch > ch)
		channels_convert(out, outch, out, ch, outn);
}


/* A block of the device for its user */
static void from_card(struct card_user *u, int16_t *out, const int16_t *in)
{
	const struct audio_param *prm = &u->card->prm;

	convert(u->rs, out, u->srate / CARD_BLOCKS, u->channels,
		in, prm->srate / CARD_BLOCKS, prm->channels);
}


/* And the other way round */
static void to_card(struct card_user *u, int16_t *out, const int16_t *in)
{
	const struct audio_param *prm = &u->card->prm;

	convert(u->rs, out, prm->srate / CARD_BLOCKS, prm->channels,
		in, u->srate / CARD_BLOCKS, u->channels);
}


/* ---- a device with a clock ---- */

void card_user_take(struct card_user *u, const int16_t *sampv,
		      size_t sampc)
{
	int16_t block[MIXER_BLOCK];

	if (same_form(u)) {
		u->h.captureh(sampv, sampc, u->h.arg);
		return;
	}

	from_card(u, block, sampv);
	u->h.captureh(block, user_block(u), u->h.arg);
}


/* A block of a user at the rate of the device */
void card_user_give(struct card_user *u, int16_t *sampv, size_t sampc)
{
	int16_t block[MIXER_BLOCK];
	const uint32_t srate = u->srate;
	const unsigned channels = u->channels;

	if (same_form(u)) {
		u->h.playbackh(sampv, sampc, u->h.arg);
		return;
	}

	u->h.playbackh(block, user_block(u), u->h.arg);

	/* the peer changed its codec with this very block */
	if (u->srate != srate || u->channels != channels)
		memset(sampv, 0, sampc * sizeof(*sampv));
	else
		to_card(u, sampv, block);
}


/* ---- a device without one ---- */

static bool card_usable(const struct card *card)
{
	return card->dev && !card->failed && !card->drv->clocked;
}


/* The next block of the source, once for all who read it */
static void source_next(struct card *card)
{
	const size_t n = card_block(card);
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

	if (!card || sampc != user_block(u)) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	if (u->seq == card->seq)
		source_next(card);
	u->seq = card->seq;

	from_card(u, sampv, card->buf);
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

	if (!card || !card_usable(card) || sampc != user_block(u))
		return;

	/* nearly always there is but one, at the rate of the device */
	if (same_form(u) && !u->le.prev && !u->le.next && !card->mixed) {
		const int err = card->drv->write(card->dev, sampv, sampc);

		if (err)
			card_fail(card, err, NULL);
		return;
	}

	/* somebody did not come this time */
	if (u->wrote)
		sink_flush(card);

	if (!card->mixed)
		mixer_clear(&card->mix, card_block(card));
	to_card(u, block, sampv);
	mixer_add(&card->mix, block);
	card->mixed = true;
	u->wrote = true;

	if (all_wrote(card))
		sink_flush(card);
}
