/**
 * @file playout_test.c  The playout buffer against nets of all kinds
 *
 * A net is simulated: packets get a delay, some are lost, and the buffer is
 * asked for one every 20 ms. No clock runs.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/playout.h"

enum {
	RATE = 8000, DUR = 160, FRAME_US = 20000,
	PACKETS_MAX = 20000,
	PHASE_US = 7000            /* of the consumer against the sender */
};

struct packet {
	uint64_t at;
	uint16_t seq;
	uint32_t ts;
	uint32_t n;                /* what it carries */
	bool lost;
};

/** What came out */
struct outcome {
	unsigned played, concealed, waits, fec;
	bool gotv[PACKETS_MAX];
	int64_t delay_max, delay_end;
	bool ordered;
	struct playout_stats st;
};

static struct packet packetv[PACKETS_MAX];
static struct outcome out;
static uint32_t seed;


static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;

	return n ? (seed >> 8) % n : 0;
}


static int by_time(const void *a, const void *b)
{
	const struct packet *p = a, *q = b;

	return p->at < q->at ? -1 : p->at > q->at;
}


/* n packets of 20 ms, each late by 0 to jitter us; loss in percent */
static void net(unsigned n, uint32_t jitter, unsigned loss)
{
	unsigned i;

	seed = 1;
	for (i = 0; i < n; i++) {
		struct packet *p = &packetv[i];

		p->seq = (uint16_t)(65500 + i);
		p->ts = 4294960000u + i * DUR;
		p->n = i;
		p->at = 1000000 + (uint64_t)i * FRAME_US + rnd(jitter);
		p->lost = rnd(100) < loss;
	}
}


/* Feed and ask until some time after the last packet */
static void play(struct playout *po, unsigned n, bool quiet)
{
	uint64_t now, end;
	unsigned i = 0;
	int64_t last = -1;

	memset(&out, 0, sizeof(out));
	out.ordered = true;
	qsort(packetv, n, sizeof(packetv[0]), by_time);
	end = packetv[n - 1].at;

	for (now = 1000000 + PHASE_US; now < end + 100000;
	     now += FRAME_US) {
		struct playout_frame f;
		uint32_t v;

		for (; i < n && packetv[i].at <= now; i++) {
			if (!packetv[i].lost)
				(void)playout_put(po, 7, packetv[i].seq,
						  packetv[i].ts,
						  packetv[i].at,
						  &packetv[i].n,
						  sizeof(packetv[i].n));
		}

		playout_quiet(po, quiet);
		switch (playout_get(po, now, &f)) {

		case PLAYOUT_PACKET:
			assert_int_equal(f.len, sizeof(v));
			memcpy(&v, f.buf, sizeof(v));
			if ((int64_t)v <= last)
				out.ordered = false;
			last = v;
			out.gotv[v] = true;
			++out.played;
			out.delay_end = (int64_t)now - 1000000 -
				(int64_t)v * FRAME_US;
			if (out.delay_end > out.delay_max)
				out.delay_max = out.delay_end;
			break;

		case PLAYOUT_CONCEAL:
			++out.concealed;
			if (f.buf)
				++out.fec;
			break;

		case PLAYOUT_WAIT:
			++out.waits;
			break;
		}
	}
	playout_stats(po, &out.st);
}


static void simulate(unsigned n, uint32_t jitter, unsigned loss, bool fec,
		     bool quiet)
{
	struct playout *po;

	net(n, jitter, loss);
	assert_int_equal(playout_alloc(&po, RATE), 0);
	playout_set_fec(po, fec);
	play(po, n, quiet);
	mem_deref(po);

	print_message("jitter %u ms loss %u%%: played %u concealed %u late "
		      "%u skipped %u delay %.1f max %.1f target %.1f\n",
		      jitter / 1000, loss, out.played, out.concealed,
		      out.st.late, out.st.skipped,
		      (double)out.delay_end / 1000,
		      (double)out.delay_max / 1000,
		      (double)out.st.target_us / 1000);
	assert_true(out.ordered);
}


