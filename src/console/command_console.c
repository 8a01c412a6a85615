/**
 * @file command_console.c  Commands of the console itself
 *
 * Keys, themes, settings, leaving; and what a key needs to know about the
 * call it means (mute or unmute, hold or resume, once or twice).
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "console.h"
#include "i18n.h"
#include "launch.h"
#include "screen.h"
#include "settings.h"

enum { END_MS = 2000 };         /* M-e twice within this */


static bool call_up(const struct console *c)
{
	const struct m_call *call;
	size_t i;

	for (i = 0; (call = model_call_at(c->model, i)); i++) {
		if (strcmp(call->state, "ended"))
			return true;
	}

	return false;
}


/* ---- what commands about calls ask --------------------------------------*/
int64_t console_call(const struct console *c, bool ringing)
{
	const struct m_call *call = model_call(c->model, c->call);

	if (ringing && c->ring_id)
		return c->ring_id;

	return call && strcmp(call->state, "ended") ? call->id : 0;
}


bool console_call_rings(const struct console *c)
{
	return c->ring_id && (c->call == c->ring_id || ring_overlay(c));
}


void console_dialled(struct console *c, const char *target)
{
	free(c->last_dialled);
	c->last_dialled = strdup(target);
}


void console_digits(struct console *c, int64_t id, const char *digits)
{
	struct m_call *call = model_call(c->model, id);
	size_t n, len = strlen(digits);

	if (!call || len >= sizeof(call->sent))
		return;

	n = strlen(call->sent);
	if (n + len >= sizeof(call->sent)) {
		memmove(call->sent, call->sent + len, n - len + 1);
		n -= len;
	}
	memcpy(call->sent + n, digits, len + 1);
	c->dirty = true;
}


int64_t console_account(const struct console *c, const char *address)
{
	const struct m_account *a;
	size_t i;

	for (i = 0; (a = model_account_at(c->model, i)); i++) {
		if (!strcmp(a->address, address) ||
		    (!strncmp(a->address, "sip:", 4) &&
		     !strcmp(a->address + 4, address)))
			return a->id;
	}

	return 0;
}


json_t *console_contact(const struct console *c, const char *text, size_t *n)
{
	const struct m_contact *ct, *found = NULL;
	size_t i;

	*n = 0;
	for (i = 0; (ct = model_contact_at(c->model, i)); i++) {
		if (!strcmp(ct->id, text)) {
			*n = 1;
			return json_string(ct->id);
		}
		if (!strcasecmp(ct->name, text)) {
			found = ct;
			(*n)++;
		}
	}

	return found ? json_string(found->id) : NULL;
}


void console_ask_password(struct console *c, const char *method,
			  json_t *params)
{
	typing_start(c, TYPING_PASSWORD, NULL);
	json_decref(c->secret_params);
	free(c->secret_method);
	c->secret_params = params;
	c->secret_method = strdup(method);
}


/* ---- calls --------------------------------------------------------------*/
static int run(struct cmd *cmd, const char *name)
{
	char word[16];

	(void)snprintf(word, sizeof(word), "%s", name);

	return command_run(cmd, 1, (char *[]){ word, NULL });
}


static int cmd_toggle(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct m_call *call = model_call(c->model,
					       console_call(c, false));

	if (argc != 2)
		return CMD_USAGE;
	if (!call)
		return cmd_fail(cmd, "there is no call");
	if (!strcmp(argv[1], "mute"))
		return run(cmd, call->muted ? "unmute" : "mute");
	if (!strcmp(argv[1], "hold"))
		return run(cmd, call->held || !strcmp(call->state, "held") ?
			   "resume" : "hold");

	return CMD_USAGE;
}


static int cmd_end(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct m_call *call = model_call(c->model,
					       console_call(c, false));
	uint64_t now = console_now();
	(void)argc;
	(void)argv;

	/* Once more while one is up: Alt is easily an Esc too many */
	if (call && call->answered && now - c->end_asked > END_MS) {
		c->end_asked = now;
		cmd_print(cmd, "once more to hang up");
		return CMD_OK;
	}
	c->end_asked = 0;

	return run(cmd, "hangup");
}


