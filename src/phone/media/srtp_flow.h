/**
 * @file srtp_flow.h  What may pass a stream's sockets, and protected how
 *
 * Media loop.
 */
#ifndef OFFHOOK_SRTP_FLOW_H
#define OFFHOOK_SRTP_FLOW_H

#include "common/re_compat.h"
#include "phone/module/module.h"

struct srtp_flow;

/** Packets that were refused, in all */
struct srtp_flow_stats {
	uint32_t clear;          /**< Not protected, or no key yet       */
	uint32_t forged;         /**< Changed on the way, or invented    */
	uint32_t replayed;       /**< Seen before, or much too old       */
};

/** Free with mem_deref(), which wipes the keys. All passes as it is */
int srtp_flow_alloc(struct srtp_flow **fp);

/** Is nothing to pass without keys? Turned off, the keys go */
void srtp_flow_require(struct srtp_flow *f, bool on);

bool srtp_flow_required(const struct srtp_flow *f);

/** Take over keys that were agreed on; the old ones of that part go */
int srtp_flow_keys(struct srtp_flow *f, const struct crypto_keys *keys);

/** Could a packet of this part be sent now? */
bool srtp_flow_open(const struct srtp_flow *f, enum crypto_part part);

/**
 * A packet that came, in place; pos at the header, both ways
 *
 * @return True if it may be used
 */
bool srtp_flow_in(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb);

/** A packet to be sent, in place. 0, EACCES: not without a key,
 *  EKEYEXPIRED: the key is used up */
int srtp_flow_out(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb);

/**
 * Is a key nearly used up? Told once for each key; there is time to agree
 * on others
 */
bool srtp_flow_worn(struct srtp_flow *f);

/** Is a key used up? Nothing more is sent with it */
bool srtp_flow_expired(const struct srtp_flow *f);

const struct srtp_flow_stats *srtp_flow_stats(const struct srtp_flow *f);

#endif
