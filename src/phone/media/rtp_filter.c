/**
 * @file rtp_filter.c  Who may speak to the sockets of a stream
 *
 * Looks at the sender before anything is parsed. Symmetric RTP: for 2 s
 * after a negotiation the first packet may come from another address than
 * SDP said (NAT) and that is where we send from then on; after that the
 * source is fixed until the next negotiation. Where packets are protected
 * the first genuine one decides, whoever was faster.
 */
#include <netinet/in.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loop.h"
#include "rtp_priv.h"

enum { PORT_SYSTEM = 1024 };


/* All of 127/8; libre's own test knows one address of it */
static bool is_loopback(const struct sa *sa)
{
	return sa_af(sa) == AF_INET ? sa_in(sa) >> 24 == 127 :
		sa_is_loopback(sa);
}


bool rtpflow_sendable(const struct sa *peer, const struct sa *laddr)
{
	if (!sa_isset(peer, SA_ALL) || sa_is_any(peer) ||
	    sa_port(peer) < PORT_SYSTEM)
		return false;

	if (is_loopback(peer) && !is_loopback(laddr))
		return false;

	switch (sa_af(peer)) {

	case AF_INET:
		return sa_in(peer) < 0xe0000000;   /* groups, broadcast */

	case AF_INET6:
		return peer->u.in6.sin6_addr.s6_addr[0] != 0xff &&
			!IN6_IS_ADDR_V4MAPPED(&peer->u.in6.sin6_addr);

	default:
		return false;
	}
}


static void lock_to(struct rtpflow *f, const struct sa *src)
{
	if (!sa_cmp(src, &f->dst, SA_ALL)) {
		info("media: sound comes from %J, not from %J as announced\n",
		     src, &f->peer);
		f->dst = *src;
		f->rtcp_dst = *src;
		if (!f->mux)
			sa_set_port(&f->rtcp_dst,
				    (uint16_t)(sa_port(src) + 1));
	}
	f->locked = true;
}


/* RFC 7983: 128..191 is RTP or RTCP */
static bool looks_like_rtp(const struct mbuf *mb)
{
	return mbuf_get_left(mb) >= 8 &&
		(mbuf_buf(mb)[0] >> 6) == RTP_VERSION;
}


/* RFC 5761 4: what is RTCP on a shared port, by its packet type */
bool rtpflow_is_rtcp(const struct mbuf *mb)
{
	const uint8_t type = mbuf_buf(mb)[1] & 0x7f;

	return type >= 64 && type <= 95;
}


/* May this be the peer? */
static bool is_peer(const struct rtpflow *f, const struct sa *src)
{
	if (f->locked)
		return sa_cmp(src, &f->dst, SA_ALL);

	if (!sa_isset(&f->peer, SA_ALL))
		return false;

	return sa_cmp(src, &f->dst, SA_ALL) ||
		sa_cmp(src, &f->peer, SA_ALL) ||
		(loop_now() <= f->open_until &&
		 !sa_cmp(src, &f->former, SA_ALL) &&
		 rtpflow_sendable(src, &f->laddr));
}


static enum crypto_part part_of(const struct rtpflow *f,
				const struct mbuf *mb)
{
	return f->mux && rtpflow_is_rtcp(mb) ? CRYPTO_RTCP : CRYPTO_RTP;
}


static bool rtp_accept(struct rtpflow *f, const struct sa *src,
		       struct mbuf *mb)
{
	if (!is_peer(f, src)) {
		++f->strangers;
		return false;
	}
	if (!looks_like_rtp(mb) ||
	    !srtp_flow_in(f->srtp, part_of(f, mb), mb))
		return false;

	if (!f->locked)
		lock_to(f, src);

	return true;
}


/*
 * A handshake proves by itself who it is with, but a stranger's must not
 * come between: only if the address of the SDP stays silent (NAT) another
 * one is listened to and spoken to.
 */
static void take_other(struct rtpflow *f, enum crypto_part part,
		       const struct sa *src, struct mbuf *mb)
{
	const struct sa *dst = part == CRYPTO_RTCP ? &f->rtcp_dst : &f->dst;

	if (!f->otherh || !mbuf_get_left(mb))
		return;

	if (!sa_cmp(src, dst, SA_ALL)) {
		const uint16_t port = f->mux ? sa_port(src) :
			sa_port(&f->rtcp_dst);

		if (!is_peer(f, src) || part == CRYPTO_RTCP ||
		    loop_now() < f->stranger_from)
			return;
		f->dst = f->rtcp_dst = *src;
		sa_set_port(&f->rtcp_dst, port);
	}
	f->stranger_from = UINT64_MAX;

	f->otherh(part, mb, f->other_arg);
}


void rtpflow_take_compound(struct rtpflow *f, const struct mbuf *mb)
{
	if (f->compoundh)
		f->compoundh(mb, f->arg);
}


/* A helper that returns true has dealt with the packet: it is dropped */
bool rtpflow_filter_rtp(struct sa *src, struct mbuf *mb, void *arg)
{
	struct rtpflow *f = arg;

	if (looks_like_rtp(mb)) {
		if (!rtp_accept(f, src, mb))
			return true;
		if (f->mux && rtpflow_is_rtcp(mb))
			rtpflow_take_compound(f, mb);
		return false;
	}

	take_other(f, CRYPTO_RTP, src, mb);

	return true;
}


bool rtpflow_filter_rtcp(struct sa *src, struct mbuf *mb, void *arg)
{
	struct rtpflow *f = arg;

	if (!sa_isset(&f->dst, SA_ALL) || !sa_cmp(src, &f->dst, SA_ADDR))
		return true;

	if (!looks_like_rtp(mb)) {
		take_other(f, CRYPTO_RTCP, src, mb);
		return true;
	}
	if (!srtp_flow_in(f->srtp, CRYPTO_RTCP, mb))
		return true;

	f->rtcp_dst = *src;
	rtpflow_take_compound(f, mb);

	return false;
}
