/**
 * @file command.c  Find, split and run commands
 *
 * The tables are joined here and nowhere else, so that the shell, the `:`
 * line, keys, help and completion cannot know different commands.
 */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"

enum { WORDS_MAX = 64 };

static const struct command *const tables[] = {
	command_call_table, command_several_table, command_sas_table,
	command_chat_table, command_contact_table, command_account_table,
	command_phone_table, command_console_table, command_move_table,
	command_said_table, command_trace_table, command_audio_table,
	command_watch_table, command_presence_table, command_demo_table,
	command_complete_table
};


const struct command *command_at(size_t i)
{
	size_t t;

	for (t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		const struct command *c;

		for (c = tables[t]; c->name; c++) {
			if (i-- == 0)
				return c;
		}
	}

	return NULL;
}


const struct command *command_find(const char *name, unsigned where)
{
	const struct command *c;
	size_t i;

	for (i = 0; (c = command_at(i)); i++) {
		if ((c->flags & where) && !strcmp(c->name, name))
			return c;
	}

	return NULL;
}


static int usage(struct cmd *cmd)
{
	const struct command *c = cmd->command;

	(void)cmd_fail(cmd, "usage: %s%s%s%s", cmd->console ? ":" : "offhook ",
		       c->name, *c->args ? " " : "", c->args);

	return CMD_USAGE;
}


int command_run(struct cmd *cmd, int argc, char *argv[])
{
	unsigned where = cmd->console ? CMD_LINE : CMD_SHELL;
	int rc;

	cmd->command = command_find(argv[0], where);
	if (!cmd->command) {
		(void)cmd_fail(cmd, command_find(argv[0], CMD_BOTH) ?
			       N_("\"%s\" works only in the %s") :
			       N_("no command \"%s\": try %s"), argv[0],
			       command_find(argv[0], CMD_BOTH) ?
			       (cmd->console ? _("shell") : _("console")) :
			       (cmd->console ? ":help" : "offhook --help"));
		return CMD_USAGE;
	}

	rc = cmd->command->h(cmd, argc, argv);
	if (rc == CMD_USAGE && !cmd->error)
		rc = usage(cmd);

	return rc;
}


/* One word; *sp goes behind it. false: a quote is not closed */
static bool word(char **sp, char **wordp)
{
	char *s = *sp, *d = *sp;
	char quote = '\0';

	*wordp = d;
	for (; *s && (quote || (*s != ' ' && *s != '\t')); s++) {
		if (quote ? *s == quote : (*s == '"' || *s == '\'')) {
			quote = quote ? '\0' : *s;
			continue;
		}
		if (*s == '\\' && s[1] && quote != '\'')
			s++;
		*d++ = *s;
	}

	if (*s)
		s++;
	*d = '\0';
	*sp = s;

	return !quote;
}


static int split(char *buf, char *argv[], int max)
{
	const struct command *c = NULL;
	int n = 0;

	for (;;) {
		buf += strspn(buf, " \t");
		if (!*buf)
			return n;
		if (n == max - 1)
			return -1;

		/* The text of a message is taken as it stands */
		if (c && c->max && n == c->max) {
			argv[n++] = buf;
			argv[n] = NULL;
			return n;
		}
		if (!word(&buf, &argv[n]))
			return -1;
		argv[++n] = NULL;
		if (n == 1)
			c = command_find(argv[0], CMD_LINE);
	}
}


int command_split(char *buf, char *argv[], int max)
{
	return buf && argv && max > 1 ? split(buf, argv, max) : -1;
}


int command_run_line(struct cmd *cmd, const char *line)
{
	char *argv[WORDS_MAX] = { NULL };
	char *buf = strdup(line);
	int argc, rc = CMD_OK;

	if (!buf)
		return CMD_FAILED;

	argc = command_split(buf, argv, WORDS_MAX);
	if (argc < 0) {
		(void)cmd_fail(cmd, "a quote is not closed, or there are too "
			       "many words");
		rc = CMD_USAGE;
	}
	else if (argc > 0) {
		rc = command_run(cmd, argc, argv);
	}

	free(buf);

	return rc;
}


void cmd_clear(struct cmd *cmd)
{
	free(cmd->text);
	cmd->text = NULL;
	cmd->len = 0;
	cmd->error = false;
}


static const struct cmd_opt *opt_find(const struct cmd_opt *opts,
				      const char *name, size_t len)
{
	for (; opts && opts->name; opts++) {
		if (strlen(opts->name) == len &&
		    !strncmp(opts->name, name, len))
			return opts;
	}

	return NULL;
}


