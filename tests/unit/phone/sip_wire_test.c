/**
 * @file sip_wire_test.c  A stack against a peer that writes what it likes
 *
 * The peer is a bare UDP socket and plain text, so that it can do what no
 * SIP library would: say the same twice, answer for two, forget its ACK.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
/* libre declares a crc32() of its own */
#define crc32 zlib_crc32
#include <zlib.h>
#undef crc32

#include "common/re_compat.h"
#include "phone/sip/message.h"
#include "phone/sip/registration.h"
#include "phone/sip/session.h"
#include "phone/sip/stack.h"
#include "loop.h"
#include "suite.h"

enum { SIZE = 8192, KEEP = 16 };

static struct stack *stack;
static struct session *sess;
static struct registration *reg;
static struct udp_sock *sock;
static struct sa peer, us;
static char got[KEEP][SIZE];
static unsigned gotc, wanted, messages, estab, closes, offers, asked;
static uint16_t close_code;
static int close_err;
static bool answer_at_once;

static void recv_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	size_t n = MIN(mbuf_get_left(mb), (size_t)SIZE - 1);
	(void)src;
	(void)arg;

	if (gotc >= KEEP)
		return;
	memcpy(got[gotc], mbuf_buf(mb), n);
	got[gotc++][n] = '\0';
}

static bool enough(void) { return gotc >= wanted; }

/* Wait for n datagrams in all */
static void expect_n(unsigned n)
{
	wanted = n;
	loop_until(enough, 5000);
}

static void begins(unsigned i, const char *str)
{
	if (strncmp(got[i], str, strlen(str)))
		print_message("%s\n", got[i]);
	assert_int_equal(strncmp(got[i], str, strlen(str)), 0);
}

static void header(char *buf, size_t size, unsigned i, const char *name)
{
	char key[40];
	const char *p;

	(void)snprintf(key, sizeof(key), "\r\n%s: ", name);
	p = strstr(got[i], key);
	assert_non_null(p);
	p += strlen(key);
	(void)snprintf(buf, size, "%.*s", (int)strcspn(p, "\r"), p);
}

static void send_text(const char *text)
{
	struct mbuf *mb = mbuf_alloc(strlen(text));

	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(sock, &us, mb), 0);
	mem_deref(mb);
}

/* A request of the peer's; to is what follows "To: <sip:alice@h>" */
static void request(const char *met, const char *user, unsigned cseq,
		    const char *to, const char *more, const char *body)
{
	char text[SIZE];

	assert_true(re_snprintf(text, sizeof(text),
		"%s sip:%s@%J SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bK%s%u\r\n"
		"From: \"P\" <sip:p@peer.test;x=y>;tag=pt\r\n"
		"To: <sip:alice@h>%s\r\n"
		"Call-ID: call-1\r\n"
		"CSeq: %u %s\r\n"
		"Contact: <sip:p@%J>\r\n"
		"%s"
		"Content-Length: %zu\r\n\r\n%s",
		met, user, &us, &peer, met, cseq, to, cseq, met, &peer, more,
		strlen(body), body) > 0);
	send_text(text);
}

/* Answer to datagram i */
static void reply(unsigned i, const char *status, const char *tag,
		  const char *more, const char *body)
{
	char text[SIZE], via[256], from[256], to[256], cid[128], cseq[64];

	header(via, sizeof(via), i, "Via");
	header(from, sizeof(from), i, "From");
	header(to, sizeof(to), i, "To");
	header(cid, sizeof(cid), i, "Call-ID");
	header(cseq, sizeof(cseq), i, "CSeq");
	assert_true(re_snprintf(text, sizeof(text),
		"SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s%s\r\n"
		"Call-ID: %s\r\nCSeq: %s\r\nContact: <sip:p-%s@%J>\r\n"
		"%sContent-Length: %zu\r\n\r\n%s",
		status, via, from, to, *tag ? ";tag=" : "", tag, cid, cseq,
		tag, &peer, more, strlen(body), body) > 0);
	send_text(text);
}

static struct mbuf *sdp(const char *text)
{
	struct mbuf *mb = mbuf_alloc(64);

	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;

	return mb;
}

static int offerh(struct mbuf **descp, struct mbuf *desc, void *arg)
{
	(void)desc;
	(void)arg;
	++offers;
	*descp = sdp("again");

	return 0;
}

static void estabh(void *arg)
{
	(void)arg;
	++estab;
}

static void closeh(int err, uint16_t scode, const char *reason, void *arg)
{
	(void)reason;
	(void)arg;
	++closes;
	close_err = err;
	close_code = scode;
	sess = mem_deref(sess);
}

static const struct session_handlers handlers = {
	.offerh = offerh, .estabh = estabh, .closeh = closeh
};

