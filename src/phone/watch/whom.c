/**
 * @file whom.c  Where a contact is watched: its address, and our account
 *
 * Who watches goes the way a call would go: what is told about somebody
 * comes from where they would be called.
 */
#include "whom.h"

#include <string.h>

#include "phone/account/account.h"
#include "phone/contact/contact.h"


static bool is_up(const struct account *acc)
{
	return account_state(acc) == ACCOUNT_REGISTERED ||
		account_state(acc) == ACCOUNT_DIRECT;
}


const char *whom(const struct accounts *accounts, const struct contact *c,
		 struct account **accp)
{
	struct account *acc;
	size_t i;

	for (i = 0; i < contact_uri_count(c); i++) {
		const char *uri = contact_uri(c, i);

		if (strncmp(uri, "sip:", 4) && strncmp(uri, "sips:", 5))
			continue;
		acc = account_for(accounts, uri);
		if (!acc || !is_up(acc) || !account_stack(acc))
			return NULL;
		*accp = acc;
		return uri;
	}

	return NULL;
}
