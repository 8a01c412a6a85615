/**
 * @file session_uas.c  An INVITE session, callee's side (RFC 3261 13.3, 14.2)
 *
 * A 2xx is repeated by us, not by the transaction, until its ACK is here
 * (13.3.1.4). That is a struct accepted, which the stack owns: the session
 * may be dropped while it waits, and then the ACK is answered by a BYE.
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
	bool bye;
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

void session_accept_drop(struct session *sess, bool bye)
{
	struct le *le = list_head(&sess->stack->acceptl);

	while (le) {
		struct accepted *acc = le->data;

		le = le->next;
		if (acc->sess != sess)
			continue;

		acc->sess = NULL;
		if (bye) {
			acc->bye = true;
			bye = false;
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

	session_bye(acc->stack, acc->dlg, true);
	acc->sess = NULL;
	mem_deref(acc);

	if (sess) {
		reason_text(text, sizeof(text), ETIMEDOUT, 0, NULL, NULL);
		session_end(sess, ETIMEDOUT, 0, text);
	}
}

static int contact_print(struct re_printf *pf, const struct session *sess)
{
	return stack_contact_reply(pf, sess->stack, sess->msg);
}

static int body_print(struct re_printf *pf, struct mbuf *desc)
{
	const size_t len = desc ? mbuf_get_left(desc) : 0;

	return re_hprintf(pf, "%sContent-Length: %zu\r\n\r\n%b",
			  len ? "Content-Type: application/sdp\r\n" : "",
			  len, len ? mbuf_buf(desc) : NULL, len);
}

static int reply_2xx(struct session *sess, struct mbuf *desc, bool offered)
{
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
			  "%H",
			  contact_print, sess, body_print, desc);
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
	if (sess->state != SESSION_ESTABLISHED)
		session_end(sess, 0, 487, "The caller hung up");

	mem_deref(sess);
}

static int set_invite(struct session *sess, const struct sip_msg *msg)
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
	if (err) {
		(void)sip_reply(stack->sip, msg, 400, "Bad Request");
		goto out;
	}

	session_hash(sess);
	err = set_invite(sess, msg);
	if (err)
		goto out;

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
	int err;

	if (!sess)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED)
		return EALREADY;

	err = sip_treplyf(&sess->st, NULL, sess->stack->sip, sess->msg, true,
			  desc ? 183 : 180,
			  desc ? "Session Progress" : "Ringing",
			  "%H%H", contact_print, sess, body_print, desc);
	if (!err)
		sess->state = SESSION_PROCEEDING;

	return err;
}

int session_accept(struct session *sess, struct mbuf *desc)
{
	int err;

	if (!sess || !desc)
		return EINVAL;
	if (!sess->st || sess->state == SESSION_ESTABLISHED ||
	    sess->state == SESSION_CLOSED)
		return EALREADY;

	err = reply_2xx(sess, desc, !sess->remote);
	if (!err)
		sess->state = SESSION_ESTABLISHED;

	return err;
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

/* ---- requests inside a session ---- */

static bool cmp_handler(struct le *le, void *arg)
{
	const struct session *sess = le->data;

	return sip_dialog_cmp(sess->dlg, arg);
}

static struct session *session_find(struct stack *stack,
				    const struct sip_msg *msg)
{
	return list_ledata(hash_lookup(stack->ht_sess,
				       hash_joaat_pl(&msg->callid),
				       cmp_handler, (void *)msg));
}

static struct accepted *accepted_find(struct stack *stack,
				      const struct sip_msg *msg, bool any)
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

static void ack(struct stack *stack, const struct sip_msg *msg)
{
	struct accepted *acc = accepted_find(stack, msg, false);
	struct session *sess;
	char text[256];
	int err = 0;

	if (!acc)
		return;

	/* from here on nothing waits for an ACK */
	list_unlink(&acc->le);
	sess = mem_ref(acc->sess);
	if (acc->bye)
		session_bye(stack, acc->dlg, true);

	if (sess && acc->offered && sess->state == SESSION_ESTABLISHED)
		err = ack_answer(sess, msg);

	if (sess && err && sess->state == SESSION_ESTABLISHED) {
		session_bye(stack, sess->dlg, true);
		reason_text(text, sizeof(text), err, 0, NULL, NULL);
		session_end(sess, err, 0, text);
	}
	else if (sess) {
		session_established(sess);
	}

	mem_deref(acc);
	mem_deref(sess);
}

