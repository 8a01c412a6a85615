/**
 * @file receiver.c  From RTP to sound
 *
 * Packets go into the playout buffer as they come; whoever needs sound
 * pulls it. What a packet decodes to is rarely just what is asked for, so
 * a short queue of samples stands between. The end of that queue is where
 * sound is stretched or shortened as the playout buffer wishes. Nothing is
 * allocated between two negotiations.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "cn.h"
#include "dtmf.h"
#include "level.h"
#include "mos.h"
#include "plc.h"
#include "receiver.h"
#include "red.h"
#include "wsola.h"

enum {
	DECODE_MAX = 2 * 5760,       /**< 120 ms at 48 kHz, stereo     */
	QUEUE_MAX  = 2 * DECODE_MAX,
	DTX_LEN    = 2               /**< RFC 7587 3.1.3: says nothing */
};

struct receiver {
	struct quality *q;
	receiver_dtmf_h *dtmfh;
	receiver_rate_h *rateh;
	void *arg;

	struct media_format rxv[SDP_CODECS];
	size_t rxc;
	int dtmf_ptv[2];
	int red_ptv[2];
	bool cn_ok;
	struct dtmf_rx dtmf;

	const struct codec *codec;
	uint8_t pt;
	struct codec_dec *dec;
	struct playout *po;
	struct playout_stats before; /**< Of buffers before this one   */
	struct plc *plc;
	struct cn cn;

	/* how it is heard: shares of the last seconds, smoothed */
	struct xr_burst burst;
	struct playout_stats last;
	uint32_t pulls;              /**< Blocks since the last second */
	float missing;               /**< Share of frames made up      */
	float r;                     /**< Rating, G.107                */
	bool rated;                  /**< It is known                  */
	uint32_t delay_max;          /**< us                           */

	int peak;
	size_t queued;
	int16_t queue[QUEUE_MAX];
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

	/* the queue is not zeroed: what is not used is never touched */
	r = mem_alloc(sizeof(*r), receiver_destructor);
	if (!r)
		return ENOMEM;

