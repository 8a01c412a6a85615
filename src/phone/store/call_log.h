/**
 * @file call_log.h  The call log
 */
#ifndef OFFHOOK_CALL_LOG_H
#define OFFHOOK_CALL_LOG_H

#include "common/re_compat.h"

struct db;

enum call_result {
	CALL_ANSWERED, CALL_MISSED, CALL_REJECTED, CALL_CANCELLED,
	CALL_FAILED, CALL_NO_ANSWER, CALL_BUSY,
	CALL_ELSEWHERE           /**< Somebody else answered it         */
};

/** One row; strings are borrowed when given, never NULL when got */
struct call_log_entry {
	int64_t id;
	const char *account;     /**< AOR                               */
	const char *peer_uri;
	const char *peer_name;
	bool incoming;
	enum call_result result;
	int64_t start;           /**< Unix seconds                      */
	uint32_t duration;       /**< Seconds talked                    */
	const char *codec;
	const char *label;       /**< Security label                    */
	uint16_t scode;
	const char *reason;
	const char *quality;     /**< JSON, "" if nothing was heard; may be
				      NULL when given                   */
	bool seen;               /**< Of a missed call                  */
};

/** Names of enum call_result as in docs/rpc.md */
const char *call_result_name(enum call_result result);

int call_log_add(struct db *db, const struct call_log_entry *entry,
		 int64_t *idp);

/** Called a row; strings valid during the call. Return true to stop */
typedef bool (call_log_h)(const struct call_log_entry *entry, void *arg);

/**
 * Newest first
 *
 * @param before  Only ids below it, 0: from the newest
 * @param limit   At most so many rows
 * @param search  Part of name, URI or reason (case-insensitive), or NULL
 */
int call_log_list(struct db *db, int64_t before, uint32_t limit,
		  const char *search, call_log_h *h, void *arg);

/**
 * The same, but look at so many rows at most: a long log is searched in
 * steps, between which the phone does its other work
 *
 * @param beforep  Where to begin, then where to go on; 0: nowhere
 * @param rows     At most so many rows are looked at
 */
int call_log_search(struct db *db, int64_t *beforep, uint32_t limit,
		    uint32_t rows, const char *search, call_log_h *h,
		    void *arg);

/** Number of missed calls not seen */
int call_log_missed(struct db *db, uint32_t *np);

/** Mark all missed calls as seen */
int call_log_see(struct db *db);

int call_log_remove(struct db *db, int64_t id);

#endif
