/**
 * @file cpim_time.c  Times as RFC 3339 writes them
 *
 * A time out of reason counts as none: it is the sender's clock.
 */
#include <ctype.h>
#include <errno.h>
#include <time.h>

#include "cpim.h"


/* n digits off the front, -1 if they are none */
static int digits(struct pl *pl, size_t n)
{
	int v = 0;

	if (pl->l < n)
		return -1;
	while (n--) {
		if (!isdigit((unsigned char)*pl->p))
			return -1;
		v = v * 10 + (*pl->p - '0');
		pl_advance(pl, 1);
	}

	return v;
}


static bool take(struct pl *pl, char c)
{
	if (!pl->l || toupper((unsigned char)*pl->p) != c)
		return false;
	pl_advance(pl, 1);

	return true;
}


/* "Z" or "+hh:mm" to seconds; false if it is neither */
static bool offset(struct pl *pl, int *secp)
{
	int h, m, sign;

	*secp = 0;
	if (take(pl, 'Z'))
		return !pl->l;

	sign = take(pl, '+') ? 1 : take(pl, '-') ? -1 : 0;
	if (!sign)
		return false;
	h = digits(pl, 2);
	if (!take(pl, ':'))
		return false;
	m = digits(pl, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59 || pl->l)
		return false;
	*secp = sign * (h * 3600 + m * 60);

	return true;
}


int64_t cpim_time_decode(const struct pl *val)
{
	struct tm tm = {.tm_isdst = 0};
	struct pl pl;
	time_t t;
	int off;

	if (!val || !val->p)
		return 0;

	/* RFC 3339 5.6 */
	pl = *val;
	tm.tm_year = digits(&pl, 4) - 1900;
	if (!take(&pl, '-'))
		return 0;
	tm.tm_mon = digits(&pl, 2) - 1;
	if (!take(&pl, '-'))
		return 0;
	tm.tm_mday = digits(&pl, 2);
	if (!take(&pl, 'T'))
		return 0;
	tm.tm_hour = digits(&pl, 2);
	if (!take(&pl, ':'))
		return 0;
	tm.tm_min = digits(&pl, 2);
	if (!take(&pl, ':'))
		return 0;
	tm.tm_sec = digits(&pl, 2);
	if (take(&pl, '.')) {
		while (pl.l && isdigit((unsigned char)*pl.p))
			pl_advance(&pl, 1);
	}

	if (tm.tm_year < 70 || tm.tm_year > 200 || tm.tm_mon < 0 ||
	    tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
	    tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 ||
	    tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60 ||
	    !offset(&pl, &off))
		return 0;

	t = timegm(&tm);

	return t <= 0 ? 0 : (int64_t)t - off;
}


int cpim_time_print(struct re_printf *pf, const int64_t *when)
{
	time_t t = (time_t)*when;
	char buf[32];
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return EINVAL;

	return re_hprintf(pf, "%s", buf);
}
