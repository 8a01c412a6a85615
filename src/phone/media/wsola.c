/**
 * @file wsola.c  Speech a little faster or slower at the same pitch
 *
 * Waveform similarity overlap-add, one step: find the lag at which the
 * beginning of the sound looks most like itself, which in speech is a
 * multiple of the pitch period, and cross-fade from one place to the other.
 * Jumping forward leaves a period out, jumping back plays one twice. Where
 * the sound is quiet any lag does; where nothing fits nothing is done,
 * unless there is hurry.
 */
#include <math.h>
#include <string.h>

#include "wsola.h"

enum {
	LAG_MIN_HZ = 400,    /**< Shortest lag 2.5 ms             */
	LAG_MAX_HZ = 66,     /**< Longest 15 ms                   */
	OVERLAP_HZ = 200,    /**< Cross-fade of 5 ms              */
	COARSE_HZ  = 8000,   /**< Rate at which a lag is searched */
	QUIET      = 200     /**< RMS below: about -44 dBFS       */
};

struct piece {
	const int16_t *v;
	unsigned channels;
	size_t overlap;      /**< Frames                          */
};


/* The same of what all channels say together: one lag has to do for all */
static float likeness_all(const struct piece *p, size_t lag, size_t step)
{
	const unsigned channels = p->channels;
	const size_t jump = step * channels;
	float dot = 0, ea = 1, eb = 1;
	size_t i;

	for (i = 0; i < p->overlap * channels; i += jump) {
		float a = 0, b = 0;
		unsigned ch;

		for (ch = 0; ch < channels; ch++) {
			a += (float)p->v[i + ch];
			b += (float)p->v[i + lag * channels + ch];
		}
		dot += a * b;
		ea += a * a;
		eb += b * b;
	}

	return dot / sqrtf(ea * eb);
}


/* Likeness of the beginning with what comes lag frames later, -1 to 1 */
static float likeness(const struct piece *p, size_t lag, size_t step)
{
	const int16_t *a = p->v, *b = p->v + lag;
	float dot = 0, ea = 1, eb = 1;
	size_t i;

	if (p->channels > 1)
		return likeness_all(p, lag, step);

	for (i = 0; i < p->overlap; i += step) {
		dot += (float)a[i] * b[i];
		ea += (float)a[i] * a[i];
		eb += (float)b[i] * b[i];
	}

	return dot / sqrtf(ea * eb);
}


static float loudness(const int16_t *v, size_t n)
{
	float e = 0;
	size_t i;

	for (i = 0; i < n; i++)
		e += (float)v[i] * v[i];

	return n ? sqrtf(e / (float)n) : 0;
}


/* The best lag from lo to hi frames: first roughly, then around that */
static size_t best_lag(const struct piece *p, size_t lo, size_t hi,
		       size_t step, float *top)
{
	size_t lag, best = lo, from, to;

	*top = -1;
	for (lag = lo; lag <= hi; lag += step) {
		const float c = likeness(p, lag, step);

		if (c > *top) {
			*top = c;
			best = lag;
		}
	}
	if (step == 1)
		return best;

	from = best > lo + step ? best - step : lo;
	to = best + step < hi ? best + step : hi;
	*top = -1;
	for (lag = from; lag <= to; lag++) {
		const float c = likeness(p, lag, 1);

		if (c > *top) {
			*top = c;
			best = lag;
		}
	}

	return best;
}


/* out goes from a to b over n frames */
static void fade(int16_t *out, const int16_t *a, const int16_t *b, size_t n,
		 unsigned channels)
{
	size_t i;

	for (i = 0; i < n * channels; i++) {
		const int32_t w = (int32_t)(i / channels);
		const int32_t all = (int32_t)n;

		out[i] = (int16_t)((a[i] * (all - w) + b[i] * w) / all);
	}
}


static size_t leave_out(int16_t *v, size_t n, const struct piece *p,
			size_t lag)
{
	const size_t cut = lag * p->channels, o = p->overlap * p->channels;

	fade(v, v, v + cut, p->overlap, p->channels);
	memmove(v + o, v + cut + o, (n - cut - o) * sizeof(*v));

	return n - cut;
}


static size_t put_in(int16_t *v, size_t n, const struct piece *p, size_t lag)
{
	const size_t add = lag * p->channels;

	/* the first period stays where it is and comes once more; the fade
	   reads ahead of what it writes */
	memmove(v + add, v, n * sizeof(*v));
	fade(v + add, v + 2 * add, v + add, p->overlap, p->channels);

	return n + add;
}


/* Lags that are possible, in frames; false: none */
static bool lag_range(const struct piece *p, size_t frames, size_t room,
		      uint32_t srate, size_t most, size_t *lo, size_t *hi)
{
	*lo = srate / LAG_MIN_HZ;
	*hi = srate / LAG_MAX_HZ;

	/* a long packet has room for a longer step */
	if (*hi < most && frames > 4 * *hi)
		*hi *= 2;
	if (*hi > most)
		*hi = most;
	if (*hi > room)
		*hi = room;
	if (frames < *lo + p->overlap)
		return false;
	if (*hi > frames - p->overlap)
		*hi = frames - p->overlap;

	return *hi > 0;
}


size_t wsola_stretch(int16_t *sampv, size_t sampc, size_t room,
		     uint32_t srate, unsigned channels, int want, bool hurry)
{
	const size_t step = srate > COARSE_HZ ? srate / COARSE_HZ : 1;
	const bool out = want < 0;
	struct piece p = { sampv, channels, 0 };
	size_t frames, lo, hi, lag;
	float top;

	if (!sampv || !channels || !srate || !want || room < sampc)
		return sampc;

	frames = sampc / channels;
	p.overlap = srate / OVERLAP_HZ;
	if (!lag_range(&p, frames, out ? frames : (room - sampc) / channels,
		       srate, (size_t)(out ? -want : want) / channels, &lo,
		       &hi))
		return sampc;

	if (loudness(sampv, (hi + p.overlap) * channels) < QUIET) {
		lag = hi;
	}
	else if (lo > hi) {
		return sampc;
	}
	else {
		lag = best_lag(&p, lo, hi, step, &top);
		if (top < (hurry ? 0.3f : 0.75f))
			return sampc;
	}

	return out ? leave_out(sampv, sampc, &p, lag) :
		put_in(sampv, sampc, &p, lag);
}
