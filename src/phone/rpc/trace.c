/**
 * @file rpc/trace.c  The methods trace.*
 *
 * Messages leave as text, ladders as participants and rows, and the pcap
 * file as base64: who writes it may sit at the far end of an ssh.
 */
#include "phone/trace/trace.h"

#include <stdlib.h>

#include "common/text.h"
#include "json.h"
#include "params.h"
#include "phone/trace/ladder.h"
#include "phone/trace/pcap.h"

enum { LIST_MAX = 1000, FILE_MAX = 8 << 20 };

/** What part of the ring is meant */
struct range {
	char *callid;            /**< NULL: all of it                     */
	uint64_t after;
	uint64_t id;             /**< Only this one; 0: all               */
};

struct collect {
	json_t *list;
	const struct range *range;
	size_t limit;
	bool text;
};

struct file {
	struct mbuf *mb;
	const struct range *range;
	enum pcap_link link;
	uint64_t last;
	int err;
};


/* ---- which messages ------------------------------------------------------*/

/* A number in one of the parameters; 0 if it is not there */
static bool number(struct rpc_request *req, json_t *params, const char *key,
		   int64_t *np)
{
	int err = param_id(params, key, np);

	if (err == ENOENT)
		*np = 0;
	else if (err || *np < 0)
		return param_missing(req, key);

	return true;
}


static bool find_range(struct rpc_request *req, json_t *params,
		       struct range *range)
{
	const char *callid = param_str(params, "call_id");
	int64_t call, entry, after, id;

	memset(range, 0, sizeof(*range));
	if (!number(req, params, "call", &call) ||
	    !number(req, params, "entry", &entry) ||
	    !number(req, params, "after", &after) ||
	    !number(req, params, "id", &id))
		return false;

	range->after = (uint64_t)after;
	range->id = (uint64_t)id;
	if (!trace_is_on()) {
		rpc_fail(req, RPC_FAILED, "Nothing is traced: set "
			 "trace.size to the kB to keep");
		return false;
	}

	if (!callid && (call || entry)) {
		callid = trace_callid((uint32_t)call, entry);
		if (!callid) {
			rpc_fail(req, RPC_FAILED, "Nothing is kept of this "
				 "call: it was too long ago, or never sent");
			return false;
		}
	}

	/* a copy: names of calls come and go */
	if (callid && str_dup(&range->callid, callid)) {
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return false;
	}

	return true;
}


/* ---- trace.list ----------------------------------------------------------*/

static json_t *stamp(int64_t us)
{
	return json_real((double)us / 1e6);
}


static json_t *address(const struct sa *sa)
{
	char buf[64] = "";

	if (sa_isset(sa, SA_ADDR))
		(void)re_snprintf(buf, sizeof(buf), "%J", sa);

	return json_string(buf);
}


static json_t *slice(const char *p, size_t len, enum text_kind kind)
{
	char *clean = text_clean(p, len, kind);
	json_t *js = clean ? json_string(clean) : NULL;

	free(clean);

	return js;
}


/* CR goes: the lines of a message are lines */
static json_t *message_text(const struct trace_msg *msg)
{
	char *buf = malloc(msg->len + 1);
	size_t i, n = 0;
	json_t *js;

	if (!buf)
		return NULL;

	for (i = 0; i < msg->len; i++) {
		if (msg->buf[i] != '\r' || i + 1 == msg->len ||
		    msg->buf[i + 1] != '\n')
			buf[n++] = msg->buf[i];
	}
	js = slice(buf, n, TEXT_BODY);
	free(buf);

	return js;
}


json_t *json_trace(const struct trace_msg *msg, bool text)
{
	char title[256];
	json_t *obj;
	int64_t entry;
	uint32_t call = trace_call(&msg->callid, &entry);

	if (re_snprintf(title, sizeof(title), "%H", ladder_text, msg) < 0)
		title[sizeof(title) - 1] = '\0';

	obj = json_pack("{s:I, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:i, s:I, "
			"s:s, s:o, s:I, s:b}",
			"id", (json_int_t)msg->id, "time", stamp(msg->time),
			"account", json_line(msg->account), "direction",
			msg->tx ? "out" : "in", "transport",
			msg->note ? "" : sip_transp_name(msg->tp), "src",
			address(&msg->src), "dst", address(&msg->dst),
			"call_id", slice(msg->callid.p, msg->callid.l,
					 TEXT_LINE),
			"call", (int)call, "entry", (json_int_t)entry,
			"kind", msg->note ? "note" : "message", "title",
			json_line(title), "size", (json_int_t)msg->size,
			"cut", msg->size > TRACE_MESSAGE);
	if (obj && text)
		(void)json_object_set_new(obj, "text", message_text(msg));

	return obj;
}


