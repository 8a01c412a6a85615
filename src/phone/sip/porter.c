/**
 * @file porter.c  Who may keep a connection that he opened
 *
 * libre accepts whoever knocks, answers a double line end, shakes hands by
 * TLS and reads on for half a minute, and its sockets are its own. So the
 * porter waits at a second descriptor of the same listening socket. When
 * somebody came in he looks through our descriptors for the new one, before
 * a byte of it is read: a stranger is shut out at once, a guest who says
 * nothing sensible in time later, and nobody takes all the seats.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "porter.h"

enum {
	DOORS   = 4,             /* TCP and TLS, two families             */
	FD_MAX  = 65536,
	FD_GAP  = 64             /* so many unused ones: the end          */
};

struct door {
	int fd;
	struct sa laddr;
};

struct seat {
	struct le le;
	int fd;
	struct sa peer;
	uint64_t since;
	bool heard;
	bool there;
};

struct porter {
	struct door doorv[DOORS];
	size_t doorc;
	struct list seatl;       /* struct seat, owned; first come first  */
	struct tmr tmr;
	porter_who_h *h;
	void *arg;
};

static void sweep_handler(void *arg);

static void destructor(void *arg)
{
	struct porter *p = arg;
	size_t i;

	tmr_cancel(&p->tmr);
	for (i = 0; i < p->doorc; i++) {
		fd_close(p->doorv[i].fd);
		(void)close(p->doorv[i].fd);
	}
	list_flush(&p->seatl);
}

static void seat_destructor(void *arg)
{
	struct seat *seat = arg;

	list_unlink(&seat->le);
}


/* ---- our descriptors ---------------------------------------------------- */

typedef int (name_h)(int fd, struct sockaddr *sa, socklen_t *len);

static int address(struct sa *sa, int fd, name_h *nameh)
{
	sa_init(sa, AF_UNSPEC);
	sa->len = sizeof(sa->u);

	return nameh(fd, &sa->u.sa, &sa->len) ? errno : 0;
}

static bool listens(int fd)
{
	socklen_t len = sizeof(int);
	int on = 0;

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) && on;
}

typedef void (fd_scan_h)(int fd, const struct sa *laddr, void *arg);

static void fd_scan(fd_scan_h *h, void *arg)
{
	struct sa laddr;
	unsigned gap = 0;
	int fd, err;

	for (fd = 0; fd < FD_MAX && gap < FD_GAP; fd++) {
		err = address(&laddr, fd, getsockname);
		gap = err == EBADF ? gap + 1 : 0;
		if (!err && (sa_af(&laddr) == AF_INET ||
			     sa_af(&laddr) == AF_INET6))
			h(fd, &laddr, arg);
	}
}


/* ---- seats -------------------------------------------------------------- */

/* A reset, and what has come already is gone with it: after a shutdown it
   could still be read. libre sees the error and lets go. */
static void shut_out(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	if (connect(fd, &nobody, sizeof(nobody)))
		(void)shutdown(fd, SHUT_RDWR);
}

/* Of IPv6 a whole network is one */
static bool same_source(const struct sa *a, const struct sa *b)
{
	if (sa_af(a) == AF_INET6 && sa_af(b) == AF_INET6)
		return !memcmp(&a->u.in6.sin6_addr, &b->u.in6.sin6_addr, 8);

	return sa_cmp(a, b, SA_ADDR);
}

static bool door_at(const struct porter *p, const struct sa *laddr)
{
	size_t i;

	for (i = 0; i < p->doorc; i++) {
		if (sa_cmp(&p->doorv[i].laddr, laddr, SA_ALL))
			return true;
	}

	return false;
}

static struct seat *seat_find(const struct porter *p, int fd,
			      const struct sa *peer)
{
	struct le *le;

	for (le = p->seatl.head; le; le = le->next) {
		struct seat *seat = le->data;

		if (seat->fd == fd && sa_cmp(&seat->peer, peer, SA_ALL))
			return seat;
	}

	return NULL;
}

/* Is there room? Whoever has said nothing yet makes it, first come first */
static bool room_for(struct porter *p, const struct sa *peer)
{
	struct seat *silent = NULL;
	size_t same = 0;
	struct le *le;

	for (le = p->seatl.head; le; le = le->next) {
		struct seat *seat = le->data;

		same += same_source(&seat->peer, peer);
		if (!silent && !seat->heard)
			silent = seat;
	}

	if (same >= PORTER_SOURCE)
		return false;
	if (list_count(&p->seatl) < PORTER_SEATS)
		return true;
	if (!silent)
		return false;

	shut_out(silent->fd);
	mem_deref(silent);

	return true;
}