static void inviteh(struct session *s, void *arg)
{
	struct mbuf *mb;
	(void)arg;

	sess = s;
	session_set_handlers(s, &handlers);
	if (!answer_at_once)
		return;
	mb = sdp("answer");
	assert_int_equal(session_accept(s, mb), 0);
	mem_deref(mb);
}

static void messageh(const struct message_in *in, void *arg)
{
	(void)arg;
	++messages;
	assert_int_equal(pl_strcmp(&in->from_uri, "sip:p@peer.test"), 0);
	assert_int_equal(pl_strcmp(&in->from_name, "P"), 0);
	assert_int_equal(pl_strcmp(&in->ctype, "text/plain"), 0);
	assert_int_equal(pl_strcmp(&in->charset, "UTF-8"), 0);
	assert_int_equal(in->len, 2);
}

static int passwordh(char **passp, void *arg)
{
	(void)arg;
	++asked;

	return str_dup(passp, "secret");
}

static int setup_as(bool direct)
{
	struct stack_handlers h = {
		.inviteh = inviteh, .messageh = messageh,
		.passwordh = passwordh,
	};
	struct stack_config conf = {
		.aor = "sip:alice@127.0.0.51", .listen = "127.0.0.51:0",
		.direct = direct,
	};
	struct sa any;
	char server[64];

	gotc = messages = estab = closes = offers = asked = 0;
	close_err = close_code = 0;
	answer_at_once = true;
	assert_int_equal(sa_set_str(&any, "127.0.0.52", 0), 0);
	assert_int_equal(udp_listen(&sock, &any, recv_handler, NULL), 0);
	assert_int_equal(udp_local_get(sock, &peer), 0);
	(void)re_snprintf(server, sizeof(server), "sip:%J", &peer);
	conf.server = direct ? NULL : server;
	assert_int_equal(stack_alloc(&stack, &conf, &h), 0);
	assert_int_equal(stack_laddr(stack, SIP_TRANSP_UDP, &us), 0);

	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_as(true);
}

static int setup_account(void **state)
{
	(void)state;
	return setup_as(false);
}

static int teardown(void **state)
{
	(void)state;

	sess = mem_deref(sess);
	reg = mem_deref(reg);
	stack_close(stack, true);
	stack = mem_deref(stack);
	sock = mem_deref(sock);
	loop_spin(1);

	return 0;
}

static void call_out(void)
{
	struct mbuf *mb = sdp("offer");
	char uri[64];

	(void)re_snprintf(uri, sizeof(uri), "sip:bob@%J", &peer);
	assert_int_equal(session_connect(&sess, stack, uri, mb, NULL,
					 &handlers),
			 0);
	mem_deref(mb);
	expect_n(1);
	begins(0, "INVITE ");
}

#define CT "Content-Type: application/sdp\r\n"

/* RFC 3261 13.2.2.4: the same 2xx gets the same ACK */
static void test_2xx_again(void **state)
{
	(void)state;

	call_out();
	reply(0, "200 OK", "a", CT, "answer");
	expect_n(2);
	begins(1, "ACK sip:p-a@");
	assert_int_equal(estab, 1);

	reply(0, "200 OK", "a", CT, "answer");
	reply(0, "200 OK", "a", CT, "answer");
	expect_n(4);
	assert_string_equal(got[1], got[2]);
	assert_string_equal(got[1], got[3]);
	assert_int_equal(estab, 1);
}

/* Two picked up: the second is thanked and sent home */
static void test_fork(void **state)
{
	(void)state;

	call_out();
	reply(0, "200 OK", "a", CT, "answer");
	expect_n(2);
	reply(0, "200 OK", "b", CT, "answer");
	expect_n(4);
	begins(2, "ACK sip:p-b@");
	begins(3, "BYE sip:p-b@");
	assert_non_null(strstr(got[3], ";tag=b"));
	assert_int_equal(session_state(sess), SESSION_ESTABLISHED);
}

/* 2xx after we had hung up */
static void test_2xx_too_late(void **state)
{
	(void)state;

	call_out();
	reply(0, "180 Ringing", "a", "", "");
	loop_spin(10);
	sess = mem_deref(sess);
	expect_n(2);
	begins(1, "CANCEL ");
	reply(0, "200 OK", "a", CT, "answer");
	expect_n(4);
	begins(2, "ACK ");
	begins(3, "BYE ");
}

/* A 2xx that nobody acknowledges is said again (RFC 3261 13.3.1.4) */
static void test_no_ack(void **state)
{
	char to[128];
	(void)state;

	request("INVITE", "alice", 1, "", CT, "offer");
	expect_n(3);
	begins(0, "SIP/2.0 200 ");
	assert_string_equal(got[0], got[1]);
	assert_string_equal(got[0], got[2]);
	assert_int_equal(estab, 0);

	/* its ACK makes it stop */
	header(to, sizeof(to), 0, "To");
	request("ACK", "alice", 1, strchr(to, ';'), "", "");
	loop_spin(10);
	assert_int_equal(estab, 1);
}

