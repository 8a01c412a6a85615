/**
 * @file mos_test.c  The opinion score: bounds, and never better when worse
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "phone/media/mos.h"


static void test_known(void **state)
{
	(void)state;

	/* R = 93.2 at no delay is 4.41 (G.107 annex B) */
	assert_true(mos_estimate("PCMU", 0, 0) > 4.39f);
	assert_true(mos_estimate("PCMU", 0, 0) < 4.43f);
	assert_true(mos_estimate("PCMU", 100, 2000) <= 1.1f);
}


static void test_monotonic(void **state)
{
	static const char *const codecs[] = { "opus", "PCMU", "G722", "GSM",
					      "unknown", NULL };
	unsigned c;
	float x, last;
	(void)state;

	for (c = 0; codecs[c]; c++) {
		last = 5;
		for (x = 0; x <= 100; x += 0.5f) {
			float mos = mos_estimate(codecs[c], x, 50);

			assert_true(mos >= 1.0f && mos <= 4.5f);
			assert_true(mos <= last + 1e-4f);
			last = mos;
		}
		last = 5;
		for (x = 0; x <= 3000; x += 10) {
			float mos = mos_estimate(codecs[c], 1, x);

			assert_true(mos >= 1.0f && mos <= last + 1e-4f);
			last = mos;
		}
	}
}


/* Losses in a row are worse than as many single ones */
static void test_burst(void **state)
{
	(void)state;

	assert_true(mos_rating("PCMU", 10, 4, 50) <
		    mos_rating("PCMU", 10, 1, 50) - 5);
	assert_true(mos_rating("opus", 0, 8, 50) ==
		    mos_rating("opus", 0, 1, 50));
	assert_true(mos_of_rating(93.2f) > 4.39f);
	assert_true(mos_of_rating(0) == 1.0f);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_monotonic),
		cmocka_unit_test(test_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
