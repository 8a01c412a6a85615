/**
 * @file playout_priv.h  What playout.c and playout_put.c share
 */
#ifndef OFFHOOK_PLAYOUT_PRIV_H
#define OFFHOOK_PLAYOUT_PRIV_H

#include "lateness.h"
#include "playout.h"

enum {
	PLAYOUT_SLOTS  = 64,     /**< Packets held, a power of two     */
	PLAYOUT_ARENA  = 32768,  /**< Bytes of payload held            */
	PLAYOUT_RECENT = 3       /**< Packets a "too short" has to hold */
};

struct slot {
	bool set;
	bool pass;                /**< No audio, only not missing   */
	bool noise;
	bool copy;                /**< It came in a later packet    */
	uint16_t seq;
	uint16_t len;
	uint32_t off;             /**< In the arena                 */
	int64_t ts;               /**< Unwrapped                    */
};

struct playout {
	uint32_t rate;
	unsigned redundancy;

	/* the sender */
	bool anchored;
	uint32_t ssrc;
	uint16_t hi_seq;          /**< Newest packet                */
	int64_t hi_ts;
	uint64_t hi_now;
	uint64_t seen;            /**< Bit n: hi_seq - n came       */
	uint32_t dur;             /**< Of a packet, timestamp units */
	struct {
		bool set;
		uint32_t ssrc;
		uint16_t seq;
	} probe;                  /**< A jump to be confirmed       */

	/* timing */
	struct lateness late;
	int64_t target;           /**< us                           */
	float loss;               /**< Share lost, copied or not    */

	/* playing */
	bool started;             /**< Something was played         */
	bool playing;
	bool noise;               /**< The last was comfort noise   */
	uint16_t next_seq;
	int64_t next_ts;          /**< What is due                  */
	int64_t owed;             /**< Made up ahead of it, units   */
	int64_t short_by;         /**< us below the aim, least of .. */
	unsigned shortc;          /**< .. so many packets in a row  */
	int64_t win_min;          /**< us above the aim, least      */
	int64_t early;            /**< us, see playout_early()      */
	int64_t early_for;        /**< The aim it was last used for */
	unsigned earlyc;          /**< So often                     */
	uint32_t win_ahead;
	unsigned winc;
	int64_t want;             /**< us to put in or leave out    */
	unsigned patience;        /**< Packets since it was wanted  */

	struct playout_stats st;
	struct slot slotv[PLAYOUT_SLOTS];
	uint32_t head;            /**< Of the arena                 */
	uint8_t arena[PLAYOUT_ARENA];
};

/** The slot of a sequence number, whatever is in it */
static inline struct slot *playout_slot(struct playout *po, uint16_t seq)
{
	return &po->slotv[seq % PLAYOUT_SLOTS];
}

static inline bool playout_has(struct playout *po, uint16_t seq)
{
	const struct slot *s = playout_slot(po, seq);

	return s->set && s->seq == seq;
}

static inline int64_t playout_us(const struct playout *po, int64_t ts)
{
	return ts * 1000000 / po->rate;
}

/** What the delay is to be, after another packet */
void playout_aim(struct playout *po);

#endif
