/**
 * @file adapt_test.c  The plan against nets of all kinds
 *
 * A net is a function from what is sent to what is reported; reports come
 * every four seconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/adapt.h"
#include "phone/media/oneway.h"
#include "phone/media/quality.h"
#include "phone/media/rtcp_xr.h"

enum { REPORT_US = 4000000 };

static const struct adapt_limits opus = {
	.rate = true, .fec = true, .bitrate = 32000, .ptime = 20,
	.ptime_max = 120
};
static const struct adapt_limits pcmu = {
	.bitrate = 64000, .ptime = 20, .ptime_max = 60, .red = true
};

static uint64_t now;


static uint32_t wire(const struct adapt *a)
{
	return adapt_wire(a->plan.bitrate, a->plan.ptime, a->plan.red);
}


/* Reports of a net that loses so much and has that round trip */
static void reports(struct adapt *a, unsigned n, float loss, float rtt)
{
	while (n--) {
		now += REPORT_US;
		(void)adapt_report(a, loss, rtt, now);
	}
}


/* Reports of a bottleneck with a queue of 200 ms before it */
static void narrow(struct adapt *a, unsigned n, uint32_t rate, float rtt)
{
	while (n--) {
		const uint32_t sent = wire(a);
		const bool over = sent > rate;

		now += REPORT_US;
		(void)adapt_report(a, over ? 1 - (float)rate / (float)sent :
				   0, rtt + (over ? 200 : 0), now);
	}
}


static struct adapt start(const struct adapt_limits *lim)
{
	struct adapt a;

	now = 1000000;
	adapt_init(&a, lim);
	reports(&a, 2, 0, 40);

	return a;
}


static void test_calm(void **state)
{
	struct adapt a = start(&opus);
	(void)state;

	reports(&a, 100, 0, 45);
	assert_int_equal(a.level, 0);
	assert_int_equal(a.plan.bitrate, 32000);
	assert_int_equal(a.plan.ptime, 20);
	assert_int_equal(a.plan.loss, 5);
	assert_false(a.plan.dtx);
	assert_int_equal(adapt_net(&a, 0), NET_GOOD);
	assert_string_equal(adapt_net_name(adapt_net(&a, 0)), "good");
	assert_int_equal(adapt_net(&a, 0.1f), NET_LOSSY);

	/* a longer way is no queue for ever */
	reports(&a, 300, 0, 90);
	assert_int_equal(a.level, 0);
}


/* Loss by chance: more redundancy, no less speech */
static void test_lossy(void **state)
{
	static const struct {
		float loss;
		uint32_t fec;
		unsigned red;
	} v[] = {
		{ 0.00f, 5, 0 }, { 0.02f, 10, 0 }, { 0.05f, 10, 1 },
		{ 0.07f, 10, 2 }, { 0.10f, 15, 2 }, { 0.14f, 20, 2 },
	};
	struct adapt_limits lim = opus;
	struct adapt a;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		a = start(&opus);
		reports(&a, 10, v[i].loss, 45);
		assert_int_equal(a.level, 0);
		assert_int_equal(a.plan.bitrate, 32000);
		assert_in_range(a.plan.loss, v[i].fec - 5, v[i].fec);
		assert_int_equal(a.plan.red, 0);
		assert_int_equal(adapt_net(&a, 0), v[i].loss > 0.02f ?
				 NET_LOSSY : NET_GOOD);

		/* copies are better, and make room for themselves */
		lim.red = true;
		a = start(&lim);
		reports(&a, 10, v[i].loss, 45);
		assert_int_equal(a.plan.red, v[i].red);
		assert_int_equal(a.plan.bitrate, v[i].red ? 24000 : 32000);
	}

	/* and it is forgotten, not all at once */
	reports(&a, 30, 0.045f, 45);
	assert_int_equal(a.plan.red, 2);
	reports(&a, 30, 0.035f, 45);
	assert_int_equal(a.plan.red, 1);
	reports(&a, 30, 0, 45);
	assert_int_equal(a.plan.red, 0);
	assert_int_equal(adapt_net(&a, 0), NET_GOOD);
}


/* Much loss by chance: less is tried, does not help, is taken back */
static void test_very_lossy(void **state)
{
	struct adapt a = start(&opus);
	(void)state;

	reports(&a, 1, 0.35f, 45);
	assert_true(a.level > 0);
	reports(&a, 2, 0.35f, 45);
	assert_int_equal(a.level, 0);
	reports(&a, 8, 0.25f, 45);
	assert_int_equal(a.level, 0);
	assert_int_equal(a.plan.loss, 30);
	reports(&a, 4, 0.4f, 45);
	assert_int_equal(adapt_net(&a, 0), NET_POOR);
}


