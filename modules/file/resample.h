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
 * Samples of the result, from any position of it
 *
 * @param rs    Resampler
 * @param out   Result
 * @param n     How many
 * @param pos   Index of the first in the whole result
 * @param in    The whole source
 * @param inc   Its length; silence before and after
 */
void resample_at(const struct resample *rs, int16_t *out, size_t n,
		 uint64_t pos, const int16_t *in, size_t inc);

#endif
