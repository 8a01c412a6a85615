/**
 * @file main.c  offhook: the console and every shell command
 *
 * Options of the program may stand before the command or behind it; what is
 * left is the command. Without one the console opens.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "common/paths.h"
#include "console.h"
#include "i18n.h"
#include "launch.h"
#include "remote.h"

struct options {
	struct console_options console;
	bool json, help, version;
};


static int wrong(const char *fmt, const char *arg)
{
	(void)fprintf(stderr, "offhook: ");
	(void)fprintf(stderr, i18n_text(fmt), arg);
	(void)fprintf(stderr, "; %s\n", _("see offhook --help"));

	return CMD_USAGE;
}


/** How long the next piece of a usage is: what stands in brackets stays
 * together, and so does a word, or (`whole`) all up to the next `|` */
static size_t piece(const char *args, bool whole)
{
	int deep = 0;
	size_t n;

	for (n = 0; args[n]; n++) {
		if (args[n] == '[')
			deep++;
		else if (args[n] == ']')
			deep--;
		else if (!deep && !whole && args[n] == ' ')
			return n;
		else if (!deep && args[n] == '|' && args[n + 1])
			return n + 1;
	}

	return n;
}


/** A command and what it takes, in lines that fit a terminal of 80 */
static void print_usage(const char *name, const char *args)
{
	enum { WIDTH = 79, HANG = 12 };
	size_t at = (size_t)printf("  %s", name), n;
	bool space = true;

	for (; *args; args += n + space) {
		n = piece(args, false);
		if (at + piece(args, !space) + space > WIDTH) {
			at = (size_t)printf("\n%*s", HANG, "") - 1;
			space = false;
		}
		at += (size_t)printf("%s%.*s", space ? " " : "", (int)n, args);
		space = args[n] == ' ';
	}
	(void)printf("\n");
}


static int help(void)
{
	const struct command *c;
	size_t i;

	(void)printf(_("offhook %s: a SIP phone for the terminal\n\n"
		       "  offhook                     open the console, start "
		       "the phone if none runs\n"
		       "  offhook -p PANEL            only contacts, calls, "
		       "log, chat, status or trace\n"
		       "  offhook -t THEME            dark, light, contrast, "
		       "mono or an own one\n"
		       "  offhook COMMAND ...         one of those below\n\n"
		       "  --linear        no screen: one event a line, for "
		       "screen readers\n"
		       "  --host HOST     the phone of another machine, by "
		       "ssh\n"
		       "  --profile DIR   another phone, kept below DIR\n"
		       "  --json          print JSON\n"
		       "  --help --version\n\n"), OFFHOOK_VERSION);

	for (i = 0; (c = command_at(i)); i++) {
		if (!(c->flags & CMD_SHELL) || (c->flags & CMD_HIDDEN))
			continue;
		print_usage(c->name, c->args);
		(void)printf("        %s\n", i18n_text(c->help));
	}
	(void)printf("\n%s\n", _("Exit code 0, 1 if it failed, 2 for wrong "
				  "usage."));

	return CMD_OK;
}


/* -x VALUE, --xyz VALUE or --xyz=VALUE; 1: taken, 0: another option, -1 */
static int take_value(const char *shrt, const char *name, int *i, int argc,
		      char *argv[], const char **value)
{
	const char *arg = argv[*i];
	size_t n = strlen(name);

	if (!strncmp(arg, name, n) && arg[n] == '=') {
		*value = arg + n + 1;
		return 1;
	}
	if (strcmp(arg, name) && strcmp(arg, shrt))
		return 0;
	if (*i + 1 >= argc)
		return -1;
	*value = argv[++*i];

	return 1;
}


