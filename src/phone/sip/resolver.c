/**
 * @file resolver.c  From a SIP URI to addresses: what is known already
 *
 * Numbers, the hosts file and what was found before need no question.
 * What was found is kept as long as the records live, and longer while the
 * name servers are silent: an old address is better than none. Who did not
 * answer lately comes last. All else is resolver_walk.c.
 */
#include <string.h>

#include "common/log.h"
#include "hosts.h"
#include "resolver_priv.h"
#include "target.h"

enum {
	CACHE   = 16,
	TTL_MIN = 30             /* s (S-24) */
};

/* Lives as long as a resolver does; each stack has its own reference */
static struct dnsc *dnsc;
static unsigned dnsc_users;

struct dnsc *resolver_dnsc(void)
{
	struct sa srvv[4];
	uint32_t n = RE_ARRAY_SIZE(srvv);

	if (!dnsc && !dns_srv_get(NULL, 0, srvv, &n) && n)
		(void)dnsc_alloc(&dnsc, NULL, srvv, n);

	return dnsc;
}

static void dnsc_follow(void)
{
	struct sa srvv[4];
	uint32_t n = RE_ARRAY_SIZE(srvv);

	if (dnsc && !dns_srv_get(NULL, 0, srvv, &n) && n)
		(void)dnsc_srv_set(dnsc, srvv, n);
}

static void resolver_destructor(void *arg)
{
	struct resolver *r = arg;

	list_flush(&r->foundl);
	mem_deref(r->ns);
	if (!--dnsc_users)
		dnsc = mem_deref(dnsc);
}

int resolver_alloc(struct resolver **rp, struct sip *sip)
{
	struct resolver *r;
	int err;

	if (!rp || !sip)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), resolver_destructor);
	if (!r)
		return ENOMEM;

	++dnsc_users;
	r->sip = sip;
	err = nameservers_alloc(&r->ns, NULL);
	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}

bool resolver_usable(const struct resolver *r, enum sip_transp tp, int af)
{
	struct sa any, laddr;

	sa_init(&any, af);

	return 0 == sip_transp_laddr(r->sip, &laddr, tp, &any);
}

bool resolver_usable_any(const struct resolver *r, enum sip_transp tp)
{
	return resolver_usable(r, tp, AF_INET) ||
		resolver_usable(r, tp, AF_INET6);
}

void resolver_say(struct resolver *r, enum lookup_fault fault,
		  const char *host)
{
	static const char *const textv[] = {
		[LOOKUP_OK]      = "has no address that can be used (DNS)",
		[LOOKUP_NONE]    = "does not exist (DNS)",
		[LOOKUP_FAILED]  = "the name servers could not find out"
				   " (DNS)",
		[LOOKUP_GARBLED] = "the name servers' answer makes no sense"
				   " (DNS)",
		[LOOKUP_SILENT]  = "the name servers do not answer (DNS)",
		[LOOKUP_UNSET]   = "this machine knows no name server (DNS)",
	};

	(void)re_snprintf(r->reason, sizeof(r->reason),
			  "The name %s cannot be found: %s%s", host,
			  fault <= LOOKUP_NONE ? "it " : "", textv[fault]);
}

const char *resolver_reason(const struct resolver *r)
{
	return r ? r->reason : "";
}

void resolver_failed(struct resolver *r, const struct srv_hop *hop)
{
	if (r)
		srv_dead_add(&r->dead, hop, tmr_jiffies());
}

void resolver_works(struct resolver *r, const struct srv_hop *hop)
{
	if (r)
		srv_dead_remove(&r->dead, hop);
}

void resolver_forget(struct resolver *r)
{
	if (r)
		memset(&r->dead, 0, sizeof(r->dead));
}


/* ---- what is known ----------------------------------------------------- */

static void found_destructor(void *arg)
{
	struct resolver_found *f = arg;

	list_unlink(&f->le);
}

struct resolver_found *resolver_recall(const struct resolver *r,
				       const char *key)
{
	struct le *le;

	LIST_FOREACH(&r->foundl, le) {
		struct resolver_found *f = le->data;

		if (!strcmp(f->key, key))
			return f;
	}

	return NULL;
}

