/**
 * @file delivery.c  A message on its way out, and what became of it
 *
 * One delivery is one MESSAGE transaction. Its answer moves the message
 * from queued to sent or failed; a later report of the peer (IMDN, RFC
 * 5438) moves it on to delivered or read, and never back. Linphone names a
 * message without CPIM by the Call-ID of its MESSAGE, so that is the id we
 * remember.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chat_priv.h"
#include "common/log.h"
#include "common/text.h"
#include "imdn.h"
#include "phone/account/account.h"
#include "phone/events.h"
#include "phone/sip/message.h"
#include "phone/sip/reason.h"
#include "phone/store/messages.h"

/** A MESSAGE that waits for its answer */
struct delivery {
	struct le le;
	struct chat *chat;
	int64_t id;              /**< Of the message; 0: a report of ours */
	int64_t conversation;
	struct message_out *out;
};


static void delivery_destructor(void *arg)
{
	struct delivery *d = arg;

	list_unlink(&d->le);
	mem_deref(d->out);
}


void delivery_state(struct chat *chat, int64_t id, int64_t conversation,
		    int state, uint16_t scode, const char *reason)
{
	int err;

	err = message_set_state(chat->db, id, (enum message_state)state,
				scode, reason);
	if (err) {
		warning("chat: state of message: %m\n", err);
		return;
	}

	event_publish_id(EVENT_MESSAGE, id);
	event_publish_id(EVENT_CONVERSATION, conversation);
}


static void response_handler(int err, uint16_t scode, const char *reason,
			     void *arg)
{
	struct delivery *d = arg;

	if (d->id) {
		bool ok = !err && scode >= 200 && scode < 300;

		delivery_state(d->chat, d->id, d->conversation,
			       ok ? MESSAGE_SENT : MESSAGE_FAILED,
			       ok ? 0 : scode,
			       ok ? "" : reason);
	}

	mem_deref(d);
}


static int send_body(struct chat *chat, struct account *acc, int64_t id,
		     int64_t conversation, const char *uri,
		     const char *ctype, const char *body, size_t len,
		     struct delivery **dp)
{
	struct delivery *d;
	int err;

	d = mem_zalloc(sizeof(*d), delivery_destructor);
	if (!d)
		return ENOMEM;

	d->chat = chat;
	d->id = id;
	d->conversation = conversation;
	list_append(&chat->deliveryl, &d->le, d);

	err = message_send(&d->out, account_stack(acc), uri, ctype, body,
			   len, response_handler, d);
	if (err)
		mem_deref(d);
	else if (dp)
		*dp = d;

	return err;
}


int delivery_start(struct chat *chat, struct account *acc, int64_t id,
		   int64_t conversation, const char *uri, const char *text)
{
	struct delivery *d = NULL;
	char reason[128];
	int err;

	err = send_body(chat, acc, id, conversation, uri,
			"text/plain;charset=UTF-8", text, strlen(text), &d);
	if (err) {
		reason_text(reason, sizeof(reason), err, 0, NULL, NULL);
		delivery_state(chat, id, conversation, MESSAGE_FAILED, 0,
			       reason);
		return err;
	}

	err = message_set_remote(chat->db, id, message_call_id(d->out));
	if (err)
		warning("chat: id of message: %m\n", err);

	return 0;
}


int delivery_notify(struct chat *chat, struct account *acc, const char *uri,
		    const char *message_id)
{
	struct imdn imdn = { .status = IMDN_DELIVERED };
	struct mbuf *mb;
	int err;

	if (!*message_id || strlen(message_id) > IMDN_ID_MAX)
		return EINVAL;

	str_ncpy(imdn.message_id, message_id, sizeof(imdn.message_id));
	imdn.time = time(NULL);

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err = imdn_encode(mb, &imdn);
	if (!err)
		err = send_body(chat, acc, 0, 0, uri, "message/imdn+xml",
				(const char *)mb->buf, mb->end, NULL);
	mem_deref(mb);

	return err;
}


struct current {
	enum message_state state;
	bool incoming;
	int64_t conversation;
};


static bool current_handler(const struct message_row *row, void *arg)
{
	struct current *cur = arg;

	cur->state = row->state;
	cur->incoming = row->incoming;
	cur->conversation = row->conversation;

	return true;
}


void delivery_report(struct chat *chat, int64_t conversation,
		     const uint8_t *body, size_t len)
{
	struct current cur = { MESSAGE_FAILED, true, 0 };
	enum message_state state;
	const char *reason = "";
	struct imdn imdn;
	int64_t id;

	if (imdn_decode(&imdn, (const char *)body, len))
		return;

	/* Only our own messages, only of this conversation */
	if (message_find_remote(chat->db, conversation, imdn.message_id,
				false, &id) ||
	    message_get(chat->db, id, current_handler, &cur) || cur.incoming)
		return;

	switch (imdn.status) {
	case IMDN_DELIVERED:
		state = MESSAGE_DELIVERED;
		break;
	case IMDN_DISPLAYED:
		state = MESSAGE_READ;
		break;
	case IMDN_FAILED:
		state = MESSAGE_FAILED;
		reason = "The other phone could not show the message";
		break;
	default:
		return;
	}

	if (cur.state == MESSAGE_READ || cur.state == state)
		return;

	delivery_state(chat, id, conversation, state, 0, reason);
}