static bool list_handler(const struct trace_msg *msg, void *arg)
{
	struct collect *col = arg;

	if (col->range->id && msg->id != col->range->id)
		return false;

	if (json_array_size(col->list) == col->limit)
		(void)json_array_remove(col->list, 0);
	(void)json_array_append_new(col->list, json_trace(msg, col->text));

	return col->range->id != 0;
}


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct collect col = { NULL, NULL, LIST_MAX, true };
	struct range range;
	int64_t limit;
	(void)ph;

	if (!number(req, params, "limit", &limit) ||
	    !find_range(req, params, &range))
		return;

	col.list = json_array();
	col.range = &range;
	col.text = param_bool(params, "text", true);
	if (limit && limit < LIST_MAX)
		col.limit = (size_t)limit;

	trace_apply(range.callid, range.after, list_handler, &col);
	mem_deref(range.callid);
	rpc_reply(req, col.list);
}


/* ---- trace.ladder --------------------------------------------------------*/

static bool newest_handler(const struct trace_msg *msg, void *arg)
{
	struct pl *callid = arg;

	if (msg->call && pl_isset(&msg->callid))
		*callid = msg->callid;

	return false;
}


/* Of the call that was heard of last, if none is named */
static void newest_call(struct range *range)
{
	struct pl callid = PL_INIT;

	trace_apply(NULL, 0, newest_handler, &callid);
	if (pl_isset(&callid))
		(void)pl_strdup(&range->callid, &callid);
}


static json_t *ladder_json(const struct ladder *l, const char *callid)
{
	json_t *members = json_array(), *rows = json_array();
	struct pl pl;
	int64_t entry;
	uint32_t call;
	size_t i;

	for (i = 0; i < l->memberc; i++)
		(void)json_array_append_new(members,
					    json_line(l->member[i]));

	for (i = 0; i < l->rowc; i++) {
		const struct ladder_row *row = &l->rowv[i];

		(void)json_array_append_new(
			rows, json_pack("{s:I, s:o, s:i, s:i, s:s, s:b, s:o}",
					"id", (json_int_t)row->id, "time",
					stamp(row->time), "from", row->from,
					"to", row->to, "kind",
					ladder_kind_name(row->kind), "again",
					row->again, "text",
					json_line(row->text)));
	}

	pl_set_str(&pl, callid);
	call = trace_call(&pl, &entry);

	return json_pack("{s:o, s:i, s:I, s:o, s:o, s:I}", "call_id",
			 json_line(callid), "call", (int)call, "entry",
			 (json_int_t)entry, "participants", members, "rows",
			 rows, "left_out", (json_int_t)l->left_out);
}


static void ladder_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct ladder *ladder = NULL;
	struct range range;
	int err = ENOENT;
	(void)ph;

	if (!find_range(req, params, &range))
		return;

	if (!range.callid)
		newest_call(&range);
	if (range.callid)
		err = ladder_make(&ladder, range.callid);

	if (err)
		rpc_fail(req, RPC_FAILED, err == ENOENT ?
			 "No message of this call is kept" :
			 "Out of memory");
	else
		rpc_reply(req, ladder_json(ladder, range.callid));

	mem_deref(ladder);
	mem_deref(range.callid);
}


/* ---- trace.calls ---------------------------------------------------------*/

static bool calls_handler(const struct trace_msg *msg, void *arg)
{
	json_t *list = arg, *o, *found = NULL;
	char callid[257];
	int64_t entry;
	uint32_t call;
	size_t i;

	if (!msg->call || pl_strcpy(&msg->callid, callid, sizeof(callid)))
		return false;

	json_array_foreach(list, i, o) {
		const char *s = json_string_value(json_object_get(o,
								  "key"));

		if (s && !strcmp(s, callid))
			found = o;
	}

	call = trace_call(&msg->callid, &entry);
	if (!found) {
		found = json_pack("{s:s?, s:o, s:i, s:I, s:o, s:o, s:i}",
				  "key", callid, "call_id",
				  json_line(callid), "call", (int)call,
				  "entry", (json_int_t)entry, "account",
				  json_line(msg->account), "start",
				  stamp(msg->time), "messages", 0);
		if (!found || json_array_insert_new(list, 0, found))
			return false;
	}
	(void)json_object_set_new(found, "end", stamp(msg->time));
	(void)json_object_set_new(
		found, "messages",
		json_integer(1 + json_integer_value(json_object_get(
			found, "messages"))));

	return false;
}


