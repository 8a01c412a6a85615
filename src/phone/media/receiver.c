/**
 * @file receiver.c  From RTP to sound
 *
 * Packets go into the playout buffer as they come; whoever needs sound
 * pulls it. What a packet decodes to is rarely just what is asked for, so
 * a short queue of samples stands between.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "dtmf.h"
#include "level.h"
#include "plc.h"
#include "receiver.h"

enum {
	DECODE_MAX = 5760,           /**< 120 ms at 48 kHz             */
	QUEUE_MAX  = 2 * DECODE_MAX,
	QUIET      = 330             /**< Peak below: about -40 dBFS   */
};

struct receiver {
	struct quality *q;
	receiver_dtmf_h *dtmfh;
	receiver_rate_h *rateh;
	void *arg;

	struct media_format rxv[SDP_CODECS];
	size_t rxc;
	int dtmf_ptv[2];
	struct dtmf_rx dtmf;

	const struct codec *codec;
	uint8_t pt;
	struct codec_dec *dec;
	struct playout *po;
	struct playout_stats before; /**< Of buffers before this one   */
	struct plc *plc;

	int16_t queue[QUEUE_MAX];
	size_t queued;
	int peak;
};


static void receiver_destructor(void *arg)
{
	struct receiver *r = arg;

	mem_deref(r->dec);
	mem_deref(r->po);
	mem_deref(r->plc);
}


int receiver_alloc(struct receiver **rp, struct quality *quality,
		   receiver_dtmf_h *dtmfh, receiver_rate_h *rateh, void *arg)
{
	struct receiver *r;

	if (!rp || !quality)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), receiver_destructor);
	if (!r)
		return ENOMEM;

	r->q = quality;
	r->dtmfh = dtmfh;
	r->rateh = rateh;
	r->arg = arg;
	r->dtmf_ptv[0] = r->dtmf_ptv[1] = -1;

	*rp = r;

	return 0;
}


/* A new buffer begins its counts at zero: keep the sum */
static void keep_counts(struct receiver *r)
{
	struct playout_stats st;

	if (!r->po)
		return;

	receiver_stats(r, &st);
	r->before = st;
	r->po = mem_deref(r->po);
}


static int codec_set(struct receiver *r, const struct media_format *fmt)
{
	const struct codec *codec = fmt->codec;
	struct codec_dec *dec = NULL;
	struct playout *po = NULL;
	struct plc *plc = NULL;
	int err;

	err = codec->dec_alloc(&dec, codec, codec->fmtp);
	if (!err)
		err = playout_alloc(&po, codec->clock_rate);
	if (!err && !codec->conceal)
		err = plc_alloc(&plc, codec->srate);
	if (err) {
		mem_deref(dec);
		mem_deref(po);
		return err;
	}

	keep_counts(r);
	mem_deref(r->dec);
	mem_deref(r->plc);
	r->dec = dec;
	r->po = po;
	r->plc = plc;
	r->queued = 0;
	r->codec = codec;
	r->pt = fmt->pt;
	playout_set_fec(po, codec->conceal != NULL);

	return 0;
}


int receiver_update(struct receiver *r, const struct media_agreed *ag)
{
	size_t i;

	if (!r || !ag || !ag->rxc)
		return EINVAL;

	memcpy(r->rxv, ag->rxv, sizeof(r->rxv));
	r->rxc = ag->rxc;
	memcpy(r->dtmf_ptv, ag->dtmf_rxv, sizeof(r->dtmf_ptv));

	for (i = 0; i < r->rxc; i++) {
		if (r->codec == r->rxv[i].codec && r->codec == ag->tx.codec) {
			r->pt = r->rxv[i].pt;
			return 0;
		}
	}

	/* most likely it is what we send */
	for (i = 0; i < r->rxc; i++) {
		if (r->rxv[i].codec == ag->tx.codec)
			return codec_set(r, &r->rxv[i]);
	}

	return codec_set(r, &r->rxv[0]);
}


