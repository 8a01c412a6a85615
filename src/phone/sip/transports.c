/**
 * @file transports.c  The sockets of a stack
 *
 * UDP and TCP at one port, both families where the machine has both; TLS
 * alone for an account that asked for it. The addresses are real ones,
 * because they stand in Via and Contact; so when the machine gets another
 * address, the sockets are opened anew.
 */
#include <string.h>

#include "common/log.h"
#include "doorman.h"
#include "resolver.h"
#include "stack_priv.h"
#include "target.h"
#include "tls_policy.h"

static bool is_any(const struct sa *sa)
{
	struct sa any;

	sa_init(&any, sa_af(sa));

	return sa_cmp(sa, &any, SA_ADDR);
}

/* UDP and TCP at one port, if that port is to be had for both */
static int add_plain(struct stack *stack, const struct sa *laddr)
{
	struct sa got;
	int err;

	err = sip_transp_add(stack->sip, SIP_TRANSP_UDP, laddr);
	if (err)
		return err;

	err = sip_transp_laddr(stack->sip, &got, SIP_TRANSP_UDP, laddr);
	if (err)
		return err;

	err = sip_transp_add(stack->sip, SIP_TRANSP_TCP, &got);
	if (err == EADDRINUSE && !sa_port(laddr))
		err = sip_transp_add(stack->sip, SIP_TRANSP_TCP, laddr);

	return err;
}

static int add_tls(struct stack *stack, const struct sa *laddr)
{
	return sip_transp_add(stack->sip, SIP_TRANSP_TLS, laddr,
			      tls_policy_tls(stack->policy));
}

/* The port beside the plain one (RFC 3261 19.1.2: 5061 beside 5060) */
static int add_direct_tls(struct stack *stack, const struct sa *laddr)
{
	struct sa sa = *laddr;
	struct sa plain;

	if (!sip_transp_laddr(stack->sip, &plain, SIP_TRANSP_UDP, laddr))
		sa_set_port(&sa, (uint16_t)(sa_port(&plain) + 1));

	return add_tls(stack, &sa);
}

/* The well-known port if nobody has it, else any */
static int add_direct(struct stack *stack, struct sa *laddr)
{
	int err;

	if (stack->listen) {
		err = add_plain(stack, laddr);
	}
	else {
		sa_set_port(laddr, SIP_PORT);
		err = add_plain(stack, laddr);
		if (err) {
			sip_transp_flush(stack->sip);
			sa_set_port(laddr, 0);
			err = add_plain(stack, laddr);
		}
	}
	if (!err && stack->policy)
		err = add_direct_tls(stack, laddr);

	return err;
}

/* An account that asked for TLS neither speaks nor hears anything else,
   whatever a Contact or DNS says */
static int add_family(struct stack *stack, const struct sa *laddr)
{
	struct sa tls = *laddr;
	int err;

	if (stack->tp == SIP_TRANSP_TLS)
		return add_tls(stack, laddr);

	err = add_plain(stack, laddr);
	if (err || stack->tp != SIP_TRANSP_NONE)
		return err;

	sa_set_port(&tls, 0);

	return add_tls(stack, &tls);
}

static int listen_addr(struct sa *laddr, const struct stack *stack)
{
	uint16_t port;
	int err;

	if (sa_decode(laddr, stack->listen, str_len(stack->listen)) &&
	    sa_set_str(laddr, stack->listen, 0))
		return EINVAL;

	/* "any" cannot be written into Via and Contact */
	if (!is_any(laddr))
		return 0;

	port = sa_port(laddr);
	err = target_laddr_af(laddr, sa_af(laddr));
	if (!err)
		sa_set_port(laddr, port);

	return err;
}

/* What the machine would use to reach the server, family by family */
static size_t local_addrs(struct sa *laddrv, const struct stack *stack)
{
	struct sa num;
	struct pl host;
	size_t n = 0;

	if (!stack->direct && stack->host) {
		pl_set_str(&host, stack->host);
		if (!sa_set(&num, &host, SIP_PORT))
			return target_laddr(&laddrv[0], &host) ? 0 : 1;
	}

	if (!target_laddr_af(&laddrv[n], AF_INET))
		++n;
	if (!target_laddr_af(&laddrv[n], AF_INET6) &&
	    (!n || sa_is_loopback(&laddrv[0]) ||
	     !sa_is_loopback(&laddrv[n])))
		++n;
	/* a machine that has but IPv6 */
	if (n == 2 && sa_is_loopback(&laddrv[0]) &&
	    !sa_is_loopback(&laddrv[1])) {
		laddrv[0] = laddrv[1];
		n = 1;
	}

	return n;
}

int stack_transports_open(struct stack *stack)
{
	struct sa laddrv[2];
	size_t i, n;
	int err;

	if (stack->listen) {
		err = listen_addr(&laddrv[0], stack);
		if (err)
			return err;
		n = 1;
	}
	else {
		n = local_addrs(laddrv, stack);
		if (!n)
			return ENETUNREACH;
	}

	err = stack->direct ? add_direct(stack, &laddrv[0]) :
		add_family(stack, &laddrv[0]);
	if (err)
		return err;

	for (i = 1; i < n; i++) {
		err = stack->direct ? add_direct(stack, &laddrv[i]) :
			add_family(stack, &laddrv[i]);
		if (err)
			debug("sip: %j: %m\n", &laddrv[i], err);
	}
	stack->laddr = laddrv[0];

	return doorman_start(stack);
}

bool stack_follow(struct stack *stack)
{
	struct sa laddrv[2];
	int err;

	if (!stack || stack->closing)
		return false;

	resolver_forget(stack->resolver);
	if (stack->listen) {
		struct sa fixed;

		/* the user named an address: it stays, unless "any" */
		if (sa_decode(&fixed, stack->listen,
			      str_len(stack->listen)) || !is_any(&fixed) ||
		    listen_addr(&laddrv[0], stack))
			return false;
	}
	else if (!local_addrs(laddrv, stack)) {
		return false;
	}

	if (sa_cmp(&laddrv[0], &stack->laddr, SA_ADDR))
		return false;
	/* no network at all: what we have is as good */
	if (sa_is_loopback(&laddrv[0]) && !sa_is_loopback(&stack->laddr))
		return false;

	info("sip: our address is %j now, was %j\n", &laddrv[0],
	     &stack->laddr);
	doorman_stop(stack);
	sip_transp_flush(stack->sip);
	memset(stack->conn, 0, sizeof(stack->conn));
	sa_init(&stack->flow.addr, AF_UNSPEC);
	err = stack_transports_open(stack);
	if (err)
		warning("sip: no socket at %j: %m\n", &laddrv[0], err);

	return true;
}
