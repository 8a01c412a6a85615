/**
 * @file twin.c  The half of a stream that lives on the media loop
 *
 * Owns sockets, devices, sender and receiver and gives them their clock: a
 * device that has one of its own calls for its end, the 20 ms tick does it
 * for an end that has none. In a tick the loudspeaker comes first, so that
 * what was heard can be sent back in the same tick. A second, slow ticker is
 * twin_second.c's; commands come by twin_command.c. In a conference the bridge
 * does what the devices do else.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "channels.h"
#include "loop.h"
#include "mixer.h"
#include "recorder.h"
#include "twin_priv.h"

enum { RTCP_ROOM = 256 };


void twin_report(struct twin *tw, enum stream_event ev,
		 const struct twin_report *what)
{
	struct twin_report *r = mem_zalloc(sizeof(*r), NULL);

	if (!r)
		return;

	if (what)
		*r = *what;
	r->id = tw->id;
	r->ev = ev;
	(void)loop_report(tw->reporth, r);
}


static void twin_destructor(void *arg)
{
	struct twin *tw = arg;

	ticker_stop(&tw->tick);
	ticker_stop(&tw->second);
	recording_end(tw->rec);
	mem_deref(tw->member);
	mem_deref(tw->dev);
	mem_deref(tw->tx);
	mem_deref(tw->rx);
	mem_deref(tw->keying);
	mem_deref(tw->flow);
	mem_deref(tw->rtcp);
}


/* ---- sound ---- */

/* Samples of a block of one channel */
static size_t frames(uint32_t srate)
{
	return (size_t)srate * LOOP_PTIME / 1000;
}


/* Of a block of what the peer says, and of one for it */
static size_t rx_block(const struct twin *tw)
{
	return frames(receiver_srate(tw->rx)) * receiver_channels(tw->rx);
}


static size_t tx_block(const struct twin *tw)
{
	return frames(tw->srate) * tw->channels;
}


/* A recording has one channel for each side */
static void record(struct twin *tw, enum recording_side side,
		   const int16_t *sampv, size_t sampc, uint32_t srate,
		   unsigned channels)
{
	int16_t mono[MIXER_FRAMES];
	const size_t n = sampc / channels;

	if (channels > 1 && n <= MIXER_FRAMES) {
		channels_convert(mono, 1, sampv, channels, n);
		sampv = mono;
	}
	recording_put(tw->rec, side, sampv, n, srate);
}


/* A block of what the peer says */
static void hear(struct twin *tw, int16_t *sampv, size_t sampc, uint64_t now)
{
	receiver_pull(tw->rx, sampv, sampc, now);
	if (tw->rec)
		record(tw, RECORDING_PEER, sampv, sampc,
		       receiver_srate(tw->rx), receiver_channels(tw->rx));
}


/* A block for the peer */
static void speak(struct twin *tw, const int16_t *sampv, size_t sampc,
		  uint64_t now)
{
	if (tw->rec && (!tw->st.mute || tw->member))
		record(tw, RECORDING_OWN, sampv, sampc, tw->srate,
		       tw->channels);
	sender_frame(tw->tx, sampv, sampc, now);
}


static void tick_handler(uint64_t now, void *arg)
{
	struct twin *tw = arg;
	size_t n;

	rtpflow_read(tw->flow, now);

	if (tw->play && !devices_sink_clocked(tw->dev)) {
		n = rx_block(tw);
		hear(tw, tw->block, n, now);
		devices_write(tw->dev, tw->block, n);
		loop_sooner(receiver_early(tw->rx));
	}

	if (tw->send && !devices_source_clocked(tw->dev)) {
		n = tx_block(tw);
		devices_read(tw->dev, tw->block, n);
		speak(tw, tw->block, n, now);
	}
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct twin *tw = arg;

	if (tw->send)
		speak(tw, sampv, sampc, loop_now());
}


