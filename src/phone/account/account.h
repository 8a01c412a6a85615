/**
 * @file account.h  Accounts: address, server, registration
 *
 * An account owns a SIP stack and, unless it is direct, a registration.
 * What comes in through any account is handed up by handlers. Main loop.
 */
#ifndef OFFHOOK_ACCOUNT_H
#define OFFHOOK_ACCOUNT_H

#include "common/re_compat.h"
#include "phone/account/account_conf.h"

struct accounts;
struct account;
struct session;
struct stack;
struct message_in;
struct voicemail;

enum account_state {
	ACCOUNT_OFF,
	ACCOUNT_REGISTERING,
	ACCOUNT_REGISTERED,
	ACCOUNT_FAILED,
	ACCOUNT_DIRECT           /**< Listens, registers nowhere        */
};

typedef void (account_invite_h)(struct account *acc, struct session *session,
				void *arg);
typedef void (account_message_h)(struct account *acc,
				 const struct message_in *msg, void *arg);
/** The account is reached at another address of this machine now */
typedef void (account_move_h)(struct account *acc, void *arg);
typedef int (account_capability_h)(struct mbuf **descp, void *arg);

/**
 * Read the accounts and bring the enabled ones up
 *
 * @param asp      Accounts, free with mem_deref()
 * @param file     The accounts file
 * @param expires  Seconds a registration is asked for
 *
 * @return 0 if success, otherwise errorcode; a broken account is a state
 *         of that account and no error here
 */
int accounts_open(struct accounts **asp, const char *file, uint32_t expires);

/** Who takes calls and messages; the rooms above */
void accounts_set_call_handler(struct accounts *as, account_invite_h *h,
			       account_capability_h *caph, void *arg);
void accounts_set_message_handler(struct accounts *as, account_message_h *h,
				  void *arg);

/** Who must know when an account's own address changed */
void accounts_set_move_handler(struct accounts *as, account_move_h *h,
			       void *arg);

/** The machine's addresses or routes changed: each account follows */
void accounts_follow(struct accounts *as);

/** De-register all; doneh is called once, after at most 2 s */
void accounts_stop(struct accounts *as, void (*doneh)(void *arg), void *arg);

/** struct account in le->data, in the order of their ids */
const struct list *accounts_list(const struct accounts *as);
struct account *account_by_id(const struct accounts *as, uint32_t id);

/** By id or address ("alice@example.org", with or without "sip:") */
struct account *account_find(const struct accounts *as, const char *text);

/**
 * The account that a call or message to a target goes out by: whose domain
 * fits, else a registered one, else a direct one, else any that is on
 *
 * @param uri  SIP URI, or NULL
 */
struct account *account_for(const struct accounts *as, const char *uri);

/** Add an account and bring it up; why is set to a sentence on error */
int account_add(struct account **accp, struct accounts *as,
		const struct account_conf *cf, const char **why);

/** Replace what it is made of; it comes up anew */
int account_edit(struct account *acc, const struct account_conf *cf,
		 const char **why);

int account_remove(struct account *acc);

/** Register now; EALREADY if direct or off */
int account_register(struct account *acc);

uint32_t account_id(const struct account *acc);
const struct account_conf *account_conf(const struct account *acc);
/** "alice@example.org" */
const char *account_address(const struct account *acc);
enum account_state account_state(const struct account *acc);
const char *account_state_name(const struct account *acc);
/** Code and sentence why it is not up */
uint16_t account_code(const struct account *acc);
const char *account_reason(const struct account *acc);
/** Seconds to the next attempt, 0 if none */
uint32_t account_next(const struct account *acc);
/** Messages that wait; NULL while it is off or direct */
const struct voicemail *account_voicemail(const struct account *acc);

/** Address that plays them: set, or told by the server; "" if unknown */
const char *account_mailbox_uri(const struct account *acc);

/** Did its server say that it knows who is there? */
bool account_tells_presence(const struct account *acc);

/** The stack; NULL while the account is off or broken */
struct stack *account_stack(const struct account *acc);

#endif
