/**
 * @file vcard.c  vCard 3.0 and 4.0 (RFC 2426, 6350): lines in, lines out
 *
 * A card is a list of unfolded lines, kept as they came; a line knows where
 * its name and its value are. Values are unescaped when somebody asks. So
 * what this program does not know goes back to the file untouched, and a
 * line is only written anew where its value changes. Version 2.1 is read
 * as far as it differs: quoted-printable with its own folding, and cards
 * inside of cards.
 */
#include "vcard_priv.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* Bytes of a card */
enum { CARD_MAX = 1 << 20 };


static void prop_destructor(void *data)
{
	struct prop *p = data;

	list_unlink(&p->le);
	mem_deref(p->line);
	mem_deref(p->value);
}


static void vcard_destructor(void *data)
{
	struct vcard *vc = data;

	list_flush(&vc->propl);
}


struct vcard *vcard_new(void)
{
	return mem_zalloc(sizeof(struct vcard), vcard_destructor);
}


/* ---- reading ----------------------------------------------------------- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
}


static bool has_word(const struct pl *pl, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= pl->l; i++) {
		if (!strncasecmp(pl->p + i, word, n))
			return true;
	}

	return false;
}


/* Find [group.]name, parameters and value; a line that has none of these
   keeps an empty name and so is never found */
static void prop_split(struct prop *p)
{
	const char *s = p->line, *name = s;
	size_t n = strlen(s), i = 0;
	bool quoted = false;

	while (i < n && (is_name_char(s[i]) || s[i] == '.')) {
		if (s[i] == '.')
			name = s + i + 1;
		++i;
	}
	if (i == n || (s[i] != ':' && s[i] != ';') || name == s + i)
		return;

	p->params.p = s + i;
	p->name.p = name;
	p->name.l = (size_t)(s + i - name);

	for (; i < n; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (s[i] == ':' && !quoted)
			break;
	}
	if (i == n) {
		p->name.l = 0;
		return;
	}

	p->params.l = (size_t)(s + i - p->params.p);
	p->raw.p = s + i + 1;
	p->raw.l = n - i - 1;
	p->qp = has_word(&p->params, "QUOTED-PRINTABLE");
}


int vcard_add_line(struct vcard *vc, struct le *before, char *line,
		   bool inner)
{
	struct prop *p;

	p = mem_zalloc(sizeof(*p), prop_destructor);
	if (!p) {
		mem_deref(line);
		return ENOMEM;
	}

	p->line = line;
	p->inner = inner;
	prop_split(p);

	if (before)
		list_insert_before(&vc->propl, before, &p->le, p);
	else
		list_append(&vc->propl, &p->le, p);

	return 0;
}


/* One physical line off the front; false at the end */
static bool take_line(struct pl *in, struct pl *line)
{
	const char *nl;
	size_t n;

	if (!in->l)
		return false;

	nl = memchr(in->p, '\n', in->l);
	n = nl ? (size_t)(nl - in->p) : in->l;
	line->p = in->p;
	line->l = n;
	if (line->l && line->p[line->l - 1] == '\r')
		--line->l;
	in->p += nl ? n + 1 : n;
	in->l -= nl ? n + 1 : n;

	return true;
}


static bool line_is(const struct pl *line, const char *word)
{
	struct pl pl = *line;

	while (pl.l && (pl.p[pl.l - 1] == ' ' || pl.p[pl.l - 1] == '\t'))
		--pl.l;

	return !pl_strcasecmp(&pl, word);
}


static bool starts_with(const struct pl *line, const char *word)
{
	size_t n = strlen(word);

	return line->l >= n && !strncasecmp(line->p, word, n);
}


/* Does a quoted-printable line go on behind its '='? (vCard 2.1) */
static bool is_soft_break(const struct mbuf *mb)
{
	const char *s = (const char *)mb->buf;
	const char *colon = memchr(s, ':', mb->end);
	struct pl head;

	if (!mb->end || s[mb->end - 1] != '=' || !colon)
		return false;

	head.p = s;
	head.l = (size_t)(colon - s);

	return has_word(&head, "QUOTED-PRINTABLE");
}


/* One logical line into mb, unfolded by bytes (RFC 6350 3.2) */
static int take_unfolded(struct pl *in, struct mbuf *mb, bool *endp)
{
	struct pl line, rest;
	int err;

	mbuf_rewind(mb);

	*endp = !take_line(in, &line);
	if (*endp)
		return 0;

	err = mbuf_write_mem(mb, (const uint8_t *)line.p, line.l);

	for (rest = *in; !err && take_line(&rest, &line); *in = rest) {
		if (line.l && (line.p[0] == ' ' || line.p[0] == '\t')) {
			pl_advance(&line, 1);
		}
		else if (is_soft_break(mb) && !line_is(&line, "END:VCARD")) {
			--mb->end;
			mb->pos = mb->end;
		}
		else
			break;
		err = mbuf_write_mem(mb, (const uint8_t *)line.p, line.l);
	}

	/* A break that nothing follows would take the next line along when
	   the card is written */
	while (!err && is_soft_break(mb))
		mb->pos = --mb->end;

	return err;
}