	memset(r, 0, offsetof(struct receiver, queue));
	r->q = quality;
	r->dtmfh = dtmfh;
	r->rateh = rateh;
	r->arg = arg;
	r->dtmf_ptv[0] = r->dtmf_ptv[1] = -1;
	r->red_ptv[0] = r->red_ptv[1] = -1;

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


/* In-band FEC, so far as can be known */
static unsigned own_redundancy(const struct codec *codec)
{
	return codec->conceal ? 1 : 0;
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
	cn_decode(&r->cn, NULL, 0);
	playout_set_redundancy(po, own_redundancy(codec));

	return 0;
}


int receiver_update(struct receiver *r, const struct media_agreed *ag)
{
	const struct media_format *likely;

	if (!r || !ag || !ag->rxc)
		return EINVAL;

	memcpy(r->rxv, ag->rxv, sizeof(r->rxv));
	r->rxc = ag->rxc;
	memcpy(r->dtmf_ptv, ag->dtmf_rxv, sizeof(r->dtmf_ptv));
	memcpy(r->red_ptv, ag->red_rxv, sizeof(r->red_ptv));
	r->cn_ok = ag->cn_rx;

	likely = &r->rxv[ag->likely < r->rxc ? ag->likely : 0];
	if (r->codec != likely->codec)
		return codec_set(r, likely);

	r->pt = likely->pt;

	return 0;
}


/* The peer sends another of the agreed codecs */
static bool codec_change(struct receiver *r, uint8_t pt)
{
	const struct codec *before = r->codec;
	size_t i;

	for (i = 0; i < r->rxc; i++) {
		if (r->rxv[i].pt != pt)
			continue;

		if (codec_set(r, &r->rxv[i]))
			return false;

		debug("media: the peer sends %s now\n", r->codec->name);
		if ((r->codec->srate != before->srate ||
		     r->codec->channels != before->channels) && r->rateh)
			r->rateh(r->codec->srate, r->arg);
		return true;
	}

	return false;
}


/* RFC 2198: the newest first, for it says where we are */
static void put_red(struct receiver *r, struct playout_packet *pkt,
		    uint64_t now)
{
	struct red_block blockv[RED_BLOCKS];
	const uint32_t ts = pkt->ts;
	const uint16_t seq = pkt->seq;
	uint32_t dur;
	size_t n, i;

	if (red_decode(blockv, &n, pkt->buf, pkt->len))
		return;
	if (blockv[n - 1].pt != r->pt && !codec_change(r, blockv[n - 1].pt))
		return;

	pkt->buf = blockv[n - 1].buf;
	pkt->len = blockv[n - 1].len;
	(void)playout_put(r->po, pkt, now);

	dur = playout_ptime(r->po) / 100 * (r->codec->clock_rate / 100) / 100;
	pkt->kind = PLAYOUT_COPY;
	for (i = 0; i + 1 < n; i++) {
		const uint32_t off = blockv[i].offset;

		if (blockv[i].pt != r->pt || !dur || !off || off % dur)
			continue;

		pkt->seq = (uint16_t)(seq - off / dur);
		pkt->ts = ts - off;
		pkt->buf = blockv[i].buf;
		pkt->len = blockv[i].len;
		(void)playout_put(r->po, pkt, now);
	}

	if (n > 1)
		playout_set_redundancy(r->po, (unsigned)n - 1);
}


void receiver_put(struct receiver *r, const struct rtp_header *hdr,
		  const uint8_t *buf, size_t len, uint64_t now)
{
	struct playout_packet pkt = {
		hdr->ssrc, hdr->seq, hdr->ts, PLAYOUT_AUDIO, buf, len
	};
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

	if (hdr->pt == r->red_ptv[0] || hdr->pt == r->red_ptv[1]) {
		put_red(r, &pkt, now);
		return;
	}

	if (hdr->pt == CN_PT && r->cn_ok && !r->codec->conceal) {
		pkt.kind = PLAYOUT_COMFORT;
	}
	else {
		if (hdr->pt != r->pt && !codec_change(r, hdr->pt))
			return;
		if (r->codec->conceal && len <= DTX_LEN)
			pkt.kind = PLAYOUT_COMFORT;
		playout_set_redundancy(r->po, own_redundancy(r->codec));
	}

	(void)playout_put(r->po, &pkt, now);
}


/* Timestamp units of so many samples */
static int32_t units(const struct receiver *r, int64_t sampc)
{
	return (int32_t)(sampc / r->codec->channels *
			 r->codec->clock_rate / r->codec->srate);
}


/* Samples of so many timestamp units */
static int64_t samples(const struct receiver *r, int64_t n)
{
	return n * r->codec->srate / r->codec->clock_rate *
		r->codec->channels;
}


static size_t fit(const struct receiver *r, uint32_t duration)
{
	const int64_t n = samples(r, duration);

	return n < DECODE_MAX ? (size_t)n : DECODE_MAX;
}


static void noise(struct receiver *r, const struct playout_frame *f)
{
	int16_t *sampv = r->queue + r->queued;
	size_t sampc = fit(r, f->duration);

	if (r->codec->conceal) {
		if (r->codec->conceal(r->dec, sampv, &sampc, NULL, 0))
			return;
	}
	else {
		cn_fill(&r->cn, sampv, sampc);
		plc_good(r->plc, sampv, sampc);
	}
	r->queued += sampc;
}


static void decode(struct receiver *r, const struct playout_frame *f)
{
	int16_t *sampv = r->queue + r->queued;
	size_t sampc = DECODE_MAX, n;

	if (f->noise && r->plc) {
		cn_decode(&r->cn, f->buf, f->len);
		noise(r, f);
		return;
	}

	if (r->codec->decode(r->dec, sampv, &sampc, f->buf, f->len)) {
		xr_note(&r->burst, XR_DISCARDED);
		return;
	}
	xr_note(&r->burst, XR_PLAYED);

	if (r->plc) {
		if (f->skipped)
			plc_cut(r->plc);
		plc_good(r->plc, sampv, sampc);
	}

	n = sampc;
	if (f->stretch)
		n = wsola_stretch(sampv, sampc, QUEUE_MAX - r->queued,
				  r->codec->srate, r->codec->channels,
				  (int)samples(r, f->stretch), f->hurry);
	playout_decoded(r->po, (uint32_t)units(r, (int64_t)sampc),
			units(r, (int64_t)n - (int64_t)sampc));
	r->queued += n;
}


static void conceal(struct receiver *r, const struct playout_frame *f)
{
	int16_t *sampv = r->queue + r->queued;
	size_t sampc = fit(r, f->duration);

	xr_note(&r->burst, XR_LOST);

	if (r->codec->conceal) {
		if (r->codec->conceal(r->dec, sampv, &sampc, f->buf, f->len))
			return;
	}
	else {
		plc_fill(r->plc, sampv, sampc);
	}
	r->queued += sampc;
}


/* Have at least so much in the queue, if there is anything to be had */
static void fill(struct receiver *r, size_t sampc, uint64_t now)
{
	const uint32_t rate = r->codec->srate * r->codec->channels;
	const uint32_t block = (uint32_t)((uint64_t)sampc * 1000000 / rate);
	struct playout_frame f;
	unsigned rounds = 0;

	/* a packet that decodes to nothing must not keep us here */
	while (r->queued < sampc && ++rounds < 32) {
		const uint32_t ahead = (uint32_t)((uint64_t)r->queued *
						  1000000 / rate);

		switch (playout_get(r->po, now, ahead, block, &f)) {

		case PLAYOUT_PACKET:  decode(r, &f);  break;
		case PLAYOUT_CONCEAL: conceal(r, &f); break;
		case PLAYOUT_NOISE:   noise(r, &f);   break;
		case PLAYOUT_WAIT:    return;
		}
	}
}


void receiver_pull(struct receiver *r, int16_t *sampv, size_t sampc,
		   uint64_t now)
{
	size_t n;
	int peak;

	if (!r || !r->codec || sampc > DECODE_MAX) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	fill(r, sampc, now);
	++r->pulls;

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


uint32_t receiver_early(struct receiver *r)
{
	return r ? playout_early(r->po) : 0;
}


uint32_t receiver_wish(const struct receiver *r)
{
	return r && r->codec && r->codec->wish ? r->codec->wish(r->dec) : 0;
}


uint32_t receiver_srate(const struct receiver *r)
{
	return r && r->codec ? r->codec->srate : 0;
}


unsigned receiver_channels(const struct receiver *r)
{
	return r && r->codec ? r->codec->channels : 1;
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
	st->mended += r->before.mended;
	st->recovered += r->before.recovered;
	st->skipped += r->before.skipped;
	st->resets += r->before.resets;
	st->longer_us += r->before.longer_us;
	st->shorter_us += r->before.shorter_us;
}


/* Mouth to ear as far as it can be known here */
static float delay_ms(const struct receiver *r, float rtt_ms,
		      const struct playout_stats *st)
{
	return rtt_ms / 2 + (float)st->delay_us / 1000 +
		(float)playout_ptime(r->po) / 1000;
}


void receiver_second(struct receiver *r, struct stream_figures *fig)
{
	struct playout_stats st;
	uint32_t made, mended;
	float now;

	if (!r || !r->codec)
		return;

	receiver_stats(r, &st);
	made = st.concealed - r->last.concealed;
	mended = st.mended - r->last.mended;
	r->last = st;
	if (st.delay_us > r->delay_max)
		r->delay_max = st.delay_us;

	/* what the next packet brought is nearly as good as the lost one */
	if (r->pulls) {
		now = ((float)made - 0.8f * (float)mended) /
			(float)r->pulls;
		r->missing += ((now < 1 ? now : 1) - r->missing) * 0.3f;
	}
	r->pulls = 0;

	r->r = mos_rating(r->codec->name, r->missing * 100,
			  xr_burst_ratio(&r->burst),
			  delay_ms(r, fig->rtt_ms, &st));
	r->rated = r->burst.all > 0;
	fig->mos = r->rated ? mos_of_rating(r->r) : 0;
	fig->playout_ms = (float)st.delay_us / 1000;
	fig->late = st.late;
	fig->concealed = st.concealed;
	fig->recovered = st.recovered + st.mended;
	fig->stretched_ms = (st.longer_us + st.shorter_us) / 1000;
	fig->speaker = level_meter(receiver_peak(r));
}


void receiver_xr(const struct receiver *r, struct xr_voip *v)
{
	struct playout_stats st;

	memset(v, 0, sizeof(*v));
	v->r = XR_UNKNOWN;
	if (!r || !r->codec)
		return;

	receiver_stats(r, &st);
	xr_voip_burst(v, &r->burst, playout_ptime(r->po) / 1000);
	v->end_ms = (st.delay_us + playout_ptime(r->po)) / 1000;
	if (r->rated) {
		v->r = (uint8_t)r->r;
		v->mos_cq = mos_of_rating(r->r);
		v->mos_lq = mos_of_rating(mos_rating(
			r->codec->name, r->missing * 100,
			xr_burst_ratio(&r->burst), 0));
	}
	v->jb_ms = st.delay_us / 1000;
	v->jb_max_ms = r->delay_max / 1000;
	v->jb_abs_ms = 500;
}
