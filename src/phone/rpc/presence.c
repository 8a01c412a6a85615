/**
 * @file rpc/presence.c  The methods presence.*
 *
 * What the user chose is a setting, so that it is there again after a
 * restart; what became of it is asked from the room below.
 */
#include "phone/watch/presence.h"

#include <string.h>

#include "json.h"
#include "params.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/phone.h"


json_t *json_presence(const struct phone *ph)
{
	const enum presence_state shown = presence_shown(ph->presence);
	json_t *list = json_array();
	struct le *le;

	LIST_FOREACH(accounts_list(ph->accounts), le)
	{
		const struct account *acc = le->data;

		(void)json_array_append_new(list, json_pack(
			"{s:i, s:o, s:s, s:o}", "id", account_id(acc),
			"address", json_line(account_address(acc)), "state",
			presence_account_state(ph->presence, acc), "text",
			json_line(presence_account_reason(ph->presence,
							  acc))));
	}

	return json_pack("{s:s, s:s, s:o, s:o}", "state",
			 config_get(ph->config, "presence.state"), "shown",
			 shown == PRESENCE_UNKNOWN ? "" :
			 presence_name(shown), "note",
			 json_line(config_get(ph->config, "presence.note")),
			 "accounts", list);
}


static void get_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	(void)params;
	rpc_reply(req, json_presence(ph));
}


static bool set(struct phone *ph, struct rpc_request *req, const char *key,
		const char *value)
{
	char why[256], text[320];

	if (!value || !strcmp(config_get(ph->config, key), value))
		return true;

	if (phone_set(ph, key, value, why, sizeof(why))) {
		(void)re_snprintf(text, sizeof(text), "%s %s",
				  strchr(key, '.') + 1, why);
		rpc_fail(req, RPC_FAILED, text);
		return false;
	}

	return true;
}


static void set_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const char *state = param_str(params, "state");
	const char *note = param_str(params, "note");

	if (!state) {
		(void)param_missing(req, "state");
		return;
	}

	/* the state first: a bad one changes nothing */
	if (!set(ph, req, "presence.state", state) ||
	    !set(ph, req, "presence.note", note))
		return;

	rpc_reply(req, json_presence(ph));
}


const struct rpc_method rpc_presence_methods[] = {
	{ "presence.get", "", "presence",
	  "How you are shown to others, and where", get_method },
	{ "presence.set", "state, note?", "presence",
	  "Say how you are: auto, off, online, away, busy, offline; a note "
	  "stays until it is set anew", set_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
