/**
 * @file resolver_priv.h  What resolver.c and resolver_walk.c share
 */
#ifndef OFFHOOK_RESOLVER_PRIV_H
#define OFFHOOK_RESOLVER_PRIV_H

#include "lookup.h"
#include "resolver.h"

enum {
	RESOLVER_KEY = SRV_NAME + 16,
	RESOLVER_TTL_MAX = 86400     /**< s                               */
};

/** A result that is kept */
struct resolver_found {
	struct le le;
	char key[RESOLVER_KEY];
	uint64_t until;              /**< When its records have expired   */
	size_t hopc;
	struct srv_hop hopv[];
};

struct resolver {
	struct sip *sip;
	struct nameservers *ns;
	struct list foundl;          /**< struct resolver_found, owned,
					  newest first                    */
	struct srv_dead dead;
	char reason[384];
};

/** What is asked for */
struct resolver_ask {
	enum sip_transp tp;          /**< As in the URI, or NONE          */
	enum sip_transp use;         /**< What that means without DNS     */
	uint16_t port;               /**< As in the URI, or 0             */
	uint16_t use_port;
	char host[SRV_NAME];
	char key[RESOLVER_KEY];
};

/** Have we a socket for it? */
bool resolver_usable(const struct resolver *r, enum sip_transp tp, int af);
bool resolver_usable_any(const struct resolver *r, enum sip_transp tp);

/** Set resolver_reason() */
void resolver_say(struct resolver *r, enum lookup_fault fault,
		  const char *host);

struct resolver_found *resolver_recall(const struct resolver *r,
				       const char *key);
void resolver_remember(struct resolver *r, const char *key,
		       const struct srv_hop *hopv, size_t hopc, uint32_t ttl);

/** Copy a result, those that are thought dead last; how many */
size_t resolver_hand_out(struct resolver *r, struct srv_hop *hopv,
			 size_t room, const struct srv_hop *from, size_t n);

/** Ask DNS; as resolver_find() */
int resolver_walk(struct resolver_job **jobp, struct resolver *r,
		  const struct resolver_ask *ask, resolver_h *h, void *arg);

#endif
