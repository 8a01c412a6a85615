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
	unsigned played, concealed, waits, fec, noise;
	int64_t concealed_units, queue, last;
	bool stubborn;
	unsigned copies;           /* in each packet */
	bool gotv[PACKETS_MAX];
	bool mendedv[PACKETS_MAX]; /* by what its follower carries */
	int64_t delay_max, delay_end;
	bool ordered;
	struct playout_stats st;
};

static struct packet packetv[PACKETS_MAX];
static uint64_t sentv[PACKETS_MAX];   /* when, us from the start */
static uint32_t durv[PACKETS_MAX];    /* how long, units         */
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
		sentv[i] = (uint64_t)i * FRAME_US;
		durv[i] = DUR;
		p->at = 1000000 + sentv[i] + rnd(jitter);
		p->lost = rnd(100) < loss;
	}
}


static int put(struct playout *po, uint32_t ssrc, uint16_t seq, uint32_t ts,
	       uint64_t now, const void *buf, size_t len)
{
	const struct playout_packet pkt = {
		ssrc, seq, ts, PLAYOUT_AUDIO, buf, len
	};

	return playout_put(po, &pkt, now);
}


static enum playout_what get(struct playout *po, uint64_t now,
			     struct playout_frame *f)
{
	return playout_get(po, now, 0, FRAME_US, f);
}


/* What a stretcher would do: at most half of the packet at a time, nothing
   below 2.5 ms. out.stubborn: it finds no place unless there is hurry */
static int32_t stretch(const struct playout_frame *f)
{
	int32_t n = f->stretch;

	if (!n || (out.stubborn && !f->hurry))
		return 0;
	if (n > (int32_t)f->duration / 2)
		n = (int32_t)f->duration / 2;
	if (n < -(int32_t)f->duration / 2)
		n = -(int32_t)f->duration / 2;

	return n > -RATE / 400 && n < RATE / 400 ? 0 : n;
}


/* One packet was taken when so much sound was ahead of it */
static void took(struct playout *po, const struct playout_frame *f,
		 uint64_t now, int64_t ahead)
{
	int32_t n;
	uint32_t v;

	assert_int_equal(f->len, sizeof(v));
	memcpy(&v, f->buf, sizeof(v));
	if ((int64_t)v <= out.last)
		out.ordered = false;
	out.last = v;
	out.gotv[v] = true;
	++out.played;
	out.delay_end = (int64_t)(now + ahead) - 1000000 -
		(int64_t)sentv[v];
	if (out.delay_end > out.delay_max)
		out.delay_max = out.delay_end;

	n = stretch(f);
	playout_decoded(po, durv[v], n);
	out.queue += (int64_t)durv[v] + n;
}


/* What stands for one packet came from the one after it */
static void mended(const struct playout_frame *f)
{
	uint32_t v;

	assert_int_equal(f->len, sizeof(v));
	memcpy(&v, f->buf, sizeof(v));
	assert_in_range(v, 1, PACKETS_MAX);
	assert_false(out.gotv[v - 1]);
	out.mendedv[v - 1] = true;
	++out.fec;
}


/* A packet arrives, with copies of the ones before it (RFC 2198) */
static void arrive(struct playout *po, const struct packet *p)
{
	unsigned k;

	if (p->lost)
		return;

	(void)put(po, 7, p->seq, p->ts, p->at, &p->n, sizeof(p->n));
	for (k = out.copies; k && p->n >= k; k--) {
		const uint32_t n = p->n - k;
		const struct playout_packet copy = {
			7, (uint16_t)(p->seq - k), p->ts - k * DUR,
			PLAYOUT_COPY, &n, sizeof(n)
		};

		(void)playout_put(po, &copy, p->at);
	}
}