/* Bottlenecks of all widths: what is sent fits, and soon */
static void test_narrow(void **state)
{
	static const uint32_t rates[] = { 12000, 16000, 20000, 24000, 32000 };
	struct adapt a;
	unsigned k, over;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		a = start(&opus);
		narrow(&a, 2, rates[i], 45);
		assert_true(wire(&a) <= rates[i]);
		assert_int_equal(adapt_net(&a, 0), NET_NARROW);

		/* ten minutes: it looks now and then whether there is more */
		for (k = 0, over = 0; k < 150; k++) {
			narrow(&a, 1, rates[i], 45);
			over += wire(&a) > rates[i];
		}
		assert_in_range(over, 0, 15);

		/* and comes back */
		reports(&a, 40, 0, 45);
		assert_int_equal(a.level, 0);
		assert_int_equal(adapt_net(&a, 0), NET_GOOD);
	}

	/* the floor: 12 kbit/s with all headers, in packets of 120 ms, or of
	   60 where the peer takes no more */
	a = start(&opus);
	narrow(&a, 6, 9000, 45);
	assert_int_equal(a.plan.bitrate, 6000);
	assert_int_equal(a.plan.ptime, 120);
	assert_true(a.plan.dtx);
	assert_in_range(wire(&a), 6000, 9000);
	a.lim.ptime_max = 60;
	reports(&a, 1, 0.5f, 245);
	assert_int_equal(a.plan.ptime, 60);
	assert_in_range(wire(&a), 6000, 12000);
	reports(&a, 5, 0.5f, 245);
	assert_int_equal(adapt_net(&a, 0), NET_POOR);
}


/* A link that cuts off what is too much and lets nothing wait */
static void test_policed(void **state)
{
	struct adapt a = start(&opus);
	unsigned k;
	(void)state;

	for (k = 0; k < 10; k++) {
		const uint32_t sent = wire(&a);

		reports(&a, 1, sent > 20000 ? 1 - 20000.f / (float)sent : 0,
			45);
	}
	assert_true(a.level > 0);
	assert_true(wire(&a) <= 24000);
}


/* A codec of one rate can only save headers */
static void test_fixed_rate(void **state)
{
	struct adapt a = start(&pcmu);
	(void)state;

	reports(&a, 10, 0.1f, 45);
	assert_int_equal(a.plan.red, 2);
	assert_int_equal(a.plan.loss, 0);
	narrow(&a, 6, 40000, 45);
	assert_int_equal(a.plan.red, 0);
	assert_int_equal(a.plan.bitrate, 64000);
	assert_int_equal(a.plan.ptime, 60);
	assert_true(a.plan.dtx);
}


static void test_limits(void **state)
{
	struct adapt_limits lim = opus;
	struct adapt a;
	(void)state;

	lim.ptime = 40;
	lim.ptime_max = 50;
	lim.bitrate = 20000;
	a = start(&lim);
	assert_int_equal(a.plan.ptime, 40);
	assert_int_equal(a.plan.bitrate, 20000);
	narrow(&a, 8, 8000, 45);
	assert_int_equal(a.plan.ptime, 40);
	assert_int_equal(a.plan.bitrate, 6000);

	lim.ptime = lim.ptime_max = 10;
	a = start(&lim);
	narrow(&a, 8, 8000, 45);
	assert_int_equal(a.plan.ptime, 10);
}


