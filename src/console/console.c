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
	(void)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);

	text = text_clean(buf, strlen(buf), TEXT_LINE);
	(void)snprintf(c->message, sizeof(c->message), "%s",
		       text ? text : "");
	free(text);
	c->message_role = role;
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


/* ---- overlays ---- */

void overlay_close(struct console *c)
{
	if (c->overlay == OVERLAY_HELP && c->typing == TYPING_HELP)
		typing_stop(c);
	c->overlay = OVERLAY_NONE;
	free(c->notice);
	c->notice = NULL;
	c->overlay_sel = c->overlay_top = 0;
	c->dirty = true;
}


void confirm_open(struct console *c, const char *title, const char *text)
{
	overlay_close(c);
	memset(&c->confirm, 0, sizeof(c->confirm));
	(void)snprintf(c->confirm.title, sizeof(c->confirm.title), "%s",
		       title);
	(void)snprintf(c->confirm.text, sizeof(c->confirm.text), "%s", text);
	c->overlay = OVERLAY_CONFIRM;
}


void confirm_add(struct console *c, char key, const char *label,
		 const char *command)
{
	size_t i = c->confirm.n;

	if (i == CONFIRM_MAX)
		return;
	c->confirm.v[i].key = key;
	(void)snprintf(c->confirm.v[i].label, sizeof(c->confirm.v[i].label),
		       "%s", label);
	(void)snprintf(c->confirm.v[i].command,
		       sizeof(c->confirm.v[i].command), "%s", command);
	c->confirm.n++;
}


void notice_open(struct console *c, const char *title, const char *text)
{
	char *copy = strdup(text);

	overlay_close(c);
	c->notice = copy;
	(void)snprintf(c->notice_title, sizeof(c->notice_title), "%s", title);
	if (copy)
		c->overlay = OVERLAY_NOTICE;
}
