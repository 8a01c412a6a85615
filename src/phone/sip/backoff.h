/**
 * @file backoff.h  When to REGISTER again
 *
 * Pure: the random number is the caller's.
 */
#ifndef OFFHOOK_BACKOFF_H
#define OFFHOOK_BACKOFF_H

#include <stdint.h>

enum {
	BACKOFF_FIRST = 2000,    /**< ms, after the first failure         */
	BACKOFF_LAST  = 120000,  /**< ms, however long the server is away */
	BACKOFF_TOLD  = 1800,    /**< s, at most, if the server says when */
	BACKOFF_FLOOR = 30,      /**< s between two refreshes             */
	BACKOFF_GRANT = 86400    /**< s, at most, that a grant counts     */
};

/**
 * How long to wait after failures (RFC 5626 4.5)
 *
 * @param fails   Attempts that failed before this one, 0 for the first
 * @param random  Any number: between half of the step and all of it
 * @param told    Seconds of a Retry-After, 0 if there is none
 *
 * @return Milliseconds
 */
uint64_t backoff_wait(unsigned fails, uint16_t random, uint32_t told);

/**
 * When to refresh a binding (RFC 3261 10.2.4)
 *
 * @param granted  Seconds that the registrar gave
 *
 * @return Seconds: nine tenths of it, not less than BACKOFF_FLOOR
 */
uint32_t backoff_refresh(uint32_t granted);

/**
 * The interval to ask for after a 423 (RFC 3261 10.2.8)
 *
 * @param asked  Seconds asked for
 * @param min    The server's Min-Expires, 0 if it said nothing
 *
 * @return Seconds; 0: what the server says makes no sense
 */
uint32_t backoff_longer(uint32_t asked, uint32_t min);

#endif
