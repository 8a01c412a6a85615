/**
 * @file console_list.c  Lists and what is selected in them
 *
 * A selection is somebody, not a row number: when rows come and go it stays
 * with whom it was. Moving it is all that a list can do; drawing decides
 * what of it can be seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"


static bool fits(const char *filter, const char *a, const char *b)
{
	return !filter || complete_score(filter, a) >= 0 ||
		(b && complete_score(filter, b) >= 0);
}


/* What stays the same about a row: the contact's id, or "#" and the number
   of the conversation */
static void row_key(const struct contact_row *r, char *buf, size_t size)
{
	if (r->contact)
		(void)snprintf(buf, size, "%s", r->contact->id);
	else
		(void)snprintf(buf, size, "#%lld",
			       (long long)r->stranger->id);
}


static void keep_key(struct console *c)
{
	const struct contact_row *r = list_contact(c);
	char key[512];

	free(c->row_key);
	c->row_key = NULL;
	if (r) {
		row_key(r, key, sizeof(key));
		c->row_key = strdup(key);
	}
}


static void find_key(struct console *c)
{
	struct view *v = &c->view[PANEL_CONTACTS];
	char key[512];
	size_t i;

	for (i = 0; c->row_key && i < c->rowc; i++) {
		row_key(&c->rows[i], key, sizeof(key));
		if (!strcmp(key, c->row_key)) {
			v->sel = i;
			return;
		}
	}

	if (v->sel >= c->rowc)
		v->sel = c->rowc ? c->rowc - 1 : 0;
	keep_key(c);
}


void list_refresh(struct console *c)
{
	const char *filter = c->filter[PANEL_CONTACTS];
	const struct m_conversation *conv;
	const struct m_contact *ct;
	struct contact_row *rows;
	size_t i, n = 0;

	rows = calloc(c->model->contacts.n + c->model->conversations.n + 1,
		      sizeof(*rows));
	if (!rows)
		return;

	/* Who wrote and is no contact comes first: it is new */
	for (i = 0; (conv = model_conversation_at(c->model, i)); i++) {
		if (!model_contact(c->model, conv->peer.contact) &&
		    fits(filter, conv->peer.uri, conv->peer.name))
			rows[n++].stranger = conv;
	}
	for (i = 0; (ct = model_contact_at(c->model, i)); i++) {
		if (fits(filter, ct->name, ct->uric ? ct->uris[0] : NULL))
			rows[n++].contact = ct;
	}

	free(c->rows);
	c->rows = rows;
	c->rowc = n;
	find_key(c);

	if (c->view[PANEL_LOG].sel >= c->model->log.n)
		c->view[PANEL_LOG].sel = c->model->log.n ?
			c->model->log.n - 1 : 0;
}


const struct contact_row *list_contact(const struct console *c)
{
	size_t sel = c->view[PANEL_CONTACTS].sel;

	return sel < c->rowc ? &c->rows[sel] : NULL;
}


const struct m_log *list_log(const struct console *c)
{
	return model_log_at(c->model, c->view[PANEL_LOG].sel);
}


size_t list_count(const struct console *c, enum panel panel)
{
	const struct panel_row *row = panel_row(panel);
	struct scene s;

	if (!row->count)
		return 0;
	console_scene((struct console *)c, &s);

	return row->count(&s);
}


size_t list_page(const struct console *c)
{
	int h = c->layout.tile[c->focus].h - 2;

	return h > 1 ? (size_t)h : 1;
}


static void chat_move(struct console *c, long step)
{
	/* Up is back in time */
	if (step < 0) {
		size_t up = (size_t)-step;

		if (up > c->chat.above) {
			up = c->chat.above;
			sync_chat_more(c);
		}
		c->chat.scroll += up;
	}
	else {
		c->chat.scroll -= (size_t)step < c->chat.scroll ?
			(size_t)step : c->chat.scroll;
		sync_chat_seen(c);
	}
	c->dirty = true;
}


void list_move(struct console *c, long step)
{
	struct view *v = &c->view[c->focus];
	size_t n = list_count(c, c->focus);

	if (c->focus == PANEL_CHAT) {
		chat_move(c, step);
		return;
	}
	if (!n)
		return;

	if (step < 0)
		list_move_to(c, v->sel > (size_t)-step ?
			     v->sel - (size_t)-step : 0);
	else
		list_move_to(c, v->sel + (size_t)step);
}


