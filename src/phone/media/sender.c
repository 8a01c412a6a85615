/**
 * @file sender.c  From sound to RTP
 *
 * Called once for each 20 ms of sound by whatever clock the source has.
 * The sound gathers until it fills a packet of the length that adapt.c
 * plans; the buffers are made once. While a digit is sent (RFC 4733) there
 * is no audio; while muted there is silence, so that the peer still gets
 * RTP and no NAT binding times out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "cn.h"
#include "level.h"
#include "loop.h"
#include "red.h"
#include "sender.h"

enum {
	PACKET_MAX = 1400,
	FRAME_MAX  = 2 * 48000 / 50,
	HELD_MAX   = 6 * FRAME_MAX + FRAME_MAX,  /**< 120 ms and a block */
	PTIME_TOP  = 120,
	PTIME_MAX  = 60,             /**< If the peer does not say       */
	UNIT_MS    = 20,             /**< What a codec encodes at once   */
	HEADERS    = 40,
	NOISE_US   = 400000          /**< Between two of comfort noise   */
};

/* Loss of the peer's packets at which less is asked for, and all again */
static const float ask_from = 0.1f, ask_until = 0.02f;

struct sender {
	struct rtpflow *flow;
	struct quality *q;
	const struct codec *codec;
	struct codec_enc *enc;
	char fmtp[SDP_FMTP_MAX];
	struct adapt adapt;
	uint8_t pt;
	int red_pt;
	bool cn;                 /**< The peer takes comfort noise */
	int dtmf_pt;
	uint32_t dtmf_rate;
	struct dtmf_tx dtmf;
	struct dtmf_wave tones;
	uint32_t ts;
	uint64_t at;             /**< Last frame                   */
	uint32_t wish;           /**< Bit/s the peer asks for, 0   */
	bool ask_less;           /**< And what we ask it for       */
	bool marker;             /**< The next packet begins sound */
	bool mute;
	int peak;
	struct vad vad;
	uint64_t noise_at;       /**< Comfort noise was sent       */
	uint32_t octets;         /**< On the wire, this second     */
	struct mbuf *mb;
	struct red_tx red;
	uint8_t payload[PACKET_MAX];
	int16_t silence[FRAME_MAX];
	int16_t wave[FRAME_MAX];

	uint32_t held_ts;        /**< Of the first one held        */
	size_t held;
	int16_t hold[HELD_MAX];  /**< Not zeroed                   */
};


static void sender_destructor(void *arg)
{
	struct sender *s = arg;

	mem_deref(s->enc);
	mem_deref(s->mb);
}


int sender_alloc(struct sender **sp, struct rtpflow *flow,
		 struct quality *quality)
{
	struct sender *s;

	if (!sp || !flow || !quality)
		return EINVAL;

	s = mem_alloc(sizeof(*s), sender_destructor);
	if (!s)
		return ENOMEM;

	memset(s, 0, offsetof(struct sender, hold));
	s->flow = flow;
	s->q = quality;
	s->ts = rand_u32();
	s->marker = true;
	s->dtmf_pt = s->red_pt = -1;
	s->mb = mbuf_alloc(RTP_HEADER_SIZE + PACKET_MAX);
	if (!s->mb) {
		mem_deref(s);
		return ENOMEM;
	}

	*sp = s;

	return 0;
}


/* ---- how to send ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
	return a && (a < b || !b) ? a : b;
}


static int encoder_update(struct sender *s)
{
	const struct adapt_plan *plan = &s->adapt.plan;
	const struct codec_enc_param prm = {
		.bitrate = least(s->codec->bitrate ? plan->bitrate : 0,
				 s->wish),
		.ptime = plan->ptime, .loss = plan->loss, .dtx = plan->dtx,
		.ask_less = s->ask_less
	};

	return s->codec->enc_update(&s->enc, s->codec, &prm,
				    s->fmtp[0] ? s->fmtp : NULL);
}


static void limits_of(struct adapt_limits *lim, const struct media_agreed *ag)
{
	const struct codec *codec = ag->tx.codec;
	struct pl fec, max;
	struct pl fmtp;

	memset(lim, 0, sizeof(*lim));
	pl_set_str(&fmtp, ag->fmtp);

	lim->rate = codec->bitrate != 0;
	lim->bitrate = lim->rate ? codec->bitrate : codec->clock_rate * 8;
	lim->fec = lim->rate && fmt_param_get(&fmtp, "useinbandfec", &fec) &&
		pl_u32(&fec);
	if (lim->rate && fmt_param_get(&fmtp, "maxaveragebitrate", &max))
		lim->bitrate = least(pl_u32(&max), lim->bitrate);
	lim->red = ag->red_tx >= 0;
	lim->ptime_max = least(codec->ptime_max, ag->maxptime ?
			       least(ag->maxptime, PTIME_TOP) : PTIME_MAX);
	lim->ptime = least(ag->ptime ? ag->ptime : UNIT_MS, lim->ptime_max);
}


int sender_update(struct sender *s, const struct media_agreed *ag)
{
	struct adapt_limits lim;
	int err;

	if (!s || !ag)
		return EINVAL;

	if (s->codec != ag->tx.codec) {
		s->enc = mem_deref(s->enc);
		s->codec = NULL;
		s->marker = true;
		s->held = 0;
		s->wish = 0;
		s->ask_less = false;
		red_reset(&s->red);
	}

	/* a hold does not make the net better */
	limits_of(&lim, ag);
	if (!s->codec || !adapt_limits_same(&lim, &s->adapt.lim))
		adapt_init(&s->adapt, &lim);

	s->codec = ag->tx.codec;
	str_ncpy(s->fmtp, ag->fmtp, sizeof(s->fmtp));
	err = encoder_update(s);
	if (err) {
		s->codec = NULL;
		return err;
	}

	if (s->pt != ag->tx.pt)
		red_reset(&s->red);
	s->pt = ag->tx.pt;
	s->red_pt = ag->red_tx;
	s->cn = ag->cn_tx;
	s->dtmf_pt = ag->dtmf_tx;
	s->dtmf_rate = ag->dtmf_rate;

	return 0;
}