/* Feed and ask until some time after the last packet */
static void play(struct playout *po, unsigned n)
{
	const bool stubborn = out.stubborn;
	const unsigned copies = out.copies;
	uint64_t now, end;
	unsigned i = 0;

	memset(&out, 0, sizeof(out));
	out.ordered = true;
	out.stubborn = stubborn;
	out.copies = copies;
	out.last = -1;
	qsort(packetv, n, sizeof(packetv[0]), by_time);
	end = packetv[n - 1].at;

	for (now = 1000000 + PHASE_US;
	     now < end + 200000 && out.last != (int64_t)n - 1;
	     now += FRAME_US) {
		struct playout_frame f;
		bool wait = false;

		for (; i < n && packetv[i].at <= now; i++)
			arrive(po, &packetv[i]);

		while (out.queue < DUR && !wait) {
			const int64_t ahead = out.queue * 1000000 / RATE;

			switch (playout_get(po, now, (uint32_t)ahead,
					    FRAME_US, &f)) {

			case PLAYOUT_PACKET:
				took(po, &f, now, ahead);
				break;

			case PLAYOUT_CONCEAL:
				++out.concealed;
				out.concealed_units += f.duration;
				if (f.buf)
					mended(&f);
				out.queue += f.duration;
				break;

			case PLAYOUT_NOISE:
				++out.noise;
				out.queue += f.duration;
				break;

			case PLAYOUT_WAIT:
				++out.waits;
				wait = true;
				break;
			}
		}
		out.queue = wait ? 0 : out.queue - DUR;
	}
	playout_stats(po, &out.st);
}


static void tell(const char *what)
{
	print_message("%s: played %u concealed %u fec %u noise %u waits %u late %u "
		      "skipped %u recovered %u longer %u ms shorter %u ms "
		      "delay %.1f max %.1f target %.1f\n", what, out.played,
		      out.concealed, out.fec, out.noise, out.waits,
		      out.st.late, out.st.skipped, out.st.recovered,
		      out.st.longer_us / 1000, out.st.shorter_us / 1000,
		      (double)out.delay_end / 1000,
		      (double)out.delay_max / 1000,
		      (double)out.st.target_us / 1000);
}


static void run(unsigned n, unsigned redundancy, const char *what)
{
	struct playout *po;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	playout_set_redundancy(po, redundancy);
	play(po, n);
	mem_deref(po);
	tell(what);
	assert_true(out.ordered);
}


static void simulate(unsigned n, uint32_t jitter, unsigned loss,
		     unsigned redundancy)
{
	char what[64];

	net(n, jitter, loss);
	(void)re_snprintf(what, sizeof(what), "jitter %u ms loss %u%%",
			  jitter / 1000, loss);
	run(n, redundancy, what);
}


static void test_calm(void **state)
{
	(void)state;
	simulate(3000, 0, 0, 0);
	assert_int_equal(out.played, 3000);
	assert_int_equal(out.st.late, 0);
	/* it begins more carefully than it has to */
	assert_int_equal(out.st.longer_us, 0);
	assert_in_range(out.st.shorter_us, 0, 20000);
	assert_int_equal(out.concealed, 0);
	assert_in_range(out.delay_max, 0, 30000);
	assert_in_range(out.delay_end, 0, 10000);

	/* half a millisecond is calm, too */
	simulate(3000, 500, 0, 1);
	assert_int_equal(out.played, 3000);
	assert_int_equal(out.concealed, 0);
	assert_in_range(out.delay_max, 0, 30000);
}


/* Late ones among those sent from first on, by what was played */
static unsigned missed(unsigned first, unsigned n)
{
	unsigned i, lost = 0;

	for (i = first; i < n; i++)
		lost += !out.gotv[i];

	return lost;
}


static void test_jitter(void **state)
{
	static const uint32_t jitters[] = { 10000, 40000, 100000 };
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(jitters); i++) {
		simulate(3000, jitters[i], 0, 0);

		/* one in a hundred late is what is aimed at, 3 s on */
		assert_in_range(missed(150, 3000), 0, 28);
		assert_in_range(missed(0, 150), 0, 12);
		assert_in_range(out.delay_end, 0, jitters[i] + 25000);
		assert_int_equal(out.st.skipped, 0);
	}
}


/* A link that stands still for 150 ms once a second and then catches up */
static void test_jitter_burst(void **state)
{
	unsigned i;
	(void)state;

	net(3000, 1000, 0);
	for (i = 0; i < 3000; i++) {
		const uint64_t phase = sentv[i] % 1000000;

		if (phase < 150000)
			packetv[i].at += 150000 - phase;
	}
	run(3000, 0, "stalls of 150 ms");
	assert_in_range(missed(150, 3000), 0, 28);
	assert_in_range(out.concealed, 0, 40);
	assert_in_range(out.delay_end, 100000, 180000);
}