static int cmd_next_call(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	size_t i, n = c->model->calls.n;
	(void)argc;
	(void)argv;

	for (i = 0; i < n; i++) {
		if (model_call_at(c->model, i)->id == c->call)
			break;
	}
	if (!n)
		return cmd_fail(cmd, "there is no call");
	c->call = model_call_at(c->model, (i + 1) % n)->id;
	c->dirty = true;

	return CMD_OK;
}


/* ---- keys, themes, settings ---------------------------------------------*/
static int cmd_bind(struct cmd *cmd, int argc, char *argv[])
{
	int err;

	if (argc != 4)
		return CMD_USAGE;

	err = keymap_bind(cmd->console->keymap, argv[1], argv[2], argv[3]);
	if (err == ENOENT)
		return cmd_fail(cmd, "bind: no panel \"%s\": contacts, log, "
				"chat, call, any, typing or ring", argv[1]);
	if (err)
		return cmd_fail(cmd, "bind: no key \"%s\": as a, C-x, M-a, "
				"F5, Up, Enter, Space", argv[2]);

	return CMD_OK;
}


static int cmd_unbind(struct cmd *cmd, int argc, char *argv[])
{
	if (argc != 3)
		return CMD_USAGE;
	if (keymap_unbind(cmd->console->keymap, argv[1], argv[2]))
		return cmd_fail(cmd, "unbind: %s is not bound in %s", argv[2],
				argv[1]);

	return CMD_OK;
}


static int cmd_theme(struct cmd *cmd, int argc, char *argv[])
{
	if (argc == 1) {
		themes_open(cmd->console);
		return CMD_OK;
	}
	if (argc != 2)
		return CMD_USAGE;

	return theme_show(cmd->console, argv[1]) ? CMD_OK : CMD_FAILED;
}


static int cmd_set(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	char value[128];
	const char *name;
	size_t i;

	if (argc == 1) {
		for (i = 0; (name = settings_name(i)); i++) {
			(void)settings_get(c, name, value, sizeof(value));
			cmd_print(cmd, "%s = %s\n", name, value);
		}
		return CMD_OK;
	}
	if (argc == 2) {
		if (settings_get(c, argv[1], value, sizeof(value)))
			return cmd_fail(cmd, "no setting \"%s\" (the phone's "
					"are in :config)", argv[1]);
		cmd_print(cmd, "%s = %s", argv[1], value);
		return CMD_OK;
	}
	if (argc != 3)
		return CMD_USAGE;

	switch (settings_set(c, argv[1], argv[2])) {

	case 0:
		return CMD_OK;
	case ENOENT:
		return cmd_fail(cmd, "no setting \"%s\" (the phone's are in "
				":config)", argv[1]);
	default:
		return cmd_fail(cmd, "%s can be %s", argv[1],
				i18n_text(settings_values(argv[1])));
	}
}


static int cmd_settings(struct cmd *cmd, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	settings_open(cmd->console);

	return CMD_OK;
}


static int cmd_source(struct cmd *cmd, int argc, char *argv[])
{
	char why[512];

	if (argc != 2)
		return CMD_USAGE;
	if (settings_file(cmd->console, argv[1], why, sizeof(why)))
		return cmd_fail(cmd, "%s", why);

	return CMD_OK;
}


static int cmd_help(struct cmd *cmd, int argc, char *argv[])
{
	const struct command *row;

	if (argc == 2) {
		row = command_find(argv[1], CMD_LINE);
		if (!row)
			return cmd_fail(cmd, "no command \"%s\"", argv[1]);
		cmd_print(cmd, "%s %s\n  %s\n", row->name, row->args,
			  i18n_text(row->help));
		return CMD_OK;
	}
	help_open(cmd->console, cmd->console->focus);

	return CMD_OK;
}


static int cmd_dump(struct cmd *cmd, int argc, char *argv[])
{
	int err;

	if (argc != 2)
		return CMD_USAGE;

	console_draw(cmd->console);
	err = screen_dump(argv[1]);
	if (err)
		return cmd_fail(cmd, "%s: %s", argv[1], strerror(err));

	return CMD_OK;
}


