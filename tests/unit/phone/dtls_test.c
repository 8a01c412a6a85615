/**
 * @file dtls_test.c  Two ends of the dtls_srtp module agree on keys
 *
 * SDP attributes go from one neg to the other as a list, datagrams through
 * a queue. With RTCP on the RTP port there is one handshake, else two.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/loop.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"
#include "suite.h"

enum { ATTRS = 8, QUEUE = 64, PARTS = 2 };

struct datagram {
	enum crypto_part part;
	struct mbuf *mb;
};

struct end {
	struct end *peer;
	struct crypto_neg *neg;
	struct crypto_run *run;
	char name[ATTRS][32], value[ATTRS][256];
	size_t attrc;
	struct datagram queue[QUEUE];
	size_t first, last;
	struct crypto_keys keys[PARTS];
	uint8_t tx[PARTS][SRTP_KEY_MAX], rx[PARTS][SRTP_KEY_MAX];
	unsigned given[PARTS];
	unsigned secure, alarms, failed, sent;
};

static const struct media_crypto *mc;


static int attr_handler(bool session, const char *name, const char *value,
			void *arg)
{
	struct end *e = arg;

	assert_false(session);
	assert_true(e->attrc < ATTRS);
	str_ncpy(e->name[e->attrc], name, sizeof(e->name[0]));
	str_ncpy(e->value[e->attrc], value ? value : "",
		 sizeof(e->value[0]));
	++e->attrc;

	return 0;
}


static const char *attr_get(const struct crypto_sdp *sdp, const char *name,
			    unsigned n)
{
	const struct end *e = sdp->arg;
	size_t i;

	for (i = 0; i < e->attrc; i++) {
		if (!strcmp(e->name[i], name) && !n--)
			return e->value[i];
	}

	return NULL;
}


static int send_handler(enum crypto_part part, struct mbuf *mb, void *arg)
{
	struct end *e = arg, *to = e->peer;
	struct datagram *d = &to->queue[to->last++ % QUEUE];

	++e->sent;
	assert_true(to->last - to->first <= QUEUE);
	d->part = part;
	d->mb = mbuf_alloc(mbuf_get_left(mb));
	assert_non_null(d->mb);
	(void)mbuf_write_mem(d->mb, mbuf_buf(mb), mbuf_get_left(mb));
	d->mb->pos = 0;

	return 0;
}


static void keys_handler(const struct crypto_keys *keys, void *arg)
{
	struct end *e = arg;
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		if (!(keys->parts & (i ? CRYPTO_RTCP : CRYPTO_RTP)))
			continue;
		e->keys[i] = *keys;
		memcpy(e->tx[i], keys->tx, keys->tx_len);
		memcpy(e->rx[i], keys->rx, keys->rx_len);
		++e->given[i];
	}
}


static void event_handler(enum crypto_event ev,
			  const struct crypto_info *info, void *arg)
{
	struct end *e = arg;
	(void)info;

	e->secure += ev == CRYPTO_SECURE;
	e->alarms += ev == CRYPTO_ALARM;
	e->failed += ev == CRYPTO_FAILED;
}


static void ends_make(struct end *a, struct end *b)
{
	const struct crypto_param prm = { .own_uri = "sip:a@example.org" };

	memset(a, 0, sizeof(*a));
	memset(b, 0, sizeof(*b));
	a->peer = b;
	b->peer = a;
	assert_int_equal(mc->alloc(&a->neg, &prm), 0);
	assert_int_equal(mc->alloc(&b->neg, &prm), 0);
}


static void ends_free(struct end *a, struct end *b)
{
	struct end *v[] = { a, b };
	size_t i;

	for (i = 0; i < 2; i++) {
		mem_deref(v[i]->run);
		mem_deref(v[i]->neg);
		while (v[i]->first != v[i]->last)
			mem_deref(v[i]->queue[v[i]->first++ % QUEUE].mb);
	}
}


static int read_sdp(struct end *from, struct end *to, bool offer, bool up,
		    bool mux)
{
	const struct crypto_sdp sdp = {
		.profile = PROFILE_AVP, .offer = offer, .up = up,
		.mux = mux, .attr = attr_get, .arg = from
	};

	return mc->decode(to->neg, &sdp);
}


static void offer_answer(struct end *a, struct end *b, bool up, bool mux)
{
	a->attrc = b->attrc = 0;
	assert_int_equal(mc->encode(a->neg, true, attr_handler, a), 0);
	assert_int_equal(read_sdp(a, b, true, up, mux), 0);
	assert_int_equal(mc->encode(b->neg, false, attr_handler, b), 0);
	assert_int_equal(read_sdp(b, a, false, up, mux), 0);
}


static void start(struct end *e)
{
	const struct crypto_handlers h = {
		send_handler, keys_handler, event_handler, e
	};
	struct crypto_job *job = NULL;

	assert_int_equal(mc->agree(&job, e->neg), 0);
	assert_int_equal(mc->start(&e->run, job, &h), 0);
	mem_deref(job);
}


static bool deliver(struct end *e)
{
	struct datagram d;

	if (e->first == e->last)
		return false;

	d = e->queue[e->first++ % QUEUE];
	assert_true(mc->input(e->run, d.part, d.mb));
	mem_deref(d.mb);

	return true;
}


static void pump(struct end *a, struct end *b)
{
	unsigned i;

	for (i = 0; i < 200; i++) {
		(void)mc->tick(a->run, loop_now());
		(void)mc->tick(b->run, loop_now());
		while (deliver(a) || deliver(b))
			;
	}
}


static void assert_agreed(const struct end *a, const struct end *b)
{
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		assert_int_equal(a->keys[i].suite, SRTP_AES_256_GCM);
		assert_int_equal(a->keys[i].tx_len, 44);
		assert_memory_equal(a->tx[i], b->rx[i], 44);
		assert_memory_equal(a->rx[i], b->tx[i], 44);
		assert_memory_not_equal(a->tx[i], a->rx[i], 44);
	}
	assert_int_equal(a->alarms + b->alarms + a->failed + b->failed, 0);
}


static void test_mux(void **state)
{
	struct end a, b;
	unsigned sent;
	(void)state;

	ends_make(&a, &b);
	offer_answer(&a, &b, false, true);
	start(&a);
	start(&b);
	pump(&a, &b);
	assert_agreed(&a, &b);
	assert_int_equal(a.secure, 1);
	assert_int_equal(a.given[0], 1);
	assert_memory_equal(a.tx[0], a.tx[1], 44);

	/* the same again: nothing is sent, no key is new */
	sent = a.sent + b.sent;
	offer_answer(&b, &a, true, true);
	start(&a);
	start(&b);
	pump(&a, &b);
	assert_int_equal(a.sent + b.sent, sent);
	assert_int_equal(a.given[0], 1);
	ends_free(&a, &b);
}


