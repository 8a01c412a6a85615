/**
 * @file receiver.h  From RTP to sound
 */
#ifndef OFFHOOK_RECEIVER_H
#define OFFHOOK_RECEIVER_H

#include "playout.h"
#include "quality.h"
#include "sdp.h"

struct receiver;

typedef void (receiver_dtmf_h)(char digit, void *arg);
/** The peer changed to another of the agreed codecs with another rate or
 *  other channels */
typedef void (receiver_rate_h)(uint32_t srate, void *arg);

/** Media loop. Free with mem_deref(); quality is borrowed */
int receiver_alloc(struct receiver **rp, struct quality *quality,
		   receiver_dtmf_h *dtmfh, receiver_rate_h *rateh, void *arg);

/** Take over what was agreed on; 0 or errorcode of the decoder */
int receiver_update(struct receiver *r, const struct media_agreed *ag);

/** A packet has come */
void receiver_put(struct receiver *r, const struct rtp_header *hdr,
		  const uint8_t *buf, size_t len, uint64_t now);

/** Sound for the loudspeaker */
void receiver_pull(struct receiver *r, int16_t *sampv, size_t sampc,
		   uint64_t now);

/** Forget what waits to be played */
/** How much sooner it could be pulled, us (playout_early()) */
uint32_t receiver_early(struct receiver *r);

/** What the peer asks of our encoder, in band: bit/s at most, 0: nothing */
uint32_t receiver_wish(const struct receiver *r);

void receiver_flush(struct receiver *r);

/** Samples a second of what receiver_pull() gives, of each channel */
uint32_t receiver_srate(const struct receiver *r);

/** Channels of it, interleaved */
unsigned receiver_channels(const struct receiver *r);

int receiver_peak(struct receiver *r);
void receiver_stats(const struct receiver *r, struct playout_stats *st);

/** Once a second: what is heard, of the figures; rtt_ms and loss are there */
void receiver_second(struct receiver *r, struct stream_figures *fig);

/** What an extended report says of this end */
void receiver_xr(const struct receiver *r, struct xr_voip *v);

#endif
