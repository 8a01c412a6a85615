/**
 * @file adapt.c  How to send over the net as it is
 *
 * A ladder of bit rates and packet lengths goes from all that the codec has
 * to 9 kbit/s with headers. Loss while the round trip grows is a bottleneck:
 * down the ladder, to what came through. Loss without it is, as a rule, the
 * radio's: then redundancy, not less speech, is what helps; but where much
 * is lost, sending less is tried for two reports, because there are links
 * that cut off what is too much without a queue. Up it goes in steps that
 * grow, after a wait that doubles each time it was too early.
 *
 * A report tells of packets that were sent before it: of what came of a
 * change only the part of it counts that is about what was sent since. And
 * reports get lost where speech does: when they stay away while the peer's
 * speech comes badly, too, that is as good as one that says so.
 */
#include "adapt.h"

#include <string.h>

enum {
	HEADERS    = 40,          /**< IPv4, UDP, RTP, bytes          */
	QUEUE_MS   = 80,          /**< More than this is a queue ...  */
	CALM_MS    = 40,          /**< ... and less than this is none */
	STUCK_MS   = 300,         /**< A queue alone is enough        */
	LONG_MS    = 100,         /**< A way without one is shorter   */
	HOLD_US    = 5000000,
	HOLD_MAX   = 64000000,
	EARLY_US   = 12000000,    /**< Trouble so soon was our doing  */
	EXCUSE_US  = 60000000,
	AGAIN_US   = 12000000,    /**< If very much is lost           */
	TRIAL_US   = 2500000,
	MISSED_MIN = 9000000,     /**< A report should have come ...  */
	MISSED_MAX = 15000000,
	STEP_US    = 2000000      /**< ... and one more               */
};

static const struct {
	uint32_t bitrate;         /**< 0: the codec's own             */
	uint32_t ptime;
} ladder[] = {
	{ 0, 20 }, { 24000, 20 }, { 20000, 40 }, { 16000, 40 },
	{ 12000, 60 }, { 8000, 60 }, { 6000, 120 },
};

/** Loss that may be our doing */
#define MUCH 0.15f

enum { LEVELS = sizeof(ladder) / sizeof(ladder[0]) };


uint32_t adapt_wire(uint32_t bitrate, uint32_t ptime, unsigned red)
{
	return bitrate * (1 + red) + HEADERS * 8 * 1000 / ptime +
		(red ? (4 * red + 1) * 8 * 1000 / ptime : 0);
}


static uint32_t level_bitrate(const struct adapt *a, unsigned level)
{
	const uint32_t rate = ladder[level].bitrate;

	if (!a->lim.rate || !rate || rate > a->lim.bitrate)
		return a->lim.bitrate;

	return rate;
}


static uint32_t level_ptime(const struct adapt *a, unsigned level)
{
	uint32_t ptime = ladder[level].ptime;

	/* half a second in one packet of PCM helps nobody */
	if (!a->lim.rate && ptime > 60)
		ptime = 60;
	if (ptime > a->lim.ptime_max)
		ptime = a->lim.ptime_max / 20 * 20;

	return ptime > a->lim.ptime ? ptime : a->lim.ptime;
}


static uint32_t level_wire(const struct adapt *a, unsigned level)
{
	return adapt_wire(level_bitrate(a, level), level_ptime(a, level), 0);
}


static unsigned red_depth(const struct adapt *a)
{
	if (!a->lim.red || a->level || a->loss < 0.015f)
		return 0;

	/* one copy leaves the square of the loss, two the cube: less than a
	   thousandth up to 10 %. Between the marks it stays as it is */
	if (a->loss >= 0.06f)
		return 2;
	if (a->loss >= 0.03f)
		return a->plan.red > 1 && a->loss >= 0.04f ? 2 : 1;

	return a->plan.red ? 1 : 0;
}


/* Percent in steps, so that a smoothed figure does not change the encoder
   every time. The first loss that is one makes it worth its bits */
static uint32_t fec_share(const struct adapt *a, unsigned red)
{
	static const struct {
		float loss;
		uint32_t share;
	} steps[] = {
		{ 0.015f, 5 }, { 0.10f, 10 }, { 0.15f, 15 }, { 0.20f, 20 },
		{ 1, 30 }
	};
	unsigned i = 0;

	/* at the bottom every bit is needed; copies are better */
	if (!a->lim.fec || red || a->level >= LEVELS - 2)
		return 0;

	while (i + 1 < sizeof(steps) / sizeof(steps[0]) &&
	       a->loss > steps[i].loss)
		++i;

	return steps[i].share;
}


static bool plan_same(const struct adapt_plan *x, const struct adapt_plan *y)
{
	return x->bitrate == y->bitrate && x->ptime == y->ptime &&
		x->loss == y->loss && x->red == y->red && x->dtx == y->dtx;
}


