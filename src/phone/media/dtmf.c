/**
 * @file dtmf.c  Telephone events (RFC 4733), both ways
 *
 * A digit lasts 100 ms: five packets with the same timestamp and a growing
 * duration, the fifth with the end bit. It is sent twice more in the gap of
 * 60 ms, so that one loss does not swallow the end. A receiver tells digits
 * apart by their timestamp, so it hears one even if most packets are lost.
 */
#include <errno.h>
#include <string.h>

#include "dtmf.h"

enum {
	FRAME_MS = 20,
	TONE     = 5,        /**< Frames of a digit            */
	REPEATS  = 2,        /**< Of the last packet           */
	GAP      = 3,        /**< Frames of silence after it   */
	VOLUME   = 10        /**< -dBm0                        */
};

static const char digits_all[] = "0123456789*#ABCD";


int dtmf_code(char digit)
{
	const char *p;

	if (digit >= 'a' && digit <= 'd')
		digit = (char)(digit - 'a' + 'A');

	p = digit ? strchr(digits_all, digit) : NULL;

	return p ? (int)(p - digits_all) : -1;
}


char dtmf_digit(int code)
{
	return code >= 0 && code < 16 ? digits_all[code] : 0;
}


int dtmf_tx_add(struct dtmf_tx *tx, const char *digits)
{
	const size_t n = digits ? strlen(digits) : 0;
	size_t i;

	if (!tx || !n)
		return EINVAL;

	for (i = 0; i < n; i++) {
		if (dtmf_code(digits[i]) < 0)
			return EINVAL;
	}
	if (n > DTMF_MAX - tx->n)
		return ENOSPC;

	memcpy(tx->queue + tx->n, digits, n);
	tx->n += n;

	return 0;
}


bool dtmf_tx_poll(struct dtmf_tx *tx, uint32_t ts, uint32_t rate,
		  uint8_t *pld, uint32_t *tsp, bool *marker, bool *busy)
{
	uint32_t dur;

	*busy = tx->n > 0;
	if (!tx->n)
		return false;

	if (!tx->step)
		tx->ts = ts;

	if (++tx->step > TONE + REPEATS) {
		/* rest of the gap */
		if (tx->step >= TONE + GAP) {
			memmove(tx->queue, tx->queue + 1, --tx->n);
			tx->step = 0;
		}
		return false;
	}

	dur = (tx->step < TONE ? tx->step : TONE) * FRAME_MS * (rate / 1000);

	/* RFC 4733 2.3: event, E R volume, duration */
	pld[0] = (uint8_t)dtmf_code(tx->queue[0]);
	pld[1] = (uint8_t)((tx->step >= TONE ? 0x80 : 0) | VOLUME);
	pld[2] = (uint8_t)(dur >> 8);
	pld[3] = (uint8_t)dur;
	*tsp = tx->ts;
	*marker = tx->step == 1;

	return true;
}


char dtmf_rx_put(struct dtmf_rx *rx, uint32_t ts, const uint8_t *pld,
		 size_t len)
{
	char digit;

	if (!rx || !pld || len < DTMF_PAYLOAD)
		return 0;

	/* the same event again, or one that was overtaken */
	if (rx->any && (int32_t)(ts - rx->ts) <= 0 &&
	    (int32_t)(ts - rx->ts) > -480000)
		return 0;

	digit = dtmf_digit(pld[0]);
	if (!digit)
		return 0;

	rx->any = true;
	rx->ts = ts;

	return digit;
}
