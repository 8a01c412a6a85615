/**
 * @file resolver_walk.c  From a SIP URI to addresses: the questions
 *
 * A job goes through three steps, NAPTR, SRV, addresses, and enters where
 * the URI lets it: a named transport skips the first, a port the first
 * two. Each step asks its questions at once and goes on when all are
 * answered.
 */
#include <string.h>

#include "common/log.h"
#include "resolver_priv.h"
#include "target.h"

enum {
	QUESTIONS = 2 * SRV_RECORDS,
	ADDRS     = 8,           /* of one name                           */
	KEEP      = 7 * 86400    /* s an old result may serve             */
};

/* The addresses of one server's name */
struct addrs {
	struct sa v4[ADDRS], v6[ADDRS];
	size_t n4, n6;
};

struct question {
	struct resolver_job *job;
	struct lookup *l;
	size_t rec;              /* whose addresses are asked for         */
	enum sip_transp tp;      /* which transport's SRV                 */
};

struct resolver_job {
	struct resolver *r;
	char key[RESOLVER_KEY];
	char host[SRV_NAME];
	enum sip_transp tp;
	struct question qv[QUESTIONS];
	size_t qc, pending;
	void (*step)(struct resolver_job *job);
	struct srv_rec srvv[SIP_TRANSPC][SRV_RECORDS];
	size_t srvc[SIP_TRANSPC];
	struct srv_rec *recv;    /* the chosen ones                       */
	size_t recc;
	struct addrs *addrv;
	char naptr[SIP_TRANSPC][SRV_NAME];
	enum lookup_fault fault; /* the worst                             */
	uint32_t ttl;
	resolver_h *h;
	void *arg;
};

static void ask_naptr(struct resolver_job *job);
static void ask_srv(struct resolver_job *job);
static void ask_addrs(struct resolver_job *job);


/* A server has an address of its own */
static bool addr_ok(const struct sa *sa)
{
	if (!sa_isset(sa, SA_ADDR))
		return false;
	if (sa_af(sa) == AF_INET) {
		const uint32_t a = sa_in(sa);

		return a >> 24 != 0 && a >> 28 != 0xe && a != 0xffffffff;
	}

	return sa->u.in6.sin6_addr.s6_addr[0] != 0xff;
}

static uint32_t draw(uint32_t n)
{
	return n ? rand_u32() % n : 0;
}

/* ---- the end of a job -------------------------------------------------- */

static void job_destructor(void *arg)
{
	struct resolver_job *job = arg;
	size_t i;

	for (i = 0; i < job->qc; i++)
		mem_deref(job->qv[i].l);
	mem_deref(job->addrv);
	mem_deref(job->r);
}

static void finish(struct resolver_job *job, int err,
		   const struct srv_hop *hopv, size_t hopc)
{
	resolver_h *h = job->h;

	job->h = NULL;
	if (h)
		h(err, hopv, hopc, job->arg);
}

static void give_up(struct resolver_job *job)
{
	struct resolver *r = job->r;
	struct srv_hop hopv[RESOLVER_HOPS];
	struct resolver_found *f = resolver_recall(r, job->key);
	size_t n;

	resolver_say(r, job->fault, job->host);

	/* a name that is gone is gone; a server that is silent says nothing
	   about the name */
	if (f && job->fault >= LOOKUP_FAILED &&
	    tmr_jiffies() < f->until + KEEP * 1000ull) {
		info("sip: %s An address found earlier is used.\n",
		     r->reason);
		n = resolver_hand_out(r, hopv, RESOLVER_HOPS, f->hopv,
				      f->hopc);
		finish(job, 0, hopv, n);
		return;
	}

	finish(job, EDESTADDRREQ, NULL, 0);
}

static bool routed(const struct sa *sa)
{
	char buf[64];
	struct sa laddr;
	struct pl pl;

	if (re_snprintf(buf, sizeof(buf), "%j", sa) < 0)
		return false;
	pl_set_str(&pl, buf);

	return 0 == target_laddr(&laddr, &pl);
}

