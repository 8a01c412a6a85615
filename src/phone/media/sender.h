/**
 * @file sender.h  From sound to RTP
 */
#ifndef OFFHOOK_SENDER_H
#define OFFHOOK_SENDER_H

#include "adapt.h"
#include "dtmf.h"
#include "quality.h"
#include "rtp.h"
#include "sdp.h"

struct sender;

/** Media loop. Free with mem_deref(); flow and quality are borrowed */
int sender_alloc(struct sender **sp, struct rtpflow *flow,
		 struct quality *quality);

/** Take over what was agreed on; 0 or errorcode of the encoder */
int sender_update(struct sender *s, const struct media_agreed *ag);

/** One block of 20 ms from the microphone */
void sender_frame(struct sender *s, const int16_t *sampv, size_t sampc,
		  uint64_t now);

/** The peer reported: share of packets lost, round trip (0: not known) */
void sender_feedback(struct sender *s, float loss, float rtt_ms,
		     uint64_t now);

/** Once a second: the share of the peer's packets that do not come, in case
 *  its reports do not, either (adapt_missed()) */
void sender_missed(struct sender *s, float rx_loss, uint64_t now);

/** Once a second: what the peer asks of the encoder (receiver_wish()), and
 *  how its own packets come */
void sender_wish(struct sender *s, uint32_t bitrate, float rx_loss);

void sender_mute(struct sender *s, bool mute);
int sender_dtmf(struct sender *s, const char *digits);

/** Digits as tones in the sound */
int sender_tones(struct sender *s, const char *digits);

/** Peak since the last call, 0 to 32768 */
int sender_peak(struct sender *s);

/** Once a second: what is sent and how, of the figures */
void sender_second(struct sender *s, struct stream_figures *fig);

#endif