static void test_calm(void **state)
{
	(void)state;
	simulate(3000, 0, 0, false, false);
	assert_int_equal(out.played, 3000);
	assert_int_equal(out.st.late, 0);
	assert_in_range(out.delay_max, 0, 30000);

	/* half a millisecond is calm, too */
	simulate(3000, 500, 0, true, false);
	assert_int_equal(out.played, 3000);
	assert_in_range(out.delay_max, 0, 30000);
}


static void test_jitter(void **state)
{
	static const uint32_t jitters[] = { 10000, 40000, 100000 };
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(jitters); i++) {
		simulate(3000, jitters[i], 0, false, false);

		/* one in a hundred late is what is aimed at */
		assert_in_range(out.played, 3000 * 97 / 100, 3000);
		assert_in_range(out.st.late, 0, 60);
		assert_in_range(out.delay_end, 0, jitters[i] + 50000);
	}
}


/* After a storm the delay goes back, without a loss of what is loud if
   there are quiet moments */
static void test_shrink(void **state)
{
	const unsigned n = 6000;
	struct playout *po;
	unsigned i;
	(void)state;

	net(n, 100000, 0);
	for (i = 1500; i < n; i++)
		packetv[i].at = 1000000 + (uint64_t)i * FRAME_US;
	assert_int_equal(playout_alloc(&po, RATE), 0);
	play(po, n, true);
	mem_deref(po);

	assert_true(out.delay_max > 90000);
	assert_in_range(out.delay_end, 0, 30000);
	assert_in_range(out.st.skipped, 3, 12);
	assert_true(out.played + out.st.late + out.st.skipped == n);

	/* never quiet: it takes longer, but it goes back */
	net(n, 100000, 0);
	for (i = 1500; i < n; i++)
		packetv[i].at = 1000000 + (uint64_t)i * FRAME_US;
	assert_int_equal(playout_alloc(&po, RATE), 0);
	play(po, n, false);
	mem_deref(po);
	assert_in_range(out.delay_end, 0, 30000);
}


static void test_loss(void **state)
{
	unsigned lost;
	(void)state;

	simulate(3000, 1000, 10, false, false);
	lost = 3000 - out.played;
	assert_in_range(lost, 200, 400);
	assert_in_range(out.concealed, lost - 5, lost + 30);
	assert_in_range(out.delay_end, 0, 45000);

	/* with a use for the next packet it is waited for */
	simulate(3000, 1000, 10, true, false);
	lost = 3000 - out.played;
	assert_true(out.fec > lost * 7 / 10);
	assert_in_range(out.delay_end, 0, 65000);
}


/* A wholly late block: the delay grows by what was needed, at once */
static void test_spike(void **state)
{
	struct playout *po;
	unsigned i;
	(void)state;

	net(2000, 0, 0);
	for (i = 1000; i < 1004; i++)
		packetv[i].at = 1000000 + 1004 * FRAME_US;
	assert_int_equal(playout_alloc(&po, RATE), 0);
	play(po, 2000, false);
	mem_deref(po);
	assert_in_range(out.played, 1990, 2000);
	assert_in_range(out.concealed, 1, 10);
	assert_in_range(out.delay_max, 60000, 120000);
}


static void test_pause(void **state)
{
	struct playout *po;
	unsigned i;
	(void)state;

	/* silence suppression: numbers go on, timestamps jump with time */
	net(1000, 0, 0);
	for (i = 500; i < 1000; i++) {
		packetv[i].ts += 100 * DUR;
		packetv[i].at += 100 * FRAME_US;
	}
	assert_int_equal(playout_alloc(&po, RATE), 0);
	play(po, 1000, false);
	mem_deref(po);
	assert_int_equal(out.played, 1000);
	assert_in_range(out.concealed, 0, 10);
	assert_in_range(out.waits, 90, 110);
}


