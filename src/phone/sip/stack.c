/**
 * @file stack.c  One SIP stack an account: sockets, TLS, next hop
 *
 * Everything an account says on the wire goes through here. The account's
 * server is a Route on each request that is not inside a dialog, so that
 * an address of another domain, too, is reached through it. The Contact is
 * a random name at our address: a scanner cannot guess it, and nobody
 * learns from it who owns this machine.
 */
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "common/log.h"
#include "auth.h"
#include "request.h"
#include "stack_priv.h"
#include "target.h"
#include "tls_policy.h"

enum {
	HASH_TRANS = 32,
	HASH_SESS  = 16,
	DNS_SERVERS = 8,
	CLOSE_WAIT = 2000,
	CLOSE_STEP = 50
};

static void destructor(void *arg)
{
	struct stack *stack = arg;

	tmr_cancel(&stack->tmr_free);
	tmr_cancel(&stack->tmr_close);
	request_flush(stack);
	list_flush(&stack->acceptl);
	list_flush(&stack->ackl);
	mem_deref(stack->lsnr_req);
	mem_deref(stack->lsnr_resp);
	mem_deref(stack->sip);
	mem_deref(stack->dnsc);
	mem_deref(stack->policy);
	mem_deref(stack->auth);
	mem_deref(stack->ht_sess);
	mem_deref(stack->aor);
	mem_deref(stack->domain);
	mem_deref(stack->user);
	mem_deref(stack->name);
	mem_deref(stack->hop);
	mem_deref(stack->hop_tcp);
	mem_deref(stack->host);
	mem_deref(stack->seen);
}

static void free_handler(void *arg)
{
	mem_deref(arg);
}

void stack_release(struct stack *stack)
{
	if (!stack)
		return;

	if (mem_nrefs(stack) > 1) {
		mem_deref(stack);
		return;
	}

	tmr_start(&stack->tmr_free, 0, free_handler, stack);
}

/* libre prints it between quotes as it is (RFC 3261 25.1: quoted-pair) */
static int name_quote(char **namep, const char *name)
{
	struct mbuf *mb;
	const char *p;
	int err = 0;

	if (!name || !*name)
		return 0;

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	for (p = name; *p && mb->pos < 200; p++) {
		if (*p == '"' || *p == '\\')
			err |= mbuf_write_u8(mb, '\\');
		if ((uint8_t)*p >= ' ' && *p != 0x7f)
			err |= mbuf_write_u8(mb, (uint8_t)*p);
	}

	mb->pos = 0;
	if (!err)
		err = mbuf_strdup(mb, namep, mb->end);
	mem_deref(mb);

	return err;
}

static int parse_aor(struct stack *stack, struct uri *aor, const char *str)
{
	struct pl pl;
	int err;

	err = target_check(str);
	if (err)
		return err;

	pl_set_str(&pl, str);
	err = uri_decode(aor, &pl);
	if (err || (!pl_isset(&aor->user) && !stack->direct))
		return EINVAL;

	err  = target_bare(&stack->aor, aor);
	err |= pl_strdup(&stack->user, &aor->user);
	err |= re_sdprintf(&stack->domain, aor->af == AF_INET6 ?
			   "[%r]" : "%r", &aor->host);
	if (aor->port) {
		char *host = stack->domain;

		err |= re_sdprintf(&stack->domain, "%s:%u", host,
				   (unsigned)aor->port);
		mem_deref(host);
	}

	return err;
}

