/**
 * @file session_hdr.c  Header values of sessions, taken apart
 *
 * Everything here comes from the network. Numbers have limits, slices point
 * into the message, and what does not fit is an error and no guess.
 */
#include <string.h>

#include "address.h"
#include "session_hdr.h"

enum { NUMBER_MAX = 10, HEADER_MAX = 1024 };

static bool number(const struct pl *pl, uint32_t *np)
{
	uint64_t n = 0;
	size_t i;

	if (!pl->l || pl->l > NUMBER_MAX)
		return false;

	for (i = 0; i < pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(pl->p[i] - '0');
	}
	*np = (uint32_t)n;

	return n <= UINT32_MAX;
}

static struct pl trimmed(const char *p, size_t l)
{
	struct pl pl;

	while (l && strchr(" \t\r\n", *p)) {
		++p;
		--l;
	}
	while (l && strchr(" \t\r\n", p[l - 1]))
		--l;
	pl.p = p;
	pl.l = l;

	return pl;
}

/* The next piece of val up to a ";" outside of quotes and angles */
static bool piece(const struct pl *val, size_t *pos, struct pl *out)
{
	bool quote = false, angle = false;
	size_t i = *pos;

	if (i > val->l)
		return false;

	for (; i < val->l; i++) {
		char c = val->p[i];

		if (quote && c == '\\')
			++i;
		else if (c == '"')
			quote = !quote;
		else if (!quote && (c == '<' || c == '>'))
			angle = c == '<';
		else if (!quote && !angle && c == ';')
			break;
	}
	i = MIN(i, val->l);
	*out = trimmed(val->p + *pos, i - *pos);
	*pos = i + 1;

	return true;
}

bool hdr_param(const struct pl *val, const char *name, struct pl *value)
{
	struct pl p, key, v;
	size_t pos = 0;
	bool first = true;

	while (piece(val, &pos, &p)) {
		const char *eq = p.l ? memchr(p.p, '=', p.l) : NULL;

		if (first) {
			first = false;
			continue;
		}
		key = eq ? trimmed(p.p, (size_t)(eq - p.p)) : p;
		if (pl_strcasecmp(&key, name))
			continue;

		v = eq ? trimmed(eq + 1, (size_t)(p.p + p.l - eq - 1)) :
			 (struct pl){ p.p + p.l, 0 };
		if (v.l >= 2 && v.p[0] == '"' && v.p[v.l - 1] == '"') {
			++v.p;
			v.l -= 2;
		}
		if (value)
			*value = v;
		return true;
	}

	return false;
}

int session_expires_decode(struct session_expires *se, const struct pl *val)
{
	struct pl p;
	size_t pos = 0;

	if (!se || !val || !piece(val, &pos, &p) || !number(&p, &se->secs) ||
	    !se->secs)
		return EBADMSG;

	se->refresher = REFRESHER_NONE;
	if (!hdr_param(val, "refresher", &p))
		return 0;
	if (!pl_strcasecmp(&p, "uac"))
		se->refresher = REFRESHER_UAC;
	else if (!pl_strcasecmp(&p, "uas"))
		se->refresher = REFRESHER_UAS;

	return 0;
}

int rack_decode(struct rack *rack, const struct pl *val)
{
	struct pl rseq, cseq;

	if (!rack || !val ||
	    re_regex(val->p, val->l, "[0-9]+[ \t]+[0-9]+[ \t]+[^ \t\r\n]+",
		     &rseq, NULL, &cseq, NULL, &rack->met) ||
	    !number(&rseq, &rack->rseq) || !number(&cseq, &rack->cseq))
		return EBADMSG;

	return 0;
}

int replaces_decode(struct replaces *rep, const struct pl *val)
{
	size_t pos = 0;

	if (!rep || !val || !piece(val, &pos, &rep->callid) ||
	    !pl_isset(&rep->callid) ||
	    !hdr_param(val, "to-tag", &rep->to_tag) ||
	    !hdr_param(val, "from-tag", &rep->from_tag))
		return EBADMSG;

	rep->early_only = hdr_param(val, "early-only", NULL);

	return 0;
}

