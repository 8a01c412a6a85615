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

/* Several keys of one command stand in one row, parted by blanks */
static const struct {
	enum key_panel panel;
	const char *keys, *command, *help;
} defaults[] = {
	{ KEYS_ANY, "? F1", "help", N_("this help") },
	{ KEYS_ANY, ":", "command", N_("command line") },
	{ KEYS_ANY, "/", "filter", N_("find in the panel") },
	{ KEYS_ANY, "n", "find next", N_("next match") },
	{ KEYS_ANY, "N", "find previous", N_("previous match") },
	{ KEYS_ANY, "Tab l Right", "focus next", N_("next panel") },
	{ KEYS_ANY, "S-Tab h Left", "focus previous", N_("previous panel") },
	{ KEYS_ANY, "M-1", "focus contacts", N_("contacts") },
	{ KEYS_ANY, "M-2", "focus log", N_("call log") },
	{ KEYS_ANY, "M-3", "focus chat", N_("chat") },
	{ KEYS_ANY, "M-4", "focus call", N_("call") },
	{ KEYS_ANY, "j Down C-n", "move down", N_("move down") },
	{ KEYS_ANY, "k Up C-p", "move up", N_("move up") },
	{ KEYS_ANY, "g Home", "move first", N_("first") },
	{ KEYS_ANY, "G End", "move last", N_("last") },
	{ KEYS_ANY, "C-d", "move half-down", N_("half a page down") },
	{ KEYS_ANY, "C-u", "move half-up", N_("half a page up") },
	{ KEYS_ANY, "PgDn C-f", "move page-down", N_("page down") },
	{ KEYS_ANY, "PgUp", "move page-up", N_("page up") },
	{ KEYS_ANY, "Enter", "open", N_("call / open") },
	{ KEYS_ANY, "d", "dial", N_("dial") },
	{ KEYS_ANY, "0", "dial 0", N_("dial") },
	{ KEYS_ANY, "1", "dial 1", N_("dial") },
	{ KEYS_ANY, "2", "dial 2", N_("dial") },
	{ KEYS_ANY, "3", "dial 3", N_("dial") },
	{ KEYS_ANY, "4", "dial 4", N_("dial") },
	{ KEYS_ANY, "5", "dial 5", N_("dial") },
	{ KEYS_ANY, "6", "dial 6", N_("dial") },
	{ KEYS_ANY, "7", "dial 7", N_("dial") },
	{ KEYS_ANY, "8", "dial 8", N_("dial") },
	{ KEYS_ANY, "9", "dial 9", N_("dial") },
	{ KEYS_ANY, "+", "dial +", N_("dial") },
	{ KEYS_ANY, "a M-a F5", "answer", N_("answer") },
	{ KEYS_ANY, "b", "hangup", N_("hang up, reject") },
	{ KEYS_ANY, "M-e F8", "end", N_("hang up (twice)") },
	{ KEYS_ANY, "s M-s F7", "silence", N_("silence the ringing") },
	{ KEYS_ANY, "m M-m F6", "toggle mute", N_("mute") },
	{ KEYS_ANY, "x", "toggle hold", N_("hold, resume") },
	{ KEYS_ANY, "v", "sas", N_("compare the words") },
	{ KEYS_ANY, "V", "security", N_("security details") },
	{ KEYS_ANY, "w", "next-call", N_("next call") },
	{ KEYS_ANY, "=", "volume +", N_("louder") },
	{ KEYS_ANY, "-", "volume -", N_("softer") },
	{ KEYS_ANY, "M-r F9", "record", N_("record the call") },
	{ KEYS_ANY, "r", "redial", N_("redial") },
	{ KEYS_ANY, "t", "begin transfer", N_("transfer") },
	{ KEYS_ANY, "T", "attended", N_("connect two calls") },
	{ KEYS_ANY, "c", "join", N_("conference") },
	{ KEYS_ANY, "Z", "dnd", N_("do not disturb") },
	{ KEYS_ANY, "R", "register", N_("register again") },
	{ KEYS_ANY, "i", "write", N_("write a message") },
	{ KEYS_ANY, "u", "unread", N_("next unread") },
	{ KEYS_ANY, "y", "copy", N_("copy, to clipboard") },
	{ KEYS_ANY, "e", "ask contact-edit", N_("edit the contact") },
	{ KEYS_ANY, "A", "ask contact-add", N_("add a contact") },
	{ KEYS_ANY, "X", "ask contact-remove", N_("delete the contact") },
	{ KEYS_ANY, "L", "trace", N_("ladder of the call") },
	{ KEYS_ANY, "M", "voicemail", N_("call the mailbox") },
	{ KEYS_ANY, "P", "pickup", N_("pick up what rings elsewhere") },
	{ KEYS_ANY, "o", "settings", N_("settings") },
	{ KEYS_ANY, "C-l", "redraw", N_("redraw") },
	{ KEYS_ANY, "C-z", "suspend", N_("suspend") },
	{ KEYS_ANY, "q Esc C-c C-g", "back", N_("back, close") },
	{ KEYS_ANY, "Q", "leave", N_("quit") },
	{ KEYS_ANY, "C-\\", "detach", N_("leave at once") },
	{ KEYS_CALL, "0", "dtmf 0", N_("DTMF") },
	{ KEYS_CALL, "1", "dtmf 1", N_("DTMF") },
	{ KEYS_CALL, "2", "dtmf 2", N_("DTMF") },
	{ KEYS_CALL, "3", "dtmf 3", N_("DTMF") },
	{ KEYS_CALL, "4", "dtmf 4", N_("DTMF") },
	{ KEYS_CALL, "5", "dtmf 5", N_("DTMF") },
	{ KEYS_CALL, "6", "dtmf 6", N_("DTMF") },
	{ KEYS_CALL, "7", "dtmf 7", N_("DTMF") },
	{ KEYS_CALL, "8", "dtmf 8", N_("DTMF") },
	{ KEYS_CALL, "9", "dtmf 9", N_("DTMF") },
	{ KEYS_CALL, "*", "dtmf *", N_("DTMF") },
	{ KEYS_CALL, "#", "dtmf #", N_("DTMF") },
	{ KEYS_RING, "i", "reply", N_("reply by text") },
	{ KEYS_TYPING, "M-a F5", "answer", N_("answer while typing") },
	{ KEYS_TYPING, "M-e F8", "end", N_("end while typing") },
	{ KEYS_TYPING, "M-m F6", "toggle mute", N_("mute while typing") },
	{ KEYS_TYPING, "M-s F7", "silence", N_("silence while typing") }
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
