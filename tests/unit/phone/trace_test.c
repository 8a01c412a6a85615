/**
 * @file trace_test.c  The ring of messages, its masks, ladders and pcap
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "phone/trace/ladder.h"
#include "phone/trace/mask.h"
#include "phone/trace/pcap.h"
#include "phone/trace/trace.h"

#define CRLF "\r\n"

static struct sa us, them;


static void put(const char *text, bool tx, enum sip_transp tp)
{
	trace_add("sip:alice@example.org", tx, tp, tx ? &us : &them,
		  tx ? &them : &us, (const uint8_t *)text, strlen(text));
}


static void say(const char *first, const char *cseq, const char *callid,
		const char *branch, bool tx)
{
	char buf[512];

	(void)snprintf(buf, sizeof(buf), "%s" CRLF "Via: SIP/2.0/UDP h;"
		       "branch=%s" CRLF "i: %s" CRLF "CSeq: %s" CRLF
		       "Content-Length: 0" CRLF CRLF, first, branch, callid,
		       cseq);
	put(buf, tx, SIP_TRANSP_UDP);
}


static int setup(void **state)
{
	(void)state;
	assert_int_equal(sa_set_str(&us, "192.0.2.1", 5060), 0);
	assert_int_equal(sa_set_str(&them, "192.0.2.2", 5062), 0);
	trace_open(65536);

	return 0;
}


static int teardown(void **state)
{
	(void)state;
	trace_close();
	assert_int_equal(trace_bytes(), 0);

	return 0;
}


/* ---- masks ---------------------------------------------------------------*/

static void mask_is(const char *in, const char *want)
{
	struct mbuf *mb = mbuf_alloc(512);

	assert_int_equal(mask_message(mb, in, strlen(in)), 0);
	assert_int_equal(mbuf_write_u8(mb, 0), 0);
	assert_string_equal((char *)mb->buf, want);
	mem_deref(mb);
}


static void test_mask_headers(void **state)
{
	(void)state;

	mask_is("REGISTER sip:x SIP/2.0" CRLF
		"Authorization: Digest username=\"a\", response=\"0011\", "
		"nonce=\"n\"" CRLF "Via: v" CRLF CRLF,
		"REGISTER sip:x SIP/2.0" CRLF
		"Authorization: Digest username=\"a\", response=\"***\", "
		"nonce=\"n\"" CRLF "Via: v" CRLF CRLF);
	/* folded, odd case, a space before the colon */
	mask_is("X sip:x SIP/2.0" CRLF "proxy-AUTHORIZATION : Bearer" CRLF
		"  abc.def" CRLF "A: b" CRLF CRLF,
		"X sip:x SIP/2.0" CRLF "proxy-AUTHORIZATION : Bearer    ***"
		CRLF "A: b" CRLF CRLF);
	mask_is("X sip:x SIP/2.0" CRLF "Authorization: Digest" CRLF
		"\tresponse=\"aaaa\"" CRLF CRLF,
		"X sip:x SIP/2.0" CRLF "Authorization: Digest  "
		"\tresponse=\"***\"" CRLF CRLF);
	/* lets the password be guessed as well as a response does */
	mask_is("SIP/2.0 200 OK" CRLF "Authentication-Info: qop=auth, "
		"rspauth=\"abcd\", nc=1" CRLF CRLF,
		"SIP/2.0 200 OK" CRLF "Authentication-Info: qop=auth, "
		"rspauth=\"***\", nc=1" CRLF CRLF);
	mask_is("INVITE sip:bob:hunter2@h SIP/2.0" CRLF CRLF,
		"INVITE sip:bob:***@h SIP/2.0" CRLF CRLF);
	/* no end of the headers, no newline, nothing */
	mask_is("X\r\nAuthorization: Basic Zm9v",
		"X\r\nAuthorization: Basic ***\r\n");
	mask_is("X", "X");
	mask_is("", "");
	mask_is(CRLF, CRLF);
}


