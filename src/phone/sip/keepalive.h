/**
 * @file keepalive.h  The way to the registrar is kept open (RFC 5626 4.4)
 *
 * Main loop.
 */
#ifndef OFFHOOK_KEEPALIVE_H
#define OFFHOOK_KEEPALIVE_H

#include "common/re_compat.h"

struct stack;
struct keepalive;

/**
 * The way is lost: what was sent got no answer, the connection closed, or
 * somebody on the way gave us another address. Register anew.
 *
 * @param err  Why: ETIMEDOUT, ENOTCONN (another address), ...
 */
typedef void (keepalive_h)(int err, void *arg);

/**
 * @param kp     Object, mem_deref(); the stack must live longer
 * @param stack  Stack, not referenced
 */
int keepalive_alloc(struct keepalive **kp, struct stack *stack,
		    keepalive_h *h, void *arg);

/**
 * Begin, or go on with what is being done
 *
 * @param k    Object
 * @param msg  The 2xx of a REGISTER: it came by the way that is meant, and
 *             says what its server understands
 */
void keepalive_start(struct keepalive *k, const struct sip_msg *msg);

void keepalive_stop(struct keepalive *k);

/**
 * Is this datagram an answer to what keeps the way open?
 *
 * @param k    Object, or NULL
 * @param src  Where it came from
 * @param mb   Datagram, not changed
 *
 * @return True: libre waits for it; everything else that looks like STUN
 *         is nobody's
 */
bool keepalive_awaits(struct keepalive *k, const struct sa *src,
		      const struct mbuf *mb);

#endif