static void plan_follow(struct sender *s, const char *why, float loss)
{
	const struct adapt_plan *plan = &s->adapt.plan;
	const int err = encoder_update(s);

	debug("media: %s, loss %u%%: %u bit/s, %u ms, FEC for %u%%, "
	      "%u copies%s\n", why, (unsigned)(loss * 100), plan->bitrate,
	      plan->ptime, plan->loss, plan->red,
	      plan->dtx ? ", pauses" : "");
	if (err)
		warning("media: the encoder does not follow: %m\n", err);
}


void sender_feedback(struct sender *s, float loss, float rtt_ms, uint64_t now)
{
	if (s && s->codec && adapt_report(&s->adapt, loss, rtt_ms, now))
		plan_follow(s, "a report", loss);
}


void sender_missed(struct sender *s, float rx_loss, uint64_t now)
{
	if (s && s->codec && adapt_missed(&s->adapt, rx_loss, now))
		plan_follow(s, "no report", rx_loss);
}


void sender_wish(struct sender *s, uint32_t bitrate, float rx_loss)
{
	const bool ask = rx_loss > ask_from ||
		(s && s->ask_less && rx_loss > ask_until);

	if (!s || !s->codec || !s->codec->wish ||
	    (s->wish == bitrate && s->ask_less == ask))
		return;

	s->wish = bitrate;
	s->ask_less = ask;
	plan_follow(s, "what is asked for", rx_loss);
}


/* ---- packets ---- */

static void send_packet(struct sender *s, bool marker, uint8_t pt,
			uint32_t ts, size_t len, uint64_t now)
{
	s->mb->pos = RTP_HEADER_SIZE;
	s->mb->end = RTP_HEADER_SIZE + len;
	s->octets += HEADERS + (uint32_t)len;

	if (!rtpflow_send(s->flow, marker, pt, ts, s->mb))
		quality_tx(s->q, s->ts, len, now);
}


/* Returns true if this frame belongs to a digit */
static bool send_digit(struct sender *s, uint64_t now)
{
	bool marker = false, busy = false;
	uint32_t ts = 0;

	if (s->dtmf_pt < 0)
		return false;

	if (dtmf_tx_poll(&s->dtmf, s->ts, s->dtmf_rate,
			 s->mb->buf + RTP_HEADER_SIZE, &ts, &marker, &busy))
		send_packet(s, marker, (uint8_t)s->dtmf_pt, ts, DTMF_PAYLOAD,
			    now);

	return busy;
}


/* A codec of a given frame gets one frame after the other */
static int encode(struct sender *s, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	const size_t room = *lenp;
	const uint32_t ms = s->codec->whole ? s->adapt.plan.ptime :
		s->codec->frame_ms ? s->codec->frame_ms : UNIT_MS;
	const size_t unit = (size_t)s->codec->srate * ms / 1000 *
		s->codec->channels;
	size_t at, len = 0;
	int err;

	for (at = 0; at < sampc; at += unit) {
		size_t n = room - len;

		err = s->codec->encode(s->enc, buf + len, &n, sampv + at,
				       sampc - at < unit ? sampc - at : unit);
		if (err)
			return err;
		len += n;
	}
	*lenp = len;

	return 0;
}