static int take_props(struct vcard *vc, struct pl *in, struct mbuf *mb)
{
	unsigned depth = 0, n = 0;
	int err = 0;

	while (!err) {
		struct pl line;
		char *str;
		bool end;

		err = take_unfolded(in, mb, &end);
		if (err || end) {

			/* A card that is open inside: where does it end? */
			return err ? err : depth ? EBADMSG : 0;
		}

		line.p = (const char *)mb->buf;
		line.l = mb->end;

		/* A fold of nothing: it must not become one of the line
		   before it when the card is written */
		while (line.l && (line.p[0] == ' ' || line.p[0] == '\t'))
			pl_advance(&line, 1);
		if (!line.l)
			continue;
		if (!depth && line_is(&line, "END:VCARD"))
			break;
		if (++n > VCARD_PROP_MAX)
			return EMSGSIZE;

		if (starts_with(&line, "BEGIN:"))
			++depth;

		err = pl_strdup(&str, &line);
		if (!err)
			err = vcard_add_line(vc, NULL, str, depth > 0);

		if (depth && starts_with(&line, "END:"))
			--depth;
	}

	return err;
}


int vcard_decode(struct vcard **vcp, const char *s, size_t len)
{
	struct pl in, line;
	struct vcard *vc;
	struct mbuf *mb;
	bool begun = false;
	int err;

	if (!vcp || !s)
		return EINVAL;
	if (len > CARD_MAX)
		return EMSGSIZE;
	if (memchr(s, '\0', len))
		return EBADMSG;

	in.p = s;
	in.l = len;
	if (in.l >= 3 && !memcmp(in.p, "\xef\xbb\xbf", 3))
		pl_advance(&in, 3);

	while (!begun && take_line(&in, &line))
		begun = line_is(&line, "BEGIN:VCARD");
	if (!begun)
		return EBADMSG;

	vc = vcard_new();
	mb = mbuf_alloc(512);
	if (!vc || !mb) {
		err = ENOMEM;
		goto out;
	}

	err = take_props(vc, &in, mb);

 out:
	mem_deref(mb);
	if (err)
		mem_deref(vc);
	else
		*vcp = vc;

	return err;
}


/* ---- values ------------------------------------------------------------ */

bool vcard_is_named(const struct prop *p, const char *name)
{
	return !p->inner && p->name.l && !pl_strcasecmp(&p->name, name);
}


/* RFC 2045 6.7, in place; what is no code stays */
static size_t decode_qp(char *s, size_t len)
{
	size_t i = 0, o = 0;

	while (i < len) {
		uint8_t byte = 0;

		if (s[i] == '=' && i + 2 < len &&
		    isxdigit((unsigned char)s[i + 1]) &&
		    isxdigit((unsigned char)s[i + 2]))
			byte = (uint8_t)(ch_hex(s[i + 1]) << 4 |
					 ch_hex(s[i + 2]));

		/* No NUL: it would hide the rest */
		if (byte) {
			s[o++] = (char)byte;
			i += 3;
		}
		else
			s[o++] = s[i++];
	}

	return o;
}


/* RFC 6350 3.4, in place */
static size_t unescape(char *s, size_t len)
{
	size_t i = 0, o = 0;

	while (i < len) {
		char c = s[i++];

		if (c == '\\' && i < len) {
			c = s[i++];
			if (c == 'n' || c == 'N')
				c = '\n';
		}
		s[o++] = c;
	}

	return o;
}


const char *vcard_prop_value(struct prop *p)
{
	size_t n;

	if (p->value)
		return p->value;
	if (pl_strdup(&p->value, &p->raw) || !p->value)
		return NULL;

	n = p->raw.l;
	if (p->qp)
		n = decode_qp(p->value, n);
	n = unescape(p->value, n);
	p->value[n] = '\0';

	return p->value;
}


const char *vcard_value(const struct vcard *vc, const char *name, size_t i)
{
	struct le *le;

	if (!vc || !name)
		return NULL;

	LIST_FOREACH(&vc->propl, le) {
		struct prop *p = le->data;

		if (vcard_is_named(p, name) && !i--)
			return vcard_prop_value(p);
	}

	return NULL;
}
