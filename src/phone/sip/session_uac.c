/**
 * @file session_uac.c  An INVITE session, caller's side (RFC 3261 13.2)
 *
 * The first INVITE is sent on a half dialog; each 1xx or 2xx with a tag of
 * its own makes a dialog from it (fork.c). The first 2xx is the call. Any
 * other (the request was forked and two people answered) is acknowledged
 * and ended.
 */
#include <string.h>

#include "address.h"
#include "gate.h"
#include "reason.h"
#include "session_priv.h"
#include "target.h"

static void invite_destructor(void *arg)
{
	struct session_invite *inv = arg;

	if (inv->sess && inv->sess->invite == inv)
		inv->sess->invite = NULL;
	mem_deref(inv->half);
	mem_deref(inv->desc);
}

void session_invite_drop(struct session *sess, bool cancel)
{
	struct session_invite *inv = sess->invite;

	if (!inv)
		return;

	sess->invite = NULL;
	inv->sess = NULL;
	/* a re-INVITE is not cancelled: the BYE ends it */
	if (cancel && !inv->reinvite)
		request_cancel(inv->req);
}

/* Tags of the dialog as the messages of our INVITE show them */
static void note_tags(struct session *sess, const struct sip_msg *msg)
{
	sess->ltag = mem_deref(sess->ltag);
	sess->rtag = mem_deref(sess->rtag);
	(void)pl_strdup(&sess->ltag, &msg->from.tag);
	(void)pl_strdup(&sess->rtag, &msg->to.tag);
}

static void progress(struct session *sess, struct session_invite *inv,
		     const struct sip_msg *msg)
{
	struct session_early *early;
	char text[256] = "";
	struct mbuf *desc;

	sess->tp = msg->tp;
	if (sess->state == SESSION_CALLING)
		sess->state = SESSION_PROCEEDING;
	if (msg->scode == 100)
		return;

	session_peer_allow(sess, msg);
	early = session_early(sess, inv->half, msg);
	if (early) {
		note_tags(sess, msg);
		if (!prack_progress(sess, inv, early, msg))
			return;
	}

	/* with no offer of ours the SDP is one, and prack.c answered it */
	desc = inv->desc ? session_sdp(msg) : NULL;
	if (desc) {
		struct mbuf **mbp = early ? &early->desc : &sess->early;

		mem_deref(*mbp);
		*mbp = mem_ref(desc);
	}
	if (sess->h.progressh && sess->state != SESSION_CLOSED) {
		(void)pl_strcpy(&msg->reason, text, sizeof(text));
		sess->h.progressh(msg->scode, text, desc, sess->h.arg);
	}
	mem_deref(desc);
}

/* Our offer was in the INVITE: the answer is here, or came with the 1xx of
   the same branch */
static int take_answer(struct session *sess, struct mbuf *desc,
		       const struct session_early *early)
{
	if (!desc && early)
		desc = early->desc;
	if (!desc)
		desc = sess->early;
	if (!desc)
		return EPROTO;

	return sess->h.answerh ? sess->h.answerh(desc, sess->h.arg) : 0;
}

/* Ours went with the INVITE; else it is the 2xx that holds the offer, or a
   reliable 1xx did */
static int accepted(struct session *sess, struct session_invite *inv,
		    const struct session_early *early,
		    const struct sip_msg *msg)
{
	struct mbuf *desc = session_sdp(msg), *answer = NULL;
	bool acked = false;
	int err = 0;

	if (inv->desc) {
		/* the ACK waits for nothing */
		err = session_ack(sess->stack, sess->dlg, inv->half,
				  msg->cseq.num, NULL);
		acked = !err;
		if (!err)
			err = take_answer(sess, desc, early);
	}
	else if (!early || !early->answered) {
		if (!desc)
			err = EPROTO;
		else if (sess->h.offerh)
			err = sess->h.offerh(&answer, desc, sess->h.arg);
	}

	if (!acked) {
		int e = session_ack(sess->stack, sess->dlg, inv->half,
				    msg->cseq.num, answer);
		if (!err)
			err = e;
	}

	mem_deref(answer);
	mem_deref(desc);

	return err;
}

void session_end_by(struct session *sess, int err, const struct sip_msg *msg)
{
	char text[256];

	request_reason(text, sizeof(text), sess->stack, err, msg);
	session_end(sess, err, msg && !err ? msg->scode : 0, text);
}

static void established(struct session *sess, struct session_invite *inv,
			const struct sip_msg *msg)
{
	struct session_early *early = session_early(sess, inv->half, msg);
	int err;

	if (!early) {
		/* without a Contact there is no way to speak to them */
		session_end_by(sess, EPROTO, NULL);
		return;
	}

	sess->dlg = mem_ref(early->dlg);
	(void)sip_dialog_update(sess->dlg, msg);
	note_tags(sess, msg);
	session_peer_allow(sess, msg);

	sess->invite = NULL;
	inv->sess = NULL;
	sess->tp = msg->tp;
	sess->state = SESSION_ESTABLISHED;

	err = accepted(sess, inv, early, msg);
	if (sess->state == SESSION_CLOSED)
		return;
	if (err) {
		session_fail(sess, err);
		return;
	}

	timer_response(sess, msg);
	session_established(sess);
}