static void send_audio(struct sender *s, const int16_t *sampv, size_t sampc,
		       uint32_t ts, uint64_t now)
{
	const unsigned depth = s->red_pt >= 0 ? s->adapt.plan.red : 0;
	uint8_t *out = s->mb->buf + RTP_HEADER_SIZE;
	size_t len = PACKET_MAX;
	uint8_t pt = s->pt;

	if (encode(s, depth ? s->payload : out, &len, sampv, sampc))
		return;

	/* nothing to send: the next packet begins a talk spurt */
	if (!len) {
		s->marker = true;
		return;
	}

	if (depth) {
		len = red_encode(&s->red, depth, s->pt, ts, s->payload, len,
				 out, PACKET_MAX);
		pt = (uint8_t)s->red_pt;
		if (!len)
			return;
	}
	else if (s->red_pt >= 0) {
		red_note(&s->red, s->pt, ts, out, len);
	}

	send_packet(s, s->marker, pt, ts, len, now);
	s->marker = false;
}


/* RFC 3389: a pause is described once, and again from time to time */
static bool send_noise(struct sender *s, const int16_t *sampv, size_t sampc,
		       uint64_t now)
{
	float rms;

	if (!s->cn || s->codec->bitrate || !s->adapt.plan.dtx ||
	    vad_frame(&s->vad, sampv, sampc, &rms))
		return false;

	if (!s->marker || now - s->noise_at >= NOISE_US) {
		send_packet(s, false, CN_PT, s->ts,
			    cn_encode(s->mb->buf + RTP_HEADER_SIZE, rms),
			    now);
		s->noise_at = now;
	}
	s->marker = true;

	return true;
}


static void gather(struct sender *s, const int16_t *sampv, size_t sampc,
		   uint64_t now)
{
	const size_t full = (size_t)s->codec->srate * s->adapt.plan.ptime /
		1000 * s->codec->channels;
	const uint32_t step = s->adapt.plan.ptime * s->codec->clock_rate /
		1000;
	size_t at = 0;

	if (!s->held && sampc == full) {
		send_audio(s, sampv, sampc, s->ts, now);
		return;
	}

	if (!s->held)
		s->held_ts = s->ts;
	memcpy(s->hold + s->held, sampv, sampc * sizeof(*sampv));
	s->held += sampc;

	for (; s->held >= full; at += full, s->held -= full) {
		send_audio(s, s->hold + at, full, s->held_ts, now);
		s->held_ts += step;
	}
	if (at && s->held)
		memmove(s->hold, s->hold + at, s->held * sizeof(*sampv));
}


/* Sound stood still (hold, device): real time went on, so does the clock */
static void catch_up(struct sender *s, uint64_t now)
{
	const uint64_t gap = s->at ? now - s->at : 0;

	if (gap > 500000) {
		s->ts += (uint32_t)(gap / 20000 * (s->codec->clock_rate / 50));
		s->marker = true;
		s->held = 0;
	}
	s->at = now;
}


void sender_frame(struct sender *s, const int16_t *sampv, size_t sampc,
		  uint64_t now)
{
	int peak;

	if (!s || !s->codec || sampc > FRAME_MAX)
		return;

	catch_up(s, now);

	peak = level_peak(sampv, sampc);
	if (peak > s->peak)
		s->peak = peak;
	if (s->mute)
		sampv = s->silence;
	if (dtmf_wave_fill(&s->tones, s->wave, sampc, s->codec->srate,
			   s->codec->channels))
		sampv = s->wave;

	if (send_digit(s, now)) {
		s->marker = true;
		s->held = 0;
	}
	else if (send_noise(s, sampv, sampc, now)) {
		s->held = 0;
	}
	else {
		gather(s, sampv, sampc, now);
	}

	s->ts += (uint32_t)(sampc / s->codec->channels *
			    s->codec->clock_rate / s->codec->srate);
}


void sender_mute(struct sender *s, bool mute)
{
	if (s)
		s->mute = mute;
}


int sender_dtmf(struct sender *s, const char *digits)
{
	return s ? dtmf_tx_add(&s->dtmf, digits) : EINVAL;
}


int sender_tones(struct sender *s, const char *digits)
{
	return s ? dtmf_wave_add(&s->tones, digits) : EINVAL;
}


int sender_peak(struct sender *s)
{
	const int peak = s ? s->peak : 0;

	if (s)
		s->peak = 0;

	return peak;
}


void sender_second(struct sender *s, struct stream_figures *fig)
{
	if (!s || !s->codec)
		return;

	fig->net = adapt_net_name(adapt_net(&s->adapt, fig->loss / 100));
	fig->ptime = s->adapt.plan.ptime;
	fig->fec = s->adapt.plan.loss;
	fig->red = s->red_pt >= 0 ? s->adapt.plan.red : 0;
	fig->tx_kbps = (float)s->octets * 8 / 1000;
	s->octets = 0;
}
