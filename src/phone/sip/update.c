/**
 * @file update.c  A call changes without an INVITE (RFC 3311), both sides
 *
 * Allowed before the answer, too, once offer and answer are exchanged
 * reliably. Without SDP it refreshes a session timer.
 */
#include "gate.h"
#include "session_priv.h"

/* ---- caller's side ---- */

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct session *sess = arg;
	struct mbuf *desc;

	if (!err && msg->scode < 200)
		return;

	mem_ref(sess);
	if (err || msg->scode >= 300) {
		session_modify_failed(sess, err, msg);
		goto out;
	}

	if (sess->dlg)
		(void)sip_dialog_update(sess->dlg, msg);
	desc = session_sdp(msg);
	if (sess->offer && desc && sess->h.answerh)
		err = sess->h.answerh(desc, sess->h.arg);
	else if (sess->offer && !desc)
		err = EPROTO;
	sess->offer = mem_deref(sess->offer);
	mem_deref(desc);

	if (err) {
		session_fail(sess, err);
	}
	else if (sess->state == SESSION_ESTABLISHED) {
		timer_response(sess, msg);
		timer_start(sess);
	}

 out:
	mem_deref(sess);
}

/* The dialog to send on: before the answer the newest one that is settled */
static struct sip_dialog *dialog(const struct session *sess)
{
	struct le *le;

	if (sess->dlg) {
		if (sess->state == SESSION_ESTABLISHED || sess->rel.answered)
			return sess->dlg;
		return NULL;
	}

	for (le = list_tail(&sess->earlyl); le; le = le->prev) {
		const struct session_early *early = le->data;

		if (early->answered)
			return early->dlg;
	}

	return NULL;
}

int session_update(struct session *sess, struct mbuf *desc)
{
	struct request_conf conf = {
		.met = "UPDATE",
		.flags = REQUEST_DIALOG | REQUEST_CONTACT,
		.ctype = "application/sdp",
		.body = desc,
		.resph = response_handler,
		.arg = sess,
	};
	char *hdrs = NULL;
	int err;

	conf.dlg = dialog(sess);
	if (!conf.dlg || !sess->peer_update)
		return ENOTCONN;
	if (sess->update || sess->offer)
		return EALREADY;

	err = re_sdprintf(&hdrs, "Allow: " GATE_ALLOW "\r\n"
			  "Supported: " GATE_SUPPORTED "\r\n%H",
			  timer_request_print, sess);
	if (err)
		return err;

	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	conf.hdrs = hdrs;
	sess->offer = mem_ref(desc);
	err = request_send(&sess->update, sess->stack, &conf);
	if (err)
		sess->offer = mem_deref(sess->offer);
	mem_deref(hdrs);

	return err;
}

/* ---- callee's side ---- */

/* RFC 3311 5.2: 0, or how to refuse an offer at this moment */
static uint16_t refusal(const struct session *sess,
			const struct session_early *early)
{
	if (sess->update || sess->offer)
		return 491;
	if (sess->state == SESSION_ESTABLISHED)
		return sess->invite ? 491 :
			session_accept_pending(sess) ? 500 : 0;
	if (sess->invite)
		return early && early->answered ? 0 : 491;
	if (sess->rel.offered && !sess->rel.answered)
		return 491;

	return sess->rel.answered ? 0 : 500;
}

static void accept_update(struct session *sess, struct sip_dialog *dlg,
			  const struct sip_msg *msg, struct mbuf *answer)
{
	const struct session_reply reply = { sess, msg };

	(void)sip_dialog_update(dlg, msg);
	(void)sip_treplyf(NULL, NULL, sess->stack->sip, msg, false, 200, "OK",
			  "%H"
			  "Allow: " GATE_ALLOW "\r\n"
			  "Supported: " GATE_SUPPORTED "\r\n"
			  "%H%H",
			  session_contact_print, &reply, timer_reply_print,
			  sess, session_body_print, answer);
	if (sess->state == SESSION_ESTABLISHED)
		timer_start(sess);
}

void session_updated(struct session *sess, const struct sip_msg *msg)
{
	struct session_early *early = session_early_find(sess, msg);
	struct mbuf *offer = session_sdp(msg), *answer = NULL;
	struct sip *sip = sess->stack->sip;
	uint16_t scode = offer ? refusal(sess, early) : 0;
	int err = 0;

	if (scode == 491) {
		(void)sip_treply(NULL, sip, msg, 491, "Request Pending");
		goto out;
	}
	if (scode) {
		session_retry_later(sess, msg);
		goto out;
	}
	if (!timer_request(sess, msg))
		goto out;

	session_peer_allow(sess, msg);
	if (offer)
		err = sess->h.offerh ?
			sess->h.offerh(&answer, offer, sess->h.arg) : ENOSYS;
	if (err || (offer && !answer))
		(void)sip_treply(NULL, sip, msg, 488, "Not Acceptable Here");
	else
		accept_update(sess, early ? early->dlg : sess->dlg, msg,
			      answer);

 out:
	mem_deref(answer);
	mem_deref(offer);
}
