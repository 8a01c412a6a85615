/**
 * @file sender.c  From sound to RTP
 *
 * Called once for each 20 ms of sound by whatever clock the source has.
 * The buffer for the packet is made once. While a digit is sent (RFC 4733)
 * there is no audio; while muted there is silence, so that the peer still
 * gets RTP and no NAT binding times out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include "level.h"
#include "loop.h"
#include "sender.h"

enum { PACKET_MAX = 1400, FRAME_MAX = 2 * 48000 / 50 };

struct sender {
	struct rtpflow *flow;
	struct quality *q;
	const struct codec *codec;
	struct codec_enc *enc;
	uint8_t pt;
	int dtmf_pt;
	uint32_t dtmf_rate;
	struct dtmf_tx dtmf;
	struct dtmf_wave tones;
	uint32_t ts;
	uint64_t at;             /**< Last frame                   */
	bool marker;             /**< The next packet begins sound */
	bool mute;
	int peak;
	struct mbuf *mb;
	int16_t silence[FRAME_MAX];
	int16_t wave[FRAME_MAX];
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

	s = mem_zalloc(sizeof(*s), sender_destructor);
	if (!s)
		return ENOMEM;

	s->flow = flow;
	s->q = quality;
	s->ts = rand_u32();
	s->marker = true;
	s->dtmf_pt = -1;
	s->mb = mbuf_alloc(RTP_HEADER_SIZE + PACKET_MAX);
	if (!s->mb) {
		mem_deref(s);
		return ENOMEM;
	}

	*sp = s;

	return 0;
}


int sender_update(struct sender *s, const struct media_agreed *ag)
{
	const struct codec_enc_param prm = { .ptime = LOOP_PTIME };
	int err;

	if (!s || !ag)
		return EINVAL;

	if (s->codec != ag->tx.codec) {
		s->enc = mem_deref(s->enc);
		s->codec = NULL;
		s->marker = true;
	}

	err = ag->tx.codec->enc_update(&s->enc, ag->tx.codec, &prm,
				       ag->fmtp[0] ? ag->fmtp : NULL);
	if (err)
		return err;

	s->codec = ag->tx.codec;
	s->pt = ag->tx.pt;
	s->dtmf_pt = ag->dtmf_tx;
	s->dtmf_rate = ag->dtmf_rate;

	return 0;
}


static void send_packet(struct sender *s, bool marker, uint8_t pt,
			uint32_t ts, size_t len, uint64_t now)
{
	s->mb->pos = RTP_HEADER_SIZE;
	s->mb->end = RTP_HEADER_SIZE + len;

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


static void send_audio(struct sender *s, const int16_t *sampv, size_t sampc,
		       uint64_t now)
{
	size_t len = PACKET_MAX;

	if (s->codec->encode(s->enc, s->mb->buf + RTP_HEADER_SIZE, &len,
			     sampv, sampc))
		return;

	/* nothing to send: the next packet begins a talk spurt */
	if (!len) {
		s->marker = true;
		return;
	}

	send_packet(s, s->marker, s->pt, s->ts, len, now);
	s->marker = false;
}


/* Sound stood still (hold, device): real time went on, so does the clock */
static void catch_up(struct sender *s, uint64_t now)
{
	const uint64_t gap = s->at ? now - s->at : 0;

	if (gap > 500000) {
		s->ts += (uint32_t)(gap / 20000 * (s->codec->clock_rate / 50));
		s->marker = true;
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

	if (send_digit(s, now))
		s->marker = true;
	else
		send_audio(s, sampv, sampc, now);

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
