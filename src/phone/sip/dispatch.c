/**
 * @file dispatch.c  Where a request from outside goes
 *
 * The gate first. Then what belongs to a session, then what stands alone.
 * Refusals, OPTIONS and MESSAGE are answered without a transaction: libre
 * keeps one for 32 s with the whole message in it, and a flood of MESSAGEs
 * would fill the memory. A repeated MESSAGE is known by a small table.
 */
#include <string.h>

#include "common/log.h"
#include "doorman.h"
#include "gate.h"
#include "inflate.h"
#include "message.h"
#include "outbound.h"
#include "session_priv.h"
#include "stack_priv.h"
#include "subscription.h"
#include "target.h"

enum { SEEN_KEEP = 64 * SIP_T1 };

static bool is(const struct sip_msg *msg, const char *met)
{
	return 0 == pl_strcmp(&msg->met, met);
}

static void answer(struct stack *stack, const struct sip_msg *msg,
		   uint16_t scode, const char *reason, const char *hdrs)
{
	(void)sip_replyf(stack->sip, msg, scode, reason,
			 "%sContent-Length: 0\r\n\r\n", hdrs ? hdrs : "");
}

static uint64_t mix(uint64_t key, const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++)         /* FNV-1a */
		key = (key ^ (uint8_t)pl->p[i]) * 0x100000001b3ull;

	return (key ^ 0xff) * 0x100000001b3ull;
}

/* The same request once more? By what RFC 3261 8.2.2.2 names */
static bool seen(struct stack *stack, const struct sip_msg *msg)
{
	const uint64_t now = tmr_jiffies();
	uint64_t key = 0xcbf29ce484222325ull ^ msg->cseq.num;
	struct stack_seen *slot;

	if (!stack->seen) {
		stack->seen = mem_zalloc(STACK_SEEN * sizeof(*slot), NULL);
		if (!stack->seen)
			return false;
	}

	key = mix(mix(mix(key, &msg->callid), &msg->from.tag), &msg->met);
	slot = &stack->seen[key & (STACK_SEEN - 1)];
	if (slot->key == key && slot->until > now)
		return true;

	slot->key = key;
	slot->until = now + SEEN_KEEP;

	return false;
}

/*
 * Whom is it for? The account, or the random name in its Contact. A direct
 * phone without a name is whoever is called there. An OPTIONS without a
 * user asks for the host itself.
 */
static bool for_us(const struct stack *stack, const struct sip_msg *msg)
{
	const struct pl *user = &msg->uri.user;

	if (!pl_isset(user))
		return stack->direct || is(msg, "OPTIONS");

	return !pl_strcmp(user, stack->user) ||
		!pl_strcmp(user, outbound_user(stack->ob));
}

static void options(struct stack *stack, const struct sip_msg *msg)
{
	struct mbuf *desc = NULL;
	size_t len;

	if (stack->caph && stack->caph(&desc, stack->caparg))
		desc = mem_deref(desc);
	len = desc ? mbuf_get_left(desc) : 0;

	/* RFC 3261 11.2 */
	(void)sip_replyf(stack->sip, msg, 200, "OK",
			 "Allow: " GATE_ALLOW "\r\n"
			 "Accept: " GATE_ACCEPT_INVITE ", "
			 GATE_ACCEPT_MESSAGE "\r\n"
			 "Accept-Encoding: " GATE_ENCODINGS "\r\n"
			 "Supported: " GATE_SUPPORTED "\r\n"
			 "%s"
			 "Content-Length: %zu\r\n"
			 "\r\n"
			 "%b",
			 len ? "Content-Type: application/sdp\r\n" : "",
			 len, len ? mbuf_buf(desc) : NULL, len);
	mem_deref(desc);
}

/* An addr-spec without parameters and headers */
static struct pl bare(const struct pl *auri)
{
	struct pl pl = *auri;
	size_t i;
	const char *at = auri->l ? memchr(auri->p, '@', auri->l) : NULL;

	/* ";" belongs to the user part before the "@" (RFC 4475 3.1.1.9) */
	for (i = at ? (size_t)(at - auri->p) : 0; i < pl.l; i++) {
		if (pl.p[i] == ';' || pl.p[i] == '?')
			pl.l = i;
	}

	return pl;
}

static void message_take(struct stack *stack, const struct sip_msg *msg,
			 const struct mbuf *body)
{
	const struct msg_ctype *ct = &msg->ctyp;
	struct message_in in;

	memset(&in, 0, sizeof(in));
	in.from_uri = bare(&msg->from.auri);
	in.from_name = msg->from.dname;
	in.to_uri = bare(&msg->to.auri);
	in.call_id = msg->callid;
	in.body = mbuf_buf(body);
	in.len = mbuf_get_left(body);

	if (pl_isset(&ct->type) && pl_isset(&ct->subtype)) {
		in.ctype.p = ct->type.p;
		in.ctype.l = (size_t)(ct->subtype.p + ct->subtype.l -
				      ct->type.p);
	}
	else {
		pl_set_str(&in.ctype, "text/plain");
	}
	if (pl_isset(&ct->params))
		(void)msg_param_decode(&ct->params, "charset", &in.charset);

	stack->h.messageh(&in, stack->h.arg);
}

