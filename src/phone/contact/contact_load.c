/**
 * @file contact_load.c  From a file to a contact
 *
 * A contact holds what is asked for often; the card itself is read again
 * when it is to be written, so that a change made by another program in
 * between is not lost. Everything that people see was cleaned.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/text.h"
#include "contact_priv.h"

enum { FILE_MAX = 1 << 20 };


static void uri_destructor(void *data)
{
	struct contact_uri *u = data;

	hash_unlink(&u->le);
	mem_deref(u->uri);
	mem_deref(u->key);
	mem_deref(u->value);
}


static void clear_uris(struct contact *c)
{
	while (c->uric)
		mem_deref(c->uriv[--c->uric]);
}


static void contact_destructor(void *data)
{
	struct contact *c = data;

	list_unlink(&c->le);
	hash_unlink(&c->le_file);
	hash_unlink(&c->le_id);
	clear_uris(c);
	mem_deref(c->file);
	free(c->uriv);
	free(c->id);
	free(c->name);
	free(c->folded);
	free(c->org);
	free(c->note);
	free(c->presence_note);
}


static bool id_handler(struct le *le, void *arg)
{
	const struct contact *c = le->data;

	return 0 == strcmp(c->id, arg);
}


/* The stem of the file, cleaned; where two become the same by that, the
   later one is counted */
static int make_id(struct contact *c)
{
	size_t len = strlen(c->file), n;
	char *base;

	base = text_clean(c->file, len > 4 ? len - 4 : len, TEXT_NAME);
	if (!base)
		return ENOMEM;

	c->id = base;
	for (n = 2; hash_lookup(c->cs->ids, hash_joaat_str(c->id),
				id_handler, c->id); n++) {
		if (c->id != base)
			free(c->id);
		if (asprintf(&c->id, "%s-%zu", base, n) < 0) {
			c->id = NULL;
			break;
		}
	}
	if (c->id != base)
		free(base);

	return c->id ? 0 : ENOMEM;
}


int contact_alloc(struct contact **cp, struct contacts *cs, const char *file)
{
	struct contact *c;
	int err;

	c = mem_zalloc(sizeof(*c), contact_destructor);
	if (!c)
		return ENOMEM;

	c->cs = cs;
	c->bad = true;
	err = str_dup(&c->file, file);
	if (!err)
		err = make_id(c);
	if (err) {
		mem_deref(c);
		return err;
	}

	hash_append(cs->files, hash_joaat_str(c->file), &c->le_file, c);
	*cp = c;

	return 0;
}


/* ---- reading ----------------------------------------------------------- */

static void stamp_of(struct contact_stamp *stamp, const struct stat *st)
{
	stamp->mtime = st->st_mtim;
	stamp->size = st->st_size;
	stamp->ino = st->st_ino;
}


void contact_stamp(struct contact_stamp *stamp, const struct contacts *cs,
		   const char *file)
{
	char path[PATHS_MAX];
	struct stat st;

	memset(stamp, 0, sizeof(*stamp));
	if (!paths_join(path, sizeof(path), cs->dir, file) &&
	    !stat(path, &st))
		stamp_of(stamp, &st);
}


int contact_read(struct vcard **vcp, struct contact_stamp *stamp,
		 const struct contacts *cs, const char *file)
{
	char path[PATHS_MAX];
	struct stat st;
	char small[8192], *buf = small;
	size_t size, len = 0;
	int fd, err;

	err = paths_join(path, sizeof(path), cs->dir, file);
	if (err)
		return err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno;

	if (fstat(fd, &st)) {
		err = errno;
		goto out;
	}
	stamp_of(stamp, &st);
	if (!S_ISREG(st.st_mode)) {
		err = EINVAL;
		goto out;
	}
	if (st.st_size > FILE_MAX) {
		err = EMSGSIZE;
		goto out;
	}

	size = (size_t)st.st_size;
	if (size > sizeof(small)) {
		buf = malloc(size);
		if (!buf) {
			err = ENOMEM;
			goto out;
		}
	}

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = errno;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (!err)
		err = vcard_decode(vcp, buf, len);

 out:
	if (buf != small)
		free(buf);
	(void)close(fd);

	return err;
}


static void add_uri(struct contact *c, const char *prop, const char *value)
{
	struct contact_uri *u, **v;
	size_t i;

	if (c->uric == CONTACT_URIS_MAX)
		return;

	u = mem_zalloc(sizeof(*u), uri_destructor);
	if (!u)
		return;

	u->contact = c;
	u->prop = prop;
	if (contact_uri_make(&u->uri, value) ||
	    contact_uri_key(&u->key, u->uri) || str_dup(&u->value, value))
		goto out;

	for (i = 0; i < c->uric; i++) {
		if (!strcmp(c->uriv[i]->key, u->key))
			goto out;
	}

	v = realloc(c->uriv, (c->uric + 1) * sizeof(*v));
	if (!v)
		goto out;
	c->uriv = v;

	hash_append(c->cs->uris, hash_joaat_str(u->key), &u->le, u);
	c->uriv[c->uric++] = u;

	return;

 out:
	mem_deref(u);
}


