/**
 * @file confirm.c  Small overlays: a question, a notice, completions
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "console/console.h"
#include "console/screen.h"

enum {
	CONFIRM_W = 60,
	NOTICE_W = 76, NOTICE_H = 20,
	MENU_ROWS = 8, MENU_W = 60
};


void overlay_confirm_draw(struct console *c)
{
	struct rect r = overlay_rect((int)c->confirm.n + 4, CONFIRM_W);
	char buf[128];
	size_t i;

	if (r.h < 4)
		return;

	screen_box(&r, c->confirm.title);
	(void)screen_put(r.y + 1, r.x + 2, r.w - 4, ROLE_OVERLAY,
			 c->confirm.text);
	for (i = 0; i < c->confirm.n && (int)i < r.h - 3; i++) {
		(void)snprintf(buf, sizeof(buf), "%c", c->confirm.v[i].key);
		(void)screen_put(r.y + 2 + (int)i, r.x + 4, 1,
				 ROLE_OVERLAY_TITLE, buf);
		(void)screen_put(r.y + 2 + (int)i, r.x + 7, r.w - 9,
				 ROLE_OVERLAY, c->confirm.v[i].label);
	}
	(void)screen_put(r.y + r.h - 2, r.x + 2, r.w - 4, ROLE_OVERLAY,
			 "  Esc  stay");
}


static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';

	return n;
}


void overlay_notice_draw(struct console *c)
{
	const char *p = c->notice;
	size_t n = lines_of(p), i;
	struct rect r = overlay_rect(n + 2 < NOTICE_H ? (int)n + 2 : NOTICE_H,
				     NOTICE_W);
	size_t rows = r.h > 2 ? (size_t)r.h - 2 : 0;

	if (r.h < 3)
		return;
	if (c->overlay_top + rows > n)
		c->overlay_top = n > rows ? n - rows : 0;

	screen_box(&r, c->notice_title);
	for (i = 0; i < c->overlay_top + rows && *p; i++) {
		size_t len = strcspn(p, "\n");
		char row[1024];

		if (i >= c->overlay_top) {
			(void)snprintf(row, sizeof(row), "%.*s",
				       (int)(len < 1000 ? len : 1000), p);
			(void)screen_put(r.y + 1 + (int)(i - c->overlay_top),
					 r.x + 2, r.w - 4, ROLE_OVERLAY, row);
		}
		p += len + (p[len] == '\n');
	}
	if (n > rows) {
		char more[32];

		(void)snprintf(more, sizeof(more), " %zu-%zu of %zu ",
			       c->overlay_top + 1, c->overlay_top + rows, n);
		screen_right(r.y + r.h - 1, r.x, r.w - 2, ROLE_OVERLAY, more);
	}
}


void overlay_complete_draw(struct console *c)
{
	const struct complete *cp = &c->complete;
	int rows = cp->n < MENU_ROWS ? (int)cp->n : MENU_ROWS;
	int y = c->layout.message.y - rows, i;
	int w = c->layout.message.w < MENU_W ? c->layout.message.w : MENU_W;
	size_t top = 0;
	char buf[512];

	if (y < 1)
		return;
	if (cp->sel < cp->n && cp->sel >= (size_t)rows)
		top = cp->sel - (size_t)rows + 1;

	for (i = 0; i < rows; i++) {
		const struct candidate *v = &cp->v[top + (size_t)i];
		bool sel = top + (size_t)i == cp->sel;

		(void)snprintf(buf, sizeof(buf), " %-20.100s  %.200s",
			       v->text, v->help);
		screen_line(y + i, 0, w, sel ? ROLE_SELECT : ROLE_OVERLAY,
			    buf);
	}
}
