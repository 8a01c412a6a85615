/**
 * @file contact.c  Contacts: a folder of vCard files, one contact a file
 *
 * The set of contacts and the ways to find one in it: by its id and by its
 * addresses through hash tables, by its name through the sorted list.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/paths.h"
#include "common/text.h"
#include "contact_priv.h"

/* Digits that may stand for a whole number */
enum { SUFFIX_MIN = 7 };


/* ---- the set ----------------------------------------------------------- */

static bool free_handler(struct le *le, void *arg)
{
	(void)arg;
	mem_deref(le->data);

	return false;
}


static void contacts_destructor(void *data)
{
	struct contacts *cs = data;

	contact_unwatch(cs);
	if (cs->files)
		(void)hash_apply(cs->files, free_handler, NULL);
	mem_deref(cs->files);
	mem_deref(cs->ids);
	mem_deref(cs->uris);
	mem_deref(cs->dir);
}


/**
 * Read a folder of contacts and watch it
 *
 * @param csp  Contacts, free with mem_deref()
 * @param dir  Folder, made if missing
 * @param h    Called for changes from outside and by us, or NULL
 * @param arg  Its argument
 *
 * @return 0 if success, otherwise errorcode
 */
int contacts_open(struct contacts **csp, const char *dir,
		  contact_change_h *h, void *arg)
{
	struct contacts *cs;
	int err, werr;

	if (!csp || !str_isset(dir))
		return EINVAL;

	err = paths_mkdir(dir);
	if (err)
		return err;

	cs = mem_zalloc(sizeof(*cs), contacts_destructor);
	if (!cs)
		return ENOMEM;

	cs->h = h;
	cs->arg = arg;
	cs->fd = cs->wd = -1;
	tmr_init(&cs->tmr);

	err  = str_dup(&cs->dir, dir);
	err |= hash_alloc(&cs->files, 1024);
	err |= hash_alloc(&cs->ids, 1024);
	err |= hash_alloc(&cs->uris, 4096);
	if (err) {
		err = ENOMEM;
		goto out;
	}

	/* Watch first: what changes while we read is seen afterwards */
	werr = contact_watch(cs);
	if (werr)
		warning("contact: %s is not watched: %m\n", dir, werr);

	err = contact_scan(cs, false);

 out:
	if (err)
		mem_deref(cs);
	else
		*csp = cs;

	return err;
}


/** Contacts sorted by name (struct contact in le->data) */
const struct list *contacts_list(const struct contacts *cs)
{
	return cs ? &cs->list : NULL;
}


/** Number of contacts */
uint32_t contacts_count(const struct contacts *cs)
{
	return cs ? list_count(&cs->list) : 0;
}


/** Id: the stem of its file, cleaned */
const char *contact_id(const struct contact *c)
{
	return c ? c->id : "";
}


/** Name, cleaned */
const char *contact_name(const struct contact *c)
{
	return c ? c->name : "";
}


/** Number of its addresses */
size_t contact_uri_count(const struct contact *c)
{
	return c ? c->uric : 0;
}


/** i-th address, NULL if there is none */
const char *contact_uri(const struct contact *c, size_t i)
{
	return c && i < c->uric ? c->uriv[i]->uri : NULL;
}


/** Organisation, "" if none */
const char *contact_org(const struct contact *c)
{
	return c ? c->org : "";
}


/** Note, lines parted by newlines, "" if none */
const char *contact_security(const struct contact *c)
{
	return c ? c->security : "";
}


/** Are its calls watched (busy lamp)? */
bool contact_watched(const struct contact *c)
{
	return c && c->watched;
}


/** What its lamp shows */
enum lamp contact_lamp(const struct contact *c)
{
	return c ? c->lamp : LAMP_UNKNOWN;
}


/** Set what the lamp shows; true if that is something else now */
bool contact_set_lamp(struct contact *c, enum lamp lamp)
{
	if (!c || c->lamp == lamp)
		return false;

	c->lamp = lamp;

	return true;
}


/** May its presence be asked for? */
bool contact_presence_allowed(const struct contact *c)
{
	return c && !c->unasked;
}


/** How it is, as it was told */
enum presence_state contact_presence(const struct contact *c)
{
	return c ? c->presence : PRESENCE_UNKNOWN;
}


/** What it says of itself, "" if nothing */
const char *contact_presence_note(const struct contact *c)
{
	return c && c->presence_note ? c->presence_note : "";
}


/** Set how it is; true if that is something else now */
bool contact_set_presence(struct contact *c, const struct pidf *pd)
{
	const enum presence_state state = pd ? pd->state : PRESENCE_UNKNOWN;
	const char *note = pd ? pd->note : "";

	if (!c || (c->presence == state &&
		   !strcmp(contact_presence_note(c), note)))
		return false;

	c->presence = state;
	free(c->presence_note);
	c->presence_note = *note ? strdup(note) : NULL;

	return true;
}


const char *contact_note(const struct contact *c)
{
	return c ? c->note : "";
}


