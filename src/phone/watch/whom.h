/**
 * @file whom.h  Where a contact is watched: its address, and our account
 */
#ifndef OFFHOOK_WHOM_H
#define OFFHOOK_WHOM_H

struct account;
struct accounts;
struct contact;

/**
 * The first SIP address of a contact, and the account that would call it
 *
 * @param accp  Set if an address is returned
 *
 * @return Borrowed from the contact; NULL: it has none, or the account is
 *         not up
 */
const char *whom(const struct accounts *accounts, const struct contact *c,
		 struct account **accp);

#endif
