/**
 * @file command_move.c  Commands that keys stand for: moving and typing
 *
 * They change what is shown and never speak to the phone by themselves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"
#include "screen.h"
#include "spawn.h"
#include "words.h"


static int cmd_move(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	long page = (long)list_page(c);
	const char *how = argc == 2 ? argv[1] : "";

	if (!strcmp(how, "down"))
		list_move(c, 1);
	else if (!strcmp(how, "up"))
		list_move(c, -1);
	else if (!strcmp(how, "half-down"))
		list_move(c, page / 2 + 1);
	else if (!strcmp(how, "half-up"))
		list_move(c, -(page / 2 + 1));
	else if (!strcmp(how, "page-down"))
		list_move(c, page);
	else if (!strcmp(how, "page-up"))
		list_move(c, -page);
	else if (!strcmp(how, "first"))
		list_move_to(c, 0);
	else if (!strcmp(how, "last"))
		list_move_to(c, (size_t)-1);
	else
		return CMD_USAGE;

	return CMD_OK;
}


static int cmd_focus(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	enum panel panel;

	if (argc != 2)
		return CMD_USAGE;
	if (!strcmp(argv[1], "next"))
		console_focus(c, layout_next(c->focus, 1));
	else if (!strcmp(argv[1], "previous"))
		console_focus(c, layout_next(c->focus, -1));
	else if (!panel_find(argv[1], &panel))
		console_focus(c, panel);
	else
		return CMD_USAGE;

	if (c->focus == PANEL_LOG && c->model->missed)
		return cmd_rpc(cmd, "log.seen", NULL, cmd_quiet);

	return CMD_OK;
}


static int cmd_command(struct cmd *cmd, int argc, char *argv[])
{
	typing_start(cmd->console, TYPING_COMMAND, argc > 1 ? argv[1] : NULL);

	return CMD_OK;
}


static int cmd_dial(struct cmd *cmd, int argc, char *argv[])
{
	typing_start(cmd->console, TYPING_DIAL, argc > 1 ? argv[1] : NULL);

	return CMD_OK;
}


static int cmd_filter(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	(void)argc;
	(void)argv;

	if (!panel_row(c->focus)->find)
		console_focus(c, PANEL_CONTACTS);
	if (!panel_row(c->focus)->find)
		return cmd_fail(cmd, "there is nothing to find in this "
				"panel");
	typing_start(c, TYPING_FILTER, c->filter[c->focus]);

	return CMD_OK;
}


/* The next message, or the one before, that holds the words */
static void trace_find(struct console *c, bool next)
{
	const char *filter = c->filter[PANEL_TRACE];
	char *folded = filter ? text_fold(filter) : NULL;
	size_t n = c->model->trace.n, at = c->view[PANEL_TRACE].sel, i;

	for (i = 1; i <= n; i++) {
		size_t row = next ? (at + i) % n : (at + n - i) % n;
		const struct m_trace *m = model_trace_at(c->model, row);

		if (!folded || text_contains(m->text, folded) ||
		    text_contains(m->title, folded)) {
			list_move_to(c, row);
			break;
		}
	}
	free(folded);
}


static int cmd_find(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	size_t n = list_count(c, c->focus), sel = c->view[c->focus].sel;

	if (argc != 2)
		return CMD_USAGE;
	if (!n)
		return CMD_OK;

	/* A trace stays whole: between two messages is what explains them */
	if (c->focus == PANEL_TRACE) {
		trace_find(c, !strcmp(argv[1], "next"));
		return CMD_OK;
	}

	/* What is found is what is left of the list; go round */
	list_move_to(c, !strcmp(argv[1], "next") ? (sel + 1) % n :
		     (sel + n - 1) % n);

	return CMD_OK;
}


static int cmd_open(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct contact_row *r;
	struct m_peer peer;
	const char *uri;
	(void)argc;
	(void)argv;

	if (c->focus == PANEL_CHAT)
		return command_run(cmd, 1, (char *[]){ (char[]){ "write" },
						       NULL });

	if (c->focus == PANEL_TRACE) {
		const struct m_trace *m = model_trace_at(
			c->model, c->view[PANEL_TRACE].sel);

		if (m)
			notice_open(c, m->title, m->text);
		return CMD_OK;
	}

	/* In the call panel Enter answers, and never calls once more */
	if (c->focus == PANEL_CALL) {
		if (console_call_rings(c))
			return command_run(cmd, 1, (char *[]){
					(char[]){ "answer" }, NULL });
		return cmd_fail(cmd, "b hangs up, d dials");
	}

	uri = list_target(c, &peer);
	if (!uri) {
		r = c->focus == PANEL_CONTACTS ? list_contact(c) : NULL;
		return cmd_fail(cmd, r ? N_("this contact has no address") :
				N_("nobody is selected"));
	}
	console_dialled(c, uri);

	return cmd_rpc(cmd, "call.dial", json_pack("{s:s}", "target", uri),
		       cmd_quiet);
}


