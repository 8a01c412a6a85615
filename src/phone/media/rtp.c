/**
 * @file rtp.c  The two sockets of a stream and who may speak to them
 *
 * The sockets are libre's, bound on the main loop, so that the port is
 * known before the offer is sent, and read on the media loop. In front of
 * them stands a filter that looks at the sender before anything is parsed.
 * Symmetric RTP: for 2 s after a negotiation the first packet may come from
 * another address than SDP said (NAT) and that is where we send from then
 * on; after that the source is fixed until the next negotiation. Where
 * packets are protected the first genuine one decides, whoever was faster.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loop.h"
#include "rtp_priv.h"

enum {
	LATCH_US    = 2000000,
	OWN_US      = 300000,    /* The address of the SDP has the say   */
	PORT_SYSTEM = 1024,
	RX_SIZE     = 2048,
	READ_MAX    = 64,        /* Packets a tick; the rest waits       */
	AGE_MAX_US  = 1000000
};

static void rtpflow_destructor(void *arg)
{
	struct rtpflow *f = arg;

	mem_deref(f->rtp_filter);
	mem_deref(f->rtcp_filter);
	mem_deref(f->rs);
	mem_deref(f->mb);
	mem_deref(f->srtp);
}


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
static bool is_rtcp(const struct mbuf *mb)
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
	return f->mux && is_rtcp(mb) ? CRYPTO_RTCP : CRYPTO_RTP;
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


static void take_compound(struct rtpflow *f, const struct mbuf *mb)
{
	if (f->compoundh)
		f->compoundh(mb, f->arg);
}


/* A helper that returns true has dealt with the packet: it is dropped */
static bool rtp_filter(struct sa *src, struct mbuf *mb, void *arg)
{
	struct rtpflow *f = arg;

	if (looks_like_rtp(mb)) {
		if (!rtp_accept(f, src, mb))
			return true;
		if (f->mux && is_rtcp(mb))
			take_compound(f, mb);
		return false;
	}

	take_other(f, CRYPTO_RTP, src, mb);

	return true;
}


static bool rtcp_filter(struct sa *src, struct mbuf *mb, void *arg)
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
	take_compound(f, mb);

	return false;
}


static void take_rtp(struct rtpflow *f, const struct rtp_header *hdr,
		     struct mbuf *mb, uint64_t when)
{
	/* RFC 3550 5.1: the last octet counts the padding */
	if (hdr->pad) {
		const size_t left = mbuf_get_left(mb);
		const size_t n = left ? mb->buf[mb->end - 1] : 0;

		if (!n || n > left)
			return;
		mb->end -= n;
	}

	f->rtph(hdr, mb, when, f->arg);
}


static void rtp_handler(const struct sa *src, const struct rtp_header *hdr,
			struct mbuf *mb, void *arg)
{
	(void)src;

	take_rtp(arg, hdr, mb, loop_now());
}


static void report_handler(const struct sa *src, struct rtcp_msg *msg,
			  void *arg)
{
	struct rtpflow *f = arg;
	(void)src;

	f->rtcph(msg, loop_now(), f->arg);
}


/* Cheap look whether a port is free, before libre tries 64 times */
static bool port_is_free(const struct sa *laddr, uint16_t port)
{
	struct sa sa = *laddr;
	bool ok;
	int fd;

	sa_set_port(&sa, port);
	fd = socket(sa_af(&sa), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;

	ok = bind(fd, &sa.u.sa, sa.len) == 0;
	(void)close(fd);

	return ok;
}


static int sockets_bind(struct rtpflow *f, uint16_t min, uint16_t max)
{
	const uint32_t lo = (uint32_t)(min + 1) & ~1u;
	const uint32_t n = max > lo ? (max - lo + 1) / 2 : 0;
	const uint32_t first = n ? rand_u32() % n : 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const uint16_t port = (uint16_t)(lo + (first + i) % n * 2);

		if (!port_is_free(&f->laddr, port) ||
		    !port_is_free(&f->laddr, (uint16_t)(port + 1)))
			continue;

		if (!rtp_listen(&f->rs, IPPROTO_UDP, &f->laddr, port,
				(uint16_t)(port + 1), false, rtp_handler,
				report_handler, f))
			return 0;
	}

	return EADDRINUSE;
}


