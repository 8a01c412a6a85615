/**
 * @file gate.c  What may enter: checks on a request before anything acts
 *
 * One table of checks, each a short function that looks at one thing and
 * returns false after it has said how to refuse. The order matters: first
 * what makes a message unreadable (400), then its sizes, then what we do
 * not do (416, 420, 415, 406).
 *
 * A token bucket for each source belongs in front of gate_check(), in the
 * dispatcher, because it needs state and this file has none.
 */
#include <string.h>

#include "gate.h"

static bool refuse(struct gate_verdict *v, uint16_t scode,
		   const char *reason)
{
	v->scode = scode;
	v->reason = reason;

	return false;
}

static bool bad(struct gate_verdict *v, const char *reason)
{
	return refuse(v, 400, reason);
}

/* Digits only and not above max */
static bool number(const struct pl *pl, uint64_t max)
{
	uint64_t n = 0;
	size_t i;

	if (!pl->l || pl->l > 20)
		return false;

	for (i = 0; i < pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(pl->p[i] - '0');
		if (n > max)
			return false;
	}

	return true;
}

/* Quotes are closed, and no parameter is empty (";;") outside of them and
   of the angle brackets, where a user part may hold semicolons */
static bool balanced(const struct pl *pl)
{
	bool quote = false, semi = false, angle = false;
	size_t i;

	for (i = 0; i < pl->l; i++) {
		char c = pl->p[i];

		if (quote) {
			if (c == '\\')
				++i;
			else if (c == '"')
				quote = false;
			continue;
		}

		if (c == '"')
			quote = true;
		else if (c == '<' || c == '>')
			angle = c == '<';
		else if (c == ';' && semi && !angle)
			return false;

		if (c == ';')
			semi = true;
		else if (c != ' ' && c != '\t')
			semi = false;
	}

	return !quote;
}

static bool check_sizes(struct gate_verdict *v, const struct sip_msg *msg)
{
	const struct le *le;
	unsigned n = 0;

	for (le = msg->hdrl.head; le; le = le->next) {
		const struct sip_hdr *hdr = le->data;

		if (++n > GATE_HDRS)
			return bad(v, "Too Many Headers");
		if (hdr->val.l > GATE_HDR)
			return bad(v, "Header Too Long");
	}

	if (mbuf_get_left(msg->mb) > GATE_BODY)
		return refuse(v, 413, "Request Entity Too Large");

	return true;
}

static bool check_once(struct gate_verdict *v, const struct sip_msg *msg)
{
	/* RFC 3261 8.1.1; Max-Forwards is missing in RFC 2543 requests */
	static const struct {
		enum sip_hdrid id;
		bool must;
		const char *reason;
	} hdrv[] = {
		{ SIP_HDR_TO,             true,  "To Missing Or Twice"      },
		{ SIP_HDR_FROM,           true,  "From Missing Or Twice"    },
		{ SIP_HDR_CALL_ID,        true,  "Call-ID Missing Or Twice" },
		{ SIP_HDR_CSEQ,           true,  "CSeq Missing Or Twice"    },
		{ SIP_HDR_MAX_FORWARDS,   false, "Max-Forwards Twice"       },
		{ SIP_HDR_CONTENT_LENGTH, false, "Content-Length Twice"     },
		{ SIP_HDR_CONTENT_TYPE,   false, "Content-Type Twice"       },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hdrv); i++) {
		uint32_t n = sip_msg_hdr_count(msg, hdrv[i].id);

		if (n > 1 || (hdrv[i].must && n != 1))
			return bad(v, hdrv[i].reason);
	}

	if (!pl_isset(&msg->callid) || !pl_isset(&msg->via.sentby))
		return bad(v, "Via Or Call-ID Empty");

	return true;
}

static bool check_numbers(struct gate_verdict *v, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CSEQ);
	struct pl num;
	size_t i;

	for (i = 0; i < hdr->val.l; i++) {
		if (strchr(" \t\r\n", hdr->val.p[i]))
			break;
	}
	num.p = hdr->val.p;
	num.l = i;

	/* RFC 3261 8.1.1.5: below 2^31 */
	if (!number(&num, 0x7fffffff))
		return bad(v, "CSeq Out Of Range");
	if (pl_cmp(&msg->cseq.met, &msg->met))
		return bad(v, "CSeq Method Differs");

	if (msg->maxfwd.p && !number(&msg->maxfwd, 255))
		return bad(v, "Max-Forwards Out Of Range");
	if (msg->expires.p && !number(&msg->expires, 0xffffffff))
		return bad(v, "Expires Out Of Range");

	/* RFC 3261 18.3 */
	if (msg->clen.p && (!number(&msg->clen, 0xffffffff) ||
			    pl_u32(&msg->clen) > mbuf_get_left(msg->mb)))
		return bad(v, "Content-Length Differs");

	return true;
}

