/**
 * @file remote.h  A phone on another machine, by ssh
 */
#ifndef OFFHOOK_REMOTE_H
#define OFFHOOK_REMOTE_H

#include <stdbool.h>

#include "common/paths.h"

/** How a connection is made elsewhere than to the socket here */
struct remote {
	const char *host;       /**< As ssh knows it                    */
	const char *profile;    /**< --profile there, or NULL           */
	char command[256];      /**< Instead of ssh and its options; "" */
};

/**
 * Start ssh and have it run `offhook relay` over there
 *
 * @param fdp    Speaks to that phone, not blocking; -1 is never set
 * @param again  Not the first time: nothing may be asked at the terminal
 * @param arg    struct remote
 *
 * @return 0 if success (ssh may fail later: the connection ends then),
 *         EINVAL: no such host, otherwise errorcode
 */
int remote_connect(int *fdp, bool again, void *arg);

/**
 * Where to connect to, and by which command: remote.command of console.conf
 */
void remote_init(struct remote *r, const struct paths *paths,
		 const char *host, const char *profile);

/** Is this a name that can stand in an argument? */
bool remote_is_host(const char *host);

#endif
