/**
 * @file refer.c  Calls handed on: REFER, NOTIFY, sipfrag (RFC 3515)
 *
 * Ours: a REFER inside the call, its progress from the NOTIFYs. To hand on
 * to another call it names the very device at the end of that one (RFC 5589
 * 7.1), and the person where nobody finds the device (7.4). Theirs:
 * accepted with 202 and the word 100, then whoever holds the session
 * decides; what becomes of it is told in few NOTIFYs. One at a time each
 * way. Only inside a call (S-5): outside of one the dispatcher says 403.
 */
#include <string.h>

#include "address.h"
#include "gate.h"
#include "reason.h"
#include "session_priv.h"

enum {
	NOTIFY_MAX = 8,
	TEXT_MAX   = 64,
	TRIES      = 8,
	AGAIN_MS   = 600
};

/* Our REFER: lives in its request, and the session knows it */
struct refer_out {
	struct session *sess;    /* NULL: nobody is interested */
	struct tmr tmr;
	unsigned tries;
	char *hdrs;
	char *again;             /* The other way to say it, or NULL */
};

static void destructor(void *arg)
{
	struct refer_out *out = arg;

	tmr_cancel(&out->tmr);
	mem_deref(out->hdrs);
	mem_deref(out->again);
}

void refer_drop(struct session *sess)
{
	if (sess->refer.out) {
		sess->refer.out->sess = NULL;
		tmr_cancel(&sess->refer.out->tmr);
	}
	sess->refer.out = mem_deref(sess->refer.out);
}

/* ---- we ask ---- */

static void failed(struct session *sess, uint16_t scode)
{
	mem_ref(sess);
	refer_drop(sess);
	if (sess->h.referredh)
		sess->h.referredh(scode, true, sess->h.arg);
	mem_deref(sess);
}

static void refer_send(void *arg);

static void refer_response(int err, const struct sip_msg *msg, void *arg)
{
	struct refer_out *out = arg;

	if (!out->sess || (!err && msg->scode < 300))
		return;

	/* the peer is still busy with a hold of ours */
	if (!err && msg->scode == 491 && ++out->tries < TRIES)
		tmr_start(&out->tmr, AGAIN_MS, refer_send, out);
	else
		failed(out->sess, err ? 408 : msg->scode);
}

static void refer_send(void *arg)
{
	struct refer_out *out = arg;
	struct session *sess = out->sess;
	struct request_conf conf = {
		.met = "REFER",
		.dlg = sess->dlg,
		.flags = REQUEST_DIALOG | REQUEST_CONTACT,
		.hdrs = out->hdrs,
		.resph = refer_response,
		.arg = out,
		.own = out,
	};

	/* one change of the call after the other */
	if (sess->invite || sess->update || sess->st ||
	    session_accept_pending(sess)) {
		if (++out->tries < TRIES)
			tmr_start(&out->tmr, AGAIN_MS / 4, refer_send, out);
		else
			failed(sess, 491);
		return;
	}

	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	if (request_send(NULL, sess->stack, &conf))
		failed(sess, 500);
}

int session_replaces_value(char **valuep, const struct session *sess)
{
	if (!valuep || !sess || !sess->ltag || !sess->rtag)
		return ENOTCONN;

	/* RFC 3891 6.1: to-tag is the tag of whoever gets the INVITE */
	return re_sdprintf(valuep, "%s;to-tag=%s;from-tag=%s", sess->callid,
			   sess->rtag, sess->ltag);
}

static int lines(char **linesp, const struct session *sess, const char *uri)
{
	return re_sdprintf(linesp, "Refer-To: <%s>\r\n"
			   "Referred-By: <%s>\r\n", uri, sess->stack->aor);
}

/* The remote target as its device gave it: its parameters mean something
   there. Header fields that it may hold are of no use to us. */
static int device(char **urip, const struct session *sess)
{
	const char *uri = sip_dialog_uri(sess->dlg), *p;
	char *plain = NULL;
	struct pl pl;
	int err;

	if (!uri)
		return ENOENT;

	/* one that could be called at all */
	err = address_target(&plain, uri, NULL);
	mem_deref(plain);
	if (err)
		return err;

	p = strchr(uri, '?');
	pl.p = uri;
	pl.l = p ? (size_t)(p - uri) : strlen(uri);

	return pl_strdup(urip, &pl);
}

