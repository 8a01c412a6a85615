/**
 * @file session_uas.c  An INVITE session, callee's side (RFC 3261 13.3)
 *
 * A new INVITE becomes a session and is handed up; the answers it may get
 * are here. What comes inside a session is passed to the file that knows
 * the method.
 */
#include <string.h>

#include "address.h"
#include "gate.h"
#include "session_priv.h"

void session_refuse(struct session *sess, uint16_t scode,
		    const char *reason)
{
	if (!sess->st)
		return;

	(void)sip_treply(&sess->st, sess->stack->sip, sess->msg, scode,
			 reason);
}

/* libre has answered the CANCEL itself (RFC 3261 9.2) */
static void cancel_handler(void *arg)
{
	struct session *sess = mem_ref(arg);

	session_refuse(sess, 487, "Request Terminated");
	if (!pl_strcmp(&sess->stack->cancel_callid, sess->callid))
		session_reason_take(sess, &sess->stack->cancel_reason);
	if (sess->state != SESSION_ESTABLISHED)
		session_end(sess, 0, 487, sess->elsewhere ?
			    "Answered elsewhere" : "The caller hung up");

	mem_deref(sess);
}

void session_cancel_peek(struct stack *stack, const uint8_t *pkt, size_t len)
{
	const char *p = (const char *)pkt;

	pl_set_str(&stack->cancel_callid, "");
	pl_set_str(&stack->cancel_reason, "");
	if (len < 7 || memcmp(p, "CANCEL ", 7))
		return;

	(void)re_regex(p, len, "\nCall-ID:[ \t]*[^\r\n \t]+", NULL,
		       &stack->cancel_callid);
	(void)re_regex(p, len, "\nReason:[ \t]*[^\r\n]+", NULL,
		       &stack->cancel_reason);
}

int session_set_invite(struct session *sess, const struct sip_msg *msg)
{
	mem_deref((void *)sess->msg);
	sess->msg = mem_ref((void *)msg);

	return sip_strans_alloc(&sess->st, sess->stack->sip, msg,
				cancel_handler, sess);
}

void session_invited(struct stack *stack, const struct sip_msg *msg)
{
	struct session *sess;
	int err;

	err = session_alloc(&sess, stack, NULL);
	if (err) {
		(void)sip_reply(stack->sip, msg, 500, "Out Of Memory");
		return;
	}

	sess->incoming = true;
	sess->tp = msg->tp;
	sess->remote = session_sdp(msg);

	err  = sip_dialog_accept(&sess->dlg, msg);
	err |= pl_strdup(&sess->callid, &msg->callid);
	err |= session_peer(sess, &msg->from.uri, &msg->from.dname);
	err |= re_sdprintf(&sess->ltag, "%016llx", msg->tag);
	err |= pl_strdup(&sess->rtag, &msg->from.tag);
	if (err) {
		(void)sip_reply(stack->sip, msg, 400, "Bad Request");
		goto out;
	}
	if (!timer_request(sess, msg))
		goto out;

	session_hash(sess);
	err = session_set_invite(sess, msg);
	if (err)
		goto out;

	session_caller(sess, msg);
	session_peer_allow(sess, msg);
	sess->rel.required = sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE,
						   "100rel");
	sess->rel.supported = sip_msg_hdr_has_value(msg, SIP_HDR_SUPPORTED,
						    "100rel");

	if (stack->h.inviteh)
		stack->h.inviteh(mem_ref(sess), stack->h.arg);

	/* RFC 3261 17.2.1: not if more was said at once */
	if (sess->st && sess->state == SESSION_NEW && mem_nrefs(sess) > 1)
		(void)sip_treply(&sess->st, stack->sip, msg, 100, "Trying");

 out:
	/* what nobody took answers 480 here and is gone */
	mem_deref(sess);
}

int session_ring(struct session *sess, struct mbuf *desc)
{
	const struct session_reply reply = { sess, sess ? sess->msg : NULL };
	int err;

	if (!sess)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED)
		return EALREADY;

	if (prack_wanted(sess, desc))
		err = prack_reply(sess, desc);
	else
		err = sip_treplyf(&sess->st, NULL, sess->stack->sip,
				  sess->msg, true, desc ? 183 : 180,
				  desc ? "Session Progress" : "Ringing",
				  "%H%H", session_contact_print, &reply,
				  session_body_print, desc);
	if (!err)
		sess->state = SESSION_PROCEEDING;

	return err;
}

int session_answer(struct session *sess, struct mbuf *desc)
{
	const bool settled = sess->rel.offered && sess->rel.answered;
	int err;

	prack_stop(sess);
	/* our offer went in a reliable 180 and has its answer already */
	err = session_reply_2xx(sess, settled ? NULL : desc,
				!sess->remote && !settled);
	if (!err)
		sess->state = SESSION_ESTABLISHED;

	return err;
}

int session_accept(struct session *sess, struct mbuf *desc)
{
	if (!sess || !desc)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED ||
	    sess->state == SESSION_CLOSED || sess->rel.accept)
		return EALREADY;

	/* RFC 3262 3: not before the SDP of the 1xx is confirmed */
	if (sess->rel.mb && sess->rel.with_desc) {
		sess->rel.accept = mem_ref(desc);
		return 0;
	}

	return session_answer(sess, desc);
}

