/**
 * @file complete.h  What a word could become
 *
 * Fuzzy: the letters typed must come in that order; the better they hang
 * together the higher a candidate stands.
 */
#ifndef OFFHOOK_COMPLETE_H
#define OFFHOOK_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

enum { COMPLETE_MAX = 64 };

struct console;

struct candidate {
	char *text;             /**< What is put in                     */
	char *help;
	int score;
};

/** Candidates of one word */
struct complete {
	struct candidate v[COMPLETE_MAX];
	size_t n;
	size_t from, to;        /**< Bytes of the line it stands for    */
	size_t sel;             /**< Chosen, n: none yet                */
};

/**
 * How well a pattern fits
 *
 * @return Score, higher is better; -1: it does not
 */
int complete_score(const char *pattern, const char *text);

/** Add a candidate if it fits the pattern; the best COMPLETE_MAX stay */
void complete_add(struct complete *c, const char *pattern, const char *text,
		  const char *help);

/**
 * Candidates for the word at the cursor of a `:` line
 *
 * @param c        Result, free with complete_clear()
 * @param console  Where contacts, accounts, settings come from; may be NULL
 * @param line     Text
 * @param pos      Cursor
 */
void complete_line(struct complete *c, const struct console *console,
		   const char *line, size_t pos);

/** The same for a field that holds nothing but a target */
void complete_target(struct complete *c, const struct console *console,
		     const char *line, size_t pos);

void complete_clear(struct complete *c);

#endif
