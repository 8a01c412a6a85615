/**
 * @file session_timer.c  Calls whose other side has gone (RFC 4028)
 *
 * Both sides agree in every INVITE, UPDATE and their 2xx on a time and on
 * who refreshes. Whoever does, does so at half the time; the other one
 * hangs up shortly before the end if nothing came.
 */
#include "session_priv.h"

enum {
	TIMER_LEAST = 90,        /* RFC 4028 5: seconds */
	TIMER_TRIES = 3,
	TIMER_GRACE = 32
};

static void gone(struct session *sess)
{
	session_bye(sess->stack, sess->dlg, sess->incoming,
		    "SIP;cause=408;text=\"Session timer expired\"");
	session_end(sess, ETIMEDOUT, 0,
		    "The other side is gone: nothing was heard from it in "
		    "time");
}

static int refresh(struct session *sess)
{
	struct mbuf *desc = NULL;
	int err;

	if (sess->peer_update)
		return session_update(sess, NULL);

	err = sess->h.offerh ? sess->h.offerh(&desc, NULL, sess->h.arg) :
		ENOSYS;
	if (!err)
		err = session_reinvite(sess, desc);
	mem_deref(desc);

	return err;
}

static void handler(void *arg)
{
	struct session *sess = mem_ref(arg);

	if (sess->state != SESSION_ESTABLISHED)
		goto out;

	if (!sess->timer.ours) {
		gone(sess);
		goto out;
	}

	/* a change that is under way refreshes as well */
	if (sess->invite || sess->update || sess->st ||
	    tmr_isrunning(&sess->tmr) || refresh(sess))
		tmr_start(&sess->timer.tmr, 1000, handler, sess);

 out:
	mem_deref(sess);
}

void timer_start(struct session *sess)
{
	struct session_timer *t = &sess->timer;
	uint64_t secs;

	tmr_cancel(&t->tmr);
	if (!t->secs || sess->state != SESSION_ESTABLISHED)
		return;

	secs = t->ours ? t->secs / 2 :
		t->secs - MIN((uint32_t)TIMER_GRACE, t->secs / 3);
	tmr_start(&t->tmr, MAX(secs, 1u) * 1000, handler, sess);
}

/* ---- what is said ---- */

int timer_request_print(struct re_printf *pf, const struct session *sess)
{
	const struct session_timer *t = &sess->timer;
	uint32_t secs = t->secs ? t->secs : sess->opt.expires;
	int err;

	if (!secs)
		return 0;

	secs = MAX(secs, MAX(t->min, (uint32_t)TIMER_LEAST));
	err = re_hprintf(pf, "Session-Expires: %u%s\r\n", secs,
			 !t->secs ? "" :
			 t->ours ? ";refresher=uac" : ";refresher=uas");
	if (t->min)
		err |= re_hprintf(pf, "Min-SE: %u\r\n", t->min);

	return err;
}

int timer_reply_print(struct re_printf *pf, const struct session *sess)
{
	const struct session_timer *t = &sess->timer;

	if (!t->secs)
		return 0;

	return re_hprintf(pf, "%sSession-Expires: %u;refresher=%s\r\n",
			  t->ours ? "" : "Require: timer\r\n", t->secs,
			  t->ours ? "uas" : "uac");
}

/* ---- what is heard ---- */

bool timer_request(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES);
	const bool able = sip_msg_hdr_has_value(msg, SIP_HDR_SUPPORTED,
						"timer");
	const uint32_t min = MAX(session_hdr_u32(msg, SIP_HDR_MIN_SE),
				 (uint32_t)TIMER_LEAST);
	struct session_timer *t = &sess->timer;
	struct session_expires se = { 0, REFRESHER_NONE };

	if (hdr && session_expires_decode(&se, &hdr->val))
		return true;

	if (hdr && se.secs < TIMER_LEAST && able) {
		(void)sip_treplyf(NULL, NULL, sess->stack->sip, msg, false,
				  422, "Session Interval Too Small",
				  "Min-SE: %u\r\n"
				  "Content-Length: 0\r\n\r\n",
				  (unsigned)TIMER_LEAST);
		return false;
	}

	if (!hdr && (!able || !sess->opt.expires)) {
		t->secs = 0;
		return true;
	}

	t->secs = MAX(hdr ? se.secs : sess->opt.expires, min);
	/* ours may be shorter, never below what was asked for */
	if (hdr && sess->opt.expires && sess->opt.expires < t->secs)
		t->secs = MAX(sess->opt.expires, min);

	/* RFC 4028 9, table 2 */
	t->ours = !able || se.refresher == REFRESHER_UAS || !hdr;

	return true;
}

void timer_response(struct session *sess, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES);
	struct session_timer *t = &sess->timer;
	struct session_expires se;

	t->tries = 0;
	if (!hdr || session_expires_decode(&se, &hdr->val)) {
		t->secs = 0;
		return;
	}

	t->secs = se.secs;
	t->ours = se.refresher != REFRESHER_UAS;
}

bool timer_too_small(struct session *sess, const struct sip_msg *msg)
{
	const uint32_t min = session_hdr_u32(msg, SIP_HDR_MIN_SE);
	struct session_timer *t = &sess->timer;

	if (min <= t->min || ++t->tries > TIMER_TRIES)
		return false;

	t->min = min;

	return true;
}
