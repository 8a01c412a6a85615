/**
 * @file command_call.c  Commands about calls
 *
 * `call` returns when the other side has answered or refused, so that a
 * script knows; with --wait it stays until the call ends. In the console
 * the panels tell.
 */
#include "command_wait.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "command.h"
#include "console.h"
#include "i18n.h"
#include "words.h"


static int call_line(struct cmd *cmd, const json_t *call)
{
	const json_t *peer = json_object_get(call, "peer");
	const char *uri = obj_str(peer, "uri"), *name = obj_str(peer, "name");
	const char *codec = obj_str(call, "codec");
	json_int_t t = obj_int(call, "answered");
	char dur[16] = "-", dir[32], state[64];

	if (t)
		words_duration(dur, sizeof(dur), (int64_t)time(NULL) - t);
	words_pad(dir, sizeof(dir), words_state(obj_str(call, "direction")),
		  3);
	words_pad(state, sizeof(state), words_state(obj_str(call, "state")),
		  11);

	cmd_print(cmd, "%-3lld %s %s %7s  %s%s%s%s  %s%s%s\n",
		  (long long)obj_int(call, "id"), dir, state, dur,
		  name, *name ? " <" : "", uri,
		  *name ? ">" : "", words_label(obj_str(call, "label")),
		  *codec ? " " : "", codec);

	return CMD_OK;
}


/* Where a call ends up: the exit code, and the sentence */
static int call_ended(struct cmd *cmd, json_t *call)
{
	const json_t *reason = json_object_get(call, "reason");
	const char *text = obj_str(reason, "text");

	if (obj_int(call, "answered")) {
		char dur[16], said[512];

		words_duration(dur, sizeof(dur), obj_int(call, "ended") -
			       obj_int(call, "answered"));
		if (!cmd->json)
			cmd_print(cmd,
				  "call %lld with %s ended after %s%s%s\n",
				  (long long)obj_int(call, "id"),
				  obj_peer(call), dur, *text ? ": " : "",
				  i18n_phone(text, said, sizeof(said)));
		return CMD_OK;
	}

	return cmd_fail_reason(cmd, "", call, "the call was not answered");
}


struct call_wait {
	json_int_t id;
	json_t *seen;           /* id unknown yet: calls by their id */
	json_t *call;           /* as last reported                 */
	bool gone;
};


static void call_event(const char *method, json_t *params, void *arg)
{
	struct call_wait *w = arg;

	/* Events may overtake the answer that tells the id */
	if (!w->id && !strcmp(method, "call.changed"))
		command_keep(w->seen, params);

	if (obj_int(params, "id") != w->id)
		return;

	if (!strcmp(method, "call.changed")) {
		json_decref(w->call);
		w->call = json_incref(params);
	}
	else if (!strcmp(method, "call.removed")) {
		w->gone = true;
	}
}


static bool call_is(const struct call_wait *w, const char *state)
{
	return !strcmp(obj_str(w->call, "state"), state);
}


static int call_follow(struct cmd *cmd, struct call_wait *w, bool wait)
{
	bool told = false;
	int err;

	for (;;) {
		if (w->gone || call_is(w, "ended"))
			return call_ended(cmd, w->call);

		if (!told && obj_int(w->call, "answered")) {
			told = true;
			if (!cmd->json)
				cmd_print(cmd, "call %lld connected with "
					  "%s%s%s\n", (long long)w->id,
					  obj_peer(w->call),
					  *obj_str(w->call, "codec") ?
					  ", " : "",
					  obj_str(w->call, "codec"));
			(void)fflush(stdout);
			if (!wait)
				return CMD_OK;
		}

		err = client_wait(cmd->client, -1);
		if (err == EINTR && command_interrupted()) {
			(void)client_call(cmd->client, "call.hangup",
					  json_pack("{s:I}", "call", w->id),
					  NULL);
			if (told)
				return CMD_OK;
			return cmd_fail(cmd, "interrupted: the call was "
					"cancelled");
		}
		if (err && err != EINTR)
			return cmd_fail(cmd, "the phone ended during the "
					"call");
	}
}