/* After a storm the delay goes back, by leaving out nothing but periods */
static void test_shrink(void **state)
{
	const unsigned n = 6000;
	unsigned i;
	(void)state;

	net(n, 100000, 0);
	for (i = 1500; i < n; i++)
		packetv[i].at = 1000000 + (uint64_t)i * FRAME_US;
	run(n, 0, "after a storm");
	assert_true(out.delay_max > 90000);
	assert_in_range(out.delay_end, 0, 30000);
	assert_int_equal(out.st.skipped, 0);
	assert_in_range(out.st.shorter_us, 60000, 130000);
	assert_int_equal(missed(1500, n), 0);

	/* no good place in the sound: it takes longer, but it goes back */
	net(n, 100000, 0);
	for (i = 1500; i < n; i++)
		packetv[i].at = 1000000 + (uint64_t)i * FRAME_US;
	out.stubborn = true;
	run(n, 0, "after a storm, stubborn");
	out.stubborn = false;
	assert_in_range(out.delay_end, 0, 30000);
	assert_int_equal(missed(1500, n), 0);
}


static void test_loss(void **state)
{
	static const unsigned shares[] = { 5, 10, 20, 30 };
	unsigned lost;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		simulate(3000, 1000, shares[i], 0);
		lost = 3000 - out.played;
		assert_in_range(lost, 25 * shares[i], 35 * shares[i]);
		assert_int_equal(out.st.late, 0);
		assert_in_range(out.concealed, lost, lost + 8);
		assert_in_range(out.delay_end, 0, 45000);

		/* with a use for the next packet it is waited for */
		simulate(3000, 1000, shares[i], 1);
		lost = 3000 - out.played;
		assert_true(out.fec > lost * (88 - shares[i]) / 100);
		assert_in_range(out.delay_end, 0, 50000);
	}
}


/* What became of those sent from first on of which a receiver that knows
   everything has something: of what is lost and stands in one of the next
   few packets, how many were not mended by it */
static void mendable(unsigned first, unsigned n, unsigned within,
		     unsigned *could, unsigned * not )
{
	static bool lostv[PACKETS_MAX];
	unsigned i, k;

	for (i = 0; i < n; i++)
		lostv[packetv[i].n] = packetv[i].lost;

	*could = *not = 0;
	for (i = first; i + within < n; i++) {
		for (k = 1; k <= within && lostv[i + k]; k++)
			;
		if (!lostv[i] || k > within)
			continue;
		++*could;
		*not += !out.mendedv[i] && !out.gotv[i];
	}
	print_message("%u of %u not mended\n", *not, *could);
}


/* All that in-band FEC can mend is mended, once it is known that packets
   get lost: also the last of several, of which the first was made up while
   nothing else was here */
static void test_fec(void **state)
{
	static const unsigned shares[] = { 2, 5, 10, 20, 30 };
	static const uint32_t jitters[] = { 1000, 20000, 60000 };
	unsigned could, not ;
	size_t i, j;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		for (j = 0; j < ARRAY_SIZE(jitters); j++) {
			simulate(3000, jitters[j], shares[i], 1);
			mendable(150, 3000, 1, &could, &not);
			assert_in_range(could, 20 * shares[i],
					32 * shares[i]);
			assert_in_range(not, 0, could / 50);
		}
	}
}


/* And so is all that stands in one of the next two packets; that it does not
   make the delay forget that packets get lost */
static void test_red(void **state)
{
	static const unsigned shares[] = { 2, 5, 10, 20, 30 };
	unsigned could, not, depth;
	size_t i;
	(void)state;

	for (depth = 1; depth <= 2; depth++) {
		for (i = 0; i < ARRAY_SIZE(shares); i++) {
			out.copies = depth;
			simulate(3000, 1000, shares[i], depth);
			mendable(150, 3000, depth, &could, &not);
			assert_in_range(could, 20 * shares[i],
					32 * shares[i]);
			assert_int_equal(not, 0);
			assert_in_range(out.delay_end, 0, 70000);
			assert_in_range(out.concealed, 3000 - out.played,
					3002 - out.played);
			assert_in_range(out.st.shorter_us, 0, 40000);
		}
	}
	out.copies = 0;
}


