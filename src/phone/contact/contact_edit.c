/**
 * @file contact_edit.c  Contacts made, changed and removed by us
 *
 * To change one, its file is read again, the card changed and the file
 * replaced: what the card has besides stays, also what another program has
 * just added.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <utf8proc.h>

#include "common/paths.h"
#include "common/text.h"
#include "contact_priv.h"
#include "phone/secure/label.h"

/* Bytes of an id that we make */
enum { ID_MAX = 48 };


static void tell(struct contacts *cs, enum contact_change change,
		 const struct contact *c)
{
	if (cs->h)
		cs->h(change, c, cs->arg);
}


static int path_of(char *path, size_t size, const struct contact *c)
{
	return paths_join(path, size, c->cs->dir, c->file);
}


/* Write a card to the contact's file and remember how the file looks */
static int write_card(struct contact *c, struct vcard *vc)
{
	char path[PATHS_MAX], when[32];
	const char *v = when;
	struct mbuf *mb;
	struct tm tm;
	time_t now = time(NULL);
	int err;

	err = path_of(path, sizeof(path), c);
	if (err)
		return err;

	/* RFC 6350 6.7.4: when it was changed */
	if (gmtime_r(&now, &tm) &&
	    strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm)) {
		err = vcard_set(vc, "REV", &v, 1);
		if (err)
			return err;
	}

	mb = mbuf_alloc(1024);
	if (!mb)
		return ENOMEM;
	err = mbuf_printf(mb, "%H", vcard_print, vc);
	if (!err)
		err = paths_write(path, mb->buf, mb->end);
	mem_deref(mb);
	if (err)
		return err;

	contact_stamp(&c->st, c->cs, c->file);

	return contact_fill(c, vc);
}


static int set_prop(struct vcard *vc, const char *prop,
		    const char *const valuev[], const char *const propv[],
		    size_t n)
{
	const char *v[CONTACT_URIS_MAX];
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (!strcmp(propv[i], prop))
			v[k++] = valuev[i];
	}

	return vcard_set(vc, prop, v, k);
}


/* Values of one property that are no address of ours stay on the card */
static size_t keep_foreign(const struct vcard *vc, const char *prop,
			   const char *valuev[], const char *propv[],
			   size_t n)
{
	const char *v;
	size_t i;

	for (i = 0; (v = vcard_value(vc, prop, i)) != NULL; i++) {
		bool sip = !strncasecmp(v, "sip:", 4) ||
			!strncasecmp(v, "sips:", 5);
		char *uri = NULL;
		bool ours = !contact_uri_make(&uri, v) &&
			(sip || strcmp(prop, "IMPP"));

		mem_deref(uri);
		if (ours || n == CONTACT_URIS_MAX)
			continue;
		valuev[n] = v;
		propv[n++] = prop;
	}

	return n;
}


/* Set the addresses; those the card has already keep their lines */
static int set_uris(struct vcard *vc, const struct contact *c,
		    const char *const uriv[], size_t uric)
{
	static const char *const all[] = {
		"IMPP", "X-SIP", "X-EVOLUTION-SIP", "TEL"
	};
	const char *valuev[CONTACT_URIS_MAX], *propv[CONTACT_URIS_MAX];
	char *made[CONTACT_URIS_MAX];
	size_t i, k, n = 0;
	int err = 0;

	if (uric > CONTACT_URIS_MAX)
		return EINVAL;
	memset(made, 0, sizeof(made));

	for (i = 0; i < uric; i++) {
		err = contact_uri_make(&made[i], uriv[i]);
		if (err)
			goto out;

		valuev[n] = made[i];
		propv[n] = strncmp(made[i], "tel:", 4) ? "IMPP" : "TEL";
		for (k = 0; c && k < c->uric; k++) {
			if (strcmp(c->uriv[k]->uri, made[i]))
				continue;
			valuev[n] = c->uriv[k]->value;
			propv[n] = c->uriv[k]->prop;
		}
		++n;
	}

	n = keep_foreign(vc, "IMPP", valuev, propv, n);
	n = keep_foreign(vc, "TEL", valuev, propv, n);

	/* the values that are kept live in lines that are about to go */
	for (i = 0; i < sizeof(all) / sizeof(all[0]) && !err; i++)
		err = set_prop(vc, all[i], valuev, propv, n);

 out:
	for (i = 0; i < uric; i++)
		mem_deref(made[i]);

	return err;
}


