/**
 * @file media_priv.h  What the files of the media room share on the main loop
 */
#ifndef OFFHOOK_MEDIA_PRIV_H
#define OFFHOOK_MEDIA_PRIV_H

#include "common/re_compat.h"

/** A copy of struct media_config with defaults filled in */
struct media_settings {
	char address[64];
	uint16_t port_min, port_max;
	char codecs[256];
	char source[512];
	char sink[512];
	char ring[512];
	char tones[8];
};

const struct media_settings *media_settings(void);

/** End the twins of all streams (at exit) */
void streams_close(void);

/** Have running streams change to these devices */
void streams_devices(const char *source, const char *sink);

/** Is that a device the phone can ring at? A file, say, is none */
bool ring_audible(const char *setting);

/** Stop the tone, if one plays (at exit) */
void tones_close(void);

/** Stop the sound test, if one runs (at exit) */
void sound_test_close(void);

#endif
