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

/* RFC 3326: cause 16 is what telephone networks call a normal end */
#define BYE_NORMAL "Q.850;cause=16;text=\"Normal call clearing\""

/* Tell the peer that we go, in whatever way the moment asks for */
static void leave(struct session *sess)
{
	const char *why = sess->bye_reason ? sess->bye_reason : BYE_NORMAL;

	switch (sess->state) {

	case SESSION_CLOSED:
		break;

	case SESSION_ESTABLISHED:
		session_refuse(sess, 487, "Request Terminated");
		/* RFC 3261 15: no BYE before the ACK of our 2xx */
		if (session_accept_pending(sess))
			session_accept_drop(sess, why);
		else
			session_bye(sess->stack, sess->dlg, sess->incoming,
				    why);
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
	tmr_cancel(&sess->timer.tmr);
	hash_unlink(&sess->he);
	prack_stop(sess);
	request_forget(sess->update);
	refer_drop(sess);
	request_forget(sess->refer.notify);
	session_invite_drop(sess, true);
	session_accept_drop(sess, NULL);

	mem_deref(sess->st);
	mem_deref((void *)sess->msg);
	mem_deref(sess->dlg);
	mem_deref(sess->remote);
	mem_deref(sess->early);
	list_flush(&sess->earlyl);
	mem_deref(sess->offer);
	mem_deref(sess->rel.ring);
	mem_deref(sess->rel.accept);
	mem_deref(sess->hdrs);
	mem_deref(sess->ltag);
	mem_deref(sess->rtag);
	mem_deref(sess->moved);
	mem_deref(sess->diverted_uri);
	mem_deref(sess->diverted_name);
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
	prack_stop(sess);
	tmr_cancel(&sess->timer.tmr);
	sess->close_err = err;
	sess->close_scode = scode;
	str_ncpy(sess->reason, reason ? reason : "", sizeof(sess->reason));

	session_invite_drop(sess, true);
	tmr_start(&sess->tmr, 0, close_handler, sess);
}

/* RFC 3261 15.1.1. In a dialog the peer opened nothing is logged in to. */
void session_bye(struct stack *stack, struct sip_dialog *dlg, bool incoming,
		 const char *reason)
{
	struct request_conf conf = {
		.met = "BYE",
		.dlg = dlg,
		.flags = REQUEST_DIALOG | (incoming ? 0 : REQUEST_AUTH),
	};
	char hdr[128];

	if (reason && re_snprintf(hdr, sizeof(hdr), "Reason: %s\r\n",
				  reason) > 0)
		conf.hdrs = hdr;

	(void)request_send(NULL, stack, &conf);
}

void session_fail(struct session *sess, int err)
{
	if (sess->state != SESSION_ESTABLISHED)
		return;

	session_bye(sess->stack, sess->dlg, sess->incoming,
		    err == ETIMEDOUT ?
		    "SIP;cause=408;text=\"Request Timeout\"" :
		    "SIP;cause=488;text=\"Not Acceptable Here\"");
	session_end_by(sess, err, NULL);
}

void session_established(struct session *sess)
{
	if (sess->told || sess->state == SESSION_CLOSED)
		return;

	sess->told = true;
	list_flush(&sess->earlyl);
	timer_start(sess);
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

uint32_t session_hdr_u32(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);
	size_t i;

	if (!hdr || !hdr->val.l || hdr->val.l > 10)
		return 0;
	for (i = 0; i < hdr->val.l; i++) {
		if (hdr->val.p[i] < '0' || hdr->val.p[i] > '9')
			return 0;
	}

	return pl_u32(&hdr->val);
}

int session_body_print(struct re_printf *pf, struct mbuf *desc)
{
	const size_t len = desc ? mbuf_get_left(desc) : 0;

	return re_hprintf(pf, "%sContent-Length: %zu\r\n\r\n%b",
			  len ? "Content-Type: application/sdp\r\n" : "",
			  len, len ? mbuf_buf(desc) : NULL, len);
}

int session_contact_print(struct re_printf *pf, const struct session_reply *r)
{
	return stack_contact_reply(pf, r->sess->stack, r->msg);
}

void session_peer_allow(struct session *sess, const struct sip_msg *msg)
{
	if (sip_msg_hdr(msg, SIP_HDR_ALLOW))
		sess->peer_update = sip_msg_hdr_has_value(msg, SIP_HDR_ALLOW,
							  "UPDATE");
}

void session_set_handlers(struct session *sess,
			  const struct session_handlers *h)
{
	if (sess && h)
		sess->h = *h;
}

void session_set_options(struct session *sess,
			 const struct session_options *opt)
{
	if (!sess || !opt)
		return;

	sess->opt = *opt;
	sess->hdrs = mem_deref(sess->hdrs);
	if (opt->hdrs)
		(void)str_dup(&sess->hdrs, opt->hdrs);
	sess->opt.hdrs = NULL;

	/* what the INVITE asked for, seen with our own wish */
	if (sess->incoming && sess->msg)
		(void)timer_request(sess, sess->msg);
}

int session_hangup_because(struct session *sess, const char *reason)
{
	if (!sess)
		return EINVAL;

	sess->bye_reason = reason;
	leave(sess);
	session_end(sess, 0, 0, "Hung up");

	return 0;
}

int session_hangup(struct session *sess)
{
	return session_hangup_because(sess, NULL);
}

/* Until the ACK is here an offer or its answer is on its way */
bool session_is_modifying(const struct session *sess)
{
	return sess && (sess->invite || sess->update || sess->st ||
			session_accept_pending(sess) ||
			tmr_isrunning(&sess->tmr));
}

int session_modify(struct session *sess, struct mbuf *desc)
{
	if (!sess || !desc)
		return EINVAL;
	if (sess->rel.accept)
		return EALREADY;
	if (sess->state != SESSION_ESTABLISHED)
		return session_update(sess, desc);
	if (session_is_modifying(sess))
		return EALREADY;

	return session_reinvite(sess, desc);
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

const char *session_moved_to(const struct session *sess)
{
	return sess && sess->moved ? sess->moved : "";
}

bool session_elsewhere(const struct session *sess)
{
	return sess && sess->elsewhere;
}

const char *session_diverted_uri(const struct session *sess)
{
	return sess && sess->diverted_uri ? sess->diverted_uri : "";
}

const char *session_diverted_name(const struct session *sess)
{
	return sess && sess->diverted_name ? sess->diverted_name : "";
}

bool session_anonymous(const struct session *sess)
{
	return sess && sess->anonymous;
}

bool session_asks_answer(const struct session *sess)
{
	return sess && sess->asks_answer;
}

bool session_from_server(const struct session *sess)
{
	return sess && sess->from_server;
}

const struct sa *session_source(const struct session *sess)
{
	return sess ? &sess->src : NULL;
}
