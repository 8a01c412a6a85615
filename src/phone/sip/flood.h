/**
 * @file flood.h  How much one source may ask in a second (S-10)
 *
 * A token bucket for each source and one for all of them. Pure: the clock
 * is the caller's. The memory is bounded: of more sources than there are
 * seats the one that was silent longest is forgotten.
 */
#ifndef OFFHOOK_FLOOD_H
#define OFFHOOK_FLOOD_H

#include "common/re_compat.h"

enum flood_kind {
	FLOOD_CALL,              /**< What makes something ring or last  */
	FLOOD_ASK,               /**< What is answered and forgotten     */
	FLOOD_KINDS
};

enum {
	FLOOD_CALL_RATE  = 10,   /**< A second, from one source          */
	FLOOD_CALL_BURST = 30,
	FLOOD_ASK_RATE   = 600,
	FLOOD_ASK_BURST  = 1200,
	FLOOD_ALL_RATE   = 2000, /**< A second, from all sources         */
	FLOOD_ALL_BURST  = 4000,
	FLOOD_SOURCES    = 256
};

struct flood;

/** @param fp  Object, mem_deref() */
int flood_alloc(struct flood **fp);

/**
 * May this request be dealt with?
 *
 * @param f     Object
 * @param src   Where it came from; of IPv6 the first 64 bits count
 * @param kind  What it is
 * @param now   Milliseconds of a clock that does not jump
 *
 * @return True if there was a token
 */
bool flood_take(struct flood *f, const struct sa *src, enum flood_kind kind,
		uint64_t now);

/** It was no flood (the call was answered): one token back */
void flood_give_back(struct flood *f, const struct sa *src,
		     enum flood_kind kind, uint64_t now);

#endif
