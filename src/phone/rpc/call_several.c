/**
 * @file rpc/call_several.c  The methods call.* about more than one party
 *
 * Transfer, conference, pick-up, swap, and the questions that the network
 * may not answer for the user.
 */
#include <string.h>

#include "call_rpc.h"
#include "params.h"
#include "phone/account/account.h"
#include "phone/call/call.h"
#include "phone/phone.h"


static bool fits_held(const struct call *call)
{
	return call_held(call);
}


static bool fits_asks(const struct call *call)
{
	return call_question_kind(call) != QUESTION_NONE;
}


static bool fits_joined(const struct call *call)
{
	return call_conference(call) != 0;
}


static bool fits_ringing(const struct call *call)
{
	return call_incoming(call) && call_state(call) == CALL_RINGING;
}


static void transfer_method(struct phone *ph, struct rpc_request *req,
			    json_t *params)
{
	const char *target = param_str(params, "target"), *why = NULL;
	const bool attended = json_object_get(params, "other") != NULL;
	struct call *call, *other;
	int err;

	if (!target && !attended) {
		(void)param_missing(req, "target");
		return;
	}

	call = rpc_call_find(ph, req, params, "call", rpc_call_fits_talking);
	if (!call)
		return;

	if (!attended) {
		err = call_transfer(call, target, &why);
		rpc_call_reply(ph, req, call, err, why);
		return;
	}

	other = rpc_call_find(ph, req, params, "other", fits_held);
	if (!other)
		return;
	err = call_transfer_to(call, other, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void join_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct call *call, *other;
	const char *why = NULL;
	int err;

	call = rpc_call_find(ph, req, params, "call", rpc_call_fits_talking);
	other = call ? rpc_call_find(ph, req, params, "other", fits_held) :
		       NULL;
	if (!other)
		return;

	err = call_join(call, other, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void split_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	struct call *call;
	const char *why = NULL;
	int err;

	call = rpc_call_find(ph, req, params, "call", fits_joined);
	if (!call)
		return;

	err = call_split(call, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void swap_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct call *call = NULL;
	const char *why = NULL;
	int err;

	if (json_object_get(params, "call")) {
		call = rpc_call_find(ph, req, params, "call", fits_held);
		if (!call)
			return;
	}

	err = call_swap(&call, ph->calls, call, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void redial_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = NULL;
	const char *why = NULL;
	int err;
	(void)params;

	err = call_redial(&call, ph->calls, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void pickup_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	const char *target = param_str(params, "target"), *why = NULL;
	const struct call_dialog dlg = {
		.call_id = param_str(params, "call_id"),
		.local_tag = param_str(params, "local_tag"),
		.remote_tag = param_str(params, "remote_tag"),
		.early = param_bool(params, "early", true),
	};
	struct account *acc;
	struct call *call = NULL;
	int err;

	if (!target || !dlg.call_id || !dlg.local_tag || !dlg.remote_tag) {
		(void)param_missing(req, !target ? "target" :
				    !dlg.call_id ? "call_id" :
				    !dlg.local_tag ? "local_tag" :
				    "remote_tag");
		return;
	}
	if (!param_account(ph, req, params, &acc))
		return;

	err = call_pickup(&call, ph->calls, acc, target, &dlg, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void allow_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_asks);
	const char *why = NULL;

	if (call) {
		int err = call_allow(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void deny_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_asks);
	const char *why = NULL;

	if (call) {
		int err = call_deny(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void early_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_ringing);
	const char *why = NULL;

	if (call) {
		int err = call_early(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


const struct rpc_method rpc_call_several_methods[] = {
	{ "call.transfer", "call?, target | other", "call",
	  "Hand the peer on to a target, or to the peer of the other "
	  "call", transfer_method },
	{ "call.join", "call?, other?", "call",
	  "Mix two calls: all in the conference hear one another",
	  join_method },
	{ "call.split", "call?", "call",
	  "Take a call out of its conference and hold it", split_method },
	{ "call.swap", "call?", "call",
	  "Hold who talks and talk to the one that is held; the call "
	  "that is talked to now", swap_method },
	{ "call.redial", "", "call",
	  "Call the last one again", redial_method },
	{ "call.pickup",
	  "target, call_id, local_tag, remote_tag, early?, account?",
	  "call",
	  "Take the place of a call that rings elsewhere (Replaces, "
	  "RFC 3891)", pickup_method },
	{ "call.allow", "call?", "call",
	  "Yes to a question: go where the call is sent to", allow_method },
	{ "call.deny", "call?", "call",
	  "No to that question", deny_method },
	{ "call.early", "call?", "call",
	  "Let the caller hear us before the answer", early_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
