/**
 * @file themes.c  The themes there are, and the one that is shown
 */
#include "themes.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console.h"
#include "launch.h"
#include "screen.h"

enum { THEME_DIRS = 5 };

/** Folders a theme may stand in: the user's first */
struct theme_dirs {
	char path[THEME_DIRS][PATHS_MAX];
	const char *v[THEME_DIRS + 1];
};


static void theme_dirs(const struct console *c, struct theme_dirs *d)
{
	char bin[PATHS_MAX];
	size_t n = 0;

	if (!paths_join(d->path[n], PATHS_MAX, c->paths.config, "themes"))
		d->v[n] = d->path[n], n++;

	/* The tree it was built in, then where it was installed */
	if (!launch_bindir(bin, sizeof(bin))) {
		if (!paths_join(d->path[n], PATHS_MAX, bin, "../themes"))
			d->v[n] = d->path[n], n++;
		if (!paths_join(d->path[n], PATHS_MAX, bin,
				"../share/offhook/themes"))
			d->v[n] = d->path[n], n++;
	}
	d->v[n++] = OFFHOOK_DATADIR "/themes";
	d->v[n] = NULL;
}


const char *theme_now(const struct console *c)
{
	return c->theme.name;
}


bool theme_show(struct console *c, const char *name)
{
	static struct theme_dirs dirs;
	static struct theme theme;
	char why[512] = "";
	int err;

	theme_dirs(c, &dirs);
	err = theme_load(&theme, name, dirs.v, why, sizeof(why));
	if (err)
		console_message(c, ROLE_ERROR, "%s", why);

	/* A wrong line costs that line; a missing theme changes nothing,
	   unless there is none yet */
	if (!err || err == EINVAL || !*c->theme.name) {
		c->theme = theme;
		screen_theme(&c->theme);
		c->dirty = true;
	}

	return !err;
}


static bool listed(const struct theme_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(list->v[i], name))
			return true;
	}

	return false;
}


static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}


/* A file NAME.theme of a name that can be shown and typed */
static void add_file(struct theme_list *list, const char *file)
{
	const char *dot = strrchr(file, '.');
	char name[THEME_NAME], *clean;
	size_t n = dot ? (size_t)(dot - file) : 0;

	if (!n || strcmp(dot, ".theme") || n >= sizeof(name) ||
	    list->n == THEMES_MAX)
		return;

	memcpy(name, file, n);
	name[n] = '\0';
	clean = text_clean(name, n, TEXT_NAME);
	if (clean && !strcmp(clean, name) && !listed(list, name))
		memcpy(list->v[list->n++], name, n + 1);
	free(clean);
}


void theme_list(const struct console *c, struct theme_list *list)
{
	static struct theme_dirs dirs;
	size_t i, from;

	list->n = 0;
	theme_dirs(c, &dirs);
	for (i = 0; dirs.v[i]; i++) {
		DIR *d = opendir(dirs.v[i]);
		struct dirent *e;

		from = list->n;
		while (d && (e = readdir(d)))
			add_file(list, e->d_name);
		if (d)
			(void)closedir(d);
		qsort(list->v[from], list->n - from, THEME_NAME, by_name);
	}
}


void console_complete_themes(struct complete *cp, const struct console *c,
			     const char *pattern)
{
	static struct theme_list list;
	size_t i;

	theme_list(c, &list);
	for (i = 0; i < list.n; i++)
		complete_add(cp, pattern, list.v[i], "");
}