void list_move_to(struct console *c, size_t row)
{
	struct view *v = &c->view[c->focus];
	size_t n = list_count(c, c->focus);

	if (c->focus == PANEL_CHAT) {
		chat_move(c, row ? 1 << 20 : -(1 << 20));
		return;
	}
	if (!n)
		return;

	v->sel = row < n ? row : n - 1;
	c->log_to_end = c->focus == PANEL_LOG && row == (size_t)-1;
	c->dirty = true;
	if (c->focus == PANEL_CONTACTS)
		keep_key(c);
	if (c->focus == PANEL_LOG && v->sel + PAGE / 4 >= n)
		sync_log_more(c);
	chat_follow(c);
}


static char empty[] = "";


const char *list_target(const struct console *c, struct m_peer *peer)
{
	const struct contact_row *r;
	const struct m_log *e;

	memset(peer, 0, sizeof(*peer));
	peer->uri = peer->name = peer->contact = empty;

	if (c->focus == PANEL_LOG) {
		e = list_log(c);
		if (!e)
			return NULL;
		*peer = e->peer;
	}
	else if (c->focus == PANEL_CONTACTS) {
		r = list_contact(c);
		if (!r)
			return NULL;
		if (r->stranger) {
			*peer = r->stranger->peer;
		}
		else {
			peer->name = r->contact->name;
			peer->contact = r->contact->id;
			if (r->contact->uric)
				peer->uri = r->contact->uris[0];
		}
	}
	else if (c->focus == PANEL_CALL && model_call(c->model, c->call)) {
		*peer = model_call(c->model, c->call)->peer;
	}
	else if (c->chat.peer.uri) {
		*peer = c->chat.peer;
	}
	else {
		return NULL;
	}

	return *peer->uri ? peer->uri : NULL;
}


/* The copy comes first: `from` may be what `to` holds */
static void text_copy(char **to, const char *from)
{
	char *copy = strdup(from);

	if (!copy)
		return;
	free(*to);
	*to = copy;
}


static void peer_copy(struct m_peer *to, const struct m_peer *from)
{
	text_copy(&to->uri, from->uri);
	text_copy(&to->name, from->name);
	text_copy(&to->contact, from->contact);
}


void chat_open(struct console *c, const struct m_peer *peer)
{
	const struct m_conversation *conv;
	bool same = c->chat.peer.uri && !strcmp(c->chat.peer.uri, peer->uri) &&
		!strcmp(c->chat.peer.contact, peer->contact);

	conv = model_conversation_with(c->model, peer->contact, peer->uri);
	if (same && c->chat.id == (conv ? conv->id : 0))
		return;

	if (!same) {
		peer_copy(&c->chat.peer, peer);
		c->chat.scroll = 0;
		free(c->chat.draft);
		c->chat.draft = NULL;
		free(c->filter[PANEL_CHAT]);
		c->filter[PANEL_CHAT] = NULL;
	}
	c->chat.id = conv ? conv->id : 0;
	model_open_conversation(c->model, c->chat.id);
	sync_chat(c);
	c->dirty = true;
}


/* A chat panel alone begins with who wrote last */
static void chat_newest(struct console *c)
{
	const struct m_conversation *conv, *newest = NULL;
	size_t i;

	for (i = 0; (conv = model_conversation_at(c->model, i)); i++) {
		if (!newest || conv->last > newest->last)
			newest = conv;
	}

	if (newest)
		chat_open(c, &newest->peer);
}


void chat_follow(struct console *c)
{
	struct m_peer peer;

	/* Not away from what is being written */
	if (c->typing == TYPING_CHAT)
		return;
	if ((c->focus == PANEL_CONTACTS || c->focus == PANEL_LOG) &&
	    list_target(c, &peer))
		chat_open(c, &peer);
	else if (c->single == PANEL_CHAT && !c->chat.peer.uri)
		chat_newest(c);
}


void console_focus(struct console *c, enum panel panel)
{
	if (c->single >= 0)
		return;

	c->focus = panel;
	c->dirty = true;
	sync_chat_seen(c);
	sync_trace(c);
	chat_follow(c);
}
