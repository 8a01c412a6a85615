/**
 * @file keepalive_test.c  STUN and line ends on the way to the registrar
 *
 * The registrar is a bare datagram socket: what comes in is seen byte by
 * byte, and it says what a test wants about the address it sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "common/re_compat.h"
#include "phone/sip/registration.h"
#include "phone/sip/stack_priv.h"
#include "loop.h"
#include "suite.h"

static struct udp_sock *server, *stranger;
static struct sa server_addr, stranger_addr, phone_addr;
static struct stack *stack;
static struct registration *reg;
static const char *hdrs, *keep;
static struct sa mapped;
static unsigned registers, bindings, answers, asked_keep, strange, dead;
static uint8_t packet[64];
static size_t packet_len;

static void sip_answer(const struct sa *src, struct mbuf *mb)
{
	struct sip_msg *msg;
	struct mbuf *out = mbuf_alloc(1024);
	struct pl via;

	assert_int_equal(sip_msg_decode(&msg, mb), 0);
	++registers;
	phone_addr = *src;
	via = msg->via.val;
	if (!re_regex(via.p, via.l, ";keep"))
		++asked_keep;
	/* it is the last one, and gets a value */
	assert_int_equal(mbuf_printf(
		out, "SIP/2.0 200 OK\r\nVia: %r%s\r\nFrom: %r\r\n"
		"To: %r;tag=s\r\nCall-ID: %r\r\nCSeq: %u REGISTER\r\n%s"
		"Expires: 600\r\nContent-Length: 0\r\n\r\n", &via,
		keep ? keep : "", &msg->from.val, &msg->to.val, &msg->callid,
		msg->cseq.num, hdrs ? hdrs : ""), 0);
	out->pos = 0;
	assert_int_equal(udp_send(server, src, out), 0);
	mem_deref(out);
	mem_deref(msg);
}

static void server_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct stun_unknown_attr ua;
	struct stun_msg *msg;
	(void)arg;

	if (mbuf_get_left(mb) > 64) {
		sip_answer(src, mb);
		return;
	}

	packet_len = mbuf_get_left(mb);
	memcpy(packet, mbuf_buf(mb), packet_len);
	if (stun_msg_decode(&msg, mb, &ua))
		return;

	assert_true(sa_cmp(src, &phone_addr, SA_ALL));
	++bindings;
	if (!dead) {
		assert_int_equal(stun_reply(
			IPPROTO_UDP, server, src, 0, msg, NULL, 0, false, 1,
			STUN_ATTR_XOR_MAPPED_ADDR,
			sa_isset(&mapped, SA_ALL) ? &mapped : src), 0);
		++answers;
	}
	mem_deref(msg);
}

static void stranger_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	(void)src;
	(void)mb;
	(void)arg;
	++strange;
}

static bool settled(void)
{
	return registration_state(reg) == REGISTRATION_OK;
}

static bool has_answered(void) { return answers >= 1; }
static bool again(void) { return registers >= 2; }

static void start(void)
{
	struct stack_config conf = { .aor = "sip:alice@example.org" };
	struct stack_handlers h;
	char uri[64];

	memset(&h, 0, sizeof(h));
	(void)re_snprintf(uri, sizeof(uri), "sip:%J;transport=udp",
			  &server_addr);
	conf.server = uri;
	assert_int_equal(stack_alloc(&stack, &conf, &h), 0);
	assert_int_equal(registration_alloc(&reg, stack, 600, NULL, NULL), 0);
	assert_int_equal(registration_start(reg), 0);
	loop_until(settled, 15000);
	assert_int_equal(asked_keep, 1);
}

static int open_socket(struct udp_sock **us, struct sa *sa, const char *addr,
		       udp_recv_h *h)
{
	return sa_set_str(sa, addr, 0) || udp_listen(us, sa, h, NULL) ||
		udp_local_get(*us, sa);
}

