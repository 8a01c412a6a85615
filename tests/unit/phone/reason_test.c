/**
 * @file reason_test.c  Sentences for codes and errors
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/reason.h"

static void test_codes(void **state)
{
	char buf[256];
	unsigned c;
	(void)state;

	for (c = 300; c < 700; c++) {
		reason_text(buf, sizeof(buf), 0, (uint16_t)c, "Phrase", NULL);
		assert_true(strlen(buf) > 5);
	}

	reason_text(buf, sizeof(buf), 0, 486, "x", NULL);
	assert_non_null(strstr(buf, "Busy"));
	reason_text(buf, sizeof(buf), 0, 200, "OK", NULL);
	assert_string_equal(buf, "");

	/* an error wins, and a TLS reason wins over that */
	reason_text(buf, sizeof(buf), ECONNREFUSED, 486, NULL, "");
	assert_non_null(strstr(buf, "refuses connections"));
	reason_text(buf, sizeof(buf), EPROTO, 0, NULL, "expired on 2026");
	assert_string_equal(buf, "expired on 2026");
	reason_text(buf, sizeof(buf), ENOTTY, 0, NULL, NULL);
	assert_true(strlen(buf) > 5);
}

static void test_hostile(void **state)
{
	char buf[40];
	char phrase[4000];
	(void)state;

	reason_text(buf, sizeof(buf), 0, 499, "\033]52;c;x\007\nHi", NULL);
	assert_null(strchr(buf, '\033'));
	assert_null(strchr(buf, '\n'));

	memset(phrase, 'A', sizeof(phrase) - 1);
	phrase[sizeof(phrase) - 1] = '\0';
	reason_text(buf, sizeof(buf), 0, 599, phrase, NULL);
	assert_true(strlen(buf) < sizeof(buf));
	reason_text(buf, 1, 0, 599, phrase, NULL);
	assert_string_equal(buf, "");
}

int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
