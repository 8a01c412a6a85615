/**
 * @file rpc/log.c  The methods log.*
 */
#include "json.h"
#include "params.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/store/call_log.h"

enum { SEARCH_ROWS = 4000 };     /* a step: some milliseconds */

struct collect {
	const struct phone *ph;
	json_t *list;
};

/** A search under way */
struct search {
	struct le le;
	struct tmr tmr;
	struct rpc_request *req;
	struct collect col;
	struct page page;
	char *text;
};

static struct list searchl;


static bool entry_handler(const struct call_log_entry *entry, void *arg)
{
	struct collect *col = arg;

	(void)json_array_append_new(col->list,
				    json_log_entry(col->ph, entry));

	return false;
}


static void search_destructor(void *arg)
{
	struct search *s = arg;

	tmr_cancel(&s->tmr);
	list_unlink(&s->le);
	mem_deref(s->req);
	json_decref(s->col.list);
	mem_deref(s->text);
}


/* Answer with what was found so far; frees it */
static void search_end(struct search *s)
{
	rpc_reply(s->req, json_incref(s->col.list));
	mem_deref(s);
}


static void search_step(void *arg)
{
	struct search *s = arg;
	const uint32_t found = (uint32_t)json_array_size(s->col.list);

	if (rpc_is_gone(s->req)) {
		mem_deref(s);
		return;
	}

	if (call_log_search(s->col.ph->db, &s->page.before,
			    s->page.limit - found, SEARCH_ROWS, s->text,
			    entry_handler, &s->col)) {
		rpc_fail(s->req, RPC_FAILED, "The call log cannot be read");
		mem_deref(s);
		return;
	}

	if (!s->page.before ||
	    json_array_size(s->col.list) >= s->page.limit)
		search_end(s);
	else
		tmr_start(&s->tmr, 0, search_step, s);
}


/* Who types on wants no answer to the letters before: it comes at once, as
   far as it got, and so before the new one's */
static void search_supersede(const struct rpc_request *req)
{
	struct le *le, *next;

	LIST_FOREACH_SAFE(&searchl, le, next)
	{
		struct search *s = le->data;

		if (rpc_same_client(s->req, req))
			search_end(s);
	}
}


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	const char *text = param_str(params, "search");
	struct search *s;
	struct page page;

	if (!param_page(req, params, &page) || !param_store(ph, req))
		return;

	search_supersede(req);

	s = mem_zalloc(sizeof(*s), search_destructor);
	if (!s || (text && str_dup(&s->text, text))) {
		mem_deref(s);
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return;
	}

	tmr_init(&s->tmr);
	list_append(&searchl, &s->le, s);
	s->req = mem_ref(req);
	s->col.ph = ph;
	s->col.list = json_array();
	s->page = page;
	search_step(s);
}


void rpc_log_close(void)
{
	list_flush(&searchl);
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