/* IPv6 first where there is a way to it (RFC 6724), then in turns */
static size_t add_addrs(const struct resolver *r, struct srv_hop *hopv,
			size_t n, const struct addrs *a, uint16_t port,
			enum sip_transp tp)
{
	const bool v6 = a->n6 && routed(&a->v6[0]);
	size_t i;

	for (i = 0; i < ADDRS; i++) {
		int k;

		for (k = 0; k < 2 && n < RESOLVER_HOPS; k++) {
			const bool six = v6 ? !k : k;
			const struct sa *sa = six ? &a->v6[i] : &a->v4[i];

			if (i >= (six ? a->n6 : a->n4) ||
			    !resolver_usable(r, tp, sa_af(sa)))
				continue;
			hopv[n].addr = *sa;
			sa_set_port(&hopv[n].addr, port);
			hopv[n++].tp = tp;
		}
	}

	return n;
}

static void addrs_done(struct resolver_job *job)
{
	struct resolver *r = job->r;
	struct srv_hop hopv[RESOLVER_HOPS];
	size_t i, n = 0;

	for (i = 0; i < job->recc; i++)
		n = add_addrs(r, hopv, n, &job->addrv[i], job->recv[i].port,
			      job->tp);

	if (!n) {
		give_up(job);
		return;
	}

	r->reason[0] = '\0';
	resolver_remember(r, job->key, hopv, n, job->ttl);
	n = resolver_hand_out(r, hopv, RESOLVER_HOPS, hopv, n);
	finish(job, 0, hopv, n);
}


/* ---- the steps --------------------------------------------------------- */

static void answered(struct question *q, enum lookup_fault fault)
{
	struct resolver_job *job = q->job;

	q->l = mem_deref(q->l);
	job->fault = MAX(job->fault, fault);
	if (--job->pending)
		return;

	mem_ref(job);
	/* who is silent now will be silent at the next step */
	if (job->fault >= LOOKUP_SILENT)
		give_up(job);
	else
		job->step(job);
	mem_deref(job);
}

static void ask(struct resolver_job *job, const char *name, uint16_t type,
		lookup_h *h, size_t rec, enum sip_transp tp)
{
	struct question *q;

	if (job->qc >= QUESTIONS)
		return;

	q = &job->qv[job->qc];
	q->job = job;
	q->rec = rec;
	q->tp = tp;
	if (!lookup_ask(&q->l, job->r->ns, name, type, h, q)) {
		++job->qc;
		++job->pending;
	}
}

static void begin(struct resolver_job *job,
		  void (*step)(struct resolver_job *job))
{
	size_t i;

	for (i = 0; i < job->qc; i++)
		job->qv[i].l = mem_deref(job->qv[i].l);
	job->qc = 0;
	job->pending = 0;
	job->step = step;
	job->fault = LOOKUP_OK;
}

static void asked(struct resolver_job *job)
{
	if (!job->pending)
		finish(job, ENOMEM, NULL, 0);
}

static void lifetime(struct resolver_job *job, const struct dnsrr *rr)
{
	if (rr->ttl >= 0 && rr->ttl < (int64_t)job->ttl)
		job->ttl = (uint32_t)rr->ttl;
}

static void addr_handler(enum lookup_fault fault, const struct list *rrl,
			 void *arg)
{
	struct question *q = arg;
	struct addrs *a = &q->job->addrv[q->rec];
	struct le *le;

	LIST_FOREACH(rrl, le) {
		const struct dnsrr *rr = le->data;
		struct sa sa;

		if (rr->type == DNS_TYPE_A)
			sa_set_in(&sa, rr->rdata.a.addr, 0);
		else if (rr->type == DNS_TYPE_AAAA)
			sa_set_in6(&sa, rr->rdata.aaaa.addr, 0);
		else
			continue;
		if (!addr_ok(&sa))
			continue;

		lifetime(q->job, rr);
		if (sa_af(&sa) == AF_INET && a->n4 < ADDRS)
			a->v4[a->n4++] = sa;
		else if (sa_af(&sa) == AF_INET6 && a->n6 < ADDRS)
			a->v6[a->n6++] = sa;
	}

	/* one family may well be missing */
	if (fault == LOOKUP_NONE && (a->n4 || a->n6))
		fault = LOOKUP_OK;
	answered(q, fault);
}

