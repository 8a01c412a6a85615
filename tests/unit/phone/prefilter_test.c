/**
 * @file prefilter_test.c  Datagrams before the parser
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/prefilter.h"

static struct mbuf *mb;

static bool run(const char *text)
{
	mem_deref(mb);
	mb = mbuf_alloc(16);
	assert_non_null(mb);
	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;

	return prefilter_run(mb);
}

static void is(const char *text)
{
	assert_int_equal(mbuf_get_left(mb), strlen(text));
	assert_memory_equal(mbuf_buf(mb), text, strlen(text));
}

static int teardown(void **state)
{
	(void)state;
	mb = mem_deref(mb);
	return 0;
}

#define GOOD "OPTIONS sip:a@b SIP/2.0\r\n" \
	"Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n" \
	"Call-ID: 1\r\n\r\n"

static void test_unchanged(void **state)
{
	static const char *const v[] = {
		GOOD,
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nv : SIP / 2.0\r\n /UDP\r\n h"
		" ; Branch = x\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\nVia:\r\n\r\n",
		"OPTIONS sip:a@b SIP/2.0\r\n",
		"OPTIONS sip:a@b SIP/2.0",
	};
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++) {
		assert_true(run(v[i]));
		is(v[i]);
	}
}

static void test_leading(void **state)
{
	(void)state;

	assert_true(run("\r\n\r\n" GOOD));
	is(GOOD);
	assert_true(run("\n\n\n" GOOD));
	is(GOOD);
}

static void test_noise(void **state)
{
	static const char *const v[] = {
		"", "\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n", "jak",
		"\x01\x01\x01\x01\x01", " OPTIONS sip:a@b SIP/2.0\r\n\r\n",
		"\xff\xff\xff\xff\xff",
	};
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++)
		assert_false(run(v[i]));
	assert_false(prefilter_run(NULL));
}

/* RFC 2543: no branch, no Contact; the same request has the same branch */
static void test_branch(void **state)
{
	static const char req[] = "INVITE sip:a@b SIP/2.0\r\n"
		"Via: SIP/2.0/UDP h:5070\r\n"
		"From: <sip:+1@c;user=phone>\r\n"
		"Call-ID: 7\r\nCSeq: 56 INVITE\r\n\r\n";
	char first[512], branch[64];
	struct sip_msg *msg;
	char *p;
	(void)state;

	assert_true(run(req));
	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	assert_true(msg->via.branch.l > strlen(PREFILTER_BRANCH));
	assert_memory_equal(msg->via.branch.p, PREFILTER_BRANCH,
			    strlen(PREFILTER_BRANCH));
	assert_int_equal(pl_strcmp(&msg->via.sentby, "h:5070"), 0);
	assert_non_null(sip_msg_hdr(msg, SIP_HDR_CONTACT));
	assert_int_equal(pl_strcpy(&msg->via.branch, branch,
				   sizeof(branch)), 0);
	mem_deref(msg);

	/* its ACK belongs to it */
	str_ncpy(first, req, sizeof(first));
	while ((p = strstr(first, "INVITE")))
		memcpy(p, "CANCEL", 6);
	assert_true(run(first));
	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	assert_int_equal(pl_strcmp(&msg->via.branch, branch), 0);
	assert_null(sip_msg_hdr(msg, SIP_HDR_CONTACT));
	mem_deref(msg);
}

/* The branch goes to the first of several */
static void test_list(void **state)
{
	struct sip_msg *msg;
	(void)state;

	assert_true(run("OPTIONS sip:a@b SIP/2.0\r\n"
			"Via: SIP/2.0/UDP h;;,;,,\r\n"
			"Call-ID: 7\r\nCSeq: 1 OPTIONS\r\n\r\n"));
	assert_non_null(memmem(mb->buf, mb->end, "UDP h;branch=", 13));
	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	mem_deref(msg);
}

#define T(t) cmocka_unit_test_teardown(t, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_unchanged), T(test_leading), T(test_noise),
		T(test_branch), T(test_list),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
