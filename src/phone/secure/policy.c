/**
 * @file policy.c  What may be offered and what may be accepted
 *
 * One offer reaches most: an ordinary media line (RTP/AVP) that says by
 * attributes what else could be done (RFC 8643 and its like for the other
 * two). Who knows none of it sees a plain offer. Some answer 488 unless the
 * line itself demands keys; for them come the stricter profiles, each with
 * the one way it stands for. A key in SDP is worth what the signalling is
 * worth, so it is offered where that is encrypted; where it is not, it is
 * the last resort of who would go on without any, and counts as none.
 */
#include "policy.h"

#define NONE POLICY_KEYS(KEYS_NONE)
#define SDES POLICY_KEYS(KEYS_SDES)
#define DTLS POLICY_KEYS(KEYS_DTLS_SRTP)
#define ZRTP POLICY_KEYS(KEYS_ZRTP)


/* What a call of this minimum may use at all */
static unsigned usable(const struct policy *p)
{
	switch (p->minimum) {
	case MINIMUM_OFF:
	case MINIMUM_PREFER:
		return NONE | ((SDES | DTLS | ZRTP) & p->have);
	case MINIMUM_REQUIRE:
		return (DTLS | ZRTP | (p->signalling_tls ? SDES : 0)) &
			p->have;
	case MINIMUM_E2E:
	case MINIMUM_VERIFIED:
		return ZRTP & p->have;
	}

	return 0;
}


static void add(struct policy_offer *v, size_t *n,
		enum policy_profile profile, unsigned keys)
{
	if (!keys)
		return;

	v[*n].profile = profile;
	v[*n].keys = keys;
	++*n;
}


size_t policy_offers(const struct policy *p,
		     struct policy_offer v[POLICY_OFFERS])
{
	const unsigned keys = usable(p);
	size_t n = 0;

	if (p->minimum == MINIMUM_OFF) {
		add(v, &n, POLICY_AVP, NONE);
		return n;
	}

	add(v, &n, POLICY_AVP, (keys & (NONE | ZRTP | DTLS)) |
	    (p->signalling_tls ? keys & SDES : 0));
	add(v, &n, POLICY_TLS_SAVP, keys & DTLS);
	add(v, &n, POLICY_SAVP, keys & SDES);

	return n;
}


unsigned policy_accepts(const struct policy *p, bool demanded)
{
	const unsigned keys = usable(p);

	/* who turned it off still answers who insists */
	if (p->minimum == MINIMUM_OFF && !demanded)
		return NONE;
	if (demanded)
		return keys & ~NONE;

	return p->signalling_tls ? keys : keys & ~SDES;
}


bool policy_requires(const struct policy *p)
{
	return !(usable(p) & NONE);
}


const char *policy_refusal(const struct policy *p)
{
	if (usable(p))
		return NULL;

	if (p->minimum == MINIMUM_REQUIRE && (p->have & SDES))
		return "This call must be encrypted, and the plugins that "
		       "could do it over this account are missing";
	if (p->minimum == MINIMUM_REQUIRE)
		return "This call must be encrypted, and the plugins for "
		       "that are missing";

	return "This call must be encrypted end to end, and the ZRTP plugin "
	       "is missing";
}


const char *policy_verdict(enum minimum minimum, enum label label)
{
	if (minimum_allows(minimum, label))
		return NULL;

	if (label == LABEL_BROKEN)
		return "Somebody may be in the middle: the call was ended";

	switch (minimum) {
	case MINIMUM_VERIFIED:
		return "The words of this device have never been compared, "
		       "and security.minimum wants them to be";
	case MINIMUM_E2E:
		return "The call was not encrypted end to end, and "
		       "security.minimum wants it to be";
	default:
		return "The call was not encrypted, and security.minimum "
		       "wants it to be";
	}
}


const char *policy_unmet(enum minimum minimum)
{
	switch (minimum) {
	case MINIMUM_E2E:
	case MINIMUM_VERIFIED:
		return "The other side does not encrypt end to end";
	default:
		return "The other side does not encrypt the sound";
	}
}


enum minimum policy_minimum(const char *setting, const char *account,
			    const char *contact)
{
	if (contact && *contact)
		return minimum_decode(contact);
	if (account && *account)
		return minimum_decode(account);

	return minimum_decode(setting);
}
