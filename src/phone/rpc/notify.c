/**
 * @file notify.c  Events of the bus as notifications of the wire
 */
#include "notify.h"

#include "json.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/store/call_log.h"
#include "phone/store/messages.h"

const struct notify_row notify_rows[] = {
	{ "account.changed", "account" },
	{ "account.removed", "{id}" },
	{ "call.changed", "call; once a second while established (figures, "
	  "levels), at once on any other change" },
	{ "call.removed", "{id}, 5 s after it ended" },
	{ "chat.message", "message, new or changed state" },
	{ "chat.changed", "conversation" },
	{ "contact.changed", "contact" },
	{ "contact.removed", "{id}" },
	{ "contact.reset", "{}: many changed, ask for the list" },
	{ "presence.changed", "presence" },
	{ "log.added", "log entry" },
	{ "log.changed", "{}: rows were seen or removed" },
	{ "phone.counts", "{missed, unread}" },
	{ "config.changed", "{key, value}" },
	{ "phone.notice", "{level: info|warning|error, text}: a line for the "
	  "user" },
	{ "trace.message", "trace message, as it goes over the wire; only "
	  "after trace.follow" },
	{ "phone.closing", "{}: the phone ends" },
	{ NULL, NULL },
};

/** Where a row of the store is turned into JSON */
struct row {
	const struct phone *ph;
	json_t *obj;
};


static bool log_handler(const struct call_log_entry *entry, void *arg)
{
	struct row *row = arg;

	row->obj = json_log_entry(row->ph, entry);

	return true;
}


static bool message_handler(const struct message_row *msg, void *arg)
{
	struct row *row = arg;

	row->obj = json_message(msg);

	return true;
}


static bool conversation_handler(const struct conversation_row *conv,
				 void *arg)
{
	struct row *row = arg;

	row->obj = json_conversation(row->ph, conv);

	return true;
}


static json_t *notice(const struct event *ev)
{
	return json_pack("{s:s, s:o}", "level",
			 json_level_name((int)ev->id), "text",
			 json_line(ev->text));
}


static json_t *config_json(const struct phone *ph, const char *key)
{
	return json_pack("{s:s, s:o}", "key", key, "value",
			 json_line(config_get(ph->config, key)));
}


json_t *notify_event(const struct phone *ph, const struct event *ev)
{
	struct row row = { ph, NULL };
	const char *name = NULL;
	json_t *params = NULL;

	switch (ev->type) {
	case EVENT_ACCOUNT:
		name = "account.changed";
		params = json_account(ev->obj);
		break;
	case EVENT_ACCOUNT_REMOVED:
		name = "account.removed";
		params = json_pack("{s:I}", "id", (json_int_t)ev->id);
		break;
	case EVENT_CALL:
		name = "call.changed";
		params = json_call(ph, ev->obj);
		break;
	case EVENT_CALL_REMOVED:
		name = "call.removed";
		params = json_pack("{s:I}", "id", (json_int_t)ev->id);
		break;
	case EVENT_MESSAGE:
		name = "chat.message";
		(void)message_get(ph->db, ev->id, message_handler, &row);
		params = row.obj;
		break;
	case EVENT_CONVERSATION:
		name = "chat.changed";
		(void)conversation_list(ph->db, ev->id, conversation_handler,
					&row);
		params = row.obj;
		break;
	case EVENT_CONTACT:
		name = "contact.changed";
		params = json_contact(ev->obj);
		break;
	case EVENT_CONTACT_REMOVED:
		name = "contact.removed";
		params = json_pack("{s:s}", "id", ev->text);
		break;
	case EVENT_CONTACT_RESET:
		name = "contact.reset";
		params = json_object();
		break;
	case EVENT_PRESENCE:
		name = "presence.changed";
		params = json_presence(ph);
		break;
	case EVENT_LOG_ADDED:
		name = "log.added";
		(void)call_log_list(ph->db, ev->id + 1, 1, NULL, log_handler,
				    &row);
		params = row.obj;
		break;
	case EVENT_LOG_CHANGED:
		name = "log.changed";
		params = json_object();
		break;
	case EVENT_COUNTS:
		name = "phone.counts";
		params = json_counts(ph);
		break;
	case EVENT_CONFIG:
		name = "config.changed";
		params = config_json(ph, ev->text);
		break;
	case EVENT_NOTICE:
		name = "phone.notice";
		params = notice(ev);
		break;
	case EVENT_TRACE:
		name = "trace.message";
		params = json_trace(ev->obj, true);
		break;
	case EVENT_CLOSING:
		name = "phone.closing";
		params = json_object();
		break;
	}

	if (!params)
		return NULL;

	return json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", name,
			 "params", params);
}
