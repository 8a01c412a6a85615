/**
 * @file contact.h  Contacts: a folder of vCard files, one contact a file
 *
 * As vdirsyncer and khard keep them. Read at start, watched by inotify,
 * written whole-or-not. What a file has and we do not know is kept when the
 * contact is written back. Main loop.
 */
#ifndef OFFHOOK_CONTACT_H
#define OFFHOOK_CONTACT_H

#include "common/re_compat.h"
#include "phone/sip/dialog_info.h"
#include "phone/sip/pidf.h"

struct contacts;
struct contact;

enum contact_change { CONTACT_ADDED, CONTACT_CHANGED, CONTACT_REMOVED };

/** contact NULL: many changed at once, read the list anew */
typedef void (contact_change_h)(enum contact_change change,
				const struct contact *contact, void *arg);

/**
 * @param csp  Contacts, free with mem_deref()
 * @param dir  Folder, made if missing
 * @param h    Called for changes from outside and by us
 */
int contacts_open(struct contacts **csp, const char *dir,
		  contact_change_h *h, void *arg);

/** Contacts sorted by name (struct contact in le->data) */
const struct list *contacts_list(const struct contacts *cs);
uint32_t contacts_count(const struct contacts *cs);

const char *contact_id(const struct contact *c);     /**< file stem      */
const char *contact_name(const struct contact *c);   /**< cleaned        */
/** SIP URIs and telephone numbers: "sip:bob@example.org", "tel:+49..." */
size_t contact_uri_count(const struct contact *c);
const char *contact_uri(const struct contact *c, size_t i);
const char *contact_org(const struct contact *c);
const char *contact_note(const struct contact *c);
/** Least protection of calls with it ("e2e"), "": the account's */
const char *contact_security(const struct contact *c);

struct contact *contact_find(const struct contacts *cs, const char *id);

/** Contact with exactly this SIP URI (user part as is, host without regard
 *  to case, no parameters), NULL if there is none */
struct contact *contact_find_uri(const struct contacts *cs, const char *uri);

/** Best match for what a person typed (id, name, part of name); NULL */
struct contact *contact_match(const struct contacts *cs, const char *text);

/**
 * Add a contact: writes DIR/ID.vcf
 *
 * @param uriv  SIP URIs or telephone numbers
 *
 * @return 0, EINVAL: no name or bad URI
 */
int contact_add(struct contacts *cs, const char *name,
		const char *const uriv[], size_t uric, struct contact **cp);

/** Change name and URIs (NULL: as they are), rest of the card stays */
int contact_edit(struct contacts *cs, struct contact *c, const char *name,
		 const char *const uriv[], size_t uric);

/**
 * Set the least protection of calls with a contact
 *
 * @param word  One of security.minimum's, or "" for the account's
 *
 * @return 0, EINVAL: no such word
 */
int contact_set_security(struct contacts *cs, struct contact *c,
			 const char *word);

/** Are its calls watched (busy lamp)? */
bool contact_watched(const struct contact *c);

/** Watch its calls, or do not any more; kept in its card */
int contact_set_watched(struct contacts *cs, struct contact *c, bool on);

/** What the lamp shows; not kept. True if that is something else now */
bool contact_set_lamp(struct contact *c, enum lamp lamp);
enum lamp contact_lamp(const struct contact *c);

/** May its presence be asked for? Yes, if its card does not say no */
bool contact_presence_allowed(const struct contact *c);

/** Ask for its presence, or never; kept in its card */
int contact_allow_presence(struct contacts *cs, struct contact *c, bool on);

/**
 * Set how it is, as it was told; not kept
 *
 * @param pd  State and note; NULL: not known
 *
 * @return True if that is something else now
 */
bool contact_set_presence(struct contact *c, const struct pidf *pd);
enum presence_state contact_presence(const struct contact *c);
/** What it says of itself, not cleaned; "" if nothing */
const char *contact_presence_note(const struct contact *c);

int contact_remove(struct contacts *cs, struct contact *c);

/**
 * Form in which equal addresses are equal strings
 *
 * @param keyp  New string (mem_deref)
 *
 * @return 0 if success, otherwise errorcode
 */
int contact_uri_key(char **keyp, const char *uri);

#endif
