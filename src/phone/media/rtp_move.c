/**
 * @file rtp_move.c  The sockets of a stream at another local address
 *
 * Everything that hangs on a socket, filters, keys, numbers, stays: the new
 * socket is put under the old descriptor (dup3(2)), and the loop is told to
 * look at it anew. To the peer it is the same source at another address.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtp_priv.h"

static int bind_one(int *fdp, const struct sa *laddr, uint16_t port)
{
	struct sa sa = *laddr;
	int fd, err;

	sa_set_port(&sa, port);
	fd = socket(sa_af(&sa), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;

	if (bind(fd, &sa.u.sa, sa.len)) {
		err = errno;
		(void)close(fd);
		return err;
	}
	*fdp = fd;

	return 0;
}


int rtpflow_bind(struct rtpflow_socks *socks, struct sa *laddr, uint16_t min,
		 uint16_t max)
{
	const uint32_t lo = (uint32_t)(min + 1) & ~1u;
	const uint32_t n = max > lo ? (max - lo + 1) / 2 : 0;
	const uint32_t first = n ? rand_u32() % n : 0;
	uint32_t i;

	if (!socks || !laddr)
		return EINVAL;

	for (i = 0; i < n; i++) {
		const uint16_t port = (uint16_t)(lo + (first + i) % n * 2);

		if (bind_one(&socks->rtp, laddr, port))
			continue;
		if (bind_one(&socks->rtcp, laddr, (uint16_t)(port + 1))) {
			(void)close(socks->rtp);
			continue;
		}
		sa_set_port(laddr, port);
		socks->laddr = *laddr;
		return 0;
	}

	return EADDRINUSE;
}


void rtpflow_socks_close(struct rtpflow_socks *socks)
{
	(void)close(socks->rtp);
	(void)close(socks->rtcp);
}


static int put_under(struct udp_sock *us, int af, int fd, bool attached)
{
	const int old = udp_sock_fd(us, af);
	int tos = 0, err = 0;
	socklen_t len = sizeof(tos);

	if (old < 0)
		return EAFNOSUPPORT;

	if (af == AF_INET &&
	    !getsockopt(old, IPPROTO_IP, IP_TOS, &tos, &len))
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, len);

	/* what epoll knows is the file behind the number */
	if (attached)
		udp_thread_detach(us);
	if (dup3(fd, old, O_CLOEXEC) < 0)
		err = errno;
	if (attached)
		err |= udp_thread_attach(us);

	return err;
}


int rtpflow_move(struct rtpflow *f, struct rtpflow_socks *socks)
{
	const int af = sa_af(&socks->laddr);
	const bool by_tick = f->by_tick;
	int err;

	if (by_tick)
		rtpflow_by_tick(f, false);

	err = put_under(rtp_sock(f->rs), af, socks->rtp, f->attached);
	if (!err)
		err = put_under(rtcp_sock(f->rs), af, socks->rtcp,
				f->attached);
	if (!err)
		f->laddr = socks->laddr;
	rtpflow_socks_close(socks);

	if (by_tick)
		rtpflow_by_tick(f, true);

	return err;
}