/* One frame, so that the peer knows where we are and NATs stay open */
void twin_send_silence(struct twin *tw, uint64_t now)
{
	memset(tw->block, 0, sizeof(tw->block));
	sender_frame(tw->tx, tw->block, tx_block(tw), now);
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct twin *tw = arg;

	if (tw->play)
		hear(tw, sampv, sampc, loop_now());
	else
		memset(sampv, 0, sampc * sizeof(*sampv));
}


/* Whichever end has no clock of its own needs the tick */
static void clock_handler(void *arg)
{
	struct twin *tw = arg;
	const bool play = tw->play && !devices_sink_clocked(tw->dev);
	const bool send = tw->send && !devices_source_clocked(tw->dev);

	if (!tw->member && (play || send))
		ticker_start(&tw->tick, false, tick_handler, tw);
	else
		ticker_stop(&tw->tick);

	/* the packets of a handshake do not wait for the tick */
	rtpflow_by_tick(tw->flow, (tw->member ? tw->play : play) &&
			!keying_busy(tw->keying));
}


static void device_handler(int err, const char *text, void *arg)
{
	struct twin *tw = arg;
	struct twin_report r = { .err = err };

	info("media: %s\n", text);
	str_ncpy(r.text, text, sizeof(r.text));
	twin_report(tw, STREAM_DEVICE, &r);
}


/* A setting with a clock of its own is a sound card: others want it */
bool twin_is_card(const char *setting, bool capture)
{
	const struct audio_driver *drv;
	const char *device;

	return !device_parse(setting, capture, &drv, &device) &&
		drv->clocked;
}


/* What is on hold leaves the sound card, but a file stays open, for opened
   again it would begin anew */
static void devices_open(struct twin *tw)
{
	struct devices_wish wish;

	memset(&wish, 0, sizeof(wish));

	wish.srate = receiver_srate(tw->rx);
	wish.channels = receiver_channels(tw->rx);
	wish.setting = tw->st.sink;
	if (tw->play)
		devices_sink(tw->dev, &wish);
	else if (twin_is_card(tw->st.sink, false))
		devices_sink(tw->dev, NULL);

	wish.srate = tw->srate;
	wish.channels = tw->channels;
	wish.setting = tw->st.source;
	if (tw->send)
		devices_source(tw->dev, &wish);
	else if (twin_is_card(tw->st.source, true))
		devices_source(tw->dev, NULL);
}


/* A conference has one channel: whoever has two is mixed, and hears it on
   both sides */
static void pull_handler(int16_t *sampv, size_t sampc, uint64_t now,
			 void *arg)
{
	struct twin *tw = arg;

	rtpflow_read(tw->flow, now);
	if (!tw->play || sampc != frames(receiver_srate(tw->rx))) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return;
	}

	hear(tw, tw->block, rx_block(tw), now);
	channels_convert(sampv, 1, tw->block, receiver_channels(tw->rx),
			 sampc);
}


static void push_handler(const int16_t *sampv, size_t sampc, uint64_t now,
			 void *arg)
{
	struct twin *tw = arg;

	if (!tw->send || sampc != frames(tw->srate))
		return;

	channels_convert(tw->block, tw->channels, sampv, 1, sampc);
	speak(tw, tw->block, tx_block(tw), now);
}


static int member_update(struct twin *tw)
{
	const struct bridge_terms terms = {
		.id = tw->st.conference,
		.pull_rate = receiver_srate(tw->rx), .push_rate = tw->srate,
		.mute = tw->st.mute,
		.source = tw->st.source, .sink = tw->st.sink,
		.pullh = pull_handler, .pushh = push_handler,
		.eventh = device_handler, .arg = tw
	};

	return bridge_join(&tw->member, &terms);
}


/* The new devices are there before the old ones go, so that what both use
   stays open */
void twin_devices(struct twin *tw)
{
	int err;

	if (tw->st.conference) {
		err = member_update(tw);
		if (err)
			warning("media: conference: %m\n", err);
		devices_sink(tw->dev, NULL);
		devices_source(tw->dev, NULL);
	}
	else {
		devices_open(tw);
		tw->member = mem_deref(tw->member);
	}

	/* muted among others: only our own microphone is not heard */
	sender_mute(tw->tx, tw->st.mute && !tw->member);
	clock_handler(tw);
}


