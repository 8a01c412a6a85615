/**
 * @file plc.c  Packet loss concealment for codecs that have none
 *
 * As in G.711 Appendix I: find the pitch of what was heard last by
 * correlation, go on repeating that period, fade it out within 100 ms, and
 * blend the first 4 ms of the next good frame with the repetition so that
 * no edge is heard.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "plc.h"

enum {
	HISTORY_MS = 50,
	BLEND_MS   = 4,
	HOLD_MS    = 20,      /**< Full level                 */
	FADE_MS    = 100,     /**< Silence from here on       */
	PITCH_MIN  = 400,     /**< Highest pitch, Hz          */
	PITCH_MAX  = 66,      /**< Lowest pitch, Hz           */
	MATCH_MS   = 10       /**< Piece that is compared     */
};

struct plc {
	uint32_t srate;
	size_t len;           /**< Samples of history              */
	size_t pitch;         /**< Period that is repeated         */
	size_t pos;           /**< Where in the period             */
	size_t filled;        /**< Samples made up in a row        */
	bool blend;
	int16_t *histv;
};


static void plc_destructor(void *arg)
{
	struct plc *p = arg;

	mem_deref(p->histv);
}


int plc_alloc(struct plc **pp, uint32_t srate)
{
	struct plc *p;

	if (!pp || srate < 8000)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), plc_destructor);
	if (!p)
		return ENOMEM;

	p->srate = srate;
	p->len = srate * HISTORY_MS / 1000;
	p->histv = mem_zalloc(p->len * sizeof(*p->histv), NULL);
	if (!p->histv) {
		mem_deref(p);
		return ENOMEM;
	}

	*pp = p;

	return 0;
}


/* Normalised correlation of the newest piece with one a lag earlier; every
   step-th sample is enough to find a pitch */
static float match(const struct plc *p, size_t lag, size_t n, size_t step)
{
	const int16_t *a = p->histv + p->len - n;
	const int16_t *b = a - lag;
	float dot = 0, energy = 1;
	size_t i;

	for (i = 0; i < n; i += step) {
		dot += (float)a[i] * b[i];
		energy += (float)b[i] * b[i];
	}

	return dot > 0 ? dot * dot / energy : 0;
}


static size_t find_pitch(const struct plc *p)
{
	const size_t lo = p->srate / PITCH_MIN, hi = p->srate / PITCH_MAX;
	const size_t n = p->srate * MATCH_MS / 1000;
	const size_t step = p->srate / 8000;
	size_t lag, best = hi;
	float score, top = 0;

	for (lag = lo; lag <= hi; lag += step) {
		score = match(p, lag, n, step);
		if (score > top) {
			top = score;
			best = lag;
		}
	}

	return best;
}


static int16_t next_sample(struct plc *p)
{
	const uint32_t hold = p->srate * HOLD_MS / 1000;
	const uint32_t fade = p->srate * FADE_MS / 1000;
	int32_t v = p->histv[p->len - p->pitch + p->pos];

	if (++p->pos >= p->pitch)
		p->pos = 0;

	if (p->filled >= fade)
		v = 0;
	else if (p->filled > hold)
		v = (int32_t)(v * (float)(fade - p->filled) /
			      (float)(fade - hold));
	++p->filled;

	return (int16_t)v;
}


static void start_fill(struct plc *p)
{
	p->pitch = find_pitch(p);
	p->pos = 0;
}


void plc_fill(struct plc *p, int16_t *sampv, size_t sampc)
{
	size_t i;

	if (!p || !sampv)
		return;

	if (!p->filled)
		start_fill(p);

	for (i = 0; i < sampc; i++)
		sampv[i] = next_sample(p);

	p->blend = true;
}


void plc_cut(struct plc *p)
{
	if (!p)
		return;

	if (!p->filled)
		start_fill(p);
	p->blend = true;
}


void plc_good(struct plc *p, int16_t *sampv, size_t sampc)
{
	size_t i, n;

	if (!p || !sampv)
		return;

	if (p->blend) {
		n = p->srate * BLEND_MS / 1000;
		if (n > sampc)
			n = sampc;
		for (i = 0; i < n; i++) {
			const int32_t old = next_sample(p);

			sampv[i] = (int16_t)((old * (int32_t)(n - i) +
				sampv[i] * (int32_t)i) / (int32_t)n);
		}
		p->blend = false;
	}
	p->filled = 0;

	if (sampc >= p->len) {
		memcpy(p->histv, sampv + sampc - p->len,
		       p->len * sizeof(*sampv));
		return;
	}
	memmove(p->histv, p->histv + sampc,
		(p->len - sampc) * sizeof(*sampv));
	memcpy(p->histv + p->len - sampc, sampv, sampc * sizeof(*sampv));
}
