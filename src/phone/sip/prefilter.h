/**
 * @file prefilter.h  A datagram before libre's parser sees it
 *
 * libre drops some that RFC 3261 wants answered. Pure.
 */
#ifndef OFFHOOK_PREFILTER_H
#define OFFHOOK_PREFILTER_H

#include "common/re_compat.h"

/** What an inserted branch begins with: a request of RFC 2543 */
#define PREFILTER_BRANCH "z9hG4bKoh2543-"

/**
 * Bring a datagram into a form that libre reads: line ends before the
 * first line go (RFC 3261 7.5), and a top Via without a branch gets one
 * that is made of what RFC 2543 names a transaction by
 * (RFC 3261 17.2.3)
 *
 * @param mb  Datagram from its position on; changed in place
 *
 * @return True if there is something to parse; false: not SIP at all
 *         (keep-alive, STUN, noise), drop it
 */
bool prefilter_run(struct mbuf *mb);

#endif
