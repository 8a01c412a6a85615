/**
 * @file session_test.c  Two stacks call each other: real SIP on loopback
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/session.h"
#include "phone/sip/stack.h"
#include "suite.h"

enum { LIMIT = 8000 };

/* One end of a call and what happened to it */
struct end {
	struct stack *stack;
	struct session *sess;
	unsigned offers, answers, progress, estab, closes, digits, refused;
	uint16_t progress_code, scode;
	int err;
	char digit;
	char reason[256];
	char last[64];           /* last SDP heard */
	bool auto_accept, ring, early, drop_on_close, late_offer;
	bool reject_offer;
	bool glare;
};

static struct end alice, bob;
static bool (*until)(void);
static bool timed_out;
static struct tmr tmr_limit;

static struct mbuf *sdp(const char *text)
{
	struct mbuf *mb = mbuf_alloc(64);

	assert_int_equal(mbuf_write_str(mb, text), 0);
	mb->pos = 0;

	return mb;
}

static void check(void)
{
	if (until && until())
		re_cancel();
}

static void heard(struct end *e, struct mbuf *desc)
{
	size_t n = mbuf_get_left(desc);

	n = MIN(n, sizeof(e->last) - 1);
	memcpy(e->last, mbuf_buf(desc), n);
	e->last[n] = '\0';
}

static void progressh(uint16_t scode, const char *reason, struct mbuf *desc,
		      void *arg)
{
	struct end *e = arg;
	(void)reason;

	++e->progress;
	e->progress_code = scode;
	if (desc)
		heard(e, desc);
	check();
}

static int answerh(struct mbuf *desc, void *arg)
{
	struct end *e = arg;

	++e->answers;
	heard(e, desc);
	check();

	return 0;
}

static int offerh(struct mbuf **descp, struct mbuf *desc, void *arg)
{
	struct end *e = arg;

	++e->offers;
	if (e->reject_offer)
		return EPROTO;
	if (desc)
		heard(e, desc);
	*descp = sdp(desc ? "answer-again" : "fresh-offer");
	check();

	return 0;
}

static void estabh(void *arg)
{
	struct end *e = arg;

	++e->estab;
	check();
}

static void closeh(int err, uint16_t scode, const char *reason, void *arg)
{
	struct end *e = arg;

	++e->closes;
	e->err = err;
	e->scode = scode;
	str_ncpy(e->reason, reason, sizeof(e->reason));
	e->sess = mem_deref(e->sess);
	check();
}

static void infoh(char digit, void *arg)
{
	struct end *e = arg;

	++e->digits;
	e->digit = digit;
	check();
}

static void refusedh(uint16_t scode, const char *reason, void *arg)
{
	struct end *e = arg;
	(void)reason;

	++e->refused;
	e->scode = scode;
	check();
}

static struct session_handlers handlers(struct end *e)
{
	struct session_handlers h = {
		.progressh = progressh, .answerh = answerh, .offerh = offerh,
		.estabh = estabh, .closeh = closeh, .infoh = infoh,
		.refusedh = refusedh, .arg = e
	};

	return h;
}

static void inviteh(struct session *sess, void *arg)
{
	struct end *e = arg;
	struct session_handlers h = handlers(e);
	struct mbuf *mb;

	assert_null(e->sess);
	e->sess = sess;
	session_set_handlers(sess, &h);
	if (session_remote_desc(sess))
		heard(e, session_remote_desc(sess));
	if (e->ring)
		assert_int_equal(session_ring(sess, NULL), 0);
	if (e->early) {
		mb = sdp("early");
		assert_int_equal(session_ring(sess, mb), 0);
		mem_deref(mb);
	}
	if (e->auto_accept) {
		mb = sdp("answer");
		assert_int_equal(session_accept(sess, mb), 0);
		mem_deref(mb);
	}
	check();
}

static void limit(void *arg)
{
	(void)arg;

	timed_out = true;
	re_cancel();
}

static void run(bool (*cond)(void))
{
	timed_out = false;
	until = cond;
	tmr_start(&tmr_limit, LIMIT, limit, NULL);
	if (!cond())
		(void)re_main(NULL);
	tmr_cancel(&tmr_limit);
	until = NULL;
	assert_false(timed_out);
}

static void tick(void *arg)
{
	(void)arg;
	re_cancel();
}

