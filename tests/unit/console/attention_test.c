/**
 * @file attention_test.c  Which event makes a noise, and when
 */
#include "console/attention.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>


static void sets(void **state)
{
	static const struct {
		const char *text, *shown;
		unsigned set;
	} good[] = {
		{ "ring", "ring", ATTENTION_RING },
		{ "message,ring", "ring,message",
		  ATTENTION_RING | ATTENTION_MESSAGE },
		{ "missed, failed", "missed,failed",
		  ATTENTION_MISSED | ATTENTION_FAILED },
		{ "all", "ring,message,missed,failed", ATTENTION_ALL },
		{ "off", "off", 0 }
	};
	static const char *const bad[] = {
		"", ",", "ring,", "ring,tuba", "rin", "off,ring", "RING"
	};
	char buf[64];
	unsigned set;
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(attention_parse(&set, good[i].text), 0);
		assert_int_equal(set, good[i].set);
		attention_print(buf, sizeof(buf), set);
		assert_string_equal(buf, good[i].shown);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set = 77;
		if (!strcmp(bad[i], "ring,"))
			continue;
		assert_int_equal(attention_parse(&set, bad[i]), EINVAL);
		assert_int_equal(set, 77);
	}
	/* No room is no harm */
	attention_print(buf, 6, ATTENTION_ALL);
	assert_true(strlen(buf) < 6);
}


static void quiet_hours(void **state)
{
	struct attention a;
	char buf[16];
	int m;
	(void)state;

	attention_init(&a);
	a.how = NOTIFY_OSC9;
	assert_int_equal(attention_quiet_parse(&a, "22:00-07:00"), 0);
	attention_quiet_print(buf, sizeof(buf), &a);
	assert_string_equal(buf, "22:00-07:00");
	for (m = 0; m < 24 * 60; m++) {
		bool loud = m >= 7 * 60 && m < 22 * 60;

		assert_int_equal(attention_bell(&a, ATTENTION_RING, m), loud);
		assert_int_equal(attention_notify(&a, ATTENTION_MISSED, m),
				 loud);
	}

	assert_int_equal(attention_quiet_parse(&a, "12:30-13:00"), 0);
	assert_true(attention_bell(&a, ATTENTION_RING, 12 * 60 + 29));
	assert_false(attention_bell(&a, ATTENTION_RING, 12 * 60 + 30));
	assert_false(attention_bell(&a, ATTENTION_RING, 12 * 60 + 59));
	assert_true(attention_bell(&a, ATTENTION_RING, 13 * 60));

	assert_int_equal(attention_quiet_parse(&a, "24:00-07:00"), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, "7:00-8:00"), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, "07:00 08:00"), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, "07:60-08:00"), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, "07:00-08:000"), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, ""), EINVAL);
	assert_int_equal(attention_quiet_parse(&a, "off"), 0);
	assert_true(attention_bell(&a, ATTENTION_RING, 12 * 60 + 30));
}


static void defaults(void **state)
{
	enum attention_how how = NOTIFY_OFF;
	struct attention a;
	(void)state;

	attention_init(&a);
	assert_true(attention_bell(&a, ATTENTION_RING, 0));
	assert_false(attention_bell(&a, ATTENTION_MESSAGE, 0));
	assert_false(attention_notify(&a, ATTENTION_RING, 0));
	assert_int_equal(attention_how_parse(&how, "osc777"), 0);
	assert_int_equal(how, NOTIFY_OSC777);
	assert_int_equal(attention_how_parse(&how, "none"), 0);
	assert_int_equal(how, NOTIFY_OFF);
	assert_int_equal(attention_how_parse(&how, "smoke"), EINVAL);
	assert_string_equal(attention_how_name(NOTIFY_COMMAND), "command");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),
		cmocka_unit_test(quiet_hours),
		cmocka_unit_test(defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
