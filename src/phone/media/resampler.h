/**
 * @file resampler.h  A stream of sound at another rate, block by block
 */
#ifndef OFFHOOK_RESAMPLER_H
#define OFFHOOK_RESAMPLER_H

#include "common/re_compat.h"

struct resampler;

/**
 * @param rsp       Result, free with mem_deref(); NULL if the rates are equal
 * @param from      Sample rate of what goes in, 8000 to 48000
 * @param to        Sample rate of what comes out
 * @param channels  Interleaved channels of both, 1 or 2
 *
 * @return 0 if success, otherwise errorcode (EINVAL: a rate that has no
 *         whole blocks of 20 ms, ENOMEM)
 */
int resampler_alloc(struct resampler **rsp, uint32_t from, uint32_t to,
		    unsigned channels);

/**
 * Convert 20 ms
 *
 * @param rs    Resampler, NULL: a copy
 * @param out   Room for 20 ms at the rate that comes out
 * @param outc  Its length in samples of all channels, exactly
 * @param in    20 ms
 * @param inc   Their length, exactly; anything else gives silence
 */
void resampler_block(struct resampler *rs, int16_t *out, size_t outc,
		     const int16_t *in, size_t inc);

#endif