/* RFC 5589 7.1: the device at the end of that call; 7.4: whoever has that
   call at this address */
static int attended(struct refer_out *out, const struct session *sess,
		    const char *uri, const struct session *replaces)
{
	char *value = NULL, *dev = NULL, *one = NULL, *any = NULL;
	int err;

	err = session_replaces_value(&value, replaces);
	if (!err)
		err = re_sdprintf(&any, "%s?Replaces=%H&Require=replaces",
				  uri, header_escape, value);
	if (err)
		goto out;

	if (device(&dev, replaces)) {
		err = lines(&out->hdrs, sess, any);
		goto out;
	}

	err = re_sdprintf(&one, "%s?Replaces=%H", dev, header_escape, value);
	if (!err)
		err = lines(&out->hdrs, sess, one);
	if (!err && strcmp(dev, uri))
		err = lines(&out->again, sess, any);

 out:
	mem_deref(value);
	mem_deref(dev);
	mem_deref(one);
	mem_deref(any);

	return err;
}

int session_refer(struct session *sess, const char *target,
		  const struct session *replaces)
{
	struct refer_out *out = NULL;
	char *uri = NULL;
	int err;

	if (!sess || !target)
		return EINVAL;
	if (sess->state != SESSION_ESTABLISHED)
		return ENOTCONN;
	if (sess->refer.out)
		return EALREADY;

	err = address_target(&uri, target, NULL);
	if (err)
		return err;

	out = mem_zalloc(sizeof(*out), destructor);
	if (!out) {
		err = ENOMEM;
		goto out;
	}

	err = replaces ? attended(out, sess, uri, replaces) :
			 lines(&out->hdrs, sess, uri);
	if (err)
		goto out;

	out->sess = sess;
	sess->refer.out = mem_ref(out);
	tmr_start(&out->tmr, 0, refer_send, out);

 out:
	mem_deref(out);
	mem_deref(uri);

	return err;
}

/* The device was not found: the person may be */
static bool refer_again(struct session *sess, uint16_t scode)
{
	static const uint16_t lostv[] = { 403, 404, 408, 410, 416, 420, 480,
		481, 482, 483, 500, 502, 503, 504, 604 };
	struct refer_out *out = sess->refer.out;
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(lostv) && scode != lostv[i]; i++)
		;
	if (i == RE_ARRAY_SIZE(lostv) || !out->again)
		return false;

	mem_deref(out->hdrs);
	out->hdrs = out->again;
	out->again = NULL;
	out->tries = 0;
	tmr_start(&out->tmr, 0, refer_send, out);

	return true;
}

void refer_notify(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *ev = sip_msg_hdr(msg, SIP_HDR_EVENT);
	const struct sip_hdr *st = sip_msg_hdr(msg,
					       SIP_HDR_SUBSCRIPTION_STATE);
	uint16_t scode = 0;
	bool final, over;

	if (!ev || ev->val.l < 5 || memcmp(ev->val.p, "refer", 5)) {
		(void)sip_treply(NULL, sess->stack->sip, msg, 489,
				 "Bad Event");
		return;
	}
	(void)sip_treply(NULL, sess->stack->sip, msg,
			 sess->refer.out ? 200 : 481,
			 sess->refer.out ? "OK" : "No Such Subscription");
	if (!sess->refer.out)
		return;

	if (msg_ctype_cmp(&msg->ctyp, "message", "sipfrag"))
		scode = sipfrag_code((const char *)mbuf_buf(msg->mb),
				     mbuf_get_left(msg->mb));
	over = st && st->val.l >= 10 && !memcmp(st->val.p, "terminated", 10);
	final = over || scode >= 200;
	if (over && refer_again(sess, scode))
		return;
	if (final)
		refer_drop(sess);
	if (sess->h.referredh)
		sess->h.referredh(scode, final, sess->h.arg);
}

/* ---- they ask ---- */

static int notify(struct session *sess, uint16_t scode);

static void notify_response(int err, const struct sip_msg *msg, void *arg)
{
	struct session *sess = arg;
	const uint16_t next = sess->refer.next;

	if (!err && msg->scode < 200)
		return;

	sess->refer.next = 0;
	if (next && sess->state == SESSION_ESTABLISHED)
		(void)notify(sess, next);
}

