/**
 * @file resample.h  From any sample rate to any other
 */
#ifndef OFFHOOK_FILE_RESAMPLE_H
#define OFFHOOK_FILE_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

struct resample;

/** Make one, NULL if memory is out; free with resample_free() */
struct resample *resample_new(uint32_t from, uint32_t to);
void resample_free(struct resample *rs);

/**
 * Which samples of the source a piece of the result is made of
 *
 * @param rs     Resampler
 * @param pos    Index of the first sample of the piece in the whole result
 * @param n      Its length
 * @param first  Set to the index of the first in the whole source
 * @param span   Set to how many
 */
void resample_span(const struct resample *rs, uint64_t pos, size_t n,
		   uint64_t *first, size_t *span);

/**
 * Samples of the result, from any position of it
 *
 * @param rs     Resampler
 * @param out    Result
 * @param n      How many
 * @param pos    Index of the first in the whole result
 * @param in     A piece of the source
 * @param first  Index of in[0] in the whole source
 * @param inc    Length of the piece; silence before and after
 */
void resample_at(const struct resample *rs, int16_t *out, size_t n,
		 uint64_t pos, const int16_t *in, uint64_t first,
		 size_t inc);

#endif
