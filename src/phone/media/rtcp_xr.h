/**
 * @file rtcp_xr.h  Extended reports: VoIP metrics (RFC 3611 4.7)
 *
 * Pure.
 */
#ifndef OFFHOOK_RTCP_XR_H
#define OFFHOOK_RTCP_XR_H

#include "common/re_compat.h"

enum { XR_PT = 207, XR_UNKNOWN = 127 };

/** Runs of losses and the gaps between them (RFC 3611 A.2) */
struct xr_burst {
	uint32_t since;          /**< Packets since the last loss     */
	uint32_t run;            /**< Losses in this burst            */
	uint32_t lost, discarded, all;
	uint32_t c11, c13, c14, c22, c23, c33;
};

/** What became of one packet, in the order of playing */
enum xr_fate { XR_PLAYED, XR_LOST, XR_DISCARDED };

void xr_note(struct xr_burst *b, enum xr_fate fate);

/** Losses in a row, against what chance alone would give: 1 and more */
float xr_burst_ratio(const struct xr_burst *b);

/** One block; shares are 0 to 1 */
struct xr_voip {
	uint32_t ssrc;           /**< Who is reported on              */
	float loss, discard;
	float burst_density, gap_density;
	uint32_t burst_ms, gap_ms;
	uint32_t rtt_ms, end_ms; /**< Of the network; of this end     */
	uint8_t r;               /**< 0 to 100, XR_UNKNOWN            */
	float mos_lq, mos_cq;    /**< 1 to 5, 0: not known            */
	uint32_t jb_ms, jb_max_ms, jb_abs_ms;
};

/** Fill in what the runs of losses say; ptime of a packet in ms */
void xr_voip_burst(struct xr_voip *v, const struct xr_burst *b,
		   uint32_t ptime);

/** Append an XR packet with one VoIP metrics block; 0 or errorcode */
int xr_encode(struct mbuf *mb, uint32_t our_ssrc, const struct xr_voip *v);

/**
 * Find the VoIP metrics about one source in an RTCP compound
 *
 * @param v     Result
 * @param mb    Compound packet from pos to end, left as it is
 * @param ssrc  Only about this one
 *
 * @return 0 if success, otherwise errorcode (ENOENT: none, EBADMSG)
 */
int xr_decode(struct xr_voip *v, const struct mbuf *mb, uint32_t ssrc);

#endif
