/**
 * @file xml.c  A small, strict reader of XML from outside
 *
 * What is dangerous in XML is what a receipt does not need: so there is no
 * code for it. Nothing is allocated; names and texts are slices of the
 * input.
 */
#include "xml.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

static const struct {
	const char *name;
	char c;
} entities[] = {
	{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'},
	{"&apos;", '\''},
};


static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}


static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
		c == ':' || (uint8_t)c >= 0x80;
}


static void skip_space(struct pl *in)
{
	while (in->l && is_space(*in->p))
		pl_advance(in, 1);
}


static bool starts(const struct pl *in, const char *s)
{
	size_t n = strlen(s);

	return in->l >= n && !memcmp(in->p, s, n);
}


/* Skip up to and over a mark; false if it never comes */
static bool skip_to(struct pl *in, const char *mark)
{
	size_t n = strlen(mark);
	const char *p = in->l ? memmem(in->p, in->l, mark, n) : NULL;

	if (!p)
		return false;
	pl_advance(in, (p - in->p) + (ssize_t)n);

	return true;
}


static bool take_name(struct pl *in, struct pl *name)
{
	name->p = in->p;
	name->l = 0;
	while (in->l && is_name(*in->p)) {
		pl_advance(in, 1);
		++name->l;
	}

	return name->l > 0 && (name->p[0] < '0' || name->p[0] > '9') &&
		name->p[0] != '-' && name->p[0] != '.';
}


static struct pl local_name(const struct pl *name)
{
	const char *colon = pl_strrchr(name, ':');
	struct pl pl = *name;

	if (colon)
		pl_advance(&pl, colon + 1 - name->p);

	return pl;
}


int xml_init(struct xml *xml, const char *s, size_t len)
{
	if (!xml || !s)
		return EINVAL;
	if (len > XML_BYTES_MAX)
		return EMSGSIZE;
	if (!text_is_utf8(s, len) || memchr(s, '\0', len))
		return EBADMSG;

	memset(xml, 0, sizeof(*xml));
	xml->in.p = s;
	xml->in.l = len;
	if (starts(&xml->in, "\xef\xbb\xbf"))
		pl_advance(&xml->in, 3);

	return 0;
}


/* name = "value", all of it known to be there or the reader stops */
static int take_attribute(struct pl *in, struct pl *name, struct pl *val)
{
	const char *end;
	char quote;

	if (!take_name(in, name))
		return EBADMSG;
	skip_space(in);
	if (!starts(in, "="))
		return EBADMSG;
	pl_advance(in, 1);
	skip_space(in);
	if (!in->l || (*in->p != '"' && *in->p != '\''))
		return EBADMSG;
	quote = *in->p;
	pl_advance(in, 1);
	end = in->l ? memchr(in->p, quote, in->l) : NULL;
	if (!end || memchr(in->p, '<', (size_t)(end - in->p)))
		return EBADMSG;

	val->p = in->p;
	val->l = (size_t)(end - in->p);
	pl_advance(in, end + 1 - in->p);

	return 0;
}


int xml_attr(const struct xml *xml, const char *name, struct pl *val)
{
	struct pl in, key;

	if (!xml || !name || !val)
		return EINVAL;

	in = xml->attrs;
	for (;;) {
		skip_space(&in);
		if (!in.l || take_attribute(&in, &key, val))
			return ENOENT;
		if (!pl_strcmp(&key, name))
			return 0;
	}
}


static int take_attributes(struct pl *in)
{
	while (in->l) {
		struct pl name, val;
		bool spaced = is_space(*in->p);

		skip_space(in);
		if (!in->l)
			break;
		if (*in->p == '>' || *in->p == '/')
			return 0;

		if (!spaced || take_attribute(in, &name, &val))
			break;
	}

	return EBADMSG;
}


