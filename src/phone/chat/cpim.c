/**
 * @file cpim.c  message/cpim (RFC 3862): an envelope around a message
 *
 * Three parts, parted by empty lines: the headers of the envelope, the MIME
 * headers of what is in it, and the body. Unknown headers are skipped, a
 * value that makes no sense counts as absent: only what cannot be an
 * envelope at all is refused. Each part is bounded.
 */
#include "cpim.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

enum {
	CPIM_MAX   = 256 << 10,   /* bytes                               */
	HEADER_MAX = 100,         /* lines in one part                   */
	VALUE_MAX  = 1024,        /* bytes of one value                  */
	ID_MAX     = 255,
	DEPTH_MAX  = 4,
};

/** What one level gives besides the fields of struct cpim */
struct level {
	struct cpim *cpim;
	char ns[32];              /* prefix of urn:ietf:params:imdn      */
	bool any;                 /* a header that tells it is one       */
	bool bad_encoding;
};

typedef int (header_h)(struct level *lv, const struct pl *name,
		       const struct pl *val);


static void drop(const char *const *field)
{
	mem_deref((void *)(uintptr_t)*field);
}


static void cpim_destructor(void *data)
{
	struct cpim *c = data;

	drop(&c->from_uri);
	drop(&c->from_name);
	drop(&c->to_uri);
	drop(&c->to_name);
	drop(&c->subject);
	drop(&c->message_id);
	drop(&c->ctype);
	drop(&c->charset);
	drop(&c->disposition);
}


/* ---- values ------------------------------------------------------------ */

static void trim(struct pl *pl)
{
	while (pl->l && (*pl->p == ' ' || *pl->p == '\t'))
		pl_advance(pl, 1);
	while (pl->l && (pl->p[pl->l - 1] == ' ' ||
			 pl->p[pl->l - 1] == '\t'))
		--pl->l;
}


/* Replace a field; a later one of two counts */
static int keep(const char **field, const char *s, size_t len)
{
	struct pl pl = {s, len};
	char *str;
	int err;

	err = pl_strdup(&str, &pl);
	if (err)
		return err;

	drop(field);
	*field = str;

	return 0;
}


static int keep_lower(const char **field, const struct pl *val)
{
	char buf[128];
	size_t i;

	if (val->l >= sizeof(buf))
		return 0;
	for (i = 0; i < val->l; i++) {
		if (val->p[i] <= 0x20 || val->p[i] >= 0x7f)
			return 0;
		buf[i] = (char)tolower((unsigned char)val->p[i]);
	}

	return keep(field, buf, i);
}


/* Printable ASCII, or the value counts as absent */
static bool is_printable(const struct pl *val, char lowest, const char *but)
{
	size_t i;

	for (i = 0; i < val->l; i++) {
		if (val->p[i] < lowest || val->p[i] >= 0x7f ||
		    strchr(but, val->p[i]))
			return false;
	}

	return val->l > 0;
}


static uint32_t hex4(const char *p)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return 0;
		v = v << 4 | ch_hex(p[i]);
	}

	return v;
}


/* RFC 3862 2.3.1: escapes in a value; never longer than it was */
static size_t unescape(char *buf, const struct pl *val)
{
	size_t i = 0, o = 0;

	while (i < val->l) {
		char c = val->p[i++];
		uint32_t cp;

		if (c != '\\' || i == val->l) {
			buf[o++] = c;
			continue;
		}

		c = val->p[i++];
		if (c == 'u' && i + 4 <= val->l &&
		    (cp = hex4(val->p + i)) != 0) {
			o += text_encode(buf + o, cp);
			i += 4;
		}
		else if (c == 'n' || c == 'r' || c == 't' || c == 'b')
			buf[o++] = ' ';
		else
			buf[o++] = c;
	}

	return o;
}


static int keep_text(const char **field, const struct pl *val)
{
	char buf[VALUE_MAX], *clean;
	size_t n;
	int err;

	if (val->l > sizeof(buf))
		return 0;

	n = unescape(buf, val);
	clean = text_clean(buf, n, TEXT_NAME);
	if (!clean)
		return ENOMEM;
	err = keep(field, clean, strlen(clean));
	free(clean);

	return err;
}


