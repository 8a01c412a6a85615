/**
 * @file rpc_wire_test.c  Lines out of a byte stream, however it is cut
 */
#include "common/rpc_wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))


static void every_cut(void **state)
{
	static const char *const linev[] = {
		"{\"a\":1}", "", "x", "a longer line than the others are", ""
	};
	char stream[256] = "", *line;
	size_t len = 0, i, step, n;

	(void)state;

	for (i = 0; i < N(linev); i++) {
		n = strlen(linev[i]);
		memcpy(stream + len, linev[i], n);
		len += n;
		stream[len++] = '\n';
	}

	for (step = 1; step <= len; step++) {
		struct rpc_reader rd;
		size_t got = 0;

		rpc_reader_init(&rd, 64);
		for (i = 0; i < len; i += step) {
			n = len - i < step ? len - i : step;
			assert_int_equal(rpc_reader_feed(&rd, stream + i, n),
					 0);
			while ((line = rpc_reader_line(&rd, &n)) != NULL) {
				assert_string_equal(line, linev[got]);
				assert_int_equal(n, strlen(linev[got]));
				++got;
			}
		}
		assert_int_equal(got, N(linev));
		rpc_reader_close(&rd);
	}
}


static void too_long(void **state)
{
	struct rpc_reader rd;
	char buf[200];
	size_t n;

	(void)state;

	memset(buf, 'x', sizeof(buf));
	rpc_reader_init(&rd, 100);
	assert_int_equal(rpc_reader_feed(&rd, buf, 100), 0);
	assert_null(rpc_reader_line(&rd, &n));
	assert_int_equal(rpc_reader_feed(&rd, buf, 1), EMSGSIZE);
	rpc_reader_close(&rd);

	/* Many short lines in one piece are none too long */
	rpc_reader_init(&rd, 100);
	for (n = 9; n < sizeof(buf); n += 10)
		buf[n] = '\n';
	assert_int_equal(rpc_reader_feed(&rd, buf, sizeof(buf)), 0);
	for (n = 0; rpc_reader_line(&rd, NULL); n++)
		;
	assert_int_equal(n, 20);
	rpc_reader_close(&rd);
}


static void long_one_behind_short_one(void **state)
{
	struct rpc_reader rd;
	char buf[300];
	int err = 0;
	size_t i;

	(void)state;

	/* The long tail must be noticed, now or with the next bytes */
	memset(buf, 'x', sizeof(buf));
	buf[3] = '\n';
	rpc_reader_init(&rd, 100);
	err = rpc_reader_feed(&rd, buf, sizeof(buf));
	for (i = 0; !err && i < 3; i++) {
		while (rpc_reader_line(&rd, NULL))
			;
		err = rpc_reader_feed(&rd, "x", 1);
	}
	assert_int_equal(err, EMSGSIZE);
	rpc_reader_close(&rd);
}


static void arguments(void **state)
{
	struct rpc_reader rd;

	(void)state;

	rpc_reader_init(&rd, 100);
	assert_int_equal(rpc_reader_feed(NULL, "x", 1), EINVAL);
	assert_int_equal(rpc_reader_feed(&rd, NULL, 1), EINVAL);
	assert_int_equal(rpc_reader_feed(&rd, NULL, 0), 0);
	assert_null(rpc_reader_line(&rd, NULL));
	assert_null(rpc_reader_line(NULL, NULL));
	rpc_reader_close(&rd);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut),
		cmocka_unit_test(too_long),
		cmocka_unit_test(long_one_behind_short_one),
		cmocka_unit_test(arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
