/**
 * @file outbound.h  How others reach us (RFC 5626, 5627, 3608)
 *
 * Everything that stands in a Contact of ours, and what the registrar said
 * about it: a globally routable name of this phone (GRUU), the way that
 * requests take (Service-Route), whether it keeps our flow.
 */
#ifndef OFFHOOK_OUTBOUND_H
#define OFFHOOK_OUTBOUND_H

#include "common/re_compat.h"

struct stack;
struct outbound;

enum {
	OUTBOUND_CUSER = 17,     /**< Size of the random user part       */
	OUTBOUND_ROUTES = 4      /**< Service-Route entries that count   */
};

/**
 * @param obp       Object, mem_deref()
 * @param instance  UUID of this phone, "f81d4fae-7dec-...", or NULL
 */
int outbound_alloc(struct outbound **obp, const char *instance);

/** Read what a registrar's 2xx tells about our contact */
void outbound_registered(struct outbound *ob, const struct sip_msg *msg);

/** The registration ended: none of it holds any more */
void outbound_reset(struct outbound *ob);

/**
 * Ask the server whether it wants keep-alives (RFC 6223 4.2)
 *
 * @param mb  A request whose Via, the last line so far, gets a parameter
 */
int outbound_keep(struct mbuf *mb);

/** Header lines that a REGISTER carries for it */
const char *outbound_supported(const struct outbound *ob);

/** Seconds after which the server misses a sign of life; 0: not said */
uint32_t outbound_flow_timer(const struct outbound *ob);

/** Does the registrar keep our flow (RFC 5626 6)? */
bool outbound_flow(const struct outbound *ob);

/** The public GRUU, NULL if there is none */
const char *outbound_gruu(const struct outbound *ob);

/** Route entries in front of a request, first first; the number of them */
size_t outbound_routes(const struct outbound *ob, const char **routev,
		       size_t max);

/** The random user part of our Contact */
const char *outbound_user(const struct outbound *ob);

/** Write the Contact line of a REGISTER; for others see stack_priv.h */
int outbound_contact_register(struct mbuf *mb, const struct stack *stack,
			      enum sip_transp tp, const struct sa *src);

#endif
