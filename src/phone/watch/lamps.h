/**
 * @file lamps.h  Busy lamps: who of the contacts is being called or calls
 *
 * A contact that is watched (X-OFFHOOK-WATCH in its card) is subscribed to
 * with the dialog package (RFC 4235) through the account that would call
 * it, as long as that is up. Joins contacts, accounts and subscriptions,
 * which do not know one another. Main loop.
 */
#ifndef OFFHOOK_LAMPS_H
#define OFFHOOK_LAMPS_H

#include "common/re_compat.h"

struct account;
struct accounts;
struct contact;
struct contacts;
struct lamps;

/**
 * @param lp        Lamps, free with mem_deref() before the accounts
 * @param accounts  Borrowed
 */
int lamps_alloc(struct lamps **lp, struct accounts *accounts);

/** The contacts are there now, or are not any more (NULL) */
void lamps_set_contacts(struct lamps *lamps, struct contacts *contacts);

/** Switch all of them off, or on */
void lamps_enable(struct lamps *lamps, bool on);

/** Where and how to pick up the call that rings there */
struct lamp_pickup {
	struct account *acc;
	const char *target;
	const char *call_id, *local_tag, *remote_tag;
};

/**
 * @return 0 if success, ENOENT: the contact is not watched, EAGAIN: nothing
 *         rings there, EINVAL: it was not told which call it is
 */
int lamps_ringing(const struct lamps *lamps, const struct contact *contact,
		  struct lamp_pickup *pickup);

#endif
