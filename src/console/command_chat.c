/**
 * @file command_chat.c  Commands about messages
 *
 * `msg` in the shell waits for the final state: a script that gets 0 knows
 * that the other side, or its server, has taken the message.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"
#include "words.h"

enum { MSG_WAIT_S = 60 };

struct msg_wait {
	json_int_t id;
	json_t *seen;           /* id unknown yet: messages by their id */
	json_t *msg;
};


static void msg_event(const char *method, json_t *params, void *arg)
{
	struct msg_wait *w = arg;

	if (strcmp(method, "chat.message"))
		return;

	/* The state may overtake the answer that tells the id */
	if (!w->id) {
		command_keep(w->seen, params);
	}
	else if (obj_int(params, "id") == w->id) {
		json_decref(w->msg);
		w->msg = json_incref(params);
	}
}


static bool msg_final(const json_t *msg)
{
	const char *state = obj_str(msg, "state");

	return strcmp(state, "queued") != 0;
}


static int msg_follow(struct cmd *cmd, struct msg_wait *w)
{
	time_t end = time(NULL) + MSG_WAIT_S;

	while (!msg_final(w->msg)) {
		time_t left = end - time(NULL);
		int err;

		if (left <= 0)
			return cmd_fail(cmd, "no answer yet: the phone goes "
					"on trying; `offhook chats` shows it");

		err = client_wait(cmd->client, (int)left * 1000);
		if (err == EINTR && command_interrupted())
			return cmd_fail(cmd, "interrupted: the phone goes on "
					"trying");
		if (err && err != EINTR && err != ETIMEDOUT)
			return cmd_fail(cmd, "the phone ended before the "
					"message was sent");
	}

	if (!strcmp(obj_str(w->msg, "state"), "failed"))
		return cmd_fail_reason(cmd, "", w->msg,
				       "the message could not be sent");
	if (!cmd->json)
		cmd_print(cmd, "%s\n", words_state(obj_str(w->msg, "state")));

	return CMD_OK;
}


static int msg_shell(struct cmd *cmd, json_t *params)
{
	struct msg_wait w = { 0, json_object(), NULL };
	json_t *msg = NULL;
	int rc = CMD_FAILED;

	command_catch_interrupt();
	client_set_event_handler(cmd->client, msg_event, &w);
	if (client_call(cmd->client, "phone.subscribe",
			json_pack("{s:b}", "on", 1), NULL) ||
	    client_call(cmd->client, "chat.send", json_incref(params), &msg)) {
		(void)cmd_fail(cmd, "%s", client_error(cmd->client));
		goto out;
	}

	w.id = obj_int(msg, "id");
	w.msg = command_kept(w.seen, w.id, msg);

	rc = msg_follow(cmd, &w);
	if (cmd->json)
		(void)cmd_print_json(cmd, w.msg);

 out:
	client_set_event_handler(cmd->client, NULL, NULL);
	json_decref(w.msg);
	json_decref(w.seen);

	return rc;
}


static int cmd_msg(struct cmd *cmd, int argc, char *argv[])
{
	const char *account = NULL;
	const struct cmd_opt opts[] = {
		{ "account", &account, NULL }, { NULL, NULL, NULL }
	};
	json_t *params;
	json_int_t id;
	int rc;

	/* In a `:` line the text is taken as it stands */
	if ((!cmd->console && cmd_options(cmd, &argc, argv, opts)) ||
	    argc != 3)
		return CMD_USAGE;
	if (!*argv[2])
		return cmd_fail(cmd, "msg: there is nothing to send");

	params = json_pack("{s:s, s:s}", "target", argv[1], "text", argv[2]);
	if (!params)
		return cmd_fail(cmd, "msg: the text is not UTF-8");

	if (account) {
		id = command_account(cmd, account);
		if (!id) {
			json_decref(params);
			return CMD_FAILED;
		}
		json_object_set_new(params, "account", json_integer(id));
	}

	if (cmd->console)
		return cmd_rpc(cmd, "chat.send", params, cmd_quiet);

	rc = msg_shell(cmd, params);
	json_decref(params);

	return rc;
}


static int show_chats(struct cmd *cmd, json_t *list)
{
	json_t *c;
	size_t i;

	json_array_foreach(list, i, c) {
		const json_t *last = json_object_get(c, "last");
		const char *text;
		char when[32];
		size_t n;

		words_when(when, sizeof(when), obj_int(last, "time"), true);
		text = obj_str(last, "text");
		n = text_fit(text, 60, NULL);
		if (n > strcspn(text, "\n"))
			n = strcspn(text, "\n");
		cmd_print(cmd, "%-3lld %s %3lld new  %s  %s%.*s\n",
			  (long long)obj_int(c, "id"), when,
			  (long long)obj_int(c, "unread"), obj_peer(c),
			  strcmp(obj_str(last, "direction"), "out") ?
			  "" : _("me: "), (int)n, text);
	}
	if (!json_array_size(list))
		cmd_print(cmd, "no conversation yet\n");

	return CMD_OK;
}


static int cmd_chats(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "chat.list", NULL, show_chats);
}


const struct command command_chat_table[] = {
	{ "msg", "TARGET TEXT [--account ACCOUNT]",
	  N_("send a message"), cmd_msg, CMD_BOTH, 2,
	  COMPLETE_TARGET },
	{ "chats", "", N_("list the conversations"), cmd_chats, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
