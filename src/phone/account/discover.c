/**
 * @file discover.c  The server that DNS names for a domain
 */
#include "discover.h"

#include <string.h>

#include "phone/sip/lookup.h"

/** The questions, best transport first */
static const struct {
	const char *prefix;
	enum sip_transp tp;
} steps[] = {
	{ "_sips._tcp", SIP_TRANSP_TLS },
	{ "_sip._tcp", SIP_TRANSP_TCP },
	{ "_sip._udp", SIP_TRANSP_UDP }
};

enum { DOMAIN_MAX = 200 };

struct job {
	struct nameservers *ns;
	struct lookup *lookup;
	struct tmr tmr;          /* Out of a question's own handler      */
	size_t step;
	char domain[DOMAIN_MAX + 1];
	struct discover_result found;
	discover_h *h;
	void *arg;
};


static void job_destructor(void *arg)
{
	struct job *job = arg;

	tmr_cancel(&job->tmr);
	mem_deref(job->lookup);
	mem_deref(job->ns);
}


static void job_end(void *arg)
{
	struct job *job = arg;

	job->h(&job->found, job->arg);
	mem_deref(job);
}


static void end_soon(struct job *job, const char *text)
{
	str_ncpy(job->found.text, text, sizeof(job->found.text));
	tmr_start(&job->tmr, 0, job_end, job);
}


static void ask(void *arg);


static void answer(enum lookup_fault fault, const struct list *rrl, void *arg)
{
	struct job *job = arg;
	struct discover_result *f = &job->found;
	const struct dnsrr *rr = NULL;
	struct le *le;
	char text[sizeof(f->text)];

	LIST_FOREACH(rrl, le)
	{
		const struct dnsrr *r = le->data;

		if (fault == LOOKUP_OK && !rr && r->type == DNS_TYPE_SRV)
			rr = r;
	}

	if (rr && str_isset(rr->rdata.srv.target) &&
	    strcmp(rr->rdata.srv.target, ".")) {
		f->tp = steps[job->step].tp;
		f->port = rr->rdata.srv.port;
		str_ncpy(f->host, rr->rdata.srv.target, sizeof(f->host));
		(void)re_snprintf(text, sizeof(text),
				  "%s, port %u, by %s: found by DNS SRV",
				  f->host, f->port, sip_transp_name(f->tp));
		end_soon(job, text);
	}
	else if (fault == LOOKUP_SILENT || fault == LOOKUP_UNSET) {
		end_soon(job, "The name servers do not answer: is there a "
			      "network?");
	}
	else if (++job->step < RE_ARRAY_SIZE(steps)) {
		tmr_start(&job->tmr, 0, ask, job);
	}
	else {
		(void)re_snprintf(text, sizeof(text), "DNS names no SIP "
				  "server for %s: the host of that name is "
				  "asked", job->domain);
		end_soon(job, text);
	}
}


static void ask(void *arg)
{
	struct job *job = arg;
	char name[DOMAIN_MAX + 32];

	job->lookup = mem_deref(job->lookup);
	(void)re_snprintf(name, sizeof(name), "%s.%s",
			  steps[job->step].prefix, job->domain);
	if (lookup_ask(&job->lookup, job->ns, name, DNS_TYPE_SRV, answer,
		       job))
		end_soon(job, "The name servers cannot be asked");
}


static bool is_domain(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

	return n && !s[n] && n <= DOMAIN_MAX && *s != '.' && *s != '-';
}


int discover(const char *domain, discover_h *h, void *arg)
{
	struct job *job;
	struct sa sa;
	int err;

	if (!domain || !h || !is_domain(domain))
		return EINVAL;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;
	job->h = h;
	job->arg = arg;
	job->found.tp = SIP_TRANSP_NONE;
	str_ncpy(job->domain, domain, sizeof(job->domain));

	if (!sa_set_str(&sa, domain, 0)) {
		end_soon(job, "An IP address is its own server");
		return 0;
	}
	err = nameservers_alloc(&job->ns, NULL);
	if (err) {
		mem_deref(job);
		return err;
	}
	ask(job);

	return 0;
}
