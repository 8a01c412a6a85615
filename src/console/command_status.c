/**
 * @file command_status.c  `offhook status`: one look at the phone
 *
 * Plain for people, --format for status lines (tmux), --wait-registered for
 * scripts. An account that failed makes the exit code 1, with its sentence.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"
#include "launch.h"
#include "words.h"

static volatile sig_atomic_t interrupted;


static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}


void command_catch_interrupt(void)
{
	struct sigaction sa;

	/* Without SA_RESTART: poll() must come back */
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_interrupt;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
}


bool command_interrupted(void)
{
	return interrupted;
}


void command_keep(json_t *seen, json_t *object)
{
	char key[24];

	(void)snprintf(key, sizeof(key), "%lld",
		       (long long)obj_int(object, "id"));
	(void)json_object_set(seen, key, object);
}


json_t *command_kept(const json_t *seen, json_int_t id, json_t *answer)
{
	json_t *o;
	char key[24];

	(void)snprintf(key, sizeof(key), "%lld", (long long)id);
	o = json_object_get(seen, key);
	if (!o)
		return answer;
	json_decref(answer);

	return json_incref(o);
}


/* One line about a call */
static void show_call(struct cmd *cmd, const json_t *call)
{
	char dur[16] = "", said[512];

	if (obj_int(call, "answered"))
		words_duration(dur, sizeof(dur), (int64_t)time(NULL) -
			       obj_int(call, "answered"));
	cmd_print(cmd, "call %lld  %s%s%s  %s  %s%s%s%s%s\n",
		  (long long)obj_int(call, "id"),
		  words_state(obj_str(call, "state")),
		  *dur ? " " : "", dur, obj_peer(call),
		  words_label(obj_str(call, "label")),
		  *obj_str(call, "codec") ? " " : "", obj_str(call, "codec"),
		  *obj_str(call, "notice") ? "  " : "",
		  i18n_phone(obj_str(call, "notice"), said, sizeof(said)));
}


static void show_mailbox(struct cmd *cmd, const json_t *box)
{
	if (!obj_bool(box, "waiting"))
		return;

	if (obj_int(box, "new"))
		cmd_print(cmd, "  %lld new in the mailbox: offhook "
			  "voicemail\n", (long long)obj_int(box, "new"));
	else
		cmd_print(cmd, "  messages in the mailbox: offhook "
			  "voicemail\n");
}


/* Prints one line an account; true if none has failed */
static bool show_accounts(struct cmd *cmd, const json_t *accounts)
{
	char said[512];
	bool ok = true;
	json_t *a;
	size_t i;

	json_array_foreach(accounts, i, a) {
		const char *state = obj_str(a, "state");
		const char *text = i18n_phone(obj_str(json_object_get(
				a, "reason"), "text"), said, sizeof(said));
		const char *listen = obj_str(a, "listen");
		const char *advice = obj_str(json_object_get(a, "reason"),
					     "advice");
		char next[80] = "";

		if (!strcmp(state, "failed")) {
			ok = false;
			if (obj_int(a, "next"))
				(void)snprintf(next, sizeof(next),
					       _(" (again in %lld s)"),
					       (long long)
					       obj_int(a, "next"));
		}
		if (!strcmp(state, "direct"))
			cmd_print(cmd, "%s  direct%s%s%s%s\n",
				  obj_str(a, "address"),
				  *listen ? _(" at sip:") : "", listen,
				  *text ? ": " : "", text);
		else
			cmd_print(cmd, "%s  %s%s%s%s%s%s\n",
				  obj_str(a, "address"), words_state(state),
				  *obj_str(a, "transport") ? " " : "",
				  obj_str(a, "transport"), *text ? ": " : "",
				  text, next);
		if (*advice)
			cmd_print(cmd, "  %s\n", i18n_text(advice));
		show_mailbox(cmd, json_object_get(a, "mailbox"));
	}
	if (!json_array_size(accounts))
		cmd_print(cmd, "no account yet: offhook account add "
			  "ADDRESS\n");

	return ok;
}