/* Let the loop do what is due */
static void spin(uint64_t ms)
{
	struct tmr tmr;

	tmr_init(&tmr);
	tmr_start(&tmr, ms, tick, NULL);
	(void)re_main(NULL);
	tmr_cancel(&tmr);
}

static struct stack *make_stack(const char *aor, const char *addr,
				struct end *e)
{
	struct stack_config conf = {
		.aor = aor, .direct = true, .listen = addr,
		.display_name = "Ali \"x\" ce",
	};
	struct stack_handlers h = { .inviteh = inviteh, .arg = e };
	struct stack *stack = NULL;

	assert_int_equal(stack_alloc(&stack, &conf, &h), 0);

	return stack;
}

static int setup(void **state)
{
	(void)state;

	memset(&alice, 0, sizeof(alice));
	memset(&bob, 0, sizeof(bob));
	alice.stack = make_stack("sip:alice@127.0.0.21", "127.0.0.21:0",
				 &alice);
	bob.stack = make_stack("sip:bob@127.0.0.22", "127.0.0.22:0", &bob);

	return 0;
}

static int teardown(void **state)
{
	(void)state;

	alice.sess = mem_deref(alice.sess);
	bob.sess = mem_deref(bob.sess);
	spin(20);
	stack_close(alice.stack, true);
	stack_close(bob.stack, true);
	alice.stack = mem_deref(alice.stack);
	bob.stack = mem_deref(bob.stack);
	spin(1);

	return 0;
}

static void call(enum sip_transp tp, const char *offer)
{
	struct session_handlers h = handlers(&alice);
	struct mbuf *mb = offer ? sdp(offer) : NULL;
	char uri[128];
	struct sa sa;

	assert_int_equal(stack_laddr(bob.stack, tp, &sa), 0);
	(void)re_snprintf(uri, sizeof(uri), "sip:bob@%J%s", &sa,
			  sip_transp_param(tp));
	assert_int_equal(session_connect(&alice.sess, alice.stack, uri, mb,
					 NULL, &h), 0);
	mem_deref(mb);
}

static bool both_up(void) { return alice.estab && bob.estab; }
static bool both_down(void) { return alice.closes && bob.closes; }
static bool alice_down(void) { return alice.closes; }
static bool bob_down(void) { return bob.closes; }
static bool ringing(void) { return alice.progress && bob.sess; }
static bool alice_answered2(void) { return alice.answers == 2; }
static bool digit_heard(void) { return bob.digits; }
static bool alice_refused(void) { return alice.refused; }
static bool two_offers(void)
{
	return alice.offers + bob.offers >= 2 &&
		alice.answers + bob.answers >= 3;
}

static void up(enum sip_transp tp)
{
	bob.auto_accept = true;
	call(tp, "offer");
	run(both_up);
	assert_string_equal(alice.last, "answer");
	assert_string_equal(bob.last, "offer");
	assert_int_equal(alice.answers, 1);
	assert_int_equal(session_state(alice.sess), SESSION_ESTABLISHED);
	assert_int_equal(session_state(bob.sess), SESSION_ESTABLISHED);
	assert_int_equal(session_transp(bob.sess), tp);
	assert_string_equal(session_call_id(alice.sess),
			    session_call_id(bob.sess));
}

static void test_udp(void **state)
{
	(void)state;

	up(SIP_TRANSP_UDP);
	assert_string_equal(session_peer_uri(bob.sess),
			    "sip:alice@127.0.0.21");
	assert_string_equal(session_peer_name(bob.sess), "Ali \"x\" ce");
	assert_true(session_incoming(bob.sess));
	assert_false(session_incoming(alice.sess));

	assert_int_equal(session_hangup(alice.sess), 0);
	assert_int_equal(alice.closes, 0);      /* never from within */
	run(both_down);
	assert_int_equal(bob.err, 0);
	assert_int_equal(bob.scode, 0);
	assert_true(bob.reason[0] != '\0');
}

static void test_tcp(void **state)
{
	(void)state;

	up(SIP_TRANSP_TCP);
	assert_int_equal(session_hangup(bob.sess), 0);
	run(both_down);
	assert_int_equal(alice.err, 0);
}