static void ask_addrs(struct resolver_job *job)
{
	size_t i;

	begin(job, addrs_done);
	job->addrv = mem_deref(job->addrv);
	job->addrv = mem_zalloc(job->recc * sizeof(*job->addrv), NULL);
	if (!job->addrv) {
		finish(job, ENOMEM, NULL, 0);
		return;
	}

	for (i = 0; i < job->recc; i++) {
		struct srv_rec *rec = &job->recv[i];
		struct sa sa;

		/* some write a number where a name belongs */
		if (!sa_set_str(&sa, rec->target, 0)) {
			struct addrs *a = &job->addrv[i];

			if (sa_af(&sa) == AF_INET)
				a->v4[a->n4++] = sa;
			else
				a->v6[a->n6++] = sa;
			continue;
		}
		if (resolver_usable(job->r, job->tp, AF_INET))
			ask(job, rec->target, DNS_TYPE_A, addr_handler, i,
			    job->tp);
		if (resolver_usable(job->r, job->tp, AF_INET6))
			ask(job, rec->target, DNS_TYPE_AAAA, addr_handler, i,
			    job->tp);
	}

	if (!job->pending)
		addrs_done(job);
}

/* No SRV: the name itself (RFC 3263 4.2) */
static void host_itself(struct resolver_job *job, uint16_t port)
{
	struct srv_rec *rec = &job->srvv[job->tp][0];

	memset(rec, 0, sizeof(*rec));
	str_ncpy(rec->target, job->host, sizeof(rec->target));
	rec->port = sip_transp_port(job->tp, port);
	job->recv = rec;
	job->recc = 1;
	ask_addrs(job);
}

static void srv_done(struct resolver_job *job)
{
	/* RFC 3263 4.1: the client chooses; the safest that is offered */
	static const enum sip_transp tpv[] = {
		SIP_TRANSP_TLS, SIP_TRANSP_TCP, SIP_TRANSP_UDP
	};
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(tpv); i++) {
		const enum sip_transp tp = tpv[i];

		if (!job->srvc[tp])
			continue;
		job->tp = tp;
		job->recv = job->srvv[tp];
		job->recc = job->srvc[tp];
		srv_order(job->recv, job->recc, draw);
		ask_addrs(job);
		return;
	}

	if (job->tp == SIP_TRANSP_NONE)
		job->tp = resolver_usable_any(job->r, SIP_TRANSP_UDP) ?
			SIP_TRANSP_UDP : SIP_TRANSP_TLS;
	host_itself(job, 0);
}

static void srv_handler(enum lookup_fault fault, const struct list *rrl,
			void *arg)
{
	struct question *q = arg;
	struct resolver_job *job = q->job;
	struct le *le;

	LIST_FOREACH(rrl, le) {
		const struct dnsrr *rr = le->data;
		struct srv_rec *rec;

		if (rr->type != DNS_TYPE_SRV || !rr->rdata.srv.port ||
		    !str_isset(rr->rdata.srv.target) ||
		    str_len(rr->rdata.srv.target) >= SRV_NAME ||
		    job->srvc[q->tp] >= SRV_RECORDS)
			continue;

		rec = &job->srvv[q->tp][job->srvc[q->tp]++];
		rec->pri = rr->rdata.srv.pri;
		rec->weight = rr->rdata.srv.weight;
		rec->port = rr->rdata.srv.port;
		str_ncpy(rec->target, rr->rdata.srv.target,
			 sizeof(rec->target));
		lifetime(job, rr);
	}

	answered(q, fault);
}

