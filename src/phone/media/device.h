/**
 * @file device.h  The sound devices of one stream: a source and a sink
 *
 * Media loop.
 */
#ifndef OFFHOOK_DEVICE_H
#define OFFHOOK_DEVICE_H

#include "common/re_compat.h"
#include "phone/module/module.h"

struct devices;

/** Something to tell about a device: a sentence; err 0: it is back */
typedef void (devices_event_h)(int err, const char *text, void *arg);

struct devices_handlers {
	audio_capture_h *captureh;     /**< A clocked source has a block */
	audio_playback_h *playbackh;   /**< A clocked sink wants one     */
	devices_event_h *eventh;
	void *arg;
};

/** Make a pair with nothing open; free with mem_deref() */
int devices_alloc(struct devices **dvp, const struct devices_handlers *h);

/**
 * Open, change or close the source (the sink)
 *
 * What is open already with the same setting and parameters stays so. A
 * device that cannot be opened is an event, not an error: it is silence,
 * and is tried again by devices_poll().
 *
 * @param dv       Devices
 * @param setting  "driver,device", NULL to close
 * @param prm      Parameters
 */
void devices_source(struct devices *dv, const char *setting,
		    const struct audio_param *prm);
void devices_sink(struct devices *dv, const char *setting,
		  const struct audio_param *prm);

/** Does an open device with a clock of its own drive this end? */
bool devices_source_clocked(const struct devices *dv);
bool devices_sink_clocked(const struct devices *dv);

/** Read a block from a source without clock; silence if there is none */
void devices_read(struct devices *dv, int16_t *sampv, size_t sampc);

/** Write a block to a sink without clock, if there is one */
void devices_write(struct devices *dv, const int16_t *sampv, size_t sampc);

/** Once a second: closes what failed, opens it again when it is back */
void devices_poll(struct devices *dv);

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
