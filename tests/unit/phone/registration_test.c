/**
 * @file registration_test.c  REGISTER against a strict registrar, real SIP
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "common/re_compat.h"
#include "phone/sip/message.h"
#include "phone/sip/registration.h"
#include "phone/sip/stack.h"
#include "loop.h"
#include "sip_server.h"
#include "suite.h"

#define MD5 "Digest realm=\"example.org\", nonce=\"n1\", qop=\"auth\""
#define SHA MD5 ", algorithm=SHA-256"
#define WWW "WWW-Authenticate: "

static struct server server;
static struct stack *stack;
static struct registration *reg;
static struct message_out *msg;
static const char *password;
static unsigned changes, asked, replies;
static uint16_t reply_code;
static int reply_err;
static char reply_reason[256];

static int passwordh(char **passp, void *arg)
{
	(void)arg;
	++asked;

	return password ? str_dup(passp, password) : ENOENT;
}

static void regh(struct registration *r, void *arg)
{
	(void)r;
	(void)arg;
	++changes;
}

static void resph(int err, uint16_t scode, const char *reason, void *arg)
{
	(void)arg;

	++replies;
	reply_err = err;
	reply_code = scode;
	str_ncpy(reply_reason, reason, sizeof(reply_reason));
}

static void start(const char *aor, enum sip_transp tp, const char *realm)
{
	struct stack_handlers h = { .passwordh = passwordh };
	struct stack_config conf = { .aor = aor, .realm = realm };
	char uri[64];

	(void)re_snprintf(uri, sizeof(uri), "sip:%J%s",
			  tp == SIP_TRANSP_TCP ? &server.tcp : &server.udp,
			  sip_transp_param(tp));
	conf.server = uri;
	assert_int_equal(stack_alloc(&stack, &conf, &h), 0);
	assert_int_equal(registration_alloc(&reg, stack, 600, regh, NULL), 0);
	assert_int_equal(registration_start(reg), 0);
}

static bool settled(void)
{
	return registration_state(reg) == REGISTRATION_OK ||
		registration_state(reg) == REGISTRATION_FAILED;
}

static bool off(void)
{
	return registration_state(reg) == REGISTRATION_OFF;
}

static bool replied(void) { return replies; }
static bool asked_again(void) { return server.reqs >= 3; }

static int setup(void **state)
{
	(void)state;

	server_start(&server, "127.0.0.31", NULL);
	password = "secret";
	changes = asked = replies = 0;

	return 0;
}

static int teardown(void **state)
{
	(void)state;

	msg = mem_deref(msg);
	reg = mem_deref(reg);
	stack = mem_deref(stack);
	server_stop(&server);
	loop_spin(1);

	return 0;
}

static void expect(enum registration_state state)
{
	loop_until(settled, 5000);
	assert_int_equal(registration_state(reg), state);
}

static void test_plain(void **state)
{
	(void)state;

	server.hdrs = "Expires: 100\r\n";
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	assert_int_equal(registration_state(reg), REGISTRATION_TRYING);
	expect(REGISTRATION_OK);
	assert_string_equal(server.ruri, "sip:example.org");
	assert_string_equal(server.expires, "600");
	assert_int_equal(registration_next(reg), 90);
	assert_string_equal(registration_reason(reg), "");
	assert_int_equal(asked, 0);

	registration_stop(reg);
	loop_until(off, 3000);
	assert_string_equal(server.expires, "0");
	assert_int_equal(server.reqs, 2);
}

/* A registrar cannot make us hurry */
static void test_floor(void **state)
{
	(void)state;

	server.hdrs = "Expires: 1\r\n";
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_OK);
	assert_int_equal(registration_next(reg), 30);
}

/* Credentials, then at once with nc counted up */
static void digest(const char *challenges, const char *check)
{
	server.challenges = challenges;
	server.check = check;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_OK);
	assert_int_equal(server.reqs, 2);
	assert_string_equal(stack_realm(stack), "example.org");
	assert_int_equal(registration_start(reg), 0);
	loop_until(asked_again, 3000);
	expect(REGISTRATION_OK);
	assert_int_equal(server.nc, 2);
	assert_int_equal(server.reqs, 3);
	assert_int_equal(server.bad, 0);
	assert_int_equal(asked, 1);
}