/* RFC 3862 3.1: [name] "<" URI ">" */
static int keep_address(const char **urip, const char **namep,
			const struct pl *val)
{
	const char *lt = pl_strrchr(val, '<'), *gt = pl_strrchr(val, '>');
	struct pl uri, name;
	int err;

	if (!lt || !gt || gt < lt)
		return 0;

	uri.p = lt + 1;
	uri.l = (size_t)(gt - lt) - 1;
	if (uri.l > 512 || !is_printable(&uri, 0x21, "<>\""))
		return 0;

	name.p = val->p;
	name.l = (size_t)(lt - val->p);
	trim(&name);
	if (name.l >= 2 && name.p[0] == '"' && name.p[name.l - 1] == '"') {
		pl_advance(&name, 1);
		--name.l;
	}

	err = keep(urip, uri.p, uri.l);
	if (!err)
		err = keep_text(namep, &name);

	return err;
}


/* "NS: prefix <urn:ietf:params:imdn>" */
static void take_ns(struct level *lv, const struct pl *val)
{
	const char *lt = pl_strchr(val, '<');
	struct pl urn, prefix;

	if (!lt)
		return;
	urn.p = lt;
	urn.l = (size_t)(val->p + val->l - lt);
	prefix.p = val->p;
	prefix.l = (size_t)(lt - val->p);
	trim(&urn);
	trim(&prefix);
	if (!pl_strcasecmp(&urn, "<urn:ietf:params:imdn>") &&
	    prefix.l < sizeof(lv->ns))
		(void)pl_strcpy(&prefix, lv->ns, sizeof(lv->ns));
}


static unsigned notify_of(const struct pl *val)
{
	static const struct {
		const char *name;
		unsigned flag;
	} v[] = {
		{"positive-delivery", CPIM_POSITIVE_DELIVERY},
		{"negative-delivery", CPIM_NEGATIVE_DELIVERY},
		{"display",           CPIM_DISPLAY},
		{"processing",        CPIM_PROCESSING},
	};
	struct pl rest = *val;
	unsigned flags = 0;

	while (rest.l) {
		const char *comma = pl_strchr(&rest, ',');
		size_t n = comma ? (size_t)(comma - rest.p) : rest.l, i;
		struct pl one = {rest.p, n};

		trim(&one);
		for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
			if (!pl_strcasecmp(&one, v[i].name))
				flags |= v[i].flag;
		}
		pl_advance(&rest, (ssize_t)(comma ? n + 1 : n));
	}

	return flags;
}


/* ---- headers ----------------------------------------------------------- */

/* Is it this header of the imdn namespace, whatever its prefix? */
static bool is_imdn(const struct level *lv, const struct pl *name,
		    const char *header)
{
	const char *dot = pl_strchr(name, '.');
	struct pl prefix, local;

	if (!dot)
		return false;
	prefix.p = name->p;
	prefix.l = (size_t)(dot - name->p);
	local.p = dot + 1;
	local.l = name->l - prefix.l - 1;

	return !pl_strcasecmp(&prefix, lv->ns) &&
		!pl_strcasecmp(&local, header);
}


static int envelope_header(struct level *lv, const struct pl *name,
			   const struct pl *val)
{
	struct cpim *c = lv->cpim;

	if (!pl_strcasecmp(name, "From")) {
		lv->any = true;
		return keep_address(&c->from_uri, &c->from_name, val);
	}
	if (!pl_strcasecmp(name, "To")) {
		lv->any = true;
		return keep_address(&c->to_uri, &c->to_name, val);
	}
	if (!pl_strcasecmp(name, "Subject"))
		return keep_text(&c->subject, val);
	if (!pl_strcasecmp(name, "DateTime"))
		c->time = cpim_time_decode(val);
	else if (!pl_strcasecmp(name, "NS"))
		take_ns(lv, val);
	else if (is_imdn(lv, name, "Message-ID")) {
		if (val->l <= ID_MAX && is_printable(val, 0x20, ""))
			return keep(&c->message_id, val->p, val->l);
	}
	else if (is_imdn(lv, name, "Disposition-Notification"))
		c->notify = notify_of(val);

	return 0;
}


