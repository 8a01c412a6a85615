/**
 * @file netwatch.h  Tells when the machine's addresses or routes change
 */
#ifndef OFFHOOK_NETWATCH_H
#define OFFHOOK_NETWATCH_H

#include "common/re_compat.h"

struct netwatch;

/** Something changed and has been quiet since for a moment. Main loop. */
typedef void (netwatch_h)(void *arg);

/**
 * @param nwp  Watch, mem_deref()
 *
 * @return 0, or what the kernel says to a netlink socket
 */
int netwatch_open(struct netwatch **nwp, netwatch_h *h, void *arg);

#endif
