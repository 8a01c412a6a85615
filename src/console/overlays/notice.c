/**
 * @file notice.c  A text to read, longer than the message line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { WIDTH = 76, HEIGHT = 20, ROW_BYTES = 1024 };

struct notice {
	char title[128];
	char *text;
	size_t lines;
	size_t top;             /* first line shown                */
	size_t rows;            /* that are shown, from drawing    */
};


static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n' || !text[1];

	return n;
}


static void notice_draw(const struct scene *s, void *state)
{
	struct notice *nt = state;
	size_t want = nt->lines + 2, i;
	struct rect r = overlay_rect(want < HEIGHT ? (int)want : HEIGHT,
				     WIDTH);
	const char *p = nt->text;
	char row[ROW_BYTES], more[64];
	(void)s;

	if (r.h < 3)
		return;
	nt->rows = (size_t)r.h - 2;
	if (nt->top + nt->rows > nt->lines)
		nt->top = nt->lines > nt->rows ? nt->lines - nt->rows : 0;

	screen_box(&r, nt->title);
	for (i = 0; i < nt->top + nt->rows && *p; i++) {
		size_t len = strcspn(p, "\n");

		(void)snprintf(row, sizeof(row), "%.*s", (int)(len < 1000 ?
			       len : 1000), p);
		if (i >= nt->top)
			(void)screen_put(r.y + 1 + (int)(i - nt->top), r.x + 2,
					 r.w - 4, ROLE_OVERLAY, row);
		p += len + (p[len] == '\n');
	}
	if (nt->lines > nt->rows) {
		(void)snprintf(more, sizeof(more), _(" %zu-%zu of %zu "),
			       nt->top + 1, nt->top + nt->rows, nt->lines);
		screen_right(r.y + r.h - 1, r.x, r.w - 2, ROLE_OVERLAY, more);
	}
}


static bool notice_key(struct console *c, void *state, key_code key)
{
	struct notice *nt = state;
	size_t places = nt->lines > nt->rows ? nt->lines - nt->rows + 1 : 1;

	if (key == K_ENTER) {
		overlay_close(c);
		return true;
	}

	return overlay_move(c, key, &nt->top, places, nt->rows);
}


static void notice_close(void *state)
{
	struct notice *nt = state;

	free(nt->text);
	free(nt);
}


static const struct overlay notice_overlay = {
	.name = "notice", .draw = notice_draw, .key = notice_key,
	.close = notice_close
};


void notice_open(struct console *c, const char *title, const char *text)
{
	struct notice *nt;

	if (console_say(c, text))
		return;

	nt = calloc(1, sizeof(*nt));
	if (!nt)
		return;

	nt->text = strdup(text);
	if (!nt->text) {
		free(nt);
		return;
	}
	nt->lines = lines_of(text);
	(void)snprintf(nt->title, sizeof(nt->title), "%s", title);
	(void)overlay_open(c, &notice_overlay, nt);
}
