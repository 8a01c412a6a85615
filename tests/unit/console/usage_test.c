/**
 * @file usage_test.c  What may come next, read off a usage line
 */
#include "console/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console/command.h"

static char said[4096];


static void take(const char *word, size_t len, void *arg)
{
	size_t at = strlen(said);
	(void)arg;

	assert_true(len > 0 && at + len + 2 < sizeof(said));
	if (at)
		said[at++] = ' ';
	memcpy(said + at, word, len);
	said[at + len] = '\0';
}


/* words: up to three, "" ends them */
static const char *next(const char *args, const char *a, const char *b,
			const char *c)
{
	const char *words[3] = { a, b, c };
	char copy[3][32], *argv[3];
	int i, n = 0;

	for (i = 0; i < 3 && *words[i]; i++) {
		assert_true(strlen(words[i]) < sizeof(copy[i]));
		memcpy(copy[i], words[i], strlen(words[i]) + 1);
		argv[n++] = copy[i];
	}
	said[0] = '\0';
	usage_next(args, n, argv, take, NULL);

	return said;
}


static void words(void **state)
{
	const char *deeds = "new|add ADDRESS|edit ACCOUNT [password]|"
		"remove ACCOUNT [--user U|--ca F] [--direct]";
	(void)state;

	assert_string_equal(next("", "", "", ""), "");
	assert_string_equal(next("[on|off]", "", "", ""), "on off");
	assert_string_equal(next("[on|off]", "on", "", ""), "");
	assert_string_equal(next("[CALL] [yes|no]", "", "", ""),
			    "CALL yes no CALL CALL");
	assert_string_equal(next("[CALL] [yes|no]", "3", "", ""), "yes no");
	assert_string_equal(next("[in|out|ring DEVICE]", "in", "", ""),
			    "DEVICE");
	assert_string_equal(next("[always|busy] TARGET|off", "busy", "", ""),
			    "TARGET");
	assert_string_equal(next("[always|busy] TARGET|off", "off", "", ""),
			    "");
	assert_string_equal(next(deeds, "", "", ""),
			    "new add edit edit remove --user --ca --direct");
	assert_string_equal(next(deeds, "edit", "x", ""),
			    "password --user --ca --direct");
}


static void options(void **state)
{
	const char *args = "TARGET [--wait] [--level off|on] [--file FILE]";
	(void)state;

	assert_string_equal(next(args, "--level", "", ""), "off on");
	assert_string_equal(next(args, "--file", "", ""), "FILE");
	assert_string_equal(next(args, "--wait", "", ""),
			    "TARGET --level --file");
	assert_string_equal(next(args, "--level", "on", ""),
			    "TARGET --wait --file");
	assert_string_equal(next(args, "bob", "--wait", ""),
			    "--level --file");
	assert_string_equal(next("[CALL] TARGET | [CALL] --to-call CALL", "3",
				 "--to-call", ""), "CALL");
}


/* Broken ones and the longest do no harm */
static void odd(void **state)
{
	const struct command *c;
	size_t i;
	(void)state;

	(void)next("[", "", "", "");
	(void)next("]", "x", "", "");
	(void)next("[[[a|", "a", "", "");
	(void)next("||", "a", "b", "");
	(void)next("--", "--", "", "");
	(void)next("a [b] [c] [d] [e] [f] [g] [h] [i] [j]", "a", "j", "");
	for (i = 0; (c = command_at(i)); i++)
		(void)next(c->args, "1", "--x", "y");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(options),
		cmocka_unit_test(odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
