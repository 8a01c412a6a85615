/**
 * @file cn.c  Comfort noise (RFC 3389) and whether anybody speaks
 *
 * A sender that pauses describes its background by a level and, if it
 * likes, by reflection coefficients; the receiver feeds white noise through
 * that all-pole lattice. Our own sender says the level alone, and what it
 * takes for a pause is what stays near the quietest it has heard of late.
 */
#include "cn.h"

#include <math.h>
#include <string.h>

enum {
	HANG       = 15,         /**< 300 ms after the last speech  */
	FLOOR_MIN  = 8,
	LEVEL_MAX  = 78          /**< -dBov: as good as silence     */
};


void cn_decode(struct cn *cn, const uint8_t *buf, size_t len)
{
	const unsigned level = len ? buf[0] & 0x7f : LEVEL_MAX;
	unsigned i;

	cn->level = 32768.f * powf(10, -(float)level / 20);
	cn->gain = cn->level;
	cn->order = len > 1 ? (unsigned)(len - 1) : 0;
	if (cn->order > CN_ORDER)
		cn->order = CN_ORDER;

	/* RFC 3389 3.2; a pole on the circle would never fade */
	for (i = 0; i < cn->order; i++) {
		float k = ((float)buf[i + 1] - 127) / 128;

		k = k > 0.98f ? 0.98f : k < -0.98f ? -0.98f : k;
		cn->k[i] = k;
		cn->gain *= sqrtf(1 - k * k);
	}
	memset(cn->b, 0, sizeof(cn->b));
}


/* White, of variance one */
static float white(struct cn *cn)
{
	cn->seed = cn->seed * 1664525 + 1013904223;

	return ((float)(cn->seed >> 8) / 8388608.f - 1.f) * 1.7320508f;
}


void cn_fill(struct cn *cn, int16_t *sampv, size_t sampc)
{
	size_t n;
	unsigned i;

	for (n = 0; n < sampc; n++) {
		float f = white(cn) * cn->gain;

		for (i = cn->order; i > 0; i--) {
			f -= cn->k[i - 1] * cn->b[i - 1];
			cn->b[i] = cn->b[i - 1] + cn->k[i - 1] * f;
		}
		cn->b[0] = f;
		sampv[n] = (int16_t)(f > 32767 ? 32767 : f < -32768 ? -32768 :
				     f);
	}
}


size_t cn_encode(uint8_t *buf, float rms)
{
	const float db = rms > 1 ? -20 * log10f(rms / 32768) : LEVEL_MAX;

	buf[0] = db > LEVEL_MAX ? LEVEL_MAX : db < 0 ? 0 : (uint8_t)db;

	return 1;
}


bool vad_frame(struct vad *v, const int16_t *sampv, size_t sampc, float *rms)
{
	float e = 0;
	size_t i;

	for (i = 0; i < sampc; i++)
		e += (float)sampv[i] * sampv[i];
	*rms = sampc ? sqrtf(e / (float)sampc) : 0;

	/* down at once, up by a third in a second */
	if (!v->floor || *rms < v->floor)
		v->floor = *rms > FLOOR_MIN ? *rms : FLOOR_MIN;
	else
		v->floor *= 1.006f;

	if (*rms > 3 * v->floor)
		v->hang = HANG;
	else if (v->hang)
		--v->hang;

	return v->hang > 0;
}
