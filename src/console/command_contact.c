/**
 * @file command_contact.c  Commands about contacts
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "console.h"
#include "i18n.h"
#include "words.h"


static int show_contact(struct cmd *cmd, json_t *c)
{
	json_t *uris = json_object_get(c, "uris"), *uri;
	size_t i;

	cmd_print(cmd, "%s", obj_str(c, "name"));
	json_array_foreach(uris, i, uri)
		cmd_print(cmd, "%s%s", i ? ", " : "  ",
			  json_string_value(uri));
	if (*obj_str(c, "lamp"))
		cmd_print(cmd, "  %s", words_state(obj_str(c, "lamp")));
	cmd_print(cmd, "\n");

	return CMD_OK;
}


static int show_contacts(struct cmd *cmd, json_t *list)
{
	json_t *c;
	size_t i;

	json_array_foreach(list, i, c)
		(void)show_contact(cmd, c);
	if (!json_array_size(list))
		cmd_print(cmd, "no contact yet: offhook contact add NAME "
			  "ADDRESS\n");

	return CMD_OK;
}


static int cmd_contacts(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "contact.list", NULL, show_contacts);
}


/* The id of the one contact with this id or name; NULL after an error */
static json_t *contact_id(struct cmd *cmd, const char *text)
{
	json_t *list = NULL, *c, *id = NULL;
	size_t i, n = 0;

	if (cmd->console)
		id = console_contact(cmd->console, text, &n);
	else if (!client_call(cmd->client, "contact.list", NULL, &list)) {
		json_array_foreach(list, i, c) {
			json_t *cid = json_object_get(c, "id");
			const char *s = json_string_value(cid);

			if (s && !strcmp(s, text)) {
				id = cid;
				n = 1;
				break;
			}
			if (!strcasecmp(obj_str(c, "name"), text)) {
				id = cid;
				n++;
			}
		}
		(void)json_incref(id);
		json_decref(list);
	}

	if (n == 1)
		return id;

	json_decref(id);
	(void)cmd_fail(cmd, n ? N_("there are several contacts \"%s\": name "
		       "it by its id (`offhook contacts --json`)") :
		       N_("no contact \"%s\": `offhook contacts` lists them"),
		       text);

	return NULL;
}


static json_t *uri_array(int argc, char *argv[])
{
	json_t *uris = json_array();
	int i;

	for (i = 0; i < argc; i++)
		json_array_append_new(uris, json_string(argv[i]));

	return uris;
}


static int show_changed(struct cmd *cmd, json_t *c)
{
	return json_is_object(c) ? show_contact(cmd, c) : CMD_OK;
}


static int cmd_contact(struct cmd *cmd, int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "", *name = NULL;
	const char *security = NULL;
	const struct cmd_opt opts[] = {
		{ "name", &name, NULL },
		{ "security", &security, NULL },
		{ NULL, NULL, NULL }
	};
	json_t *params, *id;

	argc--;
	argv++;
	if (argc < 1 || cmd_options(cmd, &argc, argv, opts) || argc < 2)
		return CMD_USAGE;

	if (!strcmp(what, "add") && argc > 2 && !name && !security)
		return cmd_rpc(cmd, "contact.add",
			       json_pack("{s:s, s:o}", "name", argv[1], "uris",
					 uri_array(argc - 2, argv + 2)),
			       show_changed);

	if (!(!strcmp(what, "edit") && (name || security || argc > 2)) &&
	    !(!strcmp(what, "remove") && argc == 2 && !name && !security))
		return CMD_USAGE;

	id = contact_id(cmd, argv[1]);
	if (!id)
		return CMD_FAILED;
	params = json_pack("{s:o}", "contact", id);

	if (!strcmp(what, "remove"))
		return cmd_rpc(cmd, "contact.remove", params, cmd_quiet);

	if (name)
		json_object_set_new(params, "name", json_string(name));
	if (security)
		json_object_set_new(params, "security",
				    json_string(security));
	if (argc > 2)
		json_object_set_new(params, "uris",
				    uri_array(argc - 2, argv + 2));

	return cmd_rpc(cmd, "contact.edit", params, show_changed);
}


const struct command command_contact_table[] = {
	{ "contacts", "", N_("list the contacts"), cmd_contacts, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "contact", "add NAME ADDRESS...|edit CONTACT [--name NAME] "
	  "[--security off|prefer|require|e2e|verified] [ADDRESS...]|"
	  "remove CONTACT", N_("add, edit or remove a contact"),
	  cmd_contact, CMD_BOTH, 0, COMPLETE_CONTACT },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
