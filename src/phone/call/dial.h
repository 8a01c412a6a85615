/**
 * @file dial.h  What a person types to call somebody, made a SIP URI
 */
#ifndef OFFHOOK_DIAL_H
#define OFFHOOK_DIAL_H

#include "common/re_compat.h"

struct accounts;
struct account;
struct contacts;

/**
 * Make a SIP URI and find the account it goes out by
 *
 * In this order: a URI as it is, user@host, host:port or an IP address,
 * a contact's id or name, else a user or number at the account's domain.
 *
 * @param urip   New string
 * @param accp   In: account the user named or NULL; out: account to use
 * @param text   What was typed
 * @param why    Set to a sentence on error
 *
 * @return 0 if success, otherwise errorcode (EINVAL: cannot be called,
 *         ENOENT: no account)
 */
int dial_resolve(char **urip, struct account **accp, const char *text,
		   const struct accounts *accounts,
		   const struct contacts *contacts, const char **why);

#endif
