/**
 * @file console_chat.c  The conversation that is shown
 *
 * Its messages come a page at a time. They are read when their newest ones
 * stand in the panel that has the focus: whoever looks at a conversation
 * while it grows has nothing new in it.
 */
#include <stdlib.h>

#include "client.h"
#include "console.h"


/** A page under way */
struct page {
	struct console *c;
	int64_t conversation;
	bool older;
};


static void chat_reply(int err, json_t *result, const char *text, void *arg)
{
	struct page *p = arg;
	struct console *c = p->c;
	(void)text;

	c->chat.loading = false;
	if (!err)
		model_messages(c->model, p->conversation, result, p->older,
			       PAGE);

	/* Scrolled on while this was under way */
	if (!err && p->conversation != c->chat.id)
		sync_chat(c);
	else if (!err)
		sync_chat_seen(c);
	c->dirty = true;
	free(p);
}


static void chat_ask(struct console *c, int64_t before)
{
	json_t *params = json_pack("{s:I, s:i}", "conversation",
				   (json_int_t)c->chat.id, "limit", PAGE);
	struct page *p = calloc(1, sizeof(*p));

	if (!p) {
		json_decref(params);
		return;
	}

	p->c = c;
	p->conversation = c->chat.id;
	p->older = before != 0;
	if (before)
		json_object_set_new(params, "before", json_integer(before));

	if (client_request(c->client, "chat.messages", params, chat_reply, p))
		free(p);
	else
		c->chat.loading = true;
}


void sync_chat(struct console *c)
{
	if (c->chat.id && !c->chat.loading)
		chat_ask(c, 0);
}


void sync_chat_more(struct console *c)
{
	const struct m_message *first = model_message_at(c->model, 0);

	if (c->chat.id && first && !c->model->messages_all &&
	    !c->chat.loading)
		chat_ask(c, first->id);
}


void sync_chat_seen(struct console *c)
{
	const struct m_conversation *conv = model_conversation(c->model,
							       c->chat.id);

	/* Who has scrolled back has not seen what is new */
	if (c->focus == PANEL_CHAT && !c->chat.scroll && conv && conv->unread)
		(void)client_request(c->client, "chat.seen",
				     json_pack("{s:I}", "conversation",
					       (json_int_t)conv->id),
				     NULL, NULL);
}
