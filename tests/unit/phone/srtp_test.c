/**
 * @file srtp_test.c  The srtp module against RFC vectors and libre's SRTP
 *
 * A small implementation of key derivation and of both transforms stands in
 * here. It is pinned to the vectors of RFC 3711 and RFC 7714, and what the
 * module sends is compared with it byte by byte. libre's SRTP is the second
 * opinion, in both directions.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"
#include "suite.h"

enum { HEADER = 12, PAYLOAD = 160, KEY = 46, SSRC = 0x01020304 };

static const struct suite {
	enum srtp_suite id;
	enum srtp_suite rtcp;     /* libre: RTCP of the short ones is short */
	size_t cipher, salt, tag;
	bool gcm;
} suites[] = {
	{ SRTP_AES_256_GCM, SRTP_AES_256_GCM, 32, 12, 16, true },
	{ SRTP_AES_128_GCM, SRTP_AES_128_GCM, 16, 12, 16, true },
	{ SRTP_AES_256_CM_HMAC_SHA1_80, SRTP_AES_256_CM_HMAC_SHA1_80, 32, 14,
	  10, false },
	{ SRTP_AES_CM_128_HMAC_SHA1_80, SRTP_AES_CM_128_HMAC_SHA1_80, 16, 14,
	  10, false },
	{ SRTP_AES_256_CM_HMAC_SHA1_32, SRTP_AES_256_CM_HMAC_SHA1_80, 32, 14,
	  4, false },
	{ SRTP_AES_CM_128_HMAC_SHA1_32, SRTP_AES_CM_128_HMAC_SHA1_80, 16, 14,
	  4, false },
};

static const struct srtp_engine *engine;
static uint8_t key[KEY];


static size_t unhex(uint8_t *buf, const char *hex)
{
	size_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		while (*hex == ' ')
			++hex;
		buf[n++] = (uint8_t)(ch_hex(hex[0]) << 4 | ch_hex(hex[1]));
	}

	return n;
}


static struct mbuf *packet(const uint8_t *p, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len + SRTP_TRAILER);

	assert_non_null(mb);
	assert_int_equal(mbuf_write_mem(mb, p, len), 0);
	mb->pos = 0;

	return mb;
}


static size_t rtp_build(uint8_t *p, uint16_t seq)
{
	size_t i;

	memset(p, 0, HEADER);
	p[0] = 0x80;
	p[2] = (uint8_t)(seq >> 8);
	p[3] = (uint8_t)seq;
	p[8] = 1;
	p[9] = 2;
	p[10] = 3;
	p[11] = 4;
	for (i = 0; i < PAYLOAD; i++)
		p[HEADER + i] = (uint8_t)(i * 7 + seq);

	return HEADER + PAYLOAD;
}


static void ctx_make(struct srtp_ctx **ctx, const struct suite *s, bool send)
{
	assert_int_equal(engine->alloc(ctx, s->id, key, s->cipher + s->salt,
				       NULL, send), 0);
}


static void libre_make(struct srtp **srtp, const struct suite *s, bool rtcp)
{
	assert_int_equal(srtp_alloc(srtp, rtcp ? s->rtcp : s->id, key,
				    s->cipher + s->salt, 0), 0);
}


/* ---- the implementation to compare with ---- */

static void ctr(uint8_t *p, size_t len, const uint8_t *k, size_t klen,
		const uint8_t iv[16])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	assert_non_null(c);
	assert_int_equal(EVP_EncryptInit_ex(c, klen == 32 ? EVP_aes_256_ctr()
					    : EVP_aes_128_ctr(), NULL, k, iv),
			 1);
	assert_int_equal(EVP_EncryptUpdate(c, p, &n, p, (int)len), 1);
	EVP_CIPHER_CTX_free(c);
}


/* RFC 3711 4.3.1, RFC 7714 11: a short salt is padded on the right */
static void derive(uint8_t *out, size_t len, uint8_t label, const uint8_t *mk,
		   size_t mklen, const uint8_t *ms, size_t mslen)
{
	uint8_t iv[16] = { 0 };

	memcpy(iv, ms, mslen);
	iv[7] ^= label;
	memset(out, 0, len);
	ctr(out, len, mk, mklen, iv);
}


