/**
 * @file loader.h  Loads modules/NAME.so
 */
#ifndef OFFHOOK_LOADER_H
#define OFFHOOK_LOADER_H

/**
 * Load every module of a folder
 *
 * The path must be absolute, the folder not writable by others. A module
 * that is missing, of another ABI or that fails is one log line, never an
 * end. Main loop.
 *
 * @param path  Absolute folder
 *
 * @return 0 if success, otherwise errorcode (EINVAL: relative path,
 *         EACCES: others may write there)
 */
int modules_load(const char *path);

/** Close and unload all, in reverse order */
void modules_close(void);

#endif
