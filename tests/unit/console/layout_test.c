/**
 * @file layout_test.c  Tiles at every size there is
 *
 * Every size from 1x1 to 300x200, with every focus, with and without a call,
 * and each single panel: no rectangle leaves the screen, no two overlap, and
 * the bars stand where they belong.
 */
#include "console/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { H_MAX = 200, W_MAX = 300, RECTS = PANEL_MAX + 7 };


static size_t all(const struct layout *l, const struct rect *v[RECTS])
{
	size_t n = 0, i;

	for (i = 0; i < PANEL_MAX; i++)
		v[n++] = &l->tile[i];
	v[n++] = &l->bar;
	v[n++] = &l->tabs;
	v[n++] = &l->call;
	v[n++] = &l->message;
	v[n++] = &l->keys;
	v[n++] = &l->sep[0];
	v[n++] = &l->sep[1];

	return n;
}


static bool overlap(const struct rect *a, const struct rect *b)
{
	return a->h && b->h && a->y < b->y + b->h && b->y < a->y + a->h &&
		a->x < b->x + b->w && b->x < a->x + a->w;
}


static void check(const struct layout_in *in)
{
	const struct rect *v[RECTS];
	struct layout l;
	size_t i, j, n;
	int cells = 0;

	layout_compute(&l, in);
	n = all(&l, v);
	for (i = 0; i < n; i++) {
		const struct rect *r = v[i];

		assert_true(r->h >= 0 && r->w >= 0);
		if (!r->h)
			continue;
		assert_true(r->w > 0 && r->y >= 0 && r->x >= 0);
		assert_true(r->y + r->h <= in->h);
		assert_true(r->x + r->w <= in->w);
		cells += r->h * r->w;
		for (j = 0; j < i; j++)
			assert_false(overlap(r, v[j]));
	}

	/* Nothing is left bare but on a screen of two lines */
	if (l.mode == LAYOUT_TINY) {
		assert_true(in->w < 40 || in->h < 8);
		return;
	}
	assert_int_equal(cells, in->h * in->w);
	assert_int_equal(l.bar.y, 0);
	assert_int_equal(l.message.y, in->h - 2);
	assert_int_equal(l.keys.y, in->h - 1);
	if (l.mode == LAYOUT_TABS)
		assert_true(l.tile[in->focus].h > 0);
	if (l.mode == LAYOUT_SINGLE)
		assert_true(l.tile[in->single < 0 ? in->focus :
				   (enum panel)in->single].h > 0);
	if (l.mode == LAYOUT_TILES || l.mode == LAYOUT_COLUMNS) {
		for (i = 0; i < PANEL_TILES; i++)
			assert_true(l.tile[i].h >= 2);
	}
}


static void every_size(void **state)
{
	static const int rows[] = { 2, 6, 7, 11 };
	struct layout_in in;
	size_t r;
	int f, s;
	(void)state;

	for (in.h = 1; in.h <= H_MAX; in.h++) {
		for (in.w = 1; in.w <= W_MAX; in.w++) {
			for (f = 0; f < PANEL_MAX * 2; f++) {
				in.focus = (enum panel)(f % PANEL_MAX);
				in.single = -1;
				r = (size_t)(f * 7 + in.w) % 4;
				in.call_rows = rows[r];
				check(&in);
			}
			for (s = 0; s < PANEL_MAX; s++) {
				in.single = s;
				in.focus = (enum panel)s;
				check(&in);
			}
		}
	}
}


static enum layout_mode mode(int h, int w)
{
	struct layout_in in = { h, w, PANEL_CONTACTS, -1, 2 };
	struct layout l;

	layout_compute(&l, &in);

	return l.mode;
}


static void modes(void **state)
{
	(void)state;

	assert_int_equal(mode(24, 80), LAYOUT_TILES);
	assert_int_equal(mode(20, 76), LAYOUT_TILES);
	assert_int_equal(mode(40, 120), LAYOUT_COLUMNS);
	assert_int_equal(mode(40, 119), LAYOUT_TILES);
	assert_int_equal(mode(16, 60), LAYOUT_TABS);
	assert_int_equal(mode(24, 75), LAYOUT_TABS);
	assert_int_equal(mode(19, 120), LAYOUT_TABS);
	assert_int_equal(mode(8, 40), LAYOUT_TABS);
	assert_int_equal(mode(7, 40), LAYOUT_TINY);
	assert_int_equal(mode(8, 39), LAYOUT_TINY);
	assert_int_equal(mode(1, 1), LAYOUT_TINY);
	assert_int_equal(mode(0, 0), LAYOUT_TINY);
}


/* 80x24 as it is drawn in the guide */
static void guide(void **state)
{
	struct layout_in in = { 24, 80, PANEL_CONTACTS, -1, 6 };
	struct layout l;
	(void)state;

	layout_compute(&l, &in);
	assert_int_equal(l.tile[PANEL_CONTACTS].w, 29);
	assert_int_equal(l.tile[PANEL_CONTACTS].h, 13);
	assert_int_equal(l.tile[PANEL_LOG].h, 8);
	assert_int_equal(l.tile[PANEL_CALL].h, 6);
	assert_int_equal(l.tile[PANEL_CALL].w, 50);
	in.call_rows = 2;
	layout_compute(&l, &in);
	assert_int_equal(l.tile[PANEL_CALL].h, 2);
}


/* On tabs a call leaves a line, but not above its own panel */
static void call_line(void **state)
{
	struct layout_in in = { 16, 60, PANEL_CHAT, -1, 6 };
	struct layout l;
	(void)state;

	layout_compute(&l, &in);
	assert_int_equal(l.call.h, 1);
	in.focus = PANEL_CALL;
	layout_compute(&l, &in);
	assert_int_equal(l.call.h, 0);
	in.focus = PANEL_CHAT;
	in.call_rows = 2;
	layout_compute(&l, &in);
	assert_int_equal(l.call.h, 0);
}


static void next(void **state)
{
	(void)state;
	assert_int_equal(layout_next(PANEL_CALL, 1), PANEL_CONTACTS);
	assert_int_equal(layout_next(PANEL_CONTACTS, -1), PANEL_CALL);
	assert_int_equal(layout_next(PANEL_CONTACTS, 1), PANEL_LOG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size),
		cmocka_unit_test(modes),
		cmocka_unit_test(guide),
		cmocka_unit_test(call_line),
		cmocka_unit_test(next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
