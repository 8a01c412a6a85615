/**
 * @file doorman.c  Who is let in, before anybody looks at what he wants
 *
 * libre keeps its datagram sockets to itself. So the stack sends itself one
 * datagram on each of them right after it was opened: the socket that it
 * comes in at is known then, and the pre-filter is put in front of it.
 */
#include <string.h>
#include <sys/socket.h>

#include "common/log.h"
#include "doorman.h"
#include "flood.h"
#include "keepalive.h"
#include "porter.h"
#include "prefilter.h"
#include "session_priv.h"
#include "stack_priv.h"

enum {
	SOCKETS = 2,             /* one a family */
	TOKEN   = 17,
	LAYER   = 0,
	NOTICE  = 10000          /* ms between two words about strangers  */
};

struct door {
	struct udp_sock *us;
	struct udp_helper *uh;
	int af;
};

struct doorman {
	struct door doorv[SOCKETS];
	struct flood *flood;
	struct porter *porter;
	char token[TOKEN];
	uint64_t told;
	uint32_t turned;         /* away since then                       */
};

static void destructor(void *arg)
{
	struct doorman *d = arg;
	size_t i;

	for (i = 0; i < SOCKETS; i++) {
		mem_deref(d->doorv[i].uh);
		mem_deref(d->doorv[i].us);
	}
	mem_deref(d->flood);
	mem_deref(d->porter);
}


/* ---- who --------------------------------------------------------------- */

static const uint8_t *bytes(const struct sa *sa, size_t *bits)
{
	if (sa_af(sa) == AF_INET6) {
		*bits = 128;
		return (const uint8_t *)&sa->u.in6.sin6_addr;
	}
	*bits = 32;

	return (const uint8_t *)&sa->u.in.sin_addr;
}

/* "10.0.0.0/8", "192.0.2.7", "2001:db8::/32" */
static bool net_read(struct sa *net, size_t *len, const struct pl *item)
{
	struct pl addr, num;
	size_t bits, i;

	num.p = item->l ? memchr(item->p, '/', item->l) : NULL;
	addr = *item;
	if (num.p) {
		addr.l = (size_t)(num.p - item->p);
		++num.p;
		num.l = (size_t)(item->p + item->l - num.p);
	}
	if (sa_set(net, &addr, 0))
		return false;

	(void)bytes(net, &bits);
	*len = bits;
	if (!num.p)
		return true;
	if (!num.l || num.l > 3)
		return false;
	for (i = 0; i < num.l; i++) {
		if (num.p[i] < '0' || num.p[i] > '9')
			return false;
	}
	*len = pl_u32(&num);

	return *len <= bits;
}

static bool within(const struct sa *net, size_t len, const struct sa *sa)
{
	const uint8_t *a, *b;
	size_t bits, i;

	if (sa_af(net) != sa_af(sa))
		return false;

	a = bytes(net, &bits);
	b = bytes(sa, &bits);
	for (i = 0; i < len; i++) {
		if ((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8))
			return false;
	}

	return true;
}

/* Walk over a list; sa NULL: is it well-formed? */
static bool list_walk(const char *list, const struct sa *sa)
{
	struct pl rest, item;
	struct sa net;
	size_t len;

	pl_set_str(&rest, list);
	while (!re_regex(rest.p, rest.l, "[^ \t,]+", &item)) {
		const bool ok = net_read(&net, &len, &item);

		if (!sa && !ok)
			return false;
		if (sa && ok && within(&net, len, sa))
			return true;
		pl_advance(&rest, item.p + item.l - rest.p);
	}

	return !sa;
}

bool doorman_list_valid(const char *list)
{
	return list && list_walk(list, NULL);
}

bool doorman_list_has(const char *list, const struct sa *sa)
{
	return list && sa && list_walk(list, sa);
}

static bool call_handler(struct le *le, void *arg)
{
	const struct session *sess = le->data;
	const struct sip_msg *msg = arg;

	return sess->callid && !pl_strcmp(&msg->callid, sess->callid);
}

