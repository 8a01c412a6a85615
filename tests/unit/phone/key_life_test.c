/**
 * @file key_life_test.c  Keys of SDES over their whole life
 *
 * Two ends with the modules sdes and srtp and a gate each; what a media line
 * would carry goes from one to the other here. A key that may be used for
 * few packets wears out, is replaced by an offer, or ends.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/srtp_flow.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"
#include "suite.h"

enum { LINES = 8, LINE = 200, HEADER = 12, PAYLOAD = 160, LIFE = 256 };

/** What one end says of keys */
struct said {
	char v[LINES][LINE];
	size_t n;
	const char *more;        /* Behind each key, say "|2^20"          */
};

struct end {
	struct crypto_neg *neg;
	struct crypto_run *run;
	struct srtp_flow *flow;
	struct said said;
	uint16_t seq;
	unsigned secured;
};

static const struct media_crypto *sdes;
static struct end alice, bob;


static int write_handler(bool session, const char *name, const char *value,
			 void *arg)
{
	struct said *said = arg;

	assert_false(session);
	assert_string_equal(name, "crypto");
	assert_true(said->n < LINES);
	(void)re_snprintf(said->v[said->n++], LINE, "%s%s", value,
			  said->more);

	return 0;
}


static const char *read_handler(const struct crypto_sdp *sdp,
				const char *name, unsigned n)
{
	const struct said *said = sdp->arg;

	return !strcmp(name, "crypto") && n < said->n ? said->v[n] : NULL;
}


static void keys_handler(const struct crypto_keys *keys, void *arg)
{
	struct end *e = arg;

	assert_int_equal(srtp_flow_keys(e->flow, keys), 0);
}


static void event_handler(enum crypto_event ev,
			  const struct crypto_info *info, void *arg)
{
	struct end *e = arg;

	assert_int_equal(ev, CRYPTO_SECURE);
	assert_non_null(info->details);
	++e->secured;
}


static void end_make(struct end *e, bool caller, const char *more)
{
	const struct crypto_param prm = { .own_uri = "sip:a@example.org",
		.peer_uri = "sip:b@example.org", .signalling_tls = true,
		.caller = caller };

	memset(e, 0, sizeof(*e));
	e->said.more = more;
	assert_int_equal(sdes->alloc(&e->neg, &prm), 0);
	assert_int_equal(srtp_flow_alloc(&e->flow), 0);
}


static void end_drop(struct end *e)
{
	mem_deref(e->run);
	mem_deref(e->neg);
	mem_deref(e->flow);
}


static int take(struct end *e, const struct end *from, bool offer, bool up)
{
	const struct crypto_sdp sdp = {
		.profile = PROFILE_SAVP, .offer = offer, .up = up,
		.attr = read_handler, .arg = (void *)(uintptr_t)&from->said
	};

	return sdes->decode(e->neg, &sdp);
}


static void start(struct end *e)
{
	const struct crypto_handlers h = { NULL, keys_handler, event_handler,
					   e };
	struct crypto_job *job = NULL;

	assert_int_equal(sdes->agree(&job, e->neg), 0);
	assert_int_equal(sdes->start(&e->run, job, &h), 0);
	mem_deref(job);
}


/* Alice offers, Bob answers */
static void negotiate(bool up)
{
	alice.said.n = bob.said.n = 0;
	assert_int_equal(sdes->encode(alice.neg, true, write_handler,
				      &alice.said), 0);
	assert_int_equal(take(&bob, &alice, true, up), 0);
	assert_int_equal(sdes->encode(bob.neg, false, write_handler,
				      &bob.said), 0);
	assert_int_equal(take(&alice, &bob, false, up), 0);
	start(&bob);
	start(&alice);
}


static void both(const char *alices, const char *bobs)
{
	end_make(&alice, true, alices);
	end_make(&bob, false, bobs);
	negotiate(false);
	assert_int_equal(alice.secured, 1);
}


static void both_drop(void)
{
	end_drop(&alice);
	end_drop(&bob);
}


/* One packet; 0 if the other end could read it */
static int talk(struct end *from, struct end *to)
{
	struct mbuf *mb = mbuf_alloc(HEADER + PAYLOAD + SRTP_TRAILER);
	int err;

	assert_non_null(mb);
	memset(mb->buf, 0, HEADER + PAYLOAD);
	mb->buf[0] = 0x80;
	mb->buf[2] = (uint8_t)(++from->seq >> 8);
	mb->buf[3] = (uint8_t)from->seq;
	mb->buf[8] = from == &alice ? 1 : 2;
	mb->end = HEADER + PAYLOAD;

	err = srtp_flow_out(from->flow, CRYPTO_RTP, mb);
	if (!err && !srtp_flow_in(to->flow, CRYPTO_RTP, mb))
		err = EAUTH;
	if (!err)
		assert_int_equal(mb->end, HEADER + PAYLOAD);
	mem_deref(mb);

	return err;
}


static void talk_many(struct end *from, struct end *to, unsigned n)
{
	while (n--)
		assert_int_equal(talk(from, to), 0);
}


/* Half of so short a life is kept to agree on other keys: told once, the
 * offer brings them, and the count begins anew */
static void test_renewed(void **state)
{
	char before[LINE];
	unsigned round;
	(void)state;

	both("", "|2^8");
	talk_many(&alice, &bob, LIFE / 2 - 1);
	assert_false(srtp_flow_worn(alice.flow));

	for (round = 0; round < 3; round++) {
		talk_many(&alice, &bob, 1);
		assert_true(srtp_flow_worn(alice.flow));
		assert_false(srtp_flow_worn(alice.flow));
		assert_false(srtp_flow_expired(alice.flow));

		str_ncpy(before, alice.said.v[0], sizeof(before));
		sdes->renew(alice.neg);
		negotiate(true);
		assert_string_not_equal(before, alice.said.v[0]);
		assert_int_equal(alice.secured, 2 + round);
		talk_many(&alice, &bob, LIFE / 2 - 1);
	}
	/* nothing of it depends on what the peer does with its own key */
	talk_many(&bob, &alice, 2 * LIFE);
	both_drop();
}