static void newcomer(struct porter *p, int fd, const struct sa *peer)
{
	const enum porter_guest who = p->h(peer, p->arg);
	struct seat *seat;

	if (who == PORTER_HOST)
		return;

	seat = who == PORTER_GUEST && room_for(p, peer) ?
		mem_zalloc(sizeof(*seat), seat_destructor) : NULL;
	if (!seat) {
		debug("sip: a connection from %J is not kept\n", peer);
		shut_out(fd);
		return;
	}

	seat->fd = fd;
	seat->peer = *peer;
	seat->since = tmr_jiffies();
	seat->there = true;
	list_append(&p->seatl, &seat->le, seat);
}

static void conn_handler(int fd, const struct sa *laddr, void *arg)
{
	struct porter *p = arg;
	struct seat *seat;
	struct sa peer;

	if (!door_at(p, laddr) || listens(fd) ||
	    address(&peer, fd, getpeername))
		return;

	seat = seat_find(p, fd, &peer);
	if (seat)
		seat->there = true;
	else
		newcomer(p, fd, &peer);
}

static void sweep(struct porter *p)
{
	const uint64_t now = tmr_jiffies();
	uint64_t next = 0;
	struct le *le;

	for (le = p->seatl.head; le; le = le->next)
		((struct seat *)le->data)->there = false;

	fd_scan(conn_handler, p);

	le = p->seatl.head;
	while (le) {
		struct seat *seat = le->data;

		le = le->next;
		if (!seat->there) {
			mem_deref(seat);
		}
		else if (!seat->heard && now >= seat->since + PORTER_WAIT) {
			shut_out(seat->fd);
			mem_deref(seat);
		}
		else if (!seat->heard && !next) {
			next = seat->since + PORTER_WAIT;
		}
	}

	/* they stand in the order in which they came */
	if (next)
		tmr_start(&p->tmr, next > now ? next - now : 0,
			  sweep_handler, p);
}

static void sweep_handler(void *arg)
{
	sweep(arg);
}

/* Whether libre has accepted it before this or after: its first bytes are
   not read before the timers had their turn */
static void door_handler(int flags, void *arg)
{
	struct porter *p = arg;
	(void)flags;

	tmr_start(&p->tmr, 0, sweep_handler, p);
}


/* ---- doors -------------------------------------------------------------- */

struct find {
	struct porter *p;
	struct sip *sip;
};

static bool is_ours(struct sip *sip, const struct sa *laddr)
{
	static const enum sip_transp tpv[] = {
		SIP_TRANSP_TCP, SIP_TRANSP_TLS
	};
	struct sa any, sa;
	size_t i;

	sa_init(&any, sa_af(laddr));
	for (i = 0; i < RE_ARRAY_SIZE(tpv); i++) {
		if (!sip_transp_laddr(sip, &sa, tpv[i], &any) &&
		    sa_cmp(&sa, laddr, SA_ALL))
			return true;
	}

	return false;
}

static void listen_handler(int fd, const struct sa *laddr, void *arg)
{
	const struct find *find = arg;
	struct porter *p = find->p;
	struct door *door = &p->doorv[p->doorc];

	/* our own second descriptor is found, too */
	if (p->doorc == DOORS || !listens(fd) || door_at(p, laddr) ||
	    !is_ours(find->sip, laddr))
		return;

	door->laddr = *laddr;
	door->fd = dup(fd);
	if (door->fd < 0)
		return;
	if (fd_listen(door->fd, FD_READ, door_handler, p))
		(void)close(door->fd);
	else
		++p->doorc;
}

int porter_alloc(struct porter **pp, struct sip *sip, porter_who_h *h,
		 void *arg)
{
	struct find find = { NULL, sip };
	struct porter *p;

	if (!pp || !sip || !h)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->h = h;
	p->arg = arg;
	find.p = p;
	fd_scan(listen_handler, &find);
	*pp = p;

	return 0;
}

void porter_heard(struct porter *p, const struct tcp_conn *tc)
{
	struct le *le;

	if (!p || !tc)
		return;

	for (le = p->seatl.head; le; le = le->next) {
		struct seat *seat = le->data;

		if (seat->fd == tcp_conn_fd(tc))
			seat->heard = true;
	}
}
