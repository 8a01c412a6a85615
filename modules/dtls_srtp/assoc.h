/**
 * @file assoc.h  One DTLS association (RFC 6347, 5764)
 */
#ifndef DTLS_SRTP_ASSOC_H
#define DTLS_SRTP_ASSOC_H

#include <re.h>
#include <openssl/ssl.h>

#include "fingerprint.h"

struct assoc;

enum { ASSOC_KEY_MAX = 44 };

/** What came of it */
struct assoc_result {
	enum srtp_suite suite;
	uint8_t client[ASSOC_KEY_MAX];   /**< Key and salt               */
	uint8_t server[ASSOC_KEY_MAX];
	size_t len;
	char version[16];
	char cipher[64];
	char peer_key[32];               /**< "EC 256 bit"               */
};

enum assoc_end {
	ASSOC_UP,              /**< result is set                         */
	ASSOC_WRONG_PEER,      /**< Not the certificate of the SDP        */
	ASSOC_FAILED           /**< text                                  */
};

struct assoc_handlers {
	int (*sendh)(struct mbuf *mb, void *arg);
	/** Once; the association may be freed after it, not in it */
	void (*endh)(enum assoc_end end, const struct assoc_result *res,
		     const char *text, void *arg);
	void *arg;
};

/** [main] Our context and certificate, made at the first call; NULL: no
 *  memory. Stays the module's */
SSL_CTX *assoc_ctx(struct fingerprint *own);
void assoc_ctx_close(void);

/**
 * [media] Begin
 *
 * @param ap      Result, free with mem_deref()
 * @param ctx     Of assoc_ctx()
 * @param active  We speak first
 * @param peer    Whose certificate it must be
 */
int assoc_alloc(struct assoc **ap, SSL_CTX *ctx, bool active,
		const struct fingerprint *peer,
		const struct assoc_handlers *h);

/** [media] A datagram */
void assoc_input(struct assoc *a, const uint8_t *p, size_t len);

/** [media] Repeat what got lost; false: nothing to wait for any more */
bool assoc_tick(struct assoc *a);

/** Does this datagram begin a new association? */
bool assoc_is_hello(const uint8_t *p, size_t len);

#endif
