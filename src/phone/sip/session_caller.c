/**
 * @file session_caller.c  What an INVITE says about who calls
 *
 * Nothing of it is proven, but for the way it came. Read once, when the
 * INVITE is new, so that nobody above looks into a message.
 */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "common/text.h"
#include "session_priv.h"

/* RFC 3323, 3261 8.1.1.3, 5767 */
static bool anonymous(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, "Privacy");
	const struct uri *from = &msg->from.uri;

	if (!pl_strcasecmp(&from->host, "anonymous.invalid") ||
	    !pl_strcasecmp(&from->user, "anonymous"))
		return true;

	return hdr && !re_regex(hdr->val.p, hdr->val.l, "id") &&
		!sip_msg_hdr(msg, SIP_HDR_P_ASSERTED_IDENTITY);
}

/* RFC 5373, and the two ways that phones used before it */
static bool asks_answer(const struct sip_msg *msg)
{
	static const enum sip_hdrid idv[] = { SIP_HDR_ANSWER_MODE,
		SIP_HDR_PRIV_ANSWER_MODE };
	const struct sip_hdr *hdr;
	struct pl pl;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(idv); i++) {
		hdr = sip_msg_hdr(msg, idv[i]);
		if (hdr && hdr->val.l >= 4 &&
		    (pl.p = hdr->val.p, pl.l = 4, !pl_strcasecmp(&pl, "Auto")))
			return true;
	}

	hdr = sip_msg_hdr(msg, SIP_HDR_CALL_INFO);
	if (hdr && hdr_param(&hdr->val, "answer-after", &pl) &&
	    pl_isset(&pl) && *pl.p == '0')
		return true;

	hdr = sip_msg_hdr(msg, SIP_HDR_ALERT_INFO);
	if (!hdr)
		return false;
	if (hdr_param(&hdr->val, "info", &pl) &&
	    (!pl_strcasecmp(&pl, "alert-autoanswer") ||
	     !pl_strcasecmp(&pl, "auto answer")))
		return true;

	return hdr_param(&hdr->val, "intercom", &pl) &&
		!pl_strcasecmp(&pl, "true");
}

static void take_diverter(struct session *sess, const struct pl *val)
{
	struct sip_addr addr;
	char *text = NULL, *name;

	if (sip_addr_decode(&addr, val) || pl_strdup(&text, &addr.auri))
		return;

	(void)address_clean(&sess->diverted_uri, text, NULL);
	mem_deref(text);
	if (!pl_isset(&addr.dname))
		return;

	name = text_clean(addr.dname.p, MIN(addr.dname.l, (size_t)128),
			  TEXT_NAME);
	(void)str_dup(&sess->diverted_name, name ? name : "");
	free(name);
}

/* The first entry is whom the caller wanted */
static bool history_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct pl index;
	(void)msg;

	if (hdr_param(&hdr->val, "index", &index) &&
	    !pl_strcmp(&index, "1"))
		take_diverter(arg, &hdr->val);

	return ((struct session *)arg)->diverted_uri != NULL;
}

static void diverted(struct session *sess, const struct sip_msg *msg)
{
	/* RFC 5806: the topmost is the last who sent it on */
	const struct sip_hdr *hdr = sip_msg_xhdr(msg, "Diversion");

	if (hdr) {
		take_diverter(sess, &hdr->val);
		return;
	}

	/* RFC 7044: one entry alone only says who was called */
	if (sip_msg_hdr_count(msg, SIP_HDR_HISTORY_INFO) > 1)
		(void)sip_msg_hdr_apply(msg, true, SIP_HDR_HISTORY_INFO,
					history_handler, sess);
}

void session_caller(struct session *sess, const struct sip_msg *msg)
{
	const struct stack *stack = sess->stack;

	sess->anonymous = anonymous(msg);
	sess->asks_answer = asks_answer(msg);
	sess->src = msg->src;
	sess->from_server = !stack->direct && msg->tp == SIP_TRANSP_TLS &&
		stack_tls_verified(stack) &&
		sa_cmp(&msg->src, &stack->server, SA_ALL);
	diverted(sess, msg);
}

void session_reason_take(struct session *sess, const struct pl *val)
{
	struct reason_hdr r;

	/* RFC 3326 3.1: 200 is somebody else's answer, 600 and 603 that
	   somebody else refused for all */
	if (!val || reason_decode(&r, val) || pl_strcasecmp(&r.protocol,
							    "SIP"))
		return;

	sess->elsewhere = r.cause == 200 || r.cause == 600 || r.cause == 603;
}
