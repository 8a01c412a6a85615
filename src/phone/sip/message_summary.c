/**
 * @file message_summary.c  How many messages wait (RFC 3842)
 *
 * Lines of `name: value`. Whether one waits must be said; counts are
 * believed only if they are numbers that a mailbox can hold; the address of
 * the mailbox only if it is one and nothing else.
 */
#include "message_summary.h"

#include "target.h"

static bool line_next(struct pl *in, struct pl *name, struct pl *val)
{
	while (in->l) {
		const char *nl = memchr(in->p, '\n', in->l), *colon;
		size_t n = nl ? (size_t)(nl - in->p) : in->l;
		const char *p = in->p;

		pl_advance(in, (ssize_t)(nl ? n + 1 : n));
		while (n && strchr("\r \t", p[n - 1]) && p[n - 1])
			--n;

		colon = n ? memchr(p, ':', n) : NULL;
		if (!colon)
			continue;

		name->p = p;
		name->l = (size_t)(colon - p);
		val->p = colon + 1;
		val->l = n - name->l - 1;
		while (val->l && (*val->p == ' ' || *val->p == '\t'))
			pl_advance(val, 1);
		return true;
	}

	return false;
}

static bool number(struct pl *in, uint32_t *np)
{
	uint32_t n = 0;
	size_t digits = 0;

	while (in->l && *in->p >= '0' && *in->p <= '9' && digits < 6) {
		n = n * 10 + (uint32_t)(*in->p - '0');
		pl_advance(in, 1);
		++digits;
	}
	*np = n;

	return digits && n <= SUMMARY_MAX;
}

static bool character(struct pl *in, char c)
{
	if (!in->l || *in->p != c)
		return false;

	pl_advance(in, 1);

	return true;
}

/* "2/8 (0/2)": new, old, and how many of them are urgent */
static void counts(struct message_summary *ms, const struct pl *val)
{
	struct pl in = *val;
	uint32_t v[4] = { 0, 0, 0, 0 };

	if (!number(&in, &v[0]) || !character(&in, '/') ||
	    !number(&in, &v[1]))
		return;

	while (character(&in, ' ') || character(&in, '\t'))
		;
	if (in.l && (!character(&in, '(') || !number(&in, &v[2]) ||
		     !character(&in, '/') || !number(&in, &v[3]) ||
		     !character(&in, ')') || in.l))
		return;

	ms->counted = true;
	ms->fresh = v[0];
	ms->old = v[1];
	ms->urgent = MIN(v[2], v[0]);
	ms->urgent_old = MIN(v[3], v[1]);
}

static void account(struct message_summary *ms, const struct pl *val)
{
	char buf[SUMMARY_ACCOUNT];
	size_t i;

	for (i = 0; i < val->l; i++) {
		if ((uint8_t)val->p[i] <= ' ' || (uint8_t)val->p[i] >= 0x7f)
			return;
	}
	if (pl_strcpy(val, buf, sizeof(buf)) || target_check(buf))
		return;

	str_ncpy(ms->account, buf, sizeof(ms->account));
}

int message_summary_decode(struct message_summary *ms, const char *body,
			   size_t len)
{
	struct pl in, name, val;
	bool told = false;

	if (!ms || !body)
		return EINVAL;

	memset(ms, 0, sizeof(*ms));
	in.p = body;
	in.l = len;

	while (line_next(&in, &name, &val)) {
		if (!pl_strcasecmp(&name, "Messages-Waiting")) {
			if (pl_strcasecmp(&val, "yes") &&
			    pl_strcasecmp(&val, "no"))
				return EBADMSG;
			ms->waiting = !pl_strcasecmp(&val, "yes");
			told = true;
		}
		else if (!pl_strcasecmp(&name, "Voice-Message")) {
			counts(ms, &val);
		}
		else if (!pl_strcasecmp(&name, "Message-Account")) {
			account(ms, &val);
		}
	}

	return told ? 0 : EBADMSG;
}