static int set_name(struct vcard *vc, const char *name)
{
	char *clean = text_clean(name, strlen(name), TEXT_NAME);
	const char *v = clean;
	int err;

	if (!clean)
		return ENOMEM;
	err = clean[strspn(clean, " ")] ? vcard_set(vc, "FN", &v, 1)
					: EINVAL;
	free(clean);

	return err;
}


/* A file name out of a name: small letters, digits and '-' between words */
static int make_stem(char *buf, size_t size, const char *name)
{
	utf8proc_uint8_t *plain = NULL;
	char *folded = text_fold(name);
	size_t o = 0, i = 0, len;
	const char *s;

	if (!folded)
		return ENOMEM;

	(void)utf8proc_map((const utf8proc_uint8_t *)folded, 0, &plain,
			   UTF8PROC_NULLTERM | UTF8PROC_STABLE |
			   UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
	s = plain ? (const char *)plain : folded;
	len = strlen(s);

	while (i < len) {
		uint32_t cp;
		size_t n = text_decode(&cp, s + i, len - i);
		utf8proc_category_t cat =
			utf8proc_category((utf8proc_int32_t)cp);

		if (o + n >= size)
			break;
		if (cp != 0xfffd && (cat <= UTF8PROC_CATEGORY_LO ||
				     cat == UTF8PROC_CATEGORY_ND) && cat) {
			memcpy(buf + o, s + i, n);
			o += n;
		}
		else if (o && buf[o - 1] != '-')
			buf[o++] = '-';
		i += n;
	}
	while (o && buf[o - 1] == '-')
		--o;
	buf[o] = '\0';

	free(plain);
	free(folded);

	if (!o)
		str_ncpy(buf, "contact", size);

	return 0;
}


/* A file that is not there yet */
static int make_file(char *file, size_t size, const struct contacts *cs,
		     const char *name)
{
	char stem[ID_MAX + 1], path[PATHS_MAX];
	unsigned n;
	int err;

	err = make_stem(stem, sizeof(stem), name);
	if (err)
		return err;

	for (n = 1; n < 10000; n++) {
		if (n == 1)
			(void)re_snprintf(file, size, "%s.vcf", stem);
		else
			(void)re_snprintf(file, size, "%s-%u.vcf", stem, n);

		err = paths_join(path, sizeof(path), cs->dir, file);
		if (err)
			return err;
		if (access(path, F_OK))
			return 0;
	}

	return EEXIST;
}


static int new_card(struct vcard **vcp)
{
	char uid[64];
	uint64_t a = rand_u64(), b = rand_u64();

	/* RFC 9562 5.4: random, version 4, variant 10 */
	(void)re_snprintf(uid, sizeof(uid),
			  "urn:uuid:%08x-%04x-4%03x-%04x-%04x%08x",
			  (uint32_t)(a >> 32), (uint32_t)(a >> 16) & 0xffff,
			  (uint32_t)a & 0xfff,
			  ((uint32_t)(b >> 48) & 0x3fff) | 0x8000,
			  (uint32_t)(b >> 32) & 0xffff, (uint32_t)b);

	return vcard_alloc(vcp, uid);
}


/**
 * Add a contact: writes DIR/ID.vcf
 *
 * @param cs    Contacts
 * @param name  Name
 * @param uriv  SIP URIs or telephone numbers
 * @param uric  Number of them
 * @param cp    New contact, or NULL
 *
 * @return 0 if success, otherwise errorcode (EINVAL: no name or bad URI)
 */
int contact_add(struct contacts *cs, const char *name,
		const char *const uriv[], size_t uric, struct contact **cp)
{
	char file[ID_MAX + 16];
	struct contact *c = NULL;
	struct vcard *vc = NULL;
	int err;

	if (!cs || !name || (uric && !uriv))
		return EINVAL;

	err = new_card(&vc);
	if (!err)
		err = set_name(vc, name);
	if (!err)
		err = set_uris(vc, NULL, uriv, uric);
	if (!err)
		err = make_file(file, sizeof(file), cs,
				vcard_value(vc, "FN", 0));
	if (!err)
		err = contact_alloc(&c, cs, file);
	if (!err)
		err = write_card(c, vc);
	mem_deref(vc);

	if (err) {
		mem_deref(c);
		return err;
	}

	contact_sort_in(c);
	if (cp)
		*cp = c;
	tell(cs, CONTACT_ADDED, c);

	return 0;
}


/**
 * Change a contact; what its card has besides stays
 *
 * @param cs    Contacts
 * @param c     Contact
 * @param name  New name, NULL: as it is
 * @param uriv  New SIP URIs or telephone numbers, NULL: as they are
 * @param uric  Number of them
 *
 * @return 0 if success, otherwise errorcode (EINVAL: bad name or URI,
 *         ENOENT: its file is gone)
 */
int contact_edit(struct contacts *cs, struct contact *c, const char *name,
		 const char *const uriv[], size_t uric)
{
	struct vcard *vc = NULL;
	struct contact_stamp st;
	int err;

	if (!cs || !c || c->cs != cs)
		return EINVAL;

	err = contact_read(&vc, &st, cs, c->file);
	if (!err && name)
		err = set_name(vc, name);
	if (!err && uriv)
		err = set_uris(vc, c, uriv, uric);
	if (!err)
		err = write_card(c, vc);
	mem_deref(vc);
	if (err)
		return err;

	contact_sort_in(c);
	tell(cs, CONTACT_CHANGED, c);

	return 0;
}


/* A property of our own: its one value, or NULL: none */
static int set_own(struct contacts *cs, struct contact *c, const char *name,
		   const char *value)
{
	struct vcard *vc = NULL;
	struct contact_stamp st;
	int err;

	if (!cs || !c || c->cs != cs)
		return EINVAL;

	err = contact_read(&vc, &st, cs, c->file);
	if (!err)
		err = vcard_set(vc, name, &value, value ? 1 : 0);
	if (!err)
		err = write_card(c, vc);
	mem_deref(vc);
	if (!err)
		tell(cs, CONTACT_CHANGED, c);

	return err;
}


/**
 * Set the least protection of calls with a contact
 *
 * @param cs    Contacts
 * @param c     Contact
 * @param word  One of security.minimum's, or "" for the account's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: no such word, ENOENT:
 *         its file is gone)
 */
int contact_set_security(struct contacts *cs, struct contact *c,
			 const char *word)
{
	if (!word || (*word && !minimum_valid(word)))
		return EINVAL;

	return set_own(cs, c, CONTACT_SECURITY, *word ? word : NULL);
}


/**
 * Watch the calls of a contact, or do not any more
 *
 * @param cs  Contacts
 * @param c   Contact
 * @param on  Watch them
 *
 * @return 0 if success, otherwise errorcode (ENOENT: its file is gone)
 */
int contact_set_watched(struct contacts *cs, struct contact *c, bool on)
{
	return set_own(cs, c, CONTACT_WATCH, on ? "true" : NULL);
}


/**
 * Let the presence of a contact be asked for, or never
 *
 * @param cs  Contacts
 * @param c   Contact
 * @param on  It may
 *
 * @return 0 if success, otherwise errorcode (ENOENT: its file is gone)
 */
int contact_allow_presence(struct contacts *cs, struct contact *c, bool on)
{
	return set_own(cs, c, CONTACT_PRESENCE, on ? NULL : "false");
}


/**
 * Remove a contact and its file
 *
 * @param cs  Contacts
 * @param c   Contact; gone afterwards
 *
 * @return 0 if success, otherwise errorcode
 */
int contact_remove(struct contacts *cs, struct contact *c)
{
	char path[PATHS_MAX];
	int err;

	if (!cs || !c || c->cs != cs)
		return EINVAL;

	err = path_of(path, sizeof(path), c);
	if (err)
		return err;
	if (unlink(path) && errno != ENOENT)
		return errno;

	contact_take_out(c);
	tell(cs, CONTACT_REMOVED, c);
	mem_deref(c);

	return 0;
}