static void calls_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	json_t *list = json_array(), *o;
	size_t i;
	(void)ph;
	(void)params;

	trace_apply(NULL, 0, calls_handler, list);
	json_array_foreach(list, i, o)
		(void)json_object_del(o, "key");
	rpc_reply(req, list);
}


/* ---- trace.pcap ----------------------------------------------------------*/

static bool link_handler(const struct trace_msg *msg, void *arg)
{
	enum pcap_link *link = arg;

	if (pcap_link_of(msg) == PCAP_UPPER_PDU)
		*link = PCAP_UPPER_PDU;

	return *link == PCAP_UPPER_PDU;
}


static bool file_handler(const struct trace_msg *msg, void *arg)
{
	struct file *file = arg;

	file->last = msg->id;
	if (!msg->note)
		file->err = pcap_record(file->mb, file->link, msg);

	return file->err || file->mb->end > FILE_MAX;
}


static void file_reply(struct rpc_request *req, const struct file *file)
{
	size_t len = file->mb->end * 4 / 3 + 5;
	char *text = mem_alloc(len, NULL);

	if (!text || base64_encode(file->mb->buf, file->mb->end, text, &len))
		rpc_fail(req, RPC_FAILED, "Out of memory");
	else
		rpc_reply(req, json_pack("{s:i, s:I, s:s%}", "link",
					 (int)file->link, "last",
					 (json_int_t)file->last, "data",
					 text, len));
	mem_deref(text);
}


static void pcap_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct file file = { NULL, NULL, PCAP_RAW, 0, 0 };
	struct range range;
	int64_t link;
	(void)ph;

	if (!number(req, params, "link", &link) ||
	    !find_range(req, params, &range))
		return;

	file.range = &range;
	file.last = range.after;
	file.mb = mbuf_alloc(65536);
	if (!file.mb) {
		rpc_fail(req, RPC_FAILED, "Out of memory");
		goto out;
	}

	/* with a link type it goes on where a first part ended */
	if (link == PCAP_RAW || link == PCAP_UPPER_PDU) {
		file.link = (enum pcap_link)link;
	}
	else {
		trace_apply(range.callid, 0, link_handler, &file.link);
		file.err = pcap_header(file.mb, file.link);
	}

	if (!file.err)
		trace_apply(range.callid, range.after, file_handler, &file);
	if (file.err)
		rpc_fail(req, RPC_FAILED, "Out of memory");
	else
		file_reply(req, &file);

 out:
	mem_deref(file.mb);
	mem_deref(range.callid);
}


static void follow_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	(void)ph;
	rpc_trace(req, param_bool(params, "on", true));
	rpc_reply(req, json_true());
}


static void clear_method(struct phone *ph, struct rpc_request *req,
			 json_t *params)
{
	(void)ph;
	(void)params;
	trace_clear();
	rpc_reply(req, json_true());
}


const struct rpc_method rpc_trace_methods[] = {
	{ "trace.list", "call?, entry?, call_id?, id?, after?, limit?, text?",
	  "[trace message]",
	  "SIP messages that are kept, oldest first, secrets masked",
	  list_method },
	{ "trace.ladder", "call?, entry?, call_id?", "ladder",
	  "Who sent what to whom in a call; without any: the last one",
	  ladder_method },
	{ "trace.calls", "",
	  "[{call_id, call, entry, account, start, end, messages}]",
	  "Calls of which messages are kept, newest first", calls_method },
	{ "trace.pcap", "call?, entry?, call_id?, after?, link?",
	  "{link, last, data}",
	  "The same as a pcap file in base64; with link and after "
	  "only what came since, without the file's header", pcap_method },
	{ "trace.follow", "on?", "true",
	  "Each message flows to this connection as trace.message",
	  follow_method },
	{ "trace.clear", "", "true",
	  "Forget all messages", clear_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
