/**
 * @file cpim.h  message/cpim (RFC 3862): an envelope around a message
 *
 * Pure codec. The same struct is filled by the decoder and given to the
 * encoder; strings that are unknown are "" when got, and NULL or "" when
 * given. Names and subject were cleaned by the decoder, addresses and ids
 * are printable ASCII; the body is as it came.
 */
#ifndef OFFHOOK_CPIM_H
#define OFFHOOK_CPIM_H

#include "common/re_compat.h"

/** What the sender wants to be told (RFC 5438 6.2), ored */
enum cpim_notify {
	CPIM_POSITIVE_DELIVERY = 1 << 0,
	CPIM_NEGATIVE_DELIVERY = 1 << 1,
	CPIM_DISPLAY           = 1 << 2,
	CPIM_PROCESSING        = 1 << 3
};

/** An envelope and what is in it */
struct cpim {
	const char *from_uri;
	const char *from_name;
	const char *to_uri;
	const char *to_name;
	const char *subject;
	int64_t time;            /**< Unix seconds, 0: none or nonsense  */
	const char *message_id;  /**< imdn.Message-ID                    */
	unsigned notify;         /**< enum cpim_notify                   */
	const char *ctype;       /**< "text/plain", lower case           */
	const char *charset;     /**< lower case                         */
	const char *disposition; /**< "notification", lower case         */
	const uint8_t *body;     /**< borrowed from the input            */
	size_t len;
};

/**
 * Decode an envelope; one inside another is opened as well, and the
 * innermost is what is got
 *
 * @param cpimp  Envelope, free with mem_deref()
 * @param data   Bytes; must live as long as the body is looked at
 * @param len    Number of bytes
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: it is none, EMSGSIZE:
 *         too large, ELOOP: over four in one another, ENOTSUP: the inner
 *         Content-Transfer-Encoding is not known)
 */
int cpim_decode(struct cpim **cpimp, const void *data, size_t len);

/**
 * Encode an envelope
 *
 * @param mb    Buffer that is written to
 * @param cpim  Envelope
 *
 * @return 0 if success, otherwise errorcode (EINVAL: an address, an id or a
 *         type that would break a line)
 */
int cpim_encode(struct mbuf *mb, const struct cpim *cpim);

/** Unix seconds of an RFC 3339 time, 0 if it is none or out of reason */
int64_t cpim_time_decode(const struct pl *pl);

/** Print Unix seconds (int64_t) as RFC 3339, UTC */
int cpim_time_print(struct re_printf *pf, const int64_t *when);

#endif
