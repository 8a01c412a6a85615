/**
 * @file account_conf_test.c  The accounts file: fields, checks, round trip
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "phone/account/account_conf.h"

static char file[] = "/tmp/offhook-accounts-XXXXXX";

struct seen {
	struct account_conf *cfv[8];
	unsigned linev[8];
	size_t cfc, linec;
};


static void conf_handler(struct account_conf *cf, void *arg)
{
	struct seen *seen = arg;

	assert_true(seen->cfc < 8);
	seen->cfv[seen->cfc++] = mem_ref(cf);
}


static void error_handler(unsigned lineno, const char *text, void *arg)
{
	struct seen *seen = arg;

	assert_non_null(text);
	assert_true(seen->linec < 8);
	seen->linev[seen->linec++] = lineno;
}


static void put(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}


static void forget(struct seen *seen)
{
	while (seen->cfc)
		mem_deref(seen->cfv[--seen->cfc]);
}


static void test_round_trip(void **state)
{
	struct account_conf *cf = NULL;
	struct seen seen = { { NULL }, { 0 }, 0, 0 };
	const char *why = NULL;
	char *text = NULL;
	(void)state;

	assert_int_equal(account_conf_alloc(&cf), 0);
	assert_int_equal(account_conf_set(cf, "address",
					  "alice@example.org", &why), 0);
	assert_int_equal(account_conf_set(cf, "password", "p = [q] # r",
					  &why), 0);
	assert_int_equal(account_conf_set(cf, "direct", "true", &why), 0);
	assert_int_equal(account_conf_set(cf, "listen", "[::1]:5060", &why),
			 0);
	cf->id = 7;

	assert_int_equal(re_sdprintf(&text, "%H", account_conf_print, cf), 0);
	put(text);
	assert_int_equal(account_conf_read(file, conf_handler, error_handler,
					   &seen), 0);
	assert_int_equal(seen.linec, 0);
	assert_int_equal(seen.cfc, 1);
	assert_string_equal(seen.cfv[0]->address, "alice@example.org");
	assert_string_equal(seen.cfv[0]->password, "p = [q] # r");
	assert_string_equal(seen.cfv[0]->listen, "[::1]:5060");
	assert_int_equal(seen.cfv[0]->id, 7);
	assert_true(seen.cfv[0]->direct);
	assert_true(seen.cfv[0]->enabled);

	forget(&seen);
	mem_deref(text);
	mem_deref(cf);
}


static void test_bad_lines(void **state)
{
	struct seen seen = { { NULL }, { 0 }, 0, 0 };
	(void)state;

	put("user = nobody\n"
	    "[alice@example.org]\n"
	    "server = http://example.org\n"
	    "direct = maybe\n"
	    "[not an address]\n"
	    "name = x\n"
	    "[bob@example.org]\n"
	    "name = Bob\n");
	assert_int_equal(account_conf_read(file, conf_handler, error_handler,
					   &seen), 0);
	/* The good accounts are there, the bad lines are named */
	assert_int_equal(seen.cfc, 2);
	assert_string_equal(seen.cfv[1]->name, "Bob");
	assert_int_equal(seen.linec, 5);
	assert_int_equal(seen.linev[0], 1);
	assert_int_equal(seen.linev[1], 3);
	assert_int_equal(seen.linev[2], 4);
	assert_int_equal(seen.linev[3], 5);
	assert_int_equal(seen.linev[4], 6);
	forget(&seen);
}


static void test_loose_file(void **state)
{
	struct seen seen = { { NULL }, { 0 }, 0, 0 };
	(void)state;

	put("[alice@example.org]\n");
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(account_conf_read(file, conf_handler, error_handler,
					   &seen), EPERM);
	assert_int_equal(seen.cfc, 0);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(account_conf_read("/nonexistent", conf_handler,
					   error_handler, &seen), 0);
}


static void test_fields(void **state)
{
	static const struct {
		const char *key, *value;
		int err;
	} rows[] = {
		{ "address", "alice@example.org", 0 },
		{ "address", "echo@127.0.0.5:5070", 0 },
		{ "address", "alice", EINVAL },
		{ "address", "a@b;x=y", EINVAL },
		{ "address", "a b@c", EINVAL },
		{ "address", "a@", EINVAL },
		{ "server", "sip:1.2.3.4:5061;transport=tls", 0 },
		{ "server", "sips:example.org", 0 },
		{ "server", "example.org", EINVAL },
		{ "server", "sip:a<b", EINVAL },
		{ "listen", "127.0.0.1:5060", 0 },
		{ "listen", "here", EINVAL },
		{ "name", "line\nbreak", EINVAL },
		{ "name", "\xff", EINVAL },
		{ "direct", "yes", EINVAL },
		{ "nonsense", "1", ENOENT },
	};
	struct account_conf *cf = NULL;
	const char *why;
	size_t i;
	(void)state;

	assert_int_equal(account_conf_alloc(&cf), 0);
	assert_non_null(account_conf_check(cf));
	for (i = 0; i < RE_ARRAY_SIZE(rows); i++) {
		why = NULL;
		assert_int_equal(account_conf_set(cf, rows[i].key,
						  rows[i].value, &why),
				 rows[i].err);
		assert_true(!rows[i].err == !why);
	}
	assert_null(account_conf_check(cf));
	mem_deref(cf);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_loose_file),
		cmocka_unit_test(test_fields),
	};
	int fd = mkstemp(file);
	int err;

	(void)close(fd);
	err = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(file);
	mem_debug();

	return err;
}
