/**
 * @file porter.h  Who may keep a connection that he opened
 *
 * What prefilter.h is for datagrams. Main loop.
 */
#ifndef OFFHOOK_PORTER_H
#define OFFHOOK_PORTER_H

#include "common/re_compat.h"

struct porter;

enum {
	PORTER_SEATS  = 64,      /**< Guests at a time                    */
	PORTER_SOURCE = 8,       /**< of them from one source             */
	PORTER_WAIT   = 5000     /**< ms for a guest to say something     */
};

/** Who is it? */
enum porter_guest {
	PORTER_STRANGER,         /**< Out, without a byte                 */
	PORTER_GUEST,            /**< Within the limits above             */
	PORTER_HOST              /**< Our server: no limits               */
};

typedef enum porter_guest (porter_who_h)(const struct sa *peer, void *arg);

/**
 * Stand at the listening sockets of a SIP stack
 *
 * @param pp   Object, mem_deref() before its sockets are closed
 * @param sip  Stack of libre's, its transports added
 */
int porter_alloc(struct porter **pp, struct sip *sip, porter_who_h *h,
		 void *arg);

/** Somebody said something sensible on this connection; NULL is no one */
void porter_heard(struct porter *p, const struct tcp_conn *tc);

#endif