int cmd_options(struct cmd *cmd, int *argc, char *argv[],
		const struct cmd_opt *opts)
{
	const struct cmd_opt *o;
	int i, n = 1;

	for (i = 1; i < *argc; i++) {
		char *arg = argv[i], *eq;
		size_t len;

		if (!strcmp(arg, "--")) {
			while (++i < *argc)
				argv[n++] = argv[i];
			break;
		}
		if (strncmp(arg, "--", 2)) {
			argv[n++] = arg;
			continue;
		}

		eq = strchr(arg, '=');
		len = (eq ? (size_t)(eq - arg) : strlen(arg)) - 2;
		o = opt_find(opts, arg + 2, len);
		if (!o) {
			(void)cmd_fail(cmd, "%s: no option %s",
				       cmd->command->name, arg);
			return CMD_USAGE;
		}
		if (o->flag) {
			*o->flag = true;
		}
		else if (eq) {
			*o->value = eq + 1;
		}
		else if (i + 1 < *argc) {
			*o->value = argv[++i];
		}
		else {
			(void)cmd_fail(cmd, "%s: %s wants a value",
				       cmd->command->name, arg);
			return CMD_USAGE;
		}
	}

	*argc = n;
	argv[n] = NULL;

	return CMD_OK;
}


/* Nothing uncleaned reaches a terminal, whoever sent it */
static char *format(const char *fmt, va_list ap)
{
	char *raw = NULL, *text;
	int n;

	n = vasprintf(&raw, i18n_text(fmt), ap);
	if (n < 0)
		return NULL;

	text = text_clean(raw, (size_t)n, TEXT_BODY);
	free(raw);

	return text;
}


static void keep(struct cmd *cmd, const char *text)
{
	size_t len = strlen(text);
	char *p = realloc(cmd->text, cmd->len + len + 1);

	if (!p)
		return;

	memcpy(p + cmd->len, text, len + 1);
	cmd->text = p;
	cmd->len += len;
}


void cmd_print(struct cmd *cmd, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);
	if (!text)
		return;

	if (cmd->console)
		keep(cmd, text);
	else
		(void)fputs(text, stdout);
	free(text);
}


int cmd_fail(struct cmd *cmd, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = format(fmt, ap);
	va_end(ap);

	if (cmd->console)
		keep(cmd, text ? text : _("out of memory"));
	else
		(void)fprintf(stderr, "offhook: %s\n",
			      text ? text : _("out of memory"));
	cmd->error = true;
	free(text);

	return CMD_FAILED;
}


int cmd_fail_reason(struct cmd *cmd, const char *who, const json_t *o,
		    const char *otherwise)
{
	const json_t *reason = json_object_get(o, "reason");
	const char *text = obj_str(reason, "text");
	const char *advice = i18n_text(obj_str(reason, "advice"));
	char buf[512];

	return cmd_fail(cmd, "%s%s%s%s%s", who, *who ? ": " : "",
			*text ? i18n_phone(text, buf, sizeof(buf)) :
			i18n_text(otherwise), *advice ? ". " : "", advice);
}


int cmd_print_json(struct cmd *cmd, const json_t *json)
{
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(9);
	char *text;

	if (cmd->console || isatty(STDOUT_FILENO))
		flags |= JSON_INDENT(2);

	/* JSON escapes C0; what else is unfit for a terminal cmd_print takes,
	   but a program that reads a pipe gets what the phone said */
	text = json_dumps(json, flags);
	if (!text)
		return cmd_fail(cmd, "out of memory");

	if (cmd->console || isatty(STDOUT_FILENO))
		cmd_print(cmd, "%s\n", text);
	else
		(void)printf("%s\n", text);
	free(text);

	return CMD_OK;
}


int cmd_integer(const char *text, json_int_t *np)
{
	char *end;
	long long n;

	if (!text || *text < '0' || *text > '9')
		return EINVAL;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || *end)
		return EINVAL;

	*np = n;

	return 0;
}


json_t *cmd_call_params(struct cmd *cmd, int argc, char *argv[],
			enum cmd_which which)
{
	const bool ringing = which == CMD_CALL_RINGING;
	json_int_t id;

	if (argc < 2 && (!cmd->console || which == CMD_CALL_PHONE))
		return json_object();

	if (argc < 2) {
		id = console_call(cmd->console, ringing);
		if (id)
			return json_pack("{s:I}", "call", id);

		(void)cmd_fail(cmd, ringing ? N_("no call is ringing") :
			       N_("there is no call"));
		return NULL;
	}

	if (cmd_integer(argv[1], &id)) {
		(void)cmd_fail(cmd, "%s: \"%s\" is no call: the number of a "
			       "call is in `offhook calls`", argv[0], argv[1]);
		return NULL;
	}

	return json_pack("{s:I}", "call", id);
}


int cmd_call_rpc(struct cmd *cmd, int argc, char *argv[],
		 enum cmd_which which, const char *method, cmd_result_h *h)
{
	json_t *params;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 2)
		return CMD_USAGE;

	params = cmd_call_params(cmd, argc, argv, which);
	if (!params)
		return CMD_FAILED;

	return cmd_rpc(cmd, method, params, h);
}


int cmd_quiet(struct cmd *cmd, json_t *result)
{
	(void)cmd;
	(void)result;

	return CMD_OK;
}


const char *obj_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}


json_int_t obj_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}


double obj_num(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}


bool obj_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}


const char *obj_peer(const json_t *o)
{
	const json_t *peer = json_object_get(o, "peer");
	const char *name = obj_str(peer, "name");

	return *name ? name : obj_str(peer, "uri");
}