/* ---- network ---- */

static void rtp_handler(const struct rtp_header *hdr, struct mbuf *mb,
			uint64_t now, void *arg)
{
	struct twin *tw = arg;

	quality_rx(&tw->quality, hdr, now);
	tw->quiet_since = now;
	tw->silent = false;

	if (!tw->first) {
		tw->first = true;
		twin_report(tw, STREAM_FIRST_PACKET, NULL);
	}

	if (tw->play)
		receiver_put(tw->rx, hdr, mbuf_buf(mb), mbuf_get_left(mb),
			     now);
}


static void report_handler(const struct rtcp_msg *msg, uint64_t when,
			   void *arg)
{
	struct twin *tw = arg;
	struct quality *q = &tw->quality;

	quality_rtcp(q, msg, rtpflow_ssrc(tw->flow), when);
	if (q->feedback)
		sender_feedback(tw->tx, q->tx_loss / 100, q->rtt_ms, when);
	q->feedback = false;
}


static void dtmf_handler(char digit, void *arg)
{
	const struct twin_report r = { .digit = digit };

	twin_report(arg, STREAM_DTMF, &r);
}


static void rate_handler(uint32_t srate, void *arg)
{
	struct twin *tw = arg;

	quality_rates(&tw->quality, tw->st.agreed.tx.codec->clock_rate,
		      srate);
	twin_devices(tw);
}


static void copy(char *dst, size_t size, const char *src)
{
	str_ncpy(dst, src ? src : "", size);
}


static void keying_handler(enum crypto_event ev,
			   const struct crypto_info *info, void *arg)
{
	struct twin *tw = arg;
	struct twin_report r;
	struct stream_crypto *c = &r.crypto;

	clock_handler(tw);
	if (!info)
		return;

	memset(&r, 0, sizeof(r));
	c->ev = ev;
	c->verified = info->verified;
	copy(c->sas_b32, sizeof(c->sas_b32), info->sas_b32);
	copy(c->sas_words, sizeof(c->sas_words), info->sas_words);
	copy(c->details, sizeof(c->details), info->details);
	copy(c->peer_id, sizeof(c->peer_id), info->peer_id);
	copy(c->alarm, sizeof(c->alarm), info->alarm);
	copy(c->text, sizeof(c->text), info->text);
	twin_report(tw, STREAM_CRYPTO, &r);
}


int twin_alloc(struct twin **twp, uint32_t id, const struct sa *laddr,
	       uint16_t min, uint16_t max, mailbox_h *reporth)
{
	struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		device_handler, NULL
	};
	struct twin *tw;
	int err;

	if (!twp || !laddr || !reporth)
		return EINVAL;

	tw = mem_zalloc(sizeof(*tw), twin_destructor);
	if (!tw)
		return ENOMEM;

	tw->id = id;
	tw->laddr = *laddr;
	tw->reporth = reporth;
	tw->channels = 1;
	h.arg = tw;
	quality_init(&tw->quality);

	tw->rtcp = mbuf_alloc(RTCP_ROOM);
	err = tw->rtcp ? 0 : ENOMEM;
	if (!err)
		err = rtpflow_alloc(&tw->flow, laddr, min, max, rtp_handler,
				    report_handler, tw);
	if (!err)
		err = keying_alloc(&tw->keying, tw->flow, keying_handler,
				   tw);
	if (!err)
		rtpflow_compound(tw->flow, twin_compound);
	if (!err)
		err = sender_alloc(&tw->tx, tw->flow, &tw->quality);
	if (!err)
		err = receiver_alloc(&tw->rx, &tw->quality, dtmf_handler,
				     rate_handler, tw);
	if (!err)
		err = devices_alloc(&tw->dev, &h);

	if (err)
		mem_deref(tw);
	else
		*twp = tw;

	return err;
}


uint16_t twin_port(const struct twin *tw)
{
	return tw ? rtpflow_port(tw->flow) : 0;
}


uint32_t twin_ssrc(const struct twin *tw)
{
	return tw ? rtpflow_ssrc(tw->flow) : 0;
}
