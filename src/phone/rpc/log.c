/**
 * @file rpc/log.c  The methods log.*
 */
#include "json.h"
#include "params.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/store/call_log.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 1000 };

struct collect {
	const struct phone *ph;
	json_t *list;
};


static bool entry_handler(const struct call_log_entry *entry, void *arg)
{
	struct collect *col = arg;

	(void)json_array_append_new(col->list,
				    json_log_entry(col->ph, entry));

	return false;
}


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct collect col = { ph, NULL };
	int64_t before = 0, limit = LIMIT_DEFAULT;

	if (param_id(params, "before", &before) == EINVAL ||
	    param_id(params, "limit", &limit) == EINVAL ||
	    limit > LIMIT_MAX) {
		(void)param_missing(req, "limit");
		return;
	}
	if (!param_store(ph, req))
		return;

	col.list = json_array();
	if (call_log_list(ph->db, before, (uint32_t)limit,
			  param_str(params, "search"), entry_handler, &col)) {
		json_decref(col.list);
		rpc_fail(req, RPC_FAILED, "The call log cannot be read");
		return;
	}

	rpc_reply(req, col.list);
}


static void seen_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	(void)params;

	if (!param_store(ph, req))
		return;

	if (call_log_see(ph->db)) {
		rpc_fail(req, RPC_FAILED, "The call log cannot be written");
		return;
	}

	event_publish(EVENT_LOG_CHANGED, NULL);
	event_publish(EVENT_COUNTS, NULL);
	rpc_reply(req, json_true());
}


static void remove_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	int64_t id;

	if (param_id(params, "entry", &id)) {
		(void)param_missing(req, "entry");
		return;
	}
	if (!param_store(ph, req))
		return;

	if (call_log_remove(ph->db, id)) {
		rpc_fail(req, RPC_FAILED, "There is no such row");
		return;
	}

	event_publish(EVENT_LOG_CHANGED, NULL);
	event_publish(EVENT_COUNTS, NULL);
	rpc_reply(req, json_true());
}


const struct rpc_method rpc_log_methods[] = {
	{ "log.list", "before?, limit?, search?",
	  "Rows of the call log, newest first", list_method },
	{ "log.seen", "", "Missed calls were seen", seen_method },
	{ "log.remove", "entry", "Forget one row", remove_method },
	{ NULL, NULL, NULL, NULL },
};
