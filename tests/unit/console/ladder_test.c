/**
 * @file ladder_test.c  A ladder as lines of text, at every width
 */
#include "console/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"


static json_t *sample(void)
{
	return json_pack(
		"{s:[sss], s:[{s:f,s:i,s:i,s:s,s:s}, {s:f,s:i,s:i,s:s,s:s},"
		" {s:f,s:i,s:i,s:s,s:b,s:s}, {s:f,s:i,s:i,s:s,s:s}]}",
		"participants", "alice", "192.0.2.1:5060", "192.0.2.2 TLS",
		"rows",
		"time", 100.0, "from", 0, "to", 1, "text", "INVITE (SDP)",
		"kind", "request",
		"time", 100.25, "from", 1, "to", 0, "text", "486 Busy",
		"kind", "bad",
		"time", 101.5, "from", 0, "to", 2, "text", "ACK", "again", 1,
		"kind", "request",
		"time", 102.0, "from", 0, "to", 0, "text", "No answer",
		"kind", "note");
}


static void row_is(const json_t *l, size_t i, size_t width, const char *want)
{
	char *line = ladder_row(l, i, width, NULL);

	assert_non_null(line);
	assert_string_equal(line, want);
	free(line);
}


static void test_rows(void **state)
{
	json_t *l = sample();
	char *head = ladder_head(l, 72);
	enum role role;
	(void)state;

	assert_int_equal(ladder_rows(l), 4);
	assert_string_equal(head, "                  alice          "
			    "192.0.2.1:5060       192.0.2.2 TLS");
	free(head);
	row_is(l, 0, 72, "    0.000           |-- INVITE (SDP) -->|"
	       "                   |");
	row_is(l, 1, 72, "    0.250           |<--- 486 Busy -----|"
	       "                   |");
	row_is(l, 2, 72, "    1.500           |------------- ACK (again) ---"
	       "--------->|");
	row_is(l, 3, 72, "    2.000 * No answer");
	assert_null(ladder_row(l, 4, 72, NULL));

	free(ladder_row(l, 1, 72, &role));
	assert_int_equal(role, ROLE_ERROR);
	json_decref(l);
}


/* No line is wider than asked for, whatever is in it */
static void test_widths(void **state)
{
	json_t *l = sample();
	json_t *rows = json_object_get(l, "rows");
	size_t w, i;
	char *line;
	(void)state;

	json_object_set_new(json_array_get(rows, 0), "text", json_string(
		"\xe4\xba\x86\xe8\xa7\xa3 a label far longer than any way an "
		"arrow has to go, \xe4\xba\x86\xe8\xa7\xa3\xe4\xba\x86"));
	for (w = 0; w < 260; w++) {
		size_t limit = w < LADDER_WIDTH_MIN ? LADDER_WIDTH_MIN : w;

		line = ladder_head(l, w);
		assert_true(text_width(line) <= limit);
		free(line);
		for (i = 0; (line = ladder_row(l, i, w, NULL)); i++) {
			assert_true(text_width(line) <= limit);
			assert_true(text_is_utf8(line, strlen(line)));
			free(line);
		}
		assert_int_equal(i, 4);
	}
	json_decref(l);
}


/* What a phone of another mind might send */
static void test_odd(void **state)
{
	json_t *l = json_pack("{s:[], s:[{s:i, s:i}]}", "participants",
			      "rows", "from", 5, "to", -1);
	char *line;
	(void)state;

	assert_null(ladder_row(l, 0, 80, NULL));
	line = ladder_head(l, 80);
	assert_string_equal(line, "");
	free(line);
	assert_null(ladder_row(NULL, 0, 80, NULL));
	assert_int_equal(ladder_rows(NULL), 0);
	json_decref(l);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
