/**
 * @file call_dial.c  A call begins
 */
#include "call.h"

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/sip/stack.h"
#include "phone/trace/trace.h"


int call_dial(struct call **callp, struct calls *cs, struct account *acc,
	      const char *target, const char **why)
{
	struct session_handlers h = call_session_handlers;
	struct call *call = NULL;
	struct mbuf *desc = NULL;
	char *uri = NULL;
	int err;

	if (!callp || !cs || !target || !why)
		return EINVAL;

	*why = NULL;
	err = dial_resolve(&uri, &acc, target, cs->accounts, cs->contacts,
			     why);
	if (err)
		goto out;

	err = call_new(&call, cs, acc, false);
	if (!err) {
		call->peer_uri = mem_ref(uri);
		err = call_secure_dial(call, why);
	}
	if (!err)
		err = stream_encode(call->stream, &desc, true);
	if (err) {
		if (!*why)
			*why = call_stream_error(err);
		goto out;
	}

	h.arg = call;
	err = session_connect(&call->sess, account_stack(acc), uri, desc, NULL,
			      &h);
	if (err) {
		*why = err == EINVAL ? "This is not an address that can be "
				       "called"
				     : "The call could not be sent";
		goto out;
	}

	(void)str_dup(&call->transport,
		      sip_transp_name(session_transp(call->sess)));
	trace_name_call(session_call_id(call->sess), call->id);
	calls_hold_others(cs, call);
	info("call %u: calling %s\n", call->id, uri);
	*callp = call;
	call_changed(call);

 out:
	mem_deref(desc);
	mem_deref(uri);
	if (err)
		mem_deref(call);

	return err;
}
