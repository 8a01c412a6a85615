/**
 * @file backoff_test.c  When to REGISTER again
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "phone/sip/backoff.h"

static void test_doubles(void **state)
{
	static const uint64_t steps[] = {
		2000, 4000, 8000, 16000, 32000, 64000, 120000, 120000,
	};
	unsigned i;
	(void)state;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		assert_int_equal(backoff_wait(i, UINT16_MAX, 0), steps[i]);
		assert_int_equal(backoff_wait(i, 0, 0), steps[i] / 2);
	}
	assert_int_equal(backoff_wait(1000, UINT16_MAX, 0), BACKOFF_LAST);
	assert_int_equal(backoff_wait(UINT32_MAX, 0, 0), BACKOFF_LAST / 2);
}

/* Between half and all of it, and not always the same */
static void test_jitter(void **state)
{
	uint64_t last = 0, ms;
	unsigned random;
	(void)state;

	for (random = 0; random <= UINT16_MAX; random += 257) {
		ms = backoff_wait(6, (uint16_t)random, 0);
		assert_in_range(ms, BACKOFF_LAST / 2, BACKOFF_LAST);
		assert_true(!last || ms > last);
		last = ms;
	}
}

static void test_told(void **state)
{
	(void)state;

	assert_int_equal(backoff_wait(0, 0, 60), 60000);
	/* it may lengthen the step, never shorten it */
	assert_int_equal(backoff_wait(9, UINT16_MAX, 1), BACKOFF_LAST);
	assert_int_equal(backoff_wait(9, 0, 61), 61000);
	/* nobody puts us off for ever */
	assert_int_equal(backoff_wait(0, 0, 1800), 1800000);
	assert_int_equal(backoff_wait(0, 0, 1801), 1800000);
	assert_int_equal(backoff_wait(0, 0, UINT32_MAX), 1800000);
}

static void test_refresh(void **state)
{
	(void)state;

	assert_int_equal(backoff_refresh(600), 540);
	assert_int_equal(backoff_refresh(3600), 3240);
	assert_int_equal(backoff_refresh(40), 36);
	assert_int_equal(backoff_refresh(34), 31);
	assert_int_equal(backoff_refresh(33), 30);
	assert_int_equal(backoff_refresh(1), BACKOFF_FLOOR);
	assert_int_equal(backoff_refresh(0), BACKOFF_FLOOR);
	assert_int_equal(backoff_refresh(UINT32_MAX), 77760);
}

static void test_longer(void **state)
{
	(void)state;

	assert_int_equal(backoff_longer(60, 1800), 1800);
	assert_int_equal(backoff_longer(600, 86400), 86400);
	assert_int_equal(backoff_longer(600, 0), 0);
	assert_int_equal(backoff_longer(600, 600), 0);
	assert_int_equal(backoff_longer(600, 60), 0);
	assert_int_equal(backoff_longer(600, 86401), 0);
}

/* A server that is away for ten minutes: how often it is asked meanwhile,
   and how long it is back before we are */
static void away(uint16_t random, uint64_t *late, unsigned *asked)
{
	const uint64_t back = 600000;
	uint64_t now = 0;

	*asked = 0;
	while (now < back)
		now += backoff_wait((*asked)++, random, 0);
	*late = now - back;
}

static void test_ten_minutes(void **state)
{
	unsigned random, asked;
	uint64_t late;
	(void)state;

	for (random = 0; random <= UINT16_MAX; random += 51) {
		away((uint16_t)random, &late, &asked);
		assert_true(late <= BACKOFF_LAST);
		assert_in_range(asked, 10, 16);
	}
}

int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_refresh),
		cmocka_unit_test(test_longer),
		cmocka_unit_test(test_ten_minutes),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