int session_reject(struct session *sess, uint16_t scode, const char *reason)
{
	char text[256];

	if (!sess || scode < 300 || scode > 699)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED)
		return EALREADY;

	session_refuse(sess, scode, reason ? reason : "Declined");
	(void)re_snprintf(text, sizeof(text), "Rejected here (%u)",
			  (unsigned)scode);
	session_end(sess, 0, scode, text);

	return 0;
}

int session_redirect(struct session *sess, const char *target,
		     const char *reason)
{
	char *uri = NULL;
	int err;

	if (!sess || !target || !reason)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED)
		return EALREADY;

	err = address_target(&uri, target, NULL);
	if (err)
		return err;

	err = sip_treplyf(&sess->st, NULL, sess->stack->sip, sess->msg, false,
			  302, "Moved Temporarily",
			  "Contact: <%s>\r\n"
			  "Diversion: <%s>;reason=%s\r\n"
			  "Content-Length: 0\r\n\r\n",
			  uri, sess->stack->aor, reason);
	mem_deref(uri);
	if (!err)
		session_end(sess, 0, 302, "Sent on to another address");

	return err;
}

/* ---- requests inside a session ---- */

static bool cmp_handler(struct le *le, void *arg)
{
	const struct session *sess = le->data;

	return sip_dialog_cmp(sess->dlg, arg) ||
		session_early_find(sess, arg);
}

static struct session *find(struct stack *stack, const struct sip_msg *msg)
{
	return list_ledata(hash_lookup(stack->ht_sess,
				       hash_joaat_pl(&msg->callid),
				       cmp_handler, (void *)msg));
}

static void bye(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REASON);

	(void)sip_treply(NULL, sess->stack->sip, msg, 200, "OK");

	/* one branch of a fork has given up: the others ring on */
	if (!sess->dlg) {
		mem_deref(session_early_find(sess, msg));
		return;
	}

	session_reason_take(sess, hdr ? &hdr->val : NULL);
	session_refuse(sess, 487, "Request Terminated");
	session_accept_drop(sess, NULL);
	session_end(sess, 0, 0, sess->elsewhere &&
		    sess->state != SESSION_ESTABLISHED ?
		    "Answered elsewhere" : "The other side hung up");
}

static void options(struct session *sess, const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, sess->stack->sip, msg, false, 200, "OK",
			  "Allow: " GATE_ALLOW "\r\n"
			  "Accept: " GATE_ACCEPT_INVITE "\r\n"
			  "Supported: " GATE_SUPPORTED "\r\n"
			  "Content-Length: 0\r\n\r\n");
}

/* SDP is the only body that offers and answers come in */
static bool foreign_body(struct session *sess, const struct sip_msg *msg)
{
	if (!mbuf_get_left(msg->mb) ||
	    msg_ctype_cmp(&msg->ctyp, "application", "sdp"))
		return false;

	(void)sip_treplyf(NULL, NULL, sess->stack->sip, msg, false, 415,
			  "Unsupported Media Type",
			  "Accept: " GATE_ACCEPT_INVITE "\r\n"
			  "Content-Length: 0\r\n\r\n");

	return true;
}

static bool dispatch(struct session *sess, const struct sip_msg *msg)
{
	static const struct {
		const char *met;
		void (*h)(struct session *, const struct sip_msg *);
		bool sdp;        /* takes SDP and nothing else */
		bool early;      /* before the answer, too     */
	} methods[] = {
		{ "INVITE",  session_reinvited, true,  false },
		{ "UPDATE",  session_updated,   true,  true  },
		{ "PRACK",   prack_request,     true,  true  },
		{ "INFO",    info_request,      false, true  },
		{ "REFER",   refer_request,     false, false },
		{ "NOTIFY",  refer_notify,      false, false },
		{ "OPTIONS", options,           false, true  },
	};
	const struct session_early *early = session_early_find(sess, msg);
	struct sip *sip = sess->stack->sip;
	size_t i;

	/* RFC 3261 12.2.2 */
	if (!sip_dialog_rseq_valid(early ? early->dlg : sess->dlg, msg)) {
		(void)sip_treply(NULL, sip, msg, 500, "Server Internal Error");
		return true;
	}

	sess->tp = msg->tp;

	if (!pl_strcmp(&msg->met, "BYE")) {
		bye(sess, msg);
		return true;
	}
	if (sess->state == SESSION_CLOSED) {
		(void)sip_treply(NULL, sip, msg, 481, "Call Does Not Exist");
		return true;
	}

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (pl_strcmp(&msg->met, methods[i].met))
			continue;
		if (methods[i].sdp && foreign_body(sess, msg))
			return true;
		if (!sess->dlg && !methods[i].early)
			(void)sip_treply(NULL, sip, msg, 491,
					 "Request Pending");
		else
			methods[i].h(sess, msg);
		return true;
	}

	return false;
}

bool session_request(struct stack *stack, const struct sip_msg *msg)
{
	struct session *sess;
	bool done;

	if (!pl_strcmp(&msg->met, "ACK")) {
		session_acked(stack, msg);
		return true;
	}

	sess = find(stack, msg);
	if (!sess) {
		/* the session was dropped while its ACK was awaited */
		return !pl_strcmp(&msg->met, "BYE") &&
			session_accept_bye(stack, msg);
	}

	mem_ref(sess);
	done = dispatch(sess, msg);
	if (!done) {
		(void)sip_treplyf(NULL, NULL, stack->sip, msg, false, 405,
				  "Method Not Allowed",
				  "Allow: " GATE_ALLOW "\r\n"
				  "Content-Length: 0\r\n\r\n");
	}
	mem_deref(sess);

	return true;
}