int rtpflow_alloc(struct rtpflow **fp, const struct sa *laddr, uint16_t min,
		  uint16_t max, rtpflow_rtp_h *rtph, rtpflow_rtcp_h *rtcph,
		  void *arg)
{
	struct rtpflow *f;
	int err;

	if (!fp || !laddr || !rtph || !rtcph)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), rtpflow_destructor);
	if (!f)
		return ENOMEM;

	f->laddr = *laddr;
	f->rtph = rtph;
	f->rtcph = rtcph;
	f->arg = arg;

	err = srtp_flow_alloc(&f->srtp);
	if (!err)
		err = sockets_bind(f, min, max);
	if (err)
		goto out;

	/* not this loop's any more */
	udp_thread_detach(rtp_sock(f->rs));
	udp_thread_detach(rtcp_sock(f->rs));
	udp_rxsz_set(rtp_sock(f->rs), RX_SIZE);
	udp_rxsz_set(rtcp_sock(f->rs), RX_SIZE);

	err = udp_register_helper(&f->rtp_filter, rtp_sock(f->rs), 0, NULL,
				  rtp_filter, f);
	if (!err)
		err = udp_register_helper(&f->rtcp_filter, rtcp_sock(f->rs),
					  0, NULL, rtcp_filter, f);

 out:
	if (err)
		mem_deref(f);
	else
		*fp = f;

	return err;
}


void rtpflow_compound(struct rtpflow *f, rtpflow_compound_h *h)
{
	if (f)
		f->compoundh = h;
}


uint32_t rtpflow_strangers(const struct rtpflow *f)
{
	return f ? f->strangers : 0;
}


bool rtpflow_refused(const struct rtpflow *f)
{
	return f && f->refused;
}


uint16_t rtpflow_port(const struct rtpflow *f)
{
	return f ? sa_port(rtp_local(f->rs)) : 0;
}


uint32_t rtpflow_ssrc(const struct rtpflow *f)
{
	return f ? rtp_sess_ssrc(f->rs) : 0;
}


static void drain(struct udp_sock *us, int af)
{
	const int fd = udp_sock_fd(us, af);
	uint8_t buf[8];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
}


int rtpflow_attach(struct rtpflow *f)
{
	int err;

	if (!f)
		return EINVAL;
	if (f->attached)
		return 0;

	/* the peer may have begun to agree on keys */
	if (!srtp_flow_required(f->srtp)) {
		drain(rtp_sock(f->rs), sa_af(&f->laddr));
		drain(rtcp_sock(f->rs), sa_af(&f->laddr));
	}

	err = udp_thread_attach(rtp_sock(f->rs));
	if (!err)
		err = udp_thread_attach(rtcp_sock(f->rs));
	f->attached = !err;

	return err;
}


/* ---- read by the tick ---- */

void rtpflow_by_tick(struct rtpflow *f, bool on)
{
	const int yes = 1;
	struct udp_sock *us;

	if (!f || !f->attached || f->by_tick == on)
		return;

	us = rtp_sock(f->rs);
	if (on) {
		if (!f->mb)
			f->mb = mbuf_alloc(RX_SIZE);
		if (!f->mb)
			return;
		(void)setsockopt(udp_sock_fd(us, sa_af(&f->laddr)),
				 SOL_SOCKET, SO_TIMESTAMPNS, &yes,
				 sizeof(yes));
		udp_thread_detach(us);
	}
	else if (udp_thread_attach(us))
		return;

	f->by_tick = on;
}


/* When the kernel got it: its stamp is of the wall clock, so what counts is
 * the age, which a step of that clock must not blow up */
static uint64_t arrival(struct msghdr *msg, const struct timespec *wall,
			uint64_t now)
{
	struct cmsghdr *cm;
	struct timespec ts;
	int64_t age;

	for (cm = CMSG_FIRSTHDR(msg); cm; cm = CMSG_NXTHDR(msg, cm)) {
		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_TIMESTAMPNS)
			continue;

		memcpy(&ts, CMSG_DATA(cm), sizeof(ts));
		age = (int64_t)(wall->tv_sec - ts.tv_sec) * 1000000 +
			(wall->tv_nsec - ts.tv_nsec) / 1000;

		return age > 0 && age < AGE_MAX_US ? now - (uint64_t)age :
			now;
	}

	return now;
}


static void take_packet(struct rtpflow *f, struct sa *src, uint64_t when)
{
	struct rtcp_msg *msg = NULL;
	struct rtp_header hdr;

	if (rtp_filter(src, f->mb, f))
		return;

	if (f->mux && is_rtcp(f->mb)) {
		take_compound(f, f->mb);
		while (mbuf_get_left(f->mb) >= 4 &&
		       !rtcp_decode(&msg, f->mb)) {
			f->rtcph(msg, when, f->arg);
			msg = mem_deref(msg);
		}
	}
	else if (!rtp_decode(f->rs, f->mb, &hdr))
		take_rtp(f, &hdr, f->mb, when);
}


