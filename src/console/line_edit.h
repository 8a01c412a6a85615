/**
 * @file line_edit.h  One line of text being typed
 *
 * Editing as in readline, by grapheme cluster, with history and C-r search.
 * Pure: keys in, text and cursor out.
 */
#ifndef OFFHOOK_LINE_EDIT_H
#define OFFHOOK_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "keys.h"

struct history;
struct line_edit;

/** What a key did */
enum line_result {
	LINE_UNUSED,            /**< Not a key for a line               */
	LINE_MOVED,             /**< The cursor moved, or nothing did   */
	LINE_CHANGED,           /**< The text changed                   */
	LINE_ACCEPT,            /**< Enter                              */
	LINE_LEAVE,             /**< Esc, C-g, C-c                      */
	LINE_COMPLETE,          /**< Tab                                */
	LINE_COMPLETE_BACK      /**< S-Tab                              */
};

enum line_flag {
	LINE_MULTI  = 1,        /**< M-Enter puts a newline in          */
	LINE_SECRET = 2         /**< Is a password: no history          */
};

/** @param hist  History, borrowed, or NULL */
struct line_edit *line_edit_alloc(struct history *hist, unsigned flags);
void line_edit_free(struct line_edit *le);

const char *line_edit_text(const struct line_edit *le);
size_t line_edit_pos(const struct line_edit *le);
unsigned line_edit_flags(const struct line_edit *le);

/** Replace the text, the cursor goes to its end */
void line_edit_set(struct line_edit *le, const char *text);

/** Replace the bytes [from, to) and put the cursor behind */
void line_edit_replace(struct line_edit *le, size_t from, size_t to,
		       const char *text);

/** Keys that edit a line, parted by blanks, and what they do */
struct line_help {
	const char *keys, *text;
};

/** Row i for the help, NULL behind the last */
const struct line_help *line_edit_help(size_t i);

enum line_result line_edit_key(struct line_edit *le, key_code key);

/** What C-r looks for, NULL if it does not */
const char *line_edit_search(const struct line_edit *le);

/**
 * The part that is visible in cols columns
 *
 * @param startp   Byte it begins with
 * @param cursorp  Column of the cursor, below cols
 */
void line_edit_view(const struct line_edit *le, size_t cols, size_t *startp,
		    size_t *cursorp);

struct history *history_alloc(size_t max);
void history_free(struct history *h);

/** Add a line; empty ones, repeats and lines with a password are not kept */
void history_add(struct history *h, const char *line);
size_t history_count(const struct history *h);

/** Line i, 0 is the oldest */
const char *history_at(const struct history *h, size_t i);

/** Read or write a file of lines; 0 if success, otherwise errorcode */
int history_load(struct history *h, const char *file);
int history_save(const struct history *h, const char *file);

#endif
