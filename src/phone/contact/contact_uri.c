/**
 * @file contact_uri.c  Addresses of a contact: SIP URIs and numbers
 *
 * Pure. A card says "sip:Bob@Example.ORG;transport=tcp", "+49 (30) 1234" or
 * "tel:+49-30-1234"; a person says "bob@example.org". What is made of it
 * can be dialled; its key is what is compared: no parameters, the host in
 * lower case, of a number the digits.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "contact_priv.h"

enum {
	URI_MAX    = 512,
	DIGITS_MAX = 32,
};


/* What people write between the digits of a number */
static bool is_separator(char c)
{
	return c != '\0' && strchr(" -.()/", c);
}


bool contact_is_number(const char *text)
{
	size_t digits = 0;
	const char *p;

	if (!text)
		return false;

	for (p = text; *p; p++) {
		if (isdigit((unsigned char)*p))
			++digits;
		else if (*p == '+' && !digits)
			continue;
		else if (*p == '*' || *p == '#')
			++digits;
		else if (!is_separator(*p))
			return false;
	}

	return digits > 0 && digits <= DIGITS_MAX;
}


size_t contact_digits(char *buf, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && *text != ';' && n + 1 < size; text++) {
		if (!is_separator(*text) && (n == 0 || *text != '+'))
			buf[n++] = *text;
	}
	buf[n] = '\0';

	return n;
}


static int make_number(char **urip, const char *text)
{
	char buf[DIGITS_MAX + 8];
	char number[URI_MAX + 1];
	size_t n = strcspn(text, ";");

	/* RFC 3966 3: parameters follow; the number is what is dialled */
	if (n >= sizeof(number))
		return EINVAL;
	memcpy(number, text, n);
	number[n] = '\0';
	if (!contact_is_number(number))
		return EINVAL;

	(void)contact_digits(buf, sizeof(buf), number);

	return re_sdprintf(urip, "tel:%s", buf);
}


static int make_sip(char **urip, const char *scheme, const char *text)
{
	struct uri uri;
	struct pl pl;
	const char *p;
	char *str = NULL;
	int err;

	for (p = text; *p; p++) {
		if (*p <= 0x20 || *p >= 0x7f || strchr("<>\"\\^`{|}", *p))
			return EINVAL;
	}

	err = re_sdprintf(&str, "%s%s", scheme, text);
	if (err)
		return err;

	pl_set_str(&pl, str);
	memset(&uri, 0, sizeof(uri));
	err = pl.l > URI_MAX ? EINVAL : uri_decode(&uri, &pl);

	/* libre takes a host of no characters */
	if (!err && !uri.host.l)
		err = EINVAL;
	/* a password has no place in an address book */
	if (!err && pl_isset(&uri.password))
		err = EINVAL;

	if (err) {
		mem_deref(str);
		return EINVAL;
	}

	*urip = str;

	return 0;
}


int contact_uri_make(char **urip, const char *raw)
{
	char text[URI_MAX + 1] = "";
	size_t n;

	if (!urip || !raw)
		return EINVAL;

	raw += strspn(raw, " \t");
	n = strlen(raw);
	while (n && (raw[n - 1] == ' ' || raw[n - 1] == '\t'))
		--n;
	if (n > URI_MAX)
		return EINVAL;
	memcpy(text, raw, n);
	text[n] = '\0';

	if (!strncasecmp(text, "sip:", 4))
		return make_sip(urip, "sip:", text + 4);
	if (!strncasecmp(text, "sips:", 5))
		return make_sip(urip, "sips:", text + 5);
	if (!strncasecmp(text, "tel:", 4))
		return make_number(urip, text + 4);
	if (strchr(text, '@') && !strchr(text, '/'))
		return make_sip(urip, "sip:", text);

	return make_number(urip, text);
}


static uint16_t default_port(const struct pl *scheme)
{
	return pl_strcasecmp(scheme, "sips") ? 5060 : 5061;
}


int contact_uri_key(char **keyp, const char *uri_text)
{
	struct uri uri;
	struct pl pl;
	char *key, *p;
	int err;

	if (!keyp || !uri_text)
		return EINVAL;

	if (!strncasecmp(uri_text, "tel:", 4)) {
		char buf[DIGITS_MAX + 8];

		(void)contact_digits(buf, sizeof(buf), uri_text + 4);
		return re_sdprintf(keyp, "tel:%s", buf);
	}

	pl_set_str(&pl, uri_text);
	err = uri_decode(&uri, &pl);
	if (err)
		return err;

	err = re_sdprintf(&key, "%r@%r", &uri.user, &uri.host);
	if (err)
		return err;

	/* RFC 3261 19.1.4: the user is told by case, the host is not */
	for (p = key + uri.user.l; *p; p++)
		*p = (char)tolower((unsigned char)*p);

	if (uri.port && uri.port != default_port(&uri.scheme)) {
		err = re_sdprintf(keyp, "%s:%u", key, uri.port);
		mem_deref(key);
		return err;
	}

	*keyp = key;

	return 0;
}