static int take_open(struct xml *xml)
{
	struct pl name;
	int err;

	if (xml->depth == XML_DEPTH_MAX || (!xml->depth && xml->begun))
		return EBADMSG;

	pl_advance(&xml->in, 1);
	if (!take_name(&xml->in, &name))
		return EBADMSG;
	xml->attrs = xml->in;
	err = take_attributes(&xml->in);
	if (err)
		return err;
	xml->attrs.l = (size_t)(xml->in.p - xml->attrs.p);

	if (*xml->in.p == '/') {
		if (!starts(&xml->in, "/>"))
			return EBADMSG;
		pl_advance(&xml->in, 1);
		xml->empty = true;
	}
	pl_advance(&xml->in, 1);

	xml->begun = true;
	xml->stack[xml->depth++] = name;
	xml->name = local_name(&name);

	return 0;
}


static int close_last(struct xml *xml)
{
	--xml->depth;
	xml->name = local_name(&xml->stack[xml->depth]);
	xml->empty = false;

	return 0;
}


static int take_close(struct xml *xml)
{
	struct pl name;

	pl_advance(&xml->in, 2);
	if (!xml->depth || !take_name(&xml->in, &name) ||
	    pl_cmp(&name, &xml->stack[xml->depth - 1]))
		return EBADMSG;
	skip_space(&xml->in);
	if (!starts(&xml->in, ">"))
		return EBADMSG;
	pl_advance(&xml->in, 1);

	return close_last(xml);
}


static int take_text(struct xml *xml)
{
	const char *lt = memchr(xml->in.p, '<', xml->in.l);
	size_t i;

	xml->text.p = xml->in.p;
	xml->text.l = lt ? (size_t)(lt - xml->in.p) : xml->in.l;
	pl_advance(&xml->in, (ssize_t)xml->text.l);

	for (i = 0; i < xml->text.l && is_space(xml->text.p[i]); i++)
		;

	/* outside of the root there is only space */
	return !xml->depth && i < xml->text.l ? EBADMSG : 0;
}


/* A comment or <?...?>; true if there was one */
static bool skip_other(struct xml *xml, int *errp)
{
	bool comment = starts(&xml->in, "<!--");

	if (!comment && !starts(&xml->in, "<?"))
		return false;

	pl_advance(&xml->in, comment ? 4 : 2);
	if (!skip_to(&xml->in, comment ? "-->" : "?>"))
		*errp = EBADMSG;

	return true;
}


int xml_next(struct xml *xml, enum xml_event *evp)
{
	int err = 0;

	if (!xml || !evp)
		return EINVAL;

	if (xml->empty) {
		*evp = XML_CLOSE;
		return close_last(xml);
	}

	while (xml->in.l && !err) {
		if (*xml->in.p != '<') {
			*evp = XML_TEXT;
			err = take_text(xml);
			if (err || xml->depth)
				return err;
		}
		else if (starts(&xml->in, "</")) {
			*evp = XML_CLOSE;
			return take_close(xml);
		}
		else if (!skip_other(xml, &err)) {

			/* DOCTYPE and CDATA begin with what is no name */
			*evp = XML_OPEN;
			return take_open(xml);
		}
	}
	if (err)
		return err;

	*evp = XML_END;

	return xml->depth || !xml->begun ? EBADMSG : 0;
}


int xml_text(char *buf, size_t size, const struct pl *text)
{
	struct pl in = *text;
	size_t o = 0, i;

	while (in.l) {
		char c = *in.p;
		size_t n = 1;

		if (c == '&') {
			for (i = 0; i < sizeof(entities) /
				     sizeof(entities[0]); i++) {
				if (starts(&in, entities[i].name))
					break;
			}
			if (i == sizeof(entities) / sizeof(entities[0]))
				return EBADMSG;
			c = entities[i].c;
			n = strlen(entities[i].name);
		}
		if (o + 1 >= size)
			return EMSGSIZE;
		buf[o++] = c;
		pl_advance(&in, (ssize_t)n);
	}
	if (!size)
		return EMSGSIZE;
	buf[o] = '\0';

	return 0;
}


int xml_escape(struct re_printf *pf, const char *text)
{
	const char *p;
	int err = 0;

	for (p = text ? text : ""; *p && !err; p++) {
		size_t i;

		for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
			if (entities[i].c == *p)
				break;
		}
		if (i < sizeof(entities) / sizeof(entities[0]))
			err = re_hprintf(pf, "%s", entities[i].name);
		else if ((uint8_t)*p >= 0x20 && *p != 0x7f)
			err = pf->vph(p, 1, pf->arg);
	}

	return err;
}