static void test_md5(void **state)
{
	(void)state;
	digest(WWW MD5 "\r\n", MD5);
}

static void test_strongest(void **state)
{
	(void)state;
	digest(WWW "Basic realm=\"example.org\"\r\n" WWW MD5 "\r\n"
	       WWW SHA "\r\n", SHA);
}

static void test_wrong_password(void **state)
{
	(void)state;

	password = "guess";
	server.challenges = WWW MD5 "\r\n";
	server.check = MD5;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(server.reqs, 2);       /* no second guess */
	assert_int_equal(registration_next(reg), 0);
	assert_int_equal(registration_code(reg), 401);
	assert_non_null(strstr(registration_reason(reg), "password"));
}

static void test_no_password(void **state)
{
	(void)state;

	password = NULL;
	server.challenges = WWW MD5 "\r\n";
	server.check = MD5;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(server.reqs, 1);
	assert_non_null(strstr(registration_reason(reg), "there is none"));
}

static void test_foreign_realm(void **state)
{
	(void)state;

	server.challenges = WWW "Digest realm=\"evil.example\","
		"nonce=\"x\"\r\n";
	server.check = MD5;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(asked, 0);
	assert_string_equal(server.auth, "");
	assert_non_null(strstr(registration_reason(reg), "evil.example"));
}

static void test_realm_configured(void **state)
{
	(void)state;

	server.challenges = WWW "Digest realm=\"pbx.other\",nonce=\"x\"\r\n";
	server.check = "Digest realm=\"pbx.other\",nonce=\"x\"";
	start("sip:alice@example.org", SIP_TRANSP_UDP, "pbx.other");
	expect(REGISTRATION_OK);
}

/* MD5 without qop after better was seen */
static void test_downgrade(void **state)
{
	(void)state;

	digest(WWW SHA "\r\n", SHA);
	server.challenges = WWW "Digest realm=\"example.org\","
		"nonce=\"n2\"\r\n";
	server.check = "Digest realm=\"example.org\",nonce=\"n2\"";
	server.auth[0] = '\0';
	assert_int_equal(registration_start(reg), 0);
	while (registration_state(reg) == REGISTRATION_OK)
		loop_spin(5);
	assert_int_equal(registration_state(reg), REGISTRATION_FAILED);
	assert_null(strstr(server.auth, "n2"));
	assert_non_null(strstr(registration_reason(reg), "weaker"));
}

static void test_stale_loop(void **state)
{
	(void)state;

	password = "guess";
	server.challenges = WWW MD5 ", stale=true\r\n";
	server.check = MD5;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_in_range(server.reqs, 2, 5);
}

static void test_too_brief(void **state)
{
	(void)state;

	server.scode = 423;
	server.hdrs = "Min-Expires: 1200\r\n";
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(server.reqs, 2);       /* once, no ball game */
	assert_string_equal(server.expires, "1200");
}

static void test_refused(void **state)
{
	(void)state;

	server.scode = 503;
	server.hdrs = "Retry-After: 77\r\n";
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(registration_next(reg), 77);
	assert_int_equal(registration_code(reg), 503);
	registration_stop(reg);
	loop_until(off, 3000);
	assert_int_equal(server.reqs, 1);
}

/* The connection breaks: a new one within seconds, without being asked */
static void test_tcp_lost(void **state)
{
	(void)state;

	start("sip:alice@example.org", SIP_TRANSP_TCP, NULL);
	expect(REGISTRATION_OK);
	assert_int_equal(server.tp, SIP_TRANSP_TCP);

	sip_transp_flush(server.sip);
	assert_int_equal(sip_transp_add(server.sip, SIP_TRANSP_TCP,
					&server.tcp), 0);
	while (server.reqs < 2)
		loop_spin(20);
	expect(REGISTRATION_OK);
}