static void message(struct stack *stack, const struct sip_msg *msg)
{
	struct mbuf *body = NULL;
	bool again = seen(stack, msg);
	int err = 0;

	if (sip_msg_hdr_has_value(msg, SIP_HDR_CONTENT_ENCODING, "deflate"))
		err = inflate_body(&body, mbuf_buf(msg->mb),
				   mbuf_get_left(msg->mb), GATE_BODY);

	if (err == EMSGSIZE)
		answer(stack, msg, 413, "Request Entity Too Large", NULL);
	else if (err)
		answer(stack, msg, 400, "Bad Body", NULL);
	else
		answer(stack, msg, 200, "OK", NULL);

	if (!err && !again && stack->h.messageh)
		message_take(stack, msg, body ? body : msg->mb);
	mem_deref(body);
}

static void in_dialog(struct stack *stack, const struct sip_msg *msg)
{
	if (is(msg, "MESSAGE")) {
		message(stack, msg);
		return;
	}

	if (is(msg, "NOTIFY") && subscription_notified(stack, msg))
		return;

	if (!session_request(stack, msg))
		answer(stack, msg, 481, "Call Does Not Exist", NULL);
}

/* Only our server may tell us what we did not ask for */
static void unasked(struct stack *stack, const struct sip_msg *msg)
{
	const struct sip_hdr *event = sip_msg_hdr(msg, SIP_HDR_EVENT);
	bool taken = event && stack->notifyh && !stack->direct &&
		sa_cmp(&msg->src, &stack->server, SA_ADDR) &&
		stack->notifyh(&event->val, (char *)mbuf_buf(msg->mb),
			       mbuf_get_left(msg->mb), stack->notify_arg);

	if (taken)
		answer(stack, msg, 200, "OK", NULL);
	else
		answer(stack, msg, 489, "Bad Event",
		       "Allow-Events: message-summary\r\n");
}

static void outside(struct stack *stack, const struct sip_msg *msg)
{
	if (is(msg, "ACK"))
		return;

	if (is(msg, "CANCEL") || is(msg, "BYE") || is(msg, "INFO"))
		answer(stack, msg, 481, "Call Does Not Exist", NULL);
	else if (is(msg, "NOTIFY"))
		unasked(stack, msg);
	else if (is(msg, "SUBSCRIBE"))
		answer(stack, msg, 489, "Bad Event", NULL);
	else if (is(msg, "REFER"))
		answer(stack, msg, 403, "Forbidden", NULL);
	else if (!is(msg, "INVITE") && !is(msg, "OPTIONS") &&
		 !is(msg, "MESSAGE"))
		answer(stack, msg, 405, "Method Not Allowed",
		       "Allow: " GATE_ALLOW "\r\n");
	else if (!for_us(stack, msg))
		answer(stack, msg, 404, "Not Found", NULL);
	else if (is(msg, "INVITE"))
		session_invited(stack, msg);
	else if (is(msg, "OPTIONS"))
		options(stack, msg);
	else
		message(stack, msg);
}

static void dispatch(struct stack *stack, const struct sip_msg *msg)
{
	struct gate_verdict v;

	switch (doorman_check(stack, msg)) {

	case DOORMAN_SILENT:
		return;

	case DOORMAN_BUSY:
		answer(stack, msg, 486, "Busy Here", NULL);
		return;

	default:
		break;
	}

	if (!gate_check(&v, msg)) {
		debug("sip: %J: refused: %u %s\n", &msg->src,
		      (unsigned)v.scode, v.reason);
		answer(stack, msg, v.scode, v.reason, v.hdrs);
		return;
	}

	/* RFC 3261 18.3: bytes beyond Content-Length are not ours */
	msg->mb->end = msg->mb->pos + gate_body_len(msg);

	if (pl_isset(&msg->to.tag))
		in_dialog(stack, msg);
	else if (stack->closing && !is(msg, "ACK"))
		answer(stack, msg, 503, "Service Unavailable", NULL);
	else
		outside(stack, msg);
}

static bool request_handler(const struct sip_msg *msg, void *arg)
{
	struct stack *stack = mem_ref(arg);

	stack_nodelay(msg);
	dispatch(stack, msg);
	stack_release(stack);

	return true;
}

/* Answers that no transaction took; all others are dropped in silence */
static bool response_handler(const struct sip_msg *msg, void *arg)
{
	struct stack *stack = mem_ref(arg);

	if (doorman_own(stack, msg)) {
		stack_release(stack);
		return true;
	}

	if (msg->scode >= 200 && msg->scode < 300 &&
	    !pl_strcmp(&msg->cseq.met, "INVITE"))
		session_stray_2xx(stack, msg);
	stack_release(stack);

	return true;
}

int stack_dispatch_init(struct stack *stack)
{
	int err;

	err = sip_listen(&stack->lsnr_req, stack->sip, true,
			 request_handler, stack);
	if (err)
		return err;

	return sip_listen(&stack->lsnr_resp, stack->sip, false,
			  response_handler, stack);
}
