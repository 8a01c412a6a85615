/**
 * @file panel.c  The panels: a row each
 */
#include "panel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "i18n.h"
#include "screen.h"

static const struct panel_row rows[PANEL_MAX] = {
	[PANEL_CONTACTS] = { "contacts", N_("Contacts"), panel_contacts_draw,
			     panel_contacts_count, true },
	[PANEL_LOG] = { "log", N_("Calls"), panel_log_draw, panel_log_count,
			true },
	[PANEL_CHAT] = { "chat", N_("Chat"), panel_chat_draw, NULL, true },
	[PANEL_CALL] = { "call", N_("Call"), panel_call_draw, NULL, false },
	[PANEL_STATUS] = { "status", N_("Status"), panel_status_draw,
			   panel_status_count, false },
	[PANEL_TRACE] = { "trace", N_("Trace"), panel_trace_draw,
			  panel_trace_count, true }
};


const struct panel_row *panel_row(enum panel panel)
{
	return &rows[panel < PANEL_MAX ? panel : PANEL_CONTACTS];
}


int panel_find(const char *name, enum panel *panelp)
{
	int i;

	if (!name || !panelp)
		return EINVAL;

	/* All calls there are, in a tile of their own */
	if (!strcmp(name, "calls"))
		name = "call";
	for (i = 0; i < PANEL_MAX; i++) {
		if (!strcmp(rows[i].name, name)) {
			*panelp = (enum panel)i;
			return 0;
		}
	}

	return ENOENT;
}


void view_scroll(struct view *v, size_t n, size_t h)
{
	if (!h)
		return;
	if (v->sel >= n)
		v->sel = n ? n - 1 : 0;
	if (v->sel < v->top)
		v->top = v->sel;
	if (v->sel >= v->top + h)
		v->top = v->sel - h + 1;
	if (v->top + h > n)
		v->top = n > h ? n - h : 0;
}


void panel_title(const struct scene *s, const struct rect *r,
		 enum panel panel, const char *text, const char *right)
{
	enum role role = panel == s->focus ? ROLE_TITLE_FOCUS : ROLE_TITLE;
	char buf[256];

	if (r->h < 1)
		return;

	if (panel < PANEL_TILES)
		(void)snprintf(buf, sizeof(buf), " %d %s", (int)panel + 1,
			       text);
	else
		(void)snprintf(buf, sizeof(buf), " %s", text);
	screen_line(r->y, r->x, r->w, role, buf);
	if (*right && (int)(text_width(buf) + text_width(right)) + 2 < r->w)
		screen_right(r->y, r->x, r->w - 1, role, right);
}