/* The next hop: the server if there is one, else the domain */
static int parse_server(struct stack *stack, struct uri *server,
			const struct uri *aor, const char *str)
{
	struct pl pl;
	int err;

	*server = *aor;
	if (str) {
		err = target_check(str);
		if (err)
			return err;
		pl_set_str(&pl, str);
		err = uri_decode(server, &pl);
		if (err)
			return err;
	}

	stack->tp = target_transp(server);
	if (stack->tp == SIP_TRANSP_NONE && str)
		stack->tp = target_transp(aor);
	/* a port or a number leaves nothing for DNS to choose */
	if (stack->tp == SIP_TRANSP_NONE &&
	    (server->port || server->af != AF_UNSPEC))
		stack->tp = SIP_TRANSP_UDP;

	if (stack->direct)
		return 0;

	if (!target_hosts(&stack->hop, server, stack->tp))
		return target_hosts(&stack->hop_tcp, server, SIP_TRANSP_TCP);

	if (server->af == AF_UNSPEC) {
		err = pl_strdup(&stack->host, &server->host);
		if (err)
			return err;
	}

	err  = target_hop(&stack->hop, server, stack->tp);
	err |= target_hop(&stack->hop_tcp, server, SIP_TRANSP_TCP);

	return err;
}

static int dns_init(struct stack *stack)
{
	struct sa srvv[DNS_SERVERS];
	uint32_t n = DNS_SERVERS;

	if (dns_srv_get(NULL, 0, srvv, &n) || !n) {
		info("sip: no name server is configured\n");
		return 0;
	}

	return dnsc_alloc(&stack->dnsc, NULL, srvv, n);
}

/* UDP and TCP at one port, if that port is to be had for both */
static int add_transports(struct stack *stack, struct sa *laddr)
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

static int listen_addr(struct sa *laddr, const struct stack_config *conf,
		       const struct uri *server)
{
	struct sa any;
	int err;

	if (!conf->listen)
		return target_laddr(laddr, conf->direct ? NULL :
				    &server->host);

	if (sa_decode(laddr, conf->listen, str_len(conf->listen))) {
		err = sa_set_str(laddr, conf->listen, 0);
		if (err)
			return EINVAL;
	}

	/* "any" cannot be written into Via and Contact */
	sa_init(&any, sa_af(laddr));
	if (sa_cmp(laddr, &any, SA_ADDR)) {
		uint16_t port = sa_port(laddr);

		err = target_laddr(laddr, NULL);
		if (err)
			return err;
		sa_set_port(laddr, port);
	}

	return 0;
}

/* The well-known port if nobody has it, else any */
static int direct_transports(struct stack *stack, struct sa *laddr,
			     bool chosen)
{
	int err;

	if (stack->tp == SIP_TRANSP_TLS)
		return EPROTONOSUPPORT;
	if (chosen)
		return add_transports(stack, laddr);

	sa_set_port(laddr, SIP_PORT);
	err = add_transports(stack, laddr);
	if (err) {
		sip_transp_flush(stack->sip);
		sa_set_port(laddr, 0);
		err = add_transports(stack, laddr);
	}

	return err;
}

static int transports(struct stack *stack, const struct stack_config *conf,
		      const struct uri *aor, const struct uri *server)
{
	struct sa laddr;
	int err;

	err = listen_addr(&laddr, conf, server);
	if (err)
		return err;

	if (stack->direct)
		return direct_transports(stack, &laddr,
					 conf->listen != NULL);

	/* an account that asked for TLS neither speaks nor hears anything
	   else, whatever a Contact or DNS says */
	if (stack->tp != SIP_TRANSP_TLS) {
		err = add_transports(stack, &laddr);
		if (err || stack->tp != SIP_TRANSP_NONE)
			return err;
		sa_set_port(&laddr, 0);
	}

	err = tls_policy_alloc(&stack->policy, &aor->host, &server->host,
			       conf->ca_file);
	if (err)
		return err;

	return sip_transp_add(stack->sip, SIP_TRANSP_TLS, &laddr,
			      tls_policy_tls(stack->policy));
}

static int auth_init(struct stack *stack, const struct stack_config *conf,
		     const struct uri *aor, const struct uri *server)
{
	if (stack->direct)
		return 0;

	return auth_alloc(&stack->auth,
			  conf->auth_user ? conf->auth_user : stack->user,
			  conf->realm, &aor->host, &server->host,
			  stack->h.passwordh, stack->h.arg);
}

