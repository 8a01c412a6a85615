/**
 * @file screen.h  The terminal
 *
 * There is one. A frame is drawn whole between screen_begin() and
 * screen_end(); curses finds out what changed, so that the bytes sent are
 * few whatever was redrawn.
 */
#ifndef OFFHOOK_SCREEN_H
#define OFFHOOK_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "attention.h"
#include "keys.h"
#include "layout.h"
#include "theme.h"

/**
 * Take the terminal
 *
 * @param mono  No colours, whatever the terminal can do
 *
 * @return 0 if success, ENOTTY, ENOENT: terminal type unknown
 */
int screen_open(bool mono);

/** Give it back as it was */
void screen_close(void);

/** From now on not a byte is written: the terminal is gone */
void screen_lost(void);

int screen_colors(void);
void screen_size(int *h, int *w);

/** Use these colours from the next frame on */
void screen_theme(const struct theme *theme);

/** Draw borders in ASCII */
void screen_ascii(bool ascii);
bool screen_utf8(void);

void screen_begin(void);
void screen_end(void);

/** Bits a second of the line; 0: what the terminal says of it */
void screen_speed(int speed);

/** On a slow line: was a part of the frame left out for later? */
bool screen_behind(void);

/** Milliseconds until the line has taken what was drawn; 0: draw */
int screen_wait(void);

/** Put text, at most w columns of it; returns the columns it took */
int screen_put(int y, int x, int w, enum role role, const char *text);

/**
 * The same, and where it does not fit the last column says so
 *
 * @return Columns it took
 */
int screen_put_cut(int y, int x, int w, enum role role, const char *text);

/** Put text and fill the rest of the w columns */
void screen_line(int y, int x, int w, enum role role, const char *text);

/** The same, the text at the right end */
void screen_right(int y, int x, int w, enum role role, const char *text);

void screen_vline(int y, int x, int h);

/** An overlay's empty box with a title */
void screen_box(const struct rect *r, const char *title);

/** Most of the next frame is new: let the terminal show it at once */
void screen_big(void);

/** Let the cursor rest there if nothing is typed and the user wants that */
void screen_rest(int y, int x);

/** Show the cursor there in this frame */
void screen_cursor(int y, int x);

/** Next frame: all of it, whatever is thought to be there */
void screen_redraw(void);

/** The window's size changed */
void screen_resize(void);

/** Stop the program as ^Z does; returns when it goes on */
void screen_suspend(void);

/** To be called by the handler of SIGCONT */
void screen_continued(void);

/** Go on after a SIGSTOP nobody told of */
void screen_resume(void);

/** Next key that is there; 0, or EAGAIN: none, EIO: the terminal is gone */
int screen_key(key_code *key);

/** Show joined emoji as they came; else their first part */
void screen_emoji(bool raw);

/** Show the cursor also where nothing is typed */
void screen_cursor_always(bool always);

/** Hear of clicks and the wheel; the terminal's own selection needs Shift */
void screen_mouse(bool on);

/** Where the mouse was: of the last K_CLICK, K_WHEEL_UP or K_WHEEL_DOWN */
void screen_mouse_at(int *y, int *x);

/** May text be put with links? */
void screen_links(bool on);

/**
 * Let a text that was put in this frame be a link the terminal opens (OSC 8)
 *
 * @param role  As it was put
 * @param text  As it was put, all of it fits
 * @param uri   Where it leads; nothing happens unless it is plain ASCII
 */
void screen_link(int y, int x, enum role role, const char *text,
		 const char *uri);

/** No links in this frame after all: something lies above them */
void screen_unlink(void);

void screen_bell(void);

/** Tell the desktop; both are made plain here */
void screen_notify(enum attention_how how, const char *title,
		   const char *text);

/** Title of the window, from outside: it is made plain here */
void screen_title(const char *text);

/** Put text into the clipboard (OSC 52); EMSGSIZE over 64 KB */
int screen_copy(const char *text);

/** Write what is on the screen into a file; 0 or errorcode */
int screen_dump(const char *file);

/** Is the background light? -1: the terminal does not say */
int screen_light_background(void);

#endif
