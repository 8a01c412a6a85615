/**
 * @file channels.h  One channel or two
 *
 * Pure. Samples are interleaved.
 */
#ifndef OFFHOOK_CHANNELS_H
#define OFFHOOK_CHANNELS_H

#include <stddef.h>
#include <stdint.h>

enum { CHANNELS_MAX = 2 };

/**
 * Sound of one or two channels as one or two
 *
 * Two become one by their mean, so that nothing is louder than it was; one
 * comes on both sides.
 *
 * @param out     Room for the frames; may be in itself
 * @param outch   Channels that come out, 1 or 2
 * @param in      Sound
 * @param inch    Its channels, 1 or 2
 * @param frames  Samples of each channel
 */
void channels_convert(int16_t *out, unsigned outch, const int16_t *in,
		      unsigned inch, size_t frames);

#endif
