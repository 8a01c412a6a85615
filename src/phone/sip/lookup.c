/**
 * @file lookup.c  One question to the name servers
 *
 * Each question has a socket of its own, connected to the server it asks:
 * a stranger would have to guess port and id, and a server that is not
 * there is known by ICMP at once. The servers are asked in turn, a second
 * each, until one answers. An answer that says "I could not find out" is
 * kept while the next server is asked.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lookup.h"

enum {
	SERVERS    = 4,
	TRY        = 1000,       /* ms for a server, first round          */
	LIMIT      = 5000,       /* ms for all of it                      */
	TRIES      = 12,
	RECORDS    = 64,
	NAME_LEN   = 253,        /* RFC 1035 2.3.4 */
	LABEL_MAX  = 63
};

struct nameservers {
	struct sa srvv[SERVERS];
	size_t srvc;
	char *file;
	struct timespec mtime;
	off_t size;
	ino_t ino;
};

struct lookup {
	struct nameservers *ns;
	struct udp_sock *us;
	struct tcp_conn *tc;
	struct mbuf *in;         /* What came by TCP so far               */
	struct tmr tmr;
	struct sa srv;
	struct list rrl;
	char *name;
	uint64_t until;
	uint16_t type;
	uint16_t id;
	unsigned tries;
	enum lookup_fault fault; /* What the last answer said             */
	lookup_h *h;
	void *arg;
};

static void next(struct lookup *l);


/* ---- who is asked ------------------------------------------------------ */

static void nameservers_destructor(void *arg)
{
	struct nameservers *ns = arg;

	mem_deref(ns->file);
}

static void read_line(struct nameservers *ns, const char *line)
{
	struct sa *sa = &ns->srvv[ns->srvc];
	static const char word[] = "nameserver";
	struct pl addr;

	if (ns->srvc >= SERVERS || strncmp(line, word, sizeof(word) - 1) ||
	    re_regex(line + sizeof(word) - 1, str_len(line) - sizeof(word) +
		     1, "[ \t]+[^ \t\r\n%]+", NULL, &addr))
		return;

	if (!sa_set(sa, &addr, DNS_PORT))
		++ns->srvc;
}

bool nameservers_follow(struct nameservers *ns)
{
	struct sa old[SERVERS];
	char line[512];
	struct stat st;
	size_t n, i;
	bool same;
	FILE *f;

	if (!ns || stat(ns->file, &st))
		return false;
	if (ns->ino == st.st_ino && ns->size == st.st_size &&
	    ns->mtime.tv_sec == st.st_mtim.tv_sec &&
	    ns->mtime.tv_nsec == st.st_mtim.tv_nsec)
		return false;

	f = fopen(ns->file, "re");
	if (!f)
		return false;

	memcpy(old, ns->srvv, sizeof(old));
	n = ns->srvc;
	ns->srvc = 0;
	ns->ino = st.st_ino;
	ns->size = st.st_size;
	ns->mtime = st.st_mtim;

	while (fgets(line, sizeof(line), f))
		read_line(ns, line);
	(void)fclose(f);

	same = n == ns->srvc;
	for (i = 0; same && i < n; i++)
		same = sa_cmp(&old[i], &ns->srvv[i], SA_ALL);

	return !same;
}

int nameservers_alloc(struct nameservers **nsp, const char *file)
{
	struct nameservers *ns;
	int err;

	if (!nsp)
		return EINVAL;

	ns = mem_zalloc(sizeof(*ns), nameservers_destructor);
	if (!ns)
		return ENOMEM;

	err = str_dup(&ns->file, file ? file : "/etc/resolv.conf");
	if (err) {
		mem_deref(ns);
		return err;
	}

	(void)nameservers_follow(ns);
	*nsp = ns;

	return 0;
}

size_t nameservers_count(const struct nameservers *ns)
{
	return ns ? ns->srvc : 0;
}


/* ---- the wire ---------------------------------------------------------- */

/* libre writes a label's length as it is */
static bool name_ok(const char *name)
{
	size_t n = 0;
	const char *p;

	if (!name || !*name || str_len(name) > NAME_LEN)
		return false;

	for (p = name; *p; p++) {
		n = *p == '.' ? 0 : n + 1;
		if (n > LABEL_MAX || (*p == '.' && (p == name ||
						    p[-1] == '.')))
			return false;
	}

	return true;
}

