/**
 * @file lateness.h  How late packets come, and what delay makes up for it
 *
 * Pure. Times are microseconds.
 */
#ifndef OFFHOOK_LATENESS_H
#define OFFHOOK_LATENESS_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LATENESS_WINDOW = 512,   /**< Packets remembered at most       */
	LATENESS_BINS   = 256,   /**< Of the histogram                 */
	LATENESS_BASES  = 10     /**< Seconds the base looks back      */
};

struct lateness {
	int64_t base;                        /**< Shortest transit     */
	int64_t hist_base;                   /**< hist counts from it  */
	int64_t basev[LATENESS_BASES];       /**< Of each second       */
	uint64_t secv[LATENESS_BASES];
	struct {
		int64_t transit;
		uint64_t now;
		uint16_t bin;
	} ring[LATENESS_WINDOW];             /**< From first on        */
	unsigned first, count;
	uint16_t hist[LATENESS_BINS];
	uint16_t top;                        /**< Highest bin in use   */
};

void lateness_init(struct lateness *l);

/** A packet came: transit is its arrival minus its timestamp */
void lateness_note(struct lateness *l, int64_t transit, uint64_t now);

/**
 * Delay after the base that so many of 1000 packets need at most
 *
 * @param permille  990: all but the latest hundredth
 */
int64_t lateness_aim(const struct lateness *l, unsigned permille);

#endif
