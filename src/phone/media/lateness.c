/**
 * @file lateness.c  How late packets come, and what delay makes up for it
 *
 * Each packet has a transit time: arrival minus timestamp. The smallest of
 * the last ten seconds is the base; what a packet takes longer is its
 * lateness. The delay aimed at is the lateness that 99 in 100 of the last
 * packets stay below, from a histogram over a ring. It grows with the first
 * late packets and falls when they leave the ring, eight seconds later.
 */
#include <string.h>

#include "lateness.h"

enum {
	BIN_US    = 2000,
	MARGIN_US = 2000,
	FIRST_US  = 10000,       /**< Aim as long as little is known  */
	KNOWN     = 25,          /**< Packets that are enough to know */
	AIM_MAX   = 500000
};


void lateness_init(struct lateness *l)
{
	size_t i;

	memset(l, 0, sizeof(*l));
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


void lateness_note(struct lateness *l, int64_t transit, uint64_t now)
{
	int64_t bin;

	base_update(l, transit, now);

	if (l->count == LATENESS_WINDOW)
		--l->hist[l->ring[l->pos]];
	else
		++l->count;

	bin = (transit - l->base) / BIN_US;
	if (bin >= LATENESS_BINS)
		bin = LATENESS_BINS - 1;
	l->ring[l->pos] = (uint16_t)bin;
	++l->hist[bin];
	l->pos = (l->pos + 1) % LATENESS_WINDOW;
}


int64_t lateness_aim(const struct lateness *l)
{
	unsigned above = 0, i;
	int64_t aim;

	for (i = LATENESS_BINS - 1; i > 0; i--) {
		above += l->hist[i];
		if (above > l->count / 100)
			break;
	}

	aim = (int64_t)(i + 1) * BIN_US + MARGIN_US;
	if (l->count < KNOWN && aim < FIRST_US)
		aim = FIRST_US;

	return aim < AIM_MAX ? aim : AIM_MAX;
}