int lookup_encode(struct mbuf *mb, uint16_t id, const char *name,
		  uint16_t type)
{
	struct dnshdr hdr;
	int err;

	if (!mb || !name_ok(name))
		return EINVAL;

	memset(&hdr, 0, sizeof(hdr));
	hdr.id = id;
	hdr.opcode = DNS_OPCODE_QUERY;
	hdr.rd = true;
	hdr.nq = 1;

	err  = dns_hdr_encode(mb, &hdr);
	err |= dns_dname_encode(mb, name, NULL, 0, false);
	err |= mbuf_write_u16(mb, htons(type));
	err |= mbuf_write_u16(mb, htons(DNS_CLASS_IN));

	return err;
}

static bool question_is(struct mbuf *mb, const char *name, uint16_t type)
{
	char *q = NULL;
	bool ok = false;

	if (dns_dname_decode(mb, &q, 0))
		return false;

	if (q && mbuf_get_left(mb) >= 4)
		ok = ntohs(mbuf_read_u16(mb)) == type &&
			ntohs(mbuf_read_u16(mb)) == DNS_CLASS_IN &&
			!str_casecmp(q, name);
	mem_deref(q);

	return ok;
}

void lookup_flush(struct list *rrl)
{
	struct le *le;

	while (rrl && (le = list_head(rrl))) {
		struct dnsrr *rr = le->data;

		list_unlink(le);
		mem_deref(rr);
	}
}

int lookup_decode(enum lookup_fault *faultp, bool *cutp, struct list *rrl,
		  struct mbuf *mb, uint16_t id, const char *name,
		  uint16_t type)
{
	struct mbuf *msg;
	struct dnshdr hdr;
	size_t i, n;
	bool found = false;
	int err = 0;

	if (!faultp || !cutp || !rrl || !mb || !name)
		return EINVAL;

	/* pointers in names count from the start of the message */
	msg = mbuf_alloc(mbuf_get_left(mb) + 1);
	if (!msg)
		return ENOMEM;
	(void)mbuf_write_mem(msg, mbuf_buf(mb), mbuf_get_left(mb));
	msg->pos = 0;

	if (dns_hdr_decode(msg, &hdr) || !hdr.qr || hdr.id != id ||
	    hdr.nq != 1 || !question_is(msg, name, type)) {
		err = EBADMSG;
		goto out;
	}

	*cutp = hdr.tc;
	*faultp = LOOKUP_NONE;
	if (hdr.rcode == DNS_RCODE_NAME_ERR)
		goto out;
	if (hdr.rcode != DNS_RCODE_OK) {
		*faultp = LOOKUP_FAILED;
		goto out;
	}

	n = MIN((size_t)hdr.nans, (size_t)RECORDS);
	for (i = 0; i < n && !hdr.tc; i++) {
		struct dnsrr *rr = NULL;

		if (dns_rr_decode(msg, &rr, 0)) {
			lookup_flush(rrl);
			*faultp = LOOKUP_GARBLED;
			goto out;
		}
		found |= rr->type == type;
		list_append(rrl, &rr->le_priv, rr);
	}
	if (found)
		*faultp = LOOKUP_OK;

 out:
	mem_deref(msg);

	return err;
}


/* ---- asking ------------------------------------------------------------ */

static void lookup_destructor(void *arg)
{
	struct lookup *l = arg;

	tmr_cancel(&l->tmr);
	lookup_flush(&l->rrl);
	mem_deref(l->us);
	mem_deref(l->tc);
	mem_deref(l->in);
	mem_deref(l->name);
	mem_deref(l->ns);
}

static void finish(struct lookup *l, enum lookup_fault fault)
{
	lookup_h *h = l->h;

	tmr_cancel(&l->tmr);
	l->h = NULL;
	if (fault != LOOKUP_OK)
		lookup_flush(&l->rrl);

	mem_ref(l);
	if (h)
		h(fault, &l->rrl, l->arg);
	l->us = mem_deref(l->us);
	l->tc = mem_deref(l->tc);
	mem_deref(l);
}

static void timeout(void *arg)
{
	next(arg);
}

/* A question that only the end of the clock answers */
static void unset_handler(void *arg)
{
	struct lookup *l = arg;

	finish(l, l->fault);
}

static void tcp_estab_handler(void *arg)
{
	struct lookup *l = arg;
	struct mbuf *mb = mbuf_alloc(512);

	if (!mb)
		return;

	mb->pos = 2;
	if (!lookup_encode(mb, l->id, l->name, l->type)) {
		mb->pos = 0;
		(void)mbuf_write_u16(mb, htons((uint16_t)(mb->end - 2)));
		mb->pos = 0;
		(void)tcp_send(l->tc, mb);
	}
	mem_deref(mb);
}

static void answered(struct lookup *l, struct mbuf *mb, bool tcp);