/* Who takes his time says 100 first */
static void test_trying(void **state)
{
	(void)state;

	answer_at_once = false;
	request("INVITE", "alice", 1, "", CT, "offer");
	expect_n(1);
	begins(0, "SIP/2.0 100 ");
	assert_int_equal(session_reject(sess, 486, "Busy Here"), 0);
	expect_n(2);
	begins(1, "SIP/2.0 486 ");
	request("ACK", "alice", 1, "", "", "");
	loop_spin(5);
	assert_int_equal(closes, 1);
	assert_int_equal(close_code, 486);
}

static char our_tag[64];

static void call_in(void)
{
	char to[128];

	request("INVITE", "alice", 1, "", CT, "offer");
	expect_n(1);
	begins(0, "SIP/2.0 200 ");
	header(to, sizeof(to), 0, "To");
	str_ncpy(our_tag, strchr(to, ';'), sizeof(our_tag));
	request("ACK", "alice", 1, our_tag, "", "");
	loop_spin(10);
	assert_int_equal(estab, 1);
	gotc = 0;
}

static void test_in_dialog(void **state)
{
	(void)state;

	call_in();
	request("PUBLISH", "alice", 2, our_tag, "", "");
	request("OPTIONS", "alice", 3, our_tag, "", "");
	request("BYE", "alice", 4, ";tag=other", "", "");
	request("REFER", "alice", 5, our_tag, "", "");
	request("INFO", "alice", 6, our_tag, "Content-Type: x/y\r\n", "z");
	expect_n(5);
	begins(0, "SIP/2.0 405 ");
	assert_non_null(strstr(got[0], "\r\nAllow: INVITE"));
	begins(1, "SIP/2.0 200 ");
	begins(2, "SIP/2.0 481 ");
	begins(3, "SIP/2.0 400 ");
	begins(4, "SIP/2.0 415 ");
	assert_int_equal(closes, 0);

	/* an old CSeq (RFC 3261 12.2.2) */
	request("BYE", "alice", 3, our_tag, "", "");
	expect_n(6);
	begins(5, "SIP/2.0 500 ");
	request("BYE", "alice", 7, our_tag, "", "");
	expect_n(7);
	begins(6, "SIP/2.0 200 ");
	loop_spin(5);
	assert_int_equal(closes, 1);
	assert_int_equal(close_err, 0);
}

/* The next re-INVITE before the ACK of the last must wait (14.2) */
static void test_reinvite_hasty(void **state)
{
	(void)state;

	call_in();
	request("INVITE", "alice", 2, our_tag, CT, "hold");
	request("INVITE", "alice", 3, our_tag, CT, "resume");
	expect_n(2);
	begins(0, "SIP/2.0 200 ");
	begins(1, "SIP/2.0 500 ");
	assert_non_null(strstr(got[1], "Retry-After: "));
	request("ACK", "alice", 2, our_tag, "", "");
	request("INVITE", "alice", 4, our_tag, CT, "resume");
	expect_n(3);
	begins(2, "SIP/2.0 200 ");
	assert_int_equal(offers, 2);
	request("ACK", "alice", 4, our_tag, "", "");
	loop_spin(5);
}

/* In a dialog that the peer opened nobody gets our digest */
static void test_no_leak(void **state)
{
	(void)state;

	/* the realm is known and good, and the peer is our very server */
	assert_int_equal(registration_alloc(&reg, stack, 60, NULL, NULL), 0);
	assert_int_equal(registration_start(reg), 0);
	expect_n(1);
	reply(0, "401 Who", "r",
	      "WWW-Authenticate: Digest realm=\"127.0.0.51\",nonce=\"n\"\r\n",
	      "");
	expect_n(2);
	assert_non_null(strstr(got[1], "\r\nAuthorization: Digest"));
	reply(1, "200 OK", "r", "Expires: 60\r\n", "");
	loop_spin(5);
	assert_int_equal(asked, 1);
	gotc = 0;

	call_in();
	assert_int_equal(session_hangup(sess), 0);
	expect_n(1);
	begins(0, "BYE ");
	assert_null(strstr(got[0], "uthorization"));
	reply(0, "407 Who", "", "Proxy-Authenticate: Digest "
	      "realm=\"127.0.0.51\",nonce=\"n\"\r\n", "");
	loop_spin(50);
	assert_int_equal(gotc, 1);
	assert_int_equal(asked, 1);
}

static int caph(struct mbuf **descp, void *arg)
{
	(void)arg;
	*descp = sdp("abilities");

	return 0;
}