static void test_mask_bodies(void **state)
{
	(void)state;

	mask_is("I x SIP/2.0" CRLF "c:application/SDP ; a=b" CRLF CRLF
		"a=crypto:1 S inline:AbC/+=|2^20|1:4;inline:Zz 9" CRLF
		"a=crypto:2 S INLINE:QQ" CRLF "k=clear:xyz\n"
		"a=key-mgmt:mikey AQAF" CRLF "a=ice-pwd:secret" CRLF
		"a=zrtp-hash:1.10 00ff" CRLF "a=fingerprint:sha-256 AA",
		"I x SIP/2.0" CRLF "c:application/SDP ; a=b" CRLF CRLF
		"a=crypto:1 S inline:******|2^20|1:4;inline:** 9" CRLF
		"a=crypto:2 S INLINE:**" CRLF "k=*********\n"
		"a=key-mgmt:**********" CRLF "a=ice-pwd:******" CRLF
		"a=zrtp-hash:1.10 00ff" CRLF "a=fingerprint:sha-256 AA");
	/* what people write and press */
	mask_is("M x SIP/2.0" CRLF "Content-Type: text/plain" CRLF CRLF
		"hi\r\nyou", "M x SIP/2.0" CRLF "Content-Type: text/plain"
		CRLF CRLF "**\r\n***");
	mask_is("I x SIP/2.0" CRLF "Content-Type: application/dtmf-relay"
		CRLF CRLF "Signal=5", "I x SIP/2.0" CRLF "Content-Type: "
		"application/dtmf-relay" CRLF CRLF "********");
	/* without a type, or packed: nobody knows what it is */
	mask_is("M x SIP/2.0" CRLF CRLF "hello", "M x SIP/2.0" CRLF CRLF
		"*****");
	mask_is("M x SIP/2.0" CRLF "c: application/sdp" CRLF "e: deflate"
		CRLF CRLF "v=0", "M x SIP/2.0" CRLF "c: application/sdp" CRLF
		"e: deflate" CRLF CRLF "***");
	mask_is("N x SIP/2.0" CRLF "Content-Type: message/sipfrag" CRLF CRLF
		"SIP/2.0 200 OK\r\nAuthorization: Digest x",
		"N x SIP/2.0" CRLF "Content-Type: message/sipfrag" CRLF CRLF
		"SIP/2.0 200 OK\r\nAuthorization:*********");
}


/* ---- the ring ------------------------------------------------------------*/

static bool count(const struct trace_msg *msg, void *arg)
{
	unsigned *n = arg;
	(void)msg;
	++*n;

	return false;
}


static unsigned kept(const char *callid)
{
	unsigned n = 0;

	trace_apply(callid, 0, count, &n);

	return n;
}


static bool in_order(const struct trace_msg *msg, void *arg)
{
	uint64_t *last = arg;

	assert_true(msg->id > *last);
	*last = msg->id;

	return false;
}


static void test_ring(void **state)
{
	uint64_t last = 0;
	unsigned i;
	(void)state;

	say("INVITE sip:b SIP/2.0", "1 INVITE", "call", "z1", true);
	say("SIP/2.0 200 OK", "1 INVITE", "call", "z1", false);
	for (i = 0; i < 1000; i++) {
		say("OPTIONS sip:b SIP/2.0", "1 OPTIONS", "noise", "z2",
		    false);
		assert_true(trace_bytes() <= 65536);
	}

	/* the flood took its half and left the call */
	assert_int_equal(kept("call"), 2);
	assert_true(kept("noise") > 20);
	assert_true(kept("noise") < 200);
	trace_apply(NULL, 0, in_order, &last);
	assert_int_equal(last, 1002);

	/* calls push out calls, oldest first */
	for (i = 0; i < 1000; i++) {
		say("INVITE sip:b SIP/2.0", "1 INVITE", "other", "z3", true);
		assert_true(trace_bytes() <= 65536);
	}
	assert_int_equal(kept("call"), 0);
	assert_true(kept("other") > 50);

	/* keep-alives are no messages, and a huge one is cut */
	i = kept(NULL);
	put("\r\n\r\n", true, SIP_TRANSP_TCP);
	assert_int_equal(kept(NULL), i);

	trace_clear();
	assert_int_equal(trace_bytes(), 0);
	trace_open(0);
	say("INVITE sip:b SIP/2.0", "1 INVITE", "call", "z1", true);
	assert_int_equal(kept(NULL), 0);
	assert_false(trace_is_on());
}


static bool is_cut(const struct trace_msg *msg, void *arg)
{
	bool *ok = arg;

	*ok = msg->size == 40000 && msg->len <= TRACE_MESSAGE &&
		strlen(msg->buf) == msg->len;

	return false;
}


static void test_large(void **state)
{
	char *big = mem_alloc(40001, NULL);
	bool ok = false;
	(void)state;

	memset(big, 'a', 40000);
	big[40000] = '\0';
	memcpy(big, "MESSAGE sip:b SIP/2.0\r\n\r\n", 25);
	put(big, false, SIP_TRANSP_TCP);
	trace_apply(NULL, 0, is_cut, &ok);
	assert_true(ok);
	mem_deref(big);
}


