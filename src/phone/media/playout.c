/**
 * @file playout.c  The playout buffer: what is played now
 *
 * lateness.c says which delay to aim at. What is played now has a delay,
 * too: now minus timestamp minus the base. Below the aim the sound is to be
 * stretched, above it to be shortened, in steps of the block that is asked
 * for: between two steps a packet is not needed any sooner. The caller does
 * the stretching where the sound allows it and says what it did.
 *
 * When the buffer runs empty, sound is made up without moving on in the
 * stream ("owed"): if the packet comes after all, the delay has grown by
 * just what was needed; if it is lost, what was made up stands for it.
 * All lengths are timestamp units, so packets may be of any length, and
 * change it.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "playout_priv.h"

enum {
	SLACK_US   = 3000,        /**< Too long before it counts as too long */
	SMALL_US   = 2500,        /**< No shorter step than this one         */
	STEP_US    = 20000,
	OWED_US    = 100000,      /**< Made up in a row, then silence        */
	REVIEW     = 50,          /**< Packets between two looks at "long"   */
	PATIENCE   = 25,          /**< Packets before it may be heard ...    */
	HASTE      = 5,           /**< ... when it is to be longer           */
	STALL_US   = 200000,      /**< So much too long is cut at once       */
	FEC_MAX_US = 120000,      /**< Longest loss a next packet can mend   */
	EARLY_MIN  = 1500,        /**< Not worth asking sooner for less ...  */
	EARLY_MAX  = 4,           /**< ... or more often, while the aim ...  */
	EARLY_AIM  = 10000        /**< ... does not move by so much          */
};


void playout_aim(struct playout *po)
{
	const int64_t dur = playout_us(po, po->dur);
	int64_t more;

	po->target = lateness_aim(&po->late, 990);

	/* what the next packets bring is waited for if it is ever needed */
	if (po->redundancy && po->loss > 0.01f) {
		more = lateness_aim(&po->late, 950) +
			po->redundancy * dur;
		if (more > po->target)
			po->target = more;
	}

	if (po->target > dur * PLAYOUT_SLOTS / 2)
		po->target = dur * PLAYOUT_SLOTS / 2;
}


/* Step over what is no audio, then find the first packet that is there */
static struct slot *first_slot(struct playout *po, unsigned *gap)
{
	unsigned i;

	while (playout_has(po, po->next_seq) &&
	       playout_slot(po, po->next_seq)->pass) {
		playout_slot(po, po->next_seq)->set = false;
		++po->next_seq;
	}

	for (i = 0; i < PLAYOUT_SLOTS; i++) {
		const uint16_t seq = (uint16_t)(po->next_seq + i);

		if (playout_has(po, seq) && !playout_slot(po, seq)->pass) {
			*gap = i;
			return playout_slot(po, seq);
		}
	}

	return NULL;
}


/* Age of a packet if it were taken now */
static int64_t margin_of(const struct playout *po, const struct slot *s,
			 uint64_t now)
{
	return (int64_t)now - playout_us(po, s->ts) - po->late.base;
}


static void loss_note(struct playout *po, bool lost)
{
	po->loss += ((lost ? 1.f : 0.f) - po->loss) / 128;
}


static void restart_window(struct playout *po)
{
	po->winc = po->shortc = po->patience = 0;
	po->want = 0;
}


static enum playout_what play(struct playout *po, struct slot *s,
			      int64_t delay, struct playout_frame *f)
{
	s->set = false;
	f->buf = po->arena + s->off;
	f->len = s->len;
	f->noise = s->noise;
	f->duration = po->dur;

	po->next_seq = (uint16_t)(s->seq + 1);
	po->next_ts = s->ts + po->dur;
	po->noise = s->noise;
	po->owed = 0;
	po->playing = true;
	loss_note(po, s->copy);

	if (delay < 1)
		delay = 1;
	if (po->started)
		delay = ((int64_t)po->st.delay_us * 15 + delay) / 16;
	po->st.delay_us = (uint32_t)delay;
	po->started = true;

	return PLAYOUT_PACKET;
}


