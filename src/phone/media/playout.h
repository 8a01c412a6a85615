/**
 * @file playout.h  The playout buffer: packets in, one at a time out
 *
 * Pure: no clock, no socket, no codec, and after playout_alloc() no
 * allocation. The caller says what time it is. Times are microseconds on
 * any steady clock.
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
	PLAYOUT_PACKET,      /**< Decode buf, then playout_decoded()       */
	PLAYOUT_CONCEAL,     /**< Make up for duration; buf is the packet
				  after it if it is here, else NULL        */
	PLAYOUT_NOISE        /**< The sender pauses: noise for duration    */
};

struct playout_frame {
	const uint8_t *buf;      /**< Valid until the next put             */
	size_t len;
	uint32_t duration;       /**< Timestamp units; of a packet: guessed */
	bool skipped;            /**< What comes before was left out       */
	bool noise;              /**< The packet describes comfort noise   */
	int32_t stretch;         /**< Timestamp units that should be put
				      in, negative: left out               */
	bool hurry;              /**< ... even where it may be heard       */
};

struct playout_stats {
	uint32_t late;           /**< Came after their time                */
	uint32_t duplicate;
	uint32_t concealed;      /**< Frames made up, lost or waited for   */
	uint32_t mended;         /**< ... of these with the next packet    */
	uint32_t recovered;      /**< Packets that came by redundancy      */
	uint32_t skipped;        /**< Packets left out whole               */
	uint32_t resets;         /**< The sender started anew              */
	uint32_t longer_us;      /**< Stretched by so much in all          */
	uint32_t shorter_us;     /**< Shortened by so much in all          */
	uint32_t delay_us;       /**< What the buffer adds, now            */
	uint32_t target_us;      /**< What it aims at                      */
};

/** How a packet came */
enum playout_kind {
	PLAYOUT_AUDIO,
	PLAYOUT_COMFORT,         /**< Comfort noise: a pause begins        */
	PLAYOUT_COPY             /**< Within a later packet (RFC 2198)     */
};

struct playout_packet {
	uint32_t ssrc;
	uint16_t seq;
	uint32_t ts;
	enum playout_kind kind;
	const void *buf;         /**< Copied                               */
	size_t len;
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
 * @return 0 if success, otherwise errorcode (EALREADY: duplicate, ETIME:
 *         too late, EAGAIN: a jump that the next packet has to confirm,
 *         EMSGSIZE: too long)
 */
int playout_put(struct playout *po, const struct playout_packet *pkt,
		uint64_t now);

/** A packet of this number came that is no audio (a telephone event): it
 *  is not to be missed */
void playout_pass(struct playout *po, uint32_t ssrc, uint16_t seq);

/**
 * What to play next
 *
 * @param po     Playout buffer
 * @param now    Time
 * @param ahead  Microseconds of sound that will be played before it
 * @param block  Microseconds of sound that is asked for at a time
 * @param f      Filled in
 */
enum playout_what playout_get(struct playout *po, uint64_t now,
			      uint32_t ahead, uint32_t block,
			      struct playout_frame *f);

/** How long the packet turned out to be, and by how much it was stretched
 *  (negative: shortened), in timestamp units */
void playout_decoded(struct playout *po, uint32_t duration, int32_t stretch);

/** So many frames of redundancy come with later packets (in-band FEC: 1):
 *  they are waited for while packets get lost */
void playout_set_redundancy(struct playout *po, unsigned frames);

/** Forget all packets and times, keep the counters */
void playout_flush(struct playout *po);

/** Duration of the sender's packets, microseconds */
/**
 * How much sooner the same packets could be asked for, to be played with
 * less delay: what is over between the aim and the steps of a block. Seldom
 * anything but 0; not for ever, for whoever asks sooner and sooner runs
 * faster than the sender.
 *
 * @return Microseconds
 */
uint32_t playout_early(struct playout *po);

uint32_t playout_ptime(const struct playout *po);

void playout_stats(const struct playout *po, struct playout_stats *st);

#endif
