/**
 * @file call_in.c  Somebody calls
 *
 * Who may ring is decided here, before there is a call: what the settings
 * forbid, what cannot be spoken to and what is too much is refused with the
 * answer SIP has for it. Screening by caller gets its room here.
 */
#include "call.h"

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/sip/address.h"
#include "phone/trace/trace.h"


static void ring_timeout(void *arg)
{
	struct call *call = arg;

	(void)session_reject(call->sess, 480, "Temporarily Unavailable");
	call_end(call, 0, 480, "Nobody answered");
}


/* Refuse before there is a call */
static void refuse(struct session *sess, uint16_t scode, const char *phrase)
{
	(void)session_reject(sess, scode, phrase);
	mem_deref(sess);
}


static uint32_t ringing(const struct calls *cs)
{
	uint32_t n = 0;
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		const struct call *call = le->data;

		if (call->incoming && call->state == CALL_RINGING)
			++n;
	}

	return n;
}


void call_incoming_handler(struct account *acc, struct session *sess,
			   void *arg)
{
	struct session_handlers h = call_session_handlers;
	struct calls *cs = arg;
	struct mbuf *desc = session_remote_desc(sess);
	const char *why = NULL;
	struct call *call;
	int err;

	if (ringing(cs) >= CALL_RINGING_MAX) {
		refuse(sess, 486, "Busy Here");
		return;
	}

	err = call_new(&call, cs, acc, true);
	if (err) {
		warning("call: incoming: %m\n", err);
		refuse(sess, 500, "Server Internal Error");
		return;
	}

	call->facts.signalling_tls = session_transp(sess) == SIP_TRANSP_TLS;
	if (address_clean(&call->peer_uri, session_peer_uri(sess), NULL))
		(void)str_dup(&call->peer_uri, session_peer_uri(sess));

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
	(void)str_dup(&call->peer_name, session_peer_name(sess));
	(void)str_dup(&call->transport,
		      sip_transp_name(session_transp(sess)));
	session_set_handlers(sess, &h);

	if (account_conf(acc)->auto_answer) {
		err = call_answer(call, &why);
		if (err)
			warning("call %u: %s\n", call->id, why);
		info("call %u: from %s, answered\n", call->id,
		     call->peer_uri);
		return;
	}

	(void)session_ring(sess, NULL);
	info("call %u: from %s\n", call->id, call->peer_uri);
	tmr_start(&call->tmr, config_u32(cs->config, "call.ring") * 1000,
		  ring_timeout, call);
	call_changed(call);
}
