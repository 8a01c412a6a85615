/**
 * @file playout.h  The playout buffer: packets in, one at a time out
 *
 * Pure: no clock, no socket, no codec. The caller says what time it is.
 * Times are microseconds on any steady clock.
 */
#ifndef OFFHOOK_PLAYOUT_H
#define OFFHOOK_PLAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAYOUT_PAYLOAD 1500    /**< Longest payload that is kept, bytes */

struct playout;

/** What is to be played now */
enum playout_what {
	PLAYOUT_WAIT,        /**< Nothing: silence                         */
	PLAYOUT_PACKET,      /**< Decode buf                               */
	PLAYOUT_CONCEAL      /**< Make up for one packet; buf is the packet
				  after it if it is here, else NULL        */
};

struct playout_frame {
	const uint8_t *buf;      /**< Valid until the next put or get      */
	size_t len;
	uint32_t duration;       /**< Of the frame, timestamp units        */
	bool skipped;            /**< A packet before this one was left out
				      to shorten the delay                 */
};

struct playout_stats {
	uint32_t late;           /**< Came after their time                */
	uint32_t duplicate;
	uint32_t concealed;      /**< Frames made up, lost or waited for   */
	uint32_t skipped;        /**< Left out to shorten the delay        */
	uint32_t resets;         /**< The sender started anew              */
	uint32_t delay_us;       /**< What the buffer adds, now            */
	uint32_t target_us;      /**< What it aims at                      */
};

/**
 * Make a playout buffer; free with mem_deref()
 *
 * @param pop   Result
 * @param rate  RTP clock rate in Hz
 *
 * @return 0 if success, otherwise errorcode
 */
int playout_alloc(struct playout **pop, uint32_t rate);

/**
 * A packet has come
 *
 * @param po    Playout buffer
 * @param ssrc  Who sent it
 * @param seq   Sequence number
 * @param ts    RTP timestamp
 * @param now   Time of arrival
 * @param buf   Payload, copied
 * @param len   Its length
 *
 * @return 0 if success, otherwise errorcode (EALREADY: duplicate, ETIME:
 *         too late, EAGAIN: a jump that the next packet has to confirm,
 *         EMSGSIZE: too long)
 */
int playout_put(struct playout *po, uint32_t ssrc, uint16_t seq, uint32_t ts,
		uint64_t now, const void *buf, size_t len);

/** A packet of this number came that is no audio (a telephone event): it
 *  is not to be missed */
void playout_pass(struct playout *po, uint32_t ssrc, uint16_t seq);

/** What to play next; called once a frame, when it is needed */
enum playout_what playout_get(struct playout *po, uint64_t now,
			      struct playout_frame *f);

/** Was the frame played last quiet? A quiet one may be left out unheard */
void playout_quiet(struct playout *po, bool quiet);

/** Has the codec use for the packet after a lost one (in-band FEC)? Then
 *  one more frame is waited for while packets get lost */
void playout_set_fec(struct playout *po, bool fec);

/** Forget all packets and times, keep the counters */
void playout_flush(struct playout *po);

void playout_stats(const struct playout *po, struct playout_stats *st);

#endif
