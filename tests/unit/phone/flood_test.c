/**
 * @file flood_test.c  Token buckets: how much one source may ask
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "phone/sip/flood.h"

static struct flood *f;

static int setup(void **state)
{
	(void)state;
	return flood_alloc(&f);
}

static int teardown(void **state)
{
	(void)state;
	f = mem_deref(f);
	return 0;
}

static struct sa source(const char *addr)
{
	struct sa sa;

	assert_int_equal(sa_set_str(&sa, addr, 5060), 0);

	return sa;
}

static unsigned taken(const struct sa *src, enum flood_kind kind, unsigned n,
		      uint64_t now)
{
	unsigned got = 0;

	while (n--)
		got += flood_take(f, src, kind, now);

	return got;
}

static void test_burst_and_rate(void **state)
{
	const struct sa a = source("192.0.2.1"), b = source("192.0.2.2");
	(void)state;

	assert_int_equal(taken(&a, FLOOD_CALL, 100, 0), FLOOD_CALL_BURST);
	assert_int_equal(taken(&a, FLOOD_CALL, 100, 50), 0);
	assert_int_equal(taken(&a, FLOOD_CALL, 100, 100), 1);
	assert_int_equal(taken(&a, FLOOD_CALL, 100, 1100), FLOOD_CALL_RATE);

	/* the other kind and the other source are not concerned */
	assert_int_equal(taken(&a, FLOOD_ASK, 5, 1100), 5);
	assert_int_equal(taken(&b, FLOOD_CALL, 5, 1100), 5);

	flood_give_back(f, &a, FLOOD_CALL, 1100);
	assert_int_equal(taken(&a, FLOOD_CALL, 5, 1100), 1);

	/* a day later it is full, and no fuller */
	assert_int_equal(taken(&a, FLOOD_CALL, 100, 86400000),
			 FLOOD_CALL_BURST);
}

static void test_all(void **state)
{
	unsigned got = 0, i;
	(void)state;

	for (i = 0; i < 20; i++) {
		struct sa sa = source("10.0.0.1");

		sa_set_in(&sa, 0x0a000001 + i, 5060);
		got += taken(&sa, FLOOD_ASK, 1000, 7);
	}
	assert_int_equal(got, FLOOD_ALL_BURST);
}

/* However many there are, the memory is the same and the next one has a
   full bucket */
static void test_many(void **state)
{
	unsigned i;
	(void)state;

	for (i = 0; i < 100000; i++) {
		struct sa sa;

		sa_set_in(&sa, i * 2654435761u, 5060);
		assert_true(flood_take(f, &sa, FLOOD_CALL, i));
	}
}

/* Whoever has a /64 has one bucket */
static void test_ipv6(void **state)
{
	const struct sa a = source("2001:db8::1"), b = source("2001:db8::2");
	const struct sa c = source("2001:db8:0:1::1");
	(void)state;

	assert_int_equal(taken(&a, FLOOD_CALL, 20, 0), 20);
	assert_int_equal(taken(&b, FLOOD_CALL, 20, 0), FLOOD_CALL_BURST - 20);
	assert_int_equal(taken(&c, FLOOD_CALL, 20, 0), 20);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_burst_and_rate), T(test_all), T(test_many),
		T(test_ipv6),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
