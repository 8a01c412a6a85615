/**
 * @file tls_policy.h  Which TLS server is believed (RFC 5922)
 *
 * libre opens SIP over TLS without a look at the certificate. This puts a
 * policy on a struct tls: TLS 1.2 or later, a chain to a known authority,
 * the right name; and it keeps the reason of a refusal as a sentence.
 */
#ifndef OFFHOOK_TLS_POLICY_H
#define OFFHOOK_TLS_POLICY_H

#include "common/re_compat.h"

struct tls_policy;

/**
 * @param tpp      Policy, mem_deref()
 * @param domain   SIP domain of the account: the name that is expected
 * @param server   Host the user typed as server, or NULL: is good as well
 * @param ca_file  PEM file of authorities, NULL: the system's
 *
 * @return 0, ENOENT (no such file, or no certificate in it), ENOMEM
 */
int tls_policy_alloc(struct tls_policy **tpp, const struct pl *domain,
		     const struct pl *server, const char *ca_file);

/** The context to give to sip_transp_add(); borrowed */
struct tls *tls_policy_tls(const struct tls_policy *tp);

/** Why the last handshake was refused; "" if it was not */
const char *tls_policy_reason(const struct tls_policy *tp);

/** Did the last handshake succeed? */
bool tls_policy_verified(const struct tls_policy *tp);

#endif
