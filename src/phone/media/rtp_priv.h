/**
 * @file rtp_priv.h  What rtp.c, rtp_filter.c and rtp_move.c share
 */
#ifndef OFFHOOK_RTP_PRIV_H
#define OFFHOOK_RTP_PRIV_H

#include "rtp.h"
#include "srtp_flow.h"

struct rtpflow {
	struct rtp_sock *rs;
	struct udp_helper *rtp_filter, *rtcp_filter;
	rtpflow_rtp_h *rtph;
	rtpflow_rtcp_h *rtcph;
	rtpflow_compound_h *compoundh;
	void *arg;
	rtpflow_other_h *otherh;
	void *other_arg;
	struct srtp_flow *srtp;
	struct sa laddr;
	bool attached;

	struct sa peer;          /**< As in SDP                         */
	struct sa dst;           /**< Where we send                     */
	struct sa rtcp_dst;
	struct sa former;        /**< Before the address was changed    */
	bool mux;
	bool by_tick;            /**< Read by rtpflow_read()            */
	struct mbuf *mb;         /**< For that                          */
	bool locked;             /**< The source is known               */
	uint64_t open_until;
	uint64_t stranger_from;  /**< Nobody else's handshake before    */
	uint32_t strangers;      /**< Packets turned away               */
	bool refused;            /**< ICMP: nobody listens there        */
};

/** [media] Before anything of a packet is read (udp_helper_recv_h); true:
 *  it is dropped, or dealt with */
bool rtpflow_filter_rtp(struct sa *src, struct mbuf *mb, void *arg);
bool rtpflow_filter_rtcp(struct sa *src, struct mbuf *mb, void *arg);

/** RFC 5761 4: what is RTCP on a shared port, by its packet type */
bool rtpflow_is_rtcp(const struct mbuf *mb);

/** Hand a compound to who wants it whole */
void rtpflow_take_compound(struct rtpflow *f, const struct mbuf *mb);

#endif
