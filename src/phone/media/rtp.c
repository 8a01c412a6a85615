/**
 * @file rtp.c  The two sockets of a stream
 *
 * The sockets are libre's, bound on the main loop, so that the port is
 * known before the offer is sent, and read on the media loop: packet by
 * packet, or by the tick that plays them. In front of them stands the
 * filter of rtp_filter.c.
 */
#include <errno.h>
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
	RX_SIZE     = 2048,
	READ_MAX    = 64,        /* Packets a tick; the rest waits       */
	AGE_MAX_US  = 1000000,
	EARLY_US    = 300000     /* So much of what came too soon is kept */
};

/** Room for the kernel's stamp of a packet */
union stamp {
	char buf[CMSG_SPACE(sizeof(struct timespec))];
	struct cmsghdr align;
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


static void stamps_on(const struct rtpflow *f)
{
	const int yes = 1;

	(void)setsockopt(udp_sock_fd(rtp_sock(f->rs), sa_af(&f->laddr)),
			 SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes));
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
				  rtpflow_filter_rtp, f);
	if (!err)
		err = udp_register_helper(&f->rtcp_filter, rtcp_sock(f->rs),
					  0, NULL, rtpflow_filter_rtcp, f);
	stamps_on(f);

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


/* How old it is by the kernel's stamp, which is of the wall clock; none has
 * the greatest age */
static int64_t packet_age(struct msghdr *msg, const struct timespec *wall)
{
	struct cmsghdr *cm;
	struct timespec ts;

	for (cm = CMSG_FIRSTHDR(msg); cm; cm = CMSG_NXTHDR(msg, cm)) {
		if (cm->cmsg_level != SOL_SOCKET ||
		    cm->cmsg_type != SCM_TIMESTAMPNS)
			continue;

		memcpy(&ts, CMSG_DATA(cm), sizeof(ts));

		return (int64_t)(wall->tv_sec - ts.tv_sec) * 1000000 +
			(wall->tv_nsec - ts.tv_nsec) / 1000;
	}

	return INT64_MAX;
}


/* The peer's first words, or a digit, may be here before the call is; what
 * is older, of others, or has no stamp (reports) goes */
static void drop_stale(const struct rtpflow *f, struct udp_sock *us)
{
	const int fd = udp_sock_fd(us, sa_af(&f->laddr));
	union stamp ctl;
	struct timespec wall;
	uint8_t byte;

	(void)clock_gettime(CLOCK_REALTIME, &wall);

	for (;;) {
		struct iovec iov = { &byte, sizeof(byte) };
		struct sa src;
		struct msghdr msg = {
			.msg_name = &src.u, .msg_namelen = sizeof(src.u),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &ctl, .msg_controllen = sizeof(ctl),
		};

		if (recvmsg(fd, &msg, MSG_DONTWAIT | MSG_PEEK) < 0)
			return;

		src.len = msg.msg_namelen;
		if (packet_age(&msg, &wall) < EARLY_US &&
		    sa_cmp(&src, &f->peer, SA_ALL))
			return;

		(void)recv(fd, &byte, sizeof(byte), MSG_DONTWAIT);
	}
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
		drop_stale(f, rtp_sock(f->rs));
		drop_stale(f, rtcp_sock(f->rs));
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
	struct udp_sock *us;

	if (!f || !f->attached || f->by_tick == on)
		return;

	us = rtp_sock(f->rs);
	if (on) {
		if (!f->mb)
			f->mb = mbuf_alloc(RX_SIZE);
		if (!f->mb)
			return;
		stamps_on(f);
		udp_thread_detach(us);
	}
	else if (udp_thread_attach(us))
		return;

	f->by_tick = on;
}


/* When the kernel got it: what counts is the age, which a step of the wall
 * clock must not blow up */
static uint64_t arrival(struct msghdr *msg, const struct timespec *wall,
			uint64_t now)
{
	const int64_t age = packet_age(msg, wall);

	return age > 0 && age < AGE_MAX_US ? now - (uint64_t)age : now;
}


static void take_packet(struct rtpflow *f, struct sa *src, uint64_t when)
{
	struct rtcp_msg *msg = NULL;
	struct rtp_header hdr;

	if (rtpflow_filter_rtp(src, f->mb, f))
		return;

	if (f->mux && rtpflow_is_rtcp(f->mb)) {
		rtpflow_take_compound(f, f->mb);
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
	union stamp ctl;
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
