/**
 * @file sdes_test.c  Lines of keys in SDP (RFC 4568)
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../modules/sdes/sdes_line.c"

#define B30 "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
#define B46 "WSJmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" \
	"d0RmdmcmVCspeEc3QGZiNQ=="


static void assert_line(const char *value, int err)
{
	struct sdes_line line;
	const int got = sdes_line_decode(&line, value);

	if (got != err)
		print_error("%s\n", value);
	assert_int_equal(got, err);
}


static void test_good(void **state)
{
	struct sdes_line line;
	(void)state;

	assert_int_equal(sdes_line_decode(&line,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^20"), 0);
	assert_int_equal(line.tag, 1);
	assert_int_equal(line.suite, SRTP_AES_CM_128_HMAC_SHA1_80);
	assert_int_equal(line.key_len, 30);
	assert_int_equal(line.key[0], 0x77);
	assert_int_equal(line.lifetime, 1 << 20);

	assert_int_equal(sdes_line_decode(&line,
		"77 AES_CM_256_HMAC_SHA1_80  inline:" B46 "|1048576 WSH=128"),
		0);
	assert_int_equal(line.suite, SRTP_AES_256_CM_HMAC_SHA1_80);
	assert_int_equal(line.lifetime, 1048576);

	/* old peers; padding that was left out; a hint that may be skipped */
	assert_line("2 AES_CM_128_HMAC_SHA1_32 inline:" B30, 0);
	assert_line("2 AES_256_CM_HMAC_SHA1_80 inline:" "WSJmdmcmVCspeEc3QGZi"
		    "NWpVLFJhQX1cfHAwJSojd0RmdmcmVCspeEc3QGZiNQ", 0);
	assert_line("3 AES_CM_128_HMAC_SHA1_80 inline:" B30 " -X=1", 0);
}


static void test_useless(void **state)
{
	static const char *const v[] = {
		"1 F8_128_HMAC_SHA1_80 inline:" B30,
		"1 AES_CM_128_HMAC_SHA1_80 uri:" B30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^20|1:17",
		"1 AES_CM_128_HMAC_SHA1_32 inline:" B30 "|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^7",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|255|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:1;inline:" B30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 " UNENCRYPTED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 " UNENCRYPTED_SRTCP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30
		" UNAUTHENTICATED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 " KDR=1",
	};
	static const char *const bad[] = {
		"", "1", "1 AES_CM_128_HMAC_SHA1_80", "x y z",
		"-1 AES_CM_128_HMAC_SHA1_80 inline:" B30,
		"12345678901 AES_CM_128_HMAC_SHA1_80 inline:" B30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:",
		"1 AES_CM_128_HMAC_SHA1_80 inline:short",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B46,
		"1 AES_256_CM_HMAC_SHA1_80 inline:" B30,
		"1 AEAD_AES_128_GCM inline:" B30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLF"
		"JhQX1cfHAwJSo!",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^99",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|0",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^20|2^20",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:4|2:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:0",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:129",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|256:1",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|1:4|2^20",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 " WSH=x",
	};
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++)
		assert_line(v[i], ENOTSUP);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_line(bad[i], EBADMSG);
}


/* The name of a key, as its bytes stand in a packet */
static void test_mki(void **state)
{
	static const uint8_t four[] = { 0, 0, 1, 2 };
	static const uint8_t ten[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 2 };
	struct sdes_line line;
	(void)state;

	assert_int_equal(sdes_line_decode(&line,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|2^20|258:4"), 0);
	assert_int_equal(line.lifetime, 1 << 20);
	assert_int_equal(line.mki_len, sizeof(four));
	assert_memory_equal(line.mki, four, sizeof(four));

	assert_int_equal(sdes_line_decode(&line,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|258:10"), 0);
	assert_int_equal(line.lifetime, 0);
	assert_int_equal(line.mki_len, sizeof(ten));
	assert_memory_equal(line.mki, ten, sizeof(ten));

	assert_int_equal(sdes_line_decode(&line,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 "|255:1"), 0);
	assert_int_equal(line.mki[0], 255);
}


/* What was refused leaves no key behind */
static void test_wiped(void **state)
{
	static const uint8_t zero[SDES_KEY_MAX];
	struct sdes_line line;
	(void)state;

	assert_int_equal(sdes_line_decode(&line,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" B30 " KDR=1"), ENOTSUP);
	assert_memory_equal(line.key, zero, sizeof(zero));
}


static void test_round(void **state)
{
	struct sdes_line a, b;
	char text[160];
	size_t i;
	(void)state;

	for (i = 0; i < SDES_OFFERED; i++) {
		memset(&a, 0, sizeof(a));
		a.tag = (uint32_t)i + 1;
		a.suite = sdes_offered[i];
		a.key_len = sdes_key_len(a.suite);
		rand_bytes(a.key, a.key_len);

		assert_int_equal(sdes_line_encode(text, sizeof(text), &a), 0);
		assert_int_equal(sdes_line_decode(&b, text), 0);
		assert_int_equal(b.tag, a.tag);
		assert_int_equal(b.suite, a.suite);
		assert_memory_equal(b.key, a.key, a.key_len);
		/* never a short tag, and the best first */
		assert_null(strstr(text, "_32 "));
		assert_int_equal(sdes_rank(a.suite), i);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_useless),
		cmocka_unit_test(test_mki),
		cmocka_unit_test(test_wiped),
		cmocka_unit_test(test_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
