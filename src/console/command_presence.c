/**
 * @file command_presence.c  The command about how one is
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "i18n.h"
#include "words.h"


/* What became of it at one account */
static void show_account(struct cmd *cmd, const json_t *row)
{
	const char *state = obj_str(row, "state");
	char said[512];

	cmd_print(cmd, "%s: %s%s%s\n", obj_str(row, "address"),
		  words_state(state), *obj_str(row, "text") ? ": " : "",
		  i18n_phone(obj_str(row, "text"), said, sizeof(said)));
}


static int show_presence(struct cmd *cmd, json_t *o)
{
	const json_t *list = json_object_get(o, "accounts");
	const char *shown = obj_str(o, "shown"), *note = obj_str(o, "note");
	json_t *row;
	size_t i;

	if (!*shown)
		cmd_print(cmd, "nobody is told how you are\n");
	else
		cmd_print(cmd, "you are shown as %s%s%s\n",
			  words_state(shown), *note ? ": " : "", note);
	if (cmd->console)
		return CMD_OK;

	json_array_foreach(list, i, row)
		show_account(cmd, row);

	return CMD_OK;
}


static void answer(struct console *c, char key, const char *state,
		   const char *label)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "presence %s", state);
	confirm_add(c, key, label, line);
}


/* A key each; a note is typed behind the state: `:presence away NOTE` */
static void ask(struct console *c)
{
	confirm_open(c, "Presence", "How are you shown to others?");
	answer(c, 'o', "online", N_("online"));
	answer(c, 'a', "away", N_("away"));
	answer(c, 'b', "busy", N_("busy"));
	answer(c, 'f', "offline", N_("offline, but the others are seen"));
	answer(c, 'x', "off", N_("not at all: nobody is told, nobody is "
	       "asked"));
	answer(c, 'u', "auto", N_("as the server wishes"));
}


static int cmd_presence(struct cmd *cmd, int argc, char *argv[])
{
	json_t *params;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 3)
		return CMD_USAGE;
	if (argc == 1 && cmd->console && !cmd->json) {
		ask(cmd->console);
		return CMD_OK;
	}
	if (argc == 1)
		return cmd_rpc(cmd, "presence.get", NULL, show_presence);

	params = json_pack("{s:s}", "state", argv[1]);
	if (argc == 3)
		json_object_set_new(params, "note", json_string(argv[2]));

	return cmd_rpc(cmd, "presence.set", params, show_presence);
}


const struct command command_presence_table[] = {
	{ "presence", "[auto|off|online|away|busy|offline [NOTE]]",
	  N_("how you are shown to others"), cmd_presence, CMD_BOTH, 2,
	  COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
