/**
 * @file command_phone.c  Commands about the phone itself
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"


static int show_config(struct cmd *cmd, json_t *list)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		json_t *v = json_object_get(row, "value");
		char *text = json_is_string(v) ?
			strdup(json_string_value(v)) :
			json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

		cmd_print(cmd, "%s = %s\n", obj_str(row, "key"),
			  text ? text : "");
		free(text);
	}

	return CMD_OK;
}


static int show_value(struct cmd *cmd, json_t *v)
{
	if (json_is_string(v))
		cmd_print(cmd, "%s\n", json_string_value(v));
	else
		return cmd_print_json(cmd, v);

	return CMD_OK;
}


static int cmd_config(struct cmd *cmd, int argc, char *argv[])
{
	const char *what;

	if (cmd_options(cmd, &argc, argv, NULL) || argc < 2)
		return CMD_USAGE;
	what = argv[1];

	if (!strcmp(what, "list") && argc == 2)
		return cmd_rpc(cmd, "config.list", NULL, show_config);
	if (!strcmp(what, "get") && argc == 3)
		return cmd_rpc(cmd, "config.get",
			       json_pack("{s:s}", "key", argv[2]), show_value);
	if (!strcmp(what, "set") && argc == 4)
		return cmd_rpc(cmd, "config.set",
			       json_pack("{s:s, s:s}", "key", argv[2],
					 "value", argv[3]), cmd_quiet);

	return CMD_USAGE;
}


static bool doctor_ok(const json_t *list)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		if (!obj_bool(row, "ok"))
			return false;
	}

	return true;
}


static int show_doctor(struct cmd *cmd, json_t *list)
{
	char said[512];
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
		cmd_print(cmd, "%-4s %-12s %s\n",
			  obj_bool(row, "ok") ? "ok" : "BAD",
			  obj_str(row, "name"),
			  i18n_phone(obj_str(row, "text"), said,
				     sizeof(said)));

	return doctor_ok(list) ? CMD_OK : CMD_FAILED;
}


static int cmd_doctor(struct cmd *cmd, int argc, char *argv[])
{
	json_t *list = NULL;
	int rc;

	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;
	if (cmd->console)
		return cmd_rpc(cmd, "phone.doctor", NULL, show_doctor);

	/* --json does not change the exit code */
	if (client_call(cmd->client, "phone.doctor", NULL, &list))
		return cmd_fail(cmd, "%s", client_error(cmd->client));
	if (cmd->json)
		(void)cmd_print_json(cmd, list);
	rc = cmd->json ? (doctor_ok(list) ? CMD_OK : CMD_FAILED) :
		show_doctor(cmd, list);
	json_decref(list);

	return rc;
}


static void event_print(const char *method, json_t *params, void *arg)
{
	json_t *o = json_pack("{s:s, s:O?}", "method", method, "params",
			      params);
	char *text = json_dumps(o, 0);
	(void)arg;

	if (text) {
		(void)printf("%s\n", text);
		(void)fflush(stdout);
	}
	free(text);
	json_decref(o);
}


static int cmd_events(struct cmd *cmd, int argc, char *argv[])
{
	enum { LOOK_MS = 500 };
	int err;

	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	command_catch_interrupt();
	client_set_event_handler(cmd->client, event_print, NULL);
	if (client_call(cmd->client, "phone.subscribe",
			json_pack("{s:b}", "on", 1), NULL))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	for (;;) {
		/* A signal may come between the look and the wait */
		err = client_wait(cmd->client, LOOK_MS);
		if (command_interrupted())
			return CMD_OK;
		if (ferror(stdout))
			return CMD_FAILED;
		if (err && err != EINTR && err != ETIMEDOUT)
			return cmd_fail(cmd, "the phone ended");
	}
}


static int show_json(struct cmd *cmd, json_t *result)
{
	return cmd_print_json(cmd, result);
}


static int cmd_rpc_raw(struct cmd *cmd, int argc, char *argv[])
{
	json_t *params = NULL;
	json_error_t e;

	if (cmd_options(cmd, &argc, argv, NULL) || argc < 2 || argc > 3)
		return CMD_USAGE;

	if (argc == 3) {
		params = json_loads(argv[2], 0, &e);
		if (!json_is_object(params)) {
			json_decref(params);
			return cmd_fail(cmd, "rpc: PARAMS must be a JSON "
					"object, as '{\"call\": 1}': %s",
					e.text);
		}
	}

	return cmd_rpc(cmd, argv[1], params, show_json);
}


/* Bytes from one descriptor to another; false: it is over */
static bool hand_over(int from, int to)
{
	char buf[8192], *p = buf;
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;

	while (n > 0) {
		struct pollfd out = { to, POLLOUT, 0 };
		ssize_t w = write(to, p, (size_t)n);

		if (w < 0 && errno == EAGAIN)
			(void)poll(&out, 1, -1);
		else if (w < 0 && errno != EINTR)
			return false;
		if (w > 0) {
			p += w;
			n -= w;
		}
	}

	return true;
}


/* The far end of --host: this phone's socket on stdin and stdout */
static int cmd_relay(struct cmd *cmd, int argc, char *argv[])
{
	struct pollfd p[2] = {
		{ STDIN_FILENO, POLLIN, 0 },
		{ client_fd(cmd->client), POLLIN, 0 }
	};

	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return CMD_FAILED;
		if (p[0].revents && !hand_over(STDIN_FILENO, p[1].fd))
			return CMD_OK;
		if (p[1].revents && !hand_over(p[1].fd, STDOUT_FILENO))
			return CMD_OK;
	}
}


static int cmd_quit(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	if (!client_is_connected(cmd->client)) {
		if (!cmd->json)
			cmd_print(cmd, "no phone is running\n");
		return CMD_OK;
	}

	/* It may close before the answer is read: what counts is that it
	   goes, so wait for the end of the connection */
	if (client_call(cmd->client, "phone.quit", NULL, NULL) &&
	    client_is_connected(cmd->client))
		return cmd_fail(cmd, "%s", client_error(cmd->client));
	while (client_is_connected(cmd->client))
		(void)client_wait(cmd->client, -1);

	return CMD_OK;
}


const struct command command_phone_table[] = {
	{ "status", "[--format FMT] [--wait-registered SECONDS]",
	  N_("accounts, calls and what is new"), cmd_status,
	  CMD_BOTH | CMD_NOSTART, 0, COMPLETE_NONE },
	{ "config", "get KEY|set KEY VALUE|list", N_("the phone's settings"),
	  cmd_config, CMD_BOTH, 0, COMPLETE_CONFIG },
	{ "doctor", "", N_("what is wrong and how to mend it"), cmd_doctor,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "events", "", N_("one JSON event a line, until interrupted"),
	  cmd_events, CMD_SHELL, 0, COMPLETE_NONE },
	{ "rpc", "METHOD [PARAMS]", N_("any method of docs/rpc.md"),
	  cmd_rpc_raw, CMD_BOTH, 2, COMPLETE_NONE },
	{ "relay", "",
	  N_("speak to the phone on stdin and stdout (for --host)"), cmd_relay,
	  CMD_SHELL, 0, COMPLETE_NONE },
	{ "quit", "", N_("stop the phone"), cmd_quit, CMD_SHELL | CMD_NOSTART,
	  0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
