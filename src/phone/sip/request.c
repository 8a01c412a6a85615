/**
 * @file request.c  A request of ours: sent, challenged, sent again
 *
 * First the resolver says where it may go; then it goes to one place after
 * the other, each with a time of its own, until somebody answers (RFC 3263
 * 4.3). libre is given a number as its next hop and has nothing to find.
 *
 * The send handler of libre runs when the next hop is known and the first
 * line and Via stand in the buffer: there we see the Request-URI that the
 * digest covers and the address that will get it, and can decide whether
 * credentials go along.
 */
#include <string.h>

#include "common/log.h"
#include "phone/trace/trace.h"
#include "auth.h"
#include "catalogue.h"
#include "outbound.h"
#include "reason.h"
#include "request.h"
#include "resolver.h"
#include "stack_priv.h"

enum {
	HOP_WAIT = 4000          /* ms: 4 datagrams were sent by then     */
};

/**
 * A request on its way to one place. An INVITE that goes on to the next
 * leaves its leg behind, cancelled, because the place may come to life: it
 * ends with its transaction.
 */
struct leg {
	struct le le;
	struct request *req;         /* NULL: left behind                */
	struct sip_request *sr;
	struct stack *stack;         /* Of one left behind; it owns that */
	request_late_h *lateh;
	void *own;
};

struct request {
	struct le le;
	struct request **reqp;
	struct stack *stack;
	struct leg *leg;
	struct sip_dialog *dlg;
	struct mbuf *body;
	const char *met;
	char *hdrs;
	char *ctype;
	void *own;
	request_late_h *lateh;
	sip_resp_h *resph;
	void *arg;
	struct auth_try try;
	struct sa dst;
	struct resolver_job *job;    /* While the next hop is looked up  */
	struct srv_hop hopv[RESOLVER_HOPS];
	size_t hopc, hopi;
	struct tmr tmr;
	int err;                     /* To be told from the loop         */
	unsigned flags;
	bool cancelled;
};

static int attempt(struct request *req);

static void leg_destructor(void *arg)
{
	struct leg *leg = arg;

	list_unlink(&leg->le);
	mem_deref(leg->sr);
	mem_deref(leg->own);
}

static void destructor(void *arg)
{
	struct request *req = arg;

	list_unlink(&req->le);
	tmr_cancel(&req->tmr);
	if (req->reqp)
		*req->reqp = NULL;
	mem_deref(req->job);
	mem_deref(req->leg);
	mem_deref(req->dlg);
	mem_deref(req->body);
	mem_deref(req->hdrs);
	mem_deref(req->ctype);
	mem_deref(req->own);
}

static bool may_auth(const struct request *req, const struct sa *dst)
{
	if (!(req->flags & REQUEST_AUTH) || !req->stack->auth)
		return false;
	if (!(req->flags & REQUEST_DIALOG))
		return true;

	return sa_cmp(dst, &req->stack->server, SA_ADDR);
}

static enum auth_scope scope(const struct request *req)
{
	return req->flags & REQUEST_REGISTER ? AUTH_REGISTER : AUTH_OTHER;
}

/* met and uri point into mb, which grows: so print beside it first */
static int credentials(struct request *req, struct mbuf *mb)
{
	struct pl met, uri;
	struct mbuf *tmp;
	int err;

	err = re_regex((const char *)mb->buf, mb->end,
		       "[^ ]+ [^ ]+ SIP/2.0", &met, &uri);
	if (err)
		return err;

	tmp = mbuf_alloc(512);
	if (!tmp)
		return ENOMEM;

	err = auth_print(req->stack->auth, scope(req), tmp, &met, &uri);
	if (!err)
		err = mbuf_write_mem(mb, tmp->buf, tmp->end);
	mem_deref(tmp);

	return err;
}

