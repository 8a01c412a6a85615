/**
 * @file contact_priv.h  Contacts, seen from inside
 */
#ifndef OFFHOOK_CONTACT_PRIV_H
#define OFFHOOK_CONTACT_PRIV_H

#include <sys/types.h>
#include <time.h>

#include "contact.h"
#include "vcard.h"

enum { CONTACT_URIS_MAX = 32 };

/** The property of a card that says how calls with it are protected */
#define CONTACT_SECURITY "X-OFFHOOK-SECURITY"
#define CONTACT_WATCH "X-OFFHOOK-WATCH"
#define CONTACT_PRESENCE "X-OFFHOOK-PRESENCE"

/** One address of a contact */
struct contact_uri {
	struct le le;            /**< in contacts->uris, by key          */
	struct contact *contact;
	char *uri;               /**< "sip:..." or "tel:+..."            */
	char *key;               /**< what is compared                   */
	const char *prop;        /**< property it came from              */
	char *value;             /**< and its value there                */
};

/** How a file looked when it was read */
struct contact_stamp {
	struct timespec mtime;
	off_t size;
	ino_t ino;
};

/** One file; a bad one is known, so that it is told of only once */
struct contact {
	struct le le;            /**< in contacts->list, if not bad      */
	struct le le_file;       /**< in contacts->files                 */
	struct le le_id;         /**< in contacts->ids, if not bad       */
	struct contacts *cs;
	char *file;              /**< name in the folder                 */
	struct contact_stamp st; /**< of what was read                   */
	bool bad;
	bool found;              /**< by the scan that is going on       */

	char *id;
	char *name;              /**< cleaned                            */
	char *folded;            /**< name to sort and search by         */
	char *org;
	char *note;
	char security[16];       /**< X-OFFHOOK-SECURITY, "": none       */
	bool watched;            /**< X-OFFHOOK-WATCH                    */
	enum lamp lamp;          /**< What it was told of its calls      */
	bool unasked;            /**< X-OFFHOOK-PRESENCE:false           */
	enum presence_state presence; /**< What was told of it           */
	char *presence_note;     /**< NULL: none                         */
	struct contact_uri **uriv;
	size_t uric;
};

struct contacts {
	struct list list;        /**< struct contact by name, owned      */
	struct hash *files;      /**< all struct contact by file         */
	struct hash *ids;        /**< by id                              */
	struct hash *uris;       /**< struct contact_uri by key          */
	char *dir;
	contact_change_h *h;
	void *arg;
	int fd;                  /**< inotify, -1: none                  */
	int wd;                  /**< watch, -1: none                    */
	struct tmr tmr;          /**< waits for things to calm down      */
};

/* ---- contact_uri.c: pure ---- */

/**
 * Make an address out of what a card or a person says
 *
 * @param urip  "sip:...", "sips:..." or "tel:...", libre mem object
 * @param text  URI, user@host or telephone number
 *
 * @return 0, EINVAL: it is neither
 */
int contact_uri_make(char **urip, const char *text);

/** Is it only digits and what people write between them? */
bool contact_is_number(const char *text);

/** Copy the digits and a leading +; bytes written without the NUL */
size_t contact_digits(char *buf, size_t size, const char *text);

/* ---- contact_load.c ---- */

/**
 * Read a file of the folder as a card
 *
 * @param vcp    Card
 * @param st     How it looks
 * @param cs     Contacts
 * @param file   Name in the folder
 *
 * @return 0 if success, otherwise errorcode (ENOENT: gone)
 */
int contact_read(struct vcard **vcp, struct contact_stamp *st,
		 const struct contacts *cs, const char *file);

/** How a file of the folder looks now; all zero if there is none */
void contact_stamp(struct contact_stamp *st, const struct contacts *cs,
		   const char *file);

/** Take names and addresses of a card over; id and file stay */
int contact_fill(struct contact *c, const struct vcard *vc);

/** Make a contact known by its file, with nothing in it yet */
int contact_alloc(struct contact **cp, struct contacts *cs,
		  const char *file);

/** Put it where its name belongs, or out of the list */
void contact_sort_in(struct contact *c);
void contact_take_out(struct contact *c);

/** Sort order of two contacts */
int contact_order(const struct contact *a, const struct contact *b);

/* ---- contact_dir.c ---- */

/** Read the folder; tell: say what changed */
int contact_scan(struct contacts *cs, bool tell);

int contact_watch(struct contacts *cs);
void contact_unwatch(struct contacts *cs);

#endif
