/**
 * @file command_complete.c  offhook complete: what a shell may offer
 *
 * The completions of bash, zsh and fish hand over the words of their line
 * and get what the last of them could become, one a line, with what it is
 * behind a tab. What is offered is read off the usage of the commands and
 * asked of the running phone; none is started for it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client.h"
#include "command.h"
#include "common/paths.h"
#include "common/text.h"
#include "i18n.h"
#include "usage.h"

/** A word that is to be completed */
struct offer {
	const char *word;       /**< As far as it is typed               */
	const char *profile;
	const char *host;
	struct client *client;
	bool asked;             /**< It was tried to connect             */
	json_t *found;          /**< Text: what it is                    */
};

/** An option of the program itself */
struct own {
	const char *name, *shrt;
	const char *value;      /**< What it takes: a usage, NULL: none  */
	const char *help;
};

static const struct own owns[] = {
	{ "--profile", "", "FOLDER",
	  N_("another phone, kept in this folder") },
	{ "--host", "", "HOST",
	  N_("the phone of another machine, by ssh") },
	{ "--panel", "-p", "contacts|calls|log|chat|status|trace",
	  N_("only one panel") },
	{ "--theme", "-t", "dark|light|contrast|mono",
	  N_("choose a theme, or step through them") },
	{ "--linear", "", NULL, N_("no screen, lines") },
	{ "--json", "", NULL, N_("print JSON") },
	{ "--help", "-h", NULL, N_("keys and commands") },
	{ "--version", "-V", NULL, N_("version") }
};


/* The beginning must be right, in small letters or capitals */
static void offer(struct offer *o, const char *text, const char *help)
{
	char *line, *about;

	if (!*text || strncasecmp(text, o->word, strlen(o->word)))
		return;

	line = text_clean(text, strlen(text), TEXT_LINE);
	about = text_clean(help, strlen(help), TEXT_LINE);
	if (line && about && !json_object_get(o->found, line))
		(void)json_object_set_new(o->found, line, json_string(about));
	free(line);
	free(about);
}


static json_t *ask(struct offer *o, const char *method)
{
	json_t *result = NULL;
	struct paths paths;

	if (!o->asked) {
		o->asked = true;
		if (o->host || paths_init(&paths, o->profile) ||
		    client_open(&o->client, paths.socket, NULL, NULL))
			return NULL;
		(void)client_connect(o->client);
	}
	if (!o->client || !client_is_connected(o->client) ||
	    client_call(o->client, method, NULL, &result))
		return NULL;

	return result;
}


static void offer_contacts(struct offer *o, bool addresses)
{
	json_t *list = ask(o, "contact.list"), *c, *uri;
	size_t i, k;

	json_array_foreach(list, i, c) {
		const json_t *uris = json_object_get(c, "uris");

		offer(o, obj_str(c, "name"),
		      json_array_size(uris) ? json_string_value(
			      json_array_get(uris, 0)) : "");
		if (!addresses || !*o->word)
			continue;
		json_array_foreach(uris, k, uri)
			offer(o, json_string_value(uri), obj_str(c, "name"));
	}
	json_decref(list);
}


static void offer_calls(struct offer *o)
{
	json_t *list = ask(o, "call.list"), *c;
	char id[32], help[512];
	size_t i;

	json_array_foreach(list, i, c) {
		const char *state = obj_str(c, "state");

		if (!strcmp(state, "ended"))
			continue;
		(void)snprintf(id, sizeof(id), "%lld",
			       (long long)obj_int(c, "id"));
		(void)snprintf(help, sizeof(help), "%s, %s", obj_peer(c),
			       state);
		offer(o, id, help);
	}
	json_decref(list);
}


static void offer_devices(struct offer *o)
{
	json_t *list = ask(o, "audio.devices"), *d;
	char name[512];
	size_t i;

	json_array_foreach(list, i, d) {
		(void)snprintf(name, sizeof(name), "%s,%s",
			       obj_str(d, "driver"), obj_str(d, "device"));
		offer(o, name, obj_str(d, "text"));
	}
	json_decref(list);
}


/* A list, or the member of an object that is one */
static void offer_list(struct offer *o, const char *method, const char *member,
		       const char *key, const char *help)
{
	json_t *result = ask(o, method), *e;
	size_t i;

	json_array_foreach(member ? json_object_get(result, member) : result,
			   i, e)
		offer(o, obj_str(e, key), obj_str(e, help));
	json_decref(result);
}


