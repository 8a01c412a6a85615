/**
 * @file fingerprint.h  a=fingerprint and a=setup (RFC 8122, 4145)
 */
#ifndef DTLS_SRTP_FINGERPRINT_H
#define DTLS_SRTP_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FINGERPRINT_MAX = 64, FINGERPRINT_TEXT = 8 + 3 * FINGERPRINT_MAX };

/** Weakest first */
enum fingerprint_hash {
	FINGERPRINT_NONE, FINGERPRINT_SHA256, FINGERPRINT_SHA384,
	FINGERPRINT_SHA512
};

struct fingerprint {
	enum fingerprint_hash hash;
	uint8_t md[FINGERPRINT_MAX];
	size_t len;
};

enum setup { SETUP_NONE, SETUP_ACTPASS, SETUP_ACTIVE, SETUP_PASSIVE };

/** @return 0, EBADMSG: makes no sense, ENOTSUP: a hash that is too weak
 *  or not known */
int fingerprint_decode(struct fingerprint *fp, const char *value);

/** "sha-256 AB:CD:..." */
void fingerprint_encode(char *buf, size_t size, const struct fingerprint *fp);

bool fingerprint_equal(const struct fingerprint *a,
		       const struct fingerprint *b);

/** SETUP_NONE: not one of the three */
enum setup setup_decode(const char *value);

#endif