static void test_early(void **state)
{
	struct mbuf *mb;
	(void)state;

	bob.ring = bob.early = true;
	call(SIP_TRANSP_UDP, "offer");
	run(ringing);
	spin(20);
	assert_int_equal(alice.progress, 2);
	assert_int_equal(alice.progress_code, 183);
	assert_string_equal(alice.last, "early");
	assert_int_equal(session_state(alice.sess), SESSION_PROCEEDING);

	mb = sdp("answer");
	assert_int_equal(session_accept(bob.sess, mb), 0);
	assert_int_equal(session_accept(bob.sess, mb), EALREADY);
	mem_deref(mb);
	run(both_up);
}

static void test_reject(void **state)
{
	(void)state;

	bob.ring = true;
	call(SIP_TRANSP_UDP, "offer");
	run(ringing);
	assert_int_equal(session_reject(bob.sess, 486, "Busy Here"), 0);
	run(both_down);
	assert_int_equal(alice.scode, 486);
	assert_non_null(strstr(alice.reason, "Busy"));
	assert_int_equal(alice.estab + bob.estab, 0);
}

static void test_cancel(void **state)
{
	(void)state;

	bob.ring = true;
	call(SIP_TRANSP_UDP, "offer");
	run(ringing);
	assert_int_equal(session_hangup(alice.sess), 0);
	run(both_down);
	assert_int_equal(bob.scode, 487);
	assert_int_equal(bob.err, 0);
	assert_int_equal(alice.err, 0);
	spin(20);
	assert_int_equal(stack_pending(alice.stack), 0);
	assert_int_equal(stack_pending(bob.stack), 0);
}

/* Hang up before anything came back: CANCEL must wait for the 1xx */
static void test_cancel_early(void **state)
{
	(void)state;

	call(SIP_TRANSP_UDP, "offer");
	assert_int_equal(session_hangup(alice.sess), 0);
	run(both_down);
	assert_int_equal(bob.scode, 487);
}

/* The caller drops it, but the callee's 200 is already under way */
static void test_late_2xx(void **state)
{
	(void)state;

	bob.auto_accept = true;
	call(SIP_TRANSP_UDP, "offer");
	alice.sess = mem_deref(alice.sess);
	run(bob_down);
	assert_int_equal(bob.err, 0);
	assert_int_equal(bob.estab, 1);
	assert_int_equal(alice.estab, 0);
}

/* Dropping a session is hanging up */
static void test_drop(void **state)
{
	(void)state;

	up(SIP_TRANSP_UDP);
	bob.sess = mem_deref(bob.sess);
	run(alice_down);
	assert_int_equal(alice.err, 0);
}

static void test_drop_ringing(void **state)
{
	(void)state;

	bob.ring = true;
	call(SIP_TRANSP_UDP, "offer");
	run(ringing);
	bob.sess = mem_deref(bob.sess);
	run(alice_down);
	assert_int_equal(alice.scode, 480);
}

/* Callee hangs up before the ACK: the BYE waits for it */
static void test_bye_before_ack(void **state)
{
	struct mbuf *mb;
	(void)state;

	bob.ring = true;
	call(SIP_TRANSP_UDP, "offer");
	run(ringing);
	mb = sdp("answer");
	assert_int_equal(session_accept(bob.sess, mb), 0);
	mem_deref(mb);
	assert_int_equal(session_hangup(bob.sess), 0);
	run(both_down);
	assert_int_equal(alice.estab, 1);
	assert_int_equal(alice.err, 0);
}

static void test_modify(void **state)
{
	struct mbuf *mb;
	(void)state;

	up(SIP_TRANSP_UDP);
	mb = sdp("hold");
	assert_int_equal(session_modify(alice.sess, mb), 0);
	assert_int_equal(session_modify(alice.sess, mb), EALREADY);
	run(alice_answered2);
	assert_string_equal(bob.last, "hold");
	assert_string_equal(alice.last, "answer-again");
	spin(20);

	/* and the other way */
	assert_int_equal(session_modify(bob.sess, mb), 0);
	mem_deref(mb);
	alice.last[0] = '\0';
	while (bob.answers < 1)
		spin(5);
	assert_string_equal(alice.last, "hold");
	assert_int_equal(alice.estab, 1);
	assert_int_equal(bob.estab, 1);
}

static void test_modify_refused(void **state)
{
	struct mbuf *mb;
	(void)state;

	up(SIP_TRANSP_UDP);
	bob.reject_offer = true;
	mb = sdp("video");
	assert_int_equal(session_modify(alice.sess, mb), 0);
	mem_deref(mb);
	run(alice_refused);
	assert_int_equal(alice.scode, 488);
	assert_int_equal(session_state(alice.sess), SESSION_ESTABLISHED);
	assert_int_equal(alice.closes, 0);
}

