/**
 * @file keymap_test.c  Keys, their names, and what they run
 */
#include "console/keymap.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console/command.h"


static void names(void **state)
{
	static const char *const v[] = {
		"a", "C-x", "M-a", "F1", "F12", "Up", "PgDn", "Enter", "Tab",
		"S-Tab", "Esc", "Space", "Backspace", "M-Enter", "C-\\", "?",
		"ä", "M-C-x", ":"
	};
	char buf[32];
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		key_code key = key_parse(v[i]);

		assert_int_not_equal(key, KEY_NONE);
		key_label(buf, sizeof(buf), key);
		assert_string_equal(buf, v[i]);
	}

	assert_int_equal(key_parse("C-m"), K_ENTER);
	assert_int_equal(key_parse("C-i"), K_TAB);
	assert_int_equal(key_parse("C-["), K_ESC);
	assert_int_equal(key_parse(""), KEY_NONE);
	assert_int_equal(key_parse(NULL), KEY_NONE);
	assert_int_equal(key_parse("ab"), KEY_NONE);
	assert_int_equal(key_parse("F13"), KEY_NONE);
	assert_int_equal(key_parse("F"), 'F');
	assert_int_equal(key_parse("F0"), KEY_NONE);
	assert_int_equal(key_parse("\xff"), KEY_NONE);
}


static void find(void **state)
{
	struct keymap *km = keymap_alloc();
	(void)state;

	assert_string_equal(keymap_find(km, KEYS_CONTACTS, 'a'), "answer");
	assert_string_equal(keymap_find(km, KEYS_CONTACTS, '5'), "dial 5");
	assert_string_equal(keymap_find(km, KEYS_CALL, '5'), "dtmf 5");
	assert_null(keymap_find(km, KEYS_CONTACTS, '*'));

	/* While typing only its own keys act: no plain letter among them */
	assert_null(keymap_find(km, KEYS_TYPING, 'a'));
	assert_null(keymap_find(km, KEYS_TYPING, 'b'));
	assert_string_equal(keymap_find(km, KEYS_TYPING, key_parse("M-a")),
			    "answer");
	assert_string_equal(keymap_find(km, KEYS_TYPING, key_parse("F8")),
			    "end");
	assert_int_equal(keymap_key(km, KEYS_CONTACTS, "answer"), 'a');
	assert_int_equal(keymap_key(km, KEYS_CONTACTS, "no such"), KEY_NONE);
	keymap_free(km);
}


static void bind(void **state)
{
	struct keymap *km = keymap_alloc();
	(void)state;

	assert_int_equal(keymap_bind(km, "contacts", "a", "dial"), 0);
	assert_string_equal(keymap_find(km, KEYS_CONTACTS, 'a'), "dial");
	assert_string_equal(keymap_find(km, KEYS_LOG, 'a'), "answer");
	assert_int_equal(keymap_bind(km, "any", "a", "help"), 0);
	assert_string_equal(keymap_find(km, KEYS_LOG, 'a'), "help");
	assert_int_equal(keymap_unbind(km, "contacts", "a"), 0);
	assert_int_equal(keymap_unbind(km, "contacts", "a"), ENOENT);
	assert_string_equal(keymap_find(km, KEYS_CONTACTS, 'a'), "help");

	assert_int_equal(keymap_bind(km, "nowhere", "a", "help"), ENOENT);
	assert_int_equal(keymap_bind(km, "any", "nokey", "help"), EINVAL);
	assert_int_equal(keymap_bind(km, "any", "a", ""), EINVAL);
	assert_int_equal(keymap_unbind(km, "any", "nokey"), EINVAL);
	keymap_free(km);
}


/* Every key runs a command there is, has a help line, and leaves alone what
   belongs to tmux, screen, ssh and flow control */
static void defaults(void **state)
{
	static const char *const foreign[] = {
		"C-b", "C-s", "C-q", "C-o", "~", "C-]", "C-^", NULL
	};
	struct keymap *km = keymap_alloc();
	const struct key_row *r;
	char name[64];
	size_t i;
	(void)state;

	for (i = 0; (r = keymap_at(km, i)); i++) {
		size_t n = strcspn(r->command, " ");

		memcpy(name, r->command, n);
		name[n] = '\0';
		assert_non_null(command_find(name, CMD_LINE));
		assert_non_null(r->help);
		assert_true(strlen(r->help) > 3);
	}
	for (i = 0; foreign[i]; i++)
		assert_null(keymap_find(km, KEYS_CONTACTS,
					key_parse(foreign[i])));
	keymap_free(km);
}


/* What stands on the keys of a Russian keyboard */
static void russian(void **state)
{
	static const struct {
		const char *cyrillic;
		key_code latin;
	} v[] = {
		{ "\xd1\x84", 'a' }, { "\xd0\xb8", 'b' }, { "\xd0\xb9", 'q' },
		{ "\xd0\xbc", 'v' }, { "\xd0\xbe", 'j' }, { "\xd0\xbb", 'k' },
		{ "\xd1\x86", 'w' }, { "\xd0\xbd", 'y' }, { "\xd1\x82", 'n' },
		{ "\xd1\x8f", 'z' }, { "\xd0\x99", 'Q' }, { "\xd0\x9f", 'G' },
		{ "\xd0\x95", 'T' }, { "\xd0\xaf", 'Z' }, { "M-\xd1\x84",
		  (key_code)'a' | KEY_META }, { "a", 'a' }, { "?", '?' },
		{ "\xd1\x91", 0x451 }, { "Up", K_UP }
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_int_equal(key_latin(key_parse(v[i].cyrillic)),
				 v[i].latin);
}


/* No two rows of one table have one name; each has its words */
static void commands(void **state)
{
	const struct command *a, *b;
	size_t i, j;
	(void)state;

	for (i = 0; (a = command_at(i)); i++) {
		assert_true(a->help && strlen(a->help) > 3);
		assert_non_null(a->args);
		assert_non_null(a->h);
		for (j = 0; j < i; j++) {
			b = command_at(j);
			assert_true(strcmp(a->name, b->name) ||
				    !(a->flags & b->flags & CMD_BOTH));
		}
	}
	assert_true(i > 30);
}


static void split(void **state)
{
	char buf[256];
	char *argv[8];
	int n;
	(void)state;

#define SPLIT(text) (strcpy_s(buf, text), command_split(buf, argv, 8))
#define strcpy_s(to, from) memcpy(to, from, sizeof(from))
	n = SPLIT("call  \"Bob Miller\" ");
	assert_int_equal(n, 2);
	assert_string_equal(argv[1], "Bob Miller");
	assert_null(argv[2]);
	n = SPLIT("call a\\ b");
	assert_string_equal(argv[1], "a b");
	n = SPLIT("contact add 'a \"b\\' x");
	assert_int_equal(n, 4);
	assert_string_equal(argv[2], "a \"b\\");
	assert_int_equal(SPLIT("call \"x"), -1);
	assert_int_equal(SPLIT("   "), 0);
	assert_int_equal(SPLIT("accounts b c d e f g h i j"), -1);

	/* A message is taken as it stands */
	n = SPLIT("msg bob it's  \"fine\" ");
	assert_int_equal(n, 3);
	assert_string_equal(argv[2], "it's  \"fine\" ");
	n = SPLIT("bind any x contact add \"a b\"");
	assert_int_equal(n, 4);
	assert_string_equal(argv[3], "contact add \"a b\"");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(find),
		cmocka_unit_test(bind),
		cmocka_unit_test(defaults),
		cmocka_unit_test(russian),
		cmocka_unit_test(commands),
		cmocka_unit_test(split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
