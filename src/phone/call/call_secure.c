/**
 * @file call_secure.c  How a call is protected, and whether that will do
 *
 * Joins the three who know a part of it: the policy says what may be
 * offered and accepted, the stream agrees on keys, the session carries the
 * offers. An offer that is answered 488 is followed by the next the policy
 * knows. What comes of it becomes the facts of the label; a call whose
 * label is below its minimum ends before a word was heard.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/module/registry.h"
#include "phone/sip/stack.h"

static const enum key_exchange ladder[] = {
	KEYS_ZRTP, KEYS_DTLS_SRTP, KEYS_SDES
};


static unsigned keys_there(void)
{
	unsigned have = 0;
	size_t i;

	if (!srtp_engine_known())
		return 0;

	for (i = 0; i < RE_ARRAY_SIZE(ladder); i++) {
		if (media_crypto_known(key_exchange_name(ladder[i])))
			have |= POLICY_KEYS(ladder[i]);
	}

	return have;
}


static enum media_profile profile(enum policy_profile p)
{
	switch (p) {
	case POLICY_SAVP:
		return PROFILE_SAVP;
	case POLICY_TLS_SAVP:
		return PROFILE_TLS_SAVP;
	default:
		return PROFILE_AVP;
	}
}


/* The address of an account as a URI, for who remembers by it */
static void own_uri(char *buf, size_t size, const struct call *call)
{
	(void)re_snprintf(buf, size, "sip:%s", account_address(call->acc));
}


static int protect(struct call *call, unsigned keys, enum media_profile prof,
		   bool required)
{
	struct stream_security sec;
	char own[256];
	size_t i, n = 0;

	own_uri(own, sizeof(own), call);
	memset(&sec, 0, sizeof(sec));
	for (i = 0; i < RE_ARRAY_SIZE(ladder); i++) {
		if (keys & POLICY_KEYS(ladder[i]))
			sec.ladder[n++] = key_exchange_name(ladder[i]);
	}
	sec.profile = prof;
	sec.required = required;
	sec.signalling_tls = call->facts.signalling_tls;
	sec.caller = !call->incoming;
	sec.own_uri = own;
	sec.peer_uri = call_peer_uri(call);
	sec.dir = call->cs->dir;

	return stream_set_security(call->stream, &sec);
}


/* The circumstances; they are fixed with the first offer */
static const struct policy *policy_of(struct call *call)
{
	const struct contact *c = contact_find_uri(call->cs->contacts,
						   call_peer_uri(call));
	struct policy *p = &call->secure.policy;

	p->minimum = policy_minimum(
		config_get(call->cs->config, "security.minimum"),
		account_conf(call->acc)->security,
		c ? contact_security(c) : NULL);
	p->signalling_tls = call->facts.signalling_tls;
	p->have = keys_there();

	return p;
}


/* What we would offer; only here it matters who had ZRTP before */
static void offers_make(struct call *call)
{
	struct call_secure *cs = &call->secure;

	cs->policy.zrtp_met = call_trust_known(call);
	cs->offerc = policy_offers(&cs->policy, cs->offerv);
	cs->offer = 0;
}


static int offer_set(struct call *call)
{
	const struct call_secure *cs = &call->secure;
	const struct policy_offer *o = &cs->offerv[cs->offer];

	return protect(call, o->keys, profile(o->profile),
		       policy_requires(&cs->policy));
}


int call_secure_dial(struct call *call, const char **why)
{
	const struct policy *p = policy_of(call);

	*why = policy_refusal(p);
	if (*why)
		return EPERM;

	offers_make(call);

	return offer_set(call);
}


bool call_secure_again(struct call *call, uint16_t scode)
{
	struct session_handlers h = call_session_handlers;
	struct call_secure *cs = &call->secure;
	struct session *sess = NULL;
	struct session_options opt;
	struct mbuf *desc = NULL;
	int err;

	if (call->incoming || call->answered || call->state == CALL_ENDED ||
	    (scode != 488 && scode != 606))
		return false;

	if (cs->offer + 1 >= cs->offerc) {
		if (policy_requires(&cs->policy))
			str_ncpy(cs->why, policy_refused(&cs->policy),
				 sizeof(cs->why));
		return false;
	}

	++cs->offer;
	h.arg = call;
	call_options(&opt, call);
	err = offer_set(call);
	if (!err)
		err = stream_encode(call->stream, &desc, true);
	if (!err)
		err = session_connect(&sess, account_stack(call->acc),
				      call_peer_uri(call), desc, &opt, &h);
	mem_deref(desc);
	if (err) {
		warning("call %u: another offer: %m\n", call->id, err);
		return false;
	}

	info("call %u: refused (%u), another offer is made\n", call->id,
	     scode);
	mem_deref(call->sess);
	call->sess = sess;
	call->state = CALL_CALLING;

	return true;
}


int call_secure_invited(struct call *call, struct mbuf *desc,
			const char **why)
{
	const struct policy *p = policy_of(call);
	int err;

	*why = policy_refusal(p);
	if (*why)
		return EPERM;

	/* without an offer we make ours in the answer */
	if (!desc) {
		offers_make(call);
		return offer_set(call);
	}

	err = protect(call, policy_accepts(p, stream_demands_keys(desc)),
		      PROFILE_AVP, policy_requires(p));
	if (!err)
		err = stream_decode(call->stream, desc, true);
	if (err == ENOKEY)
		*why = policy_requires(p) ? policy_unmet(p->minimum) :
			"it is encrypted in a way this phone cannot do";

	return err;
}