static void test_two_ports(void **state)
{
	struct end a, b;
	(void)state;

	ends_make(&a, &b);
	offer_answer(&a, &b, false, false);
	start(&a);
	start(&b);
	pump(&a, &b);
	assert_agreed(&a, &b);
	assert_int_equal(a.secure, 1);
	assert_memory_not_equal(a.tx[0], a.tx[1], 44);
	ends_free(&a, &b);
}


/* The certificate is another than the SDP said */
static void test_wrong_peer(void **state)
{
	struct end a, b;
	char *digit;
	(void)state;

	ends_make(&a, &b);
	assert_int_equal(mc->encode(a.neg, true, attr_handler, &a), 0);
	digit = strrchr(a.value[0], ':') + 1;
	*digit = *digit == '0' ? '1' : '0';
	assert_int_equal(read_sdp(&a, &b, true, false, true), 0);
	assert_int_equal(mc->encode(b.neg, false, attr_handler, &b), 0);
	assert_int_equal(read_sdp(&b, &a, false, false, true), 0);
	start(&a);
	start(&b);
	pump(&a, &b);
	assert_int_equal(b.alarms, 1);
	assert_int_equal(b.failed, 1);
	assert_int_equal(a.secure + b.secure, 0);
	assert_int_equal(a.given[0] + b.given[0], 0);
	ends_free(&a, &b);
}


static void test_sdp(void **state)
{
	struct end a, b;
	char *digit;
	(void)state;

	ends_make(&a, &b);
	assert_int_equal(read_sdp(&a, &b, true, false, true), ENOENT);
	offer_answer(&a, &b, false, true);
	assert_string_equal(a.value[1], "actpass");
	assert_string_equal(b.value[1], "active");

	/* an answer must choose; somebody else may not come in later */
	str_ncpy(b.value[1], "actpass", sizeof(b.value[1]));
	assert_int_equal(read_sdp(&b, &a, false, false, true), EPROTO);
	str_ncpy(b.value[1], "holdconn", sizeof(b.value[1]));
	assert_int_equal(read_sdp(&b, &a, false, false, true), ENOTSUP);
	digit = strrchr(a.value[0], ':') + 1;
	*digit = *digit == '0' ? '1' : '0';
	assert_int_equal(read_sdp(&a, &b, true, true, true), EACCES);
	str_ncpy(a.value[0], "sha-1 00:11", sizeof(a.value[0]));
	assert_int_equal(read_sdp(&a, &b, true, true, true), ENOTSUP);
	ends_free(&a, &b);
}


static int setup(void **state)
{
	(void)state;

	if (built_load())
		return -1;

	mc = media_crypto_find("dtls-srtp");

	return mc ? 0 : -1;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mux),
		cmocka_unit_test(test_two_ports),
		cmocka_unit_test(test_wrong_peer),
		cmocka_unit_test(test_sdp),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(tests, setup,
						  built_teardown));
}
