/**
 * @file help.c  The help overlay and command palette
 *
 * Its lines come from the tables whenever it is opened or narrowed
 * (help_rows.c): it cannot be wrong. Where there is room the groups stand in
 * two columns, the commands without a key below them; typing makes one list
 * of it, the best first. Enter runs the line that is selected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/i18n.h"
#include "console/line_edit.h"
#include "console/overlay.h"
#include "console/panel.h"
#include "console/screen.h"
#include "help_rows.h"

enum {
	WIDTH = 76, HEIGHT = 44,
	TWO_COLUMNS = 70,       /* width from which there are two           */
	FRAME = 3,              /* rows that are no lines: borders and foot */
	WHOLE = -1              /* a line over both columns                 */
};

/** Where a line stands; titles are lines of rows[] too */
struct place {
	int col, y;
};

struct help {
	struct line_edit *line;         /* what is typed narrows        */
	enum panel panel;               /* whose keys stand first       */
	struct help_rows rows;
	bool stale;                     /* the rows are of before       */
	struct place at[HELP_ROWS];
	size_t sel;
	int cols;                       /* columns the places are for   */
	int height;                     /* of all lines                 */
	int top, page;                  /* first one shown, and how many */
};


/* ---- places -------------------------------------------------------------*/
static const char *pattern_of(const struct help *h)
{
	return line_edit_text(h->line);
}


static bool is_first(const struct help *h, size_t i)
{
	return !*pattern_of(h) &&
		(!i || h->rows.v[i - 1].group != h->rows.v[i].group);
}


/* Where the second column begins: so that the higher one is the lowest */
static size_t second_column(const struct help *h, size_t n)
{
	size_t i, best = n;
	int total = 0, before = 0, lowest;

	for (i = 0; i < n; i++)
		total += is_first(h, i) ? 3 : 1;
	lowest = total;
	for (i = 0; i < n; i++) {
		int rest = total - before;

		if (i && is_first(h, i) && (before > rest ? before : rest) <
		    lowest) {
			lowest = before > rest ? before : rest;
			best = i;
		}
		before += is_first(h, i) ? 3 : 1;
	}

	return best;
}


/* A group is its title, its lines, and a blank one before the next */
static void arrange(struct help *h, int cols)
{
	size_t n = 0, split, i;
	int y = 0, low = 0;

	while (cols > 1 && n < h->rows.n && h->rows.v[n].group != GROUP_MAX)
		n++;
	if (*pattern_of(h))
		n = 0;
	split = second_column(h, n);
	for (i = 0; i < h->rows.n; i++) {
		if (n && i == split) {
			low = y;
			y = 0;
		}
		if (i == n && n)
			y = low > y ? low : y;
		if (is_first(h, i))
			y += y ? 2 : 1;
		h->at[i].col = i >= n ? WHOLE : i >= split;
		h->at[i].y = y++;
	}
	h->height = y;
	h->cols = cols;
}


/* The rows as they are now; keys may come faster than frames */
static void collect(struct help *h, const struct keymap *km)
{
	const struct rect r = overlay_rect(HEIGHT, WIDTH);
	const int cols = r.w >= TWO_COLUMNS ? 2 : 1;

	if (h->stale) {
		if (*pattern_of(h))
			help_rows_found(&h->rows, km,
					(enum key_panel)h->panel,
					pattern_of(h));
		else
			help_rows_grouped(&h->rows, km,
					  (enum key_panel)h->panel);
		h->cols = h->top = 0;
		h->sel = 0;
		h->stale = false;
	}
	if (h->cols != cols)
		arrange(h, cols);
}


/* The selected line is shown, and the title above it */
static void scroll(struct help *h, int page)
{
	int y = h->rows.n ? h->at[h->sel].y : 0;
	int from = h->rows.n && is_first(h, h->sel) ? y - 1 : y;

	h->page = page;
	if (y >= h->top + page)
		h->top = y - page + 1;
	if (from < h->top)
		h->top = from;
	if (h->top > h->height - page)
		h->top = h->height - page;
	if (h->top < 0)
		h->top = 0;
}


/* The line of that column nearest to a height; WHOLE lines are in both */
static size_t nearest(const struct help *h, int col, int y)
{
	size_t i, best = h->sel;
	int least = -1;

	for (i = 0; i < h->rows.n; i++) {
		int far = abs(h->at[i].y - y);

		if (h->at[i].col != WHOLE && h->at[i].col != col)
			continue;
		if (least < 0 || far < least) {
			least = far;
			best = i;
		}
	}

	return best;
}


/* ---- keys ---------------------------------------------------------------*/
static void help_run(struct console *c, struct help *h)
{
	const struct help_row *row = &h->rows.v[h->sel];
	char command[128];

	if (h->sel >= h->rows.n || !row->command)
		return;

	(void)snprintf(command, sizeof(command), "%s%s%s", row->ask ?
		       "command " : "", row->command, row->ask ? " " : "");
	overlay_close(c);
	console_command(c, command);
}


static bool is_empty(const struct help *h)
{
	return !*pattern_of(h);
}


/* Lines up or down, in the column where the selection is */
static void page_move(struct help *h, int lines)
{
	const struct place *at = &h->at[h->sel];

	h->top += lines;
	if (h->rows.n)
		h->sel = nearest(h, at->col == WHOLE ? 0 : at->col,
				 at->y + lines);
}


static void column_move(struct help *h, int col)
{
	if (h->rows.n && h->at[h->sel].col != WHOLE)
		h->sel = nearest(h, col, h->at[h->sel].y);
}