static bool plan_update(struct adapt *a)
{
	struct adapt_plan p;

	memset(&p, 0, sizeof(p));
	p.red = red_depth(a);
	p.bitrate = level_bitrate(a, a->level);
	p.ptime = level_ptime(a, a->level);
	p.loss = fec_share(a, p.red);
	p.dtx = a->level >= 4;

	/* with copies the newest may be smaller */
	if (p.red && a->lim.rate && p.bitrate > 24000)
		p.bitrate = 24000;

	if (plan_same(&p, &a->plan))
		return false;
	a->plan = p;

	return true;
}


void adapt_init(struct adapt *a, const struct adapt_limits *lim)
{
	memset(a, 0, sizeof(*a));
	a->lim = *lim;
	a->hold = HOLD_US;
	a->steps = 1;
	(void)plan_update(a);
}


/* Times of arrival are the kernel's, others the tick's: not always in order */
static uint64_t since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}


static void level_set(struct adapt *a, unsigned level, uint64_t now)
{
	a->level = level < LEVELS ? level : LEVELS - 1;
	a->changed = now;
	a->lag = (uint32_t)(a->rtt * 1000);
	a->former = a->last;
	a->before = a->mean;
	a->reports = 0;
}


/* Down to what came through, and some room for the queue to empty */
static void go_down(struct adapt *a, float loss, uint64_t now)
{
	const float wire = (float)adapt_wire(a->plan.bitrate, a->plan.ptime,
					     a->plan.red);
	const float want = wire * (1 - loss) * 0.85f;
	unsigned level = a->level + 1;

	while (level < LEVELS - 1 && (float)level_wire(a, level) > want)
		++level;

	/* it was a mistake to go up: here is the wall */
	if (a->raised && since(a->raised, now) < EARLY_US) {
		a->hold = a->hold * 2 < HOLD_MAX ? a->hold * 2 : HOLD_MAX;
		a->wall = a->level;
		a->wall_until = now + a->hold;
		a->raised = 0;
	}
	a->steps = 1;
	level_set(a, level, now);
}


static void go_up(struct adapt *a, uint64_t now)
{
	unsigned level = a->level > a->steps ? a->level - a->steps : 0;

	if (level <= a->wall && now < a->wall_until)
		level = a->wall + 1;
	if (level >= a->level)
		return;

	level_set(a, level, now);
	a->raised = now;
	++a->steps;
}


/* The least round trip may have had a queue in it, but not if it was short */
static bool may_wait(const struct adapt *a)
{
	return !(a->rtt > 0) || a->rtt > LONG_MS;
}


/* Is it less that helps? */
static void trial_begin(struct adapt *a, float loss, uint64_t now)
{
	a->trial.on = true;
	a->trial.from = a->level;
	a->trial.loss = loss;
	a->trial.rtt = a->rtt;
	a->trial.sum = 0;
	a->trial.reports = 0;
	go_down(a, loss, now);
}


/* So much is lost whatever we do */
static void excuse(struct adapt *a, float loss, uint64_t now)
{
	a->excused = now + (loss < 0.4f ? EXCUSE_US : AGAIN_US);
	a->excuse = loss * 1.4f;
}


/* It did if less is lost, or waits; then still less may help still more. If
   not it was not too much */
static void trial_judge(struct adapt *a, float loss, uint64_t now)
{
	const bool waits = a->trial.rtt - a->rtt < QUEUE_MS / 2.0f;
	float mean;

	a->trial.sum += loss;
	if (++a->trial.reports < 2 || since(a->changed, now) < TRIAL_US)
		return;

	a->trial.on = false;
	mean = a->trial.sum / (float)a->trial.reports;
	if (mean < 0.6f * a->trial.loss || !waits) {
		if (mean > 0.05f && may_wait(a) && a->level < LEVELS - 1)
			trial_begin(a, mean, now);
		return;
	}

	excuse(a, a->trial.loss, now);
	level_set(a, a->trial.from, now);
}


static void note(struct adapt *a, float loss, float rtt_ms)
{
	a->loss += (loss - a->loss) * (loss > a->loss ? 0.6f : 0.3f);
	a->mean = a->reports++ ? a->mean + (loss - a->mean) * 0.3f : loss;
	a->last = loss;
	if (rtt_ms <= 0)
		return;

	a->rtt = rtt_ms;

	/* the least, forgotten slowly: paths change */
	if (!(a->rtt_min > 0) || rtt_ms < a->rtt_min)
		a->rtt_min = rtt_ms;
	else
		a->rtt_min += (rtt_ms - a->rtt_min) * 0.01f;
	a->queue = rtt_ms - a->rtt_min;
}


/* How much of a report is about what was sent since the last change: what
   was under way then arrived, and came back, within a round trip */
static float share_new(const struct adapt *a, uint64_t before, uint64_t now)
{
	const uint64_t from = a->changed + a->lag;

	if (!a->changed || before >= from)
		return 1;
	if (now <= from || now <= before)
		return 0;

	return (float)(now - from) / (float)(now - before);
}


