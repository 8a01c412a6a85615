/**
 * @file inflate.h  Bodies that come compressed (Content-Encoding: deflate)
 */
#ifndef OFFHOOK_INFLATE_H
#define OFFHOOK_INFLATE_H

#include "common/re_compat.h"

/**
 * Inflate a body (RFC 1950 zlib format, as RFC 3261 20.12 means deflate)
 *
 * @param mbp  New buffer at position 0, mem_deref()
 * @param buf  Bytes
 * @param len  Number of bytes
 * @param max  Longest result taken
 *
 * @return 0 if success, EBADMSG (no such format, cut off), EMSGSIZE (would
 *         be longer than max), ENOMEM
 */
int inflate_body(struct mbuf **mbp, const uint8_t *buf, size_t len,
		 size_t max);

#endif
