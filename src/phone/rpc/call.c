/**
 * @file rpc/call.c  The methods call.*
 */
#include <string.h>

#include "call_rpc.h"
#include "json.h"
#include "params.h"
#include "phone/account/account.h"
#include "phone/call/call.h"
#include "phone/phone.h"

static bool fits_any(const struct call *call)
{
	return call_state(call) != CALL_ENDED;
}


static bool fits_ringing(const struct call *call)
{
	return call_incoming(call) && call_state(call) == CALL_RINGING;
}


bool rpc_call_fits_up(const struct call *call)
{
	return call_is_up(call);
}


bool rpc_call_fits_talking(const struct call *call)
{
	return call_is_up(call) && call_state(call) != CALL_HELD;
}


static bool fits_held(const struct call *call)
{
	return call_state(call) == CALL_HELD;
}


struct call *rpc_call_find(struct phone *ph, struct rpc_request *req,
			   json_t *params, const char *key,
			   rpc_call_fits_h *fits)
{
	struct call *call = NULL;
	struct le *le;
	int64_t id;
	int err;

	err = param_id(params, key, &id);
	if (!err) {
		call = call_by_id(ph->calls, (uint32_t)id);
		if (!call)
			rpc_fail(req, RPC_FAILED,
				 "There is no such call: see "
				 "`offhook calls`");
		return call;
	}
	if (err != ENOENT) {
		(void)param_missing(req, key);
		return NULL;
	}

	LIST_FOREACH(calls_list(ph->calls), le)
	{
		if (!fits(le->data))
			continue;
		if (call) {
			rpc_fail(req, RPC_FAILED,
				 "More than one call fits: say which, see "
				 "`offhook calls`");
			return NULL;
		}
		call = le->data;
	}

	if (!call)
		rpc_fail(req, RPC_FAILED, "There is no call to do this to");

	return call;
}


void rpc_call_reply(struct phone *ph, struct rpc_request *req,
		    const struct call *call, int err, const char *why)
{
	if (err)
		rpc_fail(req, RPC_FAILED, why);
	else
		rpc_reply(req, json_call(ph, call));
}


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	(void)params;
	rpc_reply(req, json_calls(ph));
}


static void dial_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	const char *target = param_str(params, "target"), *why = NULL;
	struct account *acc;
	struct call *call = NULL;
	int err;

	if (!target) {
		(void)param_missing(req, "target");
		return;
	}
	if (!param_account(ph, req, params, &acc))
		return;

	err = call_dial(&call, ph->calls, acc, target, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void answer_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_ringing);
	const char *why = NULL;

	if (call) {
		int err = call_answer(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void reject_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_ringing);
	const char *why = NULL;
	int64_t code = 0;
	int err;

	if (!call)
		return;

	if (param_id(params, "code", &code) == EINVAL ||
	    (code && (code < 300 || code > 699))) {
		(void)param_missing(req, "code");
		return;
	}

	err = call_reject(call, (uint16_t)code, &why);
	rpc_call_reply(ph, req, call, err, why);
}


static void hangup_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_any);
	const char *why = NULL;

	if (call) {
		int err = call_hangup(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void hold_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  rpc_call_fits_talking);
	const char *why = NULL;

	if (call) {
		int err = call_set_hold(call, true, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void resume_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_held);
	const char *why = NULL;

	if (call) {
		int err = call_set_hold(call, false, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void mute_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  rpc_call_fits_talking);
	const char *why = NULL;

	if (call) {
		int err = call_set_mute(call, true, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void unmute_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  rpc_call_fits_talking);
	const char *why = NULL;

	if (call) {
		int err = call_set_mute(call, false, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void record_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  rpc_call_fits_up);
	const char *why = NULL;

	if (call) {
		const bool on = param_bool(params, "on",
					   !call_recording(call));
		int err = call_record(call, on, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void silence_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_ringing);
	const char *why = NULL;

	if (call) {
		int err = call_silence(call, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


static void dtmf_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	const char *digits = param_str(params, "digits"), *why = NULL;
	struct call *call;

	if (!digits || !*digits) {
		(void)param_missing(req, "digits");
		return;
	}

	call = rpc_call_find(ph, req, params, "call",
					  rpc_call_fits_up);
	if (call) {
		int err = call_send_dtmf(call, digits, &why);

		rpc_call_reply(ph, req, call, err, why);
	}
}


const struct rpc_method rpc_call_methods[] = {
	{ "call.list", "", "[call]",
	  "All calls; ended ones stay for 5 s", list_method },
	{ "call.dial", "target, account?", "call",
	  "Call somebody: a SIP address, a contact or a number",
	  dial_method },
	{ "call.answer", "call?", "call",
	  "Answer a ringing call", answer_method },
	{ "call.reject", "call?, code?", "call",
	  "Refuse a ringing call (486, or the code)", reject_method },
	{ "call.hangup", "call?", "call",
	  "End a call, or stop calling", hangup_method },
	{ "call.hold", "call?", "call",
	  "Put a call on hold", hold_method },
	{ "call.resume", "call?", "call",
	  "Take a call back from hold", resume_method },
	{ "call.mute", "call?", "call",
	  "Send silence", mute_method },
	{ "call.record", "call?, on?", "call",
	  "Record both sides into a file, or no more; without on: "
	  "the other of the two", record_method },
	{ "call.unmute", "call?", "call",
	  "Send the microphone again", unmute_method },
	{ "call.silence", "call?", "call",
	  "Stop the ring tone, let the call ring", silence_method },
	{ "call.dtmf", "call?, digits", "call",
	  "Send DTMF digits", dtmf_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
