/**
 * @file registry.h  What modules registered, one list a kind
 *
 * Who asks on the main loop has modules loaded for it if need be; on the
 * media loop a function finds what is there. What the media loop is to use
 * has therefore been asked for on the main loop before.
 */
#ifndef OFFHOOK_REGISTRY_H
#define OFFHOOK_REGISTRY_H

#include "module.h"

/** [main] All codecs (struct codec), in the order they were registered */
const struct list *codec_list(void);

/**
 * [main] Go through all codecs of one name: "speex" are several
 *
 * @param name  As for codec_find()
 * @param prev  The one before, NULL: begin
 *
 * @return Codec, NULL if there is no more
 */
const struct codec *codec_next(const char *name, const struct codec *prev);

/**
 * Find a codec by name, without regard to case
 *
 * @param name      Encoding name, may be "opus" or "opus/48000" or
 *                  "opus/48000/2"
 *
 * @return Codec, NULL if there is none
 */
const struct codec *codec_find(const char *name);

/** Is this one of the codecs that go by that name? */
bool codec_named(const struct codec *codec, const char *name);

/** [main] All audio drivers (struct audio_driver) */
const struct list *audio_driver_list(void);

/** Find a driver by name, NULL if there is none */
const struct audio_driver *audio_driver_find(const char *name);

/** The first filter that can do any of this (AUDIO_ECHO ...), or NULL */
const struct audio_filter *audio_filter_find(unsigned what);

/** What writes files of a format ("wav", "flac", "opus"), or NULL */
const struct audio_file *audio_file_find(const char *name);

/** What protects packets, NULL if no module does */
const struct srtp_engine *srtp_engine_get(void);

/** [main] Is there a way to protect packets? Loads nothing */
bool srtp_engine_known(void);

/** Find one by name, NULL if there is none */
const struct media_crypto *media_crypto_find(const char *name);

/** [main] Is there a way to agree on keys of this name? Loads nothing */
bool media_crypto_known(const char *name);

#endif