static void test_names(void **state)
{
	char callid[32];
	struct pl pl = PL("abc");
	int64_t entry;
	unsigned i;
	(void)state;

	assert_null(trace_callid(1, 0));
	trace_name_call("abc", 7);
	trace_name_entry("abc", 70);
	assert_string_equal(trace_callid(7, 0), "abc");
	assert_string_equal(trace_callid(0, 70), "abc");
	assert_null(trace_callid(0, 0));
	assert_int_equal(trace_call(&pl, &entry), 7);
	assert_int_equal(entry, 70);

	for (i = 0; i < 5000; i++) {
		(void)snprintf(callid, sizeof(callid), "c%u", i);
		trace_name_call(callid, 1000 + i);
	}
	assert_null(trace_callid(7, 0));
	assert_string_equal(trace_callid(5999, 0), "c4999");

	/* nothing is named that nobody could look at */
	trace_open(0);
	trace_name_call("abc", 7);
	assert_null(trace_callid(7, 0));
}


/* ---- ladders -------------------------------------------------------------*/

static void test_ladder(void **state)
{
	static const struct {
		const char *text;
		unsigned from, to;
		enum ladder_kind kind;
		bool again;
	} want[] = {
		{ "INVITE", 0, 1, LADDER_REQUEST, false },
		{ "INVITE", 0, 1, LADDER_REQUEST, true },
		{ "100 Trying", 1, 0, LADDER_PROGRESS, false },
		{ "486 Busy\xe2\x90\x9bHere", 1, 0, LADDER_BAD, false },
		{ "ACK", 0, 1, LADDER_REQUEST, false },
		{ "200 OK / BYE", 2, 0, LADDER_GOOD, false },
		{ "No answer", 0, 0, LADDER_NOTE, false },
	};
	struct ladder *l = NULL;
	size_t i;
	(void)state;

	assert_int_equal(ladder_make(&l, "call"), ENOENT);
	say("INVITE sip:b SIP/2.0", "1 INVITE", "call", "z1", true);
	say("INVITE sip:b SIP/2.0", "1 INVITE", "call", "z1", true);
	say("SIP/2.0 100 Trying", "1 INVITE", "call", "z1", false);
	say("SIP/2.0 486 Busy\033Here", "1 INVITE", "call", "z1", false);
	say("ACK sip:b SIP/2.0", "1 ACK", "call", "z1", true);
	say("OPTIONS sip:b SIP/2.0", "1 OPTIONS", "else", "z2", true);
	assert_int_equal(sa_set_str(&them, "2001:db8::2", 4444), 0);
	put("SIP/2.0 200 OK\r\nCall-ID: call\r\nCSeq: 2 BYE\r\n\r\n", false,
	    SIP_TRANSP_TCP);
	trace_note("sip:alice@example.org", "call", "No answer");

	assert_int_equal(ladder_make(&l, "call"), 0);
	assert_int_equal(l->memberc, 3);
	assert_string_equal(l->member[0], "alice@example.org");
	assert_string_equal(l->member[1], "192.0.2.2:5062");
	assert_string_equal(l->member[2], "2001:db8::2 TCP");
	assert_int_equal(l->rowc, RE_ARRAY_SIZE(want));
	for (i = 0; i < l->rowc; i++) {
		assert_string_equal(l->rowv[i].text, want[i].text);
		assert_int_equal(l->rowv[i].from, want[i].from);
		assert_int_equal(l->rowv[i].to, want[i].to);
		assert_int_equal(l->rowv[i].kind, want[i].kind);
		assert_int_equal(l->rowv[i].again, want[i].again);
	}
	mem_deref(l);

	/* more than there is room for: the newest stay */
	trace_open(8 << 20);
	for (i = 0; i < 2 * LADDER_ROWS; i++)
		say("INFO sip:b SIP/2.0", "3 INFO", "call", "z9", true);
	assert_int_equal(ladder_make(&l, "call"), 0);
	assert_int_equal(l->rowc, LADDER_ROWS);
	assert_int_equal(l->left_out, LADDER_ROWS + RE_ARRAY_SIZE(want));
	mem_deref(l);
}


static bool hostile_handler(const struct trace_msg *msg, void *arg)
{
	char text[512];
	(void)arg;

	assert_true(re_snprintf(text, sizeof(text), "%H", ladder_text,
				msg) > 0);

	return false;
}


