/**
 * @file gate.h  What may enter: checks on a request before anything acts
 *
 * Pure: looks at a parsed request and says how to refuse it. libre's parser
 * is robust but lenient; this is where RFC 3261 8.2 and 21.4 are kept.
 */
#ifndef OFFHOOK_GATE_H
#define OFFHOOK_GATE_H

#include "common/re_compat.h"

enum {
	GATE_HDRS = 256,         /**< Most headers                       */
	GATE_HDR  = 8192,        /**< Longest header value               */
	GATE_BODY = 65536        /**< Longest body                       */
};

/** How to refuse; headers are whole lines with CRLF */
struct gate_verdict {
	uint16_t scode;          /**< 0: let it in                       */
	const char *reason;
	char hdrs[512];
};

/** Methods a phone answers: value of Allow */
#define GATE_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, " \
	"PRACK, UPDATE, REFER, NOTIFY"

/** Extensions a session knows: value of Supported, and what a request may
 *  require; and the same for who wants no reliable 1xx */
#define GATE_SUPPORTED "100rel, replaces, timer, norefersub"
#define GATE_SUPPORTED_NOREL "replaces, timer, norefersub"

/** Content types of INVITE and of MESSAGE: value of Accept */
#define GATE_ACCEPT_INVITE "application/sdp"
#define GATE_ACCEPT_MESSAGE "text/plain, message/cpim, message/imdn+xml, " \
	"application/im-iscomposing+xml"
/** Value of Accept-Encoding; deflate in MESSAGE only */
#define GATE_ENCODINGS "identity, deflate"

#define GATE_ACCEPT_INFO "application/dtmf-relay, application/dtmf"

/**
 * Check a request
 *
 * @param v    Verdict, set always
 * @param msg  Request as libre parsed it; mb stands at its body
 *
 * @return True if it may enter
 */
bool gate_check(struct gate_verdict *v, const struct sip_msg *msg);

/**
 * Bytes of the body that belong to the message (RFC 3261 18.3: in a
 * datagram what is beyond Content-Length is dropped)
 */
size_t gate_body_len(const struct sip_msg *msg);

#endif
