/**
 * @file console.c  What the parts of the console ask of it
 *
 * Commands, answers of the phone and keys do not draw: they say a line,
 * open an overlay or run a command here, which changes the one struct
 * console and marks it dirty. The loop (console_run.c) draws it.
 */
#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "common/text.h"
#include "i18n.h"


uint64_t console_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


void console_message(struct console *c, enum role role, const char *fmt, ...)
{
	char buf[MESSAGE_MAX];
	char *text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), i18n_text(fmt), ap);
	va_end(ap);

	text = text_clean(buf, strlen(buf), TEXT_LINE);
	(void)snprintf(c->message, sizeof(c->message), "%s",
		       text ? text : "");
	free(text);
	c->message_role = role;
	if (*c->message && role != ROLE_DIM)
		said_add(&c->said, c->message);
	if (c->linear && *c->message && role != ROLE_DIM)
		linear_say(c, c->message);
	c->dirty = true;
}


void console_show(struct console *c, const struct cmd *cmd)
{
	char *nl;

	if (!cmd->text)
		return;

	nl = strchr(cmd->text, '\n');
	if (!nl || !nl[1])
		console_message(c, cmd->error ? ROLE_ERROR : ROLE_INFO, "%s",
				cmd->text);
	else
		notice_open(c, cmd->command ? cmd->command->name : "",
			    cmd->text);
	if ((!nl || !nl[1]) && (nl = strchr(c->message, '\n')))
		*nl = '\0';
}


void console_command(struct console *c, const char *line)
{
	struct cmd cmd = { .client = c->client, .console = c,
			   .profile = c->profile };

	(void)command_run_line(&cmd, line);
	console_show(c, &cmd);
	cmd_clear(&cmd);
	c->dirty = true;
}


bool console_say(struct console *c, const char *text)
{
	if (c->linear)
		linear_say(c, text);

	return c->linear;
}


void console_changed(struct console *c)
{
	c->dirty = true;
}


const struct model *console_model(const struct console *c)
{
	return c->model;
}


const struct keymap *console_keymap(const struct console *c)
{
	return c->keymap;
}


int console_request(struct console *c, const char *method, json_t *params,
		    client_reply_h *h, void *arg)
{
	return client_request(c->client, method, params, h, arg);
}
