/**
 * @file keymap.c  Which key runs which command
 *
 * Keys come from baresip (a b d m x r R), vi and less (j k g G / n N :),
 * emacs and plain arrows. C-b, C-s, C-q and C-o belong to others and are
 * left alone. What is destructive never differs from a motion by an Esc.
 */
#include "keymap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/table.h"
#include "i18n.h"

struct keymap {
	struct key_row *rows;
	size_t n, size;
};

static const struct table_name panels[] = {
	{ "contacts", KEYS_CONTACTS }, { "log", KEYS_LOG },
	{ "chat", KEYS_CHAT }, { "call", KEYS_CALL },
	{ "status", KEYS_STATUS }, { "trace", KEYS_TRACE },
	{ "any", KEYS_ANY },
	{ "typing", KEYS_TYPING }, { "ring", KEYS_RING }, { NULL, 0 }
};

/* Several keys of one command stand in one row, parted by blanks. What the
   last column says stands for the rows of one group that have it alike: they
   are one line of the help */
static const struct key_default {
	enum key_panel panel;
	enum key_group group;
	const char *keys, *command, *help, *line;
} defaults[] = {
	{ KEYS_ANY, GROUP_ANYWHERE, "? F1", "help", N_("this help"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, ":", "command", N_("command line"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "/", "filter",
	  N_("find in the panel"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "n", "find next",
	  N_("next match"), N_("next, previous match") },
	{ KEYS_ANY, GROUP_ANYWHERE, "N", "find previous",
	  N_("previous match"), N_("next, previous match") },
	{ KEYS_ANY, GROUP_ANYWHERE, "Tab l Right", "focus next",
	  N_("next panel"), N_("next, previous panel") },
	{ KEYS_ANY, GROUP_ANYWHERE, "S-Tab h Left", "focus previous",
	  N_("previous panel"), N_("next, previous panel") },
	{ KEYS_ANY, GROUP_ANYWHERE, "M-1", "focus contacts",
	  N_("contacts"), N_("panel by number") },
	{ KEYS_ANY, GROUP_ANYWHERE, "M-2", "focus log",
	  N_("call log"), N_("panel by number") },
	{ KEYS_ANY, GROUP_ANYWHERE, "M-3", "focus chat",
	  N_("chat"), N_("panel by number") },
	{ KEYS_ANY, GROUP_ANYWHERE, "M-4", "focus call",
	  N_("call"), N_("panel by number") },
	{ KEYS_ANY, GROUP_ANYWHERE, "u", "unread", N_("next unread"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "Z", "dnd", N_("do not disturb"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "p", "presence",
	  N_("own presence"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "R", "register",
	  N_("register again"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "o", "settings", N_("settings"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "W", "messages",
	  N_("messages in full"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "C-l", "redraw", N_("redraw"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "C-z", "suspend", N_("suspend"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "q Esc C-c C-g", "back",
	  N_("back, close"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "Q", "leave", N_("quit"), NULL },
	{ KEYS_ANY, GROUP_ANYWHERE, "C-\\", "detach",
	  N_("leave at once"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "j Down C-n", "move down",
	  N_("move down"), N_("move") },
	{ KEYS_ANY, GROUP_LISTS, "k Up C-p", "move up",
	  N_("move up"), N_("move") },
	{ KEYS_ANY, GROUP_LISTS, "g Home", "move first",
	  N_("first"), N_("first, last") },
	{ KEYS_ANY, GROUP_LISTS, "G End", "move last",
	  N_("last"), N_("first, last") },
	{ KEYS_ANY, GROUP_LISTS, "C-d", "move half-down",
	  N_("half a page down"), N_("half a page") },
	{ KEYS_ANY, GROUP_LISTS, "C-u", "move half-up",
	  N_("half a page up"), N_("half a page") },
	{ KEYS_ANY, GROUP_LISTS, "PgDn C-f", "move page-down",
	  N_("page down"), N_("page") },
	{ KEYS_ANY, GROUP_LISTS, "PgUp", "move page-up",
	  N_("page up"), N_("page") },
	{ KEYS_ANY, GROUP_LISTS, "Enter", "open", N_("call / open"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "d", "dial", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "0", "dial 0", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "1", "dial 1", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "2", "dial 2", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "3", "dial 3", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "4", "dial 4", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "5", "dial 5", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "6", "dial 6", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "7", "dial 7", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "8", "dial 8", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "9", "dial 9", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "+", "dial +", N_("dial"), NULL },
	{ KEYS_ANY, GROUP_LISTS, "y", "copy", N_("copy, to clipboard"), NULL },
	{ KEYS_ANY, GROUP_CALL, "a M-a F5", "answer", N_("answer"), NULL },
	{ KEYS_ANY, GROUP_CALL, "b", "hangup", N_("hang up, reject"), NULL },
	{ KEYS_ANY, GROUP_CALL, "M-e F8", "end", N_("hang up (twice)"), NULL },
	{ KEYS_ANY, GROUP_CALL, "s M-s F7", "silence",
	  N_("silence the ringing"), NULL },
	{ KEYS_RING, GROUP_CALL, "i", "reply", N_("reply by text"), NULL },
	{ KEYS_ANY, GROUP_CALL, "m M-m F6", "toggle mute", N_("mute"), NULL },
	{ KEYS_ANY, GROUP_CALL, "x", "toggle hold", N_("hold, resume"), NULL },
	{ KEYS_ANY, GROUP_CALL, "v", "sas", N_("compare the words"), NULL },
	{ KEYS_ANY, GROUP_CALL, "V", "security",
	  N_("security details"), NULL },
	{ KEYS_ANY, GROUP_CALL, "w", "next-call", N_("next call"), NULL },
	{ KEYS_ANY, GROUP_CALL, "=", "volume +",
	  N_("louder"), N_("louder, softer") },
	{ KEYS_ANY, GROUP_CALL, "-", "volume -",
	  N_("softer"), N_("louder, softer") },
	{ KEYS_ANY, GROUP_CALL, "t", "begin transfer", N_("transfer"), NULL },
	{ KEYS_ANY, GROUP_CALL, "T", "attended",
	  N_("connect two calls"), NULL },
	{ KEYS_ANY, GROUP_CALL, "c", "join", N_("conference"), NULL },
	{ KEYS_CALL, GROUP_CALL, "0", "dtmf 0", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "1", "dtmf 1", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "2", "dtmf 2", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "3", "dtmf 3", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "4", "dtmf 4", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "5", "dtmf 5", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "6", "dtmf 6", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "7", "dtmf 7", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "8", "dtmf 8", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "9", "dtmf 9", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "*", "dtmf *", N_("DTMF"), NULL },
	{ KEYS_CALL, GROUP_CALL, "#", "dtmf #", N_("DTMF"), NULL },
	{ KEYS_ANY, GROUP_CALL, "M-r F9", "record",
	  N_("record the call"), NULL },
	{ KEYS_ANY, GROUP_CALL, "r", "redial", N_("redial"), NULL },
	{ KEYS_ANY, GROUP_CALL, "L", "trace", N_("ladder of the call"), NULL },
	{ KEYS_ANY, GROUP_CALL, "M", "voicemail",
	  N_("call the mailbox"), NULL },
	{ KEYS_ANY, GROUP_CALL, "P", "pickup",
	  N_("pick up for another"), NULL },
	{ KEYS_ANY, GROUP_CHAT, "i", "write", N_("write a message"), NULL },
	{ KEYS_ANY, GROUP_CONTACTS, "e", "ask contact-edit",
	  N_("edit the contact"), NULL },
	{ KEYS_ANY, GROUP_CONTACTS, "A", "ask contact-add",
	  N_("add a contact"), NULL },
	{ KEYS_ANY, GROUP_CONTACTS, "X", "ask contact-remove",
	  N_("delete the contact"), NULL },
	{ KEYS_TYPING, GROUP_TYPING, "M-a F5", "answer", N_("answer"), NULL },
	{ KEYS_TYPING, GROUP_TYPING, "M-e F8", "end",
	  N_("hang up (twice)"), NULL },
	{ KEYS_TYPING, GROUP_TYPING, "M-m F6", "toggle mute",
	  N_("mute"), NULL },
	{ KEYS_TYPING, GROUP_TYPING, "M-s F7", "silence",
	  N_("silence the ringing"), NULL }
};

static const char *const titles[GROUP_MAX] = {
	N_("Anywhere"), N_("Lists"), N_("While typing"), N_("Call"),
	N_("Chat"), N_("Contacts"), N_("Bound by you")
};


/* What is known of a command: as in its panel, else as anywhere */
static const struct key_default *default_of(enum key_panel panel,
					    const char *command)
{
	const struct key_default *other = NULL;
	size_t i;

	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (strcmp(defaults[i].command, command))
			continue;
		if (defaults[i].panel == panel)
			return &defaults[i];
		if (!other)
			other = &defaults[i];
	}

	return other;
}


static int put(struct keymap *km, enum key_panel panel, key_code key,
	       const char *command)
{
	const struct key_default *known = default_of(panel, command);
	char *copy = strdup(command);
	struct key_row *row;
	size_t i;

	if (!copy)
		return ENOMEM;

	for (i = 0; i < km->n; i++) {
		if (km->rows[i].panel == panel && km->rows[i].key == key)
			break;
	}

	if (i == km->n) {
		if (km->n == km->size) {
			size_t size = km->size ? km->size * 2 : 128;
			struct key_row *rows = realloc(km->rows, size *
						       sizeof(*rows));

			if (!rows) {
				free(copy);
				return ENOMEM;
			}
			km->rows = rows;
			km->size = size;
		}
		km->n++;
	}
	else {
		free(km->rows[i].command);
	}

	row = &km->rows[i];
	row->panel = panel;
	row->key = key;
	row->command = copy;
	row->help = known ? known->help : NULL;
	row->line = known && known->line ? known->line : row->help;
	row->group = known ? known->group : GROUP_OWN;

	return 0;
}


struct keymap *keymap_alloc(void)
{
	struct keymap *km = calloc(1, sizeof(*km));
	size_t i;

	for (i = 0; km && i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const char *s = defaults[i].keys;

		while (*s) {
			char name[16];
			size_t n = strcspn(s, " ");

			if (n < sizeof(name)) {
				memcpy(name, s, n);
				name[n] = '\0';
				(void)put(km, defaults[i].panel,
					  key_parse(name),
					  defaults[i].command);
			}
			s += n + (s[n] == ' ');
		}
	}

	return km;
}


void keymap_free(struct keymap *km)
{
	size_t i;

	if (!km)
		return;

	for (i = 0; i < km->n; i++)
		free(km->rows[i].command);
	free(km->rows);
	free(km);
}


int keymap_panel(const char *name, enum key_panel *panelp)
{
	int value, err;

	err = table_value(panels, name, &value);
	if (!err)
		*panelp = (enum key_panel)value;

	return err;
}


const char *keymap_panel_name(enum key_panel panel)
{
	return table_name(panels, (int)panel);
}


int keymap_bind(struct keymap *km, const char *panel, const char *key,
		const char *command)
{
	key_code code = key_parse(key);
	enum key_panel p;

	if (keymap_panel(panel, &p))
		return ENOENT;
	if (code == KEY_NONE || !command || !*command)
		return EINVAL;

	return put(km, p, code, command);
}


int keymap_unbind(struct keymap *km, const char *panel, const char *key)
{
	key_code code = key_parse(key);
	enum key_panel p;
	size_t i;

	if (keymap_panel(panel, &p))
		return ENOENT;
	if (code == KEY_NONE)
		return EINVAL;

	for (i = 0; i < km->n; i++) {
		if (km->rows[i].panel != p || km->rows[i].key != code)
			continue;
		free(km->rows[i].command);
		km->n--;
		memmove(km->rows + i, km->rows + i + 1,
			(km->n - i) * sizeof(*km->rows));
		return 0;
	}

	return ENOENT;
}


const char *keymap_find(const struct keymap *km, enum key_panel panel,
			key_code key)
{
	const char *any = NULL;
	size_t i;

	for (i = 0; i < km->n; i++) {
		const struct key_row *r = &km->rows[i];

		if (r->key != key)
			continue;
		if (r->panel == panel)
			return r->command;
		if (r->panel == KEYS_ANY && panel != KEYS_TYPING)
			any = r->command;
	}

	return any;
}


key_code keymap_key(const struct keymap *km, enum key_panel panel,
		    const char *command)
{
	key_code any = KEY_NONE;
	size_t i;

	for (i = 0; i < km->n; i++) {
		const struct key_row *r = &km->rows[i];

		if (strcmp(r->command, command))
			continue;
		if (r->panel == panel)
			return r->key;
		if (r->panel == KEYS_ANY && !any)
			any = r->key;
	}

	return any;
}


const struct key_row *keymap_at(const struct keymap *km, size_t i)
{
	return i < km->n ? &km->rows[i] : NULL;
}


const char *keymap_group_title(enum key_group group)
{
	return group < GROUP_MAX ? i18n_text(titles[group]) : "";
}
