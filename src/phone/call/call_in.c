/**
 * @file call_in.c  Somebody calls
 *
 * Who may ring is decided here, before there is a call: what cannot be
 * spoken to and whom the rules of screening.c do not want is refused with
 * the answer SIP has for it.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/sip/address.h"
#include "phone/trace/trace.h"

enum {
	SHORT_RING = 1000,      /* before a call is answered by itself */
	MUTED_MS   = 2000       /* S-6 */
};


static void ring_timeout(void *arg)
{
	struct call *call = arg;
	const char *target = config_get(call->cs->config,
					"forward.no_answer");

	if (target && *target &&
	    !session_redirect(call->sess, target, "no-answer")) {
		call_end(call, 0, 302, "Nobody answered: sent on to another "
				       "address");
		return;
	}

	(void)session_reject(call->sess, 480, "Temporarily Unavailable");
	call_end(call, 0, 480, "Nobody answered");
}


/* Refuse before there is a call */
static void refuse(struct session *sess, uint16_t scode, const char *phrase)
{
	(void)session_reject(sess, scode, phrase);
	mem_deref(sess);
}


static const char *setting(const struct calls *cs, const char *key)
{
	const char *v = config_get(cs->config, key);

	return v ? v : "";
}


static void count(const struct calls *cs, struct screening_caller *caller)
{
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		const struct call *call = le->data;

		if (call->state == CALL_ENDED)
			continue;
		if (call->incoming && !call_is_up(call))
			++caller->ringing;
		else
			++caller->up;
	}
}


static bool rules_name_people(const struct calls *cs)
{
	return config_bool(cs->config, "call.contacts_only") ||
	       !config_bool(cs->config, "call.anonymous") ||
	       *setting(cs, "call.block") || *setting(cs, "call.answer_for");
}


static struct screening_result judge(struct calls *cs,
				     const struct session *sess,
				     const char *uri)
{
	const struct contact *c = contact_find_uri(cs->contacts, uri);
	const struct screening_rules rules = {
		.dnd = config_bool(cs->config, "call.dnd"),
		.contacts_only = config_bool(cs->config,
					     "call.contacts_only"),
		.anonymous = config_bool(cs->config, "call.anonymous"),
		.waiting = config_bool(cs->config, "call.waiting"),
		.block = setting(cs, "call.block"),
		.answer = setting(cs, "call.answer_for"),
		.forward_always = setting(cs, "forward.always"),
		.forward_busy = setting(cs, "forward.busy"),
		.ringing_max = CALL_RINGING_MAX,
		.burst_max = CALL_BURST_MAX,
	};
	struct screening_caller caller = {
		.uri = uri,
		.contact = c ? contact_name(c) : "",
		.anonymous = session_anonymous(sess),
		.asks_answer = session_asks_answer(sess),
		.trusted_path = session_from_server(sess),
	};

	count(cs, &caller);
	/* whoever talks to us may call as often as it likes */
	caller.burst = c ? 0 : screening_count(&cs->sources, uri,
					       tmr_jiffies());

	return screening_judge(&rules, &caller);
}


/* Done with it, if it does not ring */
static bool screened(struct calls *cs, struct account *acc,
		     struct session *sess, const char *uri,
		     struct screening_result *r)
{
	if (rules_name_people(cs))
		(void)calls_need_store(cs);
	*r = judge(cs, sess, uri);

	switch (r->verdict) {

	case SCREENING_REFUSE:
		info("call: from %s: refused: %s\n", uri,
		     r->why ? r->why : "too many calls");
		break;

	case SCREENING_FORWARD:
		if (!session_redirect(sess, r->target, r->phrase)) {
			r->scode = 302;
			r->missed = true;
			break;
		}
		warning("call: cannot send on to %s\n", r->target);
		return false;

	default:
		return false;
	}

	(void)calls_need_store(cs);
	if (r->why)
		calls_log_refused(cs, acc, uri, session_peer_name(sess),
				  r->scode, r->why, r->missed);
	if (r->verdict == SCREENING_REFUSE)
		(void)session_reject(sess, r->scode, r->phrase);

