/**
 * @file rpc/log.c  The methods log.*
 */
#include "json.h"
#include "params.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/store/call_log.h"

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
	struct page page;

	if (!param_page(req, params, &page) || !param_store(ph, req))
		return;

	col.list = json_array();
	if (call_log_list(ph->db, page.before, page.limit,
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
	{ "log.list", "before?, limit?, search?", "[log entry]",
	  "Rows of the call log, newest first", list_method },
	{ "log.seen", "", "true",
	  "Missed calls were seen", seen_method },
	{ "log.remove", "entry", "true",
	  "Forget one row", remove_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
