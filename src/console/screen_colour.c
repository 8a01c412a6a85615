/**
 * @file screen_colour.c  The terminal: what a role looks like
 *
 * A theme's styles become curses' pairs. What an overlay shows has the
 * overlay's ground: a role that has none of its own is there twice, once on
 * the terminal's and once on that.
 */
#include <stdio.h>
#include <string.h>

#include "curses_own.h"
#include "screen_priv.h"

static struct {
	attr_t attr[ROLE_MAX];
	int pair[ROLE_MAX];
	int over[ROLE_MAX];     /* ... on the ground of an overlay  */
	bool in_overlay;        /* which is being drawn             */
} v;


/* The pair of two colours, an old one if there is; 0: none */
static int pair_of(int fg, int bg, int *nextp)
{
	int i, f, b;

	if (fg < 0 && bg < 0)
		return 0;

	/* Equal pairs are shared: eight-colour terminals have few */
	for (i = 1; i < *nextp; i++) {
		if (extended_pair_content(i, &f, &b) == OK && f == fg &&
		    b == bg)
			return i;
	}
	if (*nextp >= COLOR_PAIRS)
		return 0;
	(void)init_extended_pair(*nextp, fg, bg);

	return (*nextp)++;
}


void colour_theme(const struct theme *theme, int colors)
{
	struct style st[ROLE_MAX];
	cchar_t blank;
	int i, next = 1;

	for (i = 0; i < ROLE_MAX; i++) {
		st[i] = theme_style(theme, (enum role)i, colors);
		v.attr[i] = (st[i].attr & ATTR_BOLD ? A_BOLD : 0) |
			(st[i].attr & ATTR_DIM ? A_DIM : 0) |
			(st[i].attr & ATTR_ITALIC ? A_ITALIC : 0) |
			(st[i].attr & ATTR_UNDERLINE ? A_UNDERLINE : 0) |
			(st[i].attr & ATTR_REVERSE ? A_REVERSE : 0);
		v.pair[i] = pair_of(st[i].fg, st[i].bg, &next);
	}
	for (i = 0; i < ROLE_MAX; i++)
		v.over[i] = st[i].bg >= 0 ? v.pair[i] :
			pair_of(st[i].fg, st[ROLE_OVERLAY].bg, &next);

	v.in_overlay = false;
	colour_blank(ROLE_TEXT, &blank);
	wbkgrndset(stdscr, &blank);
}


void colour_overlay(bool on)
{
	v.in_overlay = on;
}


static int *pair(enum role role)
{
	return v.in_overlay ? &v.over[role] : &v.pair[role];
}


void colour_set(enum role role)
{
	(void)wattr_set(stdscr, v.attr[role], 0, pair(role));
}


void colour_blank(enum role role, cchar_t *cell)
{
	(void)setcchar(cell, L" ", v.attr[role], 0, pair(role));
}


void role_sgr(enum role role, char *buf, size_t size)
{
	const char *sgr = tigetstr("sgr0"), *af = tigetstr("setaf");
	const char *ab = tigetstr("setab");
	int fg = -1, bg = -1;
	size_t n;

	(void)snprintf(buf, size, "%s\033[4m", sgr ? sgr : "");
	if (v.pair[role])
		(void)extended_pair_content(v.pair[role], &fg, &bg);
	n = strlen(buf);
	if (fg >= 0 && af)
		(void)snprintf(buf + n, size - n, "%s", tiparm(af, fg));
	n = strlen(buf);
	if (bg >= 0 && ab)
		(void)snprintf(buf + n, size - n, "%s", tiparm(ab, bg));
}
