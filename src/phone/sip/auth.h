/**
 * @file auth.h  Who gets our password's digest, and who does not
 *
 * One per stack. Keeps the last challenge of each kind, so that the next
 * request carries credentials at once, with nc counted up. Answers only
 * the realm of the account: the one configured, or the first seen that
 * belongs to the account's own server.
 */
#ifndef OFFHOOK_AUTH_H
#define OFFHOOK_AUTH_H

#include "common/re_compat.h"

#include "stack.h"

struct auth;

/** REGISTER is challenged by the registrar, the rest by proxies */
enum auth_scope { AUTH_REGISTER, AUTH_OTHER, AUTH_SCOPES };

/** What one request has gone through; zero it at its start */
struct auth_try {
	uint8_t answered[2];     /**< Challenges answered: 401, 407      */
	uint8_t stale[2];        /**< Of these, stale ones               */
};

/**
 * @param authp   Object, mem_deref()
 * @param user    User name of the digest
 * @param realm   Realm to answer, or NULL: learn it
 * @param domain  Domain of the account's address
 * @param server  Host of its server, or NULL
 * @param h       Asked for the password
 * @param arg     Handler argument
 */
int auth_alloc(struct auth **authp, const char *user, const char *realm,
	       const struct pl *domain, const struct pl *server,
	       stack_password_h *h, void *arg);

/**
 * A 401 or 407 came: may it be answered?
 *
 * @return 0: send the request again; EACCES: the password was refused;
 *         EPERM: foreign realm, or weaker than what was offered before;
 *         ENOENT: there is no password; ENOTSUP: nothing we know
 */
int auth_challenge(struct auth *auth, enum auth_scope scope,
		   const struct sip_msg *msg, struct auth_try *try);

/** Write (Proxy-)Authorization headers for a request, if there are any */
int auth_print(struct auth *auth, enum auth_scope scope, struct mbuf *mb,
	       const struct pl *met, const struct pl *uri);

/** The password handler is not called any more */
void auth_close(struct auth *auth);

/** Why the last challenge was not answered, as a sentence; "" if it was */
const char *auth_reason(const struct auth *auth);

/** The realm that is answered, NULL if none was seen yet */
const char *auth_realm(const struct auth *auth);

#endif
