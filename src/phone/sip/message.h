/**
 * @file message.h  SIP MESSAGE (RFC 3428): one request, one answer
 */
#ifndef OFFHOOK_MESSAGE_H
#define OFFHOOK_MESSAGE_H

#include "common/re_compat.h"

struct stack;
struct message_out;

/** A MESSAGE that came in; everything borrowed, nothing cleaned */
struct message_in {
	struct pl from_uri;      /**< addr-spec without parameters      */
	struct pl from_name;     /**< Display name, may be empty        */
	struct pl to_uri;
	struct pl ctype;         /**< "text/plain", no parameters       */
	struct pl charset;       /**< Parameter, may be empty           */
	struct pl call_id;       /**< Names the request: retransmissions
				      over two transports, duplicates   */
	const uint8_t *body;
	size_t len;
};

/**
 * The answer is here
 *
 * @param err    0 or errorcode (ETIMEDOUT, ...)
 * @param scode  Final status, 0 if err
 * @param reason One sentence for people; "" for 2xx
 */
typedef void (message_resp_h)(int err, uint16_t scode, const char *reason,
			      void *arg);

/**
 * Send a MESSAGE; digest is answered by itself; over 1,300 bytes it goes
 * by TCP where the account's transport is UDP (RFC 3261 18.1.1)
 *
 * @param msgp    Request; mem_deref() cancels (the handler is not called)
 * @param stack   Stack
 * @param target  "sip:bob@example.org"
 * @param ctype   Content-Type with parameters
 * @param body    Bytes
 * @param len     Number of bytes, at most 64 KiB (EMSGSIZE)
 * @param resph   Called once with the final answer
 * @param arg     Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int message_send(struct message_out **msgp, struct stack *stack,
		 const char *target, const char *ctype, const void *body,
		 size_t len, message_resp_h *resph, void *arg);

/** Call-ID of the MESSAGE: what a report without CPIM names it by */
const char *message_call_id(const struct message_out *msg);

#endif
