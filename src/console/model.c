/**
 * @file model.c  What the phone last said
 *
 * Arrays of pointers, kept in the order they are shown. A changed object
 * arrives whole and replaces the old one, so there is no merging and no way
 * to be half right. Contacts are sorted by name, the log by age, which makes
 * 5,000 and 10,000 rows a matter of one memmove.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model_parse.h"

typedef void (free_h)(void *p);

enum { CALL_SENT = sizeof(((struct m_call *)0)->sent) };


struct model *model_alloc(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		m->version = strdup("");

	return m;
}


static void array_clear(struct m_array *a, free_h *h)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		h(a->v[i]);
	free(a->v);
	memset(a, 0, sizeof(*a));
}


static void array_insert(struct m_array *a, size_t pos, void *p, free_h *h)
{
	if (a->n == a->size) {
		size_t size = a->size ? a->size * 2 : 32;
		void **v = realloc(a->v, size * sizeof(*v));

		if (!v) {
			h(p);
			return;
		}
		a->v = v;
		a->size = size;
	}

	memmove(a->v + pos + 1, a->v + pos, (a->n - pos) * sizeof(*a->v));
	a->v[pos] = p;
	a->n++;
}


static void array_remove(struct m_array *a, size_t pos, free_h *h)
{
	h(a->v[pos]);
	a->n--;
	memmove(a->v + pos, a->v + pos + 1, (a->n - pos) * sizeof(*a->v));
}


void model_reset(struct model *m)
{
	array_clear(&m->accounts, free_account);
	array_clear(&m->calls, free_call);
	array_clear(&m->contacts, free_contact);
	array_clear(&m->log, free_log);
	array_clear(&m->conversations, free_conversation);
	array_clear(&m->messages, free_message);
	model_trace_clear(m);
	m->conversation = 0;
	m->messages_all = m->log_all = false;
	m->missed = m->unread = 0;
}


void model_free(struct model *m)
{
	if (!m)
		return;

	model_reset(m);
	free(m->version);
	free(m->shown);
	free(m);
}


/* ---- find ---------------------------------------------------------------
 * Each object but the contact begins with its int64_t id */
static size_t index_of(const struct m_array *a, int64_t id)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		const int64_t *idp = a->v[i];

		if (*idp == id)
			break;
	}

	return i;
}


static void *find(const struct m_array *a, int64_t id)
{
	size_t i = index_of(a, id);

	return i < a->n ? a->v[i] : NULL;
}


struct m_account *model_account(const struct model *m, int64_t id)
{
	return find(&m->accounts, id);
}


struct m_call *model_call(const struct model *m, int64_t id)
{
	return find(&m->calls, id);
}


struct m_conversation *model_conversation(const struct model *m, int64_t id)
{
	return find(&m->conversations, id);
}


static size_t contact_index(const struct model *m, const char *id)
{
	size_t i;

	for (i = 0; i < m->contacts.n; i++) {
		if (!strcmp(model_contact_at(m, i)->id, id))
			break;
	}

	return i;
}


struct m_contact *model_contact(const struct model *m, const char *id)
{
	return id && *id ? model_contact_at(m, contact_index(m, id)) : NULL;
}


int64_t model_contact_unread(const struct model *m,
			     const struct m_contact *ct)
{
	const struct m_conversation *conv;
	int64_t n = 0;
	size_t i;

	for (i = 0; (conv = model_conversation_at(m, i)); i++) {
		if (!strcmp(conv->peer.contact, ct->id))
			n += conv->unread;
	}

	return n;
}


struct m_conversation *model_conversation_with(const struct model *m,
					       const char *contact,
					       const char *uri)
{
	struct m_conversation *c, *best = NULL;
	size_t i;

	for (i = 0; (c = model_conversation_at(m, i)); i++) {
		bool same = contact && *contact ?
			!strcmp(c->peer.contact, contact) :
			uri && !strcmp(c->peer.uri, uri);

		if (same && (!best || c->last > best->last))
			best = c;
	}

	return best;
}


const char *model_peer_name(const struct m_peer *peer)
{
	if (*peer->name)
		return peer->name;

	return strncmp(peer->uri, "sip:", 4) ? peer->uri : peer->uri + 4;
}


/* ---- put ----------------------------------------------------------------*/
static void put(struct m_array *a, void *p, free_h *h)
{
	size_t i;

	if (!p)
		return;

	i = index_of(a, *(int64_t *)p);
	if (i < a->n) {
		h(a->v[i]);
		a->v[i] = p;
	}
	else {
		array_insert(a, a->n, p, h);
	}
}


static void call_put(struct model *m, struct m_call *call)
{
	struct m_call *old = call ? model_call(m, call->id) : NULL;

	/* What was typed here the phone does not tell */
	if (old)
		memcpy(call->sent, old->sent, CALL_SENT);
	put(&m->calls, call, free_call);
}


static int by_name(const void *a, const void *b)
{
	const struct m_contact *const *x = a, *const *y = b;
	int n = strcasecmp((*x)->name, (*y)->name);

	return n ? n : strcmp((*x)->id, (*y)->id);
}


