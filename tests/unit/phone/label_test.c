/**
 * @file label_test.c  The label of a call, over all facts there can be
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "phone/secure/label.h"


static void test_all_facts(void **state)
{
	struct label_facts f;
	int keys, tls, sas, alarm;
	(void)state;

	for (keys = KEYS_NONE; keys <= KEYS_ZRTP; keys++)
	for (tls = 0; tls < 2; tls++)
	for (sas = 0; sas < 2; sas++)
	for (alarm = 0; alarm < 2; alarm++) {
		enum label label;

		f.keys = (enum key_exchange)keys;
		f.signalling_tls = tls;
		f.sas_verified = sas;
		f.alarm = alarm;
		label = label_derive(&f);

		if (alarm) {
			assert_int_equal(label, LABEL_BROKEN);
			continue;
		}
		/* Never better than the keys deserve */
		if (keys == KEYS_NONE)
			assert_int_equal(label, LABEL_PLAIN);
		if (keys == KEYS_SDES && !tls)
			assert_int_equal(label, LABEL_PLAIN);
		if (keys != KEYS_ZRTP)
			assert_true(label <= LABEL_HOP);
		if (!sas)
			assert_true(label != LABEL_VERIFIED);
		assert_true(*label_sentence(label));
		assert_string_not_equal(label_name(label), "?");
	}
}


static void test_minimum(void **state)
{
	(void)state;

	assert_true(minimum_allows(MINIMUM_OFF, LABEL_PLAIN));
	assert_true(minimum_allows(MINIMUM_PREFER, LABEL_PLAIN));
	assert_false(minimum_allows(MINIMUM_REQUIRE, LABEL_PLAIN));
	assert_true(minimum_allows(MINIMUM_REQUIRE, LABEL_HOP));
	assert_false(minimum_allows(MINIMUM_E2E, LABEL_HOP));
	assert_true(minimum_allows(MINIMUM_E2E, LABEL_VERIFIED));
	assert_false(minimum_allows(MINIMUM_VERIFIED, LABEL_E2E));
	assert_false(minimum_allows(MINIMUM_REQUIRE, LABEL_BROKEN));
	assert_false(minimum_allows(MINIMUM_VERIFIED, LABEL_BROKEN));

	/* A typing error never lowers the minimum */
	assert_int_equal(minimum_decode("requre"), MINIMUM_VERIFIED);
	assert_int_equal(minimum_decode("off"), MINIMUM_OFF);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_facts),
		cmocka_unit_test(test_minimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
