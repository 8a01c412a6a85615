/**
 * @file mixer.h  The sum of several sounds, each part of it removable
 *
 * Pure: no clock, no device. Media loop.
 */
#ifndef OFFHOOK_MIXER_H
#define OFFHOOK_MIXER_H

#include <stddef.h>
#include <stdint.h>

#include "channels.h"

enum {
	MIXER_FRAMES = 48000 / 50,   /**< 20 ms of one channel       */
	MIXER_BLOCK  = CHANNELS_MAX * MIXER_FRAMES,
	CLIP_LIMIT   = 30000
};

/** Turns down what would clip; one for each result. Zeroed: begins at 1 */
struct clip_guard {
	float cut;               /**< What is taken away, 0 to 1 */
};

struct mixer {
	int32_t sum[MIXER_BLOCK];
	size_t n;
};

/** Begin a block of n samples, up to MIXER_BLOCK, of however many channels:
 *  all that are added have the same */
void mixer_clear(struct mixer *mx, size_t n);

/** Add a sound of that length */
void mixer_add(struct mixer *mx, const int16_t *sampv);

/**
 * The sum without some of its parts
 *
 * @param mx     Mixer
 * @param lessv  Sounds that were added and are not to be heard here; NULL
 *               entries are skipped
 * @param lessc  How many
 * @param guard  Of this listener
 * @param out    Result
 */
void mixer_take(const struct mixer *mx, const int16_t *const *lessv,
		size_t lessc, struct clip_guard *guard, int16_t *out);

/**
 * From sums to samples without clipping: loud blocks are turned down at
 * once and come back slowly
 */
void clip_guard_apply(struct clip_guard *guard, const int32_t *in,
		      int16_t *out, size_t n);

/** Make it louder or softer in place, with the same care */
void clip_guard_gain(struct clip_guard *guard, float gain, int16_t *sampv,
		     size_t n);

#endif