static int call_shell(struct cmd *cmd, json_t *params, bool wait)
{
	struct call_wait w = { 0, json_object(), NULL, false };
	json_t *call = NULL;
	int rc = CMD_FAILED;

	command_catch_interrupt();
	client_set_event_handler(cmd->client, call_event, &w);
	if (client_call(cmd->client, "phone.subscribe",
			json_pack("{s:b}", "on", 1), NULL) ||
	    client_call(cmd->client, "call.dial", json_incref(params),
			&call)) {
		(void)cmd_fail(cmd, "%s", client_error(cmd->client));
		goto out;
	}

	w.id = obj_int(call, "id");
	w.call = command_kept(w.seen, w.id, call);

	rc = call_follow(cmd, &w, wait);
	if (cmd->json)
		(void)cmd_print_json(cmd, w.call);

 out:
	client_set_event_handler(cmd->client, NULL, NULL);
	json_decref(w.call);
	json_decref(w.seen);

	return rc;
}


static void join(char *buf, size_t size, int argc, char *argv[])
{
	size_t n = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < argc && n < size; i++) {
		int k = snprintf(buf + n, size - n, "%s%s", i ? " " : "",
				 argv[i]);

		n += k > 0 ? (size_t)k : 0;
	}
}


static int cmd_call(struct cmd *cmd, int argc, char *argv[])
{
	const char *account = NULL;
	bool wait = false;
	const struct cmd_opt opts[] = {
		{ "wait", NULL, &wait }, { "account", &account, NULL },
		{ NULL, NULL, NULL }
	};
	char target[1024];
	json_t *params;
	json_int_t id;
	int rc;

	if (cmd_options(cmd, &argc, argv, opts) || argc < 2 ||
	    (argc > 2 && !cmd->console))
		return CMD_USAGE;

	/* On the `:` line a name needs no quotes */
	join(target, sizeof(target), argc - 1, argv + 1);
	params = json_pack("{s:s}", "target", target);
	if (!params)
		return cmd_fail(cmd, "call: \"%s\" is not UTF-8", target);
	if (account && params) {
		id = command_account(cmd, account);
		if (!id) {
			json_decref(params);
			return CMD_FAILED;
		}
		json_object_set_new(params, "account", json_integer(id));
	}

	if (cmd->console) {
		console_dialled(cmd->console, target);
		return cmd_rpc(cmd, "call.dial", params, cmd_quiet);
	}

	rc = call_shell(cmd, params, wait);
	json_decref(params);

	return rc;
}


static int show_call(struct cmd *cmd, json_t *call)
{
	return cmd->console ? CMD_OK : call_line(cmd, call);
}


static int cmd_answer(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_RINGING,
			    "call.answer", show_call);
}


static int cmd_reject(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_RINGING,
			    "call.reject", show_call);
}


static int cmd_hangup(struct cmd *cmd, int argc, char *argv[])
{
	/* b is for whatever call is there: a ringing one is refused */
	if (cmd->console && argc < 2 && console_call_rings(cmd->console))
		return cmd_reject(cmd, argc, argv);

	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.hangup", show_call);
}


static int cmd_hold(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.hold", show_call);
}


static int cmd_resume(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.resume", show_call);
}


static int cmd_mute(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.mute", show_call);
}


static int cmd_unmute(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.unmute", show_call);
}


static int cmd_silence(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_RINGING,
			    "call.silence", show_call);
}


static int cmd_dtmf(struct cmd *cmd, int argc, char *argv[])
{
	json_t *params;

	if (cmd_options(cmd, &argc, argv, NULL) || argc < 2 || argc > 3)
		return CMD_USAGE;
	if (strspn(argv[argc - 1], "0123456789*#ABCDabcd") !=
	    strlen(argv[argc - 1]))
		return cmd_fail(cmd, "dtmf: only 0-9 * # A-D can be sent, not "
				"\"%s\"", argv[argc - 1]);

	params = cmd_call_params(cmd, argc == 3 ? 2 : 1, argv,
				 CMD_CALL_SELECTED);
	if (!params)
		return CMD_FAILED;
	json_object_set_new(params, "digits", json_string(argv[argc - 1]));

	if (cmd->console && argc == 2)
		console_digits(cmd->console, obj_int(params, "call"), argv[1]);

	return cmd_rpc(cmd, "call.dtmf", params, cmd_quiet);
}


