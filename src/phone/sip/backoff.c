/**
 * @file backoff.c  When to REGISTER again
 *
 * A server that comes back is found within two minutes, and a thousand
 * phones do not find it in the same second. What a server wishes is granted
 * within bounds: none makes us hurry, none puts us off for a day.
 */
#include "backoff.h"

enum { DOUBLINGS = 16 };

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t backoff_wait(unsigned fails, uint16_t random, uint32_t told)
{
	const uint64_t step = lesser((uint64_t)BACKOFF_FIRST
				     << lesser(fails, DOUBLINGS),
				     BACKOFF_LAST);
	const uint64_t ms = step / 2 + step / 2 * random / UINT16_MAX;
	const uint64_t least = lesser(told, BACKOFF_TOLD) * 1000;

	return ms > least ? ms : least;
}

uint32_t backoff_refresh(uint32_t granted)
{
	const uint32_t s = (uint32_t)lesser(granted, BACKOFF_GRANT);

	return s - s / 10 > BACKOFF_FLOOR ? s - s / 10 : BACKOFF_FLOOR;
}

uint32_t backoff_longer(uint32_t asked, uint32_t min)
{
	return min > asked && min <= BACKOFF_GRANT ? min : 0;
}