/* A server that is silent: said soon, and not given up for good */
static void test_silence(void **state)
{
	(void)state;

	server.scode = 0;
	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	loop_until(settled, 12000);
	assert_int_equal(registration_state(reg), REGISTRATION_FAILED);
	assert_non_null(strstr(registration_reason(reg), "No answer"));
	assert_in_range(registration_next(reg), 1, 3);
}

static void test_nobody(void **state)
{
	struct sa sa = server.tcp;
	(void)state;

	sip_transp_flush(server.sip);
	server.tcp = sa;
	start("sip:alice@example.org", SIP_TRANSP_TCP, NULL);
	expect(REGISTRATION_FAILED);
	assert_int_equal(registration_code(reg), 0);
	assert_non_null(strstr(registration_reason(reg), "refuses"));
	assert_in_range(registration_next(reg), 1, 3);
}

/* ---- MESSAGE through the same server ---- */

static void send_message(size_t len)
{
	static char body[8192];

	memset(body, 'x', sizeof(body));
	replies = 0;
	msg = mem_deref(msg);
	assert_int_equal(message_send(&msg, stack, "sip:bob@example.net",
				      "text/plain;charset=UTF-8", body, len,
				      resph, NULL), 0);
	loop_until(replied, 5000);
}

static void test_message(void **state)
{
	(void)state;

	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_OK);

	server.ask = 407;
	server.challenges = "Proxy-Authenticate: " MD5 "\r\n";
	server.check = MD5;
	send_message(10);
	assert_int_equal(reply_err, 0);
	assert_int_equal(reply_code, 200);
	assert_string_equal(reply_reason, "");
	assert_string_equal(server.ruri, "sip:bob@example.net");
	assert_int_equal(server.reqs, 3);

	send_message(10);
	assert_int_equal(server.reqs, 4);       /* no second challenge */
	assert_int_equal(server.nc, 2);

	server.challenges = NULL;
	server.scode = 404;
	send_message(10);
	assert_int_equal(reply_code, 404);
	assert_non_null(strstr(reply_reason, "no such user"));
}

/* Too large for a datagram: TCP; and back where there is none */
static void test_message_large(void **state)
{
	(void)state;

	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_OK);

	/* at the same port nothing listens by TCP: falls back */
	if (sa_port(&server.udp) != sa_port(&server.tcp)) {
		send_message(3000);
		assert_int_equal(reply_code, 200);
		assert_int_equal(server.tp, SIP_TRANSP_UDP);
		assert_int_equal(sip_transp_add(server.sip, SIP_TRANSP_TCP,
						&server.udp), 0);
	}
	send_message(3000);
	assert_int_equal(reply_code, 200);
	assert_int_equal(server.tp, SIP_TRANSP_TCP);

	assert_int_equal(message_send(&msg, stack, "sip:bob@example.net",
				      "text/plain", "", 70000, resph, NULL),
			 EMSGSIZE);
	assert_int_equal(message_send(&msg, stack, "sip:bob@example.net",
				      "text/plain\r\nX: y", "", 0, resph,
				      NULL), EINVAL);
}

/* Somebody downstream wants our digest: not even before we know a realm */
static void test_message_stranger(void **state)
{
	(void)state;

	start("sip:alice@example.org", SIP_TRANSP_UDP, NULL);
	expect(REGISTRATION_OK);

	server.challenges = WWW "Digest realm=\"asterisk\",nonce=\"x\"\r\n";
	server.check = MD5;
	send_message(10);
	assert_int_equal(reply_code, 401);
	assert_int_equal(asked, 0);
	assert_string_equal(server.auth, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_plain), T(test_floor), T(test_md5), T(test_strongest),
		T(test_wrong_password), T(test_no_password),
		T(test_foreign_realm), T(test_realm_configured),
		T(test_downgrade), T(test_stale_loop), T(test_too_brief),
		T(test_refused), T(test_tcp_lost), T(test_nobody),
		T(test_silence),
		T(test_message), T(test_message_large),
		T(test_message_stranger),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(testv, NULL, NULL));
}
