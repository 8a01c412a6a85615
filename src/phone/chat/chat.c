/**
 * @file chat.c  Conversations: what comes in
 *
 * A body is taken apart from the outside in: CPIM, then its content. Text
 * is stored, cleaned; a report (IMDN) changes the state of one of our own
 * messages in this very conversation and nothing else, so that nobody can
 * mark what he was not sent.
 */
#include "chat.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chat_priv.h"
#include "common/log.h"
#include "common/text.h"
#include "cpim.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/sip/address.h"
#include "phone/sip/message.h"
#include "phone/store/messages.h"

enum {
	ECHO_PACE = 2000,        /* ms */
	ECHO_BURST = 20000
};

/** One message on its way in */
struct incoming {
	struct account *acc;
	char *uri;               /**< Peer, cleaned                      */
	char *name;              /**< Its display name, cleaned          */
	char *remote_id;         /**< Message-ID or Call-ID              */
	int64_t conversation;
	struct cpim *cpim;       /**< Its envelope, or NULL              */
	struct pl ctype;
	const uint8_t *body;
	size_t len;
	bool report_delivery;    /**< The peer asks for a report         */
};


static void chat_destructor(void *arg)
{
	struct chat *chat = arg;

	accounts_set_message_handler(chat->accounts, NULL, NULL);
	list_flush(&chat->deliveryl);
}


static void incoming_close(struct incoming *in)
{
	free(in->uri);
	free(in->name);
	free(in->remote_id);
	mem_deref(in->cpim);
}


/* One person, one conversation: the plain form of the address */
static char *peer_uri(const struct pl *from)
{
	char *text = text_clean(from->p, from->l, TEXT_NAME);
	char *plain = NULL, *copy;

	if (!text || address_clean(&plain, text, NULL))
		return text;

	copy = strdup(plain);
	mem_deref(plain);
	free(text);

	return copy;
}


/* Who sent it, as far as SIP says */
static int incoming_open(struct incoming *in, struct account *acc,
			 const struct message_in *msg)
{
	memset(in, 0, sizeof(*in));
	in->acc = acc;
	in->ctype = msg->ctype;
	in->body = msg->body;
	in->len = msg->len;
	in->uri = peer_uri(&msg->from_uri);
	in->name = text_clean(msg->from_name.p, msg->from_name.l, TEXT_NAME);
	in->remote_id = text_clean(msg->call_id.p, msg->call_id.l,
				   TEXT_NAME);

	return in->uri && in->name && in->remote_id ? 0 : ENOMEM;
}


/* Look into a CPIM message; what is no CPIM stays as it is. Who sent it is
 * what SIP says, never what the envelope claims */
static int unwrap(struct incoming *in)
{
	const char *id;
	int err;

	if (pl_strcasecmp(&in->ctype, "message/cpim"))
		return 0;

	err = cpim_decode(&in->cpim, in->body, in->len);
	if (err)
		return err;

	pl_set_str(&in->ctype, in->cpim->ctype);
	in->body = in->cpim->body;
	in->len = in->cpim->len;
	in->report_delivery = in->cpim->notify & CPIM_POSITIVE_DELIVERY;

	id = in->cpim->message_id;
	if (*id) {
		free(in->remote_id);
		in->remote_id = strdup(id);
	}

	return in->remote_id ? 0 : ENOMEM;
}


/* Two partners that echo each other must not do so for ever as fast as
 * they can: a burst of lines is echoed, then one every two seconds */
static bool echo_allowed(struct chat *chat)
{
	const uint64_t now = tmr_jiffies();

	if (!config_bool(chat->config, "chat.echo"))
		return false;

	if (chat->echo_due > now + ECHO_BURST)
		return false;

	if (chat->echo_due < now)
		chat->echo_due = now;
	chat->echo_due += ECHO_PACE;

	return true;
}


static void echo(struct chat *chat, const struct incoming *in,
		 const char *text)
{
	const char *why = "";
	int64_t id;

	if (!echo_allowed(chat))
		return;

	if (chat_send(&id, chat, in->acc, in->uri, in->name, text, &why))
		warning("chat: echo: %s\n", why);
}


