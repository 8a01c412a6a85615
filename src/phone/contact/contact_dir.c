/**
 * @file contact_dir.c  The folder of contacts: read it, watch it
 *
 * inotify only says that something happened. A moment later, when a
 * synchronising program may have written a hundred files, the folder is
 * looked through and each file whose stat() differs is read anew. So a lost
 * event costs nothing, and our own writing shows no difference.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/log.h"
#include "common/paths.h"
#include "common/text.h"
#include "contact_priv.h"

enum {
	FILES_MAX  = 20000,
	CALM_MS    = 120,         /* from the first event to the look    */
	RETRY_MS   = 5000,        /* while the folder is gone            */
	TELL_MAX   = 16,          /* more changes are told as one        */
};

/** What one scan finds */
struct scan {
	struct contacts *cs;
	bool tell;
	bool initial;
	unsigned files, changes;
	struct contact **newv;    /* contacts of the first scan          */
	size_t newc, news;
};


static bool is_card_name(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 4 && !strcasecmp(name + n - 4, ".vcf");
}


static bool file_handler(struct le *le, void *arg)
{
	const struct contact *c = le->data;

	return 0 == strcmp(c->file, arg);
}


static struct contact *find_file(const struct contacts *cs, char *file)
{
	struct le *le = hash_lookup(cs->files, hash_joaat_str(file),
				    file_handler, file);

	return le ? le->data : NULL;
}


static bool is_same(const struct contact_stamp *a,
		    const struct contact_stamp *b)
{
	return a->mtime.tv_sec == b->mtime.tv_sec &&
		a->mtime.tv_nsec == b->mtime.tv_nsec &&
		a->size == b->size && a->ino == b->ino;
}


static void tell(struct scan *sc, enum contact_change change,
		 const struct contact *c)
{
	struct contacts *cs = sc->cs;

	++sc->changes;
	if (sc->tell && sc->changes <= TELL_MAX && cs->h)
		cs->h(change, c, cs->arg);
}


static void log_bad(const char *file, int err)
{
	char *name = text_clean(file, strlen(file), TEXT_NAME);

	warning("contact: %s left out: %m\n", name ? name : "?", err);
	free(name);
}


static int keep_new(struct scan *sc, struct contact *c)
{
	if (sc->newc == sc->news) {
		size_t n = sc->news ? sc->news * 2 : 256;
		struct contact **v = realloc(sc->newv, n * sizeof(*v));

		if (!v)
			return ENOMEM;
		sc->newv = v;
		sc->news = n;
	}
	sc->newv[sc->newc++] = c;

	return 0;
}


static int load(struct scan *sc, struct contact *c)
{
	struct vcard *vc = NULL;
	bool fresh = c->bad;
	int err;

	err = contact_read(&vc, &c->st, sc->cs, c->file);
	if (!err)
		err = contact_fill(c, vc);
	mem_deref(vc);

	if (err) {
		log_bad(c->file, err);
		contact_stamp(&c->st, sc->cs, c->file);
		if (!fresh) {
			contact_take_out(c);
			tell(sc, CONTACT_REMOVED, c);
		}
		return err == ENOMEM ? err : 0;
	}

	if (sc->initial) {
		/* sorted all at once, when all are here */
		hash_append(sc->cs->ids, hash_joaat_str(c->id), &c->le_id,
			    c);
		return keep_new(sc, c);
	}

	contact_sort_in(c);
	tell(sc, fresh ? CONTACT_ADDED : CONTACT_CHANGED, c);

	return 0;
}


static int scan_file(struct scan *sc, char *file)
{
	struct contact *c = sc->initial ? NULL : find_file(sc->cs, file);
	struct contact_stamp st;
	int err;

	if (c) {
		c->found = true;
		contact_stamp(&st, sc->cs, file);
		if (is_same(&st, &c->st))
			return 0;
	}
	else {
		err = contact_alloc(&c, sc->cs, file);
		if (err)
			return err;
		c->found = true;
	}

	return load(sc, c);
}


static bool unfind_handler(struct le *le, void *arg)
{
	struct contact *c = le->data;

	(void)arg;
	c->found = false;

	return false;
}


static bool goner_handler(struct le *le, void *arg)
{
	struct contact *c = le->data;

	(void)arg;

	return !c->found;
}


