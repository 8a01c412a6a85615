/**
 * @file wsola.h  Speech a little faster or slower at the same pitch
 *
 * Pure. Samples are interleaved; counts are single samples.
 */
#ifndef OFFHOOK_WSOLA_H
#define OFFHOOK_WSOLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Leave out or put in one period of the sound
 *
 * @param sampv     Samples, changed in place
 * @param sampc     How many
 * @param room      How many sampv has room for
 * @param srate     Samples a second of one channel
 * @param channels  Channels
 * @param want      Samples to put in; negative: to leave out; never more
 *                  than that is done
 * @param hurry     Also where the sound has no clear period
 *
 * @return Number of samples now; sampc if no good place was found
 */
size_t wsola_stretch(int16_t *sampv, size_t sampc, size_t room,
		     uint32_t srate, unsigned channels, int want, bool hurry);

#endif
