/**
 * @file themes.h  The themes there are, and the one that is shown
 */
#ifndef OFFHOOK_THEMES_H
#define OFFHOOK_THEMES_H

#include <stdbool.h>
#include <stddef.h>

struct complete;
struct console;

enum { THEMES_MAX = 32, THEME_NAME = 64 };

/** Names of themes, the user's own first */
struct theme_list {
	char v[THEMES_MAX][THEME_NAME];
	size_t n;
};

void theme_list(const struct console *c, struct theme_list *list);

/** Name of the theme that is shown */
const char *theme_now(const struct console *c);

/** Show a theme, and nothing more; false: a message says why not */
bool theme_show(struct console *c, const char *name);

void console_complete_themes(struct complete *cp, const struct console *c,
			     const char *pattern);

#endif
