/**
 * @file call_log.c  The call log panel
 */
#include <stdio.h>
#include <string.h>

#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"
#include "common/text.h"


static void row_draw(const struct scene *s, const struct m_log *e, int y,
		     const struct rect *r, bool selected)
{
	bool missed = e->incoming && !strcmp(e->result, "missed");
	enum role role = missed && !e->seen ? ROLE_MISSED : ROLE_TEXT;
	char when[32], dur[16] = "---", left[512];
	char mark = missed ? '!' : e->incoming ? '<' : '>';
	int w = r->w - 7;

	words_when(when, sizeof(when), e->start, false);
	if (!strcmp(e->result, "answered"))
		words_duration(dur, sizeof(dur), e->duration);
	else if (!missed && *e->result)
		(void)snprintf(dur, sizeof(dur), "%.6s",
			       !strcmp(e->result, "no-answer") ? "no ans" :
			       !strcmp(e->result, "cancelled") ? "cancel" :
			       !strcmp(e->result, "rejected") ? "reject" :
			       e->result);

	if (selected)
		role = s->focus == PANEL_LOG ? ROLE_SELECT : ROLE_SELECT_BLUR;
	(void)snprintf(left, sizeof(left), "%c%c %6s %.400s",
		       selected ? '>' : ' ', mark, when,
		       model_peer_name(&e->peer));

	if (selected)
		screen_line(y, r->x, r->w, role, "");
	(void)screen_put(y, r->x, w, role, left);
	screen_right(y, r->x + w, r->w - w, role, dur);
	if (selected && s->focus == PANEL_LOG)
		screen_rest(y, r->x + 1);
}


void panel_log_draw(const struct scene *s, const struct rect *r)
{
	struct view *v = &s->view[PANEL_LOG];
	const char *filter = s->filter[PANEL_LOG];
	const struct m_log *e;
	char title[128], right[32] = "";
	int i, h = r->h - 1;

	(void)snprintf(title, sizeof(title), filter ? "Calls /%.60s" :
		       "Calls", filter);
	if (s->model->missed)
		(void)snprintf(right, sizeof(right), "%lld missed",
			       (long long)s->model->missed);
	panel_title(s, r, PANEL_LOG, title, right);

	view_scroll(v, s->model->log.n, h > 0 ? (size_t)h : 0);
	for (i = 0; i < h; i++) {
		size_t row = v->top + (size_t)i;

		e = model_log_at(s->model, row);
		if (!e)
			break;
		row_draw(s, e, r->y + 1 + i, r, row == v->sel);
	}
	if (!s->model->log.n && h > 0)
		(void)screen_put(r->y + 1, r->x, r->w, ROLE_DIM, filter ?
				 " no call fits" : " no call yet");
}


size_t panel_log_count(const struct scene *s)
{
	return s->model->log.n;
}
