/**
 * @file help_rows.h  The lines of the help, from the tables
 */
#ifndef OFFHOOK_HELP_ROWS_H
#define OFFHOOK_HELP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "console/keymap.h"

enum { HELP_ROWS = 256, HELP_KEYS = 13 };

/** A line */
struct help_row {
	char keys[32];          /**< Up to HELP_KEYS columns, ":name" more */
	char text[160];
	const char *command;    /**< What Enter runs; NULL: it only tells */
	bool ask;               /**< The command wants arguments        */
	enum key_group group;   /**< GROUP_MAX: a command without a key */
	int score;
};

struct help_rows {
	struct help_row v[HELP_ROWS];
	size_t n;
};

/**
 * All keys by groups, then the commands that have none
 *
 * @param focus  Its own keys count, and its group comes first
 */
void help_rows_grouped(struct help_rows *h, const struct keymap *km,
		       enum key_panel focus);

/**
 * What fits a pattern, the best first; every command is a line of its own
 *
 * @param pattern  Not empty
 */
void help_rows_found(struct help_rows *h, const struct keymap *km,
		     enum key_panel focus, const char *pattern);

#endif