static void remove_goners(struct scan *sc)
{
	struct le *le;

	while ((le = hash_apply(sc->cs->files, goner_handler, NULL))) {
		struct contact *c = le->data;

		hash_unlink(&c->le_file);
		if (!c->bad) {
			contact_take_out(c);
			tell(sc, CONTACT_REMOVED, c);
		}
		mem_deref(c);
	}
}


static int order_handler(const void *a, const void *b)
{
	return contact_order(*(struct contact *const *)a,
			     *(struct contact *const *)b);
}


static void sort_new(struct scan *sc)
{
	size_t i;

	if (sc->newc)
		qsort(sc->newv, sc->newc, sizeof(*sc->newv), order_handler);

	for (i = 0; i < sc->newc; i++) {
		struct contact *c = sc->newv[i];

		c->bad = false;
		list_append(&sc->cs->list, &c->le, c);
	}
}


int contact_scan(struct contacts *cs, bool tell_changes)
{
	struct scan sc = {.cs = cs, .tell = tell_changes};
	struct dirent *de;
	DIR *dir;
	int err = 0;

	dir = opendir(cs->dir);
	if (!dir)
		return errno;

	sc.initial = !tell_changes;
	(void)hash_apply(cs->files, unfind_handler, NULL);

	while (!err && (de = readdir(dir)) != NULL) {
		if (!is_card_name(de->d_name))
			continue;
		if (++sc.files > FILES_MAX) {
			warning("contact: more than %d files, the rest is"
				" left out\n", FILES_MAX);
			break;
		}
		err = scan_file(&sc, de->d_name);
	}
	(void)closedir(dir);

	if (sc.initial)
		sort_new(&sc);
	else if (!err)
		remove_goners(&sc);
	free(sc.newv);

	if (sc.changes > TELL_MAX && cs->h)
		cs->h(CONTACT_CHANGED, NULL, cs->arg);

	return err;
}


/* ---- watching ---------------------------------------------------------- */

static int add_watch(struct contacts *cs)
{
	cs->wd = inotify_add_watch(cs->fd, cs->dir, IN_CLOSE_WRITE |
				   IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
				   IN_ATTRIB | IN_DELETE_SELF |
				   IN_MOVE_SELF | IN_ONLYDIR);

	return cs->wd < 0 ? errno : 0;
}


static void tmr_handler(void *arg)
{
	struct contacts *cs = arg;
	int err = 0;

	if (cs->wd < 0) {
		err = add_watch(cs);
		if (err) {
			tmr_start(&cs->tmr, RETRY_MS, tmr_handler, cs);
			return;
		}
	}

	err = contact_scan(cs, true);
	if (err)
		warning("contact: %s: %m\n", cs->dir, err);
}


static void read_events(int flags, void *arg)
{
	char buf[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	struct contacts *cs = arg;
	bool any = false;
	ssize_t n;

	(void)flags;

	while ((n = read(cs->fd, buf, sizeof(buf))) > 0) {
		size_t off = 0;

		while (off + sizeof(struct inotify_event) <= (size_t)n) {
			const struct inotify_event *ev =
				(const void *)(buf + off);

			off += sizeof(*ev) + ev->len;
			if (ev->wd == cs->wd && (ev->mask & (IN_IGNORED |
							     IN_MOVE_SELF))) {
				(void)inotify_rm_watch(cs->fd, cs->wd);
				cs->wd = -1;
				any = true;
			}
			else if (ev->mask & IN_Q_OVERFLOW)
				any = true;
			else if (ev->len && is_card_name(ev->name))
				any = true;
		}
	}

	/* From the first event on: who writes without end is still seen */
	if (any && !tmr_isrunning(&cs->tmr))
		tmr_start(&cs->tmr, CALM_MS, tmr_handler, cs);
}


int contact_watch(struct contacts *cs)
{
	int err;

	cs->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (cs->fd < 0)
		return errno;

	err = add_watch(cs);
	if (!err)
		err = fd_listen(cs->fd, FD_READ, read_events, cs);
	if (err) {
		(void)close(cs->fd);
		cs->fd = -1;
	}

	return err;
}


void contact_unwatch(struct contacts *cs)
{
	tmr_cancel(&cs->tmr);
	if (cs->fd < 0)
		return;
	fd_close(cs->fd);
	(void)close(cs->fd);
	cs->fd = -1;
}
