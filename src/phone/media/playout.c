/**
 * @file playout.c  The playout buffer: packets in, one at a time out
 *
 * lateness.c says which delay to aim at. What is played now has a delay,
 * too: now minus timestamp minus the base. Below the aim a made-up frame is
 * put in, above it a packet is left out, at a quiet moment if one comes. On
 * a calm net that is less than two frames.
 *
 * When the buffer runs empty, frames are made up without moving on in the
 * stream ("owed"): if the packet comes after all, the delay has grown by
 * just what was needed; if it is lost, what was made up stands for it.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "lateness.h"
#include "playout.h"

enum {
	SLOTS      = 64,          /**< Packets held, a power of two         */
	SLACK_US   = 5000,        /**< Too long before it counts as too long */
	OWED_MAX   = 5,           /**< Frames made up in a row, then silence */
	RECENT     = 5,           /**< Gets a "too short" has to hold        */
	REVIEW     = 50,          /**< Gets between two looks at "too long"  */
	STALL_US   = 200000,      /**< So much too long is cut at once      */
	JUMP_US    = 2000000,     /**< Clock of the sender jumped            */
	DROPOUT    = 3000,        /**< RFC 3550 A.1                          */
	MISORDER   = 100
};

struct slot {
	bool set;
	bool pass;                /**< No audio, only not missing   */
	uint16_t seq;
	int64_t ts;               /**< Unwrapped                    */
	size_t len;
	uint8_t buf[PLAYOUT_PAYLOAD];
};

struct playout {
	uint32_t rate;
	bool fec;

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
	int64_t target;
	float loss;               /**< Share of frames lost, 0 to 1 */

	/* playing */
	bool started;             /**< Something was played         */
	bool playing;
	bool quiet;
	uint16_t next_seq;
	int64_t next_ts;
	unsigned owed;
	int64_t recentv[RECENT];  /**< Delays of the last gets      */
	unsigned recentc;
	int64_t win_min;
	unsigned winc;
	int64_t surplus;          /**< us above the aim, 0: none    */
	unsigned patience;        /**< Gets since there is surplus  */

	struct playout_stats st;
	struct slot slotv[SLOTS];
};


int playout_alloc(struct playout **pop, uint32_t rate)
{
	struct playout *po;

	if (!pop || !rate)
		return EINVAL;

	po = mem_zalloc(sizeof(*po), NULL);
	if (!po)
		return ENOMEM;

	po->rate = rate;
	po->dur = rate / 50;
	lateness_init(&po->late);
	po->target = lateness_aim(&po->late);

	*pop = po;

	return 0;
}


static struct slot *slot_of(struct playout *po, uint16_t seq)
{
	return &po->slotv[seq % SLOTS];
}


static bool slot_has(struct playout *po, uint16_t seq)
{
	const struct slot *s = slot_of(po, seq);

	return s->set && s->seq == seq;
}


static int64_t ts_us(const struct playout *po, int64_t ts)
{
	return ts * 1000000 / po->rate;
}


static int64_t dur_us(const struct playout *po)
{
	return ts_us(po, po->dur);
}


void playout_flush(struct playout *po)
{
	size_t i;

	if (!po)
		return;

	for (i = 0; i < SLOTS; i++)
		po->slotv[i].set = false;

	po->anchored = false;
	po->started = false;
	po->playing = false;
	po->probe.set = false;
	po->owed = 0;
	lateness_init(&po->late);
	po->target = lateness_aim(&po->late);
	po->loss = 0;
	po->recentc = po->winc = 0;
	po->surplus = 0;
}


static void anchor(struct playout *po, uint32_t ssrc, uint16_t seq,
		   uint32_t ts, uint64_t now)
{
	po->anchored = true;
	po->ssrc = ssrc;
	po->hi_seq = seq;
	po->hi_ts = ts;
	po->hi_now = now;
	po->seen = 0;
	po->next_seq = seq;
}


/* What the delay is to be, after another packet */
static void target_update(struct playout *po)
{
	po->target = lateness_aim(&po->late);
	if (po->fec && po->loss > 0.01f)
		po->target += dur_us(po);
	if (po->target > dur_us(po) * SLOTS / 2)
		po->target = dur_us(po) * SLOTS / 2;
}


/* Another source, or far from where this one was? */
static bool is_jump(const struct playout *po, uint32_t ssrc, uint16_t seq,
		    uint32_t ts, uint64_t now)
{
	const int16_t d = (int16_t)(seq - po->hi_seq);
	int64_t off;

	if (ssrc != po->ssrc || d > DROPOUT || d < -MISORDER)
		return true;

	off = ts_us(po, (int32_t)(ts - (uint32_t)po->hi_ts)) -
		(int64_t)(now - po->hi_now);

	return off > JUMP_US || off < -JUMP_US;
}


/* RFC 3550 A.1: two packets in sequence make a new start believable */
static bool confirm_jump(struct playout *po, uint32_t ssrc, uint16_t seq)
{
	if (po->probe.set && po->probe.ssrc == ssrc &&
	    (uint16_t)(po->probe.seq + 1) == seq)
		return true;

	po->probe.set = true;
	po->probe.ssrc = ssrc;
	po->probe.seq = seq;

	return false;
}