/* The peer sends another of the agreed codecs */
static bool codec_change(struct receiver *r, uint8_t pt)
{
	const uint32_t srate = r->codec->srate;
	size_t i;

	for (i = 0; i < r->rxc; i++) {
		if (r->rxv[i].pt != pt)
			continue;

		if (codec_set(r, &r->rxv[i]))
			return false;

		debug("media: the peer sends %s now\n", r->codec->name);
		if (r->codec->srate != srate && r->rateh)
			r->rateh(r->codec->srate, r->arg);
		return true;
	}

	return false;
}


void receiver_put(struct receiver *r, const struct rtp_header *hdr,
		  const uint8_t *buf, size_t len, uint64_t now)
{
	char digit;

	if (!r || !r->codec)
		return;

	if (hdr->pt == r->dtmf_ptv[0] || hdr->pt == r->dtmf_ptv[1]) {
		playout_pass(r->po, hdr->ssrc, hdr->seq);
		digit = dtmf_rx_put(&r->dtmf, hdr->ts, buf, len);
		if (digit && r->dtmfh)
			r->dtmfh(digit, r->arg);
		return;
	}

	if (hdr->pt != r->pt && !codec_change(r, hdr->pt))
		return;

	(void)playout_put(r->po, hdr->ssrc, hdr->seq, hdr->ts, now, buf, len);
}


static void decode(struct receiver *r, const struct playout_frame *f)
{
	int16_t *sampv = r->queue + r->queued;
	size_t sampc = DECODE_MAX;

	if (r->codec->decode(r->dec, sampv, &sampc, f->buf, f->len))
		return;

	if (r->plc) {
		if (f->skipped)
			plc_cut(r->plc);
		plc_good(r->plc, sampv, sampc);
	}
	playout_quiet(r->po, level_peak(sampv, sampc) < QUIET);
	r->queued += sampc;
}


static void conceal(struct receiver *r, const struct playout_frame *f)
{
	int16_t *sampv = r->queue + r->queued;
	size_t sampc = (size_t)((uint64_t)f->duration * r->codec->srate /
				r->codec->clock_rate);

	if (sampc > DECODE_MAX)
		sampc = DECODE_MAX;

	if (r->codec->conceal) {
		if (r->codec->conceal(r->dec, sampv, &sampc, f->buf, f->len))
			return;
	}
	else {
		plc_fill(r->plc, sampv, sampc);
	}
	r->queued += sampc;
}


void receiver_pull(struct receiver *r, int16_t *sampv, size_t sampc,
		   uint64_t now)
{
	struct playout_frame f;
	unsigned rounds = 0;
	size_t n;
	int peak;

	if (!r || !r->codec || sampc > DECODE_MAX) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	/* a packet that decodes to nothing must not keep us here */
	while (r->queued < sampc && ++rounds < 32) {
		const enum playout_what what = playout_get(r->po, now, &f);

		if (what == PLAYOUT_PACKET)
			decode(r, &f);
		else if (what == PLAYOUT_CONCEAL)
			conceal(r, &f);
		else
			break;
	}

	n = r->queued < sampc ? r->queued : sampc;
	memcpy(sampv, r->queue, n * sizeof(*sampv));
	memset(sampv + n, 0, (sampc - n) * sizeof(*sampv));
	r->queued -= n;
	memmove(r->queue, r->queue + n, r->queued * sizeof(*sampv));

	peak = level_peak(sampv, sampc);
	if (peak > r->peak)
		r->peak = peak;
}


void receiver_flush(struct receiver *r)
{
	if (!r)
		return;

	playout_flush(r->po);
	r->queued = 0;
}


uint32_t receiver_srate(const struct receiver *r)
{
	return r && r->codec ? r->codec->srate : 0;
}


int receiver_peak(struct receiver *r)
{
	const int peak = r ? r->peak : 0;

	if (r)
		r->peak = 0;

	return peak;
}


void receiver_stats(const struct receiver *r, struct playout_stats *st)
{
	memset(st, 0, sizeof(*st));
	if (!r)
		return;

	playout_stats(r->po, st);
	st->late += r->before.late;
	st->duplicate += r->before.duplicate;
	st->concealed += r->before.concealed;
	st->skipped += r->before.skipped;
	st->resets += r->before.resets;
}