void resolver_remember(struct resolver *r, const char *key,
		       const struct srv_hop *hopv, size_t hopc, uint32_t ttl)
{
	struct resolver_found *f;

	mem_deref(resolver_recall(r, key));
	if (list_count(&r->foundl) >= CACHE)
		mem_deref(list_ledata(list_tail(&r->foundl)));

	f = mem_zalloc(sizeof(*f) + hopc * sizeof(*hopv), found_destructor);
	if (!f)
		return;

	str_ncpy(f->key, key, sizeof(f->key));
	memcpy(f->hopv, hopv, hopc * sizeof(*hopv));
	f->hopc = hopc;
	f->until = tmr_jiffies() + 1000ull *
		MIN(MAX(ttl, (uint32_t)TTL_MIN),
		    (uint32_t)RESOLVER_TTL_MAX);
	list_prepend(&r->foundl, &f->le, f);
}

/* Other name servers, another world; but what was known may still serve */
static void expire(struct resolver *r)
{
	struct le *le;

	LIST_FOREACH(&r->foundl, le) {
		struct resolver_found *f = le->data;

		f->until = MIN(f->until, tmr_jiffies());
	}
}

size_t resolver_hand_out(struct resolver *r, struct srv_hop *hopv,
			 size_t room, const struct srv_hop *from, size_t n)
{
	n = MIN(n, room);
	memmove(hopv, from, n * sizeof(*hopv));
	srv_dead_last(&r->dead, hopv, n, tmr_jiffies());

	return n;
}

/* ---- the door ---------------------------------------------------------- */

/* RFC 3263 4.1: without a word about it, UDP where we have it */
static enum sip_transp default_transp(const struct resolver *r)
{
	return resolver_usable_any(r, SIP_TRANSP_UDP) ? SIP_TRANSP_UDP :
		SIP_TRANSP_TLS;
}

static size_t from_hosts(const struct resolver *r, struct srv_hop *hopv,
			 size_t room, const struct resolver_ask *ask)
{
	struct sa sav[RESOLVER_HOPS];
	size_t i, n, k = 0;

	n = hosts_find(sav, RE_ARRAY_SIZE(sav), ask->host);
	for (i = 0; i < n && k < room; i++) {
		if (!resolver_usable(r, ask->use, sa_af(&sav[i])))
			continue;
		hopv[k].tp = ask->use;
		hopv[k].addr = sav[i];
		sa_set_port(&hopv[k++].addr, ask->use_port);
	}

	return k;
}

static int known(struct resolver *r, const struct resolver_ask *ask,
		 struct srv_hop *hopv, size_t *hopc)
{
	const struct resolver_found *f;
	size_t n;

	if (!sa_set_str(&hopv[0].addr, ask->host, ask->use_port)) {
		if (!resolver_usable(r, ask->use, sa_af(&hopv[0].addr)))
			return EPROTONOSUPPORT;
		hopv[0].tp = ask->use;
		*hopc = 1;
		return 0;
	}

	if (!resolver_usable_any(r, ask->use))
		return EPROTONOSUPPORT;

	n = from_hosts(r, hopv, *hopc, ask);
	if (n) {
		*hopc = resolver_hand_out(r, hopv, *hopc, hopv, n);
		return 0;
	}

	f = resolver_recall(r, ask->key);
	if (f && f->until > tmr_jiffies()) {
		*hopc = resolver_hand_out(r, hopv, *hopc, f->hopv, f->hopc);
		return 0;
	}

	return ENOENT;
}

int resolver_find(struct resolver_job **jobp, struct resolver *r,
		  const struct uri *uri, struct srv_hop *hopv, size_t *hopc,
		  resolver_h *h, void *arg)
{
	struct resolver_ask ask;
	struct pl pl;
	int err;

	if (!jobp || !r || !uri || !hopv || !hopc || !*hopc || !h)
		return EINVAL;

	/* RFC 3261 19.1.1: maddr is where to send; nobody uses it but to
	   lead astray, so it is not looked at */
	ask.tp = target_transp(uri);
	if (ask.tp == SIP_TRANSP_NONE &&
	    !msg_param_decode(&uri->params, "transport", &pl))
		return EPROTONOSUPPORT;
	if (pl_strcpy(&uri->host, ask.host, sizeof(ask.host)))
		return EINVAL;

	ask.port = uri->port;
	ask.use = ask.tp == SIP_TRANSP_NONE ? default_transp(r) : ask.tp;
	ask.use_port = sip_transp_port(ask.use, uri->port);
	(void)re_snprintf(ask.key, sizeof(ask.key), "%d|%s|%u", (int)ask.tp,
			  ask.host, uri->port);

	if (nameservers_follow(r->ns)) {
		info("sip: the name servers changed\n");
		dnsc_follow();
		expire(r);
	}

	err = known(r, &ask, hopv, hopc);
	if (err != ENOENT)
		return err;

	return resolver_walk(jobp, r, &ask, h, arg);
}
