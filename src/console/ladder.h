/**
 * @file ladder.h  A ladder of messages as lines of text
 *
 * Pure: the object of the phone's trace.ladder and a width in, lines out,
 * for the shell and for the screen alike.
 */
#ifndef OFFHOOK_CONSOLE_LADDER_H
#define OFFHOOK_CONSOLE_LADDER_H

#include <stddef.h>

#include <jansson.h>

#include "theme.h"

enum { LADDER_WIDTH_MIN = 40, LADDER_WIDTH_MAX = 200 };

/**
 * The participants over their lines
 *
 * @param ladder  Object of trace.ladder
 * @param width   Columns, 40 to 200
 *
 * @return New string, free() it; NULL only if memory is out
 */
char *ladder_head(const json_t *ladder, size_t width);

/**
 * One row: time, and an arrow with what was said
 *
 * @param rolep  Set to its role, may be NULL
 *
 * @return New string, free() it; NULL: there is no such row
 */
char *ladder_row(const json_t *ladder, size_t i, size_t width,
		 enum role *rolep);

size_t ladder_rows(const json_t *ladder);

#endif
