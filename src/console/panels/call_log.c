/**
 * @file call_log.c  The call log panel
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "console/i18n.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"


enum { MOS_FROM = 44 };         /* Columns; narrower there is no room for it */


/* Six columns at the most */
static const char *result_word(const char *result)
{
	if (!strcmp(result, "no-answer"))
		return _("no ans");
	if (!strcmp(result, "cancelled"))
		return _("cancel");
	if (!strcmp(result, "rejected"))
		return _("reject");
	if (!strcmp(result, "failed"))
		return _("failed");
	if (!strcmp(result, "busy"))
		return C_("log", "busy");
	if (!strcmp(result, "elsewhere"))
		return C_("log", "taken");

	return result;
}


static void row_draw(const struct scene *s, const struct m_log *e, int y,
		     const struct rect *r, bool selected)
{
	bool missed = e->incoming && !strcmp(e->result, "missed");
	enum role role = missed && !e->seen ? ROLE_MISSED : ROLE_TEXT;
	char when[32], day[32], dur[64] = "---", said[32], left[512];
	char mark = missed ? '!' : e->incoming ? '<' : '>';
	int w;

	words_when(day, sizeof(day), e->start, false);
	words_pad(when, sizeof(when), day, -6);
	if (!strcmp(e->result, "answered"))
		words_duration(dur, sizeof(dur), e->duration);
	else if (!missed && *e->result)
		words_pad(dur, sizeof(dur), result_word(e->result), 6);
	if (e->mos > 0 && r->w >= MOS_FROM) {
		(void)snprintf(said, sizeof(said), "%s", dur);
		(void)snprintf(dur, sizeof(dur), "MOS %.1f  %s", e->mos,
			       said);
	}

	w = r->w - (int)text_width(dur) - 1;
	if (selected)
		role = s->focus == PANEL_LOG ? ROLE_SELECT : ROLE_SELECT_BLUR;
	(void)snprintf(left, sizeof(left), "%c%c %s %.400s",
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
	char title[128], right[64] = "";
	int i, h = r->h - 1;

	(void)snprintf(title, sizeof(title), filter ? "%s /%.60s" : "%s",
		       _("Calls"), filter);
	if (s->model->missed)
		(void)snprintf(right, sizeof(right),
			       i18n_plural("%lld missed", "%lld missed",
					   s->model->missed),
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
	if (!s->model->log.n && h > 0 && s->connected)
		(void)screen_put(r->y + 1, r->x, r->w, ROLE_DIM, filter ?
				 _(" no call fits") : _(" no call yet"));
}


size_t panel_log_count(const struct scene *s)
{
	return s->model->log.n;
}