static bool was_seen(struct playout *po, uint16_t seq)
{
	const int16_t age = (int16_t)(po->hi_seq - seq);

	return age >= 0 && age < 64 && (po->seen >> age & 1);
}


static void note_seen(struct playout *po, uint16_t seq, int64_t ts,
		      uint64_t now)
{
	const int16_t step = (int16_t)(seq - po->hi_seq);

	if (step > 0) {
		const int64_t d = (ts - po->hi_ts) / step;

		/* 2.5 to 120 ms; anything else is a pause */
		if (step == 1 && d >= po->rate / 400 &&
		    d <= (int64_t)po->rate * 120 / 1000)
			po->dur = (uint32_t)d;

		po->seen = step < 64 ? po->seen << step : 0;
		po->hi_seq = seq;
		po->hi_ts = ts;
		po->hi_now = now;
		po->seen |= 1;
	}
	else if (step > -64) {
		po->seen |= (uint64_t)1 << -step;
	}
}


/* Room for a packet further ahead than the buffer is long */
static void make_room(struct playout *po, uint16_t seq)
{
	while ((uint16_t)(seq - po->next_seq) >= SLOTS) {
		struct slot *s = slot_of(po, po->next_seq);

		if (s->set && s->seq == po->next_seq) {
			s->set = false;
			++po->st.skipped;
		}
		++po->next_seq;
	}
}


static void slot_store(struct playout *po, uint16_t seq, int64_t ts,
		       bool pass, const void *buf, size_t len)
{
	struct slot *s = slot_of(po, seq);

	s->set = true;
	s->pass = pass;
	s->seq = seq;
	s->ts = ts;
	s->len = len;
	if (len)
		memcpy(s->buf, buf, len);
}


int playout_put(struct playout *po, uint32_t ssrc, uint16_t seq, uint32_t ts,
		uint64_t now, const void *buf, size_t len)
{
	int64_t ts64;

	if (!po || !buf)
		return EINVAL;
	if (len > PLAYOUT_PAYLOAD)
		return EMSGSIZE;

	if (po->anchored && is_jump(po, ssrc, seq, ts, now)) {
		if (!confirm_jump(po, ssrc, seq))
			return EAGAIN;
		playout_flush(po);
		++po->st.resets;
	}
	po->probe.set = false;

	if (!po->anchored)
		anchor(po, ssrc, seq, ts, now);
	else if (was_seen(po, seq)) {
		++po->st.duplicate;
		return EALREADY;
	}

	ts64 = po->hi_ts + (int32_t)(ts - (uint32_t)po->hi_ts);
	lateness_note(&po->late, (int64_t)now - ts_us(po, ts64), now);
	note_seen(po, seq, ts64, now);
	target_update(po);

	if ((int16_t)(seq - po->next_seq) < 0) {
		if (po->started ||
		    (int16_t)(po->next_seq - seq) > SLOTS / 2) {
			++po->st.late;
			return ETIME;
		}
		/* overtaken before anything was played */
		po->next_seq = seq;
	}

	make_room(po, seq);
	slot_store(po, seq, ts64, false, buf, len);

	return 0;
}


void playout_pass(struct playout *po, uint32_t ssrc, uint16_t seq)
{
	if (!po || !po->anchored || ssrc != po->ssrc ||
	    (uint16_t)(seq - po->next_seq) >= SLOTS)
		return;

	if (!slot_has(po, seq))
		slot_store(po, seq, 0, true, NULL, 0);
}


/* Step over what is no audio, then find the first packet that is there */
static struct slot *first_slot(struct playout *po, unsigned *gap)
{
	unsigned i;

	while (slot_has(po, po->next_seq) &&
	       slot_of(po, po->next_seq)->pass) {
		slot_of(po, po->next_seq)->set = false;
		++po->next_seq;
	}

	for (i = 0; i < SLOTS; i++) {
		const uint16_t seq = (uint16_t)(po->next_seq + i);

		if (slot_has(po, seq) && !slot_of(po, seq)->pass) {
			*gap = i;
			return slot_of(po, seq);
		}
	}

	return NULL;
}


static int64_t delay_of(const struct playout *po, const struct slot *s,
			uint64_t now)
{
	return (int64_t)now - ts_us(po, s->ts) - po->late.base;
}


static void loss_note(struct playout *po, bool lost)
{
	po->loss += ((lost ? 1.f : 0.f) - po->loss) / 256;
}


static enum playout_what play(struct playout *po, struct slot *s,
			      uint64_t now, struct playout_frame *f)
{
	const int64_t delay = delay_of(po, s, now);

	s->set = false;
	f->buf = s->buf;
	f->len = s->len;
	po->next_seq = (uint16_t)(s->seq + 1);
	po->next_ts = s->ts + po->dur;
	po->owed = 0;
	po->started = true;
	po->playing = true;
	loss_note(po, false);

	po->st.delay_us = (uint32_t)(((int64_t)po->st.delay_us * 15 +
				      (delay > 0 ? delay : 1)) / 16);

	return PLAYOUT_PACKET;
}


