/**
 * @file rpc/phone.c  The methods phone.*, and the table of all tables
 */
#include "phone/phone.h"

#include <time.h>
#include <unistd.h>

#include "json.h"
#include "notify.h"
#include "params.h"

const struct rpc_namespace rpc_namespaces[] = {
	{ rpc_phone_methods, true },
	{ rpc_account_methods, true },
	{ rpc_call_methods, false },
	{ rpc_call_several_methods, false },
	{ rpc_call_rules_methods, false },
	{ rpc_secure_methods, false },
	{ rpc_chat_methods, false },
	{ rpc_contact_methods, false },
	{ rpc_presence_methods, false },
	{ rpc_log_methods, false },
	{ rpc_audio_methods, false },
	{ rpc_config_methods, true },
	{ rpc_trace_methods, true },
	{ NULL, false },
};


static void describe_method(struct phone *ph, struct rpc_request *req,
			    json_t *params)
{
	json_t *methods = json_array(), *events = json_array();
	const struct rpc_namespace *ns;
	const struct rpc_method *m;
	const struct notify_row *ev;
	(void)ph;
	(void)params;

	for (ns = rpc_namespaces; ns->methods; ns++) {
		for (m = ns->methods; m->name; m++)
			(void)json_array_append_new(
				methods,
				json_pack("{s:s, s:s, s:s, s:s}", "name",
					  m->name, "params", m->params,
					  "result", m->result, "help",
					  m->help));
	}

	/* Not "name": what completes methods looks for that */
	for (ev = notify_rows; ev->name; ev++)
		(void)json_array_append_new(
			events, json_pack("{s:s, s:s}", "event", ev->name,
					  "params", ev->params));

	rpc_reply(req, json_pack("{s:o, s:o}", "methods", methods, "events",
				 events));
}


static void status_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	json_t *obj;
	(void)params;

	phone_prepare(ph);
	obj = json_pack("{s:s, s:i, s:I, s:o, s:o, s:o}", "version",
			OFFHOOK_VERSION, "pid", (int)getpid(), "uptime",
			(json_int_t)(time(NULL) - ph->started), "accounts",
			json_accounts(ph), "calls", json_calls(ph),
			"profile", json_line(ph->profile));
	if (obj) {
		(void)json_object_update_new(obj, json_counts(ph));
		(void)json_object_set_new(obj, "notices", json_notices());
		(void)json_object_set_new(obj, "presence",
					  json_presence(ph));
	}

	rpc_reply(req, obj);
}


static void subscribe_method(struct phone *ph, struct rpc_request *req,
			     json_t *params)
{
	(void)ph;
	rpc_subscribe(req, param_bool(params, "on", true));
	rpc_reply(req, json_true());
}


static void quit_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	(void)params;
	rpc_reply(req, json_true());
	if (!ph->closing)
		ph->quith();
}


static void doctor_handler(const char *name, bool ok, const char *text,
			   void *arg)
{
	(void)json_array_append_new(
		arg, json_pack("{s:s, s:b, s:o}", "name", name, "ok", ok,
			       "text", json_line(text)));
}


static void doctor_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	json_t *list = json_array();
	(void)params;

	phone_prepare(ph);
	doctor_run(ph, doctor_handler, list);
	rpc_reply(req, list);
}


const struct rpc_method rpc_phone_methods[] = {
	{ "phone.describe", "",
	  "{methods: [{name, params, result, help}], events: [{event, "
	  "params}]}",
	  "Every method and every event", describe_method },
	{ "phone.status", "", "status",
	  "Accounts, calls, counts", status_method },
	{ "phone.subscribe", "on?", "true",
	  "Send events to this connection", subscribe_method },
	{ "phone.quit", "", "true",
	  "Calls end, accounts un-register, the phone exits", quit_method },
	{ "phone.doctor", "", "[{name, ok, text}]",
	  "What is wrong and how to mend it", doctor_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