static int setup(void **state)
{
	(void)state;

	registers = bindings = answers = asked_keep = strange = dead = 0;
	packet_len = 0;
	hdrs = keep = NULL;
	sa_init(&mapped, AF_UNSPEC);

	return open_socket(&server, &server_addr, "127.0.0.31",
			   server_handler) ||
		open_socket(&stranger, &stranger_addr, "127.0.0.32",
			    stranger_handler);
}

static int teardown(void **state)
{
	(void)state;

	reg = mem_deref(reg);
	stack = mem_deref(stack);
	server = mem_deref(server);
	stranger = mem_deref(stranger);
	loop_spin(1);

	return 0;
}

/* A server that says nothing about it gets no STUN */
static void test_not_asked(void **state)
{
	(void)state;

	start();
	loop_spin(200);
	assert_int_equal(bindings, 0);
}

static void binding_begins(void)
{
	static const uint8_t head[] = { 0x00, 0x01 };
	static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

	start();
	loop_until(has_answered, 15000);
	assert_memory_equal(packet, head, 2);
	assert_int_equal(packet[2] << 8 | packet[3], packet_len - 20);
	assert_memory_equal(packet + 4, cookie, 4);
	/* nothing in it says more than "offhook" */
	assert_true(packet_len <= 20 + 4 + 8);
	loop_spin(50);
	assert_int_equal(registers, 1);
}

static void test_flow_timer(void **state)
{
	(void)state;

	hdrs = "Flow-Timer: 25\r\n";
	binding_begins();
}

static void test_outbound(void **state)
{
	(void)state;

	hdrs = "Require: outbound\r\n";
	binding_begins();
}

/* RFC 6223: the value is the server's */
static void test_keep(void **state)
{
	(void)state;

	keep = "=0";
	binding_begins();
}

/* Somebody on the way gave us another address: nobody reaches us at the
   one that the registrar knows */
static void test_mapped_address(void **state)
{
	(void)state;

	keep = "=1";             /* not that often: it is 5 s at least */
	binding_begins();
	assert_int_equal(sa_set_str(&mapped, "192.0.2.7", 4711), 0);
	loop_until(again, 20000);
	assert_in_range(bindings, 2, 3);
	loop_until(settled, 15000);
}

static void send_stun(struct udp_sock *us, uint16_t type)
{
	static const uint8_t tid[12] = { 1, 2, 3 };
	struct mbuf *mb = mbuf_alloc(64);

	assert_int_equal(stun_msg_encode(mb, STUN_METHOD_BINDING,
					 (uint8_t)type, tid, NULL, NULL, 0,
					 false, 0, 0), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(us, &phone_addr, mb), 0);
	mem_deref(mb);
}

/* STUN of others is neither answered nor read; the server's own requests
   are not answered either: we are no STUN server */
static void test_strangers(void **state)
{
	struct mbuf *mb;
	(void)state;

	hdrs = "Flow-Timer: 25\r\n";
	binding_begins();
	packet_len = 0;
	send_stun(stranger, STUN_CLASS_REQUEST);
	send_stun(stranger, STUN_CLASS_SUCCESS_RESP);
	send_stun(server, STUN_CLASS_REQUEST);
	loop_spin(100);
	assert_int_equal(strange, 0);
	assert_int_equal(packet_len, 0);
	assert_int_equal(bindings, 1);

	/* an answer that nobody asked for, and one cut short */
	send_stun(server, STUN_CLASS_SUCCESS_RESP);
	mb = mbuf_alloc(4);
	assert_int_equal(mbuf_write_u16(mb, htons(0x0101)), 0);
	mb->pos = 0;
	assert_int_equal(udp_send(server, &phone_addr, mb), 0);
	mem_deref(mb);
	loop_spin(50);
	assert_int_equal(registration_state(reg), REGISTRATION_OK);
	assert_int_equal(registers, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_not_asked), T(test_flow_timer), T(test_outbound),
		T(test_keep), T(test_mapped_address), T(test_strangers),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(testv, NULL, NULL));
}
