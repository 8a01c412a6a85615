/**
 * @file settings.c  Settings of the console and its file
 */
#include "settings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "launch.h"
#include "screen.h"

enum { LINE_BYTES = 1024, THEME_DIRS = 5 };

static const struct {
	const char *name, *values;
} settings[] = {
	{ "theme", "a theme's name" },
	{ "bell", "ring, message, ring,message or off" },
	{ "title", "on or off" },
	{ "borders", "line or ascii" }
};

static bool ascii;


const char *settings_name(size_t i)
{
	return i < sizeof(settings) / sizeof(settings[0]) ?
		settings[i].name : NULL;
}


const char *settings_values(const char *name)
{
	size_t i;

	for (i = 0; settings_name(i); i++) {
		if (!strcmp(settings[i].name, name))
			return settings[i].values;
	}

	return "?";
}


int settings_get(const struct console *c, const char *name, char *buf,
		 size_t size)
{
	const char *v;

	if (!strcmp(name, "theme"))
		v = c->theme.name;
	else if (!strcmp(name, "bell"))
		v = c->bell_ring ? c->bell_message ? "ring,message" : "ring" :
			c->bell_message ? "message" : "off";
	else if (!strcmp(name, "title"))
		v = c->title_on ? "on" : "off";
	else if (!strcmp(name, "borders"))
		v = ascii || !screen_utf8() ? "ascii" : "line";
	else
		return ENOENT;

	(void)snprintf(buf, size, "%s", v);

	return 0;
}


static int set_bell(struct console *c, const char *value)
{
	bool ring = !strcmp(value, "ring"), message = !strcmp(value,
							      "message");

	if (!strcmp(value, "ring,message") || !strcmp(value, "message,ring"))
		ring = message = true;
	else if (!ring && !message && strcmp(value, "off"))
		return EINVAL;

	c->bell_ring = ring;
	c->bell_message = message;

	return 0;
}


int settings_set(struct console *c, const char *name, const char *value)
{
	if (!strcmp(name, "theme"))
		return console_theme(c, value) ? 0 : EINVAL;
	if (!strcmp(name, "bell"))
		return set_bell(c, value);

	if (!strcmp(name, "title")) {
		if (strcmp(value, "on") && strcmp(value, "off"))
			return EINVAL;
		c->title_on = !strcmp(value, "on");
		return 0;
	}
	if (!strcmp(name, "borders")) {
		if (strcmp(value, "line") && strcmp(value, "ascii"))
			return EINVAL;
		ascii = !strcmp(value, "ascii");
		screen_ascii(ascii);
		return 0;
	}

	return ENOENT;
}


void console_complete_settings(struct complete *cp, const char *pattern)
{
	size_t i;

	for (i = 0; settings_name(i); i++)
		complete_add(cp, pattern, settings_name(i),
			     settings[i].values);
}


/* ---- themes -------------------------------------------------------------*/

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


bool console_theme(struct console *c, const char *name)
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


void console_complete_themes(struct complete *cp, const struct console *c,
			     const char *pattern)
{
	static struct theme_dirs dirs;
	size_t i;

	theme_dirs(c, &dirs);
	for (i = 0; dirs.v[i]; i++) {
		DIR *d = opendir(dirs.v[i]);
		struct dirent *e;

		while (d && (e = readdir(d))) {
			char name[256];
			char *dot;

			(void)snprintf(name, sizeof(name), "%s", e->d_name);
			dot = strrchr(name, '.');
			if (!dot || strcmp(dot, ".theme"))
				continue;
			*dot = '\0';
			complete_add(cp, pattern, name, "");
		}
		if (d)
			(void)closedir(d);
	}
}


/* ---- the file -----------------------------------------------------------*/
static bool line_run(struct console *c, const char *line, char *why,
		     size_t size)
{
	struct cmd cmd = { .client = c->client, .console = c,
			   .profile = c->profile };
	char name[64];
	size_t n = strcspn(line, " \t");
	const struct command *row;
	int rc;

	(void)snprintf(name, sizeof(name), "%.*s", (int)(n < 63 ? n : 63),
		       line);
	row = command_find(name, CMD_LINE);
	if (!row) {
		(void)snprintf(why, size, "no command \"%s\"", name);
		return false;
	}

	/* A file that is read at each start places no calls */
	if (!(row->flags & CMD_LOCAL)) {
		(void)snprintf(why, size, "\"%s\" is not for this file", name);
		return false;
	}

	rc = command_run_line(&cmd, line);
	if (rc)
		(void)snprintf(why, size, "%.300s", cmd.text ? cmd.text :
			       c->message);
	cmd_clear(&cmd);

	return !rc;
}


int settings_file(struct console *c, const char *file, char *why, size_t size)
{
	char line[LINE_BYTES], reason[384];
	int n = 0, err = 0;
	FILE *f = fopen(file, "re");

	if (!f) {
		err = errno;
		(void)snprintf(why, size, "%s: %s", file, strerror(err));
		return ENOENT;
	}

	while (fgets(line, sizeof(line), f)) {
		bool whole = strchr(line, '\n') || feof(f), ok;
		char *p = line + strspn(line, " \t");

		n++;
		p[strcspn(p, "\r\n")] = '\0';
		(void)snprintf(reason, sizeof(reason),
			       "the line is longer than %d bytes",
			       LINE_BYTES - 2);
		ok = whole && (!*p || *p == '#' ||
			       line_run(c, p, reason, sizeof(reason)));
		while (!whole && fgets(line, sizeof(line), f))
			whole = strchr(line, '\n') != NULL;

		if (!ok && !err) {
			err = EINVAL;
			(void)snprintf(why, size, "%s line %d: %s", file, n,
				       reason);
		}
	}
	(void)fclose(f);

	return err;
}


void console_config(struct console *c)
{
	char path[PATHS_MAX], why[512];

	if (!paths_join(path, sizeof(path), c->paths.config, "console.conf") &&
	    settings_file(c, path, why, sizeof(why)) == EINVAL)
		console_message(c, ROLE_ERROR, "%s", why);
}
