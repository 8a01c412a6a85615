/**
 * @file prefilter.c  A datagram before libre's parser sees it
 *
 * Looks at the bytes only as far as it must: the first of them, and the
 * first Via line. Whatever else is wrong with the message is the parser's
 * and the gate's to find.
 */
#include <string.h>

#include "prefilter.h"

enum { HEAD_MAX = 16384 };

static bool space(char c)
{
	return c == ' ' || c == '\t';
}

/* The value of the next header line, folded lines included; moves *p
   behind it */
static bool next_line(struct pl *name, struct pl *val, struct pl *rest)
{
	const char *p = rest->p, *end = rest->p + rest->l, *nl, *colon;

	if (p >= end || *p == '\r' || *p == '\n')
		return false;

	for (nl = p;; nl++) {
		nl = memchr(nl, '\n', (size_t)(end - nl));
		if (!nl)
			return false;
		if (nl + 1 >= end || !space(nl[1]))
			break;
	}

	colon = memchr(p, ':', (size_t)(nl - p));
	name->p = p;
	name->l = colon ? (size_t)(colon - p) : 0;
	while (name->l && space(name->p[name->l - 1]))
		--name->l;
	val->p = colon ? colon + 1 : nl;
	val->l = (size_t)(nl - val->p);
	while (val->l && strchr(" \t\r", val->p[val->l - 1]))
		--val->l;

	rest->p = nl + 1;
	rest->l = (size_t)(end - rest->p);

	return true;
}

/* A parameter of this name in one header value? */
static bool has_param(const struct pl *val, const char *name)
{
	const size_t len = strlen(name);
	size_t i, k;

	for (i = 0; i < val->l; i++) {
		if (val->p[i] != ';')
			continue;
		for (k = i + 1; k < val->l && strchr(" \t\r\n", val->p[k]);)
			++k;
		if (val->l - k < len || strncasecmp(val->p + k, name, len))
			continue;
		for (k += len; k < val->l && strchr(" \t\r\n", val->p[k]);)
			++k;
		if (k < val->l && val->p[k] == '=')
			return true;
	}

	return false;
}

static uint64_t mix(uint64_t key, const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++)         /* FNV-1a */
		key = (key ^ (uint8_t)pl->p[i]) * 0x100000001b3ull;

	return (key ^ 0xff) * 0x100000001b3ull;
}

static bool is_one_of(const struct pl *name, const char *a, const char *b)
{
	return !pl_strcasecmp(name, a) || (b && !pl_strcasecmp(name, b));
}

/* CSeq's number: a CANCEL and an ACK belong to their INVITE */
static struct pl number(struct pl val)
{
	struct pl num = { NULL, 0 };

	while (val.l && space(*val.p))
		pl_advance(&val, 1);
	num.p = val.p;
	while (num.l < val.l && num.p[num.l] >= '0' && num.p[num.l] <= '9')
		++num.l;

	return num;
}

/* Up to the first comma or parameter: sent-protocol and sent-by */
static size_t sent_by(const struct pl *via)
{
	size_t i;

	for (i = 0; i < via->l; i++) {
		if (via->p[i] == ';' || via->p[i] == ',')
			break;
	}
	while (i && strchr(" \t\r\n", via->p[i - 1]))
		--i;

	return i;
}

struct head {
	struct pl via;           /* The first value of the first Via      */
	struct pl from;
	size_t hdrs;             /* Where the first header begins         */
	bool contact;
	uint64_t key;
};

static bool read_head(struct head *h, const struct mbuf *mb)
{
	struct pl name, val, rest;
	const char *nl;

	rest.p = (const char *)mbuf_buf(mb);
	rest.l = MIN(mbuf_get_left(mb), (size_t)HEAD_MAX);
	nl = memchr(rest.p, '\n', rest.l);
	if (!nl)
		return false;
	pl_advance(&rest, nl + 1 - rest.p);

	memset(h, 0, sizeof(*h));
	h->hdrs = (size_t)(rest.p - (const char *)mb->buf);
	h->key = 0xcbf29ce484222325ull;
	while (next_line(&name, &val, &rest)) {
		if (is_one_of(&name, "via", "v")) {
			if (!h->via.p)
				h->via = val;
		}
		else if (is_one_of(&name, "contact", "m")) {
			h->contact = true;
		}
		else if (is_one_of(&name, "from", "f")) {
			h->from = val;
			h->key = mix(h->key, &val);
		}
		else if (is_one_of(&name, "call-id", "i")) {
			h->key = mix(h->key, &val);
		}
		else if (is_one_of(&name, "cseq", NULL)) {
			val = number(val);
			h->key = mix(h->key, &val);
		}
	}

	return h->via.p != NULL;
}

static void insert(struct mbuf *mb, size_t at, const char *text)
{
	const size_t len = strlen(text);

	if (mbuf_resize(mb, mb->end + len))
		return;

	memmove(mb->buf + at + len, mb->buf + at, mb->end - at);
	memcpy(mb->buf + at, text, len);
	mb->end += len;
}

/* RFC 2543 6.13: without a Contact it is the From that is called back */
static void contact_of(char *text, size_t size, const struct mbuf *mb,
		       const struct head *h)
{
	struct sip_addr addr;

	text[0] = '\0';
	if (h->contact || !pl_isset(&h->from) || mbuf_get_left(mb) < 7 ||
	    memcmp(mbuf_buf(mb), "INVITE ", 7) ||
	    sip_addr_decode(&addr, &h->from))
		return;

	if (re_snprintf(text, size, "Contact: <%r>\r\n", &addr.auri) < 0)
		text[0] = '\0';
}

static void add_branch(struct mbuf *mb)
{
	struct head h;
	struct pl first;
	char branch[64], contact[512];
	size_t n;

	if (!read_head(&h, mb))
		return;

	first = h.via;
	for (n = 0; n < first.l && first.p[n] != ',';)
		++n;
	first.l = n;
	if (has_param(&first, "branch"))
		return;

	n = sent_by(&first);
	if (!n || re_snprintf(branch, sizeof(branch), ";branch="
			      PREFILTER_BRANCH "%016llx", h.key) < 0)
		return;
	contact_of(contact, sizeof(contact), mb, &h);

	/* the later place first; the buffer may move */
	insert(mb, (size_t)(first.p + n - (const char *)mb->buf), branch);
	insert(mb, h.hdrs, contact);
}

bool prefilter_run(struct mbuf *mb)
{
	size_t n = 0, left;
	const uint8_t *p;

	if (!mb)
		return false;

	p = mbuf_buf(mb);
	left = mbuf_get_left(mb);
	while (n < left && (p[n] == '\r' || p[n] == '\n'))
		++n;
	if (left - n < 4 || p[n] <= ' ' || p[n] >= 0x7f)
		return false;

	if (n) {
		memmove(mb->buf + mb->pos, p + n, left - n);
		mb->end -= n;
	}

	/* an answer carries the branch that we gave it */
	if (mbuf_get_left(mb) < 8 || memcmp(mbuf_buf(mb), "SIP/2.0 ", 8))
		add_branch(mb);

	return true;
}