static void show_notices(struct cmd *cmd, const json_t *notices)
{
	json_t *notice;
	char said[512];
	size_t i;

	json_array_foreach(notices, i, notice) {
		if (strcmp(obj_str(notice, "level"), "info"))
			cmd_print(cmd, "%s: %s\n",
				  i18n_text(obj_str(notice, "level")),
				  i18n_phone(obj_str(notice, "text"), said,
					     sizeof(said)));
	}
}


static int show_status(struct cmd *cmd, json_t *st)
{
	json_t *call;
	size_t i;
	bool ok;

	ok = show_accounts(cmd, json_object_get(st, "accounts"));
	json_array_foreach(json_object_get(st, "calls"), i, call)
		show_call(cmd, call);
	cmd_print(cmd, "%lld missed, %lld unread\n",
		  (long long)obj_int(st, "missed"),
		  (long long)obj_int(st, "unread"));
	show_notices(cmd, json_object_get(st, "notices"));

	return ok || cmd->console ? CMD_OK : CMD_FAILED;
}


/* What one placeholder stands for, into buf */
static bool placeholder(char c, const json_t *st, char *buf, size_t size)
{
	const json_t *calls = json_object_get(st, "calls");
	const json_t *a = json_array_get(json_object_get(st, "accounts"), 0);
	const json_t *call = json_array_get(calls, 0);
	const char *s = NULL;

	switch (c) {
	case '%': s = "%"; break;
	case 'a': s = obj_str(a, "address"); break;
	case 's': s = obj_str(a, "state"); break;
	case 'r': s = obj_str(json_object_get(a, "reason"), "text"); break;
	case 'S': s = obj_str(call, "state"); break;
	case 'p': s = call ? obj_peer(call) : ""; break;
	case 'l': s = call ? words_label(obj_str(call, "label")) : ""; break;
	case 'm':
		(void)snprintf(buf, size, "%lld",
			       (long long)obj_int(st, "missed"));
		return true;
	case 'u':
		(void)snprintf(buf, size, "%lld",
			       (long long)obj_int(st, "unread"));
		return true;
	case 'c':
		(void)snprintf(buf, size, "%zu", json_array_size(calls));
		return true;
	case 'd':
		buf[0] = '\0';
		if (obj_int(call, "answered"))
			words_duration(buf, size, (int64_t)time(NULL) -
				       obj_int(call, "answered"));
		return true;
	default:
		return false;
	}
	(void)snprintf(buf, size, "%s", s);

	return true;
}


static int show_format(struct cmd *cmd, const json_t *st, const char *fmt)
{
	char buf[512];

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			size_t n = strcspn(fmt, "%");

			cmd_print(cmd, "%.*s", (int)n, fmt);
			fmt += n - 1;
			continue;
		}
		if (!*++fmt || !placeholder(*fmt, st, buf, sizeof(buf)))
			return cmd_fail(cmd, "status: --format knows %%a "
					"account %%s state %%r reason %%m "
					"missed %%u unread %%c calls %%p peer "
					"%%S call state %%d duration %%l "
					"security %%%%");
		cmd_print(cmd, "%s", buf);
	}
	cmd_print(cmd, "\n");

	return CMD_OK;
}


/* 1: all are registered, 0: not yet, -1: one has failed; text says why */
static int registered(const json_t *accounts, const char **address,
		      const char **text)
{
	int rc = 1;
	json_t *a;
	size_t i;

	json_array_foreach(accounts, i, a) {
		const char *state = obj_str(a, "state");

		if (!strcmp(state, "failed")) {
			*address = obj_str(a, "address");
			*text = obj_str(json_object_get(a, "reason"), "text");
			return -1;
		}
		if (!strcmp(state, "registering"))
			rc = 0;
		if (!strcmp(state, "off") &&
		    !json_is_false(json_object_get(a, "enabled")))
			rc = 0;
	}

	return rc;
}


