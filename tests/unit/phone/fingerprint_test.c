/**
 * @file fingerprint_test.c  a=fingerprint and a=setup (RFC 8122, 4145)
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <re.h>

#include <cmocka.h>

#include "../../../modules/dtls_srtp/fingerprint.c"

#define B8 "01:23:45:67:89:AB:cd:EF"
#define B32 B8 ":" B8 ":" B8 ":" B8


static void test_decode(void **state)
{
	struct fingerprint fp, other;
	char text[FINGERPRINT_TEXT];
	(void)state;

	assert_int_equal(fingerprint_decode(&fp, "sha-256 " B32), 0);
	assert_int_equal(fp.len, 32);
	assert_int_equal(fp.md[31], 0xef);
	fingerprint_encode(text, sizeof(text), &fp);
	assert_int_equal(fingerprint_decode(&other, text), 0);
	assert_true(fingerprint_equal(&fp, &other));
	other.md[31] ^= 1;
	assert_false(fingerprint_equal(&fp, &other));

	assert_int_equal(fingerprint_decode(&fp, "SHA-384 " B32 ":" B8 ":"
					    B8), 0);
	assert_int_equal(fingerprint_decode(&fp, "sha-512 " B32 ":" B32), 0);
	fingerprint_encode(text, sizeof(text), &fp);
	assert_int_equal(strlen(text), 8 + 64 * 3 - 1);
}


static void test_refused(void **state)
{
	static const char *const bad[] = {
		"sha-256", "sha-256 ", "sha-256 01", "sha-256 " B8,
		"sha-256 " B32 ":00", "sha-256 " B32 "x",
		"sha-256 01-" B32, "sha-256 0g:" B32, "sha-384 " B32,
	};
	static const char *const weak[] = {
		"sha-1 " B8 ":" B8 ":01:23:45:67", "md5 " B8 ":" B8, "",
		"sha-256x " B32,
	};
	struct fingerprint fp;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(fingerprint_decode(&fp, bad[i]), EBADMSG);
	for (i = 0; i < ARRAY_SIZE(weak); i++)
		assert_int_equal(fingerprint_decode(&fp, weak[i]), ENOTSUP);
}


static void test_setup(void **state)
{
	(void)state;

	assert_int_equal(setup_decode("actpass"), SETUP_ACTPASS);
	assert_int_equal(setup_decode("ACTIVE"), SETUP_ACTIVE);
	assert_int_equal(setup_decode("passive"), SETUP_PASSIVE);
	assert_int_equal(setup_decode("holdconn"), SETUP_NONE);
	assert_int_equal(setup_decode(""), SETUP_NONE);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
