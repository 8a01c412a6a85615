/**
 * @file srv.h  The order of servers (RFC 2782), and who is not there
 *
 * Pure: the random number and the time are the caller's.
 */
#ifndef OFFHOOK_SRV_H
#define OFFHOOK_SRV_H

#include "common/re_compat.h"

enum {
	SRV_RECORDS = 16,        /**< Records of a name that count (S-24) */
	SRV_NAME = 256,
	SRV_DEAD = 8,            /**< Dead servers remembered             */
	SRV_DEAD_MS = 60000      /**< and for how long                    */
};

/** A record, as it is needed here */
struct srv_rec {
	uint16_t pri;
	uint16_t weight;
	uint16_t port;
	char target[SRV_NAME];
};

/** A number below n */
typedef uint32_t (srv_random_h)(uint32_t n);

/**
 * Bring records into the order in which they are tried: by priority, and
 * among equals by a draw in which the weight counts
 */
void srv_order(struct srv_rec *recv, size_t recc, srv_random_h *randomh);

/** Somewhere to send to */
struct srv_hop {
	enum sip_transp tp;
	struct sa addr;
};

/** Who did not answer lately; zero it at its start */
struct srv_dead {
	struct {
		struct srv_hop hop;
		uint64_t until;
	} v[SRV_DEAD];
	size_t next;
};

void srv_dead_add(struct srv_dead *dead, const struct srv_hop *hop,
		  uint64_t now);
void srv_dead_remove(struct srv_dead *dead, const struct srv_hop *hop);
bool srv_dead_is(const struct srv_dead *dead, const struct srv_hop *hop,
		 uint64_t now);

/** Those that are thought dead come last; else the order stays */
void srv_dead_last(const struct srv_dead *dead, struct srv_hop *hopv,
		   size_t hopc, uint64_t now);

/** This one first, if it is among them */
void srv_first(struct srv_hop *hopv, size_t hopc, const struct srv_hop *hop);

bool srv_hop_is(const struct srv_hop *a, const struct srv_hop *b);

#endif
