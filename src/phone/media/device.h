/**
 * @file device.h  A microphone and a loudspeaker for one who speaks
 *
 * Whoever speaks and hears (a stream, a conference, the tones) has a pair
 * of them. Media loop.
 */
#ifndef OFFHOOK_DEVICE_H
#define OFFHOOK_DEVICE_H

#include "common/re_compat.h"

#include "card.h"

struct devices;

/** How sound is treated; the same for all */
struct devices_sound {
	unsigned filters;        /**< AUDIO_ECHO, _NOISE, _GAIN, bits    */
	float volume;            /**< Of loudspeakers, 1: as it comes    */
	float mic;               /**< Of microphones                     */
};

/** What is wanted of one end */
struct devices_wish {
	const char *setting;     /**< "driver,device"                    */
	uint32_t srate;          /**< Of the blocks of 20 ms             */
	unsigned channels;       /**< Of them, 1 or 2                    */
	bool guest;              /**< See struct card_wish               */
	bool plain;              /**< No filters, no volume: a tone      */
};

/** Take over how sound is treated from now on */
void devices_configure(const struct devices_sound *sound);

/** Make a pair with nothing open; free with mem_deref() */
int devices_alloc(struct devices **dvp, const struct card_handlers *h);

/**
 * Open, change or close the source (the sink)
 *
 * What is open already with the same setting stays so, whatever its form. A
 * device that cannot be opened is an event, not an error: it is silence,
 * and is tried again.
 *
 * @param dv    Devices
 * @param wish  What is wanted, NULL to close
 */
void devices_source(struct devices *dv, const struct devices_wish *wish);
void devices_sink(struct devices *dv, const struct devices_wish *wish);

/** Is there a sink at all? A guest may not have been let in */
bool devices_has_sink(const struct devices *dv);

/** Has it a clock of its own, running or not? */
bool devices_sink_is_card(const struct devices *dv);

/** Does an open device with a clock of its own drive this end now? */
bool devices_source_clocked(const struct devices *dv);
bool devices_sink_clocked(const struct devices *dv);

/** Read 20 ms from a source without clock; silence if there is none */
void devices_read(struct devices *dv, int16_t *sampv, size_t sampc);

/** Write 20 ms to a sink without clock, if there is one. May change
 *  sampv (volume). */
void devices_write(struct devices *dv, int16_t *sampv, size_t sampc);

#endif