int stack_alloc(struct stack **stackp, const struct stack_config *conf,
		const struct stack_handlers *h)
{
	struct uri aor, server;
	struct stack *stack;
	int err;

	if (!stackp || !conf || !conf->aor)
		return EINVAL;

	stack = mem_zalloc(sizeof(*stack), destructor);
	if (!stack)
		return ENOMEM;

	stack->direct = conf->direct;
	if (h)
		stack->h = *h;
	rand_str(stack->cuser, sizeof(stack->cuser));

	err = parse_aor(stack, &aor, conf->aor);
	if (err)
		goto out;
	err = parse_server(stack, &server, &aor, conf->server);
	if (err)
		goto out;

	err  = name_quote(&stack->name, conf->display_name);
	err |= hash_alloc(&stack->ht_sess, HASH_SESS);
	if (err)
		goto out;

	/* numbers need no DNS; direct targets may be anything */
	if (server.af == AF_UNSPEC || stack->direct) {
		err = dns_init(stack);
		if (err)
			goto out;
	}

	err = sip_alloc(&stack->sip, stack->dnsc, HASH_TRANS, HASH_TRANS,
			HASH_TRANS, STACK_SOFTWARE, NULL, stack);
	if (err)
		goto out;

	err = transports(stack, conf, &aor, &server);
	if (err)
		goto out;
	err = auth_init(stack, conf, &aor, &server);
	if (err)
		goto out;
	err = stack_dispatch_init(stack);
	if (err)
		goto out;
	stack_trace_init(stack);

 out:
	if (err)
		mem_deref(stack);
	else
		*stackp = stack;

	return err;
}

static void close_handler(void *arg)
{
	struct stack *stack = arg;

	if (list_isempty(&stack->requestl) ||
	    tmr_jiffies() >= stack->close_until) {
		mem_deref(stack);
		return;
	}

	tmr_start(&stack->tmr_close, CLOSE_STEP, close_handler, stack);
}

void stack_close(struct stack *stack, bool force)
{
	if (!stack)
		return;

	memset(&stack->h, 0, sizeof(stack->h));
	stack->caph = NULL;
	auth_close(stack->auth);

	if (force)
		request_flush(stack);

	if (stack->closing)
		return;
	stack->closing = true;

	if (force || list_isempty(&stack->requestl))
		return;

	/* our own reference, dropped by the timer */
	mem_ref(stack);
	stack->close_until = tmr_jiffies() + CLOSE_WAIT;
	tmr_start(&stack->tmr_close, CLOSE_STEP, close_handler, stack);
}

uint32_t stack_pending(const struct stack *stack)
{
	return stack ? list_count(&stack->requestl) : 0;
}

const char *stack_aor(const struct stack *stack)
{
	return stack ? stack->aor : NULL;
}

const char *stack_domain(const struct stack *stack)
{
	return stack ? stack->domain : NULL;
}

struct sip *stack_sip(const struct stack *stack)
{
	return stack ? stack->sip : NULL;
}

enum sip_transp stack_transp(const struct stack *stack)
{
	if (!stack || stack->tp == SIP_TRANSP_NONE)
		return SIP_TRANSP_UDP;

	return stack->tp;
}

int stack_laddr(const struct stack *stack, enum sip_transp tp,
		struct sa *laddr)
{
	if (!stack || !laddr)
		return EINVAL;

	return sip_transp_laddr(stack->sip, laddr, tp, NULL) ? ENOENT : 0;
}

const char *stack_realm(const struct stack *stack)
{
	return stack ? auth_realm(stack->auth) : NULL;
}

const char *stack_tls_reason(const struct stack *stack)
{
	return stack ? tls_policy_reason(stack->policy) : "";
}

bool stack_tls_verified(const struct stack *stack)
{
	return stack && stack->tp == SIP_TRANSP_TLS &&
		tls_policy_verified(stack->policy);
}

void stack_set_capability_handler(struct stack *stack,
				  stack_capability_h *h, void *arg)
{
	if (!stack)
		return;

	stack->caph = h;
	stack->caparg = arg;
}

