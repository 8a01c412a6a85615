/**
 * @file registry.h  What modules registered, one list a kind
 *
 * Written on the main loop at load and unload only; both loops read it.
 */
#ifndef OFFHOOK_REGISTRY_H
#define OFFHOOK_REGISTRY_H

#include "module.h"

/** All codecs (struct codec), in the order they were registered */
const struct list *codec_list(void);

/**
 * Find a codec by name, without regard to case
 *
 * @param name      Encoding name, may be "opus" or "opus/48000" or
 *                  "opus/48000/2"
 *
 * @return Codec, NULL if there is none
 */
const struct codec *codec_find(const char *name);

/** Is this one of the codecs that go by that name? "speex" are several */
bool codec_named(const struct codec *codec, const char *name);

/** All audio drivers (struct audio_driver) */
const struct list *audio_driver_list(void);

/** Find a driver by name, NULL if there is none */
const struct audio_driver *audio_driver_find(const char *name);

/** The first filter that can do any of this (AUDIO_ECHO ...), or NULL */
const struct audio_filter *audio_filter_find(unsigned what);

/** What writes files of a format ("wav", "flac", "opus"), or NULL */
const struct audio_file *audio_file_find(const char *name);

/** What protects packets, NULL if no module does */
const struct srtp_engine *srtp_engine_get(void);

/** All ways to agree on keys (struct media_crypto) */
const struct list *media_crypto_list(void);

/** Find one by name, NULL if there is none */
const struct media_crypto *media_crypto_find(const char *name);

#endif
