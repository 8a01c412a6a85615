/**
 * @file paths.h  Where a profile keeps its things
 */
#ifndef OFFHOOK_PATHS_H
#define OFFHOOK_PATHS_H

#include <stddef.h>
#include <stdbool.h>

#define PATHS_MAX 4096

/** The folders of one profile, absolute, and its socket */
struct paths {
	char config[PATHS_MAX];  /**< offhook.conf, accounts, themes/       */
	char data[PATHS_MAX];    /**< contacts/, offhook.db                 */
	char state[PATHS_MAX];   /**< offhook.log, history                  */
	char run[PATHS_MAX];     /**< sock, pid                             */
	char socket[PATHS_MAX];  /**< run + "/sock"                         */
};

/**
 * Find the folders of a profile
 *
 * Without a profile: the XDG folders. With one: DIR/config, DIR/data,
 * DIR/state, DIR/run. A socket path that is too long for sockaddr_un is
 * ENAMETOOLONG.
 *
 * @param paths    Result
 * @param profile  Folder, or NULL for the user's own
 *
 * @return 0 if success, otherwise errorcode
 */
int paths_init(struct paths *paths, const char *profile);

/** Make the folders, 0700; 0 if success, otherwise errorcode */
int paths_make(const struct paths *paths);

/** Make one folder and its parents, 0700; 0 or errorcode */
int paths_mkdir(const char *dir);

/**
 * Join a folder and a name
 *
 * @return 0, or ENAMETOOLONG
 */
int paths_join(char *buf, size_t size, const char *dir, const char *name);

/** What a file is called in its folder; a part of the argument */
const char *paths_name(const char *file);

/** Is the file readable or writable by others than its owner? */
bool paths_is_loose(const char *file);

/**
 * Write a file whole or not at all: to a temporary beside it, fsync, rename
 *
 * @param file  Path
 * @param data  Bytes
 * @param len   Number of bytes
 *
 * @return 0 if success, otherwise errorcode; mode of the file is 0600
 */
int paths_write(const char *file, const void *data, size_t len);

#endif
