/**
 * @file imdn.h  message/imdn+xml (RFC 5438): a receipt for a message
 */
#ifndef OFFHOOK_IMDN_H
#define OFFHOOK_IMDN_H

#include "common/re_compat.h"

enum imdn_status {
	IMDN_OTHER,         /**< forbidden, error of a display, ...      */
	IMDN_PROCESSED,     /**< a server has it                         */
	IMDN_DELIVERED,
	IMDN_DISPLAYED,
	IMDN_FAILED
};

/** Longest Message-ID, without the NUL */
enum { IMDN_ID_MAX = 255 };

struct imdn {
	char message_id[IMDN_ID_MAX + 1];  /**< printable ASCII          */
	enum imdn_status status;
	int64_t time;                      /**< of the message, 0: none  */
};

/**
 * Decode a receipt
 *
 * @param imdn  Result
 * @param s     Bytes
 * @param len   Number of bytes
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: it is none, EMSGSIZE:
 *         too large)
 */
int imdn_decode(struct imdn *imdn, const char *s, size_t len);

/**
 * Encode a receipt: delivered and failed as delivery notification,
 * displayed as display notification, processed as processing notification
 *
 * @param mb    Buffer that is written to
 * @param imdn  Receipt; time is that of the message it is for
 *
 * @return 0 if success, otherwise errorcode (EINVAL: no id, or a status that
 *         is none to send)
 */
int imdn_encode(struct mbuf *mb, const struct imdn *imdn);

#endif
