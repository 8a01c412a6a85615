/**
 * @file session_uac.c  An INVITE session, caller's side (RFC 3261 13.2, 14.1)
 *
 * The first INVITE is sent on a half dialog; each 2xx makes a dialog from
 * it. The first one is the call. Any other (the request was forked and two
 * people answered) is acknowledged and ended. An ACK is kept for 64*T1, and
 * a 2xx that comes again gets it again.
 */
#include <string.h>

#include "gate.h"
#include "reason.h"
#include "session_priv.h"
#include "target.h"

enum {
	ACK_KEEP = 64 * SIP_T1,
	ACKS_MAX = 256
};

struct ack {
	struct le le;
	struct tmr tmr;
	struct sip_dialog *dlg;
	struct sip_dialog *half;   /* NULL: of a re-INVITE */
	struct mbuf *mb;
	struct sa dst;
	struct stack *stack;
	enum sip_transp tp;
	uint32_t cseq;
};

static void invite_destructor(void *arg)
{
	struct session_invite *inv = arg;

	if (inv->sess && inv->sess->invite == inv)
		inv->sess->invite = NULL;
	mem_deref(inv->half);
}

static void ack_destructor(void *arg)
{
	struct ack *ack = arg;

	tmr_cancel(&ack->tmr);
	list_unlink(&ack->le);
	mem_deref(ack->dlg);
	mem_deref(ack->half);
	mem_deref(ack->mb);
}

static void ack_timeout(void *arg)
{
	mem_deref(arg);
}

/* The buffer is filled after this returns: a reference is the message */
static int ack_send_handler(enum sip_transp tp, const struct sa *src,
			    const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct ack *ack = arg;
	(void)src;

	mem_deref(ack->mb);
	ack->mb  = mem_ref(mb);
	ack->dst = *dst;
	ack->tp  = tp;

	return 0;
}

static int ack_send(struct stack *stack, struct sip_dialog *dlg,
		    struct sip_dialog *half, uint32_t cseq,
		    struct mbuf *desc)
{
	const size_t len = desc ? mbuf_get_left(desc) : 0;
	struct ack *ack;
	int err;

	ack = mem_zalloc(sizeof(*ack), ack_destructor);
	if (!ack)
		return ENOMEM;

	ack->stack = stack;
	ack->dlg   = mem_ref(dlg);
	ack->half  = mem_ref(half);
	ack->cseq  = cseq;
	if (list_count(&stack->ackl) >= ACKS_MAX)
		mem_deref(list_ledata(list_head(&stack->ackl)));
	list_append(&stack->ackl, &ack->le, ack);
	tmr_start(&ack->tmr, ACK_KEEP, ack_timeout, ack);

	err = sip_drequestf(NULL, stack->sip, false, "ACK", dlg, cseq, NULL,
			    ack_send_handler, NULL, ack,
			    "%s"
			    "Content-Length: %zu\r\n"
			    "\r\n"
			    "%b",
			    len ? "Content-Type: application/sdp\r\n" : "",
			    len, len ? mbuf_buf(desc) : NULL, len);
	if (err)
		mem_deref(ack);

	return err;
}

static int invite_send(struct session *sess, struct sip_dialog *dlg,
		       struct mbuf *desc, bool reinvite);

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

/* A dialog that nobody wants */
static void refuse_dialog(struct session_invite *inv,
			  const struct sip_msg *msg)
{
	struct sip_dialog *dlg = NULL;

	if (sip_dialog_fork(&dlg, inv->half, msg))
		return;

	if (!ack_send(inv->stack, dlg, inv->half, msg->cseq.num, NULL))
		session_bye(inv->stack, dlg, false);
	mem_deref(dlg);
}

static void progress(struct session *sess, const struct sip_msg *msg)
{
	char text[256] = "";
	struct mbuf *desc;

	sess->tp = msg->tp;
	if (sess->state == SESSION_CALLING)
		sess->state = SESSION_PROCEEDING;
	if (msg->scode == 100)
		return;

	desc = session_sdp(msg);
	if (desc) {
		mem_deref(sess->early);
		sess->early = mem_ref(desc);
	}
	if (sess->h.progressh) {
		(void)pl_strcpy(&msg->reason, text, sizeof(text));
		sess->h.progressh(msg->scode, text, desc, sess->h.arg);
	}
	mem_deref(desc);
}