static int send_handler(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	const struct leg *leg = arg;
	struct request *req = leg->req;
	struct stack *stack;
	int err = 0;

	if (!req)
		return ECONNABORTED;

	stack = req->stack;
	req->dst = *dst;
	if (!(req->flags & REQUEST_DIALOG) && !stack->direct) {
		stack->server = *dst;
		stack->tp = tp;
	}

	if (req->flags & REQUEST_REGISTER)
		err = outbound_keep(mb);
	if (!err && req->flags & REQUEST_CONTACT)
		err = req->flags & REQUEST_REGISTER ?
			outbound_contact_register(mb, stack, tp, src) :
			stack_contact_hdr(mb, stack, tp, src, dst);
	if (!err && may_auth(req, dst))
		err = credentials(req, mb);

	return err;
}

static void finish(struct request *req, int err, const struct sip_msg *msg)
{
	sip_resp_h *resph = req->resph;
	char text[256];

	if (err && trace_is_on()) {
		request_reason(text, sizeof(text), req->stack, err, NULL);
		trace_note(req->stack->aor, sip_dialog_callid(req->dlg),
			   text);
	}

	tmr_cancel(&req->tmr);
	list_unlink(&req->le);
	if (req->reqp) {
		*req->reqp = NULL;
		req->reqp = NULL;
	}
	req->resph = NULL;

	if (resph)
		resph(err, msg, req->arg);
	mem_deref(req);
}

static bool challenged(struct request *req, const struct sip_msg *msg)
{
	if (msg->scode != 401 && msg->scode != 407)
		return false;
	if (req->cancelled)
		return false;

	if (!may_auth(req, &msg->src)) {
		if (!req->stack->direct)
			warning("sip: %s: challenge from %J not answered\n",
				req->met, &msg->src);
		return false;
	}

	return 0 == auth_challenge(req->stack->auth, scope(req), msg,
				   &req->try);
}

/* A transport failed, or the server says that it is not up to it */
static bool hop_failed(int err, const struct sip_msg *msg)
{
	return err || msg->scode == 503;
}

/* The next place, if there is one */
static bool next_hop(struct request *req, int err)
{
	struct stack *stack = req->stack;

	resolver_failed(stack->resolver, &req->hopv[req->hopi]);
	if (req->cancelled || req->hopi + 1 >= req->hopc)
		return false;

	info("sip: %s: no service at %J (%m), trying %J\n", req->met,
	     &req->hopv[req->hopi].addr, err,
	     &req->hopv[req->hopi + 1].addr);
	++req->hopi;

	return 0 == attempt(req);
}

/* RFC 3261 13.2.2.4: both have taken the call */
static void late_response(struct leg *leg, int err, const struct sip_msg *msg)
{
	struct stack *stack = mem_ref(leg->stack);

	if (!err && msg->scode < 200)
		goto out;

	if (!err && msg->scode < 300) {
		info("sip: %J answered after its time\n", &msg->src);
		leg->lateh(msg, leg->own);
	}
	mem_deref(leg);

 out:
	stack_release(stack);
}

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;
	struct request *req = leg->req;
	struct stack *stack;

	if (!req) {
		late_response(leg, err, msg);
		return;
	}

	stack = mem_ref(req->stack);
	tmr_cancel(&req->tmr);
	if (!err && msg->scode < 200) {
		if (req->resph)
			req->resph(0, msg, req->arg);
		stack_release(stack);
		return;
	}

	/* the next attempt has a leg of its own */
	req->leg = mem_deref(leg);
	if (!err && challenged(req, msg)) {
		err = attempt(req);
		if (err)
			finish(req, err, NULL);
	}
	else if (!hop_failed(err, msg) || !next_hop(req, err)) {
		if (!err) {
			stack_response(stack, msg);
			if (msg->scode != 503)
				resolver_works(stack->resolver,
					       &req->hopv[req->hopi]);
		}
		finish(req, err, msg);
	}

	stack_release(stack);
}

