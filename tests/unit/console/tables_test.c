/**
 * @file tables_test.c  Commands, keys and settings: no row without its words
 *
 * Help, key bar, completion and manual are made from these tables; what they
 * promise must be there.
 */
#include "console/command.h"
#include "console/form.h"
#include "console/keymap.h"
#include "console/panel.h"
#include "console/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>


static void commands(void **state)
{
	const struct command *c, *d;
	size_t i, j;
	(void)state;

	for (i = 0; (c = command_at(i)); i++) {
		assert_non_null(c->h);
		assert_non_null(c->args);
		assert_true(c->help && strlen(c->help) > 3);
		/* one line, no full stop, no capital: as the others */
		assert_null(strchr(c->help, '\n'));
		assert_int_not_equal(c->help[strlen(c->help) - 1], '.');
		assert_true(c->flags & CMD_BOTH);
		for (j = 0; (d = command_at(j)); j++) {
			/* one of the shell, one of the console may share */
			if (i != j && (c->flags & d->flags & CMD_BOTH))
				assert_string_not_equal(c->name, d->name);
		}
		assert_ptr_equal(command_find(c->name, c->flags & CMD_BOTH),
				 c);
	}
	assert_true(i > 40);
}


static void keys(void **state)
{
	struct keymap *km = keymap_alloc();
	const struct key_row *k;
	char name[64], label[16];
	size_t i, n;
	(void)state;

	assert_non_null(km);
	for (i = 0; (k = keymap_at(km, i)); i++) {
		/* the key can be typed by its name */
		assert_int_not_equal(k->key, KEY_NONE);
		key_label(label, sizeof(label), k->key);
		assert_int_equal(key_parse(label), k->key);

		/* it has a line in the help, and its command exists */
		assert_true(k->help && *k->help);
		n = strcspn(k->command, " ");
		assert_true(n < sizeof(name));
		memcpy(name, k->command, n);
		name[n] = '\0';
		if (!command_find(name, CMD_LINE))
			fail_msg("key %s: no command \"%s\"", label, name);
	}
	assert_true(i > 80);
	keymap_free(km);
}


/* Left alone because somebody else owns them */
static void foreign_keys(void **state)
{
	static const char *const foreign[] = { "C-b", "C-s", "C-q", "C-o",
					       "C-]", "C-^", "~" };
	struct keymap *km = keymap_alloc();
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_null(keymap_find(km, KEYS_CONTACTS,
					key_parse(foreign[i])));
	keymap_free(km);
}


static void settings(void **state)
{
	const char *name, *other;
	size_t i, j;
	(void)state;

	for (i = 0; (name = settings_name(i)); i++) {
		assert_true(strlen(settings_help(name)) > 5);
		assert_true(strlen(settings_values(name)) > 3);
		for (j = 0; (other = settings_name(j)); j++) {
			if (i != j)
				assert_string_not_equal(name, other);
		}
	}
	assert_true(i > 10);
	assert_string_equal(settings_help("no such"), "?");
}


static void panels(void **state)
{
	enum panel panel;
	enum key_panel keys_panel;
	int i;
	(void)state;

	for (i = 0; i < PANEL_MAX; i++) {
		const struct panel_row *row = panel_row((enum panel)i);

		assert_true(row->name && *row->name && row->title);
		assert_non_null(row->draw);
		assert_int_equal(panel_find(row->name, &panel), 0);
		assert_int_equal(panel, i);
		/* bind PANEL KEY COMMAND knows it, by the same number */
		assert_int_equal(keymap_panel(row->name, &keys_panel), 0);
		assert_int_equal(keys_panel, i);
	}
	assert_int_not_equal(panel_find("kitchen", &panel), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands), cmocka_unit_test(keys),
		cmocka_unit_test(foreign_keys), cmocka_unit_test(settings),
		cmocka_unit_test(panels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