int reason_decode(struct reason_hdr *r, const struct pl *val)
{
	struct pl cause;
	uint32_t n = 0;
	size_t pos = 0;

	if (!r || !val || !piece(val, &pos, &r->protocol) ||
	    !pl_isset(&r->protocol))
		return EBADMSG;

	if (hdr_param(val, "cause", &cause) &&
	    (!number(&cause, &n) || n > 999))
		return EBADMSG;
	r->cause = (uint16_t)n;
	if (!hdr_param(val, "text", &r->text))
		r->text = (struct pl){ NULL, 0 };

	return 0;
}

static int unescape(char **strp, const struct pl *pl)
{
	char buf[HEADER_MAX];
	size_t i, n = 0;

	for (i = 0; i < pl->l && n < sizeof(buf) - 1; i++) {
		uint8_t c = (uint8_t)pl->p[i];

		if (c == '%' && i + 2 < pl->l) {
			c = (uint8_t)(ch_hex(pl->p[i + 1]) << 4 |
				      ch_hex(pl->p[i + 2]));
			i += 2;
		}
		if (c < ' ' || c >= 0x7f)
			return EBADMSG;
		buf[n++] = (char)c;
	}
	if (i < pl->l)
		return EBADMSG;
	buf[n] = '\0';

	return str_dup(strp, buf);
}

/* "?Replaces=..&Require=.." */
static int header_of(char **strp, const struct pl *headers, const char *name)
{
	const char *p = headers->p, *end;

	if (!pl_isset(headers))
		return 0;

	end = p + headers->l;
	while (p < end) {
		const char *amp, *eq;
		struct pl key, val;

		if (*p == '?' || *p == '&') {
			++p;
			continue;
		}
		amp = memchr(p, '&', (size_t)(end - p));
		if (!amp)
			amp = end;
		eq = memchr(p, '=', (size_t)(amp - p));
		if (eq) {
			key = (struct pl){ p, (size_t)(eq - p) };
			val = (struct pl){ eq + 1, (size_t)(amp - eq - 1) };
			if (!pl_strcasecmp(&key, name))
				return unescape(strp, &val);
		}
		p = amp;
	}

	return 0;
}

int refer_to_decode(struct refer_to *rt, const struct pl *val)
{
	struct sip_addr addr;
	struct replaces rep;
	struct pl met, pl;
	char *text = NULL;
	int err;

	if (!rt || !val)
		return EINVAL;

	memset(rt, 0, sizeof(*rt));
	if (sip_addr_decode(&addr, val) || !pl_isset(&addr.uri.host))
		return EBADMSG;
	if (pl_strcasecmp(&addr.uri.scheme, "sip") &&
	    pl_strcasecmp(&addr.uri.scheme, "sips"))
		return ENOTSUP;
	if (!msg_param_decode(&addr.uri.params, "method", &met) &&
	    pl_strcasecmp(&met, "INVITE"))
		return ENOTSUP;

	err = pl_strdup(&text, &addr.auri);
	if (!err)
		err = address_target(&rt->uri, text, NULL);
	if (!err && pl_isset(&addr.uri.headers))
		err = header_of(&rt->replaces, &addr.uri.headers, "Replaces");
	if (!err && rt->replaces) {
		pl_set_str(&pl, rt->replaces);
		err = replaces_decode(&rep, &pl);
	}
	mem_deref(text);
	if (err) {
		rt->uri = mem_deref(rt->uri);
		rt->replaces = mem_deref(rt->replaces);
		return err == ENOMEM ? err : EBADMSG;
	}

	return 0;
}

int header_escape(struct re_printf *pf, const char *s)
{
	int err = 0;

	for (; s && *s && !err; s++) {
		const char c = *s;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-_.!~*'()", c))
			err = pf->vph(&c, 1, pf->arg);
		else
			err = re_hprintf(pf, "%%%02X", (uint8_t)c);
	}

	return err;
}

uint16_t sipfrag_code(const char *body, size_t len)
{
	struct pl pl;

	if (!body || len < 11 || memcmp(body, "SIP/2.0 ", 8))
		return 0;

	pl.p = body + 8;
	pl.l = 3;
	if (pl.p[0] < '1' || pl.p[0] > '6' || pl.p[1] < '0' ||
	    pl.p[1] > '9' || pl.p[2] < '0' || pl.p[2] > '9')
		return 0;

	return (uint16_t)pl_u32(&pl);
}

bool hdr_safe(const char *s)
{
	for (; s && *s; s++) {
		const uint8_t c = (uint8_t)*s;

		if (c < ' ' || c == 0x7f)
			return false;
	}

	return s != NULL;
}