	return true;
}


static void unmute_handler(void *arg)
{
	const char *why;

	(void)call_set_mute(arg, false, &why);
}


static void answer_handler(void *arg)
{
	struct call *call = arg;
	const char *why = NULL;

	(void)call_set_mute(call, true, &why);
	if (call_answer(call, &why)) {
		warning("call %u: %s\n", call->id, why);
		return;
	}
	event_notice(LOGL_INFO, "The call of %s was answered by itself",
		     call_peer_uri(call));
	tmr_start(&call->unmute_tmr, MUTED_MS, unmute_handler, call);
}


static void describe(struct call *call, struct session *sess)
{
	struct session_options opt;

	(void)str_dup(&call->peer_name, session_peer_name(sess));
	(void)str_dup(&call->transport,
		      sip_transp_name(session_transp(sess)));
	(void)str_dup(&call->diverted_uri, session_diverted_uri(sess));
	(void)str_dup(&call->diverted_name, session_diverted_name(sess));
	call_options(&opt, call);
	session_set_options(sess, &opt);
}


static void ring(struct call *call, enum screening_verdict verdict)
{
	const char *why = NULL;

	if (account_conf(call->acc)->auto_answer) {
		if (call_answer(call, &why))
			warning("call %u: %s\n", call->id, why);
		info("call %u: from %s, answered\n", call->id,
		     call->peer_uri);
		return;
	}

	(void)session_ring(call->sess, NULL);
	info("call %u: from %s\n", call->id, call->peer_uri);
	if (verdict == SCREENING_ANSWER)
		tmr_start(&call->tmr, SHORT_RING, answer_handler, call);
	else
		tmr_start(&call->tmr,
			  config_u32(call->cs->config, "call.ring") * 1000,
			  ring_timeout, call);
	call_changed(call);
}


/* An INVITE that takes the place of a call: the call, NULL: it is none.
   False: it wants one that it may not have, and was refused */
static bool replaces(struct calls *cs, struct session *sess,
		     struct call **callp)
{
	struct session *old;
	uint16_t scode;

	old = session_replaced(sess, &scode);
	*callp = old ? call_of_session(cs, old) : NULL;
	if (!scode && (!old || *callp))
		return true;

	refuse(sess, scode ? scode : 481, "Call Does Not Exist");

	return false;
}


void call_incoming_handler(struct account *acc, struct session *sess,
			   void *arg)
{
	struct session_handlers h = call_session_handlers;
	struct screening_result r = { .verdict = SCREENING_RING };
	struct calls *cs = arg;
	struct mbuf *desc = session_remote_desc(sess);
	const char *why = NULL;
	struct call *call, *old;
	char *uri = NULL;
	int err;

	if (!replaces(cs, sess, &old))
		return;

	if (address_clean(&uri, session_peer_uri(sess), NULL) &&
	    str_dup(&uri, session_peer_uri(sess))) {
		refuse(sess, 500, "Server Internal Error");
		return;
	}
	if (!old && screened(cs, acc, sess, uri, &r)) {
		mem_deref(uri);
		mem_deref(sess);
		return;
	}

	err = call_new(&call, cs, acc, true);
	if (err) {
		warning("call: incoming: %m\n", err);
		mem_deref(uri);
		refuse(sess, 500, "Server Internal Error");
		return;
	}

	call->facts.signalling_tls = session_transp(sess) == SIP_TRANSP_TLS;
	call->peer_uri = uri;

	err = call_secure_invited(call, desc, &why);
	if (err) {
		info("call %u: no codec or encryption in common: %m\n",
		     call->id, err);
		if (why)
			event_notice(LOGL_WARNING,
				     "A call from %s was refused: %s",
				     call->peer_uri, why);
		mem_deref(call);
		refuse(sess, 488, "Not Acceptable Here");
		return;
	}

	h.arg = call;
	call->sess = sess;
	trace_name_call(session_call_id(sess), call->id);
	call->state = CALL_RINGING;
	session_set_handlers(sess, &h);
	describe(call, sess);

	if (old)
		call_replaced(old, call);
	else
		ring(call, r.verdict);
}