/* The other end of a call may speak to us without our server between */
static bool in_call(const struct stack *stack, const struct sip_msg *msg)
{
	return pl_isset(&msg->to.tag) &&
		hash_lookup(stack->ht_sess, hash_joaat_pl(&msg->callid),
			    call_handler, (void *)msg) != NULL;
}

static bool is_server(const struct stack *stack, const struct sa *src)
{
	size_t i;

	for (i = 0; i < stack->knownc; i++) {
		if (sa_cmp(&stack->knownv[i], src, SA_ADDR))
			return true;
	}

	return false;
}

static bool welcome(const struct stack *stack, const struct sip_msg *msg)
{
	if (stack->direct && !stack->allow)
		return true;

	return (!stack->direct && is_server(stack, &msg->src)) ||
		in_call(stack, msg) ||
		doorman_list_has(stack->allow, &msg->src);
}

static bool party_handler(struct le *le, void *arg)
{
	const struct session *sess = le->data;
	const struct sa *peer = arg;
	struct uri uri;
	struct sa sa;
	struct pl pl;

	if (sa_cmp(&sess->src, peer, SA_ADDR))
		return true;

	pl_set_str(&pl, sip_dialog_uri(sess->dlg));

	return pl_isset(&pl) && !uri_decode(&uri, &pl) &&
		!sa_set(&sa, &uri.host, 0) && sa_cmp(&sa, peer, SA_ADDR);
}

static void notice(struct stack *stack, const struct sa *src)
{
	struct doorman *d = stack->door;
	const uint64_t now = tmr_jiffies();

	++d->turned;
	if (d->told && now - d->told < NOTICE)
		return;
	info("sip: %s: a request from %j was not answered: it is neither this"
	     " account's server nor on its list of allowed addresses"
	     " (%u so far)\n", stack->aor, src, d->turned);
	d->told = now;
}

/* As welcome(), when there is but an address to go by */
static enum porter_guest who_handler(const struct sa *peer, void *arg)
{
	struct stack *stack = arg;

	if (!stack->direct && is_server(stack, peer))
		return PORTER_HOST;
	if ((stack->direct && !stack->allow) ||
	    doorman_list_has(stack->allow, peer) ||
	    hash_apply(stack->ht_sess, party_handler, (void *)peer))
		return PORTER_GUEST;

	notice(stack, peer);

	return PORTER_STRANGER;
}

static void turn_away(struct stack *stack, const struct sip_msg *msg)
{
	struct tcp_conn *tc = sip_msg_tcpconn(msg);

	/* a scanner shall find a dead end, and hold no seat */
	if (tc)
		(void)shutdown(tcp_conn_fd(tc), SHUT_RDWR);

	notice(stack, &msg->src);
}

static enum flood_kind kind(const struct sip_msg *msg)
{
	if (pl_isset(&msg->to.tag))
		return FLOOD_ASK;

	return pl_strcmp(&msg->met, "INVITE") &&
		pl_strcmp(&msg->met, "SUBSCRIBE") ? FLOOD_ASK : FLOOD_CALL;
}

enum doorman_verdict doorman_check(struct stack *stack,
				   const struct sip_msg *msg)
{
	struct doorman *d = stack->door;
	const uint64_t now = tmr_jiffies();

	if (!d)
		return DOORMAN_IN;

	if (!welcome(stack, msg)) {
		turn_away(stack, msg);
		return DOORMAN_SILENT;
	}

	porter_heard(d->porter, sip_msg_tcpconn(msg));

	/* never lost, or a call would hang; and a call that is answered was
	   no flood */
	if (in_call(stack, msg)) {
		if (!pl_strcmp(&msg->met, "ACK"))
			flood_give_back(d->flood, &msg->src, FLOOD_CALL, now);
		return DOORMAN_IN;
	}

	if (!flood_take(d->flood, &msg->src, FLOOD_ASK, now)) {
		debug("sip: %j asks too much\n", &msg->src);
		return DOORMAN_SILENT;
	}

	return kind(msg) == FLOOD_ASK ||
		flood_take(d->flood, &msg->src, FLOOD_CALL, now) ?
		DOORMAN_IN : DOORMAN_BUSY;
}