static int cmd_write(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	struct m_peer peer;
	char *draft;
	(void)argc;
	(void)argv;

	if (list_target(c, &peer))
		chat_open(c, &peer);
	else if (c->focus != PANEL_CHAT && c->focus != PANEL_CALL)
		return cmd_fail(cmd, "there is no address to write to");
	if (!c->chat.peer.uri)
		return cmd_fail(cmd, "nobody is selected to write to");
	if (c->single >= 0 && c->single != PANEL_CHAT)
		return cmd_fail(cmd, "this console has no chat panel: "
				"offhook -p chat");

	console_focus(c, PANEL_CHAT);
	draft = c->chat.draft ? strdup(c->chat.draft) : NULL;
	typing_start(c, TYPING_CHAT, draft);
	free(draft);

	return CMD_OK;
}


/* :chat NAME: the conversation with a contact, or with an address */
static int cmd_chat(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	char none[] = "";
	struct m_peer peer = { none, none, none };
	struct m_contact *contact = NULL;
	json_t *id;
	size_t n;

	if (argc != 2)
		return CMD_USAGE;
	if (c->single >= 0 && c->single != PANEL_CHAT)
		return cmd_fail(cmd, "this console has no chat panel: "
				"offhook -p chat");

	id = console_contact(c, argv[1], &n);
	if (id && n == 1)
		contact = model_contact(c->model, json_string_value(id));
	json_decref(id);
	if (n > 1)
		return cmd_fail(cmd, "more than one contact fits \"%s\"",
				argv[1]);

	if (contact && contact->uric) {
		peer.uri = contact->uris[0];
		peer.name = contact->name;
		peer.contact = contact->id;
	}
	else if (!strncmp(argv[1], "sip:", 4))
		peer.uri = argv[1];
	else
		return cmd_fail(cmd, "nobody of this name has an address: "
				"sip:USER@HOST works too");

	chat_open(c, &peer);
	console_focus(c, PANEL_CHAT);

	return CMD_OK;
}


static int cmd_reply(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct m_call *call = model_call(c->model, c->ring_id);
	(void)argc;
	(void)argv;

	if (!call)
		return cmd_fail(cmd, "no call is ringing");
	if (c->single >= 0 && c->single != PANEL_CHAT)
		return cmd_fail(cmd, "this console has no chat panel: "
				"offhook -p chat");

	c->ring_hidden = call->id;
	chat_open(c, &call->peer);
	console_focus(c, PANEL_CHAT);
	typing_start(c, TYPING_CHAT, NULL);

	return CMD_OK;
}


static int cmd_unread(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	size_t i, n = c->rowc, at = c->view[PANEL_CONTACTS].sel;
	(void)argc;
	(void)argv;

	for (i = 1; i <= n; i++) {
		const struct contact_row *r = &c->rows[(at + i) % n];

		if (r->contact ? model_contact_unread(c->model, r->contact) :
		    r->stranger->unread) {
			console_focus(c, PANEL_CONTACTS);
			list_move_to(c, (at + i) % n);
			console_focus(c, PANEL_CHAT);
			return CMD_OK;
		}
	}
	if (c->model->missed)
		return command_run(cmd, 2, (char *[]){ (char[]){ "focus" },
					(char[]){ "log" }, NULL });
	cmd_print(cmd, "nothing is unread");

	return CMD_OK;
}


static int cmd_copy(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct m_message *m = NULL;
	struct m_peer peer;
	const char *text;
	(void)argc;
	(void)argv;

	if (c->focus == PANEL_CHAT && c->model->messages.n)
		m = c->chat.lowest < c->model->messages.n ?
			model_message_at(c->model, c->chat.lowest) :
			model_message_at(c->model, c->model->messages.n - 1);
	text = m ? m->text : list_target(c, &peer);
	if (!text)
		return cmd_fail(cmd, "there is nothing to copy");
	if (*c->prefs.clipboard_command) {
		if (spawn_text(c->prefs.clipboard_command, text))
			return cmd_fail(cmd, "cannot be run: %s",
					c->prefs.clipboard_command);
	}
	else if (screen_copy(text)) {
		return cmd_fail(cmd, "this terminal takes no clipboard "
				"(OSC 52), or the text is over 64 KB: see "
				"clipboard.command in :settings");
	}
	cmd_print(cmd, "copied: %.60s", text);

	return CMD_OK;
}


/* A word as the `:` line reads it back */
static void quoted(char *buf, size_t size, const char *text)
{
	size_t n = 0;

	buf[n++] = '"';
	for (; *text && n + 4 < size; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text;
	}
	buf[n++] = '"';
	buf[n] = '\0';
}