/* RFC 3711 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 */
static void cm_protect(uint8_t *p, size_t *len, const struct suite *s,
		       uint32_t roc)
{
	uint8_t ek[32], ak[20], salt[14], iv[16] = { 0 }, md[20];
	const uint8_t r[4] = { (uint8_t)(roc >> 24), (uint8_t)(roc >> 16),
			       (uint8_t)(roc >> 8), (uint8_t)roc };
	uint8_t buf[HEADER + PAYLOAD + 4];
	unsigned n = sizeof(md);
	size_t i;

	derive(ek, s->cipher, 0, key, s->cipher, key + s->cipher, s->salt);
	derive(ak, sizeof(ak), 1, key, s->cipher, key + s->cipher, s->salt);
	derive(salt, sizeof(salt), 2, key, s->cipher, key + s->cipher,
	       s->salt);

	memcpy(iv, salt, sizeof(salt));
	for (i = 0; i < 4; i++) {
		iv[4 + i] ^= p[8 + i];
		iv[8 + i] ^= r[i];
	}
	iv[12] ^= p[2];
	iv[13] ^= p[3];
	ctr(p + HEADER, *len - HEADER, ek, s->cipher, iv);

	memcpy(buf, p, *len);
	memcpy(buf + *len, r, 4);
	assert_non_null(HMAC(EVP_sha1(), ak, sizeof(ak), buf, *len + 4, md,
			     &n));
	memcpy(p + *len, md, s->tag);
	*len += s->tag;
}


static void gcm_seal(uint8_t *p, size_t *len, const uint8_t *ek, size_t klen,
		     const uint8_t salt[12], uint32_t roc)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t iv[12] = { 0 };
	size_t i;
	int n;

	assert_non_null(c);
	memcpy(iv + 2, p + 8, 4);
	for (i = 0; i < 4; i++)
		iv[6 + i] = (uint8_t)(roc >> (24 - 8 * i));
	memcpy(iv + 10, p + 2, 2);
	for (i = 0; i < sizeof(iv); i++)
		iv[i] ^= salt[i];

	assert_int_equal(EVP_EncryptInit_ex(c, klen == 32 ? EVP_aes_256_gcm()
					    : EVP_aes_128_gcm(), NULL, ek,
					    iv), 1);
	assert_int_equal(EVP_EncryptUpdate(c, NULL, &n, p, HEADER), 1);
	assert_int_equal(EVP_EncryptUpdate(c, p + HEADER, &n, p + HEADER,
					   (int)(*len - HEADER)), 1);
	assert_int_equal(EVP_EncryptFinal_ex(c, p + *len, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16,
					     p + *len), 1);
	EVP_CIPHER_CTX_free(c);
	*len += 16;
}


static void gcm_protect(uint8_t *p, size_t *len, const struct suite *s,
			uint32_t roc)
{
	uint8_t ek[32], salt[12];

	derive(ek, s->cipher, 0, key, s->cipher, key + s->cipher, s->salt);
	derive(salt, sizeof(salt), 2, key, s->cipher, key + s->cipher,
	       s->salt);
	gcm_seal(p, len, ek, s->cipher, salt, roc);
}


/* ---- vectors ---- */