static void test_xr(void **state)
{
	struct xr_burst b;
	struct xr_voip v, w;
	struct mbuf *mb = mbuf_alloc(64);
	unsigned i;
	size_t n;
	(void)state;

	/* 1000 packets: one of 50 gone, and two bursts of 4 of 7 */
	memset(&b, 0, sizeof(b));
	for (i = 0; i < 1000; i++) {
		const bool burst = (i % 500) >= 240 && (i % 500) < 247 &&
			!(i % 2);

		xr_note(&b, burst ? XR_LOST : i % 50 == 49 ? XR_DISCARDED :
			XR_PLAYED);
	}
	memset(&v, 0, sizeof(v));
	xr_voip_burst(&v, &b, 20);
	assert_int_equal(b.all, 1000);
	assert_int_equal(b.lost, 8);
	assert_int_equal(b.discarded, 20);
	assert_true(v.burst_density > 0.3f && v.burst_density < 0.7f);
	assert_true(v.gap_density > 0.005f && v.gap_density < 0.04f);
	assert_in_range(v.burst_ms, 60, 400);
	assert_in_range(v.gap_ms, 1000, 9000);
	assert_true(xr_burst_ratio(&b) < 1.1f);

	memset(&b, 0, sizeof(b));
	for (i = 0; i < 1000; i++)
		xr_note(&b, i % 40 < 4 ? XR_LOST : XR_PLAYED);
	assert_true(xr_burst_ratio(&b) > 3.4f && xr_burst_ratio(&b) < 3.8f);

	/* there and back */
	v.ssrc = 0x12345678;
	v.rtt_ms = 123;
	v.end_ms = 70000;
	v.r = 88;
	v.mos_lq = 4.2f;
	v.mos_cq = 4.1f;
	v.jb_ms = 33;
	assert_int_equal(mbuf_write_mem(mb, (const uint8_t *)
					"\x80\xc9\x00\x01\x00\x00\x00\x01", 8),
			 0);
	assert_int_equal(xr_encode(mb, 1, &v), 0);
	mb->pos = 0;
	assert_int_equal(mb->end % 4, 0);
	assert_int_equal(xr_decode(&w, mb, 0x12345678), 0);
	assert_int_equal(w.rtt_ms, 123);
	assert_int_equal(w.end_ms, 65535);
	assert_int_equal(w.r, 88);
	assert_in_range((int)(w.mos_lq * 10 + 0.5f), 42, 42);
	assert_in_range((int)(w.mos_cq * 10 + 0.5f), 41, 41);
	assert_int_equal(w.jb_ms, 33);
	assert_int_equal(xr_decode(&w, mb, 1), ENOENT);

	/* cut anywhere: no more than what is there is read */
	for (n = mb->end; n > 0; n--) {
		mb->end = n - 1;
		assert_true(xr_decode(&w, mb, 0x12345678) != 0);
	}
	mem_deref(mb);
}


static void test_oneway(void **state)
{
	static const struct {
		struct oneway ow;
		const char *has;
	} v[] = {
		{ { .refused = true, .strangers = 1 }, "refuses" },
		{ { .strangers = 3 }, "not announced" },
		{ { .ever = true, .reports = true }, "stopped sending" },
		{ { .ever = true }, "interrupted" },
		{ { .reports = true }, "firewall" },
		{ { .peer_private = true }, "other side named a private" },
		{ { .own_private = true }, "we named a private" },
		{ { .own_private = true, .peer_private = true }, "router" },
		{ { .ever = false }, "router or firewall" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		assert_non_null(strstr(oneway_cause(&v[i].ow), v[i].has));
		assert_true(strlen(oneway_cause(&v[i].ow)) < 160);
	}
}


/* ---- packet by packet ---- */

enum { RING = 4096, QUEUE_MS = 200, WAY_MS = 20 };

/** A bottleneck with reports that go through it, too */
struct link {
	uint32_t rate;           /**< bit/s                              */
	double loss, back;       /**< By chance, there and back          */
	unsigned every;          /**< ms between the peer's reports; 0:
				      one a second while much is lost    */
	unsigned deaf_from, deaf_to; /**< ms: no report comes back       */
};

struct course {
	struct adapt a;
	struct quality q;
	uint64_t ms, next, arrive[RING];
	double free_at;
	uint32_t seq, max, got, told_exp, told_got;
	uint64_t report_at;
	float rtt;
	unsigned over, run, worst;   /**< ms too much was sent           */
	unsigned low;                /**< ms below the top               */
};

static uint32_t lot;


static double draw(void)
{
	lot = lot * 1103515245u + 12345u;

	return (double)(lot >> 8) / (1 << 24);
}


static void course_send(struct course *c, const struct link *l)
{
	const double ms = (double)c->ms;
	const double wait = c->free_at > ms ? c->free_at - ms : 0;
	const double bits = (double)wire(&c->a) * c->a.plan.ptime / 1000;

	c->next = c->ms + c->a.plan.ptime;
	++c->seq;
	c->arrive[c->seq % RING] = 0;
	if (wait > QUEUE_MS)
		return;

	c->free_at = ms + wait + bits * 1000 / l->rate;
	if (draw() >= l->loss)
		c->arrive[c->seq % RING] = (uint64_t)c->free_at + WAY_MS;
}


static void course_arrive(struct course *c)
{
	uint32_t i = c->seq > 100 ? c->seq - 100 : 1;

	for (; i <= c->seq; i++) {
		if (c->arrive[i % RING] != c->ms)
			continue;
		c->max = i;
		++c->got;
	}
}


static void course_report(struct course *c, const struct link *l)
{
	const uint32_t exp = c->max - c->told_exp;
	const uint32_t got = c->got - c->told_got;
	struct rtcp_rr rr = { .ssrc = 1 };
	struct rtcp_msg msg;

	c->told_exp = c->max;
	c->told_got = c->got;
	rr.fraction = exp > got ? (exp - got) * 256 / exp : 0;
	rr.lost = (int)(c->max - c->got);
	rr.last_seq = c->max;
	c->report_at = c->ms + (l->every ? l->every : rr.fraction > 12 ?
				1000 : 4000);

	/* a report is late where speech is, and lost */
	c->rtt += ((float)(c->free_at > (double)c->ms ?
			   c->free_at - (double)c->ms : 0) + 2 * WAY_MS -
		   c->rtt) * 0.8f;
	if (draw() < l->back || (c->ms > l->deaf_from && c->ms < l->deaf_to))
		return;

	memset(&msg, 0, sizeof(msg));
	msg.hdr.pt = RTCP_RR;
	msg.hdr.count = 1;
	msg.r.rr.rrv = &rr;
	quality_rtcp(&c->q, &msg, 1, 1000000 + c->ms * 1000);
	if (c->q.feedback)
		(void)adapt_report(&c->a, c->q.tx_loss / 100, c->rtt,
				   1000000 + c->ms * 1000);
	c->q.feedback = false;
}


static void course_run(struct course *c, const struct link *l,
		       const struct adapt_limits *lim, unsigned seconds,
		       unsigned grace)
{
	memset(c, 0, sizeof(*c));
	adapt_init(&c->a, lim);
	c->report_at = 1000;

	for (; c->ms < seconds * 1000; c->ms++) {
		if (c->ms >= c->next)
			course_send(c, l);
		course_arrive(c);
		if (c->ms >= c->report_at)
			course_report(c, l);
		if (c->ms % 1000 == 999)
			(void)adapt_missed(&c->a, (float)l->back,
					   1000000 + c->ms * 1000);
		if (c->ms < grace)
			continue;
		c->low += c->a.level > 0;
		c->run = wire(&c->a) > l->rate ? c->run + 1 : 0;
		c->over += c->run > 0;
		if (c->run > c->worst)
			c->worst = c->run;
	}
}


/* From the first packet on there is less than is sent; never known better */
static void test_course(void **state)
{
	static const uint32_t ratev[] = { 12000, 16000, 24000, 32000 };
	static const struct link linkv[] = {
		{ .loss = 0 },
		{ .every = 5000 },
		{ .loss = 0.1, .back = 0.1 },
		{ .loss = 0.2, .back = 0.2 },
		{ .loss = 0.3, .back = 0.5 },
		{ .loss = 0.1, .back = 0.3, .every = 5000 },
	};
	struct course c;
	unsigned k;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(linkv); i++) {
		for (k = 0; k < 4 * ARRAY_SIZE(ratev); k++) {
			struct link l = linkv[i];

			lot = 1 + k / 4 * 400000;
			l.rate = ratev[k % 4];
			course_run(&c, &l, &opus, 120,
				   l.every ? 16000 : 8000);

			/* it fits, and looks for more but shortly */
			assert_in_range(c.over, 0, 25000);
			assert_in_range(c.worst, 0, l.back > 0 ? 15000 :
					5000);
		}
	}
}


