/**
 * @file session_accept.c  A 2xx of ours until its ACK (RFC 3261 13.3.1.4)
 *
 * A 2xx is repeated by us, not by the transaction, until its ACK is here.
 * That is a struct accepted, which the stack owns: the session may be
 * dropped while it waits, and then the ACK is answered by a BYE.
 */
#include <string.h>

#include "gate.h"
#include "reason.h"
#include "session_priv.h"

struct accepted {
	struct le le;
	struct tmr tmr_end;
	struct tmr tmr;
	struct stack *stack;
	struct session *sess;      /* NULL: it has gone */
	struct sip_dialog *dlg;
	const struct sip_msg *msg;
	struct mbuf *mb;
	struct sa dst;
	uint32_t txc;
	bool offered;              /* our 2xx holds an offer */
	const char *bye;           /* constant: a BYE says so at the ACK */
};

static void accepted_destructor(void *arg)
{
	struct accepted *acc = arg;

	tmr_cancel(&acc->tmr_end);
	tmr_cancel(&acc->tmr);
	list_unlink(&acc->le);
	mem_deref(acc->dlg);
	mem_deref((void *)acc->msg);
	mem_deref(acc->mb);
}

bool session_accept_pending(const struct session *sess)
{
	struct le *le;

	LIST_FOREACH(&sess->stack->acceptl, le) {
		const struct accepted *acc = le->data;

		if (acc->sess == sess)
			return true;
	}

	return false;
}

void session_accept_drop(struct session *sess, const char *bye)
{
	struct le *le = list_head(&sess->stack->acceptl);

	while (le) {
		struct accepted *acc = le->data;

		le = le->next;
		if (acc->sess != sess)
			continue;

		acc->sess = NULL;
		if (bye) {
			acc->bye = bye;
			bye = NULL;
		}
		else {
			mem_deref(acc);
		}
	}
}

static void retransmit_handler(void *arg)
{
	struct accepted *acc = arg;

	acc->mb->pos = 0;
	(void)sip_send(acc->stack->sip, acc->msg->sock, acc->msg->tp,
		       &acc->dst, acc->mb);

	++acc->txc;
	tmr_start(&acc->tmr, MIN(SIP_T1 << MIN(acc->txc, 8u), SIP_T2),
		  retransmit_handler, acc);
}

/* No ACK in 64*T1 (13.3.1.4): the dialog is there, the session is not */
static void end_handler(void *arg)
{
	struct accepted *acc = arg;
	struct session *sess = acc->sess;
	char text[256];

	session_bye(acc->stack, acc->dlg, true,
		    "SIP;cause=408;text=\"No ACK\"");
	acc->sess = NULL;
	mem_deref(acc);

	if (sess) {
		reason_text(text, sizeof(text), ETIMEDOUT, 0, NULL, NULL);
		session_end(sess, ETIMEDOUT, 0, text);
	}
}

int session_reply_2xx(struct session *sess, struct mbuf *desc, bool offered)
{
	const struct session_reply reply = { sess, sess->msg };
	struct accepted *acc;
	struct pl rport;
	int err;

	acc = mem_zalloc(sizeof(*acc), accepted_destructor);
	if (!acc)
		return ENOMEM;

	acc->stack = sess->stack;
	acc->dlg = mem_ref(sess->dlg);
	acc->msg = mem_ref((void *)sess->msg);
	acc->offered = offered;
	sip_reply_addr(&acc->dst, sess->msg, !msg_param_exists(
			       &sess->msg->via.params, "rport", &rport));

	err = sip_treplyf(&sess->st, &acc->mb, sess->stack->sip, sess->msg,
			  true, 200, "OK",
			  "%H"
			  "Allow: " GATE_ALLOW "\r\n"
			  "Supported: " GATE_SUPPORTED "\r\n"
			  "%H%H",
			  session_contact_print, &reply,
			  timer_reply_print, sess, session_body_print, desc);
	if (err)
		goto out;

	acc->sess = sess;
	list_append(&sess->stack->acceptl, &acc->le, acc);
	tmr_start(&acc->tmr, SIP_T1, retransmit_handler, acc);
	tmr_start(&acc->tmr_end, 64 * SIP_T1, end_handler, acc);

 out:
	if (err)
		mem_deref(acc);

	return err;
}

static struct accepted *find(struct stack *stack, const struct sip_msg *msg,
			     bool any)
{
	struct le *le;

	LIST_FOREACH(&stack->acceptl, le) {
		struct accepted *acc = le->data;

		if ((any || acc->msg->cseq.num == msg->cseq.num) &&
		    sip_dialog_cmp(acc->dlg, msg))
			return acc;
	}

	return NULL;
}

/* Our 2xx held the offer: the answer is in the ACK (RFC 3261 13.2.1) */
static int ack_answer(struct session *sess, const struct sip_msg *msg)
{
	struct mbuf *desc = session_sdp(msg);
	int err = 0;

	if (!desc)
		err = EPROTO;
	else if (sess->h.answerh)
		err = sess->h.answerh(desc, sess->h.arg);
	mem_deref(desc);

	return err;
}

void session_acked(struct stack *stack, const struct sip_msg *msg)
{
	struct accepted *acc = find(stack, msg, false);
	struct session *sess;
	int err = 0;

	if (!acc)
		return;

	/* from here on nothing waits for an ACK */
	list_unlink(&acc->le);
	sess = mem_ref(acc->sess);
	if (acc->bye)
		session_bye(stack, acc->dlg, true, acc->bye);

	if (sess && acc->offered && sess->state == SESSION_ESTABLISHED)
		err = ack_answer(sess, msg);

	if (sess && err)
		session_fail(sess, err);
	else if (sess)
		session_established(sess);

	mem_deref(acc);
	mem_deref(sess);
}

bool session_accept_bye(struct stack *stack, const struct sip_msg *msg)
{
	struct accepted *acc = find(stack, msg, true);

	if (!acc)
		return false;

	(void)sip_treply(NULL, stack->sip, msg, 200, "OK");
	mem_deref(acc);

	return true;
}
