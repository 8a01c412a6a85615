/**
 * @file dtmf_test.c  Telephone events, both ways
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phone/media/dtmf.h"

enum { FRAME = 160 };


static void test_codes(void **state)
{
	static const char all[] = "0123456789*#ABCD";
	int i;
	(void)state;

	for (i = 0; i < 16; i++) {
		assert_int_equal(dtmf_code(all[i]), i);
		assert_int_equal(dtmf_digit(i), all[i]);
	}
	assert_int_equal(dtmf_code('d'), 15);
	assert_int_equal(dtmf_code('e'), -1);
	assert_int_equal(dtmf_code('\0'), -1);
	assert_int_equal(dtmf_digit(16), 0);
	assert_int_equal(dtmf_digit(-1), 0);
}


static void test_send(void **state)
{
	struct dtmf_tx tx = { .n = 0 };
	uint32_t ts = 1000, ets = 0, first = 0;
	uint8_t pld[DTMF_PAYLOAD];
	unsigned i, packets = 0, ends = 0;
	bool marker = false, busy = false;
	(void)state;

	assert_int_equal(dtmf_tx_add(&tx, "1x"), EINVAL);
	assert_int_equal(dtmf_tx_add(&tx, ""), EINVAL);
	assert_false(dtmf_tx_poll(&tx, ts, 8000, pld, &ets, &marker, &busy));
	assert_false(busy);

	assert_int_equal(dtmf_tx_add(&tx, "5#"), 0);
	for (i = 0; i < 20; i++, ts += FRAME) {
		const bool sent = dtmf_tx_poll(&tx, ts, 8000, pld, &ets,
					       &marker, &busy);
		const unsigned dur = (unsigned)(pld[2] << 8 | pld[3]);

		assert_int_equal(busy, i < 16);
		if (!sent)
			continue;

		/* two digits, 160 ms apart, each with its timestamp */
		assert_int_equal(pld[0], i < 8 ? 5 : 11);
		assert_int_equal(marker, i % 8 == 0);
		if (i % 8 == 0)
			first = ts;
		assert_int_equal(ets, first);
		assert_int_equal(dur, (i % 8 < 5 ? i % 8 + 1 : 5) * FRAME);
		assert_int_equal(pld[1] >> 7, i % 8 >= 4);
		ends += pld[1] >> 7;
		++packets;
	}
	assert_int_equal(packets, 14);
	assert_int_equal(ends, 6);
}


static void test_queue(void **state)
{
	struct dtmf_tx tx = { .n = 0 };
	char many[DTMF_MAX + 2];
	(void)state;

	memset(many, '1', sizeof(many));
	many[DTMF_MAX + 1] = '\0';
	assert_int_equal(dtmf_tx_add(&tx, many), ENOSPC);
	many[DTMF_MAX] = '\0';
	assert_int_equal(dtmf_tx_add(&tx, many), 0);
	assert_int_equal(dtmf_tx_add(&tx, "1"), ENOSPC);
}


static void test_receive(void **state)
{
	uint8_t pld[DTMF_PAYLOAD] = { 7, 10, 0, 160 };
	struct dtmf_rx rx = { .any = false };
	unsigned i;
	(void)state;

	/* one digit, however often its packets come */
	assert_int_equal(dtmf_rx_put(&rx, 5000, pld, 4), '7');
	for (i = 0; i < 6; i++) {
		pld[1] = i > 3 ? 0x8a : 10;
		assert_int_equal(dtmf_rx_put(&rx, 5000, pld, 4), 0);
	}

	/* the same one pressed again; only its end arrives */
	assert_int_equal(dtmf_rx_put(&rx, 6280, pld, 4), '7');
	assert_int_equal(dtmf_rx_put(&rx, 5000, pld, 4), 0);

	/* no digit, too short */
	pld[0] = 16;
	assert_int_equal(dtmf_rx_put(&rx, 9000, pld, 4), 0);
	pld[0] = 1;
	assert_int_equal(dtmf_rx_put(&rx, 9000, pld, 3), 0);
	assert_int_equal(dtmf_rx_put(&rx, 9000, pld, 4), '1');

	/* round the end of the timestamps */
	assert_int_equal(dtmf_rx_put(&rx, 4294967000u, pld, 4), 0);
	rx.ts = 4294967000u;
	assert_int_equal(dtmf_rx_put(&rx, 500, pld, 4), '1');
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_receive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