/* ---- finding ----------------------------------------------------------- */

static bool id_handler(struct le *le, void *arg)
{
	const struct contact *c = le->data;

	return 0 == strcmp(c->id, arg);
}


/**
 * Find a contact by its id
 *
 * @param cs  Contacts
 * @param id  Id
 *
 * @return Contact, NULL if there is none
 */
struct contact *contact_find(const struct contacts *cs, const char *id)
{
	struct le *le;

	if (!cs || !id)
		return NULL;

	le = hash_lookup(cs->ids, hash_joaat_str(id), id_handler,
			 (void *)(uintptr_t)id);

	return le ? le->data : NULL;
}


static bool key_handler(struct le *le, void *arg)
{
	const struct contact_uri *u = le->data;

	return 0 == strcmp(u->key, arg);
}


static struct contact *find_key(const struct contacts *cs, char *key)
{
	struct contact_uri *u;
	struct le *le;

	le = hash_lookup(cs->uris, hash_joaat_str(key), key_handler, key);
	if (!le)
		return NULL;
	u = le->data;

	return u->contact;
}


/* "sip:+4930123@provider" is the telephone number +4930123 */
static struct contact *find_number_user(const struct contacts *cs,
					const char *key)
{
	struct contact *c;
	char *tel;

	if (key[0] != '+' ||
	    re_sdprintf(&tel, "tel:%b", key, strcspn(key, "@")))
		return NULL;

	c = find_key(cs, tel);
	mem_deref(tel);

	return c;
}


/**
 * Find a contact by one of its addresses
 *
 * A SIP URI with an international number as its user also finds the
 * contact with that telephone number.
 *
 * @param cs   Contacts
 * @param uri  SIP URI or tel URI
 *
 * @return Contact, NULL if there is none
 */
struct contact *contact_find_uri(const struct contacts *cs, const char *uri)
{
	struct contact *c;
	char *key;

	if (!cs || !uri || contact_uri_key(&key, uri))
		return NULL;

	c = find_key(cs, key);
	if (!c)
		c = find_number_user(cs, key);
	mem_deref(key);

	return c;
}


/* Same number, or one written with and one without the country's code */
static bool is_same_number(const char *a, const char *b)
{
	size_t la, lb, n;

	if (!strcmp(a, b))
		return true;

	a += strspn(a, "+0");
	b += strspn(b, "+0");
	la = strlen(a);
	lb = strlen(b);
	n = la < lb ? la : lb;

	return n >= SUFFIX_MIN && !strcmp(a + la - n, b + lb - n);
}


static struct contact *match_number(const struct contacts *cs,
				    const char *text)
{
	char want[64];
	struct le *le;

	(void)contact_digits(want, sizeof(want), text);

	LIST_FOREACH(&cs->list, le) {
		struct contact *c = le->data;
		size_t i;

		for (i = 0; i < c->uric; i++) {
			const char *key = c->uriv[i]->key;

			if (!strncmp(key, "tel:", 4) &&
			    is_same_number(key + 4, want))
				return c;
		}
	}

	return NULL;
}


/* How well a name goes with what was typed: 0 not, then better and better */
static int rank_name(const struct contact *c, const char *folded)
{
	const char *p = strstr(c->folded, folded);

	if (!p)
		return 0;
	if (p == c->folded)
		return c->folded[strlen(folded)] ? 3 : 4;

	while (p) {
		if (p[-1] == ' ' || p[-1] == '-')
			return 2;
		p = strstr(p + 1, folded);
	}

	return 1;
}


static struct contact *match_name(const struct contacts *cs,
				  const char *text, int at_least)
{
	char *folded = text_fold(text);
	struct contact *best = NULL;
	int rank = at_least - 1;
	struct le *le;

	if (!folded)
		return NULL;

	LIST_FOREACH(&cs->list, le) {
		struct contact *c = le->data;
		int r = rank_name(c, folded);

		/* of equals the first in the list */
		if (r > rank) {
			rank = r;
			best = c;
		}
	}
	free(folded);

	return best;
}


/**
 * Find the contact that a person means
 *
 * In this order: its id, a URI, the whole name, the beginning of the name,
 * of a word in it, a part of it. A telephone number finds only the contact
 * with that number, however it is written.
 *
 * @param cs    Contacts
 * @param text  What was typed
 *
 * @return Contact, NULL if none goes with it
 */
struct contact *contact_match(const struct contacts *cs, const char *text)
{
	struct contact *c;

	if (!cs || !text || !text[strspn(text, " ")])
		return NULL;

	c = contact_find(cs, text);
	if (c)
		return c;

	if (strchr(text, '@') || !strncasecmp(text, "tel:", 4)) {
		char *uri;

		if (contact_uri_make(&uri, text))
			return NULL;
		c = contact_find_uri(cs, uri);
		mem_deref(uri);
		return c;
	}

	if (contact_is_number(text)) {
		c = match_name(cs, text, 4);
		return c ? c : match_number(cs, text);
	}

	return match_name(cs, text, 1);
}