static enum playout_what conceal(struct playout *po, uint32_t duration,
				 const struct slot *next,
				 struct playout_frame *f)
{
	if (next && !next->noise) {
		f->buf = po->arena + next->off;
		f->len = next->len;
		++po->st.mended;
	}
	f->duration = duration;
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
		const int64_t delay = margin_of(po, s, now);

		if (delay < po->target)
			return PLAYOUT_WAIT;

		po->next_seq = s->seq;
		if (delay < po->target + playout_us(po, po->dur) ||
		    !playout_has(po, (uint16_t)(s->seq + 1))) {
			restart_window(po);
			return play(po, s, delay, f);
		}

		/* nothing is lost by leaving out what is too old */
		s->set = false;
		++po->next_seq;
		++po->st.skipped;
		f->skipped = true;
	}

	return PLAYOUT_WAIT;
}


/* Nothing is here: make something up, but do not move on */
static enum playout_what starve(struct playout *po, uint32_t block,
				struct playout_frame *f)
{
	const uint32_t blk = (uint32_t)((uint64_t)block * po->rate / 1000000);

	f->duration = po->dur < blk || !blk ? po->dur : blk;
	if (po->noise)
		return PLAYOUT_NOISE;

	po->owed += f->duration;
	if (playout_us(po, po->owed) > OWED_US) {
		po->playing = false;
		return PLAYOUT_WAIT;
	}

	return conceal(po, f->duration, NULL, f);
}


/* Shorter than aimed at, and not only for a moment? By how many us */
static int64_t too_short(struct playout *po, int64_t margin)
{
	const int64_t by = po->target - margin;

	if (by <= 0) {
		po->shortc = 0;
		return 0;
	}

	if (!po->shortc || by < po->short_by)
		po->short_by = by;
	if (++po->shortc < PLAYOUT_RECENT)
		return 0;

	po->shortc = 0;

	return po->short_by;
}


/* Once in a while: longer than needed all the time? By how many us. What
   waits in the caller's queue is of no use to anybody. */
static int64_t too_long(struct playout *po, int64_t margin, uint32_t ahead,
			uint32_t block)
{
	const int64_t by = margin - po->target;
	int64_t steps, least;

	if (!po->winc || by < po->win_min)
		po->win_min = by;
	if (!po->winc || ahead < po->win_ahead)
		po->win_ahead = ahead;
	if (++po->winc < REVIEW)
		return 0;

	po->winc = 0;
	steps = block ? (po->win_min - SLACK_US) / block : 0;
	least = (steps > 0 ? steps * block : 0) + po->win_ahead;
	po->early = least > SMALL_US ? 0 : po->win_min - SLACK_US;

	return least > SMALL_US ? least : 0;
}


/* How the sound is to be stretched from here on */
static void steer(struct playout *po, int64_t margin, uint32_t ahead,
		  uint32_t block, struct playout_frame *f)
{
	int64_t by;

	if (po->want <= 0 && (by = too_short(po, margin)) > 0) {
		po->want = block ? (by + block - 1) / block * block : by;
		po->want -= ahead < po->want ? ahead : 0;
		if (po->want < STEP_US)
			po->want = STEP_US;
		po->winc = po->patience = 0;
	}
	else if (!po->want) {
		po->want = -too_long(po, margin, ahead, block);
		po->patience = 0;
	}

	/* the net has become better or worse in the meantime */
	if ((po->want > 0 && margin > po->target + block) ||
	    (po->want < 0 && margin < po->target && ahead < SMALL_US))
		po->want = 0;

	if (!po->want)
		return;

	f->stretch = (int32_t)(po->want * po->rate / 1000000);
	++po->patience;
	f->hurry = po->want > 0 ? po->patience > HASTE || po->want > STEP_US :
		po->patience > PATIENCE || po->want < -3 * STEP_US;
}