static void test_outside(void **state)
{
	(void)state;

	stack_set_capability_handler(stack, caph, NULL);
	request("OPTIONS", "alice", 1, "", "", "");
	request("OPTIONS", "mallory", 2, "", "", "");
	request("INVITE", "mallory", 3, "", CT, "x");
	request("NOTIFY", "alice", 4, "", "Event: x\r\n", "");
	request("REFER", "alice", 5, "", "Refer-To: <sip:x@y>\r\n", "");
	request("FETCH", "alice", 6, "", "", "");
	request("BYE", "alice", 7, ";tag=x", "", "");
	request("INFO", "alice", 8, "", "", "");
	expect_n(8);
	begins(0, "SIP/2.0 200 ");
	assert_non_null(strstr(got[0], "\r\n\r\nabilities"));
	assert_non_null(strstr(got[0], "\r\nAllow: INVITE"));
	begins(1, "SIP/2.0 404 ");
	begins(2, "SIP/2.0 404 ");
	begins(3, "SIP/2.0 489 ");
	begins(4, "SIP/2.0 403 ");
	begins(5, "SIP/2.0 405 ");
	begins(6, "SIP/2.0 481 ");
	begins(7, "SIP/2.0 481 ");
	assert_null(sess);
}

static void test_message(void **state)
{
	const char *ct = "Content-Type: text/plain;charset=UTF-8\r\n";
	(void)state;

	request("MESSAGE", "alice", 1, "", ct, "hi");
	request("MESSAGE", "alice", 1, "", ct, "hi");      /* again */
	request("MESSAGE", "alice", 2, "", ct, "ho");
	request("MESSAGE", "alice", 3, "", "Content-Type: text/html\r\n",
		"<b>");
	expect_n(4);
	begins(0, "SIP/2.0 200 ");
	begins(1, "SIP/2.0 200 ");
	begins(2, "SIP/2.0 200 ");
	begins(3, "SIP/2.0 415 ");
	assert_int_equal(messages, 2);
}

/* Compressed, and a kilobyte that would be a megabyte */
static void deflated(unsigned cseq, const uint8_t *body, size_t len)
{
	char head[1024];
	struct mbuf *mb = mbuf_alloc(SIZE);

	(void)re_snprintf(head, sizeof(head),
		"MESSAGE sip:alice@%J SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %J;branch=z9hG4bKdef%u\r\n"
		"From: \"P\" <sip:p@peer.test>;tag=pt\r\n"
		"To: <sip:alice@h>\r\nCall-ID: c9\r\nCSeq: %u MESSAGE\r\n"
		"Content-Encoding: deflate\r\n"
		"Content-Type: text/plain;charset=UTF-8\r\n"
		"Content-Length: %zu\r\n\r\n", &us, &peer, cseq, cseq, len);
	assert_int_equal(mbuf_write_str(mb, head), 0);
	assert_int_equal(mbuf_write_mem(mb, body, len), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(sock, &us, mb), 0);
	mem_deref(mb);
}

static void test_deflate(void **state)
{
	static uint8_t zeros[1000000], out[4096];
	uLongf len = sizeof(out);
	(void)state;

	assert_int_equal(compress(out, &len, (const Bytef *)"hi", 2), Z_OK);
	deflated(1, out, len);
	deflated(2, out, len - 3);             /* cut off */
	deflated(3, (const uint8_t *)"nonsense", 8);
	len = sizeof(out);
	assert_int_equal(compress(out, &len, zeros, sizeof(zeros)), Z_OK);
	deflated(4, out, len);
	expect_n(4);
	begins(0, "SIP/2.0 200 ");
	begins(1, "SIP/2.0 400 ");
	begins(2, "SIP/2.0 400 ");
	begins(3, "SIP/2.0 413 ");
	assert_int_equal(messages, 1);
}

/* Nothing of this machine or its user in the Contact */
static void test_contact(void **state)
{
	char contact[128], uri[128];
	(void)state;

	call_out();
	header(contact, sizeof(contact), 0, "Contact");
	assert_null(strstr(contact, "alice"));
	(void)re_snprintf(uri, sizeof(uri), "<%H>", stack_contact_print,
			  stack);
	assert_string_equal(contact, uri);
	assert_non_null(strstr(got[0], "\r\nUser-Agent: " STACK_SOFTWARE));
	assert_non_null(strstr(got[0], ";rport"));
	reply(0, "603 Decline", "a", "", "");
	loop_spin(10);
	assert_int_equal(close_code, 603);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define A(f) cmocka_unit_test_setup_teardown(f, setup_account, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_2xx_again), T(test_fork), T(test_2xx_too_late),
		T(test_no_ack), T(test_trying), T(test_in_dialog),
		T(test_reinvite_hasty),
		A(test_no_leak), A(test_outside), T(test_message),
		T(test_deflate),
		T(test_contact),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(testv, NULL, NULL));
}
