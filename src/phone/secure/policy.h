/**
 * @file policy.h  What may be offered and what may be accepted
 *
 * Pure: minimum and circumstances in, offers and verdicts out.
 */
#ifndef OFFHOOK_POLICY_H
#define OFFHOOK_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "label.h"

enum { POLICY_OFFERS = 4 };

/** The transport a media line names (RTP/AVP, RTP/SAVP, UDP/TLS/RTP/SAVP) */
enum policy_profile { POLICY_AVP, POLICY_SAVP, POLICY_TLS_SAVP };

/** Set of enum key_exchange */
#define POLICY_KEYS(keys) (1u << (unsigned)(keys))

/** One of the offers of an outgoing call */
struct policy_offer {
	enum policy_profile profile;
	unsigned keys;           /**< POLICY_KEYS() of what is offered    */
};

/** What the decision hangs on */
struct policy {
	enum minimum minimum;
	bool signalling_tls;     /**< Our hop to the server is TLS        */
	unsigned have;           /**< POLICY_KEYS() of the plugins there  */
	bool zrtp_met;           /**< This peer spoke ZRTP with us before */
};

/**
 * The offers of an outgoing call, in the order they are tried: the first,
 * and after each 488 the next one
 *
 * @return How many there are; 0: there can be no call
 */
size_t policy_offers(const struct policy *p,
		     struct policy_offer v[POLICY_OFFERS]);

/**
 * What is accepted in an offer that comes in, or in the answer to ours
 *
 * @param demanded  Their media line is one that demands keys
 */
unsigned policy_accepts(const struct policy *p, bool demanded);

/** Is a call without keys out of the question? */
bool policy_requires(const struct policy *p);

/** Why there can be no call at all, one sentence; NULL: there can */
const char *policy_refusal(const struct policy *p);

/** Why a call that has come to this label may not go on; NULL: it may */
const char *policy_verdict(enum minimum minimum, enum label label);

/** Why somebody's offer or answer without the keys we want ends a call */
const char *policy_unmet(enum minimum minimum);

/** Why a call ended all of whose offers were refused */
const char *policy_refused(const struct policy *p);

/**
 * The minimum for one call: the contact's own word before the account's,
 * the account's before the setting; "" says nothing
 */
enum minimum policy_minimum(const char *setting, const char *account,
			    const char *contact);

#endif
