/**
 * @file trust.h  Whose devices were seen, and compared by voice
 *
 * A device is a name that its key agreement gives it (of ZRTP the ZID), a
 * peer the form of an address in which equal ones are equal strings. What
 * holds for one of our accounts says nothing of another: to the peer they
 * are two people.
 */
#ifndef OFFHOOK_TRUST_H
#define OFFHOOK_TRUST_H

#include "common/re_compat.h"

struct db;

/** What happened to the trust in a peer, as docs/rpc.md names it */
enum trust_what {
	TRUST_VERIFIED,          /**< Words compared, they were the same  */
	TRUST_REFUSED,           /**< Words compared, they differed       */
	TRUST_NEW,               /**< Another device of a verified peer   */
	TRUST_LOST,              /**< A verified device came up unverified */
	TRUST_MISMATCH           /**< Kept secrets were not the same      */
};

/** What was known of a peer before it was seen now */
struct trust_known {
	bool device;             /**< Was this device seen before?        */
	int64_t verified;        /**< Since when it is verified, 0: not   */
	int64_t peer_verified;   /**< Since when any of its devices is    */
};

struct trust_event {
	int64_t id, time;
	const char *account, *peer, *device;
	enum trust_what what;
};

/** "verified", "refused", "new", "lost", "mismatch" */
const char *trust_what_name(enum trust_what what);

/**
 * A device was met in a call: remember it
 *
 * @param known  What was known before
 *
 * @return 0 if success, otherwise errorcode
 */
int trust_seen(struct db *db, const char *account, const char *peer,
	       const char *device, int64_t now, struct trust_known *known);

/**
 * Since when any device of a peer is verified
 *
 * @param sincep  Unix seconds, 0: none is
 *
 * @return 0 if success, otherwise errorcode
 */
int trust_verified(struct db *db, const char *account, const char *peer,
		   int64_t *sincep);

/** Was any device of a peer ever met? */
bool trust_met(struct db *db, const char *account, const char *peer);

/** The user compared the words with this device; 0 or errorcode */
int trust_compared(struct db *db, const char *account, const char *peer,
		   const char *device, int64_t now, bool same);

/** Write down that something happened; 0 or errorcode */
int trust_note(struct db *db, const char *account, const char *peer,
	       const char *device, int64_t now, enum trust_what what);

/** Called a row, newest first; strings valid during it. True: stop */
typedef bool (trust_h)(const struct trust_event *ev, void *arg);

/**
 * What happened with a peer
 *
 * @param peer   Peer
 * @param limit  At most so many rows
 *
 * @return 0 if success, otherwise errorcode
 */
int trust_history(struct db *db, const char *peer, uint32_t limit,
		  trust_h *h, void *arg);

#endif
