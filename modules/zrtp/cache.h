/**
 * @file cache.h  Retained secrets: a file on the main loop, a copy on media
 */
#ifndef OFFHOOK_ZRTP_CACHE_H
#define OFFHOOK_ZRTP_CACHE_H

#include <stdbool.h>
#include <sqlite3.h>
#include "module.h"
#include "packet.h"

enum { ZRTP_SECRET = 64, ZRTP_DEVICES = 32 };

struct zrtp_cache;   /**< [main] The file                                 */
struct zrtp_view;    /**< The secrets of one pair of addresses, in memory */

/** What one device of the peer shares with us */
struct zrtp_row {
	uint8_t zid[ZRTP_ZID];
	uint8_t rs1[ZRTP_SECRET], rs2[ZRTP_SECRET];
	uint8_t rs1_len, rs2_len;
	bool verified;
};

/** What a call changed; a memory object, wiped with its end */
struct zrtp_rows {
	char *dir;               /**< Where they belong                   */
	char *self, *peer;
	struct zrtp_row rowv[ZRTP_DEVICES];
	size_t rowc;
};

/**
 * [main] Open the file in a folder, or make it, readable by its owner only
 *
 * @return 0 if success, otherwise errorcode. Free with mem_deref()
 */
int zrtp_cache_open(struct zrtp_cache **cachep, const char *dir);

/** [main] The folder it is in */
const char *zrtp_cache_dir(const struct zrtp_cache *cache);

/** [main] Write what a call changed; 0 or errorcode */
int zrtp_cache_save(struct zrtp_cache *cache, const struct zrtp_rows *rows);

/**
 * [main] Copy what is known of a pair of addresses into memory
 *
 * @param viewp  Result, touched by one loop at a time; mem_deref()
 * @param cache  The file, or NULL: nothing is known, nothing is kept
 * @param self   Our address; it gets a ZID that lasts if it had none
 * @param peer   Theirs
 *
 * @return 0 if success, otherwise errorcode
 */
int zrtp_view_alloc(struct zrtp_view **viewp, struct zrtp_cache *cache,
		    const char *self, const char *peer);

/** The database bzrtp works on, in memory */
sqlite3 *zrtp_view_db(const struct zrtp_view *view);
const char *zrtp_view_self(const struct zrtp_view *view);
const char *zrtp_view_peer(const struct zrtp_view *view);

/** Our ZID */
void zrtp_view_zid(const struct zrtp_view *view, uint8_t zid[ZRTP_ZID]);

/**
 * What is different from when the view was made, or last asked
 *
 * @param rowsp  Result; NULL: nothing
 *
 * @return 0 if success, otherwise errorcode
 */
int zrtp_view_changes(struct zrtp_view *view, struct zrtp_rows **rowsp);

#endif