static void test_rfc3711_keys(void **state)
{
	uint8_t mk[16], ms[14], out[94], want[94];
	size_t n;
	(void)state;

	/* B.3 */
	(void)unhex(mk, "E1F97A0D3E018BE0D64FA32C06DE4139");
	(void)unhex(ms, "0EC675AD498AFEEBB6960B3AABE6");

	n = unhex(want, "C61E7A93744F39EE10734AFE3FF7A087");
	derive(out, n, 0, mk, sizeof(mk), ms, sizeof(ms));
	assert_memory_equal(out, want, n);

	n = unhex(want, "30CBBC08863D8C85D49DB34A9AE1");
	derive(out, n, 2, mk, sizeof(mk), ms, sizeof(ms));
	assert_memory_equal(out, want, n);

	n = unhex(want, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"
		  "8F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF7227098"
		  "6371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E"
		  "47403576");
	derive(out, n, 1, mk, sizeof(mk), ms, sizeof(ms));
	assert_memory_equal(out, want, n);

	/* B.2: the keystream of AES-CM */
	(void)unhex(mk, "2B7E151628AED2A6ABF7158809CF4F3C");
	{
		uint8_t iv[16] = { 0 };

		(void)unhex(iv, "F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
		n = unhex(want, "E03EAD0935C95E80E166B16DD92B4EB4"
			  "D23513162B02D0F72A43A2FE4A5F97AB");
		memset(out, 0, n);
		ctr(out, n, mk, sizeof(mk), iv);
		assert_memory_equal(out, want, n);
	}
}


static void test_rfc7714_packet(void **state)
{
	uint8_t p[128], want[128], k[32], salt[12];
	size_t len, n;
	(void)state;

	/* 16.1.1 */
	(void)unhex(k, "000102030405060708090a0b0c0d0e0f");
	(void)unhex(salt, "517569642070726f2071756f");
	len = unhex(p, "8040f17b8041f8d35501a0b247616c6c6961206573"
		    "74206f6d6e697320646976697361"
		    "20696e207061727465732074726573");
	n = unhex(want, "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c"
		  "9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
		  "899d7f27beb16a9152cf765ee4390cce");
	gcm_seal(p, &len, k, 16, salt, 0);
	assert_int_equal(len, n);
	assert_memory_equal(p, want, n);
}


/* ---- the module ---- */

static void test_bytes(void **state)
{
	uint8_t p[HEADER + PAYLOAD + SRTP_TRAILER];
	struct srtp_ctx *tx;
	struct mbuf *mb;
	size_t i, len;
	uint32_t n;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const struct suite *s = &suites[i];

		ctx_make(&tx, s, true);
		/* over the roll-over of the sequence number */
		for (n = 65530; n < 65530 + 12; n++) {
			len = rtp_build(p, (uint16_t)n);
			mb = packet(p, len);
			assert_int_equal(engine->protect(tx, mb), 0);
			if (s->gcm)
				gcm_protect(p, &len, s, n >> 16);
			else
				cm_protect(p, &len, s, n >> 16);
			assert_int_equal(mbuf_get_left(mb), len);
			assert_memory_equal(mbuf_buf(mb), p, len);
			mem_deref(mb);
		}
		mem_deref(tx);
	}
}


static void one_way_out(const struct suite *s)
{
	uint8_t p[HEADER + PAYLOAD];
	struct srtp_ctx *tx;
	struct srtp *srtp;
	struct mbuf *mb;
	uint32_t n;

	ctx_make(&tx, s, true);
	libre_make(&srtp, s, false);
	for (n = 65500; n < 65500 + 80; n++) {
		const size_t len = rtp_build(p, (uint16_t)n);

		mb = packet(p, len);
		assert_int_equal(engine->protect(tx, mb), 0);
		assert_int_equal(srtp_decrypt(srtp, mb), 0);
		assert_int_equal(mbuf_get_left(mb), len);
		assert_memory_equal(mbuf_buf(mb), p, len);
		mem_deref(mb);
	}
	mem_deref(srtp);
	mem_deref(tx);
}


static void one_way_in(const struct suite *s)
{
	uint8_t p[HEADER + PAYLOAD];
	struct srtp_ctx *rx;
	struct mbuf *mb, *again;
	struct srtp *srtp;
	uint32_t n;

	ctx_make(&rx, s, false);
	libre_make(&srtp, s, false);
	for (n = 65500; n < 65500 + 80; n++) {
		const size_t len = rtp_build(p, (uint16_t)n);

		mb = packet(p, len);
		assert_int_equal(srtp_encrypt(srtp, mb), 0);
		again = packet(mbuf_buf(mb), mbuf_get_left(mb));

		/* one bit of it changed, anywhere */
		mbuf_buf(mb)[n % mbuf_get_left(mb)] ^= 0x10;
		assert_int_not_equal(engine->unprotect(rx, mb), 0);
		mem_deref(mb);

		mb = packet(mbuf_buf(again), mbuf_get_left(again));
		assert_int_equal(engine->unprotect(rx, mb), 0);
		assert_int_equal(mbuf_get_left(mb), len);
		assert_memory_equal(mbuf_buf(mb), p, len);
		assert_int_equal(engine->unprotect(rx, again), EALREADY);
		mem_deref(mb);
		mem_deref(again);
	}
	mem_deref(srtp);
	mem_deref(rx);
}


