/**
 * @file curses_own.h  The one door to curses
 *
 * curses owns names such as timeout, filter, move, erase and clear as
 * macros; without them it still exports functions of these names, so only
 * the screen's own files (screen*.c) may open this.
 */
#ifndef OFFHOOK_CURSES_OWN_H
#define OFFHOOK_CURSES_OWN_H

#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#define NCURSES_NOMACROS 1

#include <curses.h>
#include <term.h>

#endif
