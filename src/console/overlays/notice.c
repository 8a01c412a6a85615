/**
 * @file notice.c  A text to read, longer than the message line
 *
 * Lines that are wider than the overlay go on in the next row, indented as
 * they began: what is cut off cannot be read at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
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


/** Where drawing is in a text */
struct reader {
	const char *p;
	size_t cols;
	size_t indent;          /* of the line that goes on        */
	bool goes_on;
};


/* Bytes of what fits into a row, cut at a blank if there is one late */
static size_t fitting(const char *p, size_t cols)
{
	const size_t line = strcspn(p, "\n");
	const size_t fit = text_fit(p, cols, NULL);
	size_t cut = fit;

	if (fit >= line)
		return line;
	while (cut > fit / 2 && p[cut] != ' ')
		--cut;
	if (cut > fit / 2)
		return cut;

	return fit ? fit : text_next(p, 0);
}


/* The next row; false: that was all */
static bool next_row(struct reader *rd, char *row, size_t size)
{
	size_t pad, len;

	if (!*rd->p)
		return false;

	if (!rd->goes_on)
		rd->indent = strspn(rd->p, " ");
	pad = rd->goes_on && rd->indent < rd->cols / 2 ? rd->indent : 0;
	len = fitting(rd->p, rd->cols - pad);
	(void)snprintf(row, size, "%*s%.*s", (int)pad, "",
		       (int)(len < ROW_BYTES / 2 ? len : ROW_BYTES / 2),
		       rd->p);
	rd->p += len;
	rd->goes_on = *rd->p && *rd->p != '\n';
	rd->p += rd->goes_on ? strspn(rd->p, " ") : *rd->p == '\n';

	return true;
}


static size_t lines_of(const char *text, size_t cols)
{
	struct reader rd = { text, cols, 0, false };
	char row[ROW_BYTES];
	size_t n = 0;

	while (next_row(&rd, row, sizeof(row)))
		++n;

	return n;
}


static void notice_draw(const struct scene *s, void *state)
{
	struct notice *nt = state;
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	struct reader rd = { nt->text, 0, 0, false };
	char row[ROW_BYTES], more[64];
	size_t i;
	(void)s;

	if (r.h < 3 || r.w < 8)
		return;
	rd.cols = (size_t)r.w - 4;
	nt->lines = lines_of(nt->text, rd.cols);
	if (nt->lines + 2 < HEIGHT)
		r = overlay_rect((int)nt->lines + 2, WIDTH);
	nt->rows = (size_t)r.h - 2;
	if (nt->top + nt->rows > nt->lines)
		nt->top = nt->lines > nt->rows ? nt->lines - nt->rows : 0;

	screen_box(&r, nt->title);
	for (i = 0; i < nt->top + nt->rows &&
		    next_row(&rd, row, sizeof(row)); i++) {
		if (i >= nt->top)
			(void)screen_put(r.y + 1 + (int)(i - nt->top), r.x + 2,
					 r.w - 4, ROLE_OVERLAY, row);
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


static const struct hint notice_hints[] = {
	{ "=Down", N_("Next") }, { "=PgDn", N_("Page") },
	{ "=Esc", N_("Close") },
	{ NULL, NULL }
};

static const struct overlay notice_overlay = {
	.name = "notice", .draw = notice_draw, .key = notice_key,
	.close = notice_close, .hints = notice_hints
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
	(void)snprintf(nt->title, sizeof(nt->title), "%s", title);
	(void)overlay_open(c, &notice_overlay, nt);
}