/* Our offer was in the INVITE: the answer is here, or came with the 1xx */
static int take_answer(struct session *sess, struct mbuf *desc)
{
	if (!desc)
		desc = sess->early;
	if (!desc)
		return EPROTO;

	return sess->h.answerh ? sess->h.answerh(desc, sess->h.arg) : 0;
}

static int accepted(struct session *sess, struct session_invite *inv,
		    const struct sip_msg *msg)
{
	struct mbuf *desc = session_sdp(msg), *answer = NULL;
	bool acked = false;
	int err = 0;

	if (inv->offered) {
		/* the ACK waits for nothing */
		err = ack_send(sess->stack, sess->dlg, inv->half,
			       msg->cseq.num, NULL);
		acked = !err;
		if (!err)
			err = take_answer(sess, desc);
	}
	else {
		if (!desc)
			err = EPROTO;
		else if (sess->h.offerh)
			err = sess->h.offerh(&answer, desc, sess->h.arg);
	}

	if (!acked) {
		int e = ack_send(sess->stack, sess->dlg, inv->half,
				 msg->cseq.num, answer);
		if (!err)
			err = e;
	}

	mem_deref(answer);
	mem_deref(desc);

	return err;
}

static void end_by(struct session *sess, int err, const struct sip_msg *msg)
{
	char text[256];

	request_reason(text, sizeof(text), sess->stack, err, msg);
	session_end(sess, err, msg && !err ? msg->scode : 0, text);
}

static void established(struct session *sess, struct session_invite *inv,
			const struct sip_msg *msg)
{
	int err;

	err = sip_dialog_fork(&sess->dlg, inv->half, msg);
	if (err) {
		/* without a Contact there is no way to speak to them */
		end_by(sess, err, NULL);
		return;
	}

	sess->invite = NULL;
	inv->sess = NULL;
	sess->tp = msg->tp;
	sess->state = SESSION_ESTABLISHED;

	err = accepted(sess, inv, msg);
	if (sess->state == SESSION_CLOSED)
		return;
	if (err) {
		session_bye(sess->stack, sess->dlg, false);
		end_by(sess, err, NULL);
		return;
	}

	session_established(sess);
}

static void invite_response(int err, const struct sip_msg *msg, void *arg)
{
	struct session_invite *inv = arg;
	struct session *sess = inv->sess;

	if (!sess) {
		if (!err && msg->scode >= 200 && msg->scode < 300)
			refuse_dialog(inv, msg);
		return;
	}

	mem_ref(sess);

	if (err)
		end_by(sess, err, NULL);
	else if (msg->scode < 200)
		progress(sess, msg);
	else if (msg->scode < 300)
		established(sess, inv, msg);
	else
		end_by(sess, 0, msg);

	mem_deref(sess);
}

