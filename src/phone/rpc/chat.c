/**
 * @file rpc/chat.c  The methods chat.*
 */
#include "phone/chat/chat.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "params.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/store/messages.h"

struct collect {
	const struct phone *ph;
	json_t *list;
};

/** The two sides of a conversation, copied out of its row */
struct sides {
	char *account;
	char *uri;
	char *name;
};


static bool conversation_handler(const struct conversation_row *row,
				 void *arg)
{
	struct collect *col = arg;

	(void)json_array_append_new(col->list,
				    json_conversation(col->ph, row));

	return false;
}


/* Rows come newest first, people read oldest first */
static bool message_handler(const struct message_row *row, void *arg)
{
	struct collect *col = arg;

	(void)json_array_insert_new(col->list, 0, json_message(row));

	return false;
}


static bool one_handler(const struct message_row *row, void *arg)
{
	json_t **jsp = arg;

	*jsp = json_message(row);

	return true;
}


static bool sides_handler(const struct conversation_row *row, void *arg)
{
	struct sides *s = arg;

	s->account = strdup(row->account);
	s->uri = strdup(row->peer_uri);
	s->name = strdup(row->peer_name);

	return true;
}


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct collect col = { ph, NULL };
	(void)params;

	if (!param_store(ph, req))
		return;

	col.list = json_array();
	if (conversation_list(ph->db, 0, conversation_handler, &col)) {
		json_decref(col.list);
		rpc_fail(req, RPC_FAILED, "The messages cannot be read");
		return;
	}

	rpc_reply(req, col.list);
}


static void messages_method(struct phone *ph, struct rpc_request *req,
			    json_t *params)
{
	struct collect col = { ph, NULL };
	struct page page;
	int64_t id;

	if (param_id(params, "conversation", &id)) {
		(void)param_missing(req, "conversation");
		return;
	}
	if (!param_page(req, params, &page) || !param_store(ph, req))
		return;

	col.list = json_array();
	if (message_list(ph->db, id, page.before, page.limit,
			 message_handler, &col)) {
		json_decref(col.list);
		rpc_fail(req, RPC_FAILED, "The messages cannot be read");
		return;
	}

	rpc_reply(req, col.list);
}


static void send_text(struct phone *ph, struct rpc_request *req,
		      struct account *acc, const char *uri,
		      const char *name, const char *text)
{
	const char *why = NULL;
	json_t *js = NULL;
	int64_t id = 0;
	int err;

	err = chat_send(&id, ph->chat, acc, uri, name, text, &why);
	if (err && !id) {
		rpc_fail(req, RPC_FAILED, why);
		return;
	}

	(void)message_get(ph->db, id, one_handler, &js);
	rpc_reply(req, js);
}


static void send_in_conversation(struct phone *ph, struct rpc_request *req,
				 int64_t id, const char *text)
{
	struct sides s = { NULL, NULL, NULL };
	struct account *acc;

	if (!param_store(ph, req))
		return;

	(void)conversation_list(ph->db, id, sides_handler, &s);
	acc = account_find(ph->accounts, s.account);
	if (!s.uri)
		rpc_fail(req, RPC_FAILED,
			 "There is no such conversation: see "
			 "`offhook chats`");
	else if (!acc || !account_stack(acc))
		rpc_fail(req, RPC_FAILED,
			 "The account of this conversation is off or gone");
	else
		send_text(ph, req, acc, s.uri, s.name, text);

	free(s.account);
	free(s.uri);
	free(s.name);
}


static void send_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	const char *target = param_str(params, "target"), *why = NULL;
	const char *text = param_str(params, "text");
	struct account *acc;
	char *uri = NULL;
	int64_t id;

	if (!text) {
		(void)param_missing(req, "text");
		return;
	}

	if (!param_id(params, "conversation", &id)) {
		send_in_conversation(ph, req, id, text);
		return;
	}

	if (!target) {
		(void)param_missing(req, "target");
		return;
	}
	if (!param_account(ph, req, params, &acc))
		return;

	if (dial_resolve(&uri, &acc, target, ph->accounts, ph->contacts,
			   &why))
		rpc_fail(req, RPC_FAILED, why);
	else
		send_text(ph, req, acc, uri, "", text);

	mem_deref(uri);
}


static void seen_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	int64_t id;

	if (param_id(params, "conversation", &id)) {
		(void)param_missing(req, "conversation");
		return;
	}
	if (!param_store(ph, req))
		return;

	if (conversation_see(ph->db, id)) {
		rpc_fail(req, RPC_FAILED, "The messages cannot be written");
		return;
	}

	event_publish_id(EVENT_CONVERSATION, id);
	event_publish(EVENT_COUNTS, NULL);
	rpc_reply(req, json_true());
}


const struct rpc_method rpc_chat_methods[] = {
	{ "chat.list", "", "[conversation]",
	  "Conversations, newest first", list_method },
	{ "chat.messages", "conversation, before?, limit?", "[message]",
	  "Messages of a conversation, oldest first", messages_method },
	{ "chat.send", "target | conversation, text, account?", "message",
	  "Send a message; it is `queued`, its state follows as "
	  "events", send_method },
	{ "chat.seen", "conversation", "true",
	  "All of it was read", seen_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