/* Loss by chance on a wide net: a trial now and then, no more */
static void test_course_wide(void **state)
{
	static const struct link linkv[] = {
		{ .rate = 1000000 },
		{ .rate = 1000000, .loss = 0.1, .back = 0.1 },
		{ .rate = 1000000, .loss = 0.2, .back = 0.2 },
		{ .rate = 1000000, .loss = 0.2, .every = 5000 },
	};
	struct course c;
	unsigned k;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(linkv); i++) {
		for (k = 0; k < 4; k++) {
			lot = 1 + k * 400000;
			course_run(&c, &linkv[i], &opus, 240, 0);
			assert_in_range(c.low, 0, i ? 100000 : 0);
		}
	}
}


/* The reports stop with the speech: less is sent, to the floor. They alone
   are no sign: there are peers that give none. */
static void test_missed(void **state)
{
	struct link l = { .rate = 1000000, .back = 0.3, .deaf_from = 20000,
			  .deaf_to = 40000 };
	struct course c;
	(void)state;

	lot = 1;
	course_run(&c, &l, &opus, 39, 0);
	assert_int_equal(c.a.plan.bitrate, 6000);
	assert_int_equal(adapt_net(&c.a, 0), NET_POOR);

	/* and up again when they are back */
	course_run(&c, &l, &opus, 90, 0);
	assert_int_equal(c.a.level, 0);

	l.back = 0;
	course_run(&c, &l, &opus, 39, 0);
	assert_int_equal(c.a.level, 0);

	/* nor is it one that never came */
	l.back = 0.3;
	l.deaf_from = 0;
	course_run(&c, &l, &opus, 39, 0);
	assert_int_equal(c.a.level, 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_lossy),
		cmocka_unit_test(test_very_lossy),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_policed),
		cmocka_unit_test(test_fixed_rate),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_course),
		cmocka_unit_test(test_course_wide),
		cmocka_unit_test(test_missed),
		cmocka_unit_test(test_xr),
		cmocka_unit_test(test_oneway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
