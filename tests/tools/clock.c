/**
 * @file clock.c  A clock that stands still, for golden screens
 *
 * LD_PRELOAD of the console under test: it is always OFFHOOK_CLOCK, in Unix
 * seconds. Only time() is stopped, as all that is shown comes from it; what
 * is waited for goes by the monotonic clock.
 */
#include <stdlib.h>
#include <time.h>

time_t time(time_t *now)
{
	const char *set = getenv("OFFHOOK_CLOCK");
	time_t t = set ? (time_t)strtoll(set, NULL, 10) : 0;

	if (now)
		*now = t;

	return t;
}