static void test_hostile(void **state)
{
	static const char *const v[] = {
		"xxxxx", "SIP/2.0 ", "SIP/2.0 200", "SIP/2.0 99999999999 x",
		"INVITE", "INVITE sip:b SIP/2.0\r\nCSeq:\r\n\r\n",
		"a b c\r\nCall-ID: x\r\nCSeq: 1\r\n\r\n",
		":::::\r\n:::\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n",
		"INVITE sip:b SIP/2.0\r\nCall-ID: call\r\nCSeq: 99999999999 "
		"INVITE\r\nVia: branch=\r\nContent-Type: /\r\n\r\nx",
		"SIP/2.0 200 OK\r\nCSeq: 1 \x01\x02\r\ni:\r\n\r\n",
	};
	struct ladder *l = NULL;
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++)
		put(v[i], i & 1, SIP_TRANSP_UDP);
	trace_apply(NULL, 0, hostile_handler, NULL);
	assert_int_equal(ladder_make(&l, "call"), 0);
	assert_int_equal(l->rowc, 1);
	mem_deref(l);
}


/* ---- pcap ----------------------------------------------------------------*/

struct record {
	struct mbuf *mb;
	enum pcap_link link;
};


static bool record_handler(const struct trace_msg *msg, void *arg)
{
	struct record *r = arg;

	r->link = pcap_link_of(msg);
	assert_int_equal(pcap_record(r->mb, r->link, msg), 0);

	return true;
}


static void test_pcap(void **state)
{
	static const uint8_t head[24] = {
		0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 4, 0, 101, 0, 0, 0
	};
	static const uint8_t tags[] = {
		0, 12, 0, 4, 's', 'i', 'p', 0, 0, 20, 0, 4, 192, 0, 2, 1,
		0, 21, 0, 4, 192, 0, 2, 2, 0, 24, 0, 4, 0, 0, 0, 2,
		0, 25, 0, 4, 0, 0, 0x13, 0xc4, 0, 26, 0, 4, 0, 0, 0x13, 0xc6,
		0, 0, 0, 0
	};
	struct record r = { mbuf_alloc(64), PCAP_RAW };
	const uint8_t *p;
	(void)state;

	assert_int_equal(pcap_header(r.mb, PCAP_RAW), 0);
	assert_int_equal(r.mb->end, sizeof(head));
	assert_memory_equal(r.mb->buf, head, sizeof(head));
	mbuf_rewind(r.mb);

	/* IPv4 */
	put("X sip:b SIP/2.0\r\n\r\n", true, SIP_TRANSP_UDP);
	trace_apply(NULL, 0, record_handler, &r);
	p = r.mb->buf + 16;
	assert_int_equal(r.link, PCAP_RAW);
	assert_int_equal(r.mb->end, 16 + 20 + 8 + 19);
	assert_int_equal(r.mb->buf[8], 20 + 8 + 19);
	assert_int_equal(p[0], 0x45);
	assert_int_equal(p[9], 17);
	assert_memory_equal(p + 12, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
	assert_memory_equal(p + 20, "\x13\xc4\x13\xc6\x00\x1b", 6);
	assert_memory_equal(p + 28, "X sip:b", 7);

	/* IPv6 */
	trace_clear();
	mbuf_rewind(r.mb);
	assert_int_equal(sa_set_str(&us, "2001:db8::1", 5060), 0);
	assert_int_equal(sa_set_str(&them, "2001:db8::2", 5060), 0);
	put("X sip:b SIP/2.0\r\n\r\n", true, SIP_TRANSP_TCP);
	trace_apply(NULL, 0, record_handler, &r);
	p = r.mb->buf + 16;
	assert_int_equal(r.mb->end, 16 + 40 + 8 + 19);
	assert_int_equal(p[0], 0x60);
	assert_int_equal(p[6], 17);
	assert_int_equal(p[23], 1);
	assert_int_equal(p[39], 2);

	/* TLS */
	trace_clear();
	mbuf_rewind(r.mb);
	(void)setup(NULL);
	put("X sip:b SIP/2.0\r\n\r\n", true, SIP_TRANSP_TLS);
	trace_apply(NULL, 0, record_handler, &r);
	p = r.mb->buf + 16;
	assert_int_equal(r.link, PCAP_UPPER_PDU);
	assert_memory_equal(p, tags, sizeof(tags));
	assert_memory_equal(p + sizeof(tags), "X sip:b", 7);

	mem_deref(r.mb);
}


#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		TEST(test_mask_headers), TEST(test_mask_bodies),
		TEST(test_ring), TEST(test_large), TEST(test_names),
		TEST(test_ladder), TEST(test_hostile), TEST(test_pcap),
	};
	int rc = cmocka_run_group_tests(testv, NULL, NULL);

	mem_debug();

	return rc;
}