void rtpflow_read(struct rtpflow *f, uint64_t now)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} ctl;
	struct timespec wall;
	unsigned n;
	int fd;

	if (!f || !f->by_tick)
		return;

	fd = udp_sock_fd(rtp_sock(f->rs), sa_af(&f->laddr));
	(void)clock_gettime(CLOCK_REALTIME, &wall);

	for (n = 0; n < READ_MAX; n++) {
		struct iovec iov = { f->mb->buf, f->mb->size };
		struct sa src;
		struct msghdr msg = {
			.msg_name = &src.u, .msg_namelen = sizeof(src.u),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &ctl, .msg_controllen = sizeof(ctl),
		};
		const ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);

		/* an ICMP error of an earlier packet is no end of the call */
		if (len < 0 && (errno == ECONNREFUSED || errno == EINTR)) {
			f->refused = f->refused || errno == ECONNREFUSED;
			continue;
		}
		if (len < 0)
			break;

		src.len = msg.msg_namelen;
		f->mb->pos = 0;
		f->mb->end = (size_t)len;
		if (!(msg.msg_flags & MSG_TRUNC))
			take_packet(f, &src, arrival(&msg, &wall, now));
	}
}


void rtpflow_target(struct rtpflow *f, const struct sa *rtp, uint16_t rtcp,
		    bool mux)
{
	if (!f || !rtp)
		return;

	f->mux = mux;
	rtcp_enable_mux(f->rs, mux);

	if (!sa_cmp(rtp, &f->peer, SA_ALL)) {
		/* what is still under way from there is not the new one */
		f->former = f->dst;
		f->peer = *rtp;
		f->dst = *rtp;
		f->rtcp_dst = *rtp;
		sa_set_port(&f->rtcp_dst, mux ? sa_port(rtp) : rtcp);
	}

	f->locked = false;
	f->strangers = 0;
	f->refused = false;
	f->open_until = loop_now() + LATCH_US;
	f->stranger_from = loop_now() + OWN_US;
}


struct srtp_flow *rtpflow_srtp(struct rtpflow *f)
{
	return f ? f->srtp : NULL;
}


void rtpflow_set_other(struct rtpflow *f, rtpflow_other_h *h, void *arg)
{
	if (!f)
		return;

	f->otherh = h;
	f->other_arg = arg;
}


int rtpflow_send(struct rtpflow *f, bool marker, uint8_t pt, uint32_t ts,
		 struct mbuf *mb)
{
	size_t pos;
	int err;

	if (!f || !mb || mb->pos < RTP_HEADER_SIZE)
		return EINVAL;
	if (!rtpflow_sendable(&f->dst, &f->laddr))
		return EADDRNOTAVAIL;
	if (!srtp_flow_open(f->srtp, CRYPTO_RTP))
		return EACCES;

	pos = mb->pos -= RTP_HEADER_SIZE;
	err = rtp_encode(f->rs, false, marker, pt, ts, mb);
	mb->pos = pos;
	if (!err)
		err = srtp_flow_out(f->srtp, CRYPTO_RTP, mb);

	return err ? err : udp_send(rtp_sock(f->rs), &f->dst, mb);
}


static int send_rtcp(struct rtpflow *f, struct mbuf *mb)
{
	if (!rtpflow_sendable(&f->rtcp_dst, &f->laddr))
		return EADDRNOTAVAIL;

	return udp_send(f->mux ? rtp_sock(f->rs) : rtcp_sock(f->rs),
			&f->rtcp_dst, mb);
}


int rtpflow_send_rtcp(struct rtpflow *f, struct mbuf *mb)
{
	int err;

	if (!f || !mb)
		return EINVAL;

	err = srtp_flow_out(f->srtp, CRYPTO_RTCP, mb);

	return err ? err : send_rtcp(f, mb);
}


int rtpflow_send_other(struct rtpflow *f, enum crypto_part part,
		       struct mbuf *mb)
{
	if (!f || !mb)
		return EINVAL;

	if (part == CRYPTO_RTCP)
		return send_rtcp(f, mb);

	if (!rtpflow_sendable(&f->dst, &f->laddr))
		return EADDRNOTAVAIL;

	return udp_send(rtp_sock(f->rs), &f->dst, mb);
}
