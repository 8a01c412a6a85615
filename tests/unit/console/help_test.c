/**
 * @file help_test.c  The help: every key of the tables, and none beside them
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"
#include "console/command.h"
#include "console/line_edit.h"
#include "console/overlays/help_rows.h"

enum { TEXT = 21 };             /* columns of a line's text */

static struct help_rows rows;


/* Does that line name the key, as itself or within 0-9, M-1..4? */
static bool names(const struct help_row *row, key_code key)
{
	char label[16], keys[32];
	char *word, *rest = keys;

	key_label(label, sizeof(label), key);
	(void)snprintf(keys, sizeof(keys), "%s", row->keys);
	while ((word = strsep(&rest, " "))) {
		const size_t n = strlen(word);

		if (!strcmp(word, label))
			return true;
		if (n == 3 && word[1] == '-' && *word >= '0' &&
		    *word <= '9' && strlen(label) == 1 &&
		    *label >= word[0] && *label <= word[2])
			return true;
		if (!strcmp(word, "M-1..4") && !strncmp(label, "M-", 2) &&
		    label[2] >= '1' && label[2] <= '4')
			return true;
	}

	return false;
}


/* Every key that is named there is one, and does something */
static void no_other_keys(const struct keymap *km)
{
	char keys[32];
	char *word, *rest;
	size_t i, k;

	for (i = 0; i < rows.n; i++) {
		const struct key_row *key;

		if (!rows.v[i].command || rows.v[i].group == GROUP_MAX)
			continue;
		(void)snprintf(keys, sizeof(keys), "%s", rows.v[i].keys);
		for (rest = keys; (word = strsep(&rest, " "));) {
			key_code code;

			if (strlen(word) == 3 && word[1] == '-' &&
			    *word >= '0' && *word <= '9')
				word[1] = '\0';
			if (strstr(word, ".."))
				*strstr(word, "..") = '\0';
			code = key_parse(word);
			for (k = 0; (key = keymap_at(km, k)); k++) {
				if (key->key == code)
					break;
			}
			if (!key)
				fail_msg("no key %s", word);
		}
	}
}


static void every_key(void **state)
{
	static const enum key_panel panels[] = {
		KEYS_CONTACTS, KEYS_LOG, KEYS_CHAT, KEYS_CALL, KEYS_STATUS,
		KEYS_TRACE
	};
	struct keymap *km = keymap_alloc();
	const struct key_row *k;
	size_t p, i, row;
	(void)state;

	for (p = 0; p < sizeof(panels) / sizeof(panels[0]); p++) {
		help_rows_grouped(&rows, km, panels[p]);
		assert_true(rows.n > 60 && rows.n < HELP_ROWS);
		no_other_keys(km);
		for (i = 0; (k = keymap_at(km, i)); i++) {
			/* its first key at least; a digit in a call is DTMF */
			if (keymap_key(km, k->panel, k->command) != k->key ||
			    (panels[p] == KEYS_CALL &&
			     !strncmp(k->command, "dial ", 5)))
				continue;
			for (row = 0; row < rows.n; row++) {
				if (rows.v[row].group == k->group &&
				    names(&rows.v[row], k->key))
					break;
			}
			if (row == rows.n)
				fail_msg("no line with the key of \"%s\"",
					 k->command);
		}
	}
	keymap_free(km);
}


/* Each line is as wide as there is room, and can be run */
static void lines(void **state)
{
	struct keymap *km = keymap_alloc();
	const struct command *cmd;
	char name[64];
	size_t i, k;
	(void)state;

	help_rows_grouped(&rows, km, KEYS_CONTACTS);
	for (i = 0; i < rows.n; i++) {
		const struct help_row *row = &rows.v[i];

		assert_true(*row->text && *row->keys);
		if (row->group != GROUP_MAX) {
			assert_true(text_width(row->text) <= TEXT);
			assert_true(text_width(row->keys) <= HELP_KEYS);
			assert_true(*keymap_group_title(row->group));
		}
		if (!row->command)
			continue;
		(void)snprintf(name, sizeof(name), "%s", row->command);
		name[strcspn(name, " ")] = '\0';
		assert_non_null(command_find(name, CMD_LINE));
	}
	/* A command that is in lists has a line, by a key or by itself */
	for (i = 0; (cmd = command_at(i)); i++) {
		if (!(cmd->flags & CMD_LINE) || cmd->flags & CMD_HIDDEN)
			continue;
		help_rows_found(&rows, km, KEYS_CONTACTS, cmd->name);
		for (k = 0; k < rows.n; k++) {
			const char *c = rows.v[k].command;

			if (c && strstr(c, cmd->name))
				break;
		}
		if (k == rows.n)
			fail_msg("no line for :%s", cmd->name);
	}
	keymap_free(km);
}


static void found(void **state)
{
	struct keymap *km = keymap_alloc();
	(void)state;

	help_rows_found(&rows, km, KEYS_CONTACTS, "mute");
	assert_true(rows.n > 2);
	assert_string_equal(rows.v[0].command, "toggle mute");
	help_rows_found(&rows, km, KEYS_CONTACTS, "SOFT");
	assert_string_equal(rows.v[0].command, "volume -");
	/* letter by letter */
	help_rows_found(&rows, km, KEYS_CONTACTS, "scrdmp");
	assert_int_equal(rows.n, 1);
	assert_string_equal(rows.v[0].command, "screen-dump");
	help_rows_found(&rows, km, KEYS_CONTACTS, "no such thing at all");
	assert_int_equal(rows.n, 0);
	keymap_free(km);
}


/* What a user binds is there, and what it takes the key from is not */
static void bound(void **state)
{
	struct keymap *km = keymap_alloc();
	size_t i;
	bool own = false;
	(void)state;

	assert_int_equal(keymap_bind(km, "log", "x", "theme light"), 0);
	help_rows_grouped(&rows, km, KEYS_LOG);
	for (i = 0; i < rows.n; i++) {
		own |= rows.v[i].group == GROUP_OWN &&
			!strcmp(rows.v[i].keys, "x") &&
			!strcmp(rows.v[i].command, "theme light");
		assert_false(rows.v[i].command &&
			     !strcmp(rows.v[i].command, "toggle hold"));
	}
	assert_true(own);
	help_rows_grouped(&rows, km, KEYS_CONTACTS);
	for (i = 0; i < rows.n; i++)
		assert_int_not_equal(rows.v[i].group, GROUP_OWN);
	keymap_free(km);
}


/* What the help says of editing is so */
static void editing(void **state)
{
	const struct line_help *line;
	size_t i;
	(void)state;

	for (i = 0; (line = line_edit_help(i)); i++) {
		char keys[32];
		char *word, *rest = keys;

		assert_true(text_width(line->text) <= TEXT);
		(void)snprintf(keys, sizeof(keys), "%s", line->keys);
		while ((word = strsep(&rest, " "))) {
			struct line_edit *le = line_edit_alloc(NULL,
							       LINE_MULTI);

			assert_non_null(le);
			assert_int_not_equal(key_parse(word), KEY_NONE);
			assert_int_not_equal(line_edit_key(le,
							   key_parse(word)),
					     LINE_UNUSED);
			line_edit_free(le);
		}
	}
	assert_true(i > 10);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key), cmocka_unit_test(lines),
		cmocka_unit_test(found), cmocka_unit_test(bound),
		cmocka_unit_test(editing)
	};

	(void)setlocale(LC_ALL, "C.UTF-8");

	return cmocka_run_group_tests(tests, NULL, NULL);
}
