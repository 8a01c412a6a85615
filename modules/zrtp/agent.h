/**
 * @file agent.h  One ZRTP association: a bzrtp context and what it means
 *
 * Made on the main loop, because the hash of its Hello stands in the offer,
 * and from zrtp_agent_start() on touched by the media loop only.
 */
#ifndef OFFHOOK_ZRTP_AGENT_H
#define OFFHOOK_ZRTP_AGENT_H

#include "cache.h"

enum {
	ZRTP_HASH_TEXT = 70,     /**< "1.10 " and 64 hexadecimal digits   */
	ZRTP_KEY_MAX = 46,
	ZRTP_EXPORT = 32,
	ZRTP_NO_PEER_MS = 4000,
	ZRTP_STALLED_MS = 15000
};

struct zrtp_agent;

enum zrtp_alarm {
	ZRTP_ALARM_HASH,         /**< Their Hello is not the one that SDP
				      announced                           */
	ZRTP_ALARM_FORGED,       /**< Hash chain, MAC or hvi is wrong     */
	ZRTP_ALARM_GOCLEAR,      /**< Somebody asks to stop encrypting    */
	ZRTP_ALARM_MISMATCH,     /**< Known device, other secrets         */
	ZRTP_ALARM_MITM,         /**< The peer says it sits in the middle */
	ZRTP_ALARMS
};

/** What was agreed; the pointers last as long as the call of the handler */
struct zrtp_secure {
	const char *b32, *words;
	bool verified;           /**< Both sides say: compared before     */
	const char *details;
	const char *peer_zid;    /**< Hexadecimal                         */
	bool aux_used, aux_match;
	const uint8_t *exported; /**< ZRTP_EXPORT bytes, or NULL          */
};

/** All called on the media loop, within start, input, tick and confirm */
struct zrtp_agent_handlers {
	int (*sendh)(const uint8_t *p, size_t len, void *arg);

	/** The library's keys, once for each direction */
	void (*keyh)(bool send, bool aes256, bool tag80, const uint8_t *key,
		     size_t len, void *arg);
	void (*secureh)(const struct zrtp_secure *sec, void *arg);
	void (*alarmh)(enum zrtp_alarm alarm, void *arg);
	void (*nopeerh)(void *arg);
	void (*stalledh)(void *arg);

	/** rows: what is to be kept, the handler's from now on */
	void (*keeph)(struct zrtp_rows *rows, void *arg);
	void *arg;
};

/**
 * [main] Make it, with its Hello
 *
 * @param view  Taken over: referenced, and touched by the agent only
 * @param ssrc  Of our stream
 *
 * @return 0 if success, otherwise errorcode. Free with mem_deref()
 */
int zrtp_agent_alloc(struct zrtp_agent **agentp, struct zrtp_view *view,
		     uint32_t ssrc);

/** [main] Value of a=zrtp-hash; 0 or errorcode */
int zrtp_agent_hash(struct zrtp_agent *agent, char *buf, size_t size);

/**
 * [media] Begin to look for the peer
 *
 * @param hash  The peer's a=zrtp-hash, or "": it has told none
 * @param aux   Auxiliary secret (RFC 6189 4.3) or NULL
 *
 * @return 0 if success, otherwise errorcode
 */
int zrtp_agent_start(struct zrtp_agent *agent, const char *hash,
		     const uint8_t *aux, size_t aux_len,
		     const struct zrtp_agent_handlers *h);

/** [media] The peer may be there only now: look for it again */
void zrtp_agent_again(struct zrtp_agent *agent);

/** [media] Packets; true if it was one of ZRTP */
bool zrtp_agent_input(struct zrtp_agent *agent, uint8_t *p, size_t len);

/** [media] Time, in milliseconds; false: nothing to wait for any more */
bool zrtp_agent_tick(struct zrtp_agent *agent, uint64_t now);

/** [media] The user has compared the words */
void zrtp_agent_confirm(struct zrtp_agent *agent, bool same);

bool zrtp_agent_is_secure(const struct zrtp_agent *agent);

#endif
