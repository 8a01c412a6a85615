/**
 * @file command_several.c  Commands about more than one party
 *
 * Transfer, conference, swap, redial, pick-up; who may ring; and yes or no
 * to what the network wants.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "i18n.h"
#include "overlay.h"


/* The call meant on the `:` line or by a key, added to params */
static bool add_call(struct cmd *cmd, json_t *params)
{
	json_int_t id = console_call(cmd->console, false);

	if (!id) {
		json_decref(params);
		(void)cmd_fail(cmd, "there is no call");
		return false;
	}
	json_object_set_new(params, "call", json_integer(id));

	return true;
}


static bool up(const struct m_call *call)
{
	return !strcmp(call->state, "established") ||
	       !strcmp(call->state, "held") ||
	       !strcmp(call->state, "remote-held");
}


/* Another call that is up */
static json_int_t other_call(const struct console *c, json_int_t id)
{
	const struct m_call *call;
	size_t i;

	for (i = 0; (call = model_call_at(c->model, i)); i++) {
		if (call->id != id && up(call))
			return call->id;
	}

	return 0;
}


static bool number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}


static int cmd_transfer(struct cmd *cmd, int argc, char *argv[])
{
	const char *other = NULL;
	const struct cmd_opt opts[] = {
		{ "to-call", &other, NULL }, { NULL, NULL, NULL }
	};
	json_int_t id = 0, n = 0;
	json_t *params;

	if (cmd_options(cmd, &argc, argv, opts) || argc > 3 ||
	    (argc < 2 && !other) || (other && argc > 2))
		return CMD_USAGE;
	if ((argc == 3 || (other && argc == 2)) &&
	    cmd_integer(argv[1], &id))
		return cmd_fail(cmd, "transfer: CALL is a number, see "
				"`calls`");
	if (other && cmd_integer(other, &n))
		return cmd_fail(cmd, "transfer: --to-call wants the number "
				"of a call");

	params = json_object();
	if (other)
		json_object_set_new(params, "other", json_integer(n));
	else
		json_object_set_new(params, "target",
				    json_string(argv[argc - 1]));
	if (id)
		json_object_set_new(params, "call", json_integer(id));
	else if (cmd->console && !add_call(cmd, params))
		return CMD_FAILED;

	return cmd_rpc(cmd, "call.transfer", params, cmd_quiet);
}


/* T: the peers of the selected call and of the other one talk */
static int cmd_attended(struct cmd *cmd, int argc, char *argv[])
{
	struct console *c = cmd->console;
	json_int_t id = console_call(c, false), other = other_call(c, id);
	(void)argv;

	if (argc != 1)
		return CMD_USAGE;
	if (!id || !other)
		return cmd_fail(cmd, "attended transfer: call the other one "
				"first, then again");

	return cmd_rpc(cmd, "call.transfer",
		       json_pack("{s:I, s:I}", "call", id, "other", other),
		       cmd_quiet);
}


static int cmd_join(struct cmd *cmd, int argc, char *argv[])
{
	json_int_t a = 0, b = 0;
	json_t *params;

	if (cmd_options(cmd, &argc, argv, NULL) || argc == 2 || argc > 3)
		return CMD_USAGE;
	if (argc == 3 && (!number(argv[1]) || cmd_integer(argv[1], &a) ||
			  cmd_integer(argv[2], &b)))
		return cmd_fail(cmd, "join: two numbers of calls, see "
				"`calls`");

	if (cmd->console && argc == 1) {
		a = console_call(cmd->console, false);
		b = other_call(cmd->console, a);
		if (!a || !b)
			return cmd_fail(cmd, "join: there is no second "
					"call");
	}

	params = json_object();
	if (a)
		json_object_set_new(params, "call", json_integer(a));
	if (b)
		json_object_set_new(params, "other", json_integer(b));

	return cmd_rpc(cmd, "call.join", params, cmd_quiet);
}


static int cmd_split(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_PHONE, "call.split",
			    cmd_quiet);
}


static int cmd_swap(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_PHONE, "call.swap",
			    cmd_quiet);
}


static int cmd_allow(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_PHONE, "call.allow",
			    cmd_quiet);
}


static int cmd_deny(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_PHONE, "call.deny",
			    cmd_quiet);
}


static int cmd_early(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_PHONE, "call.early",
			    cmd_quiet);
}


static int show_dialled(struct cmd *cmd, json_t *call)
{
	if (!cmd->console)
		cmd_print(cmd, "calling %s\n",
			  obj_str(json_object_get(call, "peer"), "uri"));

	return CMD_OK;
}


