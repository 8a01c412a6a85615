/**
 * @file model_trace.c  SIP messages that went by
 *
 * The last few hundred, oldest first; only while a trace panel asks for
 * them.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"

enum { TRACE_MAX = 500 };


static void free_trace(struct m_trace *t)
{
	if (!t)
		return;
	free(t->title);
	free(t->text);
	free(t);
}


static char *cleaned(const json_t *o, const char *key, enum text_kind kind)
{
	json_t *v = json_object_get(o, key);
	const char *s = json_string_value(v);

	return text_clean(s ? s : "", s ? json_string_length(v) : 0, kind);
}


static bool same(const json_t *o, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s && !strcmp(s, value);
}


void model_trace_clear(struct model *m)
{
	size_t i;

	for (i = 0; i < m->trace.n; i++)
		free_trace(m->trace.v[i]);
	free(m->trace.v);
	memset(&m->trace, 0, sizeof(m->trace));
}


void model_trace_add(struct model *m, const json_t *o)
{
	struct m_trace *t = calloc(1, sizeof(*t));
	void **v;

	if (!t)
		return;

	t->id = json_integer_value(json_object_get(o, "id"));
	t->time = json_number_value(json_object_get(o, "time"));
	t->call = json_integer_value(json_object_get(o, "call"));
	t->out = same(o, "direction", "out");
	t->note = same(o, "kind", "note");
	t->title = cleaned(o, "title", TEXT_LINE);
	t->text = cleaned(o, "text", TEXT_BODY);

	if (!m->trace.v) {
		m->trace.v = calloc(TRACE_MAX, sizeof(*m->trace.v));
		m->trace.size = TRACE_MAX;
	}
	v = m->trace.v;
	if (!t->title || !t->text || !v) {
		free_trace(t);
		return;
	}
	if (m->trace.n == TRACE_MAX) {
		free_trace(v[0]);
		memmove(v, v + 1, (TRACE_MAX - 1) * sizeof(*v));
		m->trace.n--;
	}
	v[m->trace.n++] = t;
}