static enum playout_what conceal(struct playout *po, struct slot *next,
				 struct playout_frame *f)
{
	if (next) {
		f->buf = next->buf;
		f->len = next->len;
	}
	++po->st.concealed;

	return PLAYOUT_CONCEAL;
}


/* Nothing plays yet: start when the first packet is as old as aimed at */
static enum playout_what start(struct playout *po, uint64_t now,
			       struct playout_frame *f)
{
	struct slot *s;
	unsigned gap;

	while ((s = first_slot(po, &gap)) != NULL) {
		const int64_t delay = delay_of(po, s, now);

		if (delay < po->target)
			return PLAYOUT_WAIT;

		po->next_seq = s->seq;
		if (delay < po->target + dur_us(po) ||
		    !slot_has(po, (uint16_t)(s->seq + 1))) {
			po->st.delay_us = (uint32_t)delay;
			po->recentc = po->winc = 0;
			po->surplus = 0;
			return play(po, s, now, f);
		}

		/* nothing is lost by leaving out what is too old */
		s->set = false;
		++po->next_seq;
		++po->st.skipped;
	}

	return PLAYOUT_WAIT;
}


/* Shorter than aimed at, and not only for a moment? */
static bool too_short(struct playout *po, int64_t delay)
{
	unsigned i;

	po->recentv[po->recentc++ % RECENT] = delay;
	if (po->recentc < RECENT)
		return false;

	for (i = 0; i < RECENT; i++) {
		if (po->recentv[i] >= po->target)
			return false;
	}
	po->recentc = 0;

	return true;
}


/* Longer than needed for a while, and is this a good moment? */
static bool too_long(struct playout *po, int64_t delay)
{
	const int64_t dur = dur_us(po);

	if (!po->winc || delay < po->win_min)
		po->win_min = delay;

	if (++po->winc >= REVIEW) {
		po->surplus = po->win_min - po->target;
		if (po->surplus < dur + SLACK_US) {
			po->surplus = 0;
			po->patience = 0;
		}
		po->winc = 0;
	}

	if (!po->surplus)
		return false;

	++po->patience;
	if (!(po->quiet && po->patience >= 5) &&
	    po->patience < (po->surplus >= 3 * dur ? 25 : 250))
		return false;

	po->patience = 0;
	po->winc = 0;
	po->surplus -= dur;
	if (po->surplus < dur + SLACK_US)
		po->surplus = 0;

	return true;
}


/* The packet that is due is here */
static enum playout_what on_time(struct playout *po, struct slot *s,
				 uint64_t now, struct playout_frame *f)
{
	const int64_t delay = delay_of(po, s, now);
	struct slot *after;

	/* The sender paused (no loss: the numbers go on): keep the pause */
	if (s->ts - po->next_ts > po->dur / 2 && delay < po->target) {
		if (++po->owed > OWED_MAX) {
			po->playing = false;
			return PLAYOUT_WAIT;
		}
		return conceal(po, NULL, f);
	}

	/* nobody asked for a while (a sound card that stood still): the
	   past is not worth the delay */
	if (delay > po->target + STALL_US) {
		po->playing = false;
		f->skipped = true;
		return start(po, now, f);
	}

	if (too_short(po, delay))
		return conceal(po, NULL, f);

	after = slot_of(po, (uint16_t)(s->seq + 1));
	if (too_long(po, delay) && slot_has(po, (uint16_t)(s->seq + 1)) &&
	    !after->pass) {
		s->set = false;
		++po->st.skipped;
		f->skipped = true;
		s = after;
	}

	return play(po, s, now, f);
}


enum playout_what playout_get(struct playout *po, uint64_t now,
			      struct playout_frame *f)
{
	struct slot *s;
	unsigned gap = 0;

	if (!po || !f)
		return PLAYOUT_WAIT;

	memset(f, 0, sizeof(*f));
	f->duration = po->dur;

	if (!po->anchored)
		return PLAYOUT_WAIT;
	if (!po->playing)
		return start(po, now, f);

	s = first_slot(po, &gap);
	if (!s) {
		if (++po->owed > OWED_MAX) {
			po->playing = false;
			return PLAYOUT_WAIT;
		}
		return conceal(po, NULL, f);
	}

	/* what was made up while waiting stands for what is missing */
	while (gap && po->owed) {
		--gap;
		--po->owed;
		++po->next_seq;
		po->next_ts += po->dur;
		loss_note(po, true);
	}
	if (!gap)
		return on_time(po, s, now, f);

	loss_note(po, true);
	++po->next_seq;
	po->next_ts += po->dur;

	return conceal(po, gap == 1 ? s : NULL, f);
}


void playout_quiet(struct playout *po, bool quiet)
{
	if (po)
		po->quiet = quiet;
}


void playout_set_fec(struct playout *po, bool fec)
{
	if (po)
		po->fec = fec;
}


void playout_stats(const struct playout *po, struct playout_stats *st)
{
	if (!po || !st)
		return;

	*st = po->st;
	st->target_us = (uint32_t)po->target;
}
