/**
 * @file panels/trace.c  The trace panel: SIP messages as they go by
 *
 * A line each, the newest at the bottom; the selection stays there unless it
 * is moved away. Enter shows the message, L the ladder of a call.
 */
#include <stdio.h>
#include <string.h>

#include "console/i18n.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"


static void row_draw(const struct m_trace *m, int y, const struct rect *r,
		     bool sel)
{
	enum role role = sel ? ROLE_SELECT : m->note ? ROLE_DIM :
		m->out ? ROLE_CHAT_SELF : ROLE_CHAT_PEER;
	char when[32], number[48] = "", call[64], buf[1024];

	words_clock(when, sizeof(when), m->time, 3);
	if (m->call)
		(void)snprintf(number, sizeof(number), _("call %lld"),
			       (long long)m->call);
	words_pad(call, sizeof(call), number, 8);
	(void)snprintf(buf, sizeof(buf), "%c%c %s %s %.800s",
		       sel ? '>' : ' ', m->note ? '*' : m->out ? '>' : '<',
		       when, call, m->title);
	if (sel)
		screen_line(y, r->x, r->w, role, buf);
	else
		(void)screen_put(y, r->x, r->w, role, buf);
	if (sel)
		screen_rest(y, r->x + 1);
}


size_t panel_trace_count(const struct scene *s)
{
	return s->model->trace.n;
}


void panel_trace_draw(const struct scene *s, const struct rect *r)
{
	struct view *v = &s->view[PANEL_TRACE];
	size_t n = panel_trace_count(s);
	int i, h = r->h - 1;
	const char *filter = s->filter[PANEL_TRACE];
	char count[32], title[128];

	(void)snprintf(count, sizeof(count), "%zu", n);
	(void)snprintf(title, sizeof(title), filter ? "%s /%.60s" : "%s",
		       _("Trace"), filter);
	panel_title(s, r, PANEL_TRACE, title, count);
	view_scroll(v, n, h > 0 ? (size_t)h : 0);
	for (i = 0; i < h && v->top + (size_t)i < n; i++)
		row_draw(model_trace_at(s->model, v->top + (size_t)i),
			 r->y + 1 + i, r, v->top + (size_t)i == v->sel);
	if (!n && h > 0)
		(void)screen_put(r->y + 1, r->x, r->w, ROLE_DIM,
				 _(" no SIP message yet"));
}