/* Takes the program's own options out of argv; the rest stays in order */
static int options(struct options *o, int *argc, char *argv[])
{
	bool own = true;        /* before the command: -p and -t count */
	int i, n = 1;

	for (i = 1; i < *argc; i++) {
		char *arg = argv[i];
		int rc;

		if (!strcmp(arg, "--")) {
			for (; i < *argc; i++)
				argv[n++] = argv[i];
			break;
		}

		rc = take_value("--profile", "--profile", &i, *argc, argv,
				&o->console.profile);
		if (!rc && own)
			rc = take_value("-p", "--panel", &i, *argc, argv,
					&o->console.panel);
		if (!rc && own)
			rc = take_value("-t", "--theme", &i, *argc, argv,
					&o->console.theme);
		if (!rc && own)
			rc = take_value("--host", "--host", &i, *argc, argv,
					&o->console.host);
		if (rc < 0)
			return wrong("%s wants a value", arg);
		if (rc)
			continue;

		if (own && !strcmp(arg, "--linear"))
			o->console.linear = true;
		else if (!strcmp(arg, "--json"))
			o->json = true;
		else if (own && (!strcmp(arg, "--help") ||
				 !strcmp(arg, "-h")))
			o->help = true;
		else if (own && (!strcmp(arg, "--version") ||
				 !strcmp(arg, "-V")))
			o->version = true;
		else if (own && arg[0] == '-' && arg[1])
			return wrong("no option %s", arg);
		else {
			own = false;
			argv[n++] = arg;
		}
	}

	*argc = n;
	argv[n] = NULL;

	return CMD_OK;
}


static int connect_phone(struct cmd *cmd, const struct command *row,
			 const struct paths *paths, const char *host)
{
	static struct remote remote;
	char why[512];
	int err;

	if (client_open(&cmd->client, paths->socket, NULL, NULL))
		return cmd_fail(cmd, "out of memory");

	if (host) {
		remote_init(&remote, paths, host, cmd->profile);
		client_set_connect(cmd->client, remote_connect, &remote);
		err = launch_phone(cmd->client, NULL, 0, why, sizeof(why));
		return err ? cmd_fail(cmd, "%s", why) : CMD_OK;
	}
	if (row->flags & CMD_NOSTART) {
		(void)client_connect(cmd->client);
		return CMD_OK;
	}

	err = launch_phone(cmd->client, cmd->profile, 1, why, sizeof(why));
	if (err)
		return cmd_fail(cmd, "%s", why);

	return CMD_OK;
}


static int run(const struct options *o, int argc, char *argv[])
{
	const struct command *row = command_find(argv[0], CMD_SHELL);
	struct cmd cmd = { .profile = o->console.profile, .json = o->json };
	struct paths paths;
	int rc, err;

	if (!row)
		return command_run(&cmd, argc, argv);
	if (argc > 1 && !strcmp(argv[1], "--help")) {
		(void)printf("offhook %s %s\n  %s\n", row->name, row->args,
			     i18n_text(row->help));
		return CMD_OK;
	}

	err = paths_init(&paths, o->console.profile);
	if (err)
		return cmd_fail(&cmd, "the profile's folder cannot be used: "
				"%s", err == ENAMETOOLONG ? _("its path is "
				"too long for a socket") : strerror(err));

	rc = row->flags & CMD_LOCAL ? CMD_OK :
		connect_phone(&cmd, row, &paths, o->console.host);
	if (!rc)
		rc = command_run(&cmd, argc, argv);
	client_close(cmd.client);

	if (fflush(stdout) && !rc)
		rc = CMD_FAILED;

	return rc;
}


int main(int argc, char *argv[])
{
	struct options o;
	int rc;

	i18n_init();
	(void)signal(SIGPIPE, SIG_IGN);

	memset(&o, 0, sizeof(o));
	rc = options(&o, &argc, argv);
	if (rc)
		return rc;

	if (o.version) {
		(void)printf("offhook %s\n", OFFHOOK_VERSION);
		return 0;
	}
	if (o.help || (argc > 1 && !strcmp(argv[1], "help")))
		return help();
	if (argc > 1)
		return run(&o, argc - 1, argv + 1);

	return console_run(&o.console);
}
