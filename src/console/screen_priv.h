/**
 * @file screen_priv.h  Between the files that know the terminal
 */
#ifndef OFFHOOK_SCREEN_PRIV_H
#define OFFHOOK_SCREEN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "curses_own.h"
#include "theme.h"

/** Bytes that are no drawing; curses has flushed its own before */
void tell(const char *bytes, size_t len);
void tell_text(const char *text);

/** Take back what was told (the window title) */
void tell_end(void);

/** Does the terminal take a frame as a whole (DEC mode 2026)? */
bool tell_knows_sync(void);

/** Does it know OSC sequences? */
bool tell_knows_osc(void);

/** screen_colour.c: the roles as a theme has them, from the next frame on */
void colour_theme(const struct theme *theme, int colors);

/** What comes now lies above the tiles: it has an overlay's ground */
void colour_overlay(bool on);

/** Draw in a role */
void colour_set(enum role role);

/** A blank of a role */
void colour_blank(enum role role, cchar_t *cell);

/** What selects a role's colours, underlined */
void role_sgr(enum role role, char *buf, size_t size);

/** screen_link.c: links of a frame; all: whatever was drawn before */
void links_begin(void);
void links_draw(bool all);

struct termios;

/** screen_pace.c: the speed of the line is in the terminal's settings */
void pace_open(const struct termios *tio);

/** Is it one that has to be waited for? */
bool pace_slow(void);

/** The line is busy with so many bytes more */
void pace_spend(size_t bytes);

/** The whole screen will be drawn */
void pace_anew(void);

/**
 * Take out of the frame that curses holds ready what the line cannot take now
 *
 * @param first  The row that goes first, -1: none
 */
void pace_cut(int first);

void input_open(void);
void input_close(void);

/** Wait for the answer to OSC 11; 1: light, 0: dark, -1: no answer */
int input_background(int timeout_ms);

#endif
