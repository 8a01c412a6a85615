/**
 * @file overlay.h  Overlays: what lies above the tiles
 *
 * An overlay is one constant struct and a state of its own. It draws from
 * the scene, gets the keys while it is in front, and acts by running `:`
 * commands or by asking the phone; nobody else knows what is in it. The one
 * in front hides those below until it is closed.
 */
#ifndef OFFHOOK_OVERLAY_H
#define OFFHOOK_OVERLAY_H

#include <jansson.h>

#include "client.h"
#include "scene.h"

struct cmd;
struct console;

/** A word of the key bar: "=Enter" names a key, else a command's key */
struct hint {
	const char *command, *word;
};

struct overlay {
	const char *name;

	/** Draw it; state as given to overlay_open() */
	void (*draw)(const struct scene *s, void *state);

	/** A key; false: it is none of its own (Esc and q then close it) */
	bool (*key)(struct console *c, void *state, key_code key);

	/** It closes: free the state; may be NULL */
	void (*close)(void *state);

	/** The one line that matters now, for --linear; may be NULL */
	void (*line)(const struct scene *s, void *state, char *buf,
		     size_t size);

	/** Words of the key bar, ended by a NULL command; or NULL */
	const struct hint *hints;

	/** Plain keys are text: none of them acts on anything beside it */
	bool text;
};

/**
 * Open an overlay in front of what there is
 *
 * @param o      The overlay, static
 * @param state  Its state, closed with it; also if there are too many
 *
 * @return 0 if success, ENOSPC: too many are open
 */
int overlay_open(struct console *c, const struct overlay *o, void *state);

/** State of this overlay if it is open, in front or not; NULL */
void *overlay_state(const struct console *c, const struct overlay *o);

/** Close the one in front */
void overlay_close(struct console *c);

/** Close this one, wherever it lies; nothing if it is not open */
void overlay_close_this(struct console *c, const struct overlay *o);

/** Is it a key that closes what is in front (Esc, q, C-c, C-g)? */
bool overlay_is_back(const struct console *c, key_code key);

/**
 * Move a place in a list by the keys that move in panels
 *
 * @param at    Place
 * @param n     Rows there are
 * @param page  Rows of a page
 *
 * @return true if the key was one that moves
 */
bool overlay_move(const struct console *c, key_code key, size_t *at, size_t n,
		  size_t page);

/**
 * Write a text into a box, broken at blanks where there are some
 *
 * @param rows  At most so many
 *
 * @return Rows that were used
 */
int overlay_wrapped(const struct rect *r, int y, int rows, enum role role,
		    const char *text);

/** Rows that overlay_wrapped() takes in a box of that width */
int overlay_rows(int w, const char *text);

/** Rectangle of that size in the middle, cut to the screen */
struct rect overlay_rect(int h, int w);

/* ---- what an overlay may do ---------------------------------------------*/

/** Run a `:` line and show what it says */
void console_command(struct console *c, const char *line);

/** Put a line onto the message line */
void console_message(struct console *c, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Milliseconds that only go forward */
uint64_t console_now(void);

/** Say a text of several lines at once; false: there is a screen for it */
bool console_say(struct console *c, const char *text);

/** Something changed: draw a frame */
void console_changed(struct console *c);

/**
 * Ask the phone; params is stolen
 *
 * @return 0 if success, otherwise errorcode: h is not called then
 */
int console_request(struct console *c, const char *method, json_t *params,
		    client_reply_h *h, void *arg);

const struct model *console_model(const struct console *c);
const struct keymap *console_keymap(const struct console *c);

/* ---- overlays/ ----------------------------------------------------------*/

/** A question with keys for answers; then add them */
void confirm_open(struct console *c, const char *title, const char *text);

/** An answer; command "" only closes */
void confirm_add(struct console *c, char key, const char *label,
		 const char *command);

/** A text to read */
void notice_open(struct console *c, const char *title, const char *text);

/** A new account in four steps; first: nobody asked for it */
void wizard_open(struct console *c, bool first);

/** The fields of an account */
void account_form_open(struct console *c, int64_t account);

/** Every setting, the phone's and the console's */
void settings_open(struct console *c);

/** Choose a theme while looking at it */
void themes_open(struct console *c);

/** A contact's fields; contact NULL: a new one with this name and address */
void contact_form_open(struct console *c, const struct m_contact *contact,
		       const char *name, const char *uri);

/** The keys of a panel and all commands; again: closes it */
void help_open(struct console *c, enum panel panel);

/** The ladder of a call: asks the phone for it and shows it; params (call,
 *  entry or call_id; empty: the last one) is stolen */
void trace_open(struct console *c, json_t *params);

/** A message went over the wire: is the ladder still true? */
void trace_event(struct console *c, const json_t *message);

/** Words to compare; the call has some */
void sas_open(struct console *c, int64_t call);

/** A call is over: nothing is left to compare */
void sas_ended(struct console *c, int64_t call);

/** Open the warning of a call that has one, close what has been read */
void alarm_update(struct console *c);

/** The network wants somebody called: ask, or see that it was answered */
void question_update(struct console *c);

/* Not in the stack: they come and go with what they show */
void overlay_incoming_draw(const struct scene *s);
void overlay_complete_draw(const struct scene *s);

#endif
