/**
 * @file playout_put.c  The playout buffer: packets come in
 *
 * A slot for each of the next 64 sequence numbers says where in a ring of
 * bytes the payload lies, so that a stream touches as much memory as its
 * packets are long. Another source, or numbers far from the last ones, is
 * believed when two packets in sequence say so.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "playout_priv.h"

enum {
	JUMP_US    = 2000000,     /**< Clock of the sender jumped    */
	DROPOUT    = 3000,        /**< RFC 3550 A.1                  */
	MISORDER   = 100,
	PTIME_MAX  = 120          /**< ms; anything longer is a pause */
};


int playout_alloc(struct playout **pop, uint32_t rate)
{
	struct playout *po;

	if (!pop || !rate)
		return EINVAL;

	/* not zeroed: what is not used is never touched */
	po = mem_alloc(sizeof(*po), NULL);
	if (!po)
		return ENOMEM;

	memset(po, 0, offsetof(struct playout, arena));
	po->rate = rate;
	po->dur = rate / 50;
	lateness_init(&po->late);
	po->target = lateness_aim(&po->late, 990);

	*pop = po;

	return 0;
}


void playout_flush(struct playout *po)
{
	size_t i;

	if (!po)
		return;

	for (i = 0; i < PLAYOUT_SLOTS; i++)
		po->slotv[i].set = false;

	po->anchored = false;
	po->started = false;
	po->playing = false;
	po->noise = false;
	po->probe.set = false;
	po->owed = 0;
	lateness_init(&po->late);
	po->target = lateness_aim(&po->late, 990);
	po->loss = 0;
	po->shortc = po->winc = po->patience = 0;
	po->want = 0;
}


static void anchor(struct playout *po, const struct playout_packet *pkt,
		   uint64_t now)
{
	po->anchored = true;
	po->ssrc = pkt->ssrc;
	po->hi_seq = pkt->seq;
	po->hi_ts = pkt->ts;
	po->hi_now = now;
	po->seen = 0;
	po->next_seq = pkt->seq;
}


/* Another source, or far from where this one was? */
static bool is_jump(const struct playout *po,
		    const struct playout_packet *pkt, uint64_t now)
{
	const int16_t d = (int16_t)(pkt->seq - po->hi_seq);
	int64_t off;

	if (pkt->ssrc != po->ssrc || d > DROPOUT || d < -MISORDER)
		return true;

	off = playout_us(po, (int32_t)(pkt->ts - (uint32_t)po->hi_ts)) -
		(int64_t)(now - po->hi_now);

	return off > JUMP_US || off < -JUMP_US;
}


/* RFC 3550 A.1: two packets in sequence make a new start believable */
static bool confirm_jump(struct playout *po,
			 const struct playout_packet *pkt)
{
	if (po->probe.set && po->probe.ssrc == pkt->ssrc &&
	    (uint16_t)(po->probe.seq + 1) == pkt->seq)
		return true;

	po->probe.set = true;
	po->probe.ssrc = pkt->ssrc;
	po->probe.seq = pkt->seq;

	return false;
}


static bool was_seen(const struct playout *po, uint16_t seq)
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

		if (step == 1 && d >= po->rate / 400 &&
		    d <= (int64_t)po->rate * PTIME_MAX / 1000)
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
	while ((uint16_t)(seq - po->next_seq) >= PLAYOUT_SLOTS) {
		struct slot *s = playout_slot(po, po->next_seq);

		if (s->set && s->seq == po->next_seq) {
			s->set = false;
			++po->st.skipped;
		}
		++po->next_seq;
	}
}


/* Bytes for a payload; what lay there longest gives way */
static uint32_t arena_take(struct playout *po, size_t len)
{
	uint32_t at = po->head;
	size_t i;

	if (at + len > PLAYOUT_ARENA)
		at = 0;

	for (i = 0; i < PLAYOUT_SLOTS; i++) {
		struct slot *s = &po->slotv[i];

		if (s->set && s->len && s->off < at + len &&
		    at < s->off + s->len) {
			s->set = false;
			++po->st.skipped;
		}
	}
	po->head = at + (uint32_t)len;

	return at;
}


static void slot_store(struct playout *po, uint16_t seq, int64_t ts,
		       const struct playout_packet *pkt)
{
	struct slot *s = playout_slot(po, seq);

	s->set = false;
	s->off = pkt ? arena_take(po, pkt->len) : 0;
	s->set = true;
	s->pass = !pkt;
	s->noise = pkt && pkt->kind == PLAYOUT_COMFORT;
	s->copy = pkt && pkt->kind == PLAYOUT_COPY;
	s->seq = seq;
	s->ts = ts;
	s->len = pkt ? (uint16_t)pkt->len : 0;
	if (s->len)
		memcpy(po->arena + s->off, pkt->buf, s->len);
}


/* A copy within a later packet says nothing about the net */
static int put_copy(struct playout *po, const struct playout_packet *pkt)
{
	const int64_t ts = po->hi_ts +
		(int32_t)(pkt->ts - (uint32_t)po->hi_ts);

	if (!po->anchored || pkt->ssrc != po->ssrc)
		return EAGAIN;
	if (was_seen(po, pkt->seq) || playout_has(po, pkt->seq))
		return EALREADY;
	if ((int16_t)(pkt->seq - po->next_seq) < 0 ||
	    (uint16_t)(pkt->seq - po->next_seq) >= PLAYOUT_SLOTS)
		return ETIME;

	slot_store(po, pkt->seq, ts, pkt);
	++po->st.recovered;

	return 0;
}


int playout_put(struct playout *po, const struct playout_packet *pkt,
		uint64_t now)
{
	int64_t ts;

	if (!po || !pkt || !pkt->buf)
		return EINVAL;
	if (pkt->len > PLAYOUT_PAYLOAD)
		return EMSGSIZE;
	if (pkt->kind == PLAYOUT_COPY)
		return put_copy(po, pkt);

	if (po->anchored && is_jump(po, pkt, now)) {
		if (!confirm_jump(po, pkt))
			return EAGAIN;
		playout_flush(po);
		++po->st.resets;
	}
	po->probe.set = false;

	if (!po->anchored)
		anchor(po, pkt, now);
	else if (was_seen(po, pkt->seq)) {
		++po->st.duplicate;
		return EALREADY;
	}

	ts = po->hi_ts + (int32_t)(pkt->ts - (uint32_t)po->hi_ts);
	lateness_note(&po->late, (int64_t)now - playout_us(po, ts), now);
	note_seen(po, pkt->seq, ts, now);
	playout_aim(po);

	if ((int16_t)(pkt->seq - po->next_seq) < 0) {
		if (po->started || (int16_t)(po->next_seq - pkt->seq) >
		    PLAYOUT_SLOTS / 2) {
			++po->st.late;
			return ETIME;
		}
		/* overtaken before anything was played */
		po->next_seq = pkt->seq;
	}

	/* a copy of it was here before: as good */
	if (playout_has(po, pkt->seq)) {
		playout_slot(po, pkt->seq)->copy = false;
		return 0;
	}

	make_room(po, pkt->seq);
	slot_store(po, pkt->seq, ts, pkt);

	return 0;
}


void playout_pass(struct playout *po, uint32_t ssrc, uint16_t seq)
{
	if (!po || !po->anchored || ssrc != po->ssrc ||
	    (uint16_t)(seq - po->next_seq) >= PLAYOUT_SLOTS)
		return;

	if (!playout_has(po, seq))
		slot_store(po, seq, 0, NULL);
}