static void test_libre(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		one_way_out(&suites[i]);
		one_way_in(&suites[i]);
	}
}


static void test_rtcp(void **state)
{
	static const uint8_t rr[32] = { 0x81, 201, 0, 7, 1, 2, 3, 4 };
	struct srtp_ctx *tx, *rx;
	struct srtp *srtp, *shrt;
	struct mbuf *mb, *again;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		const struct suite *s = &suites[i];

		ctx_make(&tx, s, true);
		ctx_make(&rx, s, false);
		libre_make(&srtp, s, true);
		libre_make(&shrt, s, false);

		/* RFC 4568 6.2: 80 bit, whatever RTP has */
		mb = packet(rr, sizeof(rr));
		assert_int_equal(engine->protect_rtcp(tx, mb), 0);
		assert_memory_not_equal(mbuf_buf(mb), rr, sizeof(rr));
		again = packet(mbuf_buf(mb), mbuf_get_left(mb));
		assert_int_equal(srtcp_decrypt(srtp, mb), 0);
		assert_int_equal(mbuf_get_left(mb), sizeof(rr));
		assert_memory_equal(mbuf_buf(mb), rr, sizeof(rr));
		mem_deref(mb);
		mem_deref(again);

		mb = packet(rr, sizeof(rr));
		assert_int_equal(srtcp_encrypt(srtp, mb), 0);
		again = packet(mbuf_buf(mb), mbuf_get_left(mb));
		assert_int_equal(engine->unprotect_rtcp(rx, mb), 0);
		assert_int_equal(mbuf_get_left(mb), sizeof(rr));
		assert_int_equal(engine->unprotect_rtcp(rx, again),
				 EALREADY);
		mem_deref(mb);
		mem_deref(again);

		/* some have 32 bit there as well */
		mb = packet(rr, sizeof(rr));
		assert_int_equal(srtcp_encrypt(shrt, mb), 0);
		mem_deref(mb);
		mb = packet(rr, sizeof(rr));
		assert_int_equal(srtcp_encrypt(shrt, mb), 0);
		assert_int_equal(engine->unprotect_rtcp(rx, mb), 0);
		assert_memory_equal(mbuf_buf(mb), rr, sizeof(rr));
		mem_deref(mb);

		mem_deref(shrt);
		mem_deref(srtp);
		mem_deref(rx);
		mem_deref(tx);
	}
}


/* Whatever comes: an error and no byte beyond */
static void test_junk(void **state)
{
	uint8_t p[64];
	struct srtp_ctx *rx;
	struct mbuf *mb;
	size_t i, len;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		ctx_make(&rx, &suites[i], false);
		for (len = 0; len < sizeof(p); len++) {
			rand_bytes(p, sizeof(p));
			p[0] = 0x9f;      /* extension and 15 sources */
			mb = packet(p, len);
			assert_int_not_equal(engine->unprotect(rx, mb), 0);
			mem_deref(mb);
			mb = packet(p, len);
			assert_int_not_equal(engine->unprotect_rtcp(rx, mb),
					     0);
			mem_deref(mb);
		}
		mem_deref(rx);
	}
}


static void test_wrong_key(void **state)
{
	struct srtp_ctx *ctx = NULL;
	(void)state;

	assert_int_equal(engine->alloc(&ctx, SRTP_AES_256_GCM, key, 30, NULL,
				       true), EINVAL);
	assert_int_equal(engine->alloc(&ctx, SRTP_AES_CM_128_HMAC_SHA1_80,
				       key, 46, NULL, true), EINVAL);
	assert_int_equal(engine->alloc(&ctx, (enum srtp_suite)99, key, 30,
				       NULL, true), ENOTSUP);
	assert_null(ctx);
}


static int setup(void **state)
{
	(void)state;

	if (built_load())
		return -1;

	rand_bytes(key, sizeof(key));
	engine = srtp_engine_get();

	return engine ? 0 : -1;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3711_keys),
		cmocka_unit_test(test_rfc7714_packet),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_libre),
		cmocka_unit_test(test_rtcp),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_wrong_key),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(tests, setup,
						  built_teardown));
}