/* What stands for something, in capitals */
static void offer_kind(struct offer *o, const char *kind)
{
	if (!strcmp(kind, "TARGET"))
		offer_contacts(o, true);
	else if (!strcmp(kind, "CONTACT") || !strcmp(kind, "PATTERN"))
		offer_contacts(o, false);
	else if (!strcmp(kind, "CALL"))
		offer_calls(o);
	else if (!strcmp(kind, "ACCOUNT"))
		offer_list(o, "account.list", NULL, "address", "state");
	else if (!strcmp(kind, "KEY"))
		offer_list(o, "config.list", NULL, "key", "help");
	else if (!strcmp(kind, "METHOD"))
		offer_list(o, "phone.describe", "methods", "name", "help");
	else if (!strcmp(kind, "DEVICE"))
		offer_devices(o);
	else if (!strcmp(kind, "FILE") || !strcmp(kind, "FOLDER"))
		(void)json_object_set_new(o->found, *kind == 'F' &&
					  kind[1] == 'I' ? "\tfile" :
					  "\tfolder", json_string(""));
}


static void take(const char *word, size_t len, void *arg)
{
	struct offer *o = arg;
	char text[64];

	if (len >= sizeof(text) || !len)
		return;
	memcpy(text, word, len);
	text[len] = '\0';

	if (isupper((unsigned char)*text))
		offer_kind(o, strcmp(text, "F") ? text : "FILE");
	else if (*text != '-' || *o->word == '-')
		offer(o, text, "");
}


static const struct own *own_find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
		if (!strcmp(word, owns[i].name) || !strcmp(word, owns[i].shrt))
			return &owns[i];
	}

	return NULL;
}


/* The program's own options; -p VALUE is as good as --panel VALUE */
static void offer_owns(struct offer *o)
{
	size_t i;

	for (i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
		offer(o, owns[i].name, i18n_text(owns[i].help));
		offer(o, owns[i].shrt, i18n_text(owns[i].help));
	}
}


static void offer_commands(struct offer *o)
{
	const struct command *c;
	size_t i;

	for (i = 0; (c = command_at(i)); i++) {
		if ((c->flags & CMD_SHELL) && !(c->flags & CMD_HIDDEN))
			offer(o, c->name, i18n_text(c->help));
	}
	if (*o->word == '-')
		offer_owns(o);
}


/* argv: the words before the one that is to be completed */
static void complete_words(struct offer *o, int argc, char *argv[])
{
	const struct command *row;
	const struct own *own;
	int i, n = 0;

	/* Its own options go, wherever the program takes them */
	for (i = 0; i < argc; i++) {
		own = n ? NULL : own_find(argv[i]);
		if (n && (!strcmp(argv[i], "--profile") ||
			  !strcmp(argv[i], "--json")))
			own = own_find(argv[i]);
		if (!own) {
			argv[n++] = argv[i];
			continue;
		}
		if (!own->value)
			continue;
		if (++i == argc) {
			usage_next(own->value, 0, NULL, take, o);
			return;
		}
		if (!strcmp(own->name, "--profile"))
			o->profile = argv[i];
		else if (!strcmp(own->name, "--host"))
			o->host = argv[i];
	}

	if (!n) {
		offer_commands(o);
		return;
	}
	row = command_find(argv[0], CMD_SHELL);
	if (!row)
		return;
	usage_next(row->args, n - 1, argv + 1, take, o);
	if (*o->word == '-')
		offer(o, "--json", _("print JSON"));
}


/* -- WORD...: a line of a shell behind `offhook` */
static int cmd_complete(struct cmd *cmd, int argc, char *argv[])
{
	struct offer o = { .profile = cmd->profile };
	const char *text;
	json_t *help;

	if (argc < 3 || strcmp(argv[1], "--"))
		return CMD_USAGE;
	o.word = argv[argc - 1];
	o.found = json_object();
	if (!o.found)
		return cmd_fail(cmd, "out of memory");

	complete_words(&o, argc - 3, argv + 2);
	json_object_foreach(o.found, text, help)
		(void)printf("%s\t%s\n", text, json_string_value(help));

	json_decref(o.found);
	client_close(o.client);

	return CMD_OK;
}


const struct command command_complete_table[] = {
	{ "complete", "-- WORD...", N_("what a shell may offer there"),
	  cmd_complete, CMD_SHELL | CMD_LOCAL | CMD_HIDDEN, 0,
	  COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
