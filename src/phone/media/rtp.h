/**
 * @file rtp.h  The two sockets of a stream and who may speak to them
 */
#ifndef OFFHOOK_RTP_H
#define OFFHOOK_RTP_H

#include "common/re_compat.h"
#include "phone/module/module.h"

struct rtpflow;
struct srtp_flow;

/** @param when  Time of arrival, as loop_now() */
typedef void (rtpflow_rtp_h)(const struct rtp_header *hdr, struct mbuf *mb,
			     uint64_t when, void *arg);
typedef void (rtpflow_rtcp_h)(const struct rtcp_msg *msg, uint64_t when,
			      void *arg);
/** A packet of the peer that is neither RTP nor RTCP (RFC 7983) */
typedef void (rtpflow_other_h)(enum crypto_part part, struct mbuf *mb,
			       void *arg);
/** A whole compound, before its parts are reported; left as it is */
typedef void (rtpflow_compound_h)(const struct mbuf *mb, void *arg);

/**
 * [main] Bind an even port for RTP and the next one for RTCP
 *
 * Nothing is read before rtpflow_attach().
 *
 * @param fp     Result; mem_deref() on the loop it is attached to
 * @param laddr  Local address, the port is ignored
 * @param min    Lowest port
 * @param max    Highest port
 *
 * @return 0 if success, otherwise errorcode (EADDRINUSE: no port is free)
 */
int rtpflow_alloc(struct rtpflow **fp, const struct sa *laddr, uint16_t min,
		  uint16_t max, rtpflow_rtp_h *rtph, rtpflow_rtcp_h *rtcph,
		  void *arg);

/** [main] Have compounds handed over, too */
void rtpflow_compound(struct rtpflow *f, rtpflow_compound_h *h);

/** [media] What was turned away since the last target: packets from others;
 *  whether the peer's machine refuses ours */
uint32_t rtpflow_strangers(const struct rtpflow *f);
bool rtpflow_refused(const struct rtpflow *f);

/** [main] The RTP port that was bound */
uint16_t rtpflow_port(const struct rtpflow *f);

/** [media] What it passes through on its way in and out; never NULL */
struct srtp_flow *rtpflow_srtp(struct rtpflow *f);

/** Who takes what is neither RTP nor RTCP; nobody at first */
void rtpflow_set_other(struct rtpflow *f, rtpflow_other_h *h, void *arg);

/** [media] Send as it is, to where RTP or RTCP goes */
int rtpflow_send_other(struct rtpflow *f, enum crypto_part part,
		       struct mbuf *mb);

/** Two sockets that are bound and nobody's yet */
struct rtpflow_socks {
	int rtp, rtcp;
	struct sa laddr;
};

/**
 * [main] Bind two more sockets, for rtpflow_move()
 *
 * @param socks  Result
 * @param laddr  Local address; its port is set
 *
 * @return 0 if success, otherwise errorcode (EADDRINUSE: no port is free)
 */
int rtpflow_bind(struct rtpflow_socks *socks, struct sa *laddr, uint16_t min,
		 uint16_t max);
void rtpflow_socks_close(struct rtpflow_socks *socks);

/** [its loop] Go on with these sockets, which are consumed. SSRC, keys and
 *  numbers stay. 0 or errorcode (EAFNOSUPPORT: another family) */
int rtpflow_move(struct rtpflow *f, struct rtpflow_socks *socks);

/** [media] Read from now on; of what waits in the sockets only the peer's
 *  last 300 ms stay, unless only what is protected may pass */
int rtpflow_attach(struct rtpflow *f);

/**
 * [media] Who reads the RTP socket: the loop, packet by packet, or whoever
 * calls rtpflow_read(). A stream that is played by the tick reads there:
 * no packet is needed sooner, and the thread wakes half as often. Times of
 * arrival are the kernel's.
 */
void rtpflow_by_tick(struct rtpflow *f, bool on);

/** [media] Take what has come; does nothing unless rtpflow_by_tick() */
void rtpflow_read(struct rtpflow *f, uint64_t now);

/**
 * [media] Where the peer said it is; the source may be found out anew
 *
 * @param f     Flow
 * @param rtp   Address of its RTP
 * @param rtcp  Port of its RTCP
 * @param mux   RTCP goes over the RTP port
 */
void rtpflow_target(struct rtpflow *f, const struct sa *rtp, uint16_t rtcp,
		    bool mux);

/** [media] Send; mb->pos at the payload, room for the header before it and
 *  for SRTP_TRAILER behind. EACCES: it must be protected, and there is no
 *  key yet */
int rtpflow_send(struct rtpflow *f, bool marker, uint8_t pt, uint32_t ts,
		 struct mbuf *mb);
int rtpflow_send_rtcp(struct rtpflow *f, struct mbuf *mb);

uint32_t rtpflow_ssrc(const struct rtpflow *f);

/**
 * May we send to this address? Not to groups, to ports of the system, or
 * from outside to what runs on this machine only
 */
bool rtpflow_sendable(const struct sa *peer, const struct sa *laddr);

#endif
