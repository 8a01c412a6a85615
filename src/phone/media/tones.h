/**
 * @file tones.h  What tones sound like
 */
#ifndef OFFHOOK_TONES_H
#define OFFHOOK_TONES_H

#include "media.h"

enum { TONE_STEPS = 6 };

/** A cadence: on and off in turn, over and over */
struct tone_shape {
	uint16_t f1, f2;         /**< Hz, together; 0: only one           */
	uint16_t stepv[TONE_STEPS];  /**< ms on, off, ...; 0: no more     */
	uint16_t level;          /**< Of each, percent of full            */
	bool trill;              /**< f1 and f2 in turn, 50 ms each       */
	uint32_t all_ms;         /**< 0: until it is stopped              */
};

struct tone_gen {
	const struct tone_shape *shape;
	uint32_t srate;
	uint64_t pos;            /**< Samples since it began              */
};

/**
 * A tone of a country (ITU-T E.180)
 *
 * @param country  "us", "de", ...; what is not known is Europe
 */
const struct tone_shape *tone_shape(const char *country, enum tone tone);

void tone_gen_init(struct tone_gen *g, const struct tone_shape *shape,
		   uint32_t srate);

/** Fill in samples; false if the tone is over (they are silence then) */
bool tone_gen_fill(struct tone_gen *g, int16_t *sampv, size_t sampc);

#endif