int stack_contact_print(struct re_printf *pf, const struct stack *stack)
{
	enum sip_transp tp = stack_transp(stack);
	struct sa laddr;

	if (!stack || stack_laddr(stack, tp, &laddr))
		return 0;

	return re_hprintf(pf, "sip:%s@%J%s", stack->cuser, &laddr,
			  sip_transp_param(tp));
}

/*
 * A server finds its connection to us again by the address it sees, which
 * is that of our end of it, not the one we listen at. On loopback, where
 * one machine plays many, the address of the end says nothing: there the
 * listening address is the better name. REGISTER keeps to that one always,
 * because a Contact that changes leaves a stale binding.
 */
static bool end_counts(enum sip_transp tp, const struct sa *end)
{
	return tp > SIP_TRANSP_UDP && tp < SIP_TRANSPC &&
		sa_isset(end, SA_ALL) && !sa_is_loopback(end);
}

int stack_contact_hdr(struct mbuf *mb, const struct stack *stack,
		      enum sip_transp tp, const struct sa *src,
		      const struct sa *dst)
{
	const struct sa *addr = src;

	if (dst && end_counts(tp, &stack->conn[MAX(tp, 0)]) &&
	    sa_cmp(dst, &stack->server, SA_ALL))
		addr = &stack->conn[tp];

	return mbuf_printf(mb, "Contact: <sip:%s@%J%s>\r\n", stack->cuser,
			   addr, sip_transp_param(tp));
}

int stack_contact_reply(struct re_printf *pf, const struct stack *stack,
			const struct sip_msg *msg)
{
	struct sa addr;

	if (end_counts(msg->tp, &msg->dst) ||
	    sip_transp_laddr(stack->sip, &addr, msg->tp, &msg->src))
		addr = msg->dst;

	return re_hprintf(pf, "Contact: <sip:%s@%J%s>\r\n", stack->cuser,
			  &addr, sip_transp_param(msg->tp));
}

void stack_nodelay(const struct sip_msg *msg)
{
	struct tcp_conn *tc = sip_msg_tcpconn(msg);
	const int on = 1;

	if (tc)
		(void)setsockopt(tcp_conn_fd(tc), IPPROTO_TCP, TCP_NODELAY,
				 &on, sizeof(on));
}

void stack_response(struct stack *stack, const struct sip_msg *msg)
{
	stack_nodelay(msg);
	if (msg->tp > SIP_TRANSP_UDP && msg->tp < SIP_TRANSPC &&
	    sa_cmp(&msg->src, &stack->server, SA_ALL))
		stack->conn[msg->tp] = msg->dst;
}

int stack_dialog(struct sip_dialog **dlgp, const struct stack *stack,
		 const char *uri, bool tcp)
{
	const char *routev[1];
	char *ruri = NULL, *hop = NULL;
	struct uri u;
	struct pl pl;
	int err;

	err = target_check(uri);
	if (err)
		return err;

	pl_set_str(&pl, uri);
	err = uri_decode(&u, &pl);
	if (err)
		return EINVAL;

	if (stack->direct) {
		/* RFC 3261 18.1.1; a transport the user named stays */
		tcp = tcp && target_transp(&u) == SIP_TRANSP_NONE;
		if (!target_hosts(&hop, &u, tcp ? SIP_TRANSP_TCP :
				  target_transp(&u)))
			routev[0] = hop;
		err = re_sdprintf(&ruri, "%s%s", uri,
				  tcp ? ";transport=tcp" : "");
		if (!err)
			err = sip_dialog_alloc(dlgp, ruri, uri, stack->name,
					       stack->aor, routev,
					       hop ? 1 : 0);
	}
	else {
		routev[0] = tcp ? stack->hop_tcp : stack->hop;
		err = sip_dialog_alloc(dlgp, uri, uri, stack->name,
				       stack->aor, routev, 1);
	}

	mem_deref(ruri);
	mem_deref(hop);

	return err;
}