/* Both offer at once: 491 both ways, then both get through */
static void test_glare(void **state)
{
	struct mbuf *mb;
	(void)state;

	up(SIP_TRANSP_UDP);
	mb = sdp("mine");
	assert_int_equal(session_modify(alice.sess, mb), 0);
	assert_int_equal(session_modify(bob.sess, mb), 0);
	mem_deref(mb);
	run(two_offers);
	assert_int_equal(session_state(alice.sess), SESSION_ESTABLISHED);
	assert_int_equal(session_state(bob.sess), SESSION_ESTABLISHED);
}

static void test_info(void **state)
{
	(void)state;

	up(SIP_TRANSP_UDP);
	assert_int_equal(session_dtmf(alice.sess, '#', 160), 0);
	run(digit_heard);
	assert_int_equal(bob.digit, '#');
	assert_int_equal(session_dtmf(alice.sess, 'x', 160), EINVAL);
}

/* INVITE without an offer: the 200 holds it, the ACK the answer */
static void test_late_offer(void **state)
{
	(void)state;

	bob.auto_accept = true;
	call(SIP_TRANSP_UDP, NULL);
	run(both_up);
	assert_int_equal(alice.offers, 1);
	assert_int_equal(bob.answers, 1);
	assert_string_equal(alice.last, "answer");
	assert_string_equal(bob.last, "answer-again");
}

static void test_bad_target(void **state)
{
	struct session_handlers h = handlers(&alice);
	struct mbuf *mb = sdp("offer");
	static const char *const badv[] = {
		"", "bob", "tel:123", "sip:", "sip:bob@", "sip:b b@127.0.0.1",
		"sip:bob@127.0.0.1>\r\nX: y", "sip:bob@h?Route=x", "mailto:a@b"
	};
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(badv); i++)
		assert_int_equal(session_connect(&alice.sess, alice.stack,
						 badv[i], mb, NULL, &h),
				 EINVAL);
	assert_null(alice.sess);
	mem_deref(mb);
}

static void test_refused(void **state)
{
	struct session_handlers h = handlers(&alice);
	struct mbuf *mb = sdp("offer");
	(void)state;

	assert_int_equal(session_connect(&alice.sess, alice.stack,
					 "sip:x@127.0.0.99:9;transport=tcp",
					 mb, NULL, &h), 0);
	mem_deref(mb);
	run(alice_down);
	assert_int_equal(alice.err, ECONNREFUSED);
	assert_non_null(strstr(alice.reason, "refuses"));
}

/* Stack closed, session dropped at once: the BYE still gets through */
static void test_close(void **state)
{
	(void)state;

	up(SIP_TRANSP_UDP);
	alice.sess = mem_deref(alice.sess);
	assert_int_equal(stack_pending(alice.stack), 1);
	stack_close(alice.stack, false);
	alice.stack = mem_deref(alice.stack);
	run(bob_down);
	spin(120);
}

static void test_speed(void **state)
{
	const unsigned n = 200;
	uint64_t t;
	unsigned i;
	(void)state;

	bob.auto_accept = true;
	t = tmr_jiffies();
	for (i = 0; i < n; i++) {
		alice.estab = bob.estab = alice.closes = bob.closes = 0;
		call(SIP_TRANSP_UDP, "offer");
		run(both_up);
		(void)session_hangup(alice.sess);
		run(both_down);
	}
	t = tmr_jiffies() - t;
	print_message("%u calls, up and down: %u us each\n", n,
		      (unsigned)(t * 1000 / n));
	assert_true(t < n * 20);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_udp), T(test_tcp), T(test_early), T(test_reject),
		T(test_cancel), T(test_cancel_early), T(test_late_2xx),
		T(test_drop), T(test_drop_ringing), T(test_bye_before_ack),
		T(test_modify), T(test_modify_refused), T(test_glare),
		T(test_info), T(test_late_offer), T(test_bad_target),
		T(test_refused), T(test_close), T(test_speed),
	};

	if (suite_open())
		return 1;
	tmr_init(&tmr_limit);

	return suite_close(cmocka_run_group_tests(testv, NULL, NULL));
}
