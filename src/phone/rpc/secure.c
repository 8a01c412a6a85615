/**
 * @file rpc/secure.c  Methods about who could listen
 *
 * They belong to calls and contacts: words compared, warnings read, and what
 * has happened to the trust in somebody.
 */
#include <string.h>

#include "call_rpc.h"
#include "json.h"
#include "params.h"
#include "phone/call/call.h"
#include "phone/contact/contact.h"
#include "phone/phone.h"
#include "phone/store/trust.h"

enum { HISTORY = 20 };


static bool fits_up(const struct call *call)
{
	return call_is_up(call) || call_state(call) == CALL_EARLY;
}


static void sas_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const json_t *same = json_object_get(params, "same");
	const char *why = NULL;
	struct call *call;

	if (!json_is_boolean(same)) {
		(void)param_missing(req, "same");
		return;
	}

	call = rpc_call_find(ph, req, params, "call", fits_up);
	if (!call)
		return;

	if (call_compared(call, json_is_true(same), &why))
		rpc_fail(req, RPC_FAILED, why);
	else
		rpc_reply(req, json_call(ph, call));
}


static void acknowledge_method(struct phone *ph, struct rpc_request *req,
			       json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_up);

	if (!call)
		return;

	call_acknowledge(call);
	rpc_reply(req, json_call(ph, call));
}


static bool event_handler(const struct trust_event *ev, void *arg)
{
	(void)json_array_append_new(
		arg, json_pack("{s:I, s:I, s:o, s:o, s:o, s:s}", "id",
			       (json_int_t)ev->id, "time",
			       (json_int_t)ev->time, "account",
			       json_line(ev->account), "peer",
			       json_line(ev->peer), "device",
			       json_line(ev->device), "what",
			       trust_what_name(ev->what)));

	return false;
}


/* What happened with whoever has this address; NULL: it cannot be read */
static json_t *history(const struct phone *ph, const char *uri,
		       uint32_t limit)
{
	json_t *list = json_array();
	char *key = NULL;

	if (ph->db && (contact_uri_key(&key, uri) ||
		       trust_history(ph->db, key, limit, event_handler,
				     list))) {
		json_decref(list);
		list = NULL;
	}
	mem_deref(key);

	return list;
}


static void details_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	struct call *call = rpc_call_find(ph, req, params, "call",
					  fits_up);
	json_t *obj, *list;

	if (!call)
		return;

	obj = json_call(ph, call);
	list = history(ph, call_peer_uri(call), HISTORY);
	if (obj) {
		(void)json_object_set_new(obj, "device",
					  json_line(call_device(call)));
		(void)json_object_set_new(obj, "history", list ? list :
					  json_array());
	}
	rpc_reply(req, obj);
}


/* An address, or a contact by its id or name */
static void verifications_method(struct phone *ph, struct rpc_request *req,
				 json_t *params)
{
	const char *target = param_str(params, "target");
	const struct contact *c;
	struct page page;
	json_t *list, *more;
	size_t i;

	if (!target) {
		(void)param_missing(req, "target");
		return;
	}
	if (!param_page(req, params, &page) || !param_store(ph, req))
		return;

	c = contact_match(ph->contacts, target);
	if (!c) {
		list = history(ph, target, page.limit);
		if (list)
			rpc_reply(req, list);
		else
			rpc_fail(req, RPC_FAILED, "This is no address and "
				 "no contact: see `offhook contacts`");
		return;
	}

	list = json_array();
	for (i = 0; i < contact_uri_count(c); i++) {
		more = history(ph, contact_uri(c, i), page.limit);
		if (more)
			(void)json_array_extend(list, more);
		json_decref(more);
	}
	rpc_reply(req, list);
}


const struct rpc_method rpc_secure_methods[] = {
	{ "call.sas", "call?, same", "call",
	  "The words of both ends were compared: the same, or not, "
	  "which stays for the whole call", sas_method },
	{ "call.acknowledge", "call?", "call",
	  "The alarms of a call were read; what they mean for the "
	  "label stays", acknowledge_method },
	{ "call.details", "call?", "call",
	  "A call with `device`, the name of the peer's device, and "
	  "`history`, its newest 20 verifications", details_method },
	{ "contact.verifications", "target, limit?", "[verification]",
	  "When words were compared with an address or a contact, "
	  "newest first", verifications_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