/* When the next one is overdue */
static void note_report(struct adapt *a, uint64_t now)
{
	const uint64_t wait = a->heard ? since(a->heard, now) : 0;

	a->every -= a->every / 4;
	if (wait > a->every)
		a->every = wait;
	a->heard = now;
}


static bool overdue(const struct adapt *a, uint64_t now)
{
	uint64_t wait = a->every * 5 / 2;

	if (wait < MISSED_MIN)
		wait = MISSED_MIN;
	if (wait > MISSED_MAX)
		wait = MISSED_MAX;

	return a->heard && since(a->heard, now) > wait;
}


/* Loss that may be our doing: two reports, or a bad one. Where nothing can
   wait unseen it is chance, as a rule. */
static bool is_much(const struct adapt *a, float loss)
{
	const float much = may_wait(a) ? MUCH : 1.5f * MUCH;

	return loss > 1.5f * much || (loss > much && a->mean > much &&
				      a->reports > 1);
}


/* The last step up was no mistake; beyond the wall that one is forgotten */
static void prove_step(struct adapt *a, uint64_t now)
{
	if (!a->raised || since(a->raised, now) < EARLY_US)
		return;

	a->raised = 0;
	if (a->level <= a->wall) {
		a->hold = HOLD_US;
		a->wall_until = 0;
	}
}


/* What is lost since it went up is lost because of that */
static bool was_mistake(const struct adapt *a, float loss, uint64_t now)
{
	return a->raised && (loss > a->before + 0.2f ||
			     (since(a->changed, now) >= TRIAL_US &&
			      a->mean > a->before + 0.05f));
}


static bool may_rise(const struct adapt *a, float loss, bool excused,
		     uint64_t now)
{
	const uint64_t age = since(a->changed, now);

	if (!a->level || a->queue >= CALM_MS || age < HOLD_US)
		return false;
	if (loss < 0.03f || excused)
		return true;

	/* if it does not get worse, in a while; or if less does not help */
	return age >= 3 * a->hold && (a->mean < MUCH || !may_wait(a));
}


bool adapt_report(struct adapt *a, float loss, float rtt_ms, uint64_t now)
{
	const float fresh = share_new(a, a->heard, now);
	const bool bottom = a->level == LEVELS - 1;
	bool queued, excused;

	note_report(a, now);
	if (fresh < 0.5f)
		return false;

	loss = (loss - (1 - fresh) * a->former) / fresh;
	if (loss < 0)
		loss = 0;
	if (loss > 1)
		loss = 1;

	note(a, loss, rtt_ms);
	prove_step(a, now);
	a->poor = loss > 0.05f && a->loss > (bottom ? 0.1f : 0.25f);
	queued = (a->queue > QUEUE_MS && loss > 0.02f) || a->queue > STUCK_MS;
	excused = now < a->excused && loss <= a->excuse;

	if (a->trial.on && !queued)
		trial_judge(a, loss, now);
	else if ((queued || was_mistake(a, loss, now)) && !bottom) {
		a->trial.on = false;
		go_down(a, loss, now);
	}
	else if (!excused && is_much(a, loss)) {
		/* less was sent already, and no queue is left */
		if (a->level && !may_wait(a))
			excuse(a, loss, now);
		else if (!bottom)
			trial_begin(a, loss > a->mean ? loss : a->mean, now);
	}
	else if (may_rise(a, loss, excused, now))
		go_up(a, now);

	return plan_update(a);
}


bool adapt_missed(struct adapt *a, float rx_loss, uint64_t now)
{
	if (!overdue(a, now) || rx_loss < MUCH ||
	    since(a->changed, now) < STEP_US)
		return false;

	a->trial.on = false;
	a->loss += (rx_loss - a->loss) * 0.3f;
	a->poor = a->level == LEVELS - 1;
	if (!a->poor)
		go_down(a, rx_loss > 0.3f ? rx_loss : 0.3f, now);

	return plan_update(a);
}


enum adapt_net adapt_net(const struct adapt *a, float rx_loss)
{
	const float worst = rx_loss > a->loss ? rx_loss : a->loss;

	if (rx_loss > 0.25f || (a->poor && !a->trial.on))
		return NET_POOR;
	if (a->level)
		return NET_NARROW;
	if (worst > 0.02f)
		return NET_LOSSY;

	return NET_GOOD;
}


const char *adapt_net_name(enum adapt_net net)
{
	switch (net) {
	case NET_LOSSY:  return "lossy";
	case NET_NARROW: return "narrow";
	case NET_POOR:   return "poor";
	default:         return "good";
	}
}


bool adapt_limits_same(const struct adapt_limits *x,
		       const struct adapt_limits *y)
{
	return x->rate == y->rate && x->fec == y->fec && x->red == y->red &&
		x->bitrate == y->bitrate && x->ptime == y->ptime &&
		x->ptime_max == y->ptime_max;
}
