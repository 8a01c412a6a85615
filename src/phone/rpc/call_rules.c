/**
 * @file rpc/call_rules.c  The methods call.* about who may ring
 *
 * Each changes a setting, so that what a key does and what stands in the
 * file are one thing.
 */
#include <string.h>

#include "call_rpc.h"
#include "json.h"
#include "params.h"
#include "phone/call/dial.h"
#include "phone/call/screening.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/phone.h"

static bool change(struct phone *ph, struct rpc_request *req,
		   const char *key, const char *value)
{
	const char *why = NULL;

	if (config_set(ph->config, key, value, &why)) {
		rpc_fail(req, RPC_FAILED, why);
		return false;
	}
	event_publish_text(EVENT_CONFIG, key);

	return true;
}


static void dnd_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const bool on = param_bool(params, "on",
				   !config_bool(ph->config, "call.dnd"));

	if (change(ph, req, "call.dnd", on ? "true" : "false"))
		rpc_reply(req, json_boolean(on));
}


/* The list without a pattern; *foundp: it was in it */
static int without(char **listp, const char *list, const char *pattern,
		   bool *foundp)
{
	const size_t len = strlen(pattern);
	struct mbuf *mb = mbuf_alloc(256);
	int err = mb ? 0 : ENOMEM;

	*foundp = false;
	while (!err && *list) {
		size_t n;

		list += strspn(list, ", ");
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, pattern, n))
			*foundp = true;
		else if (n)
			err = mbuf_printf(mb, "%s%b", mb->end ? ", " : "",
					  list, n);
		list += n;
	}
	if (!err) {
		mb->pos = 0;
		err = mbuf_strdup(mb, listp, mb->end);
	}
	mem_deref(mb);

	return err;
}


static void block(struct phone *ph, struct rpc_request *req, json_t *params,
		  bool on)
{
	const char *pattern = param_str(params, "pattern");
	const char *list = config_get(ph->config, "call.block");
	char *rest = NULL, *value = NULL;
	bool found;
	int err;

	if (!pattern || !*pattern || strchr(pattern, ',')) {
		(void)param_missing(req, "pattern");
		return;
	}

	err = without(&rest, list ? list : "", pattern, &found);
	if (!err)
		err = re_sdprintf(&value, "%s%s%s", rest,
				  on && *rest ? ", " : "",
				  on ? pattern : "");
	if (err)
		rpc_fail(req, RPC_FAILED, "Out of memory");
	else if (!on && !found)
		rpc_fail(req, RPC_FAILED, "This is not on the block list");
	else if (change(ph, req, "call.block", value))
		rpc_reply(req, json_string(value));

	mem_deref(rest);
	mem_deref(value);
}


static void block_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	block(ph, req, params, true);
}


static void unblock_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	block(ph, req, params, false);
}


static void forward_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	static const char *const whenv[][2] = {
		{ "always", "forward.always" },
		{ "busy", "forward.busy" },
		{ "no-answer", "forward.no_answer" },
	};
	const char *target = param_str(params, "target"), *why = NULL;
	const char *when = param_str(params, "when");
	struct account *acc = NULL;
	char *uri = NULL;
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(whenv); i++) {
		if (!strcmp(when ? when : "always", whenv[i][0]))
			break;
	}
	if (!target || i == RE_ARRAY_SIZE(whenv)) {
		(void)param_missing(req, target ? "when" : "target");
		return;
	}

	if (*target && strcmp(target, "off") &&
	    dial_resolve(&uri, &acc, target, ph->accounts, ph->contacts,
			 &why)) {
		rpc_fail(req, RPC_FAILED, why);
		return;
	}
	if (change(ph, req, whenv[i][1], uri ? uri : ""))
		rpc_reply(req, json_string(uri ? uri : ""));
	mem_deref(uri);
}


const struct rpc_method rpc_call_rules_methods[] = {
	{ "call.dnd", "on?", "bool",
	  "Do not disturb: whether nobody may ring from now on; "
	  "without on: the other way", dnd_method },
	{ "call.block", "pattern", "[pattern]",
	  "An address, a number or a contact that may not ring; the "
	  "list as it is now", block_method },
	{ "call.unblock", "pattern", "[pattern]",
	  "May ring again; the list as it is now", unblock_method },
	{ "call.forward", "target, when?", "target",
	  "Send calls on (always, busy, no-answer); target off: no "
	  "more", forward_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