/* ---- at the sockets ---------------------------------------------------- */

static bool recv_handler(struct sa *src, struct mbuf *mb, void *arg)
{
	const struct stack *stack = arg;

	return !keepalive_awaits(stack->keep, src, mb) && !prefilter_run(mb);
}

static int hello(struct stack *stack, int af)
{
	struct sa laddr, any;
	struct mbuf *mb;
	int err;

	sa_init(&any, af);
	if (sip_transp_laddr(stack->sip, &laddr, SIP_TRANSP_UDP, &any))
		return 0;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "SIP/2.0 200 OK\r\n"
			  "Via: SIP/2.0/UDP %J;branch=z9hG4bK%s\r\n"
			  "From: <sip:us@%J>;tag=us\r\n"
			  "To: <sip:us@%J>;tag=us\r\n"
			  "Call-ID: %s\r\n"
			  "CSeq: 1 HELLO\r\n"
			  "Content-Length: 0\r\n\r\n",
			  &laddr, stack->door->token, &laddr, &laddr,
			  stack->door->token);
	mb->pos = 0;
	if (!err)
		err = sip_send(stack->sip, NULL, SIP_TRANSP_UDP, &laddr, mb);
	mem_deref(mb);

	return err;
}

int doorman_start(struct stack *stack)
{
	int err;

	if (!stack->door) {
		stack->door = mem_zalloc(sizeof(*stack->door), destructor);
		if (!stack->door)
			return ENOMEM;
		err = flood_alloc(&stack->door->flood);
		if (err)
			return err;
		rand_str(stack->door->token, TOKEN);
	}

	err  = hello(stack, AF_INET);
	err |= hello(stack, AF_INET6);
	if (!stack->door->porter)
		err |= porter_alloc(&stack->door->porter, stack->sip,
				    who_handler, stack);
	/* then it works without: only what is odd is not understood */
	if (err)
		debug("sip: nobody at the door: %m\n", err);

	return 0;
}

void doorman_stop(struct stack *stack)
{
	stack->door = mem_deref(stack->door);
}

bool doorman_own(struct stack *stack, const struct sip_msg *msg)
{
	struct doorman *d = stack->door;
	size_t i;

	if (msg->tp != SIP_TRANSP_UDP || pl_strcmp(&msg->cseq.met, "HELLO"))
		return false;
	if (!d || pl_strcmp(&msg->callid, d->token) ||
	    !sa_cmp(&msg->src, &msg->dst, SA_ALL))
		return true;

	for (i = 0; i < SOCKETS && d->doorv[i].us; i++) {
		if (d->doorv[i].us == msg->sock)
			return true;
	}
	if (i == SOCKETS)
		return true;

	d->doorv[i].us = mem_ref(msg->sock);
	d->doorv[i].af = sa_af(&msg->dst);
	(void)udp_register_helper(&d->doorv[i].uh, d->doorv[i].us, LAYER,
				  NULL, recv_handler, stack);

	return true;
}

int doorman_send(struct stack *stack, const struct sa *dst, const char *text)
{
	const struct doorman *d = stack ? stack->door : NULL;
	struct mbuf *mb;
	size_t i;
	int err;

	for (i = 0; d && i < SOCKETS; i++) {
		if (d->doorv[i].us && d->doorv[i].af == sa_af(dst))
			break;
	}
	if (!d || i == SOCKETS)
		return ENOTCONN;

	mb = mbuf_alloc(16);
	if (!mb)
		return ENOMEM;
	err = mbuf_write_str(mb, text);
	mb->pos = 0;
	if (!err)
		err = udp_send(d->doorv[i].us, dst, mb);
	mem_deref(mb);

	return err;
}
