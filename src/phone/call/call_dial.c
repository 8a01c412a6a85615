/**
 * @file call_dial.c  We call somebody
 *
 * One way for all calls of ours: dialled, redialled, sent on by a 3xx or a
 * REFER, picked up.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/config.h"
#include "phone/sip/stack.h"
#include "phone/store/call_log.h"
#include "phone/trace/trace.h"


void call_options(struct session_options *opt, const struct call *call)
{
	const char *rel = config_get(call->cs->config, "call.reliable");

	memset(opt, 0, sizeof(*opt));
	opt->expires = config_u32(call->cs->config, "call.session_timer");
	opt->hdrs = call->hdrs;
	if (rel && !strcmp(rel, "require"))
		opt->rel = SESSION_REL_REQUIRED;
	else if (rel && !strcmp(rel, "off"))
		opt->rel = SESSION_REL_OFF;
}


int call_connect(struct call *call, const char *uri, const char **why)
{
	struct session_handlers h = call_session_handlers;
	struct session_options opt;
	struct mbuf *desc = NULL;
	char *peer = NULL;
	int err;

	*why = NULL;
	err = str_dup(&peer, uri);
	if (err)
		goto out;
	mem_deref(call->peer_uri);
	call->peer_uri = peer;

	err = call_secure_dial(call, why);
	if (!err)
		err = stream_encode(call->stream, &desc, true);
	if (err) {
		if (!*why)
			*why = call_stream_error(err);
		goto out;
	}

	call_options(&opt, call);
	h.arg = call;
	err = session_connect(&call->sess, account_stack(call->acc), uri,
			      desc, &opt, &h);
	if (err) {
		*why = err == EINVAL ? "This is not an address that can be "
				       "called"
				     : "The call could not be sent";
		goto out;
	}

	call->transport = mem_deref(call->transport);
	(void)str_dup(&call->transport,
		      sip_transp_name(session_transp(call->sess)));
	trace_name_call(session_call_id(call->sess), call->id);
	info("call %u: calling %s\n", call->id, uri);

 out:
	mem_deref(desc);

	return err;
}


int call_begin(struct call **callp, struct calls *cs, struct account *acc,
	       const char *uri, const char *hdrs, const char **why)
{
	struct call *call = NULL;
	int err;

	*why = NULL;
	err = call_new(&call, cs, acc, false);
	if (err) {
		*why = call_stream_error(err);
		return err;
	}

	if (hdrs)
		err = str_dup(&call->hdrs, hdrs);
	if (!err)
		err = call_connect(call, uri, why);
	if (err) {
		mem_deref(call);
		return err;
	}

	calls_hold_others(cs, call);
	*callp = call;
	call_changed(call);

	return 0;
}


int call_dial(struct call **callp, struct calls *cs, struct account *acc,
	      const char *target, const char **why)
{
	char *uri = NULL;
	int err;

	if (!callp || !cs || !target || !why)
		return EINVAL;

	err = dial_resolve(&uri, &acc, target, cs->accounts, cs->contacts,
			   why);
	if (!err)
		err = call_begin(callp, cs, acc, uri, NULL, why);
	if (!err) {
		mem_deref(cs->last_target);
		cs->last_target = mem_ref(uri);
		mem_deref(cs->last_account);
		cs->last_account = mem_ref(acc);
	}
	mem_deref(uri);

	return err;
}


static bool out_handler(const struct call_log_entry *entry, void *arg)
{
	return !entry->incoming && !str_dup(arg, entry->peer_uri);
}


int call_redial(struct call **callp, struct calls *cs, const char **why)
{
	struct account *acc = NULL;
	char *target = NULL;
	int err;

	if (cs->last_target) {
		target = mem_ref(cs->last_target);
		/* it may have been switched off since */
		if (account_stack(cs->last_account))
			acc = cs->last_account;
	}
	else if (cs->db) {
		(void)call_log_list(cs->db, 0, 1000, NULL, out_handler,
				    &target);
	}

	if (!target) {
		*why = "Nobody was called yet";
		return ENOENT;
	}

	err = call_dial(callp, cs, acc, target, why);
	mem_deref(target);

	return err;
}