/* Where the address of a phone is found in a card, the best first */
static void fill_uris(struct contact *c, const struct vcard *vc)
{
	static const char *const propv[] = {
		"IMPP", "X-SIP", "X-EVOLUTION-SIP", "TEL"
	};
	size_t k, i;

	clear_uris(c);

	for (k = 0; k < sizeof(propv) / sizeof(propv[0]); k++) {
		const char *v;

		for (i = 0; (v = vcard_value(vc, propv[k], i)) != NULL; i++) {

			/* IMPP is of other networks as well */
			if (k == 0 && strncasecmp(v, "sip:", 4) &&
			    strncasecmp(v, "sips:", 5))
				continue;
			add_uri(c, propv[k], v);
		}
	}
}


static char *clean_dup(const char *s, enum text_kind kind)
{
	return text_clean(s, strlen(s), kind);
}


/* "Family;Given;..." as people say it */
static char *name_of_n(const char *n)
{
	size_t family = strcspn(n, ";"), given;
	const char *g = n[family] ? n + family + 1 : "";
	char *s = NULL, *clean;

	given = strcspn(g, ";");
	if (!family && !given)
		return NULL;
	if (asprintf(&s, "%.*s%s%.*s", (int)given, g,
		     family && given ? " " : "", (int)family, n) < 0)
		return NULL;

	clean = clean_dup(s, TEXT_NAME);
	free(s);

	return clean;
}


static bool is_blank(const char *s)
{
	return !s || !s[strspn(s, " ")];
}


static char *best_name(const struct contact *c, const struct vcard *vc)
{
	static const char *const propv[] = {"FN", "NICKNAME", "ORG"};
	const char *v;
	char *name;
	size_t i;

	for (i = 0; i < sizeof(propv) / sizeof(propv[0]); i++) {
		v = vcard_value(vc, propv[i], 0);
		name = v ? clean_dup(v, TEXT_NAME) : NULL;
		if (!is_blank(name))
			return name;
		free(name);

		v = i == 0 ? vcard_value(vc, "N", 0) : NULL;
		name = v ? name_of_n(v) : NULL;
		if (!is_blank(name))
			return name;
		free(name);
	}

	return strdup(c->uric ? c->uriv[0]->uri : c->id);
}


/* A replaced string must not be lost if memory is out */
static void replace(char **dst, char *src)
{
	if (!src)
		return;
	free(*dst);
	*dst = src;
}


int contact_fill(struct contact *c, const struct vcard *vc)
{
	const char *v;
	char *p;

	fill_uris(c, vc);

	replace(&c->name, best_name(c, vc));
	replace(&c->folded, c->name ? text_fold(c->name) : NULL);

	v = vcard_value(vc, "ORG", 0);
	replace(&c->org, clean_dup(v ? v : "", TEXT_NAME));
	for (p = c->org; p && *p; p++) {
		if (*p == ';')
			*p = ',';
	}

	v = vcard_value(vc, "NOTE", 0);
	replace(&c->note, clean_dup(v ? v : "", TEXT_BODY));

	v = vcard_value(vc, CONTACT_SECURITY, 0);
	str_ncpy(c->security, v ? v : "", sizeof(c->security));

	v = vcard_value(vc, CONTACT_WATCH, 0);
	c->watched = v && !strcasecmp(v, "true");

	v = vcard_value(vc, CONTACT_PRESENCE, 0);
	c->unasked = v && !strcasecmp(v, "false");

	return c->name && c->folded && c->org && c->note ? 0 : ENOMEM;
}


/* ---- the list ---------------------------------------------------------- */

int contact_order(const struct contact *a, const struct contact *b)
{
	int r = strcmp(a->folded, b->folded);

	return r ? r : strcmp(a->id, b->id);
}


void contact_sort_in(struct contact *c)
{
	struct list *list = &c->cs->list;
	struct le *le;

	if (!c->le_id.list)
		hash_append(c->cs->ids, hash_joaat_str(c->id), &c->le_id, c);

	list_unlink(&c->le);
	for (le = list_tail(list); le; le = le->prev) {
		if (contact_order(le->data, c) <= 0)
			break;
	}

	if (le)
		list_insert_after(list, le, &c->le, c);
	else
		list_prepend(list, &c->le, c);
	c->bad = false;
}


void contact_take_out(struct contact *c)
{
	list_unlink(&c->le);
	hash_unlink(&c->le_id);
	clear_uris(c);
	c->bad = true;
}
