/**
 * @file netwatch.c  Tells when the machine's addresses or routes change
 *
 * A netlink socket that is listened to and never asked (rtnetlink(7)). What
 * happened is not looked at: whoever is told finds out by itself where it
 * stands. Changes come in bursts, an address, its routes, those of the
 * other family, so the handler is called when it has been quiet.
 */
#include "netwatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"

enum {
	QUIET  = 300,            /* ms without a change                   */
	LATEST = 1500,           /* ms after the first of a burst         */
	BURST  = 8192
};

struct netwatch {
	int fd;
	struct tmr tmr;
	uint64_t first;
	netwatch_h *h;
	void *arg;
};


static void netwatch_destructor(void *arg)
{
	struct netwatch *nw = arg;

	tmr_cancel(&nw->tmr);
	if (nw->fd >= 0) {
		fd_close(nw->fd);
		(void)close(nw->fd);
	}
}


static void quiet_handler(void *arg)
{
	struct netwatch *nw = arg;

	nw->first = 0;
	info("phone: the network changed\n");
	nw->h(nw->arg);
}


static bool concerns(const struct nlmsghdr *nh)
{
	switch (nh->nlmsg_type) {
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return true;
	default:
		return false;
	}
}


static void read_handler(int flags, void *arg)
{
	struct netwatch *nw = arg;
	union {
		struct nlmsghdr nh;
		char b[BURST];
	} buf;
	const struct nlmsghdr *nh = &buf.nh;
	const uint64_t now = tmr_jiffies();
	bool news = false;
	ssize_t n;
	size_t len;
	(void)flags;

	n = recv(nw->fd, &buf, sizeof(buf), MSG_DONTWAIT);
	/* more than the socket holds: then something did change */
	if (n < 0 && errno != ENOBUFS)
		return;

	if (n < 0)
		news = true;
	for (len = n > 0 ? (size_t)n : 0; NLMSG_OK(nh, len);
	     nh = NLMSG_NEXT(nh, len))
		news |= concerns(nh);
	if (!news)
		return;

	if (!nw->first)
		nw->first = now;
	tmr_start(&nw->tmr, now - nw->first > LATEST ? 0 : QUIET,
		  quiet_handler, nw);
}


int netwatch_open(struct netwatch **nwp, netwatch_h *h, void *arg)
{
	const struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV6_ROUTE,
	};
	struct netwatch *nw;
	int err = 0;

	if (!nwp || !h)
		return EINVAL;

	nw = mem_zalloc(sizeof(*nw), netwatch_destructor);
	if (!nw)
		return ENOMEM;

	nw->h = h;
	nw->arg = arg;
	nw->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	if (nw->fd < 0 || bind(nw->fd, (const struct sockaddr *)&sa,
			       sizeof(sa)))
		err = errno;
	if (!err)
		err = fd_listen(nw->fd, FD_READ, read_handler, nw);

	if (err)
		mem_deref(nw);
	else
		*nwp = nw;

	return err;
}
