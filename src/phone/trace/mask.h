/**
 * @file mask.h  A SIP message without its secrets
 *
 * Pure. What is masked: the response of a digest and every other
 * credential, passwords in URIs, keys in SDP (crypto, key-mgmt, ice-pwd,
 * k=), and each body that is not signalling: what people write, digits
 * they press, files.
 */
#ifndef OFFHOOK_MASK_H
#define OFFHOOK_MASK_H

#include "common/re_compat.h"

/**
 * Copy a message, masked
 *
 * In a body bytes become stars and none is added or taken away, so that
 * Content-Length stays true; a header line may get shorter.
 *
 * @param mb   Gets the message
 * @param buf  Bytes from the wire, any
 * @param len  Number of them
 *
 * @return 0 if success, otherwise errorcode
 */
int mask_message(struct mbuf *mb, const char *buf, size_t len);

#endif
