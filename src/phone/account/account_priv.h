/**
 * @file account_priv.h  What account.c and accounts.c share
 */
#ifndef OFFHOOK_ACCOUNT_PRIV_H
#define OFFHOOK_ACCOUNT_PRIV_H

#include "phone/account/account.h"
#include "phone/account/voicemail.h"
#include "phone/account/secret.h"
#include "phone/sip/registration.h"
#include "phone/sip/stack.h"

struct accounts {
	struct list accl;        /**< struct account, owned              */
	char *file;
	char instance[37];       /**< UUID of this phone (RFC 5626)      */
	uint32_t expires;
	struct tmr stop_tmr;
	bool stopping;
	void (*doneh)(void *arg);
	void *done_arg;
	account_invite_h *inviteh;
	account_capability_h *caph;
	void *call_arg;
	account_message_h *messageh;
	void *message_arg;
	account_move_h *moveh;
	void *move_arg;
};

struct account {
	struct le le;
	struct accounts *as;     /**< Borrowed: it owns us               */
	struct account_conf *cf;
	char *aor;
	struct secret *secret;   /**< Running password command           */
	char *password;          /**< Wiped by secret_free()             */
	struct stack *stack;
	struct registration *reg;
	struct voicemail *voicemail;
	enum account_state state;
	uint16_t code;
	char reason[256];
};

int account_alloc(struct account **accp, struct accounts *as,
		  struct account_conf *cf);
void account_up(struct account *acc);
void account_down(struct account *acc);

/** The network changed: follow it */
void account_follow(struct account *acc);

/** A registration ended: are all ended, is the stop done? */
void accounts_stopped(struct accounts *as);

#endif