static bool check_uri(struct gate_verdict *v, const struct sip_msg *msg)
{
	const struct pl *u = &msg->ruri;
	unsigned colons = 0;
	bool bracket = false;
	const char *at;
	size_t i;

	for (i = 0; i < u->l; i++) {
		uint8_t c = (uint8_t)u->p[i];

		if (c <= ' ' || c == 0x7f || strchr("<>\"", c))
			return bad(v, "Request-URI Malformed");
	}

	if (pl_strcasecmp(&msg->uri.scheme, "sip") &&
	    pl_strcasecmp(&msg->uri.scheme, "sips"))
		return refuse(v, 416, "Unsupported URI Scheme");

	if (!pl_isset(&msg->uri.host))
		return bad(v, "Request-URI Without Host");

	/* RFC 3261 19.1.5: headers of a URI have no place here */
	if (pl_isset(&msg->uri.headers))
		return bad(v, "Headers In Request-URI");

	/* RFC 5118 4.2: IPv6 needs its brackets */
	at = memchr(u->p, '@', u->l);
	i = at ? (size_t)(at - u->p) : msg->uri.scheme.l;
	for (++i; i < u->l && u->p[i] != ';'; i++) {
		if (u->p[i] == '[')
			bracket = true;
		else if (u->p[i] == ']')
			bracket = false;
		else if (u->p[i] == ':' && !bracket && ++colons > 1)
			return bad(v, "IPv6 Without Brackets");
	}

	return true;
}

static bool check_addrs(struct gate_verdict *v, const struct sip_msg *msg)
{
	static const enum sip_hdrid idv[] = {
		SIP_HDR_FROM, SIP_HDR_TO, SIP_HDR_CONTACT, SIP_HDR_VIA
	};
	const struct sip_hdr *hdr;
	struct sip_addr addr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(idv); i++) {
		hdr = sip_msg_hdr(msg, idv[i]);
		if (hdr && !balanced(&hdr->val))
			return bad(v, "Malformed Header");
	}

	if (!pl_isset(&msg->from.auri) || !pl_isset(&msg->to.auri))
		return bad(v, "From Or To Malformed");

	if (pl_strcmp(&msg->met, "INVITE"))
		return true;

	/* RFC 3261 8.1.1.8: where else should our requests go */
	hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	if (!hdr || sip_addr_decode(&addr, &hdr->val) ||
	    sip_msg_hdr_count(msg, SIP_HDR_CONTACT) != 1)
		return bad(v, "Contact Missing Or Malformed");
	if (pl_strcasecmp(&addr.uri.scheme, "sip") &&
	    pl_strcasecmp(&addr.uri.scheme, "sips"))
		return refuse(v, 416, "Unsupported URI Scheme");

	return true;
}

/* Appends ", text" (or the header's name and text) to the verdict */
static void hdr_append(struct gate_verdict *v, const char *name,
		       const struct pl *text)
{
	size_t n = strlen(v->hdrs);
	const size_t room = sizeof(v->hdrs) - 3;

	if (n + text->l + strlen(name) + 4 > room)
		return;

	(void)re_snprintf(v->hdrs + n, room - n, "%s%s%r", n ? ", " : name,
			  n ? "" : ": ", text);
}

static void hdr_set(struct gate_verdict *v, const char *line)
{
	(void)re_snprintf(v->hdrs, sizeof(v->hdrs), "%s\r\n", line);
}

static bool require_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	static const char *const known[] = { "100rel", "replaces", "timer",
		"norefersub" };
	struct gate_verdict *v = arg;
	size_t i;
	(void)msg;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (!pl_strcasecmp(&hdr->val, known[i]))
			return false;
	}

	/* An echo of what is no token would let text in that nobody meant
	   to send. */
	v->scode = 420;
	for (i = 0; i < hdr->val.l; i++) {
		uint8_t c = (uint8_t)hdr->val.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"<>,;:\\/", c))
			return false;
	}
	hdr_append(v, "Unsupported", &hdr->val);

	return false;
}