static void on_event(const char *method, json_t *params, void *arg)
{
	bool *changed = arg;
	(void)method;
	(void)params;

	*changed = true;
}


static int wait_loop(struct cmd *cmd, json_int_t seconds, bool *changed)
{
	struct timespec now;
	const char *address = "", *text = "";
	char said[512];
	json_int_t end;
	int rc, err;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec * 1000LL + now.tv_nsec / 1000000 + seconds * 1000;

	if (client_call(cmd->client, "phone.subscribe",
			json_pack("{s:b}", "on", 1), NULL))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	for (;;) {
		json_t *list = NULL;
		json_int_t left;

		*changed = false;
		if (client_call(cmd->client, "account.list", NULL, &list))
			return cmd_fail(cmd, "%s", client_error(cmd->client));
		rc = json_array_size(list) ?
			registered(list, &address, &text) : -2;
		if (rc == -1)
			(void)cmd_fail(cmd, "%s: %s", address,
				       i18n_phone(text, said, sizeof(said)));
		if (rc == -2)
			(void)cmd_fail(cmd, "no account yet: offhook account "
				       "add ADDRESS");
		json_decref(list);
		if (rc)
			return rc > 0 ? CMD_OK : CMD_FAILED;

		/* Any event is a reason to look again, also one that came
		   together with the answer */
		if (*changed)
			continue;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left = end - (now.tv_sec * 1000LL + now.tv_nsec / 1000000);
		err = left > 0 ? client_wait(cmd->client, (int)left) :
			ETIMEDOUT;
		if (err == ETIMEDOUT)
			return cmd_fail(cmd, "not registered after %lld s: "
					"the server does not answer",
					(long long)seconds);
		if (err)
			return cmd_fail(cmd, err == EINTR ? N_("interrupted") :
					N_("the phone ended"));
	}
}


static int wait_registered(struct cmd *cmd, json_int_t seconds)
{
	bool changed = false;
	int rc;

	command_catch_interrupt();
	client_set_event_handler(cmd->client, on_event, &changed);
	rc = wait_loop(cmd, seconds, &changed);
	client_set_event_handler(cmd->client, NULL, NULL);

	return rc;
}


static int status_shell(struct cmd *cmd, const char *fmt, json_int_t seconds,
			bool wait)
{
	json_t *st = NULL;
	char why[512];
	int rc;

	/* A status line must not start a phone */
	if (!client_is_connected(cmd->client) &&
	    launch_phone(cmd->client, cmd->profile, wait || !fmt, why,
			 sizeof(why)))
		return cmd_fail(cmd, "%s", why);

	if (wait) {
		rc = wait_registered(cmd, seconds);
		if (rc)
			return rc;
	}

	if (client_call(cmd->client, "phone.status", NULL, &st))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	if (fmt) {
		rc = show_format(cmd, st, fmt);
	}
	else if (cmd->json) {
		const char *address, *text;

		(void)cmd_print_json(cmd, st);
		rc = registered(json_object_get(st, "accounts"), &address,
				&text) < 0 ? CMD_FAILED : CMD_OK;
	}
	else {
		rc = show_status(cmd, st);
	}
	json_decref(st);

	return rc;
}


int cmd_status(struct cmd *cmd, int argc, char *argv[])
{
	const char *fmt = NULL, *wait = NULL;
	const struct cmd_opt opts[] = {
		{ "format", &fmt, NULL }, { "wait-registered", &wait, NULL },
		{ NULL, NULL, NULL }
	};
	json_int_t seconds = 0;

	if (cmd_options(cmd, &argc, argv, opts) || argc != 1)
		return CMD_USAGE;
	if (wait && (cmd_integer(wait, &seconds) || seconds > 86400))
		return cmd_fail(cmd, "status: --wait-registered wants a "
				"number of seconds");

	if (cmd->console)
		return cmd_rpc(cmd, "phone.status", NULL, show_status);

	return status_shell(cmd, fmt, seconds, wait != NULL);
}