/* RFC 3261 21.3: the first target that we could call */
static bool contact_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct session *sess = arg;
	struct sip_addr addr;
	char *text = NULL;
	(void)msg;

	if (sip_addr_decode(&addr, &hdr->val) ||
	    pl_strdup(&text, &addr.auri))
		return false;
	(void)address_target(&sess->moved, text, NULL);
	mem_deref(text);

	return sess->moved != NULL;
}

static void invite_response(int err, const struct sip_msg *msg, void *arg);

static void failed(struct session *sess, struct session_invite *inv,
		   const struct sip_msg *msg)
{
	/* RFC 4028 7.3: the same again with more patience */
	if (msg->scode == 422 && timer_too_small(sess, msg)) {
		int err = session_invite_send(sess, inv->half, inv->desc,
					      false, invite_response);
		if (!err) {
			inv->sess = NULL;
			return;
		}
	}

	if (msg->scode >= 300 && msg->scode < 400)
		(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT,
					contact_handler, sess);
	session_end_by(sess, 0, msg);
}

static void invite_response(int err, const struct sip_msg *msg, void *arg)
{
	struct session_invite *inv = arg;
	struct session *sess = inv->sess;

	if (!sess) {
		if (!err && msg->scode >= 200 && msg->scode < 300)
			session_refuse_dialog(inv->stack, inv->half, msg);
		return;
	}

	mem_ref(sess);

	if (err)
		session_end_by(sess, err, NULL);
	else if (msg->scode < 200)
		progress(sess, inv, msg);
	else if (msg->scode < 300)
		established(sess, inv, msg);
	else
		failed(sess, inv, msg);

	mem_deref(sess);
}

/* Another server has taken our call before, or will */
static void late_handler(const struct sip_msg *msg, void *own)
{
	const struct session_invite *inv = own;

	if (inv->reinvite)
		(void)session_ack(inv->stack, inv->half, NULL, msg->cseq.num,
				  NULL);
	else
		session_refuse_dialog(inv->stack, inv->half, msg);
}

int session_connect(struct session **sessp, struct stack *stack,
		    const char *target, struct mbuf *desc,
		    const struct session_options *opt,
		    const struct session_handlers *h)
{
	struct sip_dialog *half = NULL;
	struct session *sess = NULL;
	struct uri uri;
	struct pl pl;
	int err;

	if (!sessp || !stack || !target)
		return EINVAL;
	if (stack->closing)
		return ESHUTDOWN;

	err = stack_dialog(&half, stack, target, false);
	if (err)
		return err;

	err = session_alloc(&sess, stack, h);
	if (err)
		goto out;
	session_set_options(sess, opt);

	pl_set_str(&pl, target);
	err  = uri_decode(&uri, &pl);
	err |= err ? 0 : session_peer(sess, &uri, NULL);
	err |= str_dup(&sess->callid, sip_dialog_callid(half));
	if (err)
		goto out;

	session_hash(sess);
	err = session_invite_send(sess, half, desc, false, invite_response);
	if (err)
		goto out;
	sess->state = SESSION_CALLING;

 out:
	mem_deref(half);
	if (err)
		mem_deref(sess);
	else
		*sessp = sess;

	return err;
}

int session_invite_hdrs(struct re_printf *pf, const struct session *sess)
{
	const bool first = sess->state < SESSION_ESTABLISHED;

	return re_hprintf(pf,
			  "Allow: " GATE_ALLOW "\r\n"
			  "Accept: " GATE_ACCEPT_INVITE "\r\n"
			  "Supported: %s\r\n"
			  "%s%H%s",
			  sess->opt.rel == SESSION_REL_OFF ?
			  GATE_SUPPORTED_NOREL : GATE_SUPPORTED,
			  first && sess->opt.rel == SESSION_REL_REQUIRED ?
			  "Require: 100rel\r\n" : "",
			  timer_request_print, sess,
			  first && sess->hdrs ? sess->hdrs : "");
}

int session_invite_send(struct session *sess, struct sip_dialog *dlg,
			struct mbuf *desc, bool reinvite, sip_resp_h *resph)
{
	struct request_conf conf = {
		.met = "INVITE",
		.dlg = dlg,
		.flags = REQUEST_CONTACT,
		.ctype = "application/sdp",
		.body = desc,
		.resph = resph,
	};
	struct session_invite *inv;
	char *hdrs = NULL;
	int err;

	inv = mem_zalloc(sizeof(*inv), invite_destructor);
	if (!inv)
		return ENOMEM;

	inv->sess = sess;
	inv->stack = sess->stack;
	inv->half = mem_ref(dlg);
	if (desc && mbuf_get_left(desc))
		inv->desc = mem_ref(desc);
	inv->reinvite = reinvite;

	if (reinvite)
		conf.flags |= REQUEST_DIALOG;
	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	conf.arg = inv;
	conf.own = inv;
	conf.lateh = late_handler;

	err = re_sdprintf(&hdrs, "%H", session_invite_hdrs, sess);
	conf.hdrs = hdrs;
	if (!err)
		err = request_send(&inv->req, sess->stack, &conf);
	if (!err)
		sess->invite = inv;
	else
		inv->sess = NULL;
	mem_deref(hdrs);
	mem_deref(inv);

	return err;
}