static void contact_put(struct model *m, struct m_contact *c)
{
	size_t lo = 0, hi, i;

	if (!c)
		return;

	i = contact_index(m, c->id);
	if (i < m->contacts.n)
		array_remove(&m->contacts, i, free_contact);

	hi = m->contacts.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (by_name(&c, &m->contacts.v[mid]) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	array_insert(&m->contacts, lo, c, free_contact);
}


/* ---- answers ------------------------------------------------------------*/
void model_accounts(struct model *m, const json_t *list)
{
	json_t *o;
	size_t i;

	array_clear(&m->accounts, free_account);
	json_array_foreach(list, i, o)
		put(&m->accounts, parse_account(o), free_account);
}


void model_calls(struct model *m, const json_t *list)
{
	struct m_array old = m->calls;
	json_t *o;
	size_t i;

	memset(&m->calls, 0, sizeof(m->calls));
	json_array_foreach(list, i, o)
		call_put(m, parse_call(o));
	array_clear(&old, free_call);
}


const char *model_shown(const struct model *m)
{
	return m->shown ? m->shown : "";
}


static void presence_set(struct model *m, const json_t *o)
{
	free(m->shown);
	m->shown = parse_line(o, "shown");
}


void model_status(struct model *m, const json_t *st)
{
	const char *version = json_string_value(json_object_get(st,
								"version"));

	model_accounts(m, json_object_get(st, "accounts"));
	model_calls(m, json_object_get(st, "calls"));
	m->missed = json_integer_value(json_object_get(st, "missed"));
	m->unread = json_integer_value(json_object_get(st, "unread"));
	free(m->version);
	m->version = strdup(version ? version : "");
	presence_set(m, json_object_get(st, "presence"));
}


void model_contacts(struct model *m, const json_t *list)
{
	json_t *o;
	size_t i;

	array_clear(&m->contacts, free_contact);
	json_array_foreach(list, i, o) {
		struct m_contact *c = parse_contact(o);

		if (c)
			array_insert(&m->contacts, m->contacts.n, c,
				     free_contact);
	}
	if (m->contacts.n)
		qsort(m->contacts.v, m->contacts.n, sizeof(*m->contacts.v),
		      by_name);
}


void model_conversations(struct model *m, const json_t *list)
{
	json_t *o;
	size_t i;

	array_clear(&m->conversations, free_conversation);
	json_array_foreach(list, i, o)
		put(&m->conversations, parse_conversation(o),
		    free_conversation);
}


void model_log(struct model *m, const json_t *list, bool first, size_t limit)
{
	json_t *o;
	size_t i;

	if (first)
		array_clear(&m->log, free_log);

	json_array_foreach(list, i, o) {
		struct m_log *e = parse_log(o);

		if (e)
			array_insert(&m->log, m->log.n, e, free_log);
	}
	m->log_all = json_array_size(list) < limit;
}


void model_open_conversation(struct model *m, int64_t conversation)
{
	array_clear(&m->messages, free_message);
	m->conversation = conversation;
	m->messages_all = false;
}


static void message_put(struct model *m, struct m_message *msg)
{
	size_t i;

	if (!msg)
		return;

	i = index_of(&m->messages, msg->id);
	if (i < m->messages.n) {
		free_message(m->messages.v[i]);
		m->messages.v[i] = msg;
		return;
	}

	/* Nearly always the newest */
	for (i = m->messages.n; i > 0; i--) {
		if (model_message_at(m, i - 1)->id < msg->id)
			break;
	}
	array_insert(&m->messages, i, msg, free_message);
}


void model_messages(struct model *m, int64_t conversation,
		    const json_t *list, bool older, size_t limit)
{
	json_t *o;
	size_t i;

	if (conversation != m->conversation)
		return;
	if (!older)
		array_clear(&m->messages, free_message);

	json_array_foreach(list, i, o)
		message_put(m, parse_message(o));
	m->messages_all = json_array_size(list) < limit;
}


/* ---- events -------------------------------------------------------------*/
static void removed(struct m_array *a, const json_t *params, free_h *h)
{
	size_t i = index_of(a, json_integer_value(json_object_get(params,
								  "id")));

	if (i < a->n)
		array_remove(a, i, h);
}


static void contact_removed(struct model *m, const json_t *params)
{
	const char *id = json_string_value(json_object_get(params, "id"));
	size_t i = id ? contact_index(m, id) : m->contacts.n;

	if (i < m->contacts.n)
		array_remove(&m->contacts, i, free_contact);
}


static void log_added(struct model *m, const json_t *params)
{
	struct m_log *e = parse_log(params);

	if (!e)
		return;

	if (index_of(&m->log, e->id) < m->log.n)
		put(&m->log, e, free_log);
	else
		array_insert(&m->log, 0, e, free_log);
}


bool model_event(struct model *m, const char *method, const json_t *params)
{
	if (!strcmp(method, "account.changed"))
		put(&m->accounts, parse_account(params), free_account);
	else if (!strcmp(method, "account.removed"))
		removed(&m->accounts, params, free_account);
	else if (!strcmp(method, "call.changed"))
		call_put(m, parse_call(params));
	else if (!strcmp(method, "call.removed"))
		removed(&m->calls, params, free_call);
	else if (!strcmp(method, "chat.changed"))
		put(&m->conversations, parse_conversation(params),
		    free_conversation);
	else if (!strcmp(method, "contact.changed"))
		contact_put(m, parse_contact(params));
	else if (!strcmp(method, "contact.removed"))
		contact_removed(m, params);
	else if (!strcmp(method, "log.added"))
		log_added(m, params);
	else if (!strcmp(method, "chat.message")) {
		if (json_integer_value(json_object_get(params, "conversation"))
		    != m->conversation)
			return false;
		message_put(m, parse_message(params));
	}
	else if (!strcmp(method, "presence.changed"))
		presence_set(m, params);
	else if (!strcmp(method, "phone.counts")) {
		m->missed = json_integer_value(json_object_get(params,
							       "missed"));
		m->unread = json_integer_value(json_object_get(params,
							       "unread"));
	}
	else
		return false;

	return true;
}
