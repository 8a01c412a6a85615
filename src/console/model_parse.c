/**
 * @file model_parse.c  JSON objects of the phone into objects of the model
 *
 * The phone cleans what it sends; it is cleaned again here, for the phone
 * may be an older one, or at the far end of an ssh.
 */
#include "model_parse.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "i18n.h"

enum { URIS_MAX = 64 };


/* A cleaned copy, "" if it is missing */
static char *str(const json_t *o, const char *key, enum text_kind kind)
{
	json_t *v = json_object_get(o, key);
	const char *s = json_string_value(v);

	return text_clean(s ? s : "", s ? json_string_length(v) : 0, kind);
}


static char *line(const json_t *o, const char *key)
{
	return str(o, key, TEXT_LINE);
}


char *parse_line(const json_t *o, const char *key)
{
	return line(o, key);
}


static int64_t integer(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}


static double number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}


static bool yes(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}


/* A sentence of the phone's */
static char *sentence(const json_t *o, const char *key)
{
	char *s = line(o, key), *own;

	own = s ? i18n_phone_dup(s) : NULL;
	free(s);

	return own;
}


static char *reason(const json_t *o)
{
	return sentence(json_object_get(o, "reason"), "text");
}


/* Of a caller without a name: a number says more than its whole address */
static void number_is_name(struct m_peer *peer)
{
	const char *user = strchr(peer->uri, ':');
	size_t n;

	user = user ? user + 1 : peer->uri;
	n = strspn(user, "+0123456789*#");
	if (!n || (user[n] != '@' && user[n] != ';' && user[n]))
		return;
	free(peer->name);
	peer->name = strndup(user, n);
}


static bool parse_peer(struct m_peer *peer, const json_t *o)
{
	const json_t *p = json_object_get(o, "peer");

	peer->uri = line(p, "uri");
	peer->name = str(p, "name", TEXT_NAME);
	peer->contact = line(p, "contact");
	if (peer->uri && peer->name && !*peer->name)
		number_is_name(peer);

	return peer->uri && peer->name && peer->contact;
}


static void free_peer(struct m_peer *peer)
{
	free(peer->uri);
	free(peer->name);
	free(peer->contact);
}


struct m_account *parse_account(const json_t *o)
{
	struct m_account *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;

	a->id = integer(o, "id");
	a->address = line(o, "address");
	a->name = str(o, "name", TEXT_NAME);
	a->server = line(o, "server");
	a->transport = line(o, "transport");
	a->state = line(o, "state");
	a->listen = line(o, "listen");
	a->reason = reason(o);
	if (yes(json_object_get(o, "mailbox"), "waiting"))
		a->voicemail = integer(json_object_get(o, "mailbox"), "new") ?
			integer(json_object_get(o, "mailbox"), "new") : -1;
	a->enabled = yes(o, "enabled");
	if (!a->id || !a->address || !a->name || !a->server ||
	    !a->transport || !a->state || !a->listen || !a->reason) {
		free_account(a);
		return NULL;
	}

	return a;
}


void free_account(void *p)
{
	struct m_account *a = p;

	if (!a)
		return;
	free(a->address);
	free(a->name);
	free(a->server);
	free(a->transport);
	free(a->state);
	free(a->listen);
	free(a->reason);
	free(a);
}


static void parse_figures(struct m_call *c, const json_t *o)
{
	const json_t *f = json_object_get(o, "figures");
	const json_t *l = json_object_get(o, "levels");
	const char *net = json_string_value(json_object_get(f, "network"));

	c->figures = json_is_object(f) && json_object_size(f);
	c->rtt_ms = number(f, "rtt_ms");
	c->loss = number(f, "loss");
	c->jitter_ms = number(f, "jitter_ms");
	c->mos = number(f, "mos");
	if (net && strlen(net) < sizeof(c->network) &&
	    strspn(net, "abcdefghijklmnopqrstuvwxyz") == strlen(net))
		(void)snprintf(c->network, sizeof(c->network), "%s", net);
	c->mic = number(l, "mic");
	c->speaker = number(l, "speaker");
}


/* What the user still has to read */
static char *first_alarm(const json_t *o)
{
	json_t *alarms = json_object_get(o, "alarms"), *alarm;
	size_t i;

	json_array_foreach(alarms, i, alarm) {
		if (!yes(alarm, "acknowledged"))
			return sentence(alarm, "text");
	}

	return strdup("");
}


struct m_call *parse_call(const json_t *o)
{
	struct m_call *c = calloc(1, sizeof(*c));
	const char *dir = json_string_value(json_object_get(o, "direction"));
	const json_t *q = json_object_get(o, "question");
	const json_t *d = json_object_get(o, "diverted");
	const char *kind = json_string_value(json_object_get(q, "kind"));

	if (!c)
		return NULL;

