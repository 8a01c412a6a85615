/**
 * @file channels.c  One channel or two
 *
 * Whatever joins two that do not have the same number of channels asks here
 * how the sound of the one is that of the other.
 */
#include <string.h>

#include "channels.h"


void channels_convert(int16_t *out, unsigned outch, const int16_t *in,
		      unsigned inch, size_t frames)
{
	size_t i;

	if (inch == outch) {
		memmove(out, in, frames * inch * sizeof(*out));
	}
	else if (inch == 2) {
		for (i = 0; i < frames; i++)
			out[i] = (int16_t)((in[2 * i] + in[2 * i + 1]) / 2);
	}
	else {
		/* from the last one backwards: it may be in place */
		for (i = frames; i-- > 0; )
			out[2 * i] = out[2 * i + 1] = in[i];
	}
}
