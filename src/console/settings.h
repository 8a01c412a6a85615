/**
 * @file settings.h  Settings of the console and its file
 *
 * The file config/console.conf holds commands, one a line, as one types
 * them: theme light, set bell ring, bind any D dial.
 */
#ifndef OFFHOOK_SETTINGS_H
#define OFFHOOK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "attention.h"
#include "common/paths.h"

struct console;

/** What is set */
struct prefs {
	bool title, ascii, emoji_raw, cursor_selection, mouse, links;
	int speed;                      /**< Of the line, bit/s; 0: it says */
	struct attention attention;
	char notify_command[256];
	char clipboard_command[256];
	char remote_command[256];
};

/** As it is if nobody says */
void settings_init(struct prefs *p);

/** Name of setting i, NULL behind the last */
const char *settings_name(size_t i);

/** What a setting can be, in words */
const char *settings_values(const char *name);

/** What it is for, one line */
const char *settings_help(const char *name);

/** 0 if success, ENOENT: no such setting */
int settings_get(const struct console *c, const char *name, char *buf,
		 size_t size);

/** 0 if success, ENOENT: no such setting, EINVAL: not with that value */
int settings_set(struct console *c, const char *name, const char *value);

/**
 * Write a setting as it is now into config/console.conf
 *
 * The line that sets it is replaced, or added; the other lines stay.
 *
 * @return 0 if success, ENOENT: no such setting, otherwise errorcode
 */
int settings_save(const struct console *c, const char *name);

/**
 * Value of a setting in the file, before there is a console
 *
 * @return 0 if success, ENOENT: the file does not set it
 */
int settings_peek(const struct paths *paths, const char *name, char *buf,
		  size_t size);

/**
 * Run a file of commands
 *
 * @param why  First thing that is wrong, with file and line
 *
 * @return 0 if success, ENOENT: no file, EINVAL: a line is wrong (the
 *         others were run)
 */
int settings_file(struct console *c, const char *file, char *why,
		  size_t size);

#endif
