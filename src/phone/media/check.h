/**
 * @file check.h  What is wrong with the settings of sound
 *
 * Main loop. Each function says it in a sentence for the user.
 */
#ifndef OFFHOOK_CHECK_H
#define OFFHOOK_CHECK_H

#include "common/re_compat.h"

/** What a device is for */
enum sound_for {
	SOUND_MICROPHONE,
	SOUND_LOUDSPEAKER,
	SOUND_RING,
	SOUND_PURPOSES,
	SOUND_NONE = SOUND_PURPOSES
};

/** "microphone", "loudspeaker", "ring" */
const char *sound_for_name(enum sound_for what);

/** The setting it is chosen by: "audio.source", "audio.sink", "audio.ring" */
const char *sound_for_key(enum sound_for what);

/** SOUND_NONE if it is the name of nothing */
enum sound_for sound_for_find(const char *name);

/** The device that counts now; where it rings if nothing is said as well */
const char *sound_device(enum sound_for what);

/**
 * Can that device be used now?
 *
 * @param buf   Set to what is wrong, or ""
 * @param size  Size of buf
 *
 * @return 0 or errorcode (ENOENT: no such driver, ENOTSUP: it cannot be
 *         that, otherwise the driver's)
 */
int sound_check(enum sound_for what, char *buf, size_t size);

/** Is this a setting of which sound_setting_check() knows something? */
bool sound_setting(const char *key);

/**
 * May this be the value of a setting? The plugins must be known. A device
 * may be away for the moment, a driver that there is not cannot come; so for
 * the names of codecs.
 *
 * @param key    Name of a setting; what is not of sound is right
 * @param value  Its value to be
 * @param buf    Set to what is wrong, or ""
 * @param size   Size of buf
 *
 * @return 0 or errorcode (ENOENT, ENOTSUP)
 */
int sound_setting_check(const char *key, const char *value, char *buf,
			size_t size);

/**
 * Are all codecs of a list there? The plugins must be known.
 *
 * @param list  As the setting "codecs"; empty is right
 * @param buf   Set to the first that is not, and those there are, or ""
 * @param size  Size of buf
 *
 * @return 0 or errorcode (ENOENT)
 */
int codecs_check(const char *list, char *buf, size_t size);

#endif
