/**
 * @file dtmf.h  Telephone events (RFC 4733), both ways
 *
 * Pure: what to send every 20 ms, and what came.
 */
#ifndef OFFHOOK_DTMF_H
#define OFFHOOK_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DTMF_MAX = 64, DTMF_PAYLOAD = 4 };

/** Event code of a digit 0-9*#A-D, -1 if it is none */
int dtmf_code(char digit);

/** Digit of an event code, 0 if it is none */
char dtmf_digit(int code);

struct dtmf_tx {
	char queue[DTMF_MAX];
	size_t n;            /**< Digits waiting                      */
	unsigned step;       /**< 20 ms pieces since the digit began  */
	uint32_t ts;         /**< Of the digit                        */
};

/** Queue digits; 0, EINVAL (none at all is queued), ENOSPC */
int dtmf_tx_add(struct dtmf_tx *tx, const char *digits);

/**
 * What to send in this 20 ms
 *
 * @param tx      State
 * @param ts      Timestamp of this frame
 * @param rate    Clock rate of the event, for its duration
 * @param pld     Payload to be sent, DTMF_PAYLOAD bytes
 * @param tsp     Its timestamp
 * @param marker  Its marker
 * @param busy    Audio is not to be sent in this frame
 *
 * @return True if there is a packet to be sent
 */
bool dtmf_tx_poll(struct dtmf_tx *tx, uint32_t ts, uint32_t rate,
		  uint8_t *pld, uint32_t *tsp, bool *marker, bool *busy);

/** Digits as tones in the sound (ITU-T Q.23), for who knows no events */
struct dtmf_wave {
	char queue[DTMF_MAX];
	size_t n;            /**< Digits waiting                      */
	uint32_t pos;        /**< Samples since the digit began       */
};

/** Queue digits; 0, EINVAL (none at all is queued), ENOSPC */
int dtmf_wave_add(struct dtmf_wave *w, const char *digits);

/**
 * The next samples of the tones, or of the gap between two
 *
 * @param sampv     Filled in
 * @param sampc     Samples, over all channels
 * @param srate     Sample rate
 * @param channels  Interleaved
 *
 * @return False if there is nothing to be sent: sampv is untouched
 */
bool dtmf_wave_fill(struct dtmf_wave *w, int16_t *sampv, size_t sampc,
		    uint32_t srate, uint8_t channels);

struct dtmf_rx {
	bool any;
	uint32_t ts;         /**< Of the last event: its identity */
};

/** An event packet came; returns the digit if it is a new one, else 0 */
char dtmf_rx_put(struct dtmf_rx *rx, uint32_t ts, const uint8_t *pld,
		 size_t len);

#endif
