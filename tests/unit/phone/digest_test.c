/**
 * @file digest_test.c  Digest answers: RFC 7616 vectors, hostile challenges
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/digest.h"

#define NONCE "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

static struct digest_challenge *parse(const char *str)
{
	struct digest_challenge *ch = NULL;
	struct pl pl;

	pl_set_str(&pl, str);
	assert_int_equal(digest_challenge_parse(&ch, &pl), 0);
	assert_non_null(ch);

	return ch;
}

static int parse_err(const char *str)
{
	struct digest_challenge *ch = NULL;
	struct pl pl;
	int err;

	pl_set_str(&pl, str);
	err = digest_challenge_parse(&ch, &pl);
	assert_null(ch);

	return err;
}

static void expect(const char *challenge, const char *user,
		   const char *pass, const char *met, const char *uri,
		   const char *cnonce, const char *want)
{
	struct digest_challenge *ch = parse(challenge);
	char ha1[DIGEST_HEX], resp[DIGEST_HEX];
	struct pl m, u;

	pl_set_str(&m, met);
	pl_set_str(&u, uri);
	assert_int_equal(digest_ha1(ha1, ch, user, pass), 0);
	assert_int_equal(digest_response(resp, ch, ha1, &m, &u, cnonce, 1),
			 0);
	assert_string_equal(resp, want);
	mem_deref(ch);
}

/* RFC 7616 3.9.1 */
static void test_vectors(void **state)
{
	(void)state;

	expect("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\""
	       ", algorithm=MD5, nonce=\"" NONCE "\", opaque=\"FQhe/qaU\"",
	       "Mufasa", "Circle of Life", "GET", "/dir/index.html", CNONCE,
	       "8ca523f5e9506fed4657c9700eebdbec");
	expect("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\""
	       ", algorithm=SHA-256, nonce=\"" NONCE "\"",
	       "Mufasa", "Circle of Life", "GET", "/dir/index.html", CNONCE,
	       "753927fa0e85d155564e2e272a28d180"
	       "2ca10daf4496794697cf8db5856cb6c1");
}

/* RFC 2617 3.5, and the same without qop (computed with openssl dgst) */
static void test_md5(void **state)
{
	(void)state;

	expect("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\","
	       "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
	       "Mufasa", "Circle Of Life", "GET", "/dir/index.html",
	       "0a4f113b", "6629fae49393a05397450978507c4ef1");
	expect("Digest realm=\"testrealm@host.com\","
	       "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
	       "Mufasa", "Circle Of Life", "GET", "/dir/index.html",
	       "", "670fd8c2df070c60b045671b8b24ff02");
}

static void test_parse(void **state)
{
	struct digest_challenge *ch;
	(void)state;

	ch = parse("  digest  REALM = \"a \\\"b\\\"\" ,nonce=abc,opaque=\"\""
		   ", stale=TRUE, algorithm=sha-512-256-SESS,"
		   " qop=auth, extra=\"x,y\", charset=UTF-8");
	assert_string_equal(ch->realm, "a \\\"b\\\"");
	assert_string_equal(ch->nonce, "abc");
	assert_string_equal(ch->opaque, "");
	assert_true(ch->stale);
	assert_true(ch->sess);
	assert_true(ch->qop);
	assert_int_equal(ch->alg, DIGEST_SHA512_256);
	mem_deref(ch);

	/* scheme and algorithms that are not ours */
	assert_int_equal(parse_err("Basic realm=\"x\""), EPROTONOSUPPORT);
	assert_int_equal(parse_err("Digest realm=x,nonce=y,"
				   "algorithm=AKAv1-MD5"), ENOTSUP);
	assert_int_equal(parse_err("Digest realm=x,nonce=y,qop=auth-int"),
			 ENOTSUP);

	/* hostile */
	assert_int_equal(parse_err("Digest"), EBADMSG);
	assert_int_equal(parse_err("Digest realm=x"), EBADMSG);
	assert_int_equal(parse_err("Digest realm=x,nonce=\"y"), EBADMSG);
	assert_int_equal(parse_err("Digest realm=x,nonce=\"y\r\n Via: z\""),
			 EBADMSG);
	assert_int_equal(parse_err("Digest realm=x,nonce=y,nonce=z"),
			 EBADMSG);
	assert_int_equal(parse_err("Digest realm=x,nonce=y,=,"), EBADMSG);
}

static void test_rank(void **state)
{
	static const char *const upv[] = {
		"Digest realm=x,nonce=y",
		"Digest realm=x,nonce=y,qop=auth",
		"Digest realm=x,nonce=y,qop=auth,algorithm=SHA-256",
		"Digest realm=x,nonce=y,qop=auth,algorithm=SHA-512-256",
	};
	unsigned last = 0;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(upv); i++) {
		struct digest_challenge *ch = parse(upv[i]);

		assert_true(digest_rank(ch) > last);
		last = digest_rank(ch);
		mem_deref(ch);
	}
}

/* An escaped quote goes back as it came and ends nothing */
static void test_print(void **state)
{
	struct digest_challenge *ch;
	struct mbuf *mb = mbuf_alloc(64);
	struct pl uri = PL("sip:example.org");
	(void)state;

	ch = parse("Digest realm=\"r\",nonce=\"a\\\", x=\\\"b\",qop=auth");
	assert_int_equal(digest_print(mb, ch, "al\"ice", &uri, "00", "c", 10),
			 0);
	assert_int_equal(mbuf_write_u8(mb, 0), 0);
	assert_string_equal((char *)mb->buf,
			    "Digest username=\"al\\\"ice\", realm=\"r\","
			    " nonce=\"a\\\", x=\\\"b\","
			    " uri=\"sip:example.org\", response=\"00\","
			    " cnonce=\"c\", qop=auth, nc=0000000a");
	mem_deref(mb);
	mem_deref(ch);
}

int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_rank),
		cmocka_unit_test(test_print),
	};
	int n = cmocka_run_group_tests(testv, NULL, NULL);

	mem_debug();

	return n;
}
