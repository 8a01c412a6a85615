/**
 * @file usage.h  What may come next, read off a usage line
 *
 * The line of a command's table that people read is what completion reads
 * too, so that no shell can offer what the command does not take.
 */
#ifndef OFFHOOK_USAGE_H
#define OFFHOOK_USAGE_H

#include <stddef.h>

/**
 * Something that may come next
 *
 * @param word  A word as it is typed, an --option, or in capitals what
 *              stands for it (CALL, TARGET, FILE); not terminated
 * @param len   Its length
 */
typedef void (usage_h)(const char *word, size_t len, void *arg);

/**
 * Tell what may stand behind the words typed so far
 *
 * @param args  Usage as in struct command: words, WHAT STANDS FOR ONE, [may
 *              be left out], one|other, --option VALUE. One word before a
 *              `|` takes the arguments of the next that has some.
 * @param argc  Words behind the command
 * @param argv  These
 * @param h     Told each; a word may come twice
 * @param arg   Handler argument
 */
void usage_next(const char *args, int argc, char *const argv[], usage_h *h,
		void *arg);

#endif
