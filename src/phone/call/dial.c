/**
 * @file dial.c  What a person types to call somebody
 *
 * People type names, numbers, addresses and URIs; SIP wants a URI. What
 * looks like an address is one; what does not is looked up in the contacts
 * first, since a name there beats a guess.
 */
#include "dial.h"

#include <ctype.h>
#include <string.h>

#include "phone/account/account.h"
#include "phone/contact/contact.h"
#include "phone/sip/address.h"


static bool is_number(const char *s)
{
	size_t digits = 0;

	for (; *s; s++) {
		if (isdigit((unsigned char)*s) || *s == '*' || *s == '#')
			++digits;
		else if (!strchr("+ -/().", *s))
			return false;
	}

	return digits > 0;
}


/* 127.0.0.5, 127.0.0.5:5060, [::1]:5060, host.example.org:5060 */
static bool is_host(const char *s)
{
	const char *colon = strrchr(s, ':');
	struct sa sa;

	if (!sa_set_str(&sa, s, 0) || !sa_decode(&sa, s, strlen(s)))
		return true;

	return colon && colon[1] && !strchr(s, ' ') &&
	       strspn(colon + 1, "0123456789") == strlen(colon + 1);
}


/* A user or number at the domain of the account */
static int at_domain(char **urip, const char *text,
		     const struct account *acc, const char **why)
{
	char user[128];
	const char *domain;
	size_t n = 0;
	bool number = is_number(text);

	domain = strchr(account_address(acc), '@');
	if (!domain || account_state(acc) == ACCOUNT_DIRECT) {
		*why = "A direct call needs an address, for example "
		       "sip:192.0.2.7:5060";
		return EINVAL;
	}

	for (; *text; text++) {
		if (number && strchr(" -/().", *text))
			continue;
		if (!isgraph((unsigned char)*text) ||
		    strchr("<>\"@:;?\\", *text) || n + 1 >= sizeof(user)) {
			*why = "Nobody of this name is in your contacts";
			return EINVAL;
		}
		user[n++] = *text;
	}
	user[n] = '\0';

	return re_sdprintf(urip, "sip:%s%s", user, domain);
}


static int contact_target(char **urip, const struct contact *c,
			  const struct account *acc, const char **why)
{
	const char *uri = contact_uri(c, 0);

	if (!uri) {
		*why = "This contact has no address that can be called";
		return EINVAL;
	}

	if (!strncmp(uri, "tel:", 4))
		return at_domain(urip, uri + 4, acc, why);

	return address_clean(urip, uri, why);
}


int dial_resolve(char **urip, struct account **accp, const char *text,
		   const struct accounts *accounts,
		   const struct contacts *contacts, const char **why)
{
	struct account *acc;
	const struct contact *c;
	char *uri = NULL, *full = NULL;
	int err;

	if (!urip || !accp || !text || !why)
		return EINVAL;

	*why = "This is not an address that can be called";
	while (isspace((unsigned char)*text))
		++text;

	if (!*text) {
		*why = "Whom do you want to call?";
		return EINVAL;
	}

	acc = *accp ? *accp : account_for(accounts, NULL);

	if (!strncasecmp(text, "sip:", 4) || !strncasecmp(text, "sips:", 5))
		err = address_clean(&uri, text, why);
	else if ((c = contact_match(contacts, text)) != NULL &&
		 !is_host(text) && !strchr(text, '@'))
		err = contact_target(&uri, c, acc, why);
	else if (strchr(text, '@') || is_host(text)) {
		err = re_sdprintf(&full, "sip:%s", text);
		if (!err)
			err = address_clean(&uri, full, why);
	}
	else
		err = acc ? at_domain(&uri, text, acc, why) : ENOENT;

	if (!err && !*accp)
		acc = account_for(accounts, uri);

	if (!acc || !account_stack(acc)) {
		*why = acc ? "The account is off or broken"
			   : "There is no account yet: "
			     "offhook account add ADDRESS";
		err = ENOENT;
	}

	mem_deref(full);
	if (err)
		mem_deref(uri);
	else {
		*urip = uri;
		*accp = acc;
	}

	return err;
}
