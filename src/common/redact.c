/**
 * @file redact.c  Secrets out of a line of the log
 *
 * One pass in place. Where a word stands that names a secret and a value
 * follows (`password=x`, `"token": "x"`, `inline:x`), the value becomes
 * stars. What is written is never ahead of what is read, so the text can
 * only get shorter. Better a harmless word too many than one secret.
 */
#include "log.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))


/** A place to read from and, at or before it, one to write to */
struct cursor {
	const char *r;
	char *w;
};


enum secret {
	SECRET_NO,
	SECRET_VALUE,       /* any value                                 */
	SECRET_DIGEST,      /* a quoted one, or long and hexadecimal     */
	SECRET_INLINE,      /* RFC 4568 6.1: key up to '|'               */
	SECRET_CREDENTIALS, /* Authorization: scheme, then the secret    */
	SECRET_USERINFO,    /* sip:user:password@host                    */
};


static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}


static bool has_part(const char *word, size_t len, const char *part)
{
	size_t n = strlen(part), i;

	for (i = 0; i + n <= len; i++) {
		/* the parts are in lower case */
		if ((word[i] | 0x20) == part[0] &&
		    !strncasecmp(word + i, part, n))
			return true;
	}

	return false;
}


static bool is_one(const char *word, size_t len, const char *name)
{
	return len == strlen(name) && !strncasecmp(word, name, len);
}


/* What does a word announce, when ':' or '=' follows? */
static enum secret classify(const char *word, size_t len)
{
	static const char *const parts[] = {
		"password", "passwd", "passphrase", "passcode", "secret",
		"token", "credential", "ha1", "privkey", "apikey",
	};
	static const char *const names[] = {
		"pass", "pwd", "pw", "pin", "key", "psk", "auth_pass",
	};
	size_t i;

	for (i = 0; i < N(parts); i++) {
		if (has_part(word, len, parts[i]))
			return SECRET_VALUE;
	}
	for (i = 0; i < N(names); i++) {
		if (is_one(word, len, names[i]))
			return SECRET_VALUE;
	}

	/* srtp_key, master-key */
	if (len > 4 && (word[len - 4] == '_' || word[len - 4] == '-') &&
	    !strncasecmp(word + len - 3, "key", 3))
		return SECRET_VALUE;

	if (is_one(word, len, "response") || is_one(word, len, "rspauth"))
		return SECRET_DIGEST;
	if (is_one(word, len, "inline"))
		return SECRET_INLINE;
	if (is_one(word, len, "authorization") ||
	    is_one(word, len, "proxy-authorization"))
		return SECRET_CREDENTIALS;
	if (is_one(word, len, "sip") || is_one(word, len, "sips"))
		return SECRET_USERINFO;

	return SECRET_NO;
}


static void copy(struct cursor *c, size_t n)
{
	memmove(c->w, c->r, n);
	c->w += n;
	c->r += n;
}


static void copy_space(struct cursor *c)
{
	copy(c, strspn(c->r, " \t"));
}


static void blank(struct cursor *c, size_t n)
{
	size_t stars = n < 3 ? n : 3;

	memset(c->w, '*', stars);
	c->w += stars;
	c->r += n;
}


/* Length of the text in quotes, after the opening one */
static size_t quoted_len(const char *p, char quote)
{
	size_t n = 0;

	while (p[n] && p[n] != quote && p[n] != '\n') {
		if (p[n] == '\\' && p[n + 1])
			++n;
		++n;
	}

	return n;
}


/* Blank the value at the cursor */
static void blank_value(struct cursor *c)
{
	size_t esc = *c->r == '\\';
	char quote = c->r[esc];

	if (quote == '"' || quote == '\'') {
		size_t n;

		copy(c, esc + 1);

		/* JSON inside JSON: the quotes themselves are escaped */
		if (esc) {
			const char end[] = {'\\', quote, '\0'};
			const char *p = strstr(c->r, end);

			n = p ? (size_t)(p - c->r) : strlen(c->r);
		}
		else
			n = quoted_len(c->r, quote);
		blank(c, n);
		return;
	}

	blank(c, strcspn(c->r, " \t\r\n"));
}


static void blank_digest(struct cursor *c)
{
	size_t hex = strspn(c->r, "0123456789abcdefABCDEF");

	if (*c->r == '"' || *c->r == '\'' || *c->r == '\\')
		blank_value(c);
	else if (hex >= 16)
		blank(c, hex);
}


/* Digest goes on as parameters; of any other scheme all is secret */
static void blank_credentials(struct cursor *c)
{
	size_t n = strcspn(c->r, " \t\r\n");

	if (is_one(c->r, n, "Digest"))
		return;
	copy(c, n);
	copy_space(c);
	blank(c, strcspn(c->r, "\r\n"));
}


static void blank_userinfo(struct cursor *c)
{
	size_t n = strcspn(c->r, " \t\r\n<>\"@");
	const char *colon;

	if (c->r[n] != '@')
		return;
	colon = memchr(c->r, ':', n);
	if (!colon)
		return;

	n -= (size_t)(colon + 1 - c->r);
	copy(c, (size_t)(colon + 1 - c->r));
	blank(c, n);
}


/* Bytes between a word and the value it names, 0 if it names none */
static size_t separator(const char *p)
{
	size_t n = 0;

	/* the quote that ends a JSON key */
	if (p[n] == '\\')
		++n;
	if (p[n] == '"' || p[n] == '\'')
		++n;
	else
		n = 0;
	n += strspn(p + n, " \t");

	return p[n] == ':' || p[n] == '=' ? n + 1 : 0;
}


void log_redact(char *line)
{
	struct cursor c;

	if (!line)
		return;

	c.r = c.w = line;

	while (*c.r) {
		enum secret secret;
		size_t n = 0, sep;

		while (is_word(c.r[n]))
			++n;
		if (!n) {
			copy(&c, 1);
			continue;
		}

		sep = separator(c.r + n);
		secret = sep ? classify(c.r, n) : SECRET_NO;
		copy(&c, n);
		if (secret == SECRET_NO)
			continue;

		copy(&c, sep);
		if (secret != SECRET_USERINFO)
			copy_space(&c);

		switch (secret) {

		case SECRET_VALUE:
			blank_value(&c);
			break;

		case SECRET_DIGEST:
			blank_digest(&c);
			break;

		case SECRET_INLINE:
			blank(&c, strcspn(c.r, " \t\r\n|;\""));
			break;

		case SECRET_CREDENTIALS:
			blank_credentials(&c);
			break;

		case SECRET_USERINFO:
			blank_userinfo(&c);
			break;

		case SECRET_NO:
			break;
		}
	}

	*c.w = '\0';
}
