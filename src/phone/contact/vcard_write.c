/**
 * @file vcard_write.c  vCard: values set, cards printed
 *
 * A line whose value stays is moved, not written anew, so that its
 * parameters and its group stay too. What is printed is folded between
 * characters.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "vcard_priv.h"

/* RFC 6350 3.2, without the CRLF */
enum { FOLD_AT = 75 };


/** A value and whether ',' and ';' part anything in it */
struct escape {
	const char *value;
	bool uri;
};


/* RFC 6350 3.4; what would end the line or is no text goes */
static int print_escaped(struct re_printf *pf, const struct escape *e)
{
	const char *s;
	int err = 0;

	for (s = e->value; *s && !err; s++) {
		if (*s == '\n')
			err = pf->vph("\\n", 2, pf->arg);
		else if ((uint8_t)*s < 0x20 && *s != '\t')
			continue;
		else if (*s == '\\' ||
			 (!e->uri && (*s == ',' || *s == ';'))) {
			err = pf->vph("\\", 1, pf->arg);
			if (!err)
				err = pf->vph(s, 1, pf->arg);
		}
		else
			err = pf->vph(s, 1, pf->arg);
	}

	return err;
}


static bool is_uri(const char *v)
{
	return !strncasecmp(v, "sip:", 4) || !strncasecmp(v, "sips:", 5) ||
		!strncasecmp(v, "tel:", 4) || !strncasecmp(v, "urn:", 4);
}


static bool is_version_4(const struct vcard *vc)
{
	const char *v = vcard_value(vc, "VERSION", 0);

	return v && v[0] == '4';
}


static int add_line(struct vcard *vc, struct le *before, const char *fmt,
		    ...)
{
	va_list ap;
	char *line;
	int err;

	va_start(ap, fmt);
	err = re_vsdprintf(&line, fmt, ap);
	va_end(ap);
	if (err)
		return err;

	return vcard_add_line(vc, before, line, false);
}


static int add_value(struct vcard *vc, struct le *before, const char *name,
		     const char *value)
{
	struct escape e = {value, is_uri(value)};
	const char *params = "";

	/* RFC 6350 6.4.1: a telephone number is text unless told; 2426 3.3.1
	   knows only text */
	if (e.uri && !strcasecmp(name, "TEL")) {
		if (is_version_4(vc))
			params = ";VALUE=uri";
		else if (!strncasecmp(value, "tel:", 4)) {
			e.value += 4;
			e.uri = false;
		}
	}

	return add_line(vc, before, "%s%s:%H", name, params, print_escaped,
			&e);
}


/* Take a line with just this value out of a list */
static struct prop *reuse(struct list *old, const char *value)
{
	struct le *le;

	LIST_FOREACH(old, le) {
		struct prop *p = le->data;
		const char *v = vcard_prop_value(p);

		if (v && !strcmp(v, value)) {
			list_unlink(&p->le);
			return p;
		}
	}

	return NULL;
}


int vcard_set(struct vcard *vc, const char *name, const char *const v[],
	      size_t n)
{
	struct list old = LIST_INIT;
	struct le *le, *next, *before = NULL;
	size_t i;
	int err = 0;

	if (!vc || !str_isset(name) || (n && !v))
		return EINVAL;
	for (i = 0; i < n; i++) {
		if (!v[i])
			return EINVAL;
	}
	if (list_count(&vc->propl) + n > VCARD_PROP_MAX)
		return EMSGSIZE;

	/* The new ones stand where the first of the old ones stood */
	for (le = list_head(&vc->propl); le; le = next) {
		struct prop *p = le->data;

		next = le->next;
		if (vcard_is_named(p, name)) {
			list_unlink(&p->le);
			list_append(&old, &p->le, p);
		}
		else if (!before && !list_isempty(&old))
			before = le;
	}

	for (i = 0; i < n && !err; i++) {
		struct prop *p = reuse(&old, v[i]);

		if (!p)
			err = add_value(vc, before, name, v[i]);
		else if (before)
			list_insert_before(&vc->propl, before, &p->le, p);
		else
			list_append(&vc->propl, &p->le, p);
	}

	list_flush(&old);

	return err;
}


int vcard_alloc(struct vcard **vcp, const char *uid)
{
	struct vcard *vc;
	int err;

	if (!vcp || !str_isset(uid))
		return EINVAL;

	vc = vcard_new();
	if (!vc)
		return ENOMEM;

	/* RFC 6350 6.7.9: VERSION comes first */
	err = add_line(vc, NULL, "VERSION:4.0");
	if (!err)
		err = vcard_set(vc, "UID", &uid, 1);

	if (err)
		mem_deref(vc);
	else
		*vcp = vc;

	return err;
}


/* Bytes of the longest beginning that takes at most max and does not cut a
   character */
static size_t fold_len(const char *s, size_t len, size_t max)
{
	size_t n = 0;

	if (len <= max)
		return len;

	while (n < len) {
		uint32_t cp;
		size_t used = text_decode(&cp, s + n, len - n);

		if (n + used > max)
			break;
		n += used;
	}

	return n;
}


static int print_folded(struct re_printf *pf, const struct prop *p)
{
	size_t len = strlen(p->line), off = 0;
	int err = 0;

	/* Version 2.1 folds at '=': better a long line than a wrong one */
	if (p->qp)
		return re_hprintf(pf, "%s\r\n", p->line);

	do {
		size_t n = fold_len(p->line + off, len - off,
				    off ? FOLD_AT - 1 : FOLD_AT);

		err = re_hprintf(pf, "%s%b\r\n", off ? " " : "",
				 p->line + off, n);
		off += n;
	} while (!err && off < len);

	return err;
}


int vcard_print(struct re_printf *pf, const struct vcard *vc)
{
	struct le *le;
	int err;

	if (!pf || !vc)
		return EINVAL;

	err = re_hprintf(pf, "BEGIN:VCARD\r\n");
	LIST_FOREACH(&vc->propl, le) {
		if (err)
			break;
		err = print_folded(pf, le->data);
	}
	if (!err)
		err = re_hprintf(pf, "END:VCARD\r\n");

	return err;
}