int session_connect(struct session **sessp, struct stack *stack,
		    const char *target, struct mbuf *desc,
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

	pl_set_str(&pl, target);
	err  = uri_decode(&uri, &pl);
	err |= err ? 0 : session_peer(sess, &uri, NULL);
	err |= str_dup(&sess->callid, sip_dialog_callid(half));
	if (err)
		goto out;

	session_hash(sess);
	err = invite_send(sess, half, desc, false);
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

/* ---- re-INVITE ---- */

static void modify_again(void *arg)
{
	struct session *sess = mem_ref(arg);
	struct mbuf *desc = NULL;
	int err = 0;

	/* what was offered then may be wrong by now */
	if (sess->h.offerh)
		err = sess->h.offerh(&desc, NULL, sess->h.arg);
	else
		desc = mem_ref(sess->offer);

	if (!err && desc && sess->state == SESSION_ESTABLISHED) {
		if (sess->st)
			tmr_start(&sess->tmr, SIP_T1, modify_again, sess);
		else
			err = session_reinvite(sess, desc);
	}
	if (err && sess->h.refusedh)
		sess->h.refusedh(0, "The change of the call failed",
				 sess->h.arg);

	mem_deref(desc);
	mem_deref(sess);
}

/* RFC 3261 14.1: the owner of the Call-ID waits longer */
static uint32_t glare_wait(const struct session *sess)
{
	if (sess->incoming)
		return 10u * (rand_u16() % 201u);

	return 2100u + 10u * (rand_u16() % 191u);
}

static void modified(struct session *sess, const struct sip_msg *msg)
{
	struct mbuf *desc = session_sdp(msg);
	int err;

	(void)sip_dialog_update(sess->dlg, msg);
	sess->offer = mem_deref(sess->offer);

	err = ack_send(sess->stack, sess->dlg, NULL, msg->cseq.num, NULL);
	if (!err && !desc)
		err = EPROTO;
	if (!err && sess->h.answerh)
		err = sess->h.answerh(desc, sess->h.arg);
	if (err && sess->state == SESSION_ESTABLISHED) {
		session_bye(sess->stack, sess->dlg, sess->incoming);
		end_by(sess, err, NULL);
	}

	mem_deref(desc);
}

static void modify_failed(struct session *sess, int err,
			  const struct sip_msg *msg)
{
	char text[256];

	/* RFC 3261 12.2.1.2, 14.1: the dialog is gone */
	if (err || msg->scode == 408 || msg->scode == 481) {
		session_bye(sess->stack, sess->dlg, sess->incoming);
		end_by(sess, err, msg);
		return;
	}

	if (msg->scode == 491) {
		tmr_start(&sess->tmr, glare_wait(sess), modify_again, sess);
		return;
	}

	sess->offer = mem_deref(sess->offer);
	request_reason(text, sizeof(text), sess->stack, err, msg);
	if (sess->h.refusedh)
		sess->h.refusedh(msg->scode, text, sess->h.arg);
}

static void reinvite_response(int err, const struct sip_msg *msg, void *arg)
{
	struct session_invite *inv = arg;
	struct session *sess = inv->sess;

	if (!err && msg->scode < 200)
		return;

	if (!sess) {
		if (!err && msg->scode < 300)
			(void)ack_send(inv->stack, inv->half, NULL,
				       msg->cseq.num, NULL);
		return;
	}

	mem_ref(sess);
	sess->invite = NULL;
	inv->sess = NULL;

	if (!err && msg->scode < 300)
		modified(sess, msg);
	else
		modify_failed(sess, err, msg);

	mem_deref(sess);
}

int session_reinvite(struct session *sess, struct mbuf *desc)
{
	struct mbuf *offer = mem_ref(desc);

	mem_deref(sess->offer);
	sess->offer = offer;

	return invite_send(sess, sess->dlg, desc, true);
}

static int invite_send(struct session *sess, struct sip_dialog *dlg,
		       struct mbuf *desc, bool reinvite)
{
	struct request_conf conf = {
		.met = "INVITE",
		.dlg = dlg,
		.flags = REQUEST_CONTACT,
		.hdrs = "Allow: " GATE_ALLOW "\r\n"
			"Accept: " GATE_ACCEPT_INVITE "\r\n",
		.ctype = "application/sdp",
		.body = desc,
		.resph = reinvite ? reinvite_response : invite_response,
	};
	struct session_invite *inv;
	int err;

	inv = mem_zalloc(sizeof(*inv), invite_destructor);
	if (!inv)
		return ENOMEM;

	inv->sess = sess;
	inv->stack = sess->stack;
	inv->half = mem_ref(dlg);
	inv->offered = desc && mbuf_get_left(desc);
	inv->reinvite = reinvite;

	if (reinvite)
		conf.flags |= REQUEST_DIALOG;
	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	conf.arg = inv;
	conf.own = inv;

	err = request_send(&inv->req, sess->stack, &conf);
	if (!err)
		sess->invite = inv;
	else
		inv->sess = NULL;
	mem_deref(inv);

	return err;
}

/* ---- 2xx that no transaction took ---- */

void session_stray_2xx(struct stack *stack, const struct sip_msg *msg)
{
	struct session_invite inv;
	struct le *le;

	/* RFC 3261 13.2.2.4: the same again gets its ACK again */
	LIST_FOREACH(&stack->ackl, le) {
		struct ack *ack = le->data;

		if (ack->cseq != msg->cseq.num ||
		    !sip_dialog_cmp(ack->dlg, msg))
			continue;
		if (ack->mb) {
			ack->mb->pos = 0;
			(void)sip_send(stack->sip, NULL, ack->tp, &ack->dst,
				       ack->mb);
		}
		return;
	}

	/* of a fork: somebody else answered as well */
	LIST_FOREACH(&stack->ackl, le) {
		struct ack *ack = le->data;

		if (!ack->half || ack->cseq != msg->cseq.num ||
		    !sip_dialog_cmp_half(ack->half, msg))
			continue;

		memset(&inv, 0, sizeof(inv));
		inv.stack = stack;
		inv.half = ack->half;
		mem_ref(inv.half);
		refuse_dialog(&inv, msg);
		mem_deref(inv.half);
		return;
	}
}
