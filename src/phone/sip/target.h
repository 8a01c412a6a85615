/**
 * @file target.h  Addresses that users type, taken apart
 */
#ifndef OFFHOOK_TARGET_H
#define OFFHOOK_TARGET_H

#include "common/re_compat.h"

/**
 * Is this an addr-spec that may stand in a request? sip: or sips:, a host,
 * nothing that could end the line or the angle brackets (RFC 3261 19.1.1)
 *
 * @return 0 if success, EINVAL if not
 */
int target_check(const char *uri);

/** Transport that a URI names; SIP_TRANSP_NONE: it names none or an odd
 *  one. sips: is TLS. */
enum sip_transp target_transp(const struct uri *uri);

/**
 * "sip:HOST:PORT;transport=x" of a URI, as a next hop
 *
 * @param uri  Parsed URI
 * @param tp   Transport, SIP_TRANSP_NONE: let DNS choose
 *
 * @return New string in *strp; 0, EINVAL or ENOMEM
 */
int target_hop(char **strp, const struct uri *uri, enum sip_transp tp);

/** "sip:USER@HOST:PORT" of a URI: no password, no parameters, no headers */
int target_bare(char **strp, const struct uri *uri);

/**
 * Local address from which a host is reached
 *
 * @param laddr  Result, port 0
 * @param host   Numeric address, or a name (then: where the default route
 *               leads, or loopback)
 */
int target_laddr(struct sa *laddr, const struct pl *host);

/**
 * Local address where the default route of a family leads, or that
 * family's loopback
 *
 * @return 0, or an error: the machine does not have the family
 */
int target_laddr_af(struct sa *laddr, int af);

#endif