static int ask_contact(struct cmd *cmd, const struct m_contact *ct,
		       bool remove)
{
	struct console *c = cmd->console;
	char text[256], id[240];

	if (!ct)
		return cmd_fail(cmd, "no contact is selected");
	quoted(id, sizeof(id), ct->id);

	if (remove) {
		char command[256];

		(void)snprintf(text, sizeof(text), _("Delete %.200s?"),
			       ct->name);
		(void)snprintf(command, sizeof(command), "contact remove %s",
			       id);
		confirm_open(c, "Delete contact", text);
		confirm_add(c, 'y', "yes, delete", command);
		confirm_add(c, 'n', "no", "");
		return CMD_OK;
	}

	contact_form_open(c, ct, "", "");

	return CMD_OK;
}


static int cmd_ask(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	const struct contact_row *row = list_contact(c);
	const struct m_contact *ct = row ? row->contact : NULL;
	struct m_peer peer;

	if (argc != 2)
		return CMD_USAGE;

	if (!strcmp(argv[1], "contact-add")) {
		const char *uri = list_target(c, &peer);

		/* Somebody who wrote or called and is no contact yet */
		if (uri && !*peer.contact)
			contact_form_open(c, NULL, peer.name, uri);
		else
			contact_form_open(c, NULL, "", "");
		return CMD_OK;
	}
	if (!strcmp(argv[1], "contact-edit"))
		return ask_contact(cmd, ct, false);
	if (!strcmp(argv[1], "contact-remove"))
		return ask_contact(cmd, ct, true);

	return CMD_USAGE;
}


static int cmd_back(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	(void)argc;
	(void)argv;

	if (c->overlayc)
		overlay_close(c);
	else if (c->filter[c->focus]) {
		free(c->filter[c->focus]);
		c->filter[c->focus] = NULL;
		list_refresh(c);
		if (c->focus == PANEL_LOG)
			sync_log(c);
	}
	else if (c->chat.scroll) {
		c->chat.scroll = 0;
		sync_chat_seen(c);
	}
	else if (c->focus != PANEL_CONTACTS)
		console_focus(c, PANEL_CONTACTS);
	else if (!c->line)
		console_message(c, ROLE_DIM, "Q quits, ? helps");
	c->dirty = true;

	return CMD_OK;
}


static int cmd_redraw(struct cmd *cmd, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	cmd->console->dirty = true;
	screen_redraw();

	return CMD_OK;
}


static int cmd_suspend(struct cmd *cmd, int argc, char *argv[])
{
	(void)argc;
	(void)argv;
	screen_suspend();
	cmd->console->dirty = true;

	return CMD_OK;
}


#define KEY_ONLY (CMD_LINE | CMD_LOCAL | CMD_HIDDEN)

const struct command command_move_table[] = {
	{ "move", "up|down|half-up|half-down|page-up|page-down|first|last",
	  N_("move the selection"), cmd_move, KEY_ONLY, 0, COMPLETE_NONE },
	{ "focus", "contacts|log|chat|call|status|trace|next|previous",
	  N_("go to a panel"), cmd_focus, KEY_ONLY, 0, COMPLETE_PANEL },
	{ "panel", "contacts|log|chat|call|status|trace|next|previous",
	  N_("go to a panel"), cmd_focus, CMD_LINE | CMD_LOCAL, 0,
	  COMPLETE_PANEL },
	{ "command", "[TEXT]", N_("command line"), cmd_command, KEY_ONLY, 1,
	  COMPLETE_NONE },
	{ "dial", "[TEXT]", N_("ask whom to call"), cmd_dial,
	  CMD_LINE | CMD_LOCAL, 1, COMPLETE_TARGET },
	{ "filter", "", N_("find in the panel"), cmd_filter, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "find", "next|previous", N_("next match"), cmd_find, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "open", "", N_("call or open the selected"), cmd_open,
	  CMD_LINE | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ "write", "", N_("write to the selected"), cmd_write, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "chat", "CONTACT|ADDRESS", N_("show a conversation"), cmd_chat,
	  CMD_LINE | CMD_LOCAL, 1, COMPLETE_TARGET },
	{ "reply", "", N_("answer a ringing call by text"), cmd_reply,
	  KEY_ONLY, 0, COMPLETE_NONE },
	{ "unread", "", N_("next unread or missed"), cmd_unread, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "copy", "", N_("copy to the clipboard"), cmd_copy,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "ask", "contact-add|contact-edit|contact-remove",
	  N_("the form of a contact, or the question"), cmd_ask, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "back", "", N_("close, go back"), cmd_back, KEY_ONLY, 0,
	  COMPLETE_NONE },
	{ "redraw", "", N_("redraw the screen"), cmd_redraw,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ "suspend", "", N_("stop as ^Z does"), cmd_suspend,
	  CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