static int show_calls(struct cmd *cmd, json_t *calls)
{
	json_t *call;
	size_t i;

	json_array_foreach(calls, i, call)
		(void)call_line(cmd, call);
	if (!json_array_size(calls))
		cmd_print(cmd, "no call\n");

	return CMD_OK;
}


static int cmd_calls(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "call.list", NULL, show_calls);
}


/* How a call was heard, as a whole; "" if that is not known */
static void quality(const json_t *e, char *buf, size_t size)
{
	const json_t *q = json_object_get(e, "quality");
	double mos = json_number_value(json_object_get(q, "mos"));

	buf[0] = '\0';
	if (mos > 0)
		(void)snprintf(buf, size, _("  MOS %.1f  loss %.1f%%  rtt "
			       "%.0fms  net %s"), mos,
			       json_number_value(json_object_get(q, "loss")),
			       json_number_value(json_object_get(q,
								 "rtt_ms")),
			       words_state(obj_str(q, "network")));
}


static int show_log(struct cmd *cmd, json_t *log)
{
	json_t *e;
	size_t i;

	json_array_foreach(log, i, e) {
		const json_t *peer = json_object_get(e, "peer");
		const char *name = obj_str(peer, "name");
		char when[32], dur[16] = "-", dir[32], what[48], how[128];

		words_when(when, sizeof(when), obj_int(e, "start"), true);
		if (obj_int(e, "duration"))
			words_duration(dur, sizeof(dur),
				       obj_int(e, "duration"));
		words_pad(dir, sizeof(dir),
			  words_state(obj_str(e, "direction")), 3);
		words_pad(what, sizeof(what),
			  words_state(obj_str(e, "result")), 9);
		quality(e, how, sizeof(how));
		cmd_print(cmd, "%s %s %s %8s  %s%s%s%s%s\n", when, dir, what,
			  dur, name, *name ? " <" : "", obj_str(peer, "uri"),
			  *name ? ">" : "", how);
	}

	return CMD_OK;
}


static int cmd_log(struct cmd *cmd, int argc, char *argv[])
{
	const char *search = NULL, *limit = NULL;
	const struct cmd_opt opts[] = {
		{ "search", &search, NULL }, { "limit", &limit, NULL },
		{ NULL, NULL, NULL }
	};
	json_t *params;
	json_int_t n = 50;

	if (cmd_options(cmd, &argc, argv, opts) || argc != 1)
		return CMD_USAGE;
	if (limit && cmd_integer(limit, &n))
		return cmd_fail(cmd, "log: --limit wants a number");

	params = json_pack("{s:I}", "limit", n);
	if (search)
		json_object_set_new(params, "search", json_string(search));

	return cmd_rpc(cmd, "log.list", params, show_log);
}


const struct command command_call_table[] = {
	{ "call", "TARGET [--wait] [--account ACCOUNT]",
	  N_("call a contact, an address or a number"), cmd_call, CMD_BOTH, 0,
	  COMPLETE_TARGET },
	{ "answer", "[CALL]", N_("answer"), cmd_answer, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "reject", "[CALL]", N_("reject a ringing call"), cmd_reject,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "hangup", "[CALL]", N_("hang up, reject, cancel"), cmd_hangup,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "hold", "[CALL]", N_("hold"), cmd_hold, CMD_BOTH, 0, COMPLETE_NONE },
	{ "resume", "[CALL]", N_("resume a held call"), cmd_resume, CMD_BOTH,
	  0, COMPLETE_NONE },
	{ "mute", "[CALL]", N_("mute the microphone"), cmd_mute, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "unmute", "[CALL]", N_("open the microphone"), cmd_unmute, CMD_BOTH,
	  0, COMPLETE_NONE },
	{ "silence", "[CALL]", N_("silence the ringing"), cmd_silence,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "dtmf", "[CALL] DIGITS", N_("send DTMF digits"), cmd_dtmf, CMD_BOTH,
	  0, COMPLETE_NONE },
	{ "calls", "", N_("list the calls"), cmd_calls, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "log", "[--search TEXT] [--limit N]", N_("list the call log"),
	  cmd_log, CMD_BOTH, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