/* Runs of four: what was lost is made up, no more and no less */
static void test_loss_burst(void **state)
{
	static const unsigned everyv[] = { 80, 40, 20, 13 };
	unsigned i, k, lost;
	size_t j;
	(void)state;

	/* 5, 10, 20 and 30 percent */
	for (j = 0; j < ARRAY_SIZE(everyv); j++) {
		net(3000, 1000, 0);
		lost = 0;
		for (i = 100; i + 4 < 3000; i += everyv[j]) {
			for (k = 0; k < 4; k++)
				packetv[i + k].lost = true;
			lost += 4;
		}
		run(3000, 0, "bursts of four");
		assert_int_equal(out.played, 3000 - lost);
		assert_int_equal(out.concealed, lost);
		assert_int_equal(out.st.late, 0);
		assert_int_equal(out.st.skipped, 0);
		assert_int_equal(out.st.longer_us, 0);
		assert_in_range(out.delay_end, 0, 30000);
	}
}


/* Neighbours change places: none is missed once it is known */
static void test_reorder(void **state)
{
	unsigned i;
	(void)state;

	net(3000, 0, 0);
	for (i = 10; i + 1 < 3000; i += 20)
		packetv[i].at = packetv[i + 1].at + 100;
	run(3000, 0, "reordered");
	assert_in_range(missed(0, 3000), 0, 1);
	assert_in_range(out.delay_end, 0, 45000);
}


/* The sender's clock runs at another speed for ten minutes */
static void test_skew(void **state)
{
	static const int ppm[] = { 200, -200 };
	const unsigned n = PACKETS_MAX;
	size_t k;
	unsigned i;
	(void)state;

	for (k = 0; k < ARRAY_SIZE(ppm); k++) {
		net(n, 500, 0);
		for (i = 0; i < n; i++) {
			packetv[i].at -= (int64_t)packetv[i].at * ppm[k] /
				1000000;
			sentv[i] = packetv[i].at - 1000000;
		}
		run(n, 0, ppm[k] > 0 ? "skew +200 ppm" : "skew -200 ppm");
		assert_int_equal(missed(0, n), 0);
		assert_in_range(out.concealed, 0, 3);
		assert_int_equal(out.st.skipped, 0);
		/* 400 s at 200 ppm are 80 ms */
		if (ppm[k] > 0)
			assert_in_range(out.st.shorter_us, 60000, 120000);
		else
			assert_in_range(out.st.longer_us, 60000, 130000);
	}
}


/* Nothing for five seconds: 100 ms made up, then silence, then as before */
static void test_outage(void **state)
{
	unsigned i;
	(void)state;

	net(1000, 1000, 0);
	for (i = 300; i < 550; i++)
		packetv[i].lost = true;
	run(1000, 0, "outage of 5 s");
	assert_int_equal(out.played, 750);
	assert_in_range(out.concealed, 5, 6);
	assert_in_range(out.waits, 240, 250);
	assert_in_range(out.delay_end, 0, 30000);
}


/* Copies within later packets mend all single losses */
static void test_copies(void **state)
{
	struct playout_frame f;
	struct playout_stats st;
	struct playout *po;
	uint64_t now = 1000000;
	unsigned i, concealed = 0, lost = 0, lastly = 0;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	playout_set_redundancy(po, 1);
	seed = 3;
	for (i = 0; i < 2000; i++, now += FRAME_US) {
		const bool gone = i % 7 == 3;
		struct playout_packet pkt = {
			7, (uint16_t)i, i * DUR, PLAYOUT_AUDIO, &i, sizeof(i)
		};
		const unsigned before = i - 1;

		lost += gone;
		if (!gone) {
			assert_int_equal(playout_put(po, &pkt, now), 0);
			pkt.seq = (uint16_t)before;
			pkt.ts = before * DUR;
			pkt.buf = &before;
			pkt.kind = PLAYOUT_COPY;
			if (i)
				(void)playout_put(po, &pkt, now);
		}
		if (get(po, now + PHASE_US, &f) == PLAYOUT_CONCEAL) {
			++concealed;
			lastly = i;
		}
	}
	playout_stats(po, &st);
	/* until the loss is known: then the copies are waited for */
	assert_in_range(concealed, 0, 4);
	assert_in_range(lastly, 0, 100);
	assert_in_range(st.recovered, lost - 4, lost);
	mem_deref(po);
}