/* libre cancels it if it comes to life; if that is too late, we hear of it */
static void leave(struct request *req)
{
	struct leg *leg = req->leg;

	req->leg = NULL;
	if (!leg || !leg->sr || !req->lateh) {
		mem_deref(leg);
		return;
	}

	leg->req   = NULL;
	leg->stack = req->stack;
	leg->lateh = req->lateh;
	leg->own   = mem_ref(req->own);
	list_append(&req->stack->legl, &leg->le, leg);
	sip_request_cancel(leg->sr);
}

/* Nobody answered in time */
static void hop_handler(void *arg)
{
	struct request *req = arg;
	struct stack *stack = mem_ref(req->stack);

	leave(req);
	if (!next_hop(req, ETIMEDOUT))
		finish(req, ETIMEDOUT, NULL);
	stack_release(stack);
}

static int message_print(struct mbuf *mb, const struct request *req)
{
	const size_t len = req->body ? mbuf_get_left(req->body) : 0;
	int err;

	err  = mbuf_write_str(mb, "Max-Forwards: 70\r\n");
	err |= sip_dialog_encode(mb, req->dlg, 0, req->met);
	err |= mbuf_printf(mb, "User-Agent: " STACK_SOFTWARE "\r\n"
			   "%s%s%s%s"
			   "Content-Length: %zu\r\n"
			   "\r\n"
			   "%b",
			   req->hdrs ? req->hdrs : "",
			   len ? "Content-Type: " : "",
			   len && req->ctype ? req->ctype : "",
			   len ? "\r\n" : "",
			   len, len ? mbuf_buf(req->body) : NULL, len);
	mb->pos = 0;

	return err;
}

static int send_to(struct request *req, const struct srv_hop *hop)
{
	char host[64], params[32];
	struct leg *leg = NULL;
	struct uri route;
	struct mbuf *mb;
	int err;

	memset(&route, 0, sizeof(route));
	if (re_snprintf(host, sizeof(host), "%j", &hop->addr) < 0 ||
	    re_snprintf(params, sizeof(params), ";transport=%s",
			sip_transp_name(hop->tp)) < 0)
		return EINVAL;
	pl_set_str(&route.scheme, "sip");
	pl_set_str(&route.host, host);
	pl_set_str(&route.params, params);
	route.port = sa_port(&hop->addr);

	mb = mbuf_alloc(2048);
	if (!mb)
		return ENOMEM;

	err = message_print(mb, req);
	if (err)
		goto out;

	leg = mem_zalloc(sizeof(*leg), leg_destructor);
	if (!leg) {
		err = ENOMEM;
		goto out;
	}

	leg->req = req;
	err = sip_request(&leg->sr, req->stack->sip, true, req->met, -1,
			  sip_dialog_uri(req->dlg), -1, &route, mb, 0,
			  send_handler, response_handler, leg);
	if (err)
		goto out;

	mem_deref(req->leg);
	req->leg = leg;

 out:
	if (err)
		mem_deref(leg);
	mem_deref(mb);

	return err;
}

/* From here on, whoever takes it */
static int attempt(struct request *req)
{
	int err = EDESTADDRREQ;

	for (; req->hopi < req->hopc; req->hopi++) {
		const struct srv_hop *hop = &req->hopv[req->hopi];

		err = send_to(req, hop);
		if (!err) {
			if (req->hopi + 1 < req->hopc)
				tmr_start(&req->tmr, HOP_WAIT, hop_handler,
					  req);
			return 0;
		}
		resolver_failed(req->stack->resolver, hop);
	}
	req->hopi = req->hopc ? req->hopc - 1 : 0;

	return err;
}

static void resolved(struct request *req)
{
	struct stack *stack = req->stack;

	if (req->flags & REQUEST_DIALOG || stack->direct)
		return;

	stack_know(stack, req->hopv, req->hopc);
	/* where we are registered is where we are known */
	if (!(req->flags & REQUEST_REGISTER) &&
	    sa_isset(&stack->flow.addr, SA_ADDR))
		srv_first(req->hopv, req->hopc, &stack->flow);
}

