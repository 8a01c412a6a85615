/**
 * @file rpc/config.c  The methods config.*
 */
#include "phone/config.h"

#include <string.h>

#include "json.h"
#include "params.h"
#include "phone/phone.h"


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	const struct config_setting *s;
	json_t *list = json_array();
	(void)params;

	for (s = config_settings(); s->key; s++)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:o, s:s, s:s}", "key",
					s->key, "value",
					json_line(config_get(ph->config,
							     s->key)),
					"default", s->def, "help", s->help));

	rpc_reply(req, list);
}


static void get_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const char *key = param_str(params, "key");
	const char *value;

	if (!key) {
		(void)param_missing(req, "key");
		return;
	}

	value = config_get(ph->config, key);
	if (value)
		rpc_reply(req, json_line(value));
	else
		rpc_fail(req, RPC_FAILED,
			 "There is no such setting: see "
			 "`offhook config list`");
}


static void set_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	const char *key = param_str(params, "key");
	const char *value = param_str(params, "value");
	char why[320], text[400];

	if (!key || !value) {
		(void)param_missing(req, key ? "value" : "key");
		return;
	}

	if (phone_set(ph, key, value, why, sizeof(why))) {
		(void)re_snprintf(text, sizeof(text), "%s: %s",
				  strlen(key) < 64 ? key : "key", why);
		rpc_fail(req, RPC_FAILED, text);
		return;
	}

	rpc_reply(req, json_line(value));
}


const struct rpc_method rpc_config_methods[] = {
	{ "config.list", "", "[{key, value, default, help}]",
	  "All settings with default and help", list_method },
	{ "config.get", "key", "value",
	  "The value of a setting", get_method },
	{ "config.set", "key, value", "value",
	  "Change a setting; offhook.conf is written", set_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
