/**
 * @file discover.h  The server that DNS names for a domain
 */
#ifndef OFFHOOK_DISCOVER_H
#define OFFHOOK_DISCOVER_H

#include "common/re_compat.h"

struct discover_result {
	enum sip_transp tp;
	char host[256];          /**< "": DNS names none                 */
	uint16_t port;
	char text[320];          /**< A sentence for a person            */
};

/** Called once, from the loop */
typedef void (discover_h)(const struct discover_result *found, void *arg);

/**
 * Ask for SRV records: TLS first, then TCP, then UDP (RFC 3263 4.1). What an
 * account does when it registers is the resolver's; this is for a person to
 * see beforehand.
 *
 * @param domain  Domain of an address
 *
 * @return 0 if success, EINVAL: no domain, otherwise errorcode
 */
int discover(const char *domain, discover_h *h, void *arg);

#endif
