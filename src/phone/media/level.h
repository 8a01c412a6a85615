/**
 * @file level.h  How loud sound is
 */
#ifndef OFFHOOK_LEVEL_H
#define OFFHOOK_LEVEL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/** Largest sample, 0 to 32768 */
static inline int level_peak(const int16_t *sampv, size_t sampc)
{
	int16_t lo = 0, hi = 0;
	size_t i;

	for (i = 0; i < sampc; i++) {
		lo = sampv[i] < lo ? sampv[i] : lo;
		hi = sampv[i] > hi ? sampv[i] : hi;
	}

	return -lo > hi ? -lo : hi;
}

/** 0 to 1: logarithmic, -60 dBFS is 0 */
static inline float level_meter(int peak)
{
	const float db = peak > 0 ?
		20 * log10f((float)peak / 32768) : -100;

	return db <= -60 ? 0 : 1 + db / 60;
}

#endif
