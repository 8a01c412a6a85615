/**
 * @file bridge.c  Streams that hear one another: conferences
 *
 * A conference is a number; it is there as long as somebody is in it. In
 * every round of 20 ms each member is asked for what it says, all of that
 * and our microphone is added once, and everybody is given the sum less
 * its own part. The clock of our loudspeaker's card makes the rounds, or
 * the tick if it has none; the microphone's card has a clock of its own,
 * so a few blocks wait between the two. All is mixed at the highest rate
 * anybody has, and in one channel.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "bridge.h"
#include "device.h"
#include "loop.h"
#include "mixer.h"
#include "resampler.h"

enum {
	BLOCKS   = 1000 / LOOP_PTIME,
	MIC_WAIT = 3                 /**< Blocks between two clocks */
};

struct bridge {
	struct le le;
	uint32_t id;
	uint32_t srate;
	struct list members;
	struct devices *dev;
	struct ticker tick;
	struct mixer mix;
	struct clip_guard guard;     /**< Of our loudspeaker        */
	unsigned micc;               /**< Blocks that wait          */
	int16_t micv[MIC_WAIT][MIXER_FRAMES];
	int16_t mic[MIXER_FRAMES];    /**< Of this round             */
};

struct bridge_member {
	struct le le;
	struct bridge *b;
	struct bridge_terms t;
	struct resampler *pull_rs, *push_rs;
	struct clip_guard guard;
	int16_t said[MIXER_FRAMES];   /**< In this round             */
};

static struct list bridges = LIST_INIT;


static void bridge_destructor(void *arg)
{
	struct bridge *b = arg;

	list_unlink(&b->le);
	ticker_stop(&b->tick);
	mem_deref(b->dev);
}


static size_t block(uint32_t srate)
{
	return srate / BLOCKS;
}


/* ---- a round ---- */

static void hear(struct bridge *b, struct bridge_member *m, uint64_t now)
{
	int16_t buf[MIXER_FRAMES];
	const uint32_t rate = m->t.pull_rate;

	m->t.pullh(buf, block(rate), now, m->t.arg);

	/* with this very packet the peer changed its codec */
	if (m->t.pull_rate != rate)
		memset(m->said, 0, sizeof(m->said));
	else
		resampler_block(m->pull_rs, m->said, block(b->srate), buf,
				block(rate));
}


static void speak(struct bridge *b, struct bridge_member *m, uint64_t now)
{
	const int16_t *const less[2] = {
		m->said, m->t.mute ? b->mic : NULL
	};
	int16_t sum[MIXER_FRAMES], buf[MIXER_FRAMES];
	const size_t n = block(m->t.push_rate);

	mixer_take(&b->mix, less, 2, &m->guard, sum);
	resampler_block(m->push_rs, buf, n, sum, block(b->srate));
	m->t.pushh(buf, n, now, m->t.arg);
}


static void mic_next(struct bridge *b)
{
	const size_t n = block(b->srate);

	if (!devices_source_clocked(b->dev)) {
		devices_read(b->dev, b->mic, n);
	}
	else if (b->micc) {
		memcpy(b->mic, b->micv[0], n * sizeof(*b->mic));
		--b->micc;
		memmove(b->micv[0], b->micv[1],
			b->micc * sizeof(b->micv[0]));
	}
	else {
		memset(b->mic, 0, sizeof(b->mic));
	}
}


/* Everybody once; out is what we hear */
static void bridge_round(struct bridge *b, int16_t *out, uint64_t now)
{
	const int16_t *const less[1] = { b->mic };
	struct le *le, *next;

	mem_ref(b);
	mic_next(b);
	mixer_clear(&b->mix, block(b->srate));
	mixer_add(&b->mix, b->mic);

	LIST_FOREACH_SAFE(&b->members, le, next) {
		struct bridge_member *m = le->data;

		hear(b, m, now);
		mixer_add(&b->mix, m->said);
	}

	mixer_take(&b->mix, less, 1, &b->guard, out);
	LIST_FOREACH_SAFE(&b->members, le, next)
		speak(b, le->data, now);
	mem_deref(b);
}


