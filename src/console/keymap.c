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

/* Several keys of one command stand in one row, parted by blanks */
static const struct {
	enum key_panel panel;
	const char *keys, *command, *help;
} defaults[] = {
	{ KEYS_ANY, "? F1", "help", "this help" },
	{ KEYS_ANY, ":", "command", "command line" },
	{ KEYS_ANY, "/", "filter", "find in the panel" },
	{ KEYS_ANY, "n", "find next", "next match" },
	{ KEYS_ANY, "N", "find previous", "previous match" },
	{ KEYS_ANY, "Tab l Right", "focus next", "next panel" },
	{ KEYS_ANY, "S-Tab h Left", "focus previous", "previous panel" },
	{ KEYS_ANY, "M-1", "focus contacts", "contacts" },
	{ KEYS_ANY, "M-2", "focus log", "call log" },
	{ KEYS_ANY, "M-3", "focus chat", "chat" },
	{ KEYS_ANY, "M-4", "focus call", "call" },
	{ KEYS_ANY, "j Down C-n", "move down", "move down" },
	{ KEYS_ANY, "k Up C-p", "move up", "move up" },
	{ KEYS_ANY, "g Home", "move first", "first" },
	{ KEYS_ANY, "G End", "move last", "last" },
	{ KEYS_ANY, "C-d", "move half-down", "half a page down" },
	{ KEYS_ANY, "C-u", "move half-up", "half a page up" },
	{ KEYS_ANY, "PgDn C-f", "move page-down", "page down" },
	{ KEYS_ANY, "PgUp", "move page-up", "page up" },
	{ KEYS_ANY, "Enter", "open", "call / open" },
	{ KEYS_ANY, "d", "dial", "dial" },
	{ KEYS_ANY, "0", "dial 0", "dial" },
	{ KEYS_ANY, "1", "dial 1", "dial" },
	{ KEYS_ANY, "2", "dial 2", "dial" },
	{ KEYS_ANY, "3", "dial 3", "dial" },
	{ KEYS_ANY, "4", "dial 4", "dial" },
	{ KEYS_ANY, "5", "dial 5", "dial" },
	{ KEYS_ANY, "6", "dial 6", "dial" },
	{ KEYS_ANY, "7", "dial 7", "dial" },
	{ KEYS_ANY, "8", "dial 8", "dial" },
	{ KEYS_ANY, "9", "dial 9", "dial" },
	{ KEYS_ANY, "+", "dial +", "dial" },
	{ KEYS_ANY, "a M-a F5", "answer", "answer" },
	{ KEYS_ANY, "b", "hangup", "hang up, reject" },
	{ KEYS_ANY, "M-e F8", "end", "hang up (twice)" },
	{ KEYS_ANY, "s M-s F7", "silence", "silence the ringing" },
	{ KEYS_ANY, "m M-m F6", "toggle mute", "mute" },
	{ KEYS_ANY, "x", "toggle hold", "hold, resume" },
	{ KEYS_ANY, "v", "sas", "compare the words" },
	{ KEYS_ANY, "V", "security", "security details" },
	{ KEYS_ANY, "w", "next-call", "next call" },
	{ KEYS_ANY, "=", "volume +", "louder" },
	{ KEYS_ANY, "-", "volume -", "softer" },
	{ KEYS_ANY, "M-r F9", "record", "record the call" },
	{ KEYS_ANY, "r", "redial", "redial" },
	{ KEYS_ANY, "t", "begin transfer", "transfer" },
	{ KEYS_ANY, "T", "attended", "connect two calls" },
	{ KEYS_ANY, "c", "join", "conference" },
	{ KEYS_ANY, "Z", "dnd", "do not disturb" },
	{ KEYS_ANY, "R", "register", "register again" },
	{ KEYS_ANY, "i", "write", "write a message" },
	{ KEYS_ANY, "u", "unread", "next unread" },
	{ KEYS_ANY, "y", "copy", "copy, to clipboard" },
	{ KEYS_ANY, "e", "ask contact-edit", "edit the contact" },
	{ KEYS_ANY, "A", "ask contact-add", "add a contact" },
	{ KEYS_ANY, "X", "ask contact-remove", "delete the contact" },
	{ KEYS_ANY, "L", "trace", "ladder of the call" },
	{ KEYS_ANY, "M", "voicemail", "call the mailbox" },
	{ KEYS_ANY, "P", "pickup", "pick up what rings elsewhere" },
	{ KEYS_ANY, "o", "settings", "settings" },
	{ KEYS_ANY, "C-l", "redraw", "redraw" },
	{ KEYS_ANY, "C-z", "suspend", "suspend" },
	{ KEYS_ANY, "q Esc C-c C-g", "back", "back, close" },
	{ KEYS_ANY, "Q", "leave", "quit" },
	{ KEYS_ANY, "C-\\", "detach", "leave at once" },
	{ KEYS_CALL, "0", "dtmf 0", "DTMF" },
	{ KEYS_CALL, "1", "dtmf 1", "DTMF" },
	{ KEYS_CALL, "2", "dtmf 2", "DTMF" },
	{ KEYS_CALL, "3", "dtmf 3", "DTMF" },
	{ KEYS_CALL, "4", "dtmf 4", "DTMF" },
	{ KEYS_CALL, "5", "dtmf 5", "DTMF" },
	{ KEYS_CALL, "6", "dtmf 6", "DTMF" },
	{ KEYS_CALL, "7", "dtmf 7", "DTMF" },
	{ KEYS_CALL, "8", "dtmf 8", "DTMF" },
	{ KEYS_CALL, "9", "dtmf 9", "DTMF" },
	{ KEYS_CALL, "*", "dtmf *", "DTMF" },
	{ KEYS_CALL, "#", "dtmf #", "DTMF" },
	{ KEYS_RING, "i", "reply", "reply by text" },
	{ KEYS_TYPING, "M-a F5", "answer", "answer while typing" },
	{ KEYS_TYPING, "M-e F8", "end", "end while typing" },
	{ KEYS_TYPING, "M-m F6", "toggle mute", "mute while typing" },
	{ KEYS_TYPING, "M-s F7", "silence", "silence while typing" }
};


static const char *help_of(const char *command)
{
	size_t i;

	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (!strcmp(defaults[i].command, command))
			return defaults[i].help;
	}

	return NULL;
}


static int put(struct keymap *km, enum key_panel panel, key_code key,
	       const char *command)
{
	char *copy = strdup(command);
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

	km->rows[i].panel = panel;
	km->rows[i].key = key;
	km->rows[i].command = copy;
	km->rows[i].help = help_of(command);

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