/* ---- leaving ------------------------------------------------------------*/
static int cmd_detach(struct cmd *cmd, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	cmd->console->done = true;

	return CMD_OK;
}


static void quit_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	(void)result;

	if (err == EPROTO)
		console_message(c, ROLE_ERROR, "%s", text);
	else
		c->done = true;
}


static int cmd_stop(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	(void)argc;
	(void)argv;

	if (!client_is_connected(c->client) ||
	    client_request(c->client, "phone.quit", NULL, quit_reply, c))
		c->done = true;

	return CMD_OK;
}


static int cmd_quit(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;

	if (!call_up(c))
		return cmd_stop(cmd, argc, argv);

	confirm_open(c, "Quit", "A call is up.");
	confirm_add(c, 'y', "end the call and stop the phone", "stop");
	confirm_add(c, 'd', "leave, the call goes on", "detach");

	return CMD_OK;
}


static int cmd_leave(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	(void)argc;
	(void)argv;

	/* One panel beside others: the phone is not its business */
	if (c->single >= 0) {
		c->done = true;
		return CMD_OK;
	}
	if (c->demo) {
		confirm_open(c, "Quit", "This ends the demo and all that it "
			     "started.");
		confirm_add(c, 'y', "yes, quit", "detach");
		return CMD_OK;
	}

	confirm_open(c, "Quit", call_up(c) ? N_("A call is up. Should the "
		     "phone keep running?") :
		     N_("Should the phone keep running?"));
	confirm_add(c, 'y', call_up(c) ? N_("yes: the call goes on") :
		    N_("yes: it can be called"), "detach");
	confirm_add(c, 'n', "no, stop it", "stop");

	return CMD_OK;
}


static int cmd_start(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	char why[512];
	(void)argc;
	(void)argv;

	if (client_is_connected(c->client)) {
		cmd_print(cmd, "the phone runs");
		return CMD_OK;
	}
	if (launch_phone(c->client, c->profile, 1, why, sizeof(why)))
		return cmd_fail(cmd, "%s", why);
	c->retry_at = 0;
	cmd_print(cmd, "the phone is back");
	sync_start(c);

	return CMD_OK;
}


const struct command command_console_table[] = {
	{ "toggle", "mute|hold", N_("mute or hold, or back"),
	  cmd_toggle, CMD_LINE | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ "end", "", N_("hang up; twice if a call is up"), cmd_end,
	  CMD_LINE | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ "next-call", "", N_("the next call"), cmd_next_call,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "bind", "PANEL KEY COMMAND", N_("bind a key"), cmd_bind,
	  CMD_LINE | CMD_LOCAL, 3, COMPLETE_PANEL },
	{ "unbind", "PANEL KEY", N_("take a key's binding away"), cmd_unbind,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_PANEL },
	{ "theme", "[NAME]", N_("choose a theme, or step through them"),
	  cmd_theme, CMD_LINE | CMD_LOCAL, 0, COMPLETE_THEME },
	{ "set", "[NAME [VALUE]]", N_("settings of the console"), cmd_set,
	  CMD_LINE | CMD_LOCAL, 2, COMPLETE_SETTING },
	{ "settings", "", N_("every setting, to look up and to change"),
	  cmd_settings, CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "source", "FILE", N_("run the commands in a file"), cmd_source,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "help", "[COMMAND]", N_("keys and commands"), cmd_help,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_COMMAND },
	{ "screen-dump", "FILE", N_("write the screen into a file"), cmd_dump,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "start", "", N_("start the phone again"), cmd_start,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "detach", "", N_("leave, the phone keeps running"), cmd_detach,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "quit", "", N_("leave and stop the phone"), cmd_quit,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "stop", "", N_("leave and stop the phone, without asking"), cmd_stop,
	  CMD_LINE | CMD_LOCAL | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ "leave", "", N_("leave, and ask about the phone"), cmd_leave,
	  CMD_LINE | CMD_LOCAL | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
