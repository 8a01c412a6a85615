/**
 * @file lateness.h  How late packets come, and what delay makes up for it
 *
 * Pure. Times are microseconds.
 */
#ifndef OFFHOOK_LATENESS_H
#define OFFHOOK_LATENESS_H

#include <stdint.h>

enum {
	LATENESS_WINDOW = 400,   /**< Packets the aim is made from  */
	LATENESS_BINS   = 256,   /**< Of the histogram              */
	LATENESS_BASES  = 10     /**< Seconds the base looks back   */
};

struct lateness {
	int64_t base;                        /**< Shortest transit     */
	int64_t basev[LATENESS_BASES];       /**< Of each second       */
	uint64_t secv[LATENESS_BASES];
	uint16_t ring[LATENESS_WINDOW];      /**< Bins, oldest first   */
	unsigned count, pos;
	uint16_t hist[LATENESS_BINS];
};

void lateness_init(struct lateness *l);

/** A packet came: transit is its arrival minus its timestamp */
void lateness_note(struct lateness *l, int64_t transit, uint64_t now);

/** Delay after the base that 99 in 100 packets need at most */
int64_t lateness_aim(const struct lateness *l);

#endif
