/**
 * @file srv_test.c  Order of servers, and the memory for dead ones
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "phone/sip/srv.h"

static uint32_t serial;

static uint32_t counted(uint32_t n)
{
	return n ? serial++ % n : 0;
}

static struct srv_rec rec(uint16_t pri, uint16_t weight, uint16_t port)
{
	struct srv_rec r = { pri, weight, port, "a.example" };

	return r;
}

static void test_priority(void **state)
{
	struct srv_rec v[] = {
		rec(30, 0, 1), rec(10, 5, 2), rec(20, 100, 3), rec(0, 0, 4),
	};
	(void)state;

	srv_order(v, RE_ARRAY_SIZE(v), counted);
	assert_int_equal(v[0].port, 4);
	assert_int_equal(v[1].port, 2);
	assert_int_equal(v[2].port, 3);
	assert_int_equal(v[3].port, 1);

	srv_order(NULL, 0, counted);
	srv_order(v, 1, NULL);
}

/* Over all draws each comes first as often as its weight says */
static void test_weight(void **state)
{
	unsigned first[4] = { 0 };
	unsigned i;
	(void)state;

	serial = 0;
	for (i = 0; i < 101 * 100; i++) {
		struct srv_rec v[] = {
			rec(1, 60, 1), rec(1, 0, 0), rec(1, 30, 2),
			rec(1, 10, 3),
		};

		/* the first draw alone: the others use up numbers too */
		serial = i;
		srv_order(v, RE_ARRAY_SIZE(v), counted);
		++first[v[0].port];
	}

	print_message("first: %u %u %u, weight 0: %u\n", first[1], first[2],
		      first[3], first[0]);
	assert_in_range(first[1], 5900, 6100);
	assert_in_range(first[2], 2900, 3100);
	assert_in_range(first[3], 900, 1100);
	assert_in_range(first[0], 50, 200);
}

/* None is lost, none comes twice */
static void test_all_there(void **state)
{
	struct srv_rec v[SRV_RECORDS];
	unsigned seen = 0;
	size_t i;
	(void)state;

	for (i = 0; i < SRV_RECORDS; i++)
		v[i] = rec((uint16_t)(i % 3), (uint16_t)(i * 7 % 5),
			   (uint16_t)i);
	srv_order(v, SRV_RECORDS, counted);
	for (i = 0; i < SRV_RECORDS; i++) {
		assert_false(seen & 1u << v[i].port);
		seen |= 1u << v[i].port;
		assert_true(!i || v[i - 1].pri <= v[i].pri);
	}
}

static struct srv_hop hop(const char *addr)
{
	struct srv_hop h = { SIP_TRANSP_UDP };

	assert_int_equal(sa_set_str(&h.addr, addr, 5060), 0);

	return h;
}

static void test_dead(void **state)
{
	struct srv_dead dead;
	struct srv_hop v[3], b = hop("127.0.0.2");
	unsigned i;
	(void)state;

	memset(&dead, 0, sizeof(dead));
	v[0] = hop("127.0.0.1");
	v[1] = hop("127.0.0.2");
	v[2] = hop("::1");

	srv_dead_last(&dead, v, 3, 1);
	assert_true(srv_hop_is(&v[1], &b));

	srv_dead_add(&dead, &v[0], 1000);
	srv_dead_add(&dead, &v[1], 1000);
	assert_true(srv_dead_is(&dead, &b, 1000));
	srv_dead_last(&dead, v, 3, 1000);
	assert_int_equal(sa_af(&v[0].addr), AF_INET6);
	assert_true(srv_hop_is(&v[2], &b));

	srv_dead_remove(&dead, &b);
	srv_dead_last(&dead, v, 3, 1000);
	assert_true(srv_hop_is(&v[1], &b));
	assert_false(srv_dead_is(&dead, &v[2], 1000 + SRV_DEAD_MS));

	srv_first(v, 3, &b);
	assert_true(srv_hop_is(&v[0], &b));
	assert_int_equal(sa_af(&v[1].addr), AF_INET6);

	/* more than there is room for */
	for (i = 0; i < 3 * SRV_DEAD; i++) {
		sa_set_port(&b.addr, (uint16_t)(1000 + i));
		srv_dead_add(&dead, &b, 5);
	}
	assert_true(srv_dead_is(&dead, &b, 5));
}

int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_weight),
		cmocka_unit_test(test_all_there),
		cmocka_unit_test(test_dead),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