static int cmd_redial(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "call.redial", json_object(), show_dialled);
}


/* ---- who may ring --------------------------------------------------------*/

static int show_dnd(struct cmd *cmd, json_t *on)
{
	cmd_print(cmd, "do not disturb: %s\n", json_is_true(on) ?
		  _("on, nobody rings") : _("off"));

	return CMD_OK;
}


static int cmd_dnd(struct cmd *cmd, int argc, char *argv[])
{
	json_t *params;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 2)
		return CMD_USAGE;
	if (argc == 2 && strcmp(argv[1], "on") && strcmp(argv[1], "off"))
		return CMD_USAGE;

	params = json_object();
	if (argc == 2)
		json_object_set_new(params, "on",
				    json_boolean(!strcmp(argv[1], "on")));

	return cmd_rpc(cmd, "call.dnd", params, show_dnd);
}


static int show_blocked(struct cmd *cmd, json_t *list)
{
	const char *text = json_string_value(list);

	cmd_print(cmd, "blocked: %s\n", text && *text ? text :
		  _("nobody"));

	return CMD_OK;
}


static int pattern(struct cmd *cmd, int argc, char *argv[],
		   const char *method)
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 2)
		return CMD_USAGE;

	return cmd_rpc(cmd, method, json_pack("{s:s}", "pattern", argv[1]),
		       show_blocked);
}


static int cmd_block(struct cmd *cmd, int argc, char *argv[])
{
	return pattern(cmd, argc, argv, "call.block");
}


static int cmd_unblock(struct cmd *cmd, int argc, char *argv[])
{
	return pattern(cmd, argc, argv, "call.unblock");
}


static int show_forward(struct cmd *cmd, json_t *target)
{
	const char *text = json_string_value(target);

	if (text && *text)
		cmd_print(cmd, "calls are sent on to %s\n", text);
	else
		cmd_print(cmd, "calls are not sent on\n");

	return CMD_OK;
}


static int cmd_forward(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc < 2 || argc > 3)
		return CMD_USAGE;

	return cmd_rpc(cmd, "call.forward",
		       json_pack("{s:s, s:s}", "target", argv[argc - 1],
				 "when", argc == 3 ? argv[1] : "always"),
		       show_forward);
}


/* ---- keys ----------------------------------------------------------------*/

/* t: the beginning of a command that wants an argument */
static int cmd_begin(struct cmd *cmd, int argc, char *argv[])
{
	char text[64];

	if (argc != 2)
		return CMD_USAGE;
	if (!console_call(cmd->console, false))
		return cmd_fail(cmd, "there is no call");

	(void)snprintf(text, sizeof(text), "%s ", argv[1]);
	typing_start(cmd->console, TYPING_COMMAND, text);

	return CMD_OK;
}


const struct command command_several_table[] = {
	{ "transfer", "[CALL] TARGET | [CALL] --to-call CALL",
	  N_("hand a call on"), cmd_transfer, CMD_BOTH, 0, COMPLETE_TARGET },
	{ "attended", "", N_("connect this call with the other one"),
	  cmd_attended, CMD_LINE, 0, COMPLETE_NONE },
	{ "join", "[CALL CALL]", N_("a conference of two calls"), cmd_join,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "split", "[CALL]", N_("take a call out of its conference"),
	  cmd_split, CMD_BOTH, 0, COMPLETE_NONE },
	{ "swap", "[CALL]", N_("talk to the call that is held"), cmd_swap,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "redial", "", N_("call the last one again"), cmd_redial, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "early", "[CALL]", N_("be heard before the answer"), cmd_early,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "allow", "[CALL]", N_("yes: go where the call is sent to"),
	  cmd_allow, CMD_BOTH, 0, COMPLETE_NONE },
	{ "deny", "[CALL]", N_("no: do not go there"), cmd_deny, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "dnd", "[on|off]", N_("do not disturb"), cmd_dnd, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "block", "PATTERN", N_("who may not ring"), cmd_block, CMD_BOTH, 0,
	  COMPLETE_TARGET },
	{ "unblock", "PATTERN", N_("may ring again"), cmd_unblock, CMD_BOTH, 0,
	  COMPLETE_TARGET },
	{ "forward", "[always|busy|no-answer] TARGET|off",
	  N_("send calls on to another address"), cmd_forward, CMD_BOTH, 0,
	  COMPLETE_TARGET },
	{ "begin", "COMMAND", N_("type the rest of a command"), cmd_begin,
	  CMD_LINE | CMD_LOCAL | CMD_HIDDEN, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