static void tcp_recv_handler(struct mbuf *mb, void *arg)
{
	struct lookup *l = arg;
	size_t len;

	if (!l->in)
		l->in = mbuf_alloc(1024);
	if (!l->in || mbuf_write_mem(l->in, mbuf_buf(mb), mbuf_get_left(mb)))
		return;
	if (l->in->end < 2)
		return;

	len = (size_t)l->in->buf[0] << 8 | l->in->buf[1];
	if (l->in->end < len + 2)
		return;

	l->in->pos = 2;
	l->in->end = len + 2;
	mem_ref(l);
	answered(l, l->in, true);
	mem_deref(l);
}

static void tcp_close_handler(int err, void *arg)
{
	struct lookup *l = arg;
	(void)err;

	l->tc = mem_deref(l->tc);
	tmr_start(&l->tmr, 0, timeout, l);
}

static void by_tcp(struct lookup *l)
{
	l->in = mem_deref(l->in);
	l->us = mem_deref(l->us);
	l->tc = mem_deref(l->tc);
	if (tcp_connect(&l->tc, &l->srv, tcp_estab_handler, tcp_recv_handler,
			tcp_close_handler, l))
		tmr_start(&l->tmr, 0, timeout, l);
	else
		tmr_start(&l->tmr, 2 * TRY, timeout, l);
}

static void answered(struct lookup *l, struct mbuf *mb, bool tcp)
{
	enum lookup_fault fault = LOOKUP_GARBLED;
	bool cut = false;

	if (lookup_decode(&fault, &cut, &l->rrl, mb, l->id, l->name,
			  l->type)) {
		l->fault = LOOKUP_GARBLED;
		if (tcp)
			tmr_start(&l->tmr, 0, timeout, l);
		return;
	}

	if (cut && !tcp) {
		by_tcp(l);
		return;
	}

	if (fault == LOOKUP_OK || fault == LOOKUP_NONE) {
		finish(l, fault);
		return;
	}

	/* the next one may know better */
	l->fault = fault;
	if (l->tries >= l->ns->srvc)
		finish(l, fault);
	else
		tmr_start(&l->tmr, 0, timeout, l);
}

static void udp_recv_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct lookup *l = arg;

	if (sa_cmp(src, &l->srv, SA_ALL))
		answered(l, mb, false);
}

static void udp_error_handler(int err, void *arg)
{
	struct lookup *l = arg;
	(void)err;

	/* nobody there: give the others their turn, but do not spin */
	tmr_start(&l->tmr, l->tries < l->ns->srvc ? 0 : TRY / 2, timeout, l);
}

static int send_udp(struct lookup *l)
{
	struct mbuf *mb;
	struct sa any;
	int err;

	sa_init(&any, sa_af(&l->srv));
	err = udp_listen(&l->us, &any, udp_recv_handler, l);
	if (err)
		return err;
	udp_error_handler_set(l->us, udp_error_handler);
	err = udp_connect(l->us, &l->srv);
	if (err)
		return err;

	mb = mbuf_alloc(512);
	if (!mb)
		return ENOMEM;
	err = lookup_encode(mb, l->id, l->name, l->type);
	mb->pos = 0;
	if (!err)
		err = udp_send(l->us, &l->srv, mb);
	mem_deref(mb);

	return err;
}

static void next(struct lookup *l)
{
	const uint64_t now = tmr_jiffies();
	const size_t n = l->ns->srvc;
	uint64_t wait;

	l->us = mem_deref(l->us);
	l->tc = mem_deref(l->tc);
	if (!n || now >= l->until || l->tries >= TRIES) {
		finish(l, n ? l->fault : LOOKUP_UNSET);
		return;
	}

	l->srv = l->ns->srvv[l->tries % n];
	l->id = rand_u16();
	wait = l->tries < n ? TRY : 2 * TRY;
	++l->tries;
	if (send_udp(l))
		wait = TRY / 10;

	tmr_start(&l->tmr, MIN(wait, l->until - now), timeout, l);
}

int lookup_ask(struct lookup **lp, struct nameservers *ns, const char *name,
	       uint16_t type, lookup_h *h, void *arg)
{
	struct lookup *l;
	int err;

	if (!lp || !ns || !name || !h)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), lookup_destructor);
	if (!l)
		return ENOMEM;

	err = str_dup(&l->name, name);
	if (err) {
		mem_deref(l);
		return err;
	}

	l->ns = mem_ref(ns);
	l->type = type;
	l->h = h;
	l->arg = arg;
	l->until = tmr_jiffies() + LIMIT;
	l->fault = LOOKUP_SILENT;

	if (!name_ok(name)) {
		l->fault = LOOKUP_NONE;
		tmr_start(&l->tmr, 0, unset_handler, l);
	}
	else {
		tmr_start(&l->tmr, 0, timeout, l);
	}

	*lp = l;

	return 0;
}
