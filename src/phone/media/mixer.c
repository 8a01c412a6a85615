/**
 * @file mixer.c  The sum of several sounds, each part of it removable
 *
 * All parts are added once; what one listener is to hear is that sum less
 * its own part, so that a conference of N costs N and not N x N. Sums are
 * kept wide and brought back to 16 bit by a guard that turns a loud block
 * down instead of cutting its tops off.
 */
#include <string.h>

#include "mixer.h"

enum {
	ATTACK = 8               /**< Share of a block to turn down in */
};

static const float release = 0.05f;      /* of a block, on the way back */


void mixer_clear(struct mixer *mx, size_t n)
{
	mx->n = n < MIXER_BLOCK ? n : MIXER_BLOCK;
	memset(mx->sum, 0, mx->n * sizeof(*mx->sum));
}


void mixer_add(struct mixer *mx, const int16_t *sampv)
{
	size_t i;

	for (i = 0; i < mx->n; i++)
		mx->sum[i] += sampv[i];
}


void mixer_take(const struct mixer *mx, const int16_t *const *lessv,
		size_t lessc, struct clip_guard *guard, int16_t *out)
{
	int32_t sum[MIXER_BLOCK];
	size_t i, k;

	memcpy(sum, mx->sum, mx->n * sizeof(*sum));
	for (k = 0; k < lessc; k++) {
		const int16_t *less = lessv[k];

		for (i = 0; less && i < mx->n; i++)
			sum[i] -= less[i];
	}

	clip_guard_apply(guard, sum, out, mx->n);
}


static int32_t peak_of(const int32_t *in, size_t n)
{
	int32_t lo = 0, hi = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (in[i] < lo)
			lo = in[i];
		if (in[i] > hi)
			hi = in[i];
	}

	return -lo > hi ? -lo : hi;
}


static int16_t to_16(float v)
{
	return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}


void clip_guard_apply(struct clip_guard *guard, const int32_t *in,
		      int16_t *out, size_t n)
{
	const int32_t peak = peak_of(in, n);
	const float from = 1 - guard->cut;
	float to = peak > CLIP_LIMIT ? CLIP_LIMIT / (float)peak : 1;
	size_t i, slope;

	if (to > from + release)
		to = from + release;

	/* nearly always: nothing is too loud, or was */
	if (from >= 1 && to >= 1) {
		for (i = 0; i < n; i++)
			out[i] = (int16_t)in[i];
		return;
	}

	slope = to < from ? n / ATTACK : n;
	for (i = 0; i < n; i++) {
		const float k = i < slope ? from + (to - from) * (float)i /
			(float)slope : to;

		out[i] = to_16((float)in[i] * k);
	}

	guard->cut = 1 - to;
}


void clip_guard_gain(struct clip_guard *guard, float gain, int16_t *sampv,
		     size_t n)
{
	int32_t sum[MIXER_BLOCK];
	size_t i;

	if (n > MIXER_BLOCK)
		return;

	for (i = 0; i < n; i++)
		sum[i] = (int32_t)((float)sampv[i] * gain);

	clip_guard_apply(guard, sum, sampv, n);
}
