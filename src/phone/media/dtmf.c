/**
 * @file dtmf.c  Telephone events (RFC 4733), both ways
 *
 * A digit lasts 100 ms: five packets with the same timestamp and a growing
 * duration, the fifth with the end bit. It is sent twice more in the gap of
 * 60 ms, so that one loss does not swallow the end. A receiver tells digits
 * apart by their timestamp, so it hears one even if most packets are lost.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "dtmf.h"

enum {
	FRAME_MS = 20,
	TONE     = 5,        /**< Frames of a digit            */
	REPEATS  = 2,        /**< Of the last packet           */
	GAP      = 3,        /**< Frames of silence after it   */
	VOLUME   = 10,       /**< -dBm0                        */
	LEVEL    = 7300      /**< Of one tone: the same        */
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


static int queue(char *q, size_t *np, const char *digits)
{
	const size_t n = digits ? strlen(digits) : 0;
	size_t i;

	if (!n)
		return EINVAL;

	for (i = 0; i < n; i++) {
		if (dtmf_code(digits[i]) < 0)
			return EINVAL;
	}
	if (n > DTMF_MAX - *np)
		return ENOSPC;

	memcpy(q + *np, digits, n);
	*np += n;

	return 0;
}


int dtmf_tx_add(struct dtmf_tx *tx, const char *digits)
{
	return tx ? queue(tx->queue, &tx->n, digits) : EINVAL;
}


int dtmf_wave_add(struct dtmf_wave *w, const char *digits)
{
	return w ? queue(w->queue, &w->n, digits) : EINVAL;
}


/* Row and column of a digit on the dial, in Hz (Q.23) */
static void frequencies(char digit, double *low, double *high)
{
	static const char rows[] = "123A456B789C*0#D";
	static const double lowv[] = { 697, 770, 852, 941 };
	static const double highv[] = { 1209, 1336, 1477, 1633 };
	const size_t i = (size_t)(strchr(rows, dtmf_digit(dtmf_code(digit))) -
				  rows);

	*low = lowv[i / 4];
	*high = highv[i % 4];
}


bool dtmf_wave_fill(struct dtmf_wave *w, int16_t *sampv, size_t sampc,
		    uint32_t srate, uint8_t channels)
{
	const uint32_t tone = srate * TONE * FRAME_MS / 1000;
	const uint32_t all = tone + srate * GAP * FRAME_MS / 1000;
	const double pi2 = 6.283185307179586;
	double low, high;
	size_t i, ch;

	if (!w->n || !channels)
		return false;

	frequencies(w->queue[0], &low, &high);
	for (i = 0; i + channels <= sampc; i += channels) {
		const double t = (double)w->pos / srate;
		int16_t v = 0;

		if (w->pos < tone)
			v = (int16_t)(LEVEL * (sin(pi2 * low * t) +
					       sin(pi2 * high * t)));
		for (ch = 0; ch < channels; ch++)
			sampv[i + ch] = v;
		if (w->pos < all)
			++w->pos;
	}

	if (w->pos >= all) {
		memmove(w->queue, w->queue + 1, --w->n);
		w->pos = 0;
	}

	return true;
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
