/**
 * @file card.h  One open per sound device, however many use it
 *
 * Media loop.
 */
#ifndef OFFHOOK_CARD_H
#define OFFHOOK_CARD_H

#include "common/re_compat.h"
#include "phone/module/module.h"

struct card_user;

/** Something to tell about a device: a sentence; err 0: it is back */
typedef void (card_event_h)(int err, const char *text, void *arg);

/** Whether the device's own clock drives this user has changed */
typedef void (card_clock_h)(void *arg);

struct card_handlers {
	audio_capture_h *captureh;     /**< A clocked source has a block */
	audio_playback_h *playbackh;   /**< A clocked sink wants one     */
	card_clock_h *clockh;
	card_event_h *eventh;
	void *arg;
};

/** What a user of a device asks for */
struct card_wish {
	const char *setting;     /**< "driver,device"                       */
	uint32_t srate;          /**< Of the user's blocks of 20 ms         */
	unsigned channels;       /**< Of them, 1 or 2                       */
	bool capture;
	bool guest;              /**< Only a clocked device, or one that is
				      open already: a file is no bell       */
	void *pair;              /**< Which source and sink belong together */
};

/**
 * Use a device; it is opened if nobody has it yet
 *
 * A device that cannot be opened is an event, not an error: it is silence
 * and is tried again every second.
 *
 * @param up    User, mem_deref() to leave the device
 * @param wish  What is wanted
 * @param h     Handlers; copied
 *
 * @return 0 if success, otherwise errorcode (ENOMEM; ENOTSUP: a guest is
 *         not wanted there)
 */
int card_use(struct card_user **up, const struct card_wish *wish,
	     const struct card_handlers *h);

/** The user's blocks have another rate, other channels from now on */
void card_user_form(struct card_user *u, uint32_t srate, unsigned channels);

/** Does the clock of a sound card drive this user now? */
bool card_user_clocked(const struct card_user *u);

/** Has the device a clock of its own, running or not? */
bool card_user_is_card(const struct card_user *u);

/** 20 ms from a source without clock; silence if there is none */
void card_user_read(struct card_user *u, int16_t *sampv, size_t sampc);

/** 20 ms for a sink without clock, if there is one */
void card_user_write(struct card_user *u, const int16_t *sampv,
		     size_t sampc);

/** [main] Have the driver of a setting loaded before the media loop asks */
void device_load(const char *setting);

/**
 * Split "driver,device"
 *
 * @param setting  Setting
 * @param drvp     Driver, NULL if there is no such
 * @param device   Set to what follows the comma
 *
 * @return 0 if success, otherwise errorcode (ENOENT: no such driver, ENOTSUP:
 *         the driver has no capture or playback)
 */
int device_parse(const char *setting, bool capture,
		 const struct audio_driver **drvp, const char **device);

#endif
