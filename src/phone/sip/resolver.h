/**
 * @file resolver.h  From a SIP URI to addresses (RFC 3263)
 *
 * NAPTR chooses the transport, SRV the servers, A and AAAA their
 * addresses. The result is a list: when the first does not answer, the
 * next one is tried (request.h). One per stack. Main loop.
 */
#ifndef OFFHOOK_RESOLVER_H
#define OFFHOOK_RESOLVER_H

#include "srv.h"

enum { RESOLVER_HOPS = 16 };

struct resolver;
struct resolver_job;

/**
 * Called once, from the loop
 *
 * @param err   0, EDESTADDRREQ (resolver_reason() says why) or ENOMEM
 * @param hopv  Where to send, in the order in which to try
 */
typedef void (resolver_h)(int err, const struct srv_hop *hopv, size_t hopc,
			  void *arg);

/**
 * @param rp   Resolver, mem_deref()
 * @param sip  Its transports tell what can be used; borrowed
 */
int resolver_alloc(struct resolver **rp, struct sip *sip);

/**
 * libre's own DNS client, one for the whole phone: for the ACK of a dialog
 * whose next hop is a name, which libre sends by itself. Borrowed; may be
 * NULL.
 */
struct dnsc *resolver_dnsc(void);

/**
 * Find where requests to a URI go
 *
 * @param jobp  Set when the answer comes later; mem_deref() forgets it
 * @param r     Resolver
 * @param uri   Next hop; its transport parameter and port are obeyed.
 *              "sips:" is TLS, and TLS is never anything else.
 * @param hopv  Filled when the answer is known at once
 * @param hopc  In: room, out: number
 *
 * @return 0: hopv is filled; EINPROGRESS: h will be called; otherwise
 *         errorcode (EPROTONOSUPPORT, EDESTADDRREQ, ENOMEM)
 */
int resolver_find(struct resolver_job **jobp, struct resolver *r,
		  const struct uri *uri, struct srv_hop *hopv, size_t *hopc,
		  resolver_h *h, void *arg);

/** What was found did not answer, or did: the order of the next result */
void resolver_failed(struct resolver *r, const struct srv_hop *hop);
void resolver_works(struct resolver *r, const struct srv_hop *hop);

/** Forget what is not there (the network is another one) */
void resolver_forget(struct resolver *r);

/** Why the last name was not found, as a sentence with the name in it; ""
 *  if it was */
const char *resolver_reason(const struct resolver *r);

#endif