static int store_text(struct chat *chat, const struct incoming *in)
{
	struct message_row row = {
		.conversation = in->conversation,
		.incoming = true,
		.state = MESSAGE_RECEIVED,
		.time = time(NULL),
		.remote_id = in->remote_id,
		.reason = "",
	};
	int64_t id;
	char *text;
	int err;

	/* The same message over two ways, or sent again */
	if (!message_find_remote(chat->db, in->conversation, in->remote_id,
				 true, &id))
		return 0;

	text = text_clean((const char *)in->body, in->len, TEXT_BODY);
	if (!text)
		return ENOMEM;

	row.text = text;
	err = message_add(chat->db, &row, &id);
	if (!err) {
		event_publish_id(EVENT_MESSAGE, id);
		event_publish_id(EVENT_CONVERSATION, in->conversation);
		event_publish(EVENT_COUNTS, NULL);
		if (in->report_delivery)
			(void)delivery_notify(chat, in->acc, in->uri,
					      in->remote_id);
		echo(chat, in, text);
	}
	free(text);

	return err;
}


static int handle(struct chat *chat, struct incoming *in)
{
	int err;

	err = unwrap(in);
	if (err)
		return err;

	if (!pl_strcasecmp(&in->ctype, "application/im-iscomposing+xml"))
		return 0;

	if (pl_strcasecmp(&in->ctype, "message/imdn+xml") &&
	    pl_strcasecmp(&in->ctype, "text/plain"))
		return ENOTSUP;

	err = conversation_get(chat->db, account_address(in->acc), in->uri,
			       in->name, &in->conversation);
	if (err)
		return err;

	if (!pl_strcasecmp(&in->ctype, "message/imdn+xml")) {
		delivery_report(chat, in->conversation, in->body, in->len);
		return 0;
	}

	return in->len ? store_text(chat, in) : 0;
}


static void message_handler(struct account *acc,
			    const struct message_in *msg, void *arg)
{
	struct chat *chat = arg;
	struct incoming in;
	int err;

	chat->prepareh(chat->prepare_arg);
	if (!chat->db) {
		warning("chat: a message came and cannot be kept\n");
		return;
	}

	err = incoming_open(&in, acc, msg);
	if (!err)
		err = handle(chat, &in);
	if (err)
		event_notice(LOGL_WARNING,
			     "A message from %s could not be taken: %m",
			     in.uri ? in.uri : "?", err);

	incoming_close(&in);
}


int chat_alloc(struct chat **chatp, const struct config *config,
	       struct accounts *accounts, chat_prepare_h *prepareh,
	       void *arg)
{
	struct chat *chat;

	if (!chatp || !accounts || !prepareh)
		return EINVAL;

	chat = mem_zalloc(sizeof(*chat), chat_destructor);
	if (!chat)
		return ENOMEM;

	chat->config = config;
	chat->accounts = accounts;
	chat->prepareh = prepareh;
	chat->prepare_arg = arg;
	accounts_set_message_handler(accounts, message_handler, chat);

	*chatp = chat;

	return 0;
}


void chat_set_store(struct chat *chat, struct db *db)
{
	int err;

	chat->db = db;
	if (!db)
		return;

	err = messages_fail_unsent(db, "The phone ended before this "
				       "message was sent");
	if (err)
		warning("chat: unsent messages: %m\n", err);
}


int chat_send(int64_t *idp, struct chat *chat, struct account *acc,
	      const char *uri, const char *name, const char *text,
	      const char **why)
{
	struct message_row row = {
		.state = MESSAGE_QUEUED,
		.time = time(NULL),
		.remote_id = "",
		.reason = "",
		.seen = true,
	};
	char *clean = NULL;
	int err;

	if (!idp || !chat || !acc || !uri || !text || !why)
		return EINVAL;

	if (!chat->db) {
		*why = "The database could not be opened: "
		       "messages cannot be kept";
		return ENODEV;
	}
	if (!*text) {
		*why = "The message is empty";
		return EINVAL;
	}
	if (strlen(text) > CHAT_TEXT_MAX) {
		*why = "The message is too long: 32 kB is the most";
		return EMSGSIZE;
	}
	if (!text_is_utf8(text, strlen(text))) {
		*why = "The message is not UTF-8 text";
		return EINVAL;
	}

	*why = "The message cannot be written to the database";
	err = conversation_get(chat->db, account_address(acc), uri,
			       name ? name : "", &row.conversation);
	if (err)
		return err;

	clean = text_clean(text, strlen(text), TEXT_BODY);
	if (!clean)
		return ENOMEM;

	row.text = clean;
	err = message_add(chat->db, &row, idp);
	if (!err) {
		event_publish_id(EVENT_MESSAGE, *idp);
		event_publish_id(EVENT_CONVERSATION, row.conversation);
		err = delivery_start(chat, acc, *idp, row.conversation, uri,
				     clean);
		if (err)
			*why = "The message could not be sent";
	}
	free(clean);

	return err;
}
