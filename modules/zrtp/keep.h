/**
 * @file keep.h  What lasts beyond a call, on its way to the disk
 */
#ifndef OFFHOOK_ZRTP_KEEP_H
#define OFFHOOK_ZRTP_KEEP_H

#include "cache.h"

/**
 * [main] The file in a folder, opened if it is not yet
 *
 * @param dir  Folder, NULL or "": nothing is kept
 *
 * @return The file, borrowed; NULL if there is none
 */
struct zrtp_cache *zrtp_keep_open(const char *dir);

/** [media] Have it written by the main loop; rows is its from now on */
void zrtp_keep(struct zrtp_rows *rows);

/** [main] Write what is under way and close */
void zrtp_keep_close(void);

#endif
