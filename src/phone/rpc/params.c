/**
 * @file params.c  Parameters of a request
 *
 * A script may give an id as a number or as the text a person typed: both
 * are taken.
 */
#include "params.h"

#include <string.h>

#include "phone/account/account.h"
#include "phone/phone.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };


const char *param_str(json_t *params, const char *key)
{
	return json_string_value(json_object_get(params, key));
}


int param_id(json_t *params, const char *key, int64_t *idp)
{
	json_t *js = json_object_get(params, key);
	const char *s;
	struct pl pl;

	if (!js || json_is_null(js))
		return ENOENT;

	if (json_is_integer(js)) {
		*idp = json_integer_value(js);
		return *idp >= 0 ? 0 : EINVAL;
	}

	s = json_string_value(js);
	if (!s || !*s || strlen(s) > 18 ||
	    strspn(s, "0123456789") != strlen(s))
		return EINVAL;

	pl_set_str(&pl, s);
	*idp = (int64_t)pl_u64(&pl);

	return 0;
}


bool param_bool(json_t *params, const char *key, bool def)
{
	json_t *js = json_object_get(params, key);

	return json_is_boolean(js) ? json_is_true(js) : def;
}


bool param_missing(struct rpc_request *req, const char *key)
{
	char text[128];

	(void)re_snprintf(text, sizeof(text),
			  "The parameter \"%s\" is missing or wrong", key);
	rpc_fail(req, RPC_PARAMS, text);

	return false;
}


bool param_account(struct phone *ph, struct rpc_request *req,
		   json_t *params, struct account **accp)
{
	int64_t id;
	int err;

	*accp = NULL;

	err = param_id(params, "account", &id);
	if (err == ENOENT)
		return true;
	if (!err)
		*accp = account_by_id(ph->accounts, (uint32_t)id);
	else if (param_str(params, "account"))
		*accp = account_find(ph->accounts,
				     param_str(params, "account"));

	if (!*accp)
		rpc_fail(req, RPC_FAILED,
			 "There is no such account: see `offhook accounts`");

	return *accp != NULL;
}


bool param_page(struct rpc_request *req, json_t *params, struct page *page)
{
	int64_t limit = PAGE_DEFAULT;

	page->before = 0;
	if (param_id(params, "before", &page->before) == EINVAL)
		return param_missing(req, "before");
	if (param_id(params, "limit", &limit) == EINVAL || limit > PAGE_MAX)
		return param_missing(req, "limit");

	page->limit = (uint32_t)limit;

	return true;
}


bool param_store(struct phone *ph, struct rpc_request *req)
{
	if (!ph->db)
		rpc_fail(req, RPC_FAILED,
			 "The database could not be opened: see "
			 "`offhook doctor`");

	return ph->db != NULL;
}
