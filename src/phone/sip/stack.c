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
#include "doorman.h"
#include "outbound.h"
#include "request.h"
#include "resolver.h"
#include "stack_priv.h"
#include "target.h"
#include "tls_policy.h"

enum {
	HASH_TRANS = 32,
	HASH_SESS  = 16,
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
	doorman_stop(stack);
	mem_deref(stack->lsnr_req);
	mem_deref(stack->lsnr_resp);
	mem_deref(stack->sip);
	mem_deref(stack->resolver);
	mem_deref(stack->ob);
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
	mem_deref(stack->listen);
	mem_deref(stack->allow);
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
	struct srv_hop hop;
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

	err = pl_strdup(&stack->host, &server->host);
	if (err)
		return err;

	memset(&hop, 0, sizeof(hop));
	if (!sa_set(&hop.addr, &server->host, SIP_PORT))
		stack_know(stack, &hop, 1);

	err  = target_hop(&stack->hop, server, stack->tp);
	err |= target_hop(&stack->hop_tcp, server, SIP_TRANSP_TCP);

	return err;
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

/* For a server, and for a direct account that has something to show */
static int tls_init(struct stack *stack, const struct stack_config *conf,
		    const struct uri *aor, const struct uri *server)
{
	const struct tls_policy_conf tc = {
		.domain = &aor->host,
		.server = &server->host,
		.ca_file = conf->ca_file,
		.pin = conf->pin,
		.own_cert = conf->client_cert,
	};

	if (stack->direct && !str_isset(conf->client_cert))
		return stack->tp == SIP_TRANSP_TLS ? EPROTONOSUPPORT : 0;
	if (stack->tp != SIP_TRANSP_TLS && stack->tp != SIP_TRANSP_NONE &&
	    !stack->direct)
		return 0;

	return tls_policy_alloc(&stack->policy, &tc);
}

static int copy(struct stack *stack, const struct stack_config *conf)
{
	int err;

	stack->direct = conf->direct;
	err  = name_quote(&stack->name, conf->display_name);
	err |= hash_alloc(&stack->ht_sess, HASH_SESS);
	err |= outbound_alloc(&stack->ob, conf->instance);
	if (str_isset(conf->listen))
		err |= str_dup(&stack->listen, conf->listen);
	if (str_isset(conf->allow))
		err |= str_dup(&stack->allow, conf->allow);

	return err;
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

	if (h)
		stack->h = *h;

	err = copy(stack, conf);
	if (err)
		goto out;
	err = parse_aor(stack, &aor, conf->aor);
	if (err)
		goto out;
	err = parse_server(stack, &server, &aor, conf->server);
	if (err)
		goto out;
	err = tls_init(stack, conf, &aor, &server);
	if (err)
		goto out;

	err = sip_alloc(&stack->sip, resolver_dnsc(), HASH_TRANS, HASH_TRANS,
			HASH_TRANS, STACK_SOFTWARE, NULL, stack);
	if (err)
		goto out;
	err = resolver_alloc(&stack->resolver, stack->sip);
	if (err)
		goto out;
	err = stack_transports_open(stack);
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
	stack->notifyh = NULL;
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

	/* of two families the one that leads to the server */
	return sip_transp_laddr(stack->sip, laddr, tp,
				sa_isset(&stack->server, SA_ADDR) ?
				&stack->server : NULL) ? ENOENT : 0;
}

int stack_laddr_for(const struct stack *stack, enum sip_transp tp,
		    const struct sa *dst, struct sa *laddr)
{
	return sip_transp_laddr(stack->sip, laddr, tp, dst) ? ENOENT : 0;
}

const char *stack_realm(const struct stack *stack)
{
	return stack ? auth_realm(stack->auth) : NULL;
}

const char *stack_gruu(const struct stack *stack)
{
	return stack ? outbound_gruu(stack->ob) : NULL;
}

const char *stack_tls_reason(const struct stack *stack)
{
	return stack ? tls_policy_reason(stack->policy) : "";
}

const struct tls_cert *stack_tls_cert(const struct stack *stack)
{
	return stack ? tls_policy_cert(stack->policy) : NULL;
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

void stack_know(struct stack *stack, const struct srv_hop *hopv, size_t hopc)
{
	size_t i, k;

	for (i = 0; i < hopc; i++) {
		for (k = 0; k < stack->knownc; k++) {
			if (sa_cmp(&stack->knownv[k], &hopv[i].addr, SA_ADDR))
				break;
		}
		if (k < stack->knownc)
			continue;
		/* the oldest goes */
		if (stack->knownc == STACK_KNOWN) {
			memmove(&stack->knownv[0], &stack->knownv[1],
				(STACK_KNOWN - 1) * sizeof(struct sa));
			--stack->knownc;
		}
		stack->knownv[stack->knownc++] = hopv[i].addr;
	}
}

/* Directly: a number or a name that somebody typed, no server between */
static int dialog_direct(struct sip_dialog **dlgp, const struct stack *stack,
			 const char *uri, const struct uri *u, bool tcp)
{
	char *ruri = NULL;
	int err;

	/* RFC 3261 18.1.1; a transport the user named stays */
	tcp = tcp && target_transp(u) == SIP_TRANSP_NONE;
	err = re_sdprintf(&ruri, "%s%s", uri, tcp ? ";transport=tcp" : "");
	if (!err)
		err = sip_dialog_alloc(dlgp, ruri, uri, stack->name,
				       stack->aor, NULL, 0);
	tls_policy_expect(stack->policy, &u->host);
	mem_deref(ruri);

	return err;
}

/* RFC 3608 6.1: the server the user named, then the way that the registrar
   told us; without a name the latter alone */
static size_t routes(const struct stack *stack, const char **routev,
		     size_t max, bool tcp)
{
	size_t n;

	routev[0] = tcp ? stack->hop_tcp : stack->hop;
	n = outbound_routes(stack->ob, routev + 1, max - 1);

	return n + 1;
}

void stack_set_notify_handler(struct stack *stack, stack_notify_h *h,
			      void *arg)
{
	if (!stack)
		return;

	stack->notifyh = h;
	stack->notify_arg = arg;
}

int stack_dialog(struct sip_dialog **dlgp, const struct stack *stack,
		 const char *uri, bool tcp)
{
	const char *routev[1 + OUTBOUND_ROUTES];
	struct uri u;
	struct pl pl;
	int err;

	err = target_check(uri);
	if (err)
		return err;

	pl_set_str(&pl, uri);
	if (uri_decode(&u, &pl))
		return EINVAL;

	if (stack->direct)
		return dialog_direct(dlgp, stack, uri, &u, tcp);

	return sip_dialog_alloc(dlgp, uri, uri, stack->name, stack->aor,
				routev, (uint32_t)routes(
					stack, routev,
					RE_ARRAY_SIZE(routev), tcp));
}