static void tick_handler(uint64_t now, void *arg)
{
	struct bridge *b = arg;
	int16_t out[MIXER_FRAMES];

	bridge_round(b, out, now);
	devices_write(b->dev, out, block(b->srate));
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct bridge *b = arg;

	if (sampc == block(b->srate))
		bridge_round(b, sampv, loop_now());
	else
		memset(sampv, 0, sampc * sizeof(*sampv));
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct bridge *b = arg;

	if (sampc != block(b->srate))
		return;

	/* our loudspeaker is slower: the oldest goes */
	if (b->micc == MIC_WAIT) {
		--b->micc;
		memmove(b->micv[0], b->micv[1],
			b->micc * sizeof(b->micv[0]));
	}
	memcpy(b->micv[b->micc++], sampv, sampc * sizeof(*sampv));
}


static void clock_handler(void *arg)
{
	struct bridge *b = arg;

	if (devices_sink_clocked(b->dev))
		ticker_stop(&b->tick);
	else
		ticker_start(&b->tick, false, tick_handler, b);
}


static void event_handler(int err, const char *text, void *arg)
{
	struct bridge *b = arg;
	struct le *le, *next;

	LIST_FOREACH_SAFE(&b->members, le, next) {
		struct bridge_member *m = le->data;

		m->t.eventh(err, text, m->t.arg);
	}
}


/* ---- who is in it ---- */

/* All rates follow the highest one */
static int rates_update(struct bridge *b)
{
	uint32_t srate = 8000;
	struct le *le;
	int err = 0;

	LIST_FOREACH(&b->members, le) {
		const struct bridge_member *m = le->data;

		if (m->t.pull_rate > srate)
			srate = m->t.pull_rate;
		if (m->t.push_rate > srate)
			srate = m->t.push_rate;
	}

	if (srate != b->srate)
		b->micc = 0;
	b->srate = srate;

	LIST_FOREACH(&b->members, le) {
		struct bridge_member *m = le->data;

		m->pull_rs = mem_deref(m->pull_rs);
		m->push_rs = mem_deref(m->push_rs);
		err |= resampler_alloc(&m->pull_rs, m->t.pull_rate, srate,
				       1);
		err |= resampler_alloc(&m->push_rs, srate, m->t.push_rate,
				       1);
	}

	return err;
}


static void member_destructor(void *arg)
{
	struct bridge_member *m = arg;
	struct bridge *b = m->b;

	list_unlink(&m->le);
	mem_deref(m->pull_rs);
	mem_deref(m->push_rs);
	mem_deref(b);
}


static int bridge_get(struct bridge **bp, uint32_t id)
{
	struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		event_handler, NULL
	};
	struct bridge *b;
	struct le *le;
	int err;

	LIST_FOREACH(&bridges, le) {
		b = le->data;
		if (b->id == id) {
			*bp = mem_ref(b);
			return 0;
		}
	}

	b = mem_zalloc(sizeof(*b), bridge_destructor);
	if (!b)
		return ENOMEM;

	b->id = id;
	b->srate = 8000;
	h.arg = b;
	err = devices_alloc(&b->dev, &h);
	if (err) {
		mem_deref(b);
		return err;
	}

	list_append(&bridges, &b->le, b);
	*bp = b;

	return 0;
}


int bridge_join(struct bridge_member **mp, const struct bridge_terms *t)
{
	struct bridge_member *m;
	struct devices_wish wish;
	int err;

	if (!mp || !t || !t->id || !t->pullh || !t->pushh || !t->eventh ||
	    !t->source || !t->sink)
		return EINVAL;

	m = *mp;
	if (m && m->b->id != t->id)
		m = *mp = mem_deref(m);

	if (!m) {
		m = mem_zalloc(sizeof(*m), member_destructor);
		if (!m)
			return ENOMEM;
		err = bridge_get(&m->b, t->id);
		if (err) {
			mem_deref(m);
			return err;
		}
		list_append(&m->b->members, &m->le, m);
		*mp = m;
	}

	m->t = *t;
	err = rates_update(m->b);

	memset(&wish, 0, sizeof(wish));
	wish.srate = m->b->srate;
	wish.channels = 1;
	wish.setting = t->sink;
	devices_sink(m->b->dev, &wish);
	wish.setting = t->source;
	devices_source(m->b->dev, &wish);
	clock_handler(m->b);

	return err;
}
