/**
 * @file presence.h  How we are, told; how the contacts are, asked for
 *
 * Joins accounts, contacts, publications and subscriptions, which do not
 * know one another. An account takes part if its `presence` says so, or, if
 * that is left to itself (`auto`): if its server offers it, or as soon as
 * the user has said how he is. Never by itself does a direct account.
 * Main loop.
 */
#ifndef OFFHOOK_PRESENCE_H
#define OFFHOOK_PRESENCE_H

#include "common/re_compat.h"
#include "phone/sip/pidf.h"

struct account;
struct accounts;
struct contacts;
struct presence;

/** What the user chose, and what the phone does */
struct presence_conf {
	const char *state;       /**< auto off online away busy offline   */
	const char *note;        /**< Or ""                               */
	bool in_call;            /**< Is in a call, and that may be told  */
	bool dnd;                /**< Is not to be disturbed              */
};

/** Is it one of the states a user may choose? */
bool presence_choice_valid(const char *state);

/**
 * @param pp        Presence, free with mem_deref() before the accounts
 * @param accounts  Borrowed
 */
int presence_alloc(struct presence **pp, struct accounts *accounts);

/** The contacts are there now, or are not any more (NULL) */
void presence_set_contacts(struct presence *p, struct contacts *contacts);

/** This is how it stands; copied */
void presence_configure(struct presence *p, const struct presence_conf *pc);

/** The phone ends: take back what was published, watch nobody any more */
void presence_stop(struct presence *p);

/** What others are shown; PRESENCE_UNKNOWN: nothing, to nobody */
enum presence_state presence_shown(const struct presence *p);

/**
 * What becomes of it at an account: "off" (does not take part), "direct"
 * (there is no server to tell), or "trying", "active", "waiting", "refused"
 */
const char *presence_account_state(const struct presence *p,
				   const struct account *acc);

/** Why it is not active there, "" if it is */
const char *presence_account_reason(const struct presence *p,
				    const struct account *acc);

#endif
