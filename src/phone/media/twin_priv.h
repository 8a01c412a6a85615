/**
 * @file twin_priv.h  What twin.c, twin_command.c and twin_second.c share
 */
#ifndef OFFHOOK_TWIN_PRIV_H
#define OFFHOOK_TWIN_PRIV_H

#include "bridge.h"
#include "device.h"
#include "keying.h"
#include "quality.h"
#include "receiver.h"
#include "rtp.h"
#include "sender.h"
#include "twin.h"

enum { TWIN_BLOCK_MAX = 2 * 48000 * LOOP_PTIME / 1000 };

struct twin {
	uint32_t id;
	mailbox_h *reporth;
	struct rtpflow *flow;
	struct keying *keying;
	struct sa laddr;
	struct quality quality;
	struct sender *tx;
	struct receiver *rx;
	struct devices *dev;
	struct bridge_member *member;    /**< Of a conference, or NULL */
	struct recording *rec;           /**< Or NULL                  */
	struct twin_state st;
	struct ticker tick;
	struct ticker second;
	struct mbuf *rtcp;

	bool send, play;             /**< What is to go on now          */
	bool begun;                  /**< Sound was sent once           */
	uint32_t srate;              /**< Of the source                 */
	unsigned channels;           /**< Of it                         */
	unsigned report_in;          /**< Seconds                       */
	unsigned reports;            /**< Sent; the first come fast,
					  for the round trip time       */
	uint64_t quiet_since;        /**< Nothing came                  */
	bool first;                  /**< The first packet was reported */
	bool silent;                 /**< Silence was reported          */
	bool expired;                /**< So was the end of a key       */
	int16_t block[TWIN_BLOCK_MAX];
};

/** Tell the main loop */
void twin_report(struct twin *tw, enum stream_event ev,
		 const struct twin_report *what);

/** A setting with a clock of its own is a sound card: others want it */
bool twin_is_card(const char *setting, bool capture);

/** Open and close what the state asks for, or join the conference */
void twin_devices(struct twin *tw);

/** One frame, so that the peer knows where we are and NATs stay open */
void twin_send_silence(struct twin *tw, uint64_t now);

/** Send RTCP now; bye: it is the last one */
void twin_send_report(struct twin *tw, bool bye, uint64_t now);

/** A compound of RTCP has come (rtpflow_compound_h) */
void twin_compound(const struct mbuf *mb, void *arg);

/** What is to be done once a second (ticker_h) */
void twin_second(uint64_t now, void *arg);

#endif
