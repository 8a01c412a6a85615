/**
 * @file complete_test.c  What a word could become
 */
#include "console/complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/console.h"


static void scores(void **state)
{
	(void)state;

	assert_true(complete_score("", "anything") >= 0);
	assert_true(complete_score("xyz", "abc") < 0);
	assert_true(complete_score("ba", "ab") < 0);
	assert_true(complete_score("BOB", "bob") > 0);

	/* A beginning before the inside, an inside before scattered */
	assert_true(complete_score("the", "theme") >
		    complete_score("the", "other"));
	assert_true(complete_score("bm", "Bob Miller") >
		    complete_score("bm", "Abbamm"));
	assert_true(complete_score("call", "call") >
		    complete_score("call", "calls"));
}


static void order(void **state)
{
	struct complete c;
	char name[16];
	int i;
	(void)state;

	memset(&c, 0, sizeof(c));
	complete_add(&c, "de", "indeed", "");
	complete_add(&c, "de", "detach", "");
	complete_add(&c, "de", "answer", "");
	complete_add(&c, "de", "detach", "again");
	assert_int_equal(c.n, 2);
	assert_string_equal(c.v[0].text, "detach");
	complete_clear(&c);

	/* The best stay when there are too many */
	for (i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "x%03dq", i);
		complete_add(&c, "q", name, "");
	}
	complete_add(&c, "q", "q", "");
	assert_int_equal(c.n, COMPLETE_MAX);
	assert_string_equal(c.v[0].text, "q");
	assert_string_equal(c.v[1].text, "x000q");
	complete_clear(&c);
}


static bool has(const struct complete *c, const char *text)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (!strcmp(c->v[i].text, text))
			return true;
	}

	return false;
}


static void lines(void **state)
{
	struct console con;
	struct complete c;
	json_t *list = json_pack("[{s:s,s:s,s:[s]},{s:s,s:s,s:[s]}]",
				 "id", "1", "name", "Bob Miller", "uris",
				 "sip:bob@example.org", "id", "2", "name",
				 "Zo\xc3\xab", "uris", "sip:zoe@example.org");
	(void)state;

	memset(&con, 0, sizeof(con));
	memset(&c, 0, sizeof(c));
	con.model = model_alloc();
	model_contacts(con.model, list);

	complete_line(&c, &con, "thm", 3);
	assert_int_equal(c.from, 0);
	assert_int_equal(c.to, 3);
	assert_string_equal(c.v[0].text, "theme");

	/* Keys' own steps are no commands to type */
	complete_line(&c, &con, "", 0);
	assert_true(has(&c, "call"));
	assert_false(has(&c, "move"));

	complete_line(&c, &con, "call bm", 7);
	assert_int_equal(c.from, 5);
	assert_string_equal(c.v[0].text, "\"Bob Miller\"");
	complete_line(&c, &con, "call \"Bob M", 11);
	assert_int_equal(c.from, 5);
	assert_string_equal(c.v[0].text, "\"Bob Miller\"");
	complete_line(&c, &con, "msg Zo", 6);
	assert_string_equal(c.v[0].text, "Zo\xc3\xab");
	complete_line(&c, &con, "msg Zo he", 9);
	assert_int_equal(c.n, 0);

	complete_line(&c, &con, "config ", 7);
	assert_true(has(&c, "get") && has(&c, "set"));
	complete_line(&c, &con, "set be", 6);
	assert_string_equal(c.v[0].text, "bell");
	complete_line(&c, &con, "bind an", 7);
	assert_string_equal(c.v[0].text, "any");
	complete_line(&c, &con, "nonsense x", 10);
	assert_int_equal(c.n, 0);
	complete_line(&c, NULL, "call b", 6);
	assert_int_equal(c.n, 0);

	complete_target(&c, &con, "bob mi", 6);
	assert_string_equal(c.v[0].text, "Bob Miller");
	complete_clear(&c);
	model_free(con.model);
	json_decref(list);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores),
		cmocka_unit_test(order),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
