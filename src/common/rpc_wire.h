/**
 * @file rpc_wire.h  The wire between phone and console: JSON, one a line
 *
 * Both ends read bytes as they come and get whole lines out; a line over
 * the limit is an error of the peer (EMSGSIZE). Neither libre nor jansson.
 */
#ifndef OFFHOOK_RPC_WIRE_H
#define OFFHOOK_RPC_WIRE_H

#include <stddef.h>

/** Longest line the phone takes from a console, and the other way round */
#define RPC_LINE_MAX_IN  (1u << 20)
#define RPC_LINE_MAX_OUT (16u << 20)

/** Bytes received so far */
struct rpc_reader {
	char *buf;
	size_t len;     /**< Bytes held                     */
	size_t pos;     /**< Start of the unread part       */
	size_t scan;    /**< Looked for a newline up to here */
	size_t size;    /**< Bytes allocated                */
	size_t max;     /**< Longest line                   */
};

void rpc_reader_init(struct rpc_reader *rd, size_t max);
void rpc_reader_close(struct rpc_reader *rd);

/**
 * Add received bytes
 *
 * @return 0, ENOMEM, or EMSGSIZE if a line is longer than allowed
 */
int rpc_reader_feed(struct rpc_reader *rd, const char *data, size_t len);

/**
 * Take the next whole line
 *
 * @param rd    Reader
 * @param lenp  Length without the newline
 *
 * @return The line, terminated by NUL, valid until the next feed; NULL if
 *         none is whole yet
 */
char *rpc_reader_line(struct rpc_reader *rd, size_t *lenp);

#endif
