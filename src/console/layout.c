/**
 * @file layout.c  Where the tiles are
 *
 * Bars never move: one on top, message and keys at the bottom; between them
 * two columns, three, or one tile with tabs. Below 40x8 there are two lines
 * and nothing else. Every rectangle lies inside the screen and no two
 * overlap, at any size.
 */
#include "layout.h"

#include <string.h>

enum {
	TINY_W = 40, TINY_H = 8,
	TABS_W = 76, TABS_H = 20,
	COLUMNS_W = 120, COLUMNS_H = 20,
	NAMES_W = 29,           /* names column of two columns            */
	NAMES_W3 = 30,          /* of three                               */
	LOG_W3 = 32,
	CALL_ROWS3 = 7,         /* three columns: the call tile is fixed  */
	CHAT_MIN = 4
};


static struct rect rect(int y, int x, int h, int w)
{
	struct rect r = { y, x, h, w };

	return r;
}


static void tiny(struct layout *l, int h, int w)
{
	l->mode = LAYOUT_TINY;
	if (h < 1 || w < 1)
		return;

	l->call = rect(0, 0, 1, w);
	if (h > 1)
		l->message = rect(1, 0, 1, w);
}


static void one(struct layout *l, const struct layout_in *in, bool tabs)
{
	enum panel panel = tabs || in->single < 0 ? in->focus :
		(enum panel)in->single;
	int y = 1, h = in->h - 3;

	l->mode = tabs ? LAYOUT_TABS : LAYOUT_SINGLE;
	if (tabs) {
		l->tabs = rect(y++, 0, 1, in->w);
		h--;
	}

	/* A call leaves one line on every tab */
	if (tabs && in->call_rows > 2 && panel != PANEL_CALL && h > 2) {
		l->call = rect(y++, 0, 1, in->w);
		h--;
	}

	l->tile[panel] = rect(y, 0, h, in->w);
}


static void two(struct layout *l, const struct layout_in *in)
{
	int h = in->h - 3, log = h * 2 / 5, call = in->call_rows;
	int x = NAMES_W + 1;

	if (call > h - CHAT_MIN)
		call = h - CHAT_MIN;

	l->mode = LAYOUT_TILES;
	l->tile[PANEL_CONTACTS] = rect(1, 0, h - log, NAMES_W);
	l->tile[PANEL_LOG] = rect(1 + h - log, 0, log, NAMES_W);
	l->sep[0] = rect(1, NAMES_W, h, 1);
	l->tile[PANEL_CALL] = rect(1, x, call, in->w - x);
	l->tile[PANEL_CHAT] = rect(1 + call, x, h - call, in->w - x);
}


static void three(struct layout *l, const struct layout_in *in)
{
	int h = in->h - 3, x = NAMES_W3 + 1;
	int mid = in->w - x - 1 - LOG_W3;
	int call = in->call_rows > CALL_ROWS3 ? in->call_rows : CALL_ROWS3;

	if (call > h - CHAT_MIN)
		call = h - CHAT_MIN;

	l->mode = LAYOUT_COLUMNS;
	l->tile[PANEL_CONTACTS] = rect(1, 0, h, NAMES_W3);
	l->sep[0] = rect(1, NAMES_W3, h, 1);
	l->tile[PANEL_CALL] = rect(1, x, call, mid);
	l->tile[PANEL_CHAT] = rect(1 + call, x, h - call, mid);
	l->sep[1] = rect(1, x + mid, h, 1);
	l->tile[PANEL_LOG] = rect(1, x + mid + 1, h, LOG_W3);
}


void layout_compute(struct layout *l, const struct layout_in *in)
{
	memset(l, 0, sizeof(*l));

	if (in->w < TINY_W || in->h < TINY_H) {
		tiny(l, in->h, in->w);
		return;
	}

	l->bar = rect(0, 0, 1, in->w);
	l->message = rect(in->h - 2, 0, 1, in->w);
	l->keys = rect(in->h - 1, 0, 1, in->w);

	if (in->single >= 0 || in->focus >= PANEL_TILES)
		one(l, in, false);
	else if (in->w < TABS_W || in->h < TABS_H)
		one(l, in, true);
	else if (in->w >= COLUMNS_W && in->h >= COLUMNS_H)
		three(l, in);
	else
		two(l, in);
}


enum panel layout_next(enum panel panel, int step)
{
	if (panel >= PANEL_TILES)
		panel = PANEL_CONTACTS;

	return (enum panel)(((int)panel + step + PANEL_TILES) % PANEL_TILES);
}