static const char *service(enum sip_transp tp)
{
	switch (tp) {

	case SIP_TRANSP_UDP: return "_sip._udp";
	case SIP_TRANSP_TCP: return "_sip._tcp";
	default:             return "_sips._tcp";
	}
}

static void ask_srv(struct resolver_job *job)
{
	char name[SRV_NAME + 16];
	int tp;

	begin(job, srv_done);
	for (tp = SIP_TRANSP_UDP; tp <= SIP_TRANSP_TLS; tp++) {
		if (job->tp != SIP_TRANSP_NONE && job->tp != (int)tp)
			continue;
		if (!resolver_usable_any(job->r, tp))
			continue;

		if (job->naptr[tp][0])
			str_ncpy(name, job->naptr[tp], sizeof(name));
		else
			(void)re_snprintf(name, sizeof(name), "%s.%s",
					  service(tp), job->host);
		ask(job, name, DNS_TYPE_SRV, srv_handler, 0, tp);
	}
	asked(job);
}

static enum sip_transp naptr_transp(const struct dnsrr *rr)
{
	const char *s = rr->rdata.naptr.services;

	if (!s || !str_isset(rr->rdata.naptr.replace) ||
	    str_len(rr->rdata.naptr.replace) >= SRV_NAME ||
	    str_casecmp(rr->rdata.naptr.flags, "s"))
		return SIP_TRANSP_NONE;
	if (!str_casecmp(s, "SIP+D2U"))
		return SIP_TRANSP_UDP;
	if (!str_casecmp(s, "SIP+D2T"))
		return SIP_TRANSP_TCP;
	if (!str_casecmp(s, "SIPS+D2T"))
		return SIP_TRANSP_TLS;

	return SIP_TRANSP_NONE;
}

/* The lowest order, then preference, that we can speak (RFC 3403 4.1) */
static void naptr_handler(enum lookup_fault fault, const struct list *rrl,
			  void *arg)
{
	struct question *q = arg;
	struct resolver_job *job = q->job;
	const struct dnsrr *best = NULL;
	struct le *le;

	LIST_FOREACH(rrl, le) {
		const struct dnsrr *rr = le->data;
		enum sip_transp tp;

		if (rr->type != DNS_TYPE_NAPTR)
			continue;
		tp = naptr_transp(rr);
		if (tp == SIP_TRANSP_NONE || !resolver_usable_any(job->r, tp))
			continue;
		if (best && (best->rdata.naptr.order < rr->rdata.naptr.order ||
			     (best->rdata.naptr.order ==
			      rr->rdata.naptr.order &&
			      best->rdata.naptr.pref <=
			      rr->rdata.naptr.pref)))
			continue;
		best = rr;
	}

	if (best) {
		job->tp = naptr_transp(best);
		str_ncpy(job->naptr[job->tp], best->rdata.naptr.replace,
			 SRV_NAME);
		lifetime(job, best);
	}
	answered(q, fault);
}

static void ask_naptr(struct resolver_job *job)
{
	begin(job, ask_srv);
	ask(job, job->host, DNS_TYPE_NAPTR, naptr_handler, 0, job->tp);
	asked(job);
}

int resolver_walk(struct resolver_job **jobp, struct resolver *r,
		  const struct resolver_ask *ask, resolver_h *h, void *arg)
{
	struct resolver_job *job;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->r = mem_ref(r);
	job->tp = ask->tp;
	job->ttl = RESOLVER_TTL_MAX;
	job->h = h;
	job->arg = arg;
	str_ncpy(job->host, ask->host, sizeof(job->host));
	str_ncpy(job->key, ask->key, sizeof(job->key));
	*jobp = job;

	if (ask->port) {
		job->tp = ask->use;
		host_itself(job, ask->port);
	}
	else if (ask->tp == SIP_TRANSP_NONE) {
		ask_naptr(job);
	}
	else {
		ask_srv(job);
	}

	return EINPROGRESS;
}