static bool check_require(struct gate_verdict *v, const struct sip_msg *msg)
{
	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE, require_handler,
				v);
	if (!v->scode)
		return true;

	if (v->hdrs[0]) {
		size_t n = strlen(v->hdrs);

		(void)re_snprintf(v->hdrs + n, sizeof(v->hdrs) - n, "\r\n");
	}

	return refuse(v, 420, "Bad Extension");
}

static bool encoding_handler(const struct sip_hdr *hdr,
			     const struct sip_msg *msg, void *arg)
{
	(void)arg;

	/* a body that may be a receipt of Linphone's: see inflate.h */
	if (!pl_strcmp(&msg->met, "MESSAGE") &&
	    !pl_strcasecmp(&hdr->val, "deflate") &&
	    sip_msg_hdr_count(msg, SIP_HDR_CONTENT_ENCODING) == 1)
		return false;

	return 0 != pl_strcasecmp(&hdr->val, "identity");
}

static bool type_is(const struct sip_msg *msg, const char *type,
		    const char *subtype)
{
	return msg_ctype_cmp(&msg->ctyp, type, subtype);
}

static bool check_body(struct gate_verdict *v, const struct sip_msg *msg)
{
	const bool invite = !pl_strcmp(&msg->met, "INVITE");

	if (!gate_body_len(msg))
		return true;

	if (sip_msg_hdr_apply(msg, true, SIP_HDR_CONTENT_ENCODING,
			      encoding_handler, NULL)) {
		hdr_set(v, "Accept-Encoding: " GATE_ENCODINGS);
		return refuse(v, 415, "Unsupported Media Type");
	}

	if (invite && !type_is(msg, "application", "sdp")) {
		hdr_set(v, "Accept: " GATE_ACCEPT_INVITE);
		return refuse(v, 415, "Unsupported Media Type");
	}

	if (!pl_strcmp(&msg->met, "MESSAGE") &&
	    !type_is(msg, "text", "plain") &&
	    !type_is(msg, "message", "cpim") &&
	    !type_is(msg, "message", "imdn+xml") &&
	    !type_is(msg, "application", "im-iscomposing+xml")) {
		hdr_set(v, "Accept: " GATE_ACCEPT_MESSAGE);
		return refuse(v, 415, "Unsupported Media Type");
	}

	return true;
}

static bool accept_handler(const struct sip_hdr *hdr,
			   const struct sip_msg *msg, void *arg)
{
	struct msg_ctype ctype;
	(void)msg;
	(void)arg;

	if (msg_ctype_decode(&ctype, &hdr->val))
		return false;

	return msg_ctype_cmp(&ctype, "application", "sdp") ||
		msg_ctype_cmp(&ctype, "application", "*") ||
		msg_ctype_cmp(&ctype, "*", "*");
}

static bool check_accept(struct gate_verdict *v, const struct sip_msg *msg)
{
	if (pl_strcmp(&msg->met, "INVITE") ||
	    !sip_msg_hdr(msg, SIP_HDR_ACCEPT))
		return true;

	if (sip_msg_hdr_apply(msg, true, SIP_HDR_ACCEPT, accept_handler,
			      NULL))
		return true;

	return refuse(v, 406, "Not Acceptable");
}

size_t gate_body_len(const struct sip_msg *msg)
{
	size_t left;

	if (!msg || !msg->mb)
		return 0;

	left = mbuf_get_left(msg->mb);

	return msg->clen.p ? MIN(left, (size_t)pl_u32(&msg->clen)) : left;
}

bool gate_check(struct gate_verdict *v, const struct sip_msg *msg)
{
	typedef bool (check_h)(struct gate_verdict *, const struct sip_msg *);
	static check_h *const checkv[] = {
		check_sizes, check_once, check_numbers, check_addrs,
		check_uri, check_require, check_body, check_accept
	};
	size_t i;

	if (!v)
		return false;

	memset(v, 0, sizeof(*v));
	if (!msg || !msg->mb)
		return bad(v, "Bad Request");

	for (i = 0; i < ARRAY_SIZE(checkv); i++) {
		/* RFC 3261 8.2.2.3: not in ACK and CANCEL */
		if (checkv[i] == check_require &&
		    (!pl_strcmp(&msg->met, "ACK") ||
		     !pl_strcmp(&msg->met, "CANCEL")))
			continue;
		if (!checkv[i](v, msg))
			return false;
	}

	return true;
}