/* Packets of 10 to 120 ms, and changing in the midst of it */
static void test_ptime(void **state)
{
	static const unsigned ms[] = { 10, 20, 30, 40, 60, 120 };
	uint64_t at = 0;
	unsigned i, k;
	size_t j;
	(void)state;

	for (j = 0; j < ARRAY_SIZE(ms); j++) {
		net(1000, 500, 0);
		for (i = 0; i < 1000; i++) {
			packetv[i].ts = i * ms[j] * 8;
			sentv[i] = (uint64_t)(i + 1) * ms[j] * 1000;
			durv[i] = ms[j] * 8;
			packetv[i].at = 1000000 + sentv[i] + rnd(500);
		}
		run(1000, 0, "packets of one length");
		assert_int_equal(out.played, 1000);
		assert_in_range(out.concealed, 0, 1);
		assert_in_range(out.delay_end, 0, 30000);
	}

	net(3000, 500, 0);
	for (i = 0, k = 0; i < 3000; i++) {
		const unsigned d = i / 500 % 2 ? 60 : 20;

		packetv[i].ts = k;
		k += d * 8;
		at += d * 1000;
		sentv[i] = at;
		durv[i] = d * 8;
		packetv[i].at = 1000000 + at;
	}
	run(3000, 0, "20 and 60 ms in turn");
	assert_in_range(missed(0, 3000), 0, 3);
	assert_in_range(out.concealed, 0, 12);
	assert_in_range(out.delay_end, 0, 65000);
}


/* A pause that begins with comfort noise is filled with noise */
static void test_comfort(void **state)
{
	struct playout_frame f;
	struct playout_stats st;
	struct playout *po;
	uint64_t now = 1000000;
	unsigned i, noise = 0, played = 0, concealed = 0;
	uint16_t seq = 0;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	for (i = 0; i < 400; i++, now += FRAME_US) {
		struct playout_packet pkt = {
			7, seq, i * DUR, PLAYOUT_AUDIO, &i, sizeof(i)
		};

		if (i == 100)
			pkt.kind = PLAYOUT_COMFORT;
		if (i <= 100 || i >= 300) {
			assert_int_equal(playout_put(po, &pkt, now), 0);
			++seq;
		}
		switch (get(po, now + PHASE_US, &f)) {

		case PLAYOUT_PACKET:  ++played;    break;
		case PLAYOUT_NOISE:   ++noise;     break;
		case PLAYOUT_CONCEAL: ++concealed; break;
		case PLAYOUT_WAIT:                 break;
		}
	}
	playout_stats(po, &st);
	assert_in_range(played, 199, 201);
	assert_in_range(noise, 198, 200);
	assert_int_equal(concealed, 0);
	assert_in_range(st.delay_us, 0, 30000);
	mem_deref(po);
}


/* A wholly late block: the delay grows by what was needed, at once */
static void test_spike(void **state)
{
	unsigned i;
	(void)state;

	net(2000, 0, 0);
	for (i = 1000; i < 1004; i++)
		packetv[i].at = 1000000 + 1004 * FRAME_US;
	run(2000, 0, "a spike");
	assert_in_range(out.played, 1990, 2000);
	assert_in_range(out.concealed, 1, 10);
	assert_in_range(out.delay_max, 60000, 120000);
}


