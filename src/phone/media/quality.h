/**
 * @file quality.h  Counts of a stream and its RTCP reports (RFC 3550)
 */
#ifndef OFFHOOK_QUALITY_H
#define OFFHOOK_QUALITY_H

#include "common/re_compat.h"
#include "rtcp_xr.h"
#include "stream.h"

enum { QUALITY_SECONDS = 5 };    /**< "loss" looks back so far */

struct quality {
	char cname[20];          /**< Random                          */
	uint64_t clock_off;      /**< Of our NTP clock, us            */

	/* sending */
	uint32_t tx_packets, tx_octets;
	uint32_t tx_ts;          /**< Of the last packet ...          */
	uint64_t tx_at;          /**< ... and when it was sent        */
	uint32_t tx_prior;       /**< At the last report              */
	uint32_t tx_rate;

	/* receiving, RFC 3550 A.1 */
	bool have;
	uint32_t ssrc;
	uint32_t rx_rate;
	uint32_t cycles;
	uint16_t max_seq;
	uint32_t base_seq;
	uint32_t received;
	uint32_t expected_prior, received_prior;
	uint32_t rx_packets;     /**< Of all sources                  */
	uint32_t lost_before;    /**< Of sources before this one      */
	int64_t transit;         /**< Timestamp units                 */
	float jitter;
	uint64_t rx_at;

	/* seconds, newest at index 0 */
	uint32_t expectedv[QUALITY_SECONDS + 1];
	uint32_t receivedv[QUALITY_SECONDS + 1];

	/* from the peer's reports */
	uint32_t lsr;
	uint64_t lsr_at;
	float rtt_ms;
	float tx_loss;
	bool feedback;           /**< A report about us came          */
	uint32_t rr_seq;         /**< Of the one that was counted ... */
	int32_t rr_lost;         /**< ... so many were lost by then   */
	uint64_t rr_at;          /**< ... and that was when           */
	uint64_t rtcp_at;        /**< Any report came                 */
	float peer_mos;          /**< From its extended reports       */
	float peer_delay_ms;     /**< Of its playout                  */
};

void quality_init(struct quality *q);
void quality_rates(struct quality *q, uint32_t tx_rate, uint32_t rx_rate);

void quality_tx(struct quality *q, uint32_t ts, size_t len, uint64_t now);
void quality_rx(struct quality *q, const struct rtp_header *hdr,
		uint64_t now);

/** A report of the peer */
void quality_rtcp(struct quality *q, const struct rtcp_msg *msg,
		  uint32_t our_ssrc, uint64_t now);

/** What extended reports of the peer say about our sound */
void quality_xr(struct quality *q, const struct mbuf *compound,
		uint32_t our_ssrc);

/** Write SR or RR, SDES, VoIP metrics if given and, at the end, BYE; their
 *  ssrc and rtt_ms are filled in */
int quality_report(struct quality *q, struct mbuf *mb, uint32_t our_ssrc,
		   struct xr_voip *xr, bool bye, uint64_t now);

/** Did many packets get lost in the last second? The peer should know */
bool quality_trouble(const struct quality *q);

/** Called once a second: fills in what is counted here */
void quality_second(struct quality *q, struct stream_figures *fig);

#endif