static void error_handler(void *arg)
{
	struct request *req = arg;
	struct stack *stack = mem_ref(req->stack);

	finish(req, req->err, NULL);
	stack_release(stack);
}

static void resolver_handler(int err, const struct srv_hop *hopv,
			     size_t hopc, void *arg)
{
	struct request *req = arg;

	req->job = mem_deref(req->job);
	if (!err) {
		memcpy(req->hopv, hopv, hopc * sizeof(*hopv));
		req->hopc = hopc;
		resolved(req);
		err = attempt(req);
	}
	if (err) {
		req->err = err;
		tmr_start(&req->tmr, 0, error_handler, req);
	}
}

static int start(struct request *req)
{
	int err;

	req->hopc = RESOLVER_HOPS;
	err = resolver_find(&req->job, req->stack->resolver,
			    sip_dialog_route(req->dlg), req->hopv,
			    &req->hopc, resolver_handler, req);
	if (err == EINPROGRESS)
		return 0;
	if (err)
		return err;

	resolved(req);

	return attempt(req);
}

int request_send(struct request **reqp, struct stack *stack,
		 const struct request_conf *conf)
{
	struct request *req;
	int err = 0;

	if (!stack || !conf || !conf->met || !conf->dlg)
		return EINVAL;

	req = mem_zalloc(sizeof(*req), destructor);
	if (!req)
		return ENOMEM;

	req->stack = stack;
	req->met   = conf->met;
	req->dlg   = mem_ref(conf->dlg);
	req->body  = mem_ref(conf->body);
	req->flags = conf->flags;
	req->lateh = conf->lateh;
	req->resph = conf->resph;
	req->arg   = conf->arg;
	if (conf->hdrs)
		err |= str_dup(&req->hdrs, conf->hdrs);
	if (conf->ctype)
		err |= str_dup(&req->ctype, conf->ctype);
	if (err)
		goto out;

	err = start(req);
	if (err)
		goto out;

	req->own = mem_ref(conf->own);
	list_append(&stack->requestl, &req->le, req);
	if (reqp) {
		req->reqp = reqp;
		*reqp = req;
	}

 out:
	if (err)
		mem_deref(req);

	return err;
}

void request_forget(struct request *req)
{
	if (!req)
		return;

	if (req->reqp) {
		*req->reqp = NULL;
		req->reqp = NULL;
	}
	req->resph = NULL;
}

void request_cancel(struct request *req)
{
	if (!req)
		return;

	req->cancelled = true;
	if (req->job) {
		req->job = mem_deref(req->job);
		req->err = ECONNABORTED;
		tmr_start(&req->tmr, 0, error_handler, req);
		return;
	}

	sip_request_cancel(req->leg ? req->leg->sr : NULL);
}

bool request_resolving(const struct request *req)
{
	return req && req->job;
}

void request_flush(struct stack *stack)
{
	struct le *le;

	if (!stack)
		return;

	while ((le = list_head(&stack->requestl)))
		mem_deref(list_ledata(le));
	list_flush(&stack->legl);
}

void request_reason(char *buf, size_t size, const struct stack *stack,
		    int err, const struct sip_msg *msg)
{
	char phrase[128] = "";

	if (!err && msg && (msg->scode == 401 || msg->scode == 407) &&
	    stack && auth_reason(stack->auth)[0]) {
		str_ncpy(buf, auth_reason(stack->auth), size);
		return;
	}

	if (err == EDESTADDRREQ && stack &&
	    resolver_reason(stack->resolver)[0]) {
		str_ncpy(buf, resolver_reason(stack->resolver), size);
		return;
	}

	if (msg)
		(void)pl_strcpy(&msg->reason, phrase, sizeof(phrase));

	reason_in(buf, size, msg ? catalogue_context(msg->cseq.met.p,
						     msg->cseq.met.l) :
		  CATALOGUE_CALL, err, msg ? msg->scode : 0, phrase,
		  stack_tls_reason(stack));
}
