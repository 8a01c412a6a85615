/**
 * @file rpc/contact.c  The methods contact.*
 */
#include "phone/contact/contact.h"

#include <string.h>

#include "json.h"
#include "params.h"
#include "phone/call/call.h"
#include "phone/phone.h"
#include "phone/watch/lamps.h"
#include "phone/secure/label.h"

enum { URIS_MAX = 16 };


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	json_t *list = json_array();
	struct le *le;
	(void)params;

	LIST_FOREACH(contacts_list(ph->contacts), le)
	{
		(void)json_array_append_new(list, json_contact(le->data));
	}

	rpc_reply(req, list);
}


/* The array "uris" as C strings; *nump 0 if it is not there */
static bool uris(struct rpc_request *req, json_t *params,
		 const char *v[URIS_MAX], size_t *nump)
{
	json_t *list = json_object_get(params, "uris"), *js;
	size_t i;

	*nump = 0;
	if (!list)
		return true;

	if (!json_is_array(list) || json_array_size(list) > URIS_MAX)
		return param_missing(req, "uris");

	json_array_foreach(list, i, js) {
		v[i] = json_string_value(js);
		if (!v[i])
			return param_missing(req, "uris");
	}
	*nump = json_array_size(list);

	return true;
}


static void reply(struct rpc_request *req, const struct contact *c, int err)
{
	if (err == EINVAL)
		rpc_fail(req, RPC_FAILED,
			 "A contact needs a name and addresses like "
			 "sip:bob@example.org or numbers");
	else if (err)
		rpc_fail(req, RPC_FAILED, "The contact cannot be written");
	else
		rpc_reply(req, json_contact(c));
}


static void add_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const char *name = param_str(params, "name"), *v[URIS_MAX];
	struct contact *c = NULL;
	size_t n;

	if (!name || !*name) {
		(void)param_missing(req, "name");
		return;
	}

	if (uris(req, params, v, &n)) {
		int err = contact_add(ph->contacts, name, v, n, &c);

		reply(req, c, err);
	}
}


static struct contact *named(struct phone *ph, struct rpc_request *req,
			     json_t *params)
{
	const char *text = param_str(params, "contact");
	struct contact *c = NULL;

	if (!text)
		(void)param_missing(req, "contact");
	else {
		c = contact_find(ph->contacts, text);
		if (!c)
			c = contact_match(ph->contacts, text);
		if (!c)
			rpc_fail(req, RPC_FAILED,
				 "There is no such contact: see "
				 "`offhook contacts`");
	}

	return c;
}


static void edit_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct contact *c = named(ph, req, params);
	const char *security = param_str(params, "security");
	const json_t *watch = json_object_get(params, "watch");
	const json_t *ask = json_object_get(params, "presence_asked");
	const char *v[URIS_MAX];
	size_t n;
	int err;

	if (!c || !uris(req, params, v, &n))
		return;

	if (security && *security && !minimum_valid(security)) {
		rpc_fail(req, RPC_FAILED, "security must be off, prefer, "
			 "require, e2e, verified or empty");
		return;
	}

	err = contact_edit(ph->contacts, c, param_str(params, "name"),
			   json_object_get(params, "uris") ? v : NULL, n);
	if (!err && security)
		err = contact_set_security(ph->contacts, c, security);
	if (!err && watch)
		err = contact_set_watched(ph->contacts, c,
					  json_is_true(watch));
	if (!err && ask)
		err = contact_allow_presence(ph->contacts, c,
					     json_is_true(ask));
	reply(req, c, err);
}


static void remove_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct contact *c = named(ph, req, params);

	if (!c)
		return;

	if (contact_remove(ph->contacts, c))
		rpc_fail(req, RPC_FAILED, "The contact cannot be removed");
	else
		rpc_reply(req, json_true());
}


static void pickup_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct contact *c = named(ph, req, params);
	struct lamp_pickup p;
	struct call_dialog dlg = { .early = true };
	const char *why = "The call could not be picked up";
	struct call *call = NULL;

	if (!c)
		return;

	switch (lamps_ringing(ph->lamps, c, &p)) {

	case 0:
		break;
	case ENOENT:
		rpc_fail(req, RPC_FAILED, "The calls of this contact are "
			 "not watched: `offhook watch CONTACT`");
		return;
	case EAGAIN:
		rpc_fail(req, RPC_FAILED, "Nothing rings there");
		return;
	default:
		rpc_fail(req, RPC_FAILED, "The server does not say which "
			 "call it is that rings there");
		return;
	}

	dlg.call_id = p.call_id;
	dlg.local_tag = p.local_tag;
	dlg.remote_tag = p.remote_tag;
	if (call_pickup(&call, ph->calls, p.acc, p.target, &dlg, &why))
		rpc_fail(req, RPC_FAILED, why);
	else
		rpc_reply(req, json_call(ph, call));
}


const struct rpc_method rpc_contact_methods[] = {
	{ "contact.list", "", "[contact]",
	  "All contacts by name", list_method },
	{ "contact.add", "name, uris", "contact",
	  "Add a contact", add_method },
	{ "contact.edit", "contact, name?, uris?, security?, watch?, "
	  "presence_asked?", "contact",
	  "Change a contact; security: least protection of its calls",
	  edit_method },
	{ "contact.remove", "contact", "true",
	  "Remove a contact", remove_method },
	{ "contact.pickup", "contact", "call",
	  "Answer what rings at a watched contact", pickup_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
