/**
 * @file replaces.c  An INVITE that takes the place of a call (RFC 3891)
 *
 * How an attended transfer ends and how a call is picked up: whoever knows
 * Call-ID and both tags was told them by one of the two sides.
 */
#include <string.h>

#include "session_priv.h"

struct match {
	const struct session * not ;
	const struct replaces *rep;
};

static bool match_handler(struct le *le, void *arg)
{
	const struct session *sess = le->data;
	const struct match *m = arg;

	return sess != m->not &&sess->ltag && sess->rtag &&
		!pl_strcmp(&m->rep->callid, sess->callid) &&
		!pl_strcmp(&m->rep->to_tag, sess->ltag) &&
		!pl_strcmp(&m->rep->from_tag, sess->rtag);
}

struct session *session_replaced(const struct session *sess, uint16_t *scode)
{
	const struct sip_hdr *hdr;
	struct session *old;
	struct replaces rep;
	struct match m;

	*scode = 0;
	if (!sess || !sess->msg)
		return NULL;

	hdr = sip_msg_hdr(sess->msg, SIP_HDR_REPLACES);
	if (!hdr)
		return NULL;

	if (replaces_decode(&rep, &hdr->val) ||
	    sip_msg_hdr_count(sess->msg, SIP_HDR_REPLACES) != 1) {
		*scode = 400;
		return NULL;
	}

	m.not = sess;
	m.rep = &rep;
	old = list_ledata(hash_lookup(sess->stack->ht_sess,
				      hash_joaat_pl(&rep.callid),
				      match_handler, &m));

	/* RFC 3891 3: what has ended cannot be taken over; what rings here
	   is for its caller to move */
	if (!old || (old->incoming && old->state < SESSION_ESTABLISHED))
		*scode = 481;
	else if (old->state == SESSION_CLOSED)
		*scode = 603;
	else if (rep.early_only && old->state == SESSION_ESTABLISHED)
		*scode = 486;

	return *scode ? NULL : old;
}

bool session_token(const char *s)
{
	size_t i;

	for (i = 0; s && s[i]; i++) {
		if (s[i] <= ' ' || s[i] >= 0x7f || strchr(";,\"\\", s[i]))
			return false;
	}

	return i > 0 && i < 256;
}