static int content_header(struct level *lv, const struct pl *name,
			  const struct pl *val)
{
	struct cpim *c = lv->cpim;
	const char *semi = pl_strchr(val, ';');
	struct pl type = *val, params = PL_INIT, charset;
	int err = 0;

	if (semi) {
		type.l = (size_t)(semi - val->p);
		params.p = semi;
		params.l = val->l - type.l;
	}
	trim(&type);

	if (!pl_strcasecmp(name, "Content-Type")) {
		err = keep_lower(&c->ctype, &type);
		if (!err && params.l &&
		    fmt_param_get(&params, "charset", &charset)) {
			if (charset.l >= 2 && charset.p[0] == '"') {
				pl_advance(&charset, 1);
				--charset.l;
			}
			err = keep_lower(&c->charset, &charset);
		}
	}
	else if (!pl_strcasecmp(name, "Content-Disposition"))
		err = keep_lower(&c->disposition, &type);
	else if (!pl_strcasecmp(name, "Content-Transfer-Encoding"))
		lv->bad_encoding = pl_strcasecmp(&type, "7bit") &&
			pl_strcasecmp(&type, "8bit") &&
			pl_strcasecmp(&type, "binary");

	return err;
}


/* One line off the front, CRLF or LF; false if there is no whole one */
static bool take_line(struct pl *in, struct pl *line)
{
	const char *nl = in->l ? memchr(in->p, '\n', in->l) : NULL;

	if (!nl)
		return false;

	line->p = in->p;
	line->l = (size_t)(nl - in->p);
	pl_advance(in, (ssize_t)line->l + 1);
	if (line->l && line->p[line->l - 1] == '\r')
		--line->l;

	return true;
}


/* Headers up to the empty line */
static int take_headers(struct level *lv, struct pl *in, header_h *h)
{
	unsigned n;

	for (n = 0; n < HEADER_MAX; n++) {
		struct pl line, name, val;
		const char *colon;
		int err;

		if (!take_line(in, &line))
			return EBADMSG;
		if (!line.l)
			return 0;

		/* RFC 3862 2.2 knows no folding: such a line says nothing */
		colon = pl_strchr(&line, ':');
		if (!colon || line.p[0] == ' ' || line.p[0] == '\t')
			continue;

		name.p = line.p;
		name.l = (size_t)(colon - line.p);
		val.p = colon + 1;
		val.l = line.l - name.l - 1;
		trim(&name);
		trim(&val);
		err = h(lv, &name, &val);
		if (err)
			return err;
	}

	return EMSGSIZE;
}


static int decode_level(struct level *lv, struct pl *in)
{
	struct cpim *c = lv->cpim;
	struct pl type;
	int err;

	str_ncpy(lv->ns, "imdn", sizeof(lv->ns));
	lv->any = false;
	lv->bad_encoding = false;

	err = take_headers(lv, in, envelope_header);
	if (err)
		return err;
	if (!lv->any)
		return EBADMSG;

	/* RFC 2045 5.2: what it is if nothing is said */
	pl_set_str(&type, "text/plain");
	err = keep_lower(&c->ctype, &type);
	if (!err)
		err = take_headers(lv, in, content_header);
	if (!err && lv->bad_encoding)
		err = ENOTSUP;

	return err;
}


static int fill_empty(struct cpim *c)
{
	const char **v[] = {
		&c->from_uri, &c->from_name, &c->to_uri, &c->to_name,
		&c->subject, &c->message_id, &c->ctype, &c->charset,
		&c->disposition
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(v) / sizeof(v[0]) && !err; i++) {
		if (!*v[i])
			err = keep(v[i], "", 0);
	}

	return err;
}


int cpim_decode(struct cpim **cpimp, const void *data, size_t len)
{
	struct level lv;
	struct cpim *c;
	struct pl in;
	unsigned depth = 0;
	int err;

	if (!cpimp || !data)
		return EINVAL;
	if (len > CPIM_MAX)
		return EMSGSIZE;

	c = mem_zalloc(sizeof(*c), cpim_destructor);
	if (!c)
		return ENOMEM;

	lv.cpim = c;
	in.p = data;
	in.l = len;

	do {
		err = depth++ < DEPTH_MAX ? decode_level(&lv, &in) : ELOOP;
	} while (!err && !str_cmp(c->ctype, "message/cpim"));

	if (!err)
		err = fill_empty(c);

	c->body = (const uint8_t *)in.p;
	c->len = in.l;

	if (err)
		mem_deref(c);
	else
		*cpimp = c;

	return err;
}