/* ---- what goes wrong -----------------------------------------------------*/

void call_secure_alarm(struct call *call, const char *kind,
		       const char *text)
{
	struct call_secure *cs = &call->secure;
	struct call_alarm *a = NULL;
	size_t i;

	for (i = 0; i < cs->alarmc && !a; i++) {
		if (!strcmp(cs->alarmv[i].kind, kind))
			a = &cs->alarmv[i];
	}
	if (!a && cs->alarmc < CALL_ALARMS)
		a = &cs->alarmv[cs->alarmc++];

	if (a) {
		str_ncpy(a->kind, kind, sizeof(a->kind));
		str_ncpy(a->text, text, sizeof(a->text));
		a->acknowledged = false;
	}

	event_notice(LOGL_WARNING, "Call %u with %s: %s", call->id,
		     call_peer_uri(call), text);
}


int call_secure_refuse(struct call *call, int err)
{
	if (err == EACCES)
		call_secure_alarm(call, "downgrade",
				  "somebody tried to take the encryption "
				  "away or to change whose it is; refused, "
				  "the call goes on as it was");
	else if (err == ENOKEY)
		str_ncpy(call->secure.why,
			 policy_unmet(call->secure.policy.minimum),
			 sizeof(call->secure.why));

	call_changed(call);

	return err;
}


/* Not good enough: nobody has heard anything yet */
static void give_up(struct call *call, const char *why)
{
	(void)session_hangup(call->sess);
	call_end(call, 0, 0, why);
}


/* ---- the stream speaks ---------------------------------------------------*/

static void secured(struct call *call)
{
	const struct call_secure *cs = &call->secure;
	const char *why;

	call->facts.keys = key_exchange_decode(
		stream_crypto_way(call->stream));
	call_trust_met(call);

	info("call %u: encrypted (%s), label %s\n", call->id,
	     key_exchange_name(call->facts.keys),
	     label_name(call_label(call)));

	/* Only words can tell whether a device that was not expected is in
	 * the middle, and they need a call */
	why = policy_verdict(cs->policy.minimum, call->facts.alarm &&
			     call->facts.keys == KEYS_ZRTP ? LABEL_E2E :
			     call_label(call));
	if (why) {
		event_notice(LOGL_WARNING, "Call %u with %s: %s", call->id,
			     call_peer_uri(call), why);
		give_up(call, why);
	}
}


/* Somebody said they can and now they do not */
static void no_peer(struct call *call, const char *text)
{
	if (policy_requires(&call->secure.policy)) {
		give_up(call, text);
		return;
	}

	call_secure_alarm(call, "no-peer", text);
	(void)stream_set_clear(call->stream);
}


/* RFC 4568 6.1: a key is good for so many packets */
static void renew(struct call *call)
{
	int err;

	info("call %u: keys are nearly used up, others are agreed on\n",
	     call->id);
	stream_renew(call->stream);
	err = call_reoffer(call);
	if (err)
		warning("call %u: no other keys: %m\n", call->id, err);
}


/*
 * ZRTP comes from somebody who did not announce it, and who may say nothing
 * without: then we announce ours. It may stand in the offer that is open:
 * whoever reads that may speak before we read the answer. They speak again
 */
static void wanted(struct call *call)
{
	struct call_secure *cs = &call->secure;
	const unsigned keys = policy_accepts(&cs->policy, false);
	int err = 0;

	if (cs->upgraded || !call_is_up(call) ||
	    !(keys & POLICY_KEYS(KEYS_ZRTP)) ||
	    *stream_crypto_way(call->stream) ||
	    session_is_modifying(call->sess))
		return;

	cs->upgraded = true;
	info("call %u: the other side speaks ZRTP\n", call->id);
	if (!stream_shows(call->stream, key_exchange_name(KEYS_ZRTP)))
		err = protect(call, keys, PROFILE_AVP,
			      policy_requires(&cs->policy));
	if (!err)
		err = call_reoffer(call);
	if (err)
		warning("call %u: no keys: %m\n", call->id, err);
}


static void alarm_raised(struct call *call, const struct stream_crypto *ev)
{
	const bool breaks = call_trust_alarm(call, ev->alarm);

	call->facts.alarm |= breaks;
	call_secure_alarm(call, ev->alarm, ev->text);

	/* What words can settle waits for them */
	if (breaks && strcmp(ev->alarm, "cache-mismatch") &&
	    policy_verdict(call->secure.policy.minimum, LABEL_BROKEN))
		give_up(call, ev->text);
}


void call_secure_event(struct call *call, const struct stream_crypto *ev)
{
	struct call_secure *cs = &call->secure;
	const enum call_state before = call->state;

	if (ev->ev == CRYPTO_SECURE || ev->ev == CRYPTO_CHANGED ||
	    ev->ev == CRYPTO_NO_PEER)
		cs->info = *ev;

	switch (ev->ev) {

	case CRYPTO_SECURE:
	case CRYPTO_CHANGED:
		if (ev->ev == CRYPTO_SECURE || call->facts.keys)
			secured(call);
		break;

	case CRYPTO_ALARM:
		alarm_raised(call, ev);
		break;

	case CRYPTO_NO_PEER:
		no_peer(call, ev->text);
		break;

	case CRYPTO_FAILED:
		give_up(call, ev->text);
		break;

	case CRYPTO_WORN:
		renew(call);
		break;

	case CRYPTO_WANTED:
		wanted(call);
		break;
	}

	if (call->state != CALL_ENDED || before == CALL_ENDED)
		call_changed(call);
}
