/**
 * @file screening.c  Who may ring (pure)
 *
 * The order is the policy: what the user wants for everybody first, then
 * who it is, then what is too much.
 */
#include "screening.h"

#include <ctype.h>
#include <string.h>

enum { DRAIN_MS = 10000, PATTERN_MAX = 256 };


static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}


/* Wildcards without recursion: on a mismatch the last star takes one more */
static bool fits(const char *pattern, size_t len, const char *text)
{
	const char *p = pattern, *end = pattern + len, *star = NULL;
	const char *back = NULL;

	while (*text) {
		if (p < end && *p == '*') {
			star = ++p;
			back = text;
		}
		else if (p < end && (*p == '?' || same(*p, *text))) {
			++p;
			++text;
		}
		else if (star) {
			p = star;
			text = ++back;
		}
		else {
			return false;
		}
	}
	while (p < end && *p == '*')
		++p;

	return p == end;
}


/* "bob@example.org" of "sip:bob@example.org:5080;transport=tcp" */
static void plain(char *buf, size_t size, const char *uri)
{
	const char *p = strchr(uri, ':');
	size_t n;

	p = p ? p + 1 : uri;
	n = strcspn(p, ";?>");
	n = MIN(n, size - 1);
	memcpy(buf, p, n);
	buf[n] = '\0';
}


bool screening_match(const char *patterns, const char *uri,
		     const char *contact)
{
	char full[PATTERN_MAX], user[PATTERN_MAX], host[PATTERN_MAX];
	const char *p = patterns;
	char *at;

	plain(full, sizeof(full), uri);
	str_ncpy(user, full, sizeof(user));
	user[strcspn(user, "@")] = '\0';

	/* without the port: who is meant, not where */
	str_ncpy(host, full, sizeof(host));
	at = strchr(host, '@');
	if (at && at[1] != '[' && strchr(at, ':'))
		*strchr(at, ':') = '\0';

	while (*p) {
		size_t n;

		p += strspn(p, ", \t");
		n = strcspn(p, ",");
		while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
			--n;
		if (n > 4 && !strncmp(p, "sip:", 4)) {
			p += 4;
			n -= 4;
		}
		if (n && (fits(p, n, full) || fits(p, n, host) ||
			  fits(p, n, user) ||
			  (*contact && fits(p, n, contact))))
			return true;
		p += strcspn(p, ",");
	}

	return false;
}


static struct screening_result refuse(uint16_t scode, const char *why,
				      bool missed)
{
	const struct screening_result r = {
		.verdict = SCREENING_REFUSE, .scode = scode,
		.phrase = scode == 486 ? "Busy Here" :
			  "Temporarily Unavailable",
		.why = why, .missed = missed,
	};

	return r;
}


static struct screening_result forward(const char *target,
				       const char *reason)
{
	const struct screening_result r = {
		.verdict = SCREENING_FORWARD, .target = target,
		.phrase = reason, .why = "Sent on to another address",
	};

	return r;
}


struct screening_result screening_judge(const struct screening_rules *rules,
					const struct screening_caller *caller)
{
	struct screening_result r = { .verdict = SCREENING_RING };

	if (screening_match(rules->block, caller->uri, caller->contact))
		return refuse(480, "You block this caller", false);
	if (rules->contacts_only && !*caller->contact)
		return refuse(480, "Only contacts may call you", false);
	if (caller->anonymous && !rules->anonymous && !*caller->contact)
		return refuse(480, "Callers who hide may not call you",
			      false);

	/* too much is too much, whoever it is */
	if (caller->burst > rules->burst_max)
		return refuse(480, NULL, false);
	if (*rules->forward_always)
		return forward(rules->forward_always, "unconditional");
	if (rules->dnd)
		return refuse(480, "You were not to be disturbed", true);

	if (caller->ringing >= rules->ringing_max ||
	    ((!rules->waiting || *rules->forward_busy) &&
	     (caller->up || caller->ringing))) {
		if (*rules->forward_busy)
			return forward(rules->forward_busy, "user-busy");
		return refuse(486, rules->waiting ? NULL :
			      "You were in another call", true);
	}

	/* a wish from the network counts for those on the list only, and
	   only where the server vouches for the name (S-6) */
	if (caller->asks_answer && caller->trusted_path && !caller->up &&
	    screening_match(rules->answer, caller->uri, caller->contact))
		r.verdict = SCREENING_ANSWER;

	return r;
}


uint32_t screening_count(struct screening_sources *s, const char *source,
			 uint64_t now)
{
	const uint32_t key = hash_joaat_str_ci(source);
	uint64_t gone;
	size_t i = key % SCREENING_SOURCES;

	if (s->v[i].key != key) {
		s->v[i].key = key;
		s->v[i].level = 0;
		s->v[i].at = now;
	}

	gone = (now - s->v[i].at) / DRAIN_MS;
	s->v[i].level -= (uint32_t)MIN(gone, (uint64_t)s->v[i].level);
	s->v[i].at += gone * DRAIN_MS;
	if (s->v[i].level < 1000)
		++s->v[i].level;

	return s->v[i].level;
}


void screening_forget(struct screening_sources *s, const char *source)
{
	const uint32_t key = hash_joaat_str_ci(source);
	const size_t i = key % SCREENING_SOURCES;

	if (s->v[i].key == key)
		s->v[i].level = 0;
}