static void test_pause(void **state)
{
	unsigned i;
	(void)state;

	/* silence suppression: numbers go on, timestamps jump with time */
	net(1000, 0, 0);
	for (i = 500; i < 1000; i++) {
		packetv[i].ts += 100 * DUR;
		packetv[i].at += 100 * FRAME_US;
		sentv[i] += 100 * FRAME_US;
	}
	run(1000, 0, "a pause");
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
		assert_int_equal(put(po, 1, (uint16_t)i, i * DUR, now,
					     &v, sizeof(v)), 0);
		(void)get(po, now + PHASE_US, &f);
	}

	/* one stray packet changes nothing */
	assert_int_equal(put(po, 99, 4711, 1, now, &v, sizeof(v)),
			 EAGAIN);
	assert_int_equal(put(po, 1, 40000, 1, now, &v, sizeof(v)),
			 EAGAIN);
	assert_int_equal(put(po, 1, 100, 100 * DUR, now, &v,
				     sizeof(v)), 0);
	assert_int_equal(put(po, 1, 100, 100 * DUR, now, &v,
				     sizeof(v)), EALREADY);

	/* two in sequence are a new start */
	now += FRAME_US;
	assert_int_equal(put(po, 2, 9000, 77, now, &v, sizeof(v)),
			 EAGAIN);
	now += FRAME_US;
	assert_int_equal(put(po, 2, 9001, 77 + DUR, now, &v,
				     sizeof(v)), 0);
	now += FRAME_US;
	assert_int_equal(put(po, 2, 9002, 77 + 2 * DUR, now, &v,
				     sizeof(v)), 0);
	assert_int_equal(get(po, now + PHASE_US, &f),
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
		assert_int_equal(put(po, 1, (uint16_t)i, i * DUR, now,
					     &i, sizeof(i)), 0);
		if (i >= 100 && i < 140)
			continue;
		if (get(po, now + PHASE_US, &f) == PLAYOUT_PACKET) {
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
			assert_int_equal(put(po, 1, (uint16_t)i,
						     i * DUR, now, &i,
						     sizeof(i)), 0);
		what = get(po, now + PHASE_US, &f);
		played += what == PLAYOUT_PACKET;
		concealed += what == PLAYOUT_CONCEAL;
	}
	assert_in_range(played, 190, 192);
	assert_in_range(concealed, 0, 5);
	mem_deref(po);
}


/* Asked right after the packets come, there is next to no delay; but nobody
   is asked to run ahead of a sender for ever */
static void test_early(void **state)
{
	const uint8_t buf[4] = { 0 };
	struct playout_stats st;
	struct playout_frame f;
	struct playout *po;
	uint64_t now = 1000000, sooner = 0;
	unsigned i, asked = 0;
	(void)state;

	assert_int_equal(playout_alloc(&po, RATE), 0);
	for (i = 0; i < 3000; i++, now += FRAME_US) {
		/* the sender is 100 ppm slower: it seems to be late */
		const uint64_t late = 2ull * i;
		uint32_t early;

		assert_int_equal(put(po, 1, (uint16_t)i, i * DUR, now + late,
				     buf, sizeof(buf)), 0);
		if (get(po, now + late + 17000 - sooner, &f) ==
		    PLAYOUT_PACKET)
			playout_decoded(po, DUR, 0);
		early = playout_early(po);
		assert_in_range(early, 0, FRAME_US);
		sooner += early;
		asked += early > 0;
	}
	playout_stats(po, &st);
	assert_in_range(sooner, 5000, 17000);
	assert_in_range(st.delay_us, 0, 12000);
	assert_in_range(asked, 1, 4);
	assert_int_equal(st.concealed, 0);
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
	assert_int_equal(put(po, 1, 1, 1, 1, buf, sizeof(buf)),
			 EMSGSIZE);
	for (i = 0; i < 300000; i++) {
		const bool wild = rnd(10) == 0;

		(void)put(po, rnd(3), (uint16_t)(wild ? rnd(65536) :
							 i + rnd(8)),
				  wild ? seed * 2654435761u : i * DUR, now,
				  buf, rnd(PLAYOUT_PAYLOAD));
		if (rnd(20) == 0)
			playout_pass(po, rnd(3), (uint16_t)rnd(65536));
		if (rnd(2))
			(void)get(po, now, &f);
		now += rnd(40000);
	}
	mem_deref(po);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_jitter_burst),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_fec),
		cmocka_unit_test(test_red),
		cmocka_unit_test(test_loss_burst),
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_skew),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_ptime),
		cmocka_unit_test(test_comfort),
		cmocka_unit_test(test_spike),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