/* The packet that is due is here */
static enum playout_what on_time(struct playout *po, struct slot *s,
				 uint64_t now, uint32_t ahead,
				 uint32_t block, struct playout_frame *f)
{
	const int64_t margin = margin_of(po, s, now);

	/* nobody asked for a while (a sound card that stood still): the
	   past is not worth the delay */
	if (margin > po->target + STALL_US) {
		po->playing = false;
		f->skipped = true;
		return start(po, now, f);
	}

	steer(po, margin, ahead, block, f);

	return play(po, s, margin + ahead, f);
}


/* The next packet belongs later than now: lost ones or a pause between */
static enum playout_what bridge(struct playout *po, struct slot *s,
				unsigned gap, int64_t missing, uint64_t now,
				uint32_t block, struct playout_frame *f)
{
	/* of several lost ones the first may have been made up already, while
	   nothing was here: time says which is the last, not the numbers */
	const bool last = gap && playout_us(po, missing) <= FEC_MAX_US &&
		(gap == 1 || missing <= po->dur);
	int64_t n = last ? missing : po->dur;

	/* The sender paused: the numbers go on. Keep the pause */
	if (!gap) {
		if (margin_of(po, s, now) < po->target)
			return starve(po, block, f);
		po->next_ts = s->ts;
		return on_time(po, s, now, 0, block, f);
	}

	if (n > missing)
		n = missing;
	loss_note(po, true);
	po->next_ts += n;
	if (n == missing)
		po->next_seq = s->seq;
	else if (gap > 1)
		++po->next_seq;

	if (po->noise) {
		f->duration = (uint32_t)n;
		return PLAYOUT_NOISE;
	}

	return conceal(po, (uint32_t)n, last ? s : NULL, f);
}


enum playout_what playout_get(struct playout *po, uint64_t now,
			      uint32_t ahead, uint32_t block,
			      struct playout_frame *f)
{
	int64_t missing, paid;
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
	if (!s)
		return starve(po, block, f);

	/* what was made up while waiting stands for what is missing */
	missing = s->ts - po->next_ts;
	if (gap && po->owed > 0 && missing > 0) {
		paid = po->owed < missing ? po->owed : missing;
		po->owed -= paid;
		po->next_ts += paid;
		missing -= paid;
		for (; paid > 0; paid -= po->dur)
			loss_note(po, true);
	}

	if (missing > po->dur / 4)
		return bridge(po, s, gap, missing, now, block, f);

	return on_time(po, s, now, ahead, block, f);
}


void playout_decoded(struct playout *po, uint32_t duration, int32_t stretch)
{
	int64_t us;

	if (!po)
		return;

	po->next_ts += (int64_t)duration - po->dur;

	us = playout_us(po, stretch);
	if (us > 0)
		po->st.longer_us += (uint32_t)us;
	else
		po->st.shorter_us += (uint32_t)-us;

	if (stretch) {
		po->want -= us;
		po->patience = 0;
		if (po->want < SMALL_US && po->want > -SMALL_US)
			po->want = 0;
	}
}


void playout_set_redundancy(struct playout *po, unsigned frames)
{
	if (po)
		po->redundancy = frames;
}


uint32_t playout_early(struct playout *po)
{
	int64_t early, moved;

	if (!po || po->early < EARLY_MIN)
		return 0;

	early = po->early;
	po->early = 0;
	moved = po->target - po->early_for;
	if (po->earlyc >= EARLY_MAX && moved < EARLY_AIM &&
	    moved > -EARLY_AIM)
		return 0;

	++po->earlyc;
	po->early_for = po->target;

	return (uint32_t)early;
}


uint32_t playout_ptime(const struct playout *po)
{
	return po ? (uint32_t)playout_us(po, po->dur) : 0;
}


void playout_stats(const struct playout *po, struct playout_stats *st)
{
	if (!po || !st)
		return;

	*st = po->st;
	st->target_us = (uint32_t)po->target;
}
