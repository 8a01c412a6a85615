/**
 * @file digest.h  Digest authentication, the arithmetic (RFC 7616, 8760)
 *
 * Pure: parses a challenge, computes an answer. Who may be answered is
 * auth.h's affair. libre's own knows MD5 only.
 */
#ifndef OFFHOOK_DIGEST_H
#define OFFHOOK_DIGEST_H

#include "common/re_compat.h"

enum digest_alg {
	DIGEST_MD5,
	DIGEST_SHA256,
	DIGEST_SHA512_256
};

enum {
	DIGEST_HEX = 65,         /**< Longest hash in hex, and its NUL   */
	DIGEST_NONCE_MAX = 1024  /**< Longest nonce, realm, opaque taken */
};

/** A challenge; strings as they stood between the quotes, escapes kept */
struct digest_challenge {
	char *realm;
	char *nonce;
	char *opaque;            /**< Or NULL                            */
	enum digest_alg alg;
	bool sess;               /**< "-sess" algorithm                  */
	bool qop;                /**< qop with "auth" was offered        */
	bool stale;
	bool named;              /**< The algorithm was named            */
};

/**
 * Read a challenge
 *
 * @param chp  New challenge, mem_deref()
 * @param val  Value of WWW-Authenticate or Proxy-Authenticate
 *
 * @return 0 if success, EPROTONOSUPPORT (another scheme than Digest),
 *         ENOTSUP (algorithm or qop unknown), EBADMSG, ENOMEM
 */
int digest_challenge_parse(struct digest_challenge **chp,
			   const struct pl *val);

/** How good a challenge is: the higher the better, 1 is qop-less MD5 */
unsigned digest_rank(const struct digest_challenge *ch);

/** H(user:realm:password) in hex; 0 or ENOTSUP, ENOMEM */
int digest_ha1(char ha1[DIGEST_HEX], const struct digest_challenge *ch,
	       const char *user, const char *password);

/** The response; cnonce and nc are used with qop or -sess only */
int digest_response(char resp[DIGEST_HEX], const struct digest_challenge *ch,
		    const char *ha1, const struct pl *met,
		    const struct pl *uri, const char *cnonce, uint32_t nc);

/** Print the value of an Authorization header, without CRLF */
int digest_print(struct mbuf *mb, const struct digest_challenge *ch,
		 const char *user, const struct pl *uri, const char *resp,
		 const char *cnonce, uint32_t nc);

#endif
