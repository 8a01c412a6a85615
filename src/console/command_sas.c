/**
 * @file command_sas.c  Commands about who could listen to a call
 *
 * The words of a call and what the user found when comparing them, its
 * alarms, and all that is known of its encryption.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "i18n.h"
#include "words.h"

enum { DEVICE_SHOWN = 8 };


static bool is_answer(const char *word)
{
	return !strcmp(word, "yes") || !strcmp(word, "no");
}


static int show_words(struct cmd *cmd, json_t *call)
{
	const char *sas = obj_str(call, "sas");

	if (!*sas)
		return cmd_fail(cmd, "this call has no words to compare: %s",
				i18n_text(obj_str(call, "label_text")));

	cmd_print(cmd, "%s   (%s)   %s\n", obj_str(call, "sas_words"), sas,
		  words_label(obj_str(call, "label")));
	if (!cmd->console && !obj_bool(call, "verified"))
		cmd_print(cmd, "read them aloud, then: offhook sas yes|no\n");

	return CMD_OK;
}


static int show_verdict(struct cmd *cmd, json_t *call)
{
	cmd_print(cmd, "%s %s\n", words_label(obj_str(call, "label")),
		  i18n_text(obj_str(call, "label_text")));

	return CMD_OK;
}


/* In the console the words are an overlay, where the phone gave some */
static int words_overlay(struct cmd *cmd, json_int_t id)
{
	const struct m_call *call = model_call(cmd->console->model, id);

	if (!call)
		return cmd_fail(cmd, "there is no such call");
	if (!*call->sas || !strcmp(call->state, "ended"))
		return cmd_fail(cmd, "this call has no words to compare");

	sas_open(cmd->console, id);

	return CMD_OK;
}


static int cmd_sas(struct cmd *cmd, int argc, char *argv[])
{
	const char *answer = NULL;
	json_t *params;
	json_int_t id;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 3)
		return CMD_USAGE;
	if (argc > 1 && is_answer(argv[argc - 1]))
		answer = argv[--argc];
	if (argc > 2)
		return CMD_USAGE;

	params = cmd_call_params(cmd, argc, argv,
				 CMD_CALL_SELECTED);
	if (!params)
		return CMD_FAILED;

	if (answer) {
		json_object_set_new(params, "same", json_boolean(
				    !strcmp(answer, "yes")));
		return cmd_rpc(cmd, "call.sas", params, show_verdict);
	}
	if (cmd->console && !cmd->json) {
		id = obj_int(params, "call");
		json_decref(params);
		return words_overlay(cmd, id);
	}

	return cmd_rpc(cmd, "call.details", params, show_words);
}


static int cmd_acknowledge(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED,
			    "call.acknowledge", cmd_quiet);
}


/* ---- details ------------------------------------------------------------*/

static void print_row(struct cmd *cmd, const char *name, const char *value)
{
	char label[64];

	words_pad(label, sizeof(label), i18n_text(name), 18);
	if (*value)
		cmd_print(cmd, "%s %s\n", label, value);
}


/* "Cipher: AES-256\n..." in columns */
static void print_details(struct cmd *cmd, const char *text)
{
	char name[64], value[160];

	while (*text) {
		const size_t len = strcspn(text, "\n");
		const size_t n = strcspn(text, ":");

		if (n < len) {
			(void)snprintf(name, sizeof(name), "%.*s",
				       (int)(n < 60 ? n : 60), text);
			(void)snprintf(value, sizeof(value), "%.*s",
				       (int)(len - n - 1 < 150 ? len - n - 1 :
					     150), text + n + 1);
			/* nobody compares more of a device's name */
			if (strstr(name, "device"))
				value[DEVICE_SHOWN + 1] = '\0';
			print_row(cmd, name, value + strspn(value, " "));
		}
		text += len + (text[len] == '\n');
	}
}


static void print_words(struct cmd *cmd, const json_t *call)
{
	char value[160];

	(void)snprintf(value, sizeof(value), "%.100s   (%.32s)",
		       obj_str(call, "sas_words"), obj_str(call, "sas"));
	print_row(cmd, N_("Words"), value);
}


static const char *what_words(const char *what)
{
	static const char *const v[][2] = {
		{ "verified", N_("words compared, the same") },
		{ "refused",  N_("words compared, they DIFFERED") },
		{ "new",      N_("another device, not verified") },
		{ "lost",     N_("verified device came up unverified") },
		{ "mismatch", N_("kept secrets were not the same") },
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (!strcmp(v[i][0], what))
			return i18n_text(v[i][1]);
	}

	return what;
}


static void print_history(struct cmd *cmd, json_t *list)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) {
		char when[32], what[160];

		if (!i)
			cmd_print(cmd, "\nVerifications\n");
		words_when(when, sizeof(when), obj_int(row, "time"), true);
		words_pad(what, sizeof(what),
			  what_words(obj_str(row, "what")), 36);
		cmd_print(cmd, "  %s  %s %.8s\n", when, what,
			  obj_str(row, "device"));
	}
}


static int show_security(struct cmd *cmd, json_t *call)
{
	const char *signalling = obj_str(call, "signalling");
	json_t *alarms = json_object_get(call, "alarms"), *alarm;
	char said[512];
	size_t i;

	cmd_print(cmd, "%s with %s\n%s\n\n",
		  words_label(obj_str(call, "label")), obj_peer(call),
		  i18n_text(obj_str(call, "label_text")));
	if (*obj_str(call, "sas"))
		print_words(cmd, call);
	print_row(cmd, N_("Keys"), !strcmp(obj_str(call, "crypto"), "none") ?
		  _("none: not encrypted") : obj_str(call, "crypto"));
	print_details(cmd, obj_str(call, "details"));
	print_row(cmd, N_("Signalling"), !strcmp(signalling, "none") ?
		  _("not encrypted") : signalling);

	json_array_foreach(alarms, i, alarm) {
		if (!i)
			cmd_print(cmd, "\nAlarms\n");
		cmd_print(cmd, "  %s\n", i18n_phone(obj_str(alarm, "text"),
			  said, sizeof(said)));
	}
	print_history(cmd, json_object_get(call, "history"));

	return CMD_OK;
}


static int cmd_security(struct cmd *cmd, int argc, char *argv[])
{
	return cmd_call_rpc(cmd, argc, argv, CMD_CALL_SELECTED, "call.details",
			    show_security);
}


static int show_verifications(struct cmd *cmd, json_t *list)
{
	if (!json_array_size(list)) {
		cmd_print(cmd, "no words were ever compared\n");
		return CMD_OK;
	}
	print_history(cmd, list);

	return CMD_OK;
}


static int cmd_verifications(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 2)
		return CMD_USAGE;

	return cmd_rpc(cmd, "contact.verifications",
		       json_pack("{s:s}", "target", argv[1]),
		       show_verifications);
}


const struct command command_sas_table[] = {
	{ "sas", "[CALL] [yes|no]", N_("the words of a call; do they match?"),
	  cmd_sas, CMD_BOTH, 0, COMPLETE_NONE },
	{ "acknowledge", "[CALL]", N_("the warnings of a call were read"),
	  cmd_acknowledge, CMD_BOTH, 0, COMPLETE_NONE },
	{ "security", "[CALL]", N_("who could listen, and all algorithms"),
	  cmd_security, CMD_BOTH, 0, COMPLETE_NONE },
	{ "verifications", "CONTACT", N_("when words were compared"),
	  cmd_verifications, CMD_BOTH, 1, COMPLETE_TARGET },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
