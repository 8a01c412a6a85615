/**
 * @file settings_file.c  The console's file
 *
 * console.conf is the user's: what the console changes in it is the one line
 * that sets what was set.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "i18n.h"

enum { LINE_BYTES = 1024 };


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
		(void)snprintf(why, size, _("no command \"%s\""), name);
		return false;
	}

	/* A file that is read at each start places no calls */
	if (!(row->flags & CMD_LOCAL)) {
		(void)snprintf(why, size, _("\"%s\" is not for this file"),
			       name);
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
			       _("the line is longer than %d bytes"),
			       LINE_BYTES - 2);
		ok = whole && (!*p || *p == '#' ||
			       line_run(c, p, reason, sizeof(reason)));
		while (!whole && fgets(line, sizeof(line), f))
			whole = strchr(line, '\n') != NULL;

		if (!ok && !err) {
			err = EINVAL;
			(void)snprintf(why, size, _("%s line %d: %s"),
				       paths_name(file), n, reason);
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


/* ---- writing it ---------------------------------------------------------*/

/* Is this the line that sets it? */
static bool sets(const char *line, const char *name)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	if (!strcmp(name, "theme") && !strncmp(line, "theme", 5) &&
	    (line[5] == ' ' || line[5] == '\t'))
		return true;
	if (strncmp(line, "set", 3) || (line[3] != ' ' && line[3] != '\t'))
		return false;
	line += 3 + strspn(line + 3, " \t");

	return !strncmp(line, name, n) && (line[n] == ' ' || line[n] == '\t' ||
					   line[n] == '\n' || !line[n]);
}


int settings_peek(const struct paths *paths, const char *name, char *buf,
		  size_t size)
{
	char path[PATHS_MAX], line[LINE_BYTES], *p;
	int err = ENOENT;
	FILE *f;

	if (paths_join(path, sizeof(path), paths->config, "console.conf"))
		return ENOENT;
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!sets(line, name))
			continue;
		p = strstr(line, name) + strlen(name);
		p += strspn(p, " \t");
		p[strcspn(p, "\r\n")] = '\0';
		(void)snprintf(buf, size, "%s", p);
		err = 0;
	}
	if (f)
		(void)fclose(f);

	return err;
}


/* The old file with this one line in its new place; the others stay */
static void rewrite(FILE *in, FILE *out, const char *name, const char *value)
{
	char line[LINE_BYTES];
	bool done = false, begin = true, end = true;

	while (in && fgets(line, sizeof(line), in)) {
		bool mine = begin && sets(line, name);

		begin = end = strchr(line, '\n') != NULL;
		if (!mine)
			(void)fputs(line, out);
		else if (!done)
			(void)fprintf(out, "set %s %s\n", name, value);
		done = done || mine;
	}
	if (!end)
		(void)fputc('\n', out);
	if (!done)
		(void)fprintf(out, "set %s %s\n", name, value);
}


int settings_save(const struct console *c, const char *name)
{
	char path[PATHS_MAX], value[512], *buf = NULL;
	FILE *in, *out;
	size_t size = 0;
	int err;

	err = settings_get(c, name, value, sizeof(value));
	if (!err)
		err = paths_join(path, sizeof(path), c->paths.config,
				 "console.conf");
	if (err)
		return err;
	out = open_memstream(&buf, &size);
	if (!out)
		return ENOMEM;

	in = fopen(path, "re");
	rewrite(in, out, name, value);
	if (in)
		(void)fclose(in);
	err = fclose(out) ? ENOMEM : paths_write(path, buf, size);
	free(buf);

	return err;
}
