/**
 * @file session_modify.c  A call changes: re-INVITE, both sides (RFC 3261 14)
 *
 * One change at a time. If both sides begin one (491) each waits its own
 * time and then makes a fresh offer, because the old one may be wrong by
 * then.
 */
#include <string.h>

#include "reason.h"
#include "session_priv.h"

/* ---- caller's side ---- */

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
	session_peer_allow(sess, msg);
	sess->offer = mem_deref(sess->offer);

	err = session_ack(sess->stack, sess->dlg, NULL, msg->cseq.num, NULL);
	if (!err && !desc)
		err = EPROTO;
	if (!err && sess->h.answerh)
		err = sess->h.answerh(desc, sess->h.arg);
	if (err) {
		session_fail(sess, err);
	}
	else if (sess->state == SESSION_ESTABLISHED) {
		timer_response(sess, msg);
		timer_start(sess);
	}

	mem_deref(desc);
}

void session_modify_failed(struct session *sess, int err,
			   const struct sip_msg *msg)
{
	char text[256];

	if (sess->state != SESSION_ESTABLISHED) {
		sess->offer = mem_deref(sess->offer);
		return;
	}

	/* RFC 3261 12.2.1.2, 14.1: the dialog is gone */
	if (err || msg->scode == 408 || msg->scode == 481) {
		session_bye(sess->stack, sess->dlg, sess->incoming,
			    "SIP;cause=408;text=\"Request Timeout\"");
		session_end_by(sess, err, msg);
		return;
	}

	if (msg->scode == 491 ||
	    (msg->scode == 422 && timer_too_small(sess, msg))) {
		tmr_start(&sess->tmr, msg->scode == 491 ? glare_wait(sess) : 1,
			  modify_again, sess);
		return;
	}

	/* RFC 4028 10: what was to be refreshed runs out by itself; who
	   does not know UPDATE gets a re-INVITE next time */
	if (msg->scode == 405 || msg->scode == 501)
		sess->peer_update = false;
	timer_start(sess);
	if (!sess->offer)
		return;

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
			(void)session_ack(inv->stack, inv->half, NULL,
					  msg->cseq.num, NULL);
		return;
	}

	mem_ref(sess);
	sess->invite = NULL;
	inv->sess = NULL;

	if (!err && msg->scode < 300)
		modified(sess, msg);
	else
		session_modify_failed(sess, err, msg);

	mem_deref(sess);
}

int session_reinvite(struct session *sess, struct mbuf *desc)
{
	struct mbuf *offer = mem_ref(desc);

	mem_deref(sess->offer);
	sess->offer = offer;

	return session_invite_send(sess, sess->dlg, desc, true,
				   reinvite_response);
}

/* ---- callee's side ---- */

void session_retry_later(struct session *sess, const struct sip_msg *msg)
{
	(void)sip_treplyf(NULL, NULL, sess->stack->sip, msg, false, 500,
			  "Server Internal Error",
			  "Retry-After: %u\r\n"
			  "Content-Length: 0\r\n\r\n",
			  1u + rand_u16() % 5u);
}

/* Offer in, answer out; an INVITE without one asks for ours */
static int reanswer(struct session *sess, struct mbuf *offer)
{
	struct mbuf *desc = NULL;
	int err;

	err = sess->h.offerh ?
		sess->h.offerh(&desc, offer, sess->h.arg) : ENOSYS;
	if (!err && !desc)
		err = EPROTO;

	if (sess->state != SESSION_ESTABLISHED) {
		session_refuse(sess, 487, "Request Terminated");
	}
	else if (err) {
		session_refuse(sess, 488, "Not Acceptable Here");
	}
	else {
		(void)sip_dialog_update(sess->dlg, sess->msg);
		(void)session_reply_2xx(sess, desc, !offer);
		timer_start(sess);
	}
	mem_deref(desc);

	return err;
}

void session_reinvited(struct session *sess, const struct sip_msg *msg)
{
	struct mbuf *offer;

	/* RFC 3261 14.2 */
	if (sess->st || session_accept_pending(sess)) {
		session_retry_later(sess, msg);
		return;
	}
	if (sess->invite || sess->update ||
	    sess->state != SESSION_ESTABLISHED) {
		(void)sip_treply(NULL, sess->stack->sip, msg, 491,
				 "Request Pending");
		return;
	}
	if (!timer_request(sess, msg) || session_set_invite(sess, msg))
		return;

	session_peer_allow(sess, msg);
	offer = session_sdp(msg);
	(void)reanswer(sess, offer);
	mem_deref(offer);
}