static void test_restart(void **state)
{
	struct playout_frame f;
	struct playout_stats st;
	struct playout *po;
	uint64_t now = 5000000;
	uint32_t v = 0;
	unsigned i;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	for (i = 0; i < 100; i++, now += FRAME_US) {
		assert_int_equal(playout_put(po, 1, (uint16_t)i, i * DUR, now,
					     &v, sizeof(v)), 0);
		(void)playout_get(po, now + PHASE_US, &f);
	}

	/* one stray packet changes nothing */
	assert_int_equal(playout_put(po, 99, 4711, 1, now, &v, sizeof(v)),
			 EAGAIN);
	assert_int_equal(playout_put(po, 1, 40000, 1, now, &v, sizeof(v)),
			 EAGAIN);
	assert_int_equal(playout_put(po, 1, 100, 100 * DUR, now, &v,
				     sizeof(v)), 0);
	assert_int_equal(playout_put(po, 1, 100, 100 * DUR, now, &v,
				     sizeof(v)), EALREADY);

	/* two in sequence are a new start */
	now += FRAME_US;
	assert_int_equal(playout_put(po, 2, 9000, 77, now, &v, sizeof(v)),
			 EAGAIN);
	now += FRAME_US;
	assert_int_equal(playout_put(po, 2, 9001, 77 + DUR, now, &v,
				     sizeof(v)), 0);
	now += FRAME_US;
	assert_int_equal(playout_put(po, 2, 9002, 77 + 2 * DUR, now, &v,
				     sizeof(v)), 0);
	assert_int_equal(playout_get(po, now + PHASE_US, &f),
			 PLAYOUT_PACKET);
	playout_stats(po, &st);
	assert_int_equal(st.resets, 1);
	assert_int_equal(st.duplicate, 1);
	mem_deref(po);
}


/* The sound card stood still for 800 ms: afterwards the delay is as before */
static void test_stall(void **state)
{
	struct playout_frame f;
	struct playout_stats st;
	struct playout *po;
	uint64_t now = 5000000;
	unsigned i, last = 0;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	for (i = 0; i < 300; i++, now += FRAME_US) {
		assert_int_equal(playout_put(po, 1, (uint16_t)i, i * DUR, now,
					     &i, sizeof(i)), 0);
		if (i >= 100 && i < 140)
			continue;
		if (playout_get(po, now + PHASE_US, &f) == PLAYOUT_PACKET) {
			memcpy(&last, f.buf, sizeof(last));
			assert_in_range(i - last, 0, 1);
		}
	}
	playout_stats(po, &st);
	assert_in_range(st.skipped, 38, 42);
	mem_deref(po);
}


/* Telephone events use up numbers but are not missed */
static void test_pass(void **state)
{
	struct playout_frame f;
	struct playout *po;
	uint64_t now = 5000000;
	unsigned i, played = 0, concealed = 0;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	for (i = 0; i < 200; i++, now += FRAME_US) {
		enum playout_what what;

		if (i >= 100 && i < 108)
			playout_pass(po, 1, (uint16_t)i);
		else
			assert_int_equal(playout_put(po, 1, (uint16_t)i,
						     i * DUR, now, &i,
						     sizeof(i)), 0);
		what = playout_get(po, now + PHASE_US, &f);
		played += what == PLAYOUT_PACKET;
		concealed += what == PLAYOUT_CONCEAL;
	}
	assert_in_range(played, 190, 192);
	assert_in_range(concealed, 0, 5);
	mem_deref(po);
}


/* Anything may come in any order: no crash, memory stays */
static void test_hostile(void **state)
{
	static uint8_t buf[PLAYOUT_PAYLOAD + 1];
	struct playout_frame f;
	struct playout *po;
	uint64_t now = 1;
	unsigned i;
	(void)state;

	seed = 42;
	assert_int_equal(playout_alloc(&po, RATE), 0);
	assert_int_equal(playout_put(po, 1, 1, 1, 1, buf, sizeof(buf)),
			 EMSGSIZE);
	for (i = 0; i < 300000; i++) {
		const bool wild = rnd(10) == 0;

		(void)playout_put(po, rnd(3), (uint16_t)(wild ? rnd(65536) :
							 i + rnd(8)),
				  wild ? seed * 2654435761u : i * DUR, now,
				  buf, rnd(PLAYOUT_PAYLOAD));
		if (rnd(20) == 0)
			playout_pass(po, rnd(3), (uint16_t)rnd(65536));
		if (rnd(2))
			(void)playout_get(po, now, &f);
		now += rnd(40000);
	}
	mem_deref(po);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_spike),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
