/**
 * @file lateness.c  How late packets come, and what delay makes up for it
 *
 * Each packet has a transit time: arrival minus timestamp. The smallest of
 * the last ten seconds is the base; what a packet takes longer is its
 * lateness. The delay aimed at is the lateness that all but a few of the
 * last packets stay below, from a histogram over the last eight seconds. It
 * grows with the first late packets and falls when they are forgotten. When
 * the base moves (a sender whose clock runs at another speed, longer
 * packets) the histogram is counted anew, so that both mean the same zero.
 */
#include <string.h>

#include "lateness.h"

enum {
	BIN_US    = 2000,
	MARGIN_US = 2000,
	MARGIN_TO = 20000,
	FIRST_US  = 10000,       /**< Aim as long as little is known  */
	KNOWN     = 25,          /**< Packets that are enough to know */
	MEMORY_US = 8000000,
	AIM_MAX   = 500000
};


void lateness_init(struct lateness *l)
{
	size_t i;

	l->base = l->hist_base = 0;
	l->first = l->count = 0;
	l->top = 0;
	memset(l->hist, 0, sizeof(l->hist));
	for (i = 0; i < LATENESS_BASES; i++)
		l->secv[i] = UINT64_MAX;
}


/* The smallest transit of the last seconds, one bucket a second */
static void base_update(struct lateness *l, int64_t transit, uint64_t now)
{
	const uint64_t sec = now / 1000000;
	const size_t b = (size_t)(sec % LATENESS_BASES);
	size_t i;

	if (l->secv[b] != sec || transit < l->basev[b]) {
		l->secv[b] = sec;
		l->basev[b] = transit;
	}

	l->base = transit;
	for (i = 0; i < LATENESS_BASES; i++) {
		if (l->secv[i] != UINT64_MAX &&
		    l->secv[i] + LATENESS_BASES > sec &&
		    l->basev[i] < l->base)
			l->base = l->basev[i];
	}
}


static uint16_t bin_of(const struct lateness *l, int64_t transit)
{
	const int64_t bin = (transit - l->hist_base) / BIN_US;

	if (bin < 0)
		return 0;

	return bin < LATENESS_BINS ? (uint16_t)bin : LATENESS_BINS - 1;
}


static void hist_add(struct lateness *l, uint16_t bin)
{
	++l->hist[bin];
	if (bin > l->top)
		l->top = bin;
}


/* Everything relative to the base of now */
static void recount(struct lateness *l)
{
	unsigned i;

	l->hist_base = l->base;
	l->top = 0;
	memset(l->hist, 0, sizeof(l->hist));

	for (i = 0; i < l->count; i++) {
		const unsigned k = (l->first + i) % LATENESS_WINDOW;

		l->ring[k].bin = bin_of(l, l->ring[k].transit);
		hist_add(l, l->ring[k].bin);
	}
}


static void forget_first(struct lateness *l)
{
	--l->hist[l->ring[l->first].bin];
	while (l->top && !l->hist[l->top])
		--l->top;
	l->first = (l->first + 1) % LATENESS_WINDOW;
	--l->count;
}


void lateness_note(struct lateness *l, int64_t transit, uint64_t now)
{
	int64_t moved;
	unsigned k;

	base_update(l, transit, now);
	moved = l->base - l->hist_base;
	if (!l->count || moved > BIN_US / 2 || moved < -BIN_US / 2)
		recount(l);

	while (l->count && (l->count == LATENESS_WINDOW ||
			    l->ring[l->first].now + MEMORY_US < now))
		forget_first(l);

	k = (l->first + l->count++) % LATENESS_WINDOW;
	l->ring[k].transit = transit;
	l->ring[k].now = now;
	l->ring[k].bin = bin_of(l, transit);
	hist_add(l, l->ring[k].bin);
}


int64_t lateness_aim(const struct lateness *l, unsigned permille)
{
	const unsigned spare = l->count * (1000 - permille) / 1000;
	unsigned above = 0, i;
	int64_t aim;

	for (i = l->top; i > 0; i--) {
		above += l->hist[i];
		if (above > spare)
			break;
	}

	/* among hundreds of ms nobody counts two */
	aim = (int64_t)(i + 1) * BIN_US;
	if (aim < MARGIN_TO)
		aim += MARGIN_US;
	if (l->count < KNOWN && aim < FIRST_US)
		aim = FIRST_US;

	return aim < AIM_MAX ? aim : AIM_MAX;
}