/* One after the other, so that none overtakes another on its way; of those
   that wait only the last counts */
static int notify(struct session *sess, uint16_t scode)
{
	struct request_conf conf = {
		.resph = notify_response,
		.arg = sess,
		.met = "NOTIFY",
		.dlg = sess->dlg,
		.flags = REQUEST_DIALOG | REQUEST_CONTACT,
		.ctype = "message/sipfrag;version=2.0",
	};
	const bool final = scode >= 200;
	char *hdrs = NULL;
	int err;

	if (sess->refer.notify) {
		sess->refer.next = scode;
		return 0;
	}

	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	conf.body = mbuf_alloc(TEXT_MAX);
	if (!conf.body)
		return ENOMEM;

	err  = mbuf_printf(conf.body, "SIP/2.0 %u %s\r\n", (unsigned)scode,
			   scode == 100 ? "Trying" : scode < 200 ? "Ringing" :
			   scode < 300 ? "OK" : "Failed");
	conf.body->pos = 0;
	err |= re_sdprintf(&hdrs, "Event: refer;id=%u\r\n"
			   "Subscription-State: %s\r\n", sess->refer.id,
			   final ? "terminated;reason=noresource" :
			   "active;expires=60");
	conf.hdrs = hdrs;
	if (!err)
		err = request_send(&sess->refer.notify, sess->stack, &conf);
	mem_deref(conf.body);
	mem_deref(hdrs);

	return err;
}

int session_refer_answer(struct session *sess, uint16_t scode)
{
	int err = 0;

	if (!sess)
		return EINVAL;
	if (!sess->refer.in)
		return ENOENT;

	if (scode >= 200)
		sess->refer.in = false;
	if (!sess->refer.quiet && sess->state == SESSION_ESTABLISHED &&
	    (scode >= 200 || ++sess->refer.told < NOTIFY_MAX))
		err = notify(sess, scode);

	return err;
}

/* Who says so: Referred-By, else the peer of the call */
static int referred_by(char **byp, const struct session *sess,
		       const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFERRED_BY);
	struct sip_addr addr;
	char *text = NULL;

	if (hdr && !sip_addr_decode(&addr, &hdr->val) &&
	    !pl_strdup(&text, &addr.auri))
		(void)address_clean(byp, text, NULL);
	mem_deref(text);

	return *byp ? 0 : str_dup(byp, session_peer_uri(sess));
}

void refer_request(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REFER_TO);
	const struct session_reply reply = { sess, msg };
	const bool quiet = sip_msg_hdr_has_value(msg, SIP_HDR_REFER_SUB,
						 "false");
	struct sip *sip = sess->stack->sip;
	struct refer_to rt = { NULL, NULL };
	struct session_referral ref;
	char *by = NULL;
	int err;

	/* RFC 3515 2.4.1: exactly one */
	if (!hdr || sip_msg_hdr_count(msg, SIP_HDR_REFER_TO) != 1) {
		(void)sip_treply(NULL, sip, msg, 400, "Refer-To Missing");
		return;
	}
	err = refer_to_decode(&rt, &hdr->val);
	if (err || !sess->h.referh) {
		(void)sip_treply(NULL, sip, msg, err == EBADMSG ? 400 : 403,
				 err == EBADMSG ? "Bad Refer-To" :
				 "Forbidden");
		goto out;
	}
	if (sess->refer.in || sess->state != SESSION_ESTABLISHED) {
		(void)sip_treply(NULL, sip, msg, 491, "Request Pending");
		goto out;
	}
	err = referred_by(&by, sess, msg);
	if (err)
		goto out;

	(void)sip_treplyf(NULL, NULL, sip, msg, false, 202, "Accepted",
			  "%H%sContent-Length: 0\r\n\r\n",
			  session_contact_print, &reply,
			  quiet ? "Refer-Sub: false\r\n" : "");

	sess->refer.in = true;
	sess->refer.quiet = quiet;
	sess->refer.id = msg->cseq.num;
	sess->refer.told = 0;
	(void)session_refer_answer(sess, 100);

	ref.target = rt.uri;
	ref.by = by;
	ref.replaces = rt.replaces;
	sess->h.referh(&ref, sess->h.arg);

 out:
	mem_deref(by);
	mem_deref(rt.uri);
	mem_deref(rt.replaces);
}
