/**
 * @file twin_second.c  What a stream does once a second
 *
 * It counts, sends RTCP, lets the sender follow what the peer reports, and
 * says when nothing is heard. All that runs while a call is held.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "level.h"
#include "oneway.h"
#include "srtp_flow.h"
#include "twin_priv.h"

enum {
	SILENT_US   = 3000000,
	QUIET_US    = 2000000,
	REPORT_MIN  = 3,             /**< Seconds between two, at least  */
	REPORTS_FAST = 4             /**< So many, one a second, first   */
};


void twin_send_report(struct twin *tw, bool bye, uint64_t now)
{
	struct mbuf *mb = tw->rtcp;
	struct xr_voip xr;

	receiver_xr(tw->rx, &xr);
	mb->pos = mb->end = 0;
	if (quality_report(&tw->quality, mb, rtpflow_ssrc(tw->flow),
			   tw->st.agreed.xr ? &xr : NULL, bye, now))
		return;

	mb->pos = 0;
	(void)rtpflow_send_rtcp(tw->flow, mb);
}


void twin_compound(const struct mbuf *mb, void *arg)
{
	struct twin *tw = arg;

	quality_xr(&tw->quality, mb, rtpflow_ssrc(tw->flow));
}


static void report_figures(struct twin *tw, uint64_t now)
{
	const struct srtp_flow_stats *ss =
		srtp_flow_stats(rtpflow_srtp(tw->flow));
	struct twin_report r;

	memset(&r, 0, sizeof(r));
	quality_second(&tw->quality, &r.fig);
	if (tw->send && tw->play)
		sender_missed(tw->tx, now > tw->quiet_since + QUIET_US ? 1 :
			      r.fig.loss / 100, now);
	sender_wish(tw->tx, receiver_wish(tw->rx), r.fig.loss / 100);
	receiver_second(tw->rx, &r.fig);
	sender_second(tw->tx, &r.fig);
	r.fig.refused = ss->clear + ss->forged + ss->replayed;
	r.fig.mic = tw->st.mute ? 0 : level_meter(sender_peak(tw->tx));

	twin_report(tw, STREAM_FIGURES, &r);
}


/* RFC 1918, 6598, 4193 */
static bool is_private(const struct sa *sa)
{
	const uint32_t a = sa_af(sa) == AF_INET ? sa_in(sa) : 0;

	if (sa_af(sa) == AF_INET6)
		return (sa->u.in6.sin6_addr.s6_addr[0] & 0xfe) == 0xfc;

	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 ||
		a >> 22 == 0x64400000 >> 22;
}


/* Nothing came for a while: say so, with the likely cause */
static void report_silence(struct twin *tw, uint64_t now)
{
	const uint64_t rtcp_at = tw->quality.rtcp_at;
	const bool reports = rtcp_at && now - rtcp_at < 2 * SILENT_US;
	const struct oneway ow = {
		.ever = tw->first,
		.reports = reports,
		.strangers = rtpflow_strangers(tw->flow),
		.refused = rtpflow_refused(tw->flow),
		.peer_private = is_private(&tw->st.agreed.rtp),
		.own_private = is_private(&tw->laddr)
	};
	struct twin_report r;

	memset(&r, 0, sizeof(r));
	str_ncpy(r.text, oneway_cause(&ow), sizeof(r.text));
	tw->silent = true;
	twin_report(tw, STREAM_SILENT, &r);
}


/* RFC 3550 6.2: not all at the same time; but when much is lost the peer
   is to know soon */
static void rtcp_second(struct twin *tw, uint64_t now)
{
	if (!tw->report_in-- || quality_trouble(&tw->quality)) {
		twin_send_report(tw, false, now);
		tw->report_in = ++tw->reports < REPORTS_FAST ? 0 :
			REPORT_MIN + rand_u32() % 3;
	}
}


/* Long before a key is used up another one is agreed on */
static void key_life(struct twin *tw)
{
	struct srtp_flow *flow = rtpflow_srtp(tw->flow);
	struct twin_report r;

	memset(&r, 0, sizeof(r));
	if (srtp_flow_worn(flow)) {
		r.crypto.ev = CRYPTO_WORN;
		twin_report(tw, STREAM_CRYPTO, &r);
	}
	if (srtp_flow_expired(flow) && !tw->expired) {
		tw->expired = true;
		r.crypto.ev = CRYPTO_FAILED;
		str_ncpy(r.crypto.text, "The keys of this call are used up, "
			 "and the other side gives no others",
			 sizeof(r.crypto.text));
		twin_report(tw, STREAM_CRYPTO, &r);
	}
}


void twin_second(uint64_t now, void *arg)
{
	struct twin *tw = arg;

	key_life(tw);

	rtcp_second(tw, now);

	if (tw->st.agreed.send && tw->st.hold)
		twin_send_silence(tw, now);

	if (tw->play && !tw->silent && now - tw->quiet_since > SILENT_US)
		report_silence(tw, now);

	report_figures(tw, now);
}
