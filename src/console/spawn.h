/**
 * @file spawn.h  Run a program of the user's with a text to read
 */
#ifndef OFFHOOK_SPAWN_H
#define OFFHOOK_SPAWN_H

/**
 * Start a program that reads a text from its standard input
 *
 * No shell is in between and nobody waits for it; its output goes nowhere.
 *
 * @param line  Program and arguments, quotes as on the `:` line
 * @param text  What it reads
 *
 * @return 0 if success, EINVAL: no program is named, otherwise errorcode
 */
int spawn_text(const char *line, const char *text);

#endif
