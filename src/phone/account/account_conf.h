/**
 * @file account_conf.h  What an account is made of, as the user gave it
 *
 * One table of fields serves the accounts file, the RPC and the checks.
 */
#ifndef OFFHOOK_ACCOUNT_CONF_H
#define OFFHOOK_ACCOUNT_CONF_H

#include "common/re_compat.h"

struct account_conf {
	uint32_t id;
	char *address;           /**< "alice@example.org"               */
	char *name;              /**< Display name                      */
	char *server;            /**< SIP URI of the server             */
	char *user;              /**< Digest user name                  */
	char *realm;             /**< The only realm to log in to; "": the
				      first that fits the account       */
	char *password;
	char *password_file;
	char *password_command;
	char *ca;                /**< CA file                           */
	char *pin;               /**< SHA-256 of the one certificate of
				      the server that is believed       */
	char *client_cert;       /**< PEM file, certificate and key: shown
				      to the server, or to callers      */
	char *allow;             /**< Who beside the server may send
				      requests: addresses and networks  */
	char *listen;            /**< HOST:PORT                         */
	char *security;          /**< Least protection; "": the setting's */
	char *dtmf;              /**< "", rfc4733, info or inband       */
	char *mailbox;           /**< Address that plays messages        */
	char *mwi;               /**< auto on off; "": auto            */
	char *presence;          /**< auto on off; "": auto            */
	char *codecs;            /**< In their order; "": the setting's */
	bool direct;
	bool auto_answer;
	bool enabled;
};

/** @param cfp  Conf, free with mem_deref() (wipes the password) */
int account_conf_alloc(struct account_conf **cfp);

/**
 * Set one field by its name, as in docs/rpc.md and the accounts file
 *
 * @param why  Set to a sentence on error
 *
 * @return 0, ENOENT: no such field, EINVAL: bad value
 */
int account_conf_set(struct account_conf *cf, const char *key,
		     const char *value, const char **why);

/** i-th field's name, NULL behind the last */
const char *account_conf_key(size_t i);
/** Is the field true/false? */
bool account_conf_is_bool(const char *key);

/** Check the whole; sentence what is wrong, or NULL */
const char *account_conf_check(const struct account_conf *cf);

/** Print as a section of the accounts file */
int account_conf_print(struct re_printf *pf, const struct account_conf *cf);

struct account_conf *account_conf_dup(const struct account_conf *cf);

/** Called with each account of the file; takes a reference if it keeps it */
typedef void (account_conf_h)(struct account_conf *cf, void *arg);
/** Called with each bad line */
typedef void (account_conf_error_h)(unsigned lineno, const char *text,
				    void *arg);

/**
 * Read the accounts file
 *
 * @return 0 (also if there is no file), EPERM: readable by others
 */
int account_conf_read(const char *file, account_conf_h *h,
		      account_conf_error_h *errorh, void *arg);

#endif
