/**
 * @file loader.h  Knows modules/NAME.so, loads those that are asked for
 */
#ifndef OFFHOOK_LOADER_H
#define OFFHOOK_LOADER_H

#include <stdbool.h>

/**
 * Get to know every module of a folder; nothing is loaded yet
 *
 * The path must be absolute, the folder not writable by others. A module
 * of another ABI is one log line. The loop that calls this is the only one
 * for which modules are loaded.
 *
 * @param path  Absolute folder
 *
 * @return 0 if success, otherwise errorcode (EINVAL: relative path,
 *         EACCES: others may write there)
 */
int modules_load(const char *path);

/**
 * Load what offers something and is not loaded yet
 *
 * A module that is missing or that fails is one log line, never an end. On
 * another loop than the one of modules_load() this does nothing.
 *
 * @param kind  "codec", "audio_driver", ...
 * @param name  What it offers, up to a '/', a comma or a blank; NULL: all
 *              of this kind
 *
 * @return True if there is anything new
 */
bool modules_need(const char *kind, const char *name);

/** Is there a module, not loaded yet, that says it offers this? */
bool modules_offer(const char *kind, const char *name);

/** Close and unload all, in reverse order */
void modules_close(void);

#endif