/* What moves the selection; false: the key is text */
static bool help_move(struct help *h, key_code key)
{
	const int page = h->page > 1 ? h->page - 1 : 1;

	switch (key) {

	case K_DOWN:
	case KEY_CTRL('n'):
		h->sel += h->sel + 1 < h->rows.n ? 1 : 0;
		return true;
	case K_UP:
	case KEY_CTRL('p'):
		h->sel -= h->sel ? 1 : 0;
		return true;
	case K_PAGE_DOWN:
		page_move(h, page);
		return true;
	case K_PAGE_UP:
		page_move(h, -page);
		return true;
	case K_LEFT:
	case K_RIGHT:
		if (!is_empty(h))
			return false;
		column_move(h, key == K_RIGHT);
		return true;
	case K_HOME:
	case K_END:
		if (!is_empty(h))
			return false;
		h->sel = key == K_HOME || !h->rows.n ? 0 : h->rows.n - 1;
		return true;
	default:
		return false;
	}
}


static bool help_key(struct console *c, void *state, key_code key)
{
	struct help *h = state;
	enum line_result r;

	collect(h, console_keymap(c));
	if (help_move(h, key))
		return true;
	if (key == K_ENTER) {
		help_run(c, h);
		return true;
	}
	if (key == K_F1 || (is_empty(h) && (key == '?' || key == 'q'))) {
		overlay_close(c);
		return true;
	}

	r = line_edit_key(h->line, key);
	if (r == LINE_LEAVE)
		overlay_close(c);
	else if (r == LINE_CHANGED)
		h->stale = true;

	return true;
}


/* ---- drawing ------------------------------------------------------------*/
static void row_draw(const struct help_row *row, int y, int x, int w,
		     bool selected)
{
	enum role role = selected ? ROLE_SELECT : ROLE_OVERLAY;
	int kw = w > 34 ? HELP_KEYS + 1 : HELP_KEYS - 1;
	int cols = (int)text_width(row->keys);

	if (selected) {
		screen_line(y, x, w, role, "");
		screen_rest(y, x);
	}
	/* One role for the row: a change of colour costs 60 bytes here */
	(void)screen_put(y, x, w, role, row->keys);
	if (cols >= kw)
		kw = cols + 1;
	(void)screen_put_cut(y, x + kw, w - kw, role, row->text);
}


static const char *title_of(enum key_group group)
{
	return group == GROUP_MAX ? _("Commands") :
		keymap_group_title(group);
}


static void rows_draw(const struct help *h, const struct rect *r)
{
	const int half = (r->w - 4) / 2;
	size_t i;

	for (i = 0; i < h->rows.n; i++) {
		const struct place *at = &h->at[i];
		const int x = r->x + 2 + (at->col > 0 ? half : 0);
		const int w = at->col == WHOLE ? r->w - 4 : half - 1;
		const int y = at->y - h->top;

		if (is_first(h, i) && y >= 1 && y <= h->page)
			(void)screen_put(r->y + y, x, w, ROLE_OVERLAY_TITLE,
					 title_of(h->rows.v[i].group));
		if (y >= 0 && y < h->page)
			row_draw(&h->rows.v[i], r->y + 1 + y, x, w,
				 i == h->sel);
	}
}


static void foot_draw(const struct help *h, const struct rect *r)
{
	const char *pattern = pattern_of(h);
	char buf[160];

	if (*pattern)
		(void)snprintf(buf, sizeof(buf), "/%.100s", pattern);
	else
		(void)snprintf(buf, sizeof(buf), "%s",
			       _("type to find  Enter runs  Esc"));
	(void)screen_put_cut(r->y + r->h - 2, r->x + 2, r->w - 4, *pattern ?
			     ROLE_PROMPT : ROLE_OVERLAY, buf);
	/* No count: it would tell of nothing but the number of commands */
	if (h->top + h->page < h->height)
		screen_right(r->y + r->h - 1, r->x, r->w - 2, ROLE_OVERLAY,
			     _(" PgDn more "));
}


static void help_draw(const struct scene *s, void *state)
{
	struct help *h = state;
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	char buf[160];

	if (r.h <= FRAME)
		return;

	collect(h, s->keymap);
	/* While it is narrowed it stays as high as it was */
	if (!*pattern_of(h) && h->height + FRAME < r.h)
		r = overlay_rect(h->height + FRAME, WIDTH);
	scroll(h, r.h - FRAME);

	(void)snprintf(buf, sizeof(buf), _("Help: %s panel"),
		       i18n_text(panel_row(h->panel)->title));
	screen_box(&r, buf);
	rows_draw(h, &r);
	foot_draw(h, &r);
}


static void help_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	struct help *h = state;
	const struct help_row *row;

	collect(h, s->keymap);
	row = h->sel < h->rows.n ? &h->rows.v[h->sel] : NULL;
	(void)snprintf(buf, size, "%s: %s %s", row ? row->keys : "?",
		       row ? row->text : "", pattern_of(h));
}


static void help_close(void *state)
{
	struct help *h = state;

	line_edit_free(h->line);
	free(h);
}


static const struct hint help_hints[] = {
	{ "=Enter", N_("Run") }, { "=Down", N_("Next") },
	{ "=PgDn", N_("Page") }, { "=Esc", N_("Close") }, { NULL, NULL }
};

static const struct overlay help_overlay = {
	.name = "help", .draw = help_draw, .key = help_key,
	.close = help_close, .line = help_line,
	.hints = help_hints, .text = true
};


void help_open(struct console *c, enum panel panel)
{
	struct help *h;

	if (overlay_state(c, &help_overlay)) {
		overlay_close_this(c, &help_overlay);
		return;
	}

	h = calloc(1, sizeof(*h));
	if (!h)
		return;
	h->panel = panel;
	h->stale = true;
	h->line = line_edit_alloc(NULL, 0);
	if (!h->line) {
		free(h);
		return;
	}
	(void)overlay_open(c, &help_overlay, h);
}
