/**
 * @file session.c  An INVITE session: what both sides share
 *
 * Whoever holds a session may drop it at any time, also inside one of its
 * handlers. What the wire still needs then (a CANCEL, an ACK for a late
 * 2xx, a BYE that waits for an ACK) lives in the stack and not in the
 * session. closeh is always called from the loop, never from within a call
 * of session.h, and once.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "session_priv.h"
#include "target.h"

/* Tell the peer that we go, in whatever way the moment asks for */
static void leave(struct session *sess)
{
	switch (sess->state) {

	case SESSION_CLOSED:
		break;

	case SESSION_ESTABLISHED:
		session_refuse(sess, 487, "Request Terminated");
		/* RFC 3261 15: no BYE before the ACK of our 2xx */
		if (session_accept_pending(sess))
			session_accept_drop(sess, true);
		else
			session_bye(sess->stack, sess->dlg, sess->incoming);
		break;

	default:
		session_refuse(sess, 480, "Temporarily Unavailable");
		break;
	}
}

static void destructor(void *arg)
{
	struct session *sess = arg;

	leave(sess);
	tmr_cancel(&sess->tmr);
	hash_unlink(&sess->he);
	session_invite_drop(sess, true);
	session_accept_drop(sess, false);

	mem_deref(sess->st);
	mem_deref((void *)sess->msg);
	mem_deref(sess->dlg);
	mem_deref(sess->remote);
	mem_deref(sess->early);
	mem_deref(sess->offer);
	mem_deref(sess->uri);
	mem_deref(sess->name);
	mem_deref(sess->callid);
	mem_deref(sess->stack);
}

int session_alloc(struct session **sessp, struct stack *stack,
		  const struct session_handlers *h)
{
	struct session *sess;

	sess = mem_zalloc(sizeof(*sess), destructor);
	if (!sess)
		return ENOMEM;

	sess->stack = mem_ref(stack);
	sess->tp = stack_transp(stack);
	if (h)
		sess->h = *h;

	*sessp = sess;

	return 0;
}

void session_hash(struct session *sess)
{
	hash_append(sess->stack->ht_sess, hash_joaat_str(sess->callid),
		    &sess->he, sess);
}

static void close_handler(void *arg)
{
	struct session *sess = arg;
	session_close_h *closeh = sess->h.closeh;

	if (closeh)
		closeh(sess->close_err, sess->close_scode, sess->reason,
		       sess->h.arg);
}

void session_end(struct session *sess, int err, uint16_t scode,
		 const char *reason)
{
	if (sess->state == SESSION_CLOSED)
		return;

	sess->state = SESSION_CLOSED;
	sess->close_err = err;
	sess->close_scode = scode;
	str_ncpy(sess->reason, reason ? reason : "", sizeof(sess->reason));

	session_invite_drop(sess, true);
	tmr_start(&sess->tmr, 0, close_handler, sess);
}

/* RFC 3261 15.1.1. In a dialog the peer opened nothing is logged in to. */
void session_bye(struct stack *stack, struct sip_dialog *dlg, bool incoming)
{
	struct request_conf conf = {
		.met = "BYE",
		.dlg = dlg,
		.flags = REQUEST_DIALOG | (incoming ? 0 : REQUEST_AUTH),
	};

	(void)request_send(NULL, stack, &conf);
}

void session_established(struct session *sess)
{
	if (sess->told || sess->state == SESSION_CLOSED)
		return;

	sess->told = true;
	if (sess->h.estabh)
		sess->h.estabh(sess->h.arg);
}

struct mbuf *session_sdp(const struct sip_msg *msg)
{
	struct mbuf *mb;
	size_t len;

	len = msg && msg->mb ? mbuf_get_left(msg->mb) : 0;
	if (!len || !msg_ctype_cmp(&msg->ctyp, "application", "sdp"))
		return NULL;

	mb = mbuf_alloc(len);
	if (!mb)
		return NULL;

	(void)mbuf_write_mem(mb, mbuf_buf(msg->mb), len);
	mb->pos = 0;

	return mb;
}

/* What stood between the quotes: quoted-pairs are undone, then cleaned */
static int name_clean(char **namep, const struct pl *dname)
{
	char buf[256], *clean;
	size_t i, n = 0;
	int err;

	for (i = 0; i < dname->l && n < sizeof(buf); i++) {
		if (dname->p[i] == '"')
			continue;
		if (dname->p[i] == '\\' && i + 1 < dname->l)
			++i;
		buf[n++] = dname->p[i];
	}

	clean = text_clean(buf, n, TEXT_NAME);
	err = clean ? str_dup(namep, clean) : ENOMEM;
	free(clean);

	return err;
}

int session_peer(struct session *sess, const struct uri *uri,
		 const struct pl *dname)
{
	char *bare = NULL, *clean;
	int err;

	err = target_bare(&bare, uri);
	if (err)
		return err;

	clean = text_clean(bare, str_len(bare), TEXT_NAME);
	err = clean ? str_dup(&sess->uri, clean) : ENOMEM;
	free(clean);
	mem_deref(bare);

	if (!err && pl_isset(dname))
		err = name_clean(&sess->name, dname);

	return err;
}

void session_set_handlers(struct session *sess,
			  const struct session_handlers *h)
{
	if (sess && h)
		sess->h = *h;
}

int session_hangup(struct session *sess)
{
	if (!sess)
		return EINVAL;

	leave(sess);
	session_end(sess, 0, 0, "Hung up");

	return 0;
}

int session_modify(struct session *sess, struct mbuf *desc)
{
	if (!sess || !desc)
		return EINVAL;
	if (sess->state != SESSION_ESTABLISHED)
		return ENOTCONN;
	if (sess->invite || sess->st || tmr_isrunning(&sess->tmr))
		return EALREADY;

	return session_reinvite(sess, desc);
}

int session_dtmf(struct session *sess, char digit, uint32_t ms)
{
	struct request_conf conf = {
		.met = "INFO",
		.ctype = "application/dtmf-relay",
		.flags = REQUEST_DIALOG,
	};
	struct mbuf *mb;
	int err;

	if (!sess || !digit || !strchr("0123456789*#ABCD", digit))
		return EINVAL;
	if (sess->state != SESSION_ESTABLISHED)
		return ENOTCONN;

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "Signal=%c\r\nDuration=%u\r\n", digit, ms);
	mb->pos = 0;

	conf.dlg = sess->dlg;
	conf.body = mb;
	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	if (!err)
		err = request_send(NULL, sess->stack, &conf);
	mem_deref(mb);

	return err;
}

struct mbuf *session_remote_desc(const struct session *sess)
{
	return sess ? sess->remote : NULL;
}

enum session_state session_state(const struct session *sess)
{
	return sess ? sess->state : SESSION_CLOSED;
}

const char *session_peer_uri(const struct session *sess)
{
	return sess && sess->uri ? sess->uri : "";
}

const char *session_peer_name(const struct session *sess)
{
	return sess && sess->name ? sess->name : "";
}

const char *session_call_id(const struct session *sess)
{
	return sess && sess->callid ? sess->callid : "";
}

bool session_incoming(const struct session *sess)
{
	return sess && sess->incoming;
}

enum sip_transp session_transp(const struct session *sess)
{
	return sess ? sess->tp : SIP_TRANSP_NONE;
}