/* Until it is answered the offer changes nothing; a peer that offers in
 * between gets the key it has */
static void test_not_answered(void **state)
{
	char key[LINE];
	(void)state;

	both("", "");
	sdes->renew(alice.neg);
	alice.said.n = 0;
	assert_int_equal(sdes->encode(alice.neg, true, write_handler,
				      &alice.said), 0);
	str_ncpy(key, alice.said.v[0], sizeof(key));
	start(&alice);
	talk_many(&alice, &bob, 10);

	/* theirs comes across ours */
	alice.said.n = bob.said.n = 0;
	assert_int_equal(sdes->encode(bob.neg, true, write_handler,
				      &bob.said), 0);
	assert_int_equal(take(&alice, &bob, true, true), 0);
	assert_int_equal(sdes->encode(alice.neg, false, write_handler,
				      &alice.said), 0);
	assert_int_equal(take(&bob, &alice, false, true), 0);
	start(&alice);
	start(&bob);
	talk_many(&alice, &bob, 10);
	assert_string_not_equal(key, alice.said.v[0]);

	/* and ours again, with the key it had offered */
	negotiate(true);
	assert_string_equal(key, alice.said.v[0]);
	talk_many(&alice, &bob, 10);
	talk_many(&bob, &alice, 10);
	both_drop();
}


/* Nobody gives another key: nothing more is sent */
static void test_used_up(void **state)
{
	(void)state;

	both("", "|256");
	talk_many(&alice, &bob, LIFE);
	assert_true(srtp_flow_worn(alice.flow));
	assert_true(srtp_flow_expired(alice.flow));
	assert_int_equal(talk(&alice, &bob), EKEYEXPIRED);
	assert_int_equal(talk(&alice, &bob), EKEYEXPIRED);

	/* negotiating without another key does not make it younger */
	negotiate(true);
	assert_int_equal(talk(&alice, &bob), EKEYEXPIRED);
	both_drop();
}


/* Bob says that his packets name their key, and they do not: nothing of it
 * is taken for something else */
static void test_mki(void **state)
{
	size_t i;
	(void)state;

	both("", "|2^20|258:4");
	for (i = 0; i < 10; i++)
		assert_int_equal(talk(&bob, &alice), EAUTH);
	talk_many(&alice, &bob, 10);
	both_drop();
}


static struct mbuf *rtp(uint16_t seq)
{
	struct mbuf *mb = mbuf_alloc(HEADER + PAYLOAD + SRTP_TRAILER);

	assert_non_null(mb);
	memset(mb->buf, 0, HEADER + PAYLOAD);
	mb->buf[0] = 0x80;
	mb->buf[3] = (uint8_t)seq;
	mb->end = HEADER + PAYLOAD;

	return mb;
}


/* In each suite that can: the name stands before the tag, and another one is
 * refused */
static void test_mki_packets(void **state)
{
	static const struct {
		enum srtp_suite id;
		size_t len, tag;
	} v[] = {
		{ SRTP_AES_256_GCM, 44, 16 },
		{ SRTP_AES_128_GCM, 28, 16 },
		{ SRTP_AES_256_CM_HMAC_SHA1_80, 46, 10 },
		{ SRTP_AES_CM_128_HMAC_SHA1_80, 30, 10 },
	};
	const struct srtp_engine *engine = srtp_engine_get();
	const struct srtp_mki mki = { { 0, 0, 1, 2 }, 4 };
	const struct srtp_mki other = { { 0, 0, 1, 3 }, 4 };
	uint8_t key[SRTP_KEY_MAX];
	size_t i;
	(void)state;

	rand_bytes(key, sizeof(key));
	for (i = 0; i < RE_ARRAY_SIZE(v); i++) {
		struct srtp_ctx *tx, *rx, *wrong;
		struct mbuf *mb;

		assert_int_equal(engine->alloc(&tx, v[i].id, key, v[i].len,
					       &mki, true), 0);
		assert_int_equal(engine->alloc(&rx, v[i].id, key, v[i].len,
					       &mki, false), 0);
		assert_int_equal(engine->alloc(&wrong, v[i].id, key,
					       v[i].len, &other, false), 0);

		mb = rtp(1);
		assert_int_equal(engine->protect(tx, mb), 0);
		assert_int_equal(mb->end, HEADER + PAYLOAD + 4 + v[i].tag);
		assert_int_not_equal(engine->unprotect(wrong, mb), 0);
		assert_int_equal(engine->unprotect(rx, mb), 0);
		assert_int_equal(mb->end, HEADER + PAYLOAD);
		mem_deref(mb);

				mb = rtp(2);
		mb->buf[1] = 200;
		assert_int_equal(engine->protect_rtcp(tx, mb), 0);
		assert_int_equal(engine->unprotect_rtcp(rx, mb), 0);
		assert_int_equal(mb->end, HEADER + PAYLOAD);
		mem_deref(mb);

		mem_deref(tx);
		mem_deref(rx);
		mem_deref(wrong);
	}
}


static int setup(void **state)
{
	(void)state;

	if (built_load())
		return -1;
	sdes = media_crypto_find("sdes");

	return sdes && srtp_engine_get() ? 0 : -1;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_not_answered),
		cmocka_unit_test(test_used_up),
		cmocka_unit_test(test_mki),
		cmocka_unit_test(test_mki_packets),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(tests, setup,
						  built_teardown));
}
