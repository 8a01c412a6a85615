/**
 * @file command_watch.c  Commands about what others do: lamps, voicemail
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"


/* The contact that was named, or the selected one of the console; NULL
   after an error was printed */
static json_t *contact_params(struct cmd *cmd, const char *text)
{
	const struct contact_row *row;

	if (text)
		return json_pack("{s:s}", "contact", text);

	row = cmd->console ? list_contact(cmd->console) : NULL;
	if (!row || !row->contact) {
		(void)cmd_fail(cmd, "select a contact first, or name one");
		return NULL;
	}

	return json_pack("{s:s}", "contact", row->contact->id);
}


static int show_watch(struct cmd *cmd, json_t *c)
{
	cmd_print(cmd, obj_bool(c, "watch") ?
		  N_("the calls of %s are watched\n") :
		  N_("the calls of %s are not watched any more\n"),
		  obj_str(c, "name"));

	return CMD_OK;
}


static int cmd_watch(struct cmd *cmd, int argc, char *argv[])
{
	bool off = false;
	const struct cmd_opt opts[] = {
		{ "off", NULL, &off }, { NULL, NULL, NULL }
	};
	json_t *params;

	if (cmd_options(cmd, &argc, argv, opts) || argc > 2 ||
	    (argc < 2 && !cmd->console))
		return CMD_USAGE;

	params = contact_params(cmd, argc == 2 ? argv[1] : NULL);
	if (!params)
		return CMD_FAILED;
	json_object_set_new(params, "watch", json_boolean(!off));

	return cmd_rpc(cmd, "contact.edit", params, show_watch);
}


static int show_call(struct cmd *cmd, json_t *call)
{
	if (!cmd->console)
		cmd_print(cmd, "call %lld: %s\n",
			  (long long)obj_int(call, "id"), obj_peer(call));

	return CMD_OK;
}


/* Without a name: whoever rings */
static const struct m_contact *ringing(const struct console *c)
{
	const struct contact_row *row = list_contact(c);
	const struct m_contact *ct;
	size_t i;

	if (row && row->contact && !strcmp(row->contact->lamp, "ringing"))
		return row->contact;

	for (i = 0; (ct = model_contact_at(c->model, i)); i++) {
		if (!strcmp(ct->lamp, "ringing"))
			return ct;
	}

	return NULL;
}


static int cmd_pickup(struct cmd *cmd, int argc, char *argv[])
{
	const struct m_contact *ct;
	const char *text;

	if (cmd_options(cmd, &argc, argv, NULL) ||
	    (argc > 2 && argc != 5) || (argc < 2 && !cmd->console))
		return CMD_USAGE;

	/* Whoever knows the dialog from elsewhere names it */
	if (argc == 5)
		return cmd_rpc(cmd, "call.pickup",
			       json_pack("{s:s, s:s, s:s, s:s}", "target",
					 argv[1], "call_id", argv[2],
					 "local_tag", argv[3], "remote_tag",
					 argv[4]), show_call);

	text = argc == 2 ? argv[1] : NULL;
	if (!text) {
		ct = ringing(cmd->console);
		if (!ct)
			return cmd_fail(cmd, "nothing rings at a watched "
					"contact");
		text = ct->id;
	}

	return cmd_rpc(cmd, "contact.pickup",
		       json_pack("{s:s}", "contact", text), show_call);
}


static int cmd_voicemail(struct cmd *cmd, int argc, char *argv[])
{
	return command_account_rpc(cmd, argc, argv, "account.mailbox",
				   show_call);
}


const struct command command_watch_table[] = {
	{ "watch", "CONTACT [--off]",
	  N_("show when a contact is ringing or busy"), cmd_watch, CMD_BOTH, 0,
	  COMPLETE_CONTACT },
	{ "pickup", "CONTACT | TARGET CALL-ID LOCAL-TAG REMOTE-TAG",
	  N_("answer what rings at a watched contact, or a call by its "
	  "dialog"), cmd_pickup, CMD_BOTH, 0, COMPLETE_CONTACT },
	{ "voicemail", "[ACCOUNT]", N_("call the mailbox"), cmd_voicemail,
	  CMD_BOTH, 0, COMPLETE_ACCOUNT },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
