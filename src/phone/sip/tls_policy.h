/**
 * @file tls_policy.h  Which TLS server is believed (RFC 5922)
 *
 * libre opens SIP over TLS without a look at the certificate. This puts a
 * policy on a struct tls: TLS 1.2 or later, a chain to a known authority,
 * the right name; or the one certificate that the user pinned. It keeps the
 * reason of a refusal as a sentence.
 */
#ifndef OFFHOOK_TLS_POLICY_H
#define OFFHOOK_TLS_POLICY_H

#include "common/re_compat.h"

struct tls_policy;

/** What a policy is made from; copied */
struct tls_policy_conf {
	const struct pl *domain; /**< SIP domain of the account: the name
				      that is expected                   */
	const struct pl *server; /**< Host the user typed as server, or
				      NULL: is good as well              */
	const char *ca_file;     /**< PEM file of authorities, NULL: the
				      system's                           */
	const char *pin;         /**< SHA-256 (hex, colons allowed) of the
				      one certificate that is believed, no
				      matter who issued it; or NULL      */
	const char *own_cert;    /**< PEM file, certificate and key, that we
				      show; or NULL                      */
};

/** A server's certificate, to be read by people; all text is cleaned */
struct tls_cert {
	char names[160];
	char issuer[128];
	char from[16];           /**< "2026-11-22" */
	char until[16];
	char sha256[96];         /**< "AB:CD:..." */
	char reason[256];        /**< Why it was refused; "" if it was not */
	bool pinned;             /**< Believed because of the pin        */
};

/**
 * @param tpp   Policy, mem_deref()
 * @param conf  What it is made from
 *
 * @return 0, ENOENT (no such file, or no certificate in it), EKEYREJECTED
 *         (own_cert holds no certificate with its key), EINVAL (pin),
 *         ENOMEM
 */
int tls_policy_alloc(struct tls_policy **tpp,
		     const struct tls_policy_conf *conf);

/** Is this a SHA-256 in hex, with or without colons? */
bool tls_pin_valid(const char *pin);

/** The name that the next server must have, beside those of the conf */
void tls_policy_expect(struct tls_policy *tp, const struct pl *host);

/** The certificate that the last server showed; NULL: none did */
const struct tls_cert *tls_policy_cert(const struct tls_policy *tp);

/** The context to give to sip_transp_add(); borrowed */
struct tls *tls_policy_tls(const struct tls_policy *tp);

/** Why the last handshake was refused; "" if it was not */
const char *tls_policy_reason(const struct tls_policy *tp);

/** Did the last handshake succeed? */
bool tls_policy_verified(const struct tls_policy *tp);

#endif