static void bye(struct session *sess, const struct sip_msg *msg)
{
	(void)sip_treply(NULL, sess->stack->sip, msg, 200, "OK");

	session_refuse(sess, 487, "Request Terminated");
	session_accept_drop(sess, false);
	session_end(sess, 0, 0, "The other side hung up");
}

static void reinvite(struct session *sess, const struct sip_msg *msg)
{
	struct sip *sip = sess->stack->sip;
	struct mbuf *offer, *desc = NULL;
	int err;

	/* RFC 3261 14.2 */
	if (sess->st || session_accept_pending(sess)) {
		(void)sip_treplyf(NULL, NULL, sip, msg, false, 500,
				  "Server Internal Error",
				  "Retry-After: %u\r\n"
				  "Content-Length: 0\r\n\r\n",
				  1u + rand_u16() % 5u);
		return;
	}
	if (sess->invite || sess->state != SESSION_ESTABLISHED) {
		(void)sip_treply(NULL, sip, msg, 491, "Request Pending");
		return;
	}

	err = set_invite(sess, msg);
	if (err)
		return;

	offer = session_sdp(msg);
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
		(void)sip_dialog_update(sess->dlg, msg);
		(void)reply_2xx(sess, desc, !offer);
	}

	mem_deref(desc);
	mem_deref(offer);
}

/* "Signal=5" of application/dtmf-relay, or the digit alone */
static char dtmf_digit(const struct sip_msg *msg)
{
	const char *body = (const char *)mbuf_buf(msg->mb);
	size_t len = mbuf_get_left(msg->mb);
	struct pl pl;
	char c;

	if (msg_ctype_cmp(&msg->ctyp, "application", "dtmf-relay")) {
		if (re_regex(body, len, "Signal[ ]*=[ ]*[0-9A-Da-d*#]1",
			     NULL, NULL, &pl))
			return 0;
	}
	else if (msg_ctype_cmp(&msg->ctyp, "application", "dtmf")) {
		if (re_regex(body, len, "[0-9A-Da-d*#]1", &pl))
			return 0;
	}
	else {
		return 0;
	}

	c = *pl.p;

	return c >= 'a' && c <= 'd' ? (char)(c - 'a' + 'A') : c;
}

static void info(struct session *sess, const struct sip_msg *msg)
{
	struct sip *sip = sess->stack->sip;
	char digit = 0;

	if (mbuf_get_left(msg->mb)) {
		digit = dtmf_digit(msg);
		if (!digit) {
			(void)sip_treplyf(NULL, NULL, sip, msg, false, 415,
					  "Unsupported Media Type",
					  "Accept: " GATE_ACCEPT_INFO "\r\n"
					  "Content-Length: 0\r\n\r\n");
			return;
		}
	}

	(void)sip_treply(NULL, sip, msg, 200, "OK");
	if (digit && sess->h.infoh)
		sess->h.infoh(digit, sess->h.arg);
}

static bool dispatch(struct session *sess, const struct sip_msg *msg)
{
	struct sip *sip = sess->stack->sip;

	/* RFC 3261 12.2.2 */
	if (!sip_dialog_rseq_valid(sess->dlg, msg)) {
		(void)sip_treply(NULL, sip, msg, 500, "Server Internal Error");
		return true;
	}

	sess->tp = msg->tp;

	if (!pl_strcmp(&msg->met, "BYE"))
		bye(sess, msg);
	else if (sess->state == SESSION_CLOSED)
		(void)sip_treply(NULL, sip, msg, 481,
				 "Call Does Not Exist");
	else if (!pl_strcmp(&msg->met, "INVITE"))
		reinvite(sess, msg);
	else if (!pl_strcmp(&msg->met, "INFO"))
		info(sess, msg);
	else if (!pl_strcmp(&msg->met, "OPTIONS"))
		(void)sip_treplyf(NULL, NULL, sip, msg, false, 200, "OK",
				  "Allow: " GATE_ALLOW "\r\n"
				  "Accept: " GATE_ACCEPT_INVITE "\r\n"
				  "Content-Length: 0\r\n\r\n");
	else
		return false;

	return true;
}

bool session_request(struct stack *stack, const struct sip_msg *msg)
{
	struct accepted *acc;
	struct session *sess;
	bool done;

	if (!pl_strcmp(&msg->met, "ACK")) {
		ack(stack, msg);
		return true;
	}

	sess = session_find(stack, msg);
	if (!sess) {
		/* the session was dropped while its ACK was awaited */
		acc = accepted_find(stack, msg, true);
		if (!acc || pl_strcmp(&msg->met, "BYE"))
			return false;
		(void)sip_treply(NULL, stack->sip, msg, 200, "OK");
		mem_deref(acc);
		return true;
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
