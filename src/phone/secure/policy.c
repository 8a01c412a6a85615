/**
 * @file policy.c  What may be offered and what may be accepted
 *
 * One offer reaches most: an ordinary media line (RTP/AVP) that says by
 * attributes what else could be done (RFC 8643 and its like for the other
 * two). Who knows none of it sees a plain offer. Some answer 488 unless the
 * line itself demands keys; for them come the stricter profiles, each with
 * the way it stands for, and ZRTP for who would rather have that.
 *
 * Who must have keys begins with those: a phone without any then refuses
 * at once, where an ordinary line would make it ring for a call that ends
 * at its answer. Only ZRTP has no profile of its own. It goes into an
 * ordinary line where nothing else can be offered, or where the peer is
 * known to speak it.
 *
 * A key in SDP is worth what the signalling is worth, so it is offered
 * where that is encrypted; where it is not, it is the last resort of who
 * would go on without any, and counts as none.
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


/* Is an offer that a plain phone would ring for to be made? */
static bool ordinary_line(const struct policy *p, unsigned keys)
{
	return keys & NONE || !(keys & (DTLS | SDES)) ||
		(p->zrtp_met && keys & ZRTP);
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

	if (ordinary_line(p, keys))
		add(v, &n, POLICY_AVP, (keys & (NONE | ZRTP | DTLS)) |
		    (p->signalling_tls ? keys & SDES : 0));
	if (keys & DTLS)
		add(v, &n, POLICY_TLS_SAVP, keys & (DTLS | ZRTP));
	if (keys & SDES)
		add(v, &n, POLICY_SAVP, keys & (SDES | ZRTP));

	return n;
}


unsigned policy_accepts(const struct policy *p, bool demanded)
{
	const unsigned keys = usable(p);

	/* Who turned it off still answers who insists. Nothing in SDP can
	   say that of ZRTP, and some who offer it hear nothing without */
	if (p->minimum == MINIMUM_OFF && !demanded)
		return NONE | (keys & ZRTP);
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


const char *policy_refused(const struct policy *p)
{
	if (usable(p) & ZRTP && !ordinary_line(p, usable(p)))
		return "The other side refused every encrypted offer. If it "
		       "has nothing but ZRTP, call it with the minimum e2e";

	return "The other side refused every encrypted offer";
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