	c->id = integer(o, "id");
	c->account = integer(o, "account");
	c->incoming = dir && !strcmp(dir, "in");
	c->state = line(o, "state");
	c->codec = line(o, "codec");
	c->crypto = line(o, "crypto");
	c->label = line(o, "label");
	c->transport = line(o, "transport");
	c->digits = line(o, "digits");
	c->notice = sentence(o, "notice");
	c->sas = line(o, "sas");
	c->sas_words = line(o, "sas_words");
	c->alarm = first_alarm(o);
	c->reason = reason(o);
	c->advice = sentence(json_object_get(o, "reason"), "advice");
	c->start = integer(o, "start");
	c->answered = integer(o, "answered");
	c->ended = integer(o, "ended");
	c->rate = (int)integer(o, "rate");
	c->question = line(q, "target");
	c->question_by = line(q, "by");
	c->diverted = line(d, "uri");
	c->diverted_by = line(d, "name");
	c->moved = kind && !strcmp(kind, "redirect");
	c->conference = integer(o, "conference");
	c->muted = yes(o, "muted");
	c->held = yes(o, "held");
	c->recording = yes(o, "recording");
	c->remote_held = yes(o, "remote_held");
	parse_figures(c, o);

	if (!parse_peer(&c->peer, o) || !c->id || !c->state || !c->codec ||
	    !c->crypto || !c->label || !c->transport || !c->digits ||
	    !c->notice || !c->reason || !c->sas || !c->sas_words ||
	    !c->alarm || !c->advice || !c->question || !c->question_by ||
	    !c->diverted || !c->diverted_by) {
		free_call(c);
		return NULL;
	}

	return c;
}


void free_call(void *p)
{
	struct m_call *c = p;

	if (!c)
		return;
	free_peer(&c->peer);
	free(c->state);
	free(c->codec);
	free(c->crypto);
	free(c->label);
	free(c->transport);
	free(c->digits);
	free(c->notice);
	free(c->sas);
	free(c->sas_words);
	free(c->alarm);
	free(c->reason);
	free(c->advice);
	free(c->question);
	free(c->question_by);
	free(c->diverted);
	free(c->diverted_by);
	free(c);
}


struct m_contact *parse_contact(const json_t *o)
{
	struct m_contact *c = calloc(1, sizeof(*c));
	json_t *uris = json_object_get(o, "uris"), *uri;
	size_t i, n = json_array_size(uris);

	if (!c)
		return NULL;

	c->id = line(o, "id");
	c->name = str(o, "name", TEXT_NAME);
	c->presence = line(o, "presence");
	c->lamp = line(o, "lamp");
	if (n)
		c->uris = calloc(n < URIS_MAX ? n : URIS_MAX,
				 sizeof(*c->uris));

	json_array_foreach(uris, i, uri) {
		const char *s = json_string_value(uri);

		if (s && c->uris && c->uric < URIS_MAX)
			c->uris[c->uric] = text_clean(s, strlen(s), TEXT_LINE);
		if (s && c->uris && c->uric < URIS_MAX && c->uris[c->uric])
			c->uric++;
	}

	if (!c->id || !*c->id || !c->name || !c->presence ||
	    !c->lamp) {
		free_contact(c);
		return NULL;
	}

	return c;
}


void free_contact(void *p)
{
	struct m_contact *c = p;
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->uric; i++)
		free(c->uris[i]);
	free(c->uris);
	free(c->id);
	free(c->name);
	free(c->presence);
	free(c->lamp);
	free(c);
}


struct m_log *parse_log(const json_t *o)
{
	struct m_log *e = calloc(1, sizeof(*e));
	const char *dir = json_string_value(json_object_get(o, "direction"));

	if (!e)
		return NULL;

	e->id = integer(o, "id");
	e->incoming = dir && !strcmp(dir, "in");
	e->result = line(o, "result");
	e->account = line(o, "account");
	e->reason = reason(o);
	e->start = integer(o, "start");
	e->duration = integer(o, "duration");
	e->mos = number(json_object_get(o, "quality"), "mos");
	e->seen = yes(o, "seen");
	if (!parse_peer(&e->peer, o) || !e->result || !e->account ||
	    !e->reason) {
		free_log(e);
		return NULL;
	}

	return e;
}


void free_log(void *p)
{
	struct m_log *e = p;

	if (!e)
		return;
	free_peer(&e->peer);
	free(e->result);
	free(e->account);
	free(e->reason);
	free(e);
}


struct m_conversation *parse_conversation(const json_t *o)
{
	struct m_conversation *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;

	c->id = integer(o, "id");
	c->account = integer(o, "account");
	c->unread = integer(o, "unread");
	c->label = line(o, "label");
	c->last = integer(json_object_get(o, "last"), "time");
	if (!parse_peer(&c->peer, o) || !c->id || !c->label) {
		free_conversation(c);
		return NULL;
	}

	return c;
}


void free_conversation(void *p)
{
	struct m_conversation *c = p;

	if (!c)
		return;
	free_peer(&c->peer);
	free(c->label);
	free(c);
}


struct m_message *parse_message(const json_t *o)
{
	struct m_message *m = calloc(1, sizeof(*m));
	const char *dir = json_string_value(json_object_get(o, "direction"));

	if (!m)
		return NULL;

	m->id = integer(o, "id");
	m->incoming = dir && !strcmp(dir, "in");
	m->state = line(o, "state");
	m->text = str(o, "text", TEXT_BODY);
	m->reason = reason(o);
	m->time = integer(o, "time");
	if (!m->id || !m->state || !m->text || !m->reason) {
		free_message(m);
		return NULL;
	}

	return m;
}


void free_message(void *p)
{
	struct m_message *m = p;

	if (!m)
		return;
	free(m->state);
	free(m->text);
	free(m->reason);
	free(m);
}
