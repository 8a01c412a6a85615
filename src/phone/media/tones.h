/**
 * @file tones.h  The sound of ringing and of busy
 *
 * Pure: samples for a moment of a tone.
 */
#ifndef OFFHOOK_TONES_H
#define OFFHOOK_TONES_H

#include <stdbool.h>

#include "media.h"

struct tone_gen {
	enum tone tone;
	uint32_t srate;
	uint64_t pos;        /**< Samples since it began */
};

void tone_gen_init(struct tone_gen *g, enum tone tone, uint32_t srate);

/** Fill in samples; false if the tone is over (they are silence then) */
bool tone_gen_fill(struct tone_gen *g, int16_t *sampv, size_t sampc);

#endif
