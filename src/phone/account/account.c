/**
 * @file account.c  An account: its SIP stack and its registration
 *
 * Bringing one up has three steps, each of which may fail alone and is then
 * the account's reason: get the password (which may need a command to run),
 * open the stack, register. Nothing of one account is seen by another.
 */
#include "account.h"

#include <string.h>

#include "account_priv.h"
#include "common/log.h"
#include "common/table.h"
#include "phone/events.h"
#include "phone/sip/message.h"
#include "phone/sip/reason.h"
#include "phone/sip/session.h"

static const struct table_name state_names[] = {
	{ "off", ACCOUNT_OFF },
	{ "registering", ACCOUNT_REGISTERING },
	{ "registered", ACCOUNT_REGISTERED },
	{ "failed", ACCOUNT_FAILED },
	{ "direct", ACCOUNT_DIRECT },
	{ NULL, 0 },
};


static void account_destructor(void *arg)
{
	struct account *acc = arg;

	list_unlink(&acc->le);
	account_down(acc);
	mem_deref(acc->cf);
	mem_deref(acc->aor);
}


int account_alloc(struct account **accp, struct accounts *as,
		  struct account_conf *cf)
{
	struct account *acc;

	acc = mem_zalloc(sizeof(*acc), account_destructor);
	if (!acc)
		return ENOMEM;

	acc->as = as;
	acc->cf = mem_ref(cf);
	*accp = acc;

	return 0;
}


static void changed(struct account *acc)
{
	event_publish(EVENT_ACCOUNT, acc);
}


static void fail(struct account *acc, uint16_t code, const char *reason)
{
	acc->state = ACCOUNT_FAILED;
	acc->code = code;
	(void)re_snprintf(acc->reason, sizeof(acc->reason), "%s", reason);
	warning("account %u: %s\n", acc->cf->id, reason);
	changed(acc);
}


/* ---- handlers of the stack -----------------------------------------------*/

static int password_handler(char **passp, void *arg)
{
	struct account *acc = arg;

	return acc->password ? str_dup(passp, acc->password) : ENOENT;
}


static void invite_handler(struct session *session, void *arg)
{
	struct account *acc = arg;
	struct accounts *as = acc->as;

	if (as->inviteh)
		as->inviteh(acc, session, as->call_arg);
	else {
		(void)session_reject(session, 480, "Temporarily Unavailable");
		mem_deref(session);
	}
}


static void message_handler(const struct message_in *msg, void *arg)
{
	struct account *acc = arg;
	struct accounts *as = acc->as;

	if (as->messageh)
		as->messageh(acc, msg, as->message_arg);
}


static int capability_handler(struct mbuf **descp, void *arg)
{
	struct account *acc = arg;
	struct accounts *as = acc->as;

	return as->caph ? as->caph(descp, as->call_arg) : ENOSYS;
}


static void stack_event_handler(int err, const char *text, void *arg)
{
	struct account *acc = arg;

	if (err)
		warning("account %u: %s\n", acc->cf->id, text);
	else
		info("account %u: %s\n", acc->cf->id, text);
}


static void registration_handler(struct registration *reg, void *arg)
{
	struct account *acc = arg;

	acc->code = registration_code(reg);
	(void)re_snprintf(acc->reason, sizeof(acc->reason), "%s",
			  registration_reason(reg));

	switch (registration_state(reg)) {
	case REGISTRATION_OFF:
		acc->state = ACCOUNT_OFF;
		break;
	case REGISTRATION_TRYING:
		acc->state = ACCOUNT_REGISTERING;
		break;
	case REGISTRATION_OK:
		acc->state = ACCOUNT_REGISTERED;
		voicemail_registered(acc->voicemail,
				   registration_tells_messages(reg));
		break;
	case REGISTRATION_FAILED:
		acc->state = ACCOUNT_FAILED;
		break;
	}

	info("account %u: %s%s%s\n", acc->cf->id,
	     table_name(state_names, acc->state), *acc->reason ? ": " : "",
	     acc->reason);
	changed(acc);

	accounts_stopped(acc->as);
}


/* ---- up and down ---------------------------------------------------------*/

/* The AOR of a direct account is where it listens, so that who was called
 * can call back */
static int make_aor(struct account *acc)
{
	const struct account_conf *cf = acc->cf;
	const char *at = strchr(cf->address, '@');

	acc->aor = mem_deref(acc->aor);

	if (cf->direct && str_isset(cf->listen) && at)
		return re_sdprintf(&acc->aor, "sip:%b@%s", cf->address,
				   (size_t)(at - cf->address), cf->listen);

	return re_sdprintf(&acc->aor, "sip:%s", cf->address);
}


static int open_stack(struct account *acc)
{
	const struct account_conf *cf = acc->cf;
	const struct stack_handlers h = {
		.passwordh = password_handler,
		.inviteh = invite_handler,
		.messageh = message_handler,
		.eventh = stack_event_handler,
		.arg = acc,
	};
	struct stack_config sc = {
		.display_name = cf->name,
		.server = str_isset(cf->server) ? cf->server : NULL,
		.auth_user = str_isset(cf->user) ? cf->user : NULL,
		.realm = str_isset(cf->realm) ? cf->realm : NULL,
		.ca_file = str_isset(cf->ca) ? cf->ca : NULL,
		.pin = str_isset(cf->pin) ? cf->pin : NULL,
		.client_cert = str_isset(cf->client_cert) ? cf->client_cert
							  : NULL,
		.allow = str_isset(cf->allow) ? cf->allow : NULL,
		.instance = acc->as->instance,
		.listen = str_isset(cf->listen) ? cf->listen : NULL,
		.direct = cf->direct,
	};
	int err;

	err = make_aor(acc);
	if (err)
		return err;

	sc.aor = acc->aor;

	err = stack_alloc(&acc->stack, &sc, &h);
	if (err)
		return err;

	stack_set_capability_handler(acc->stack, capability_handler, acc);

	return 0;
}


static void bring_up(struct account *acc)
{
	char text[256];
	int err;

	err = open_stack(acc);
	if (err == EADDRINUSE) {
		(void)re_snprintf(text, sizeof(text),
				  "Another program listens at %s already",
				  str_isset(acc->cf->listen)
					  ? acc->cf->listen
					  : acc->cf->address);
		fail(acc, 0, text);
		return;
	}
	if (err == EKEYREJECTED) {
		fail(acc, 0, "The file of the own certificate holds none "
		     "with its key, or cannot be read");
		return;
	}
	if (err == ENOENT && str_isset(acc->cf->ca)) {
		fail(acc, 0, "The file of CA certificates cannot be read");
		return;
	}
	if (err) {
		reason_text(text, sizeof(text), err, 0, NULL, NULL);
		fail(acc, 0, text);
		return;
	}

	acc->code = 0;
	acc->reason[0] = '\0';

	if (acc->cf->direct) {
		acc->state = ACCOUNT_DIRECT;
		changed(acc);
		return;
	}

	acc->state = ACCOUNT_REGISTERING;
	(void)voicemail_alloc(&acc->voicemail, acc);
	err = registration_alloc(&acc->reg, acc->stack, acc->as->expires,
				 registration_handler, acc);
	if (!err)
		err = registration_start(acc->reg);
	if (err) {
		reason_text(text, sizeof(text), err, 0, NULL, NULL);
		fail(acc, 0, text);
		return;
	}

	changed(acc);
}


static void secret_handler(const char *pass, const char *why, void *arg)
{
	struct account *acc = arg;

	if (!pass) {
		fail(acc, 0, why);
		return;
	}

	acc->password = secret_free(acc->password);
	if (str_dup(&acc->password, pass))
		fail(acc, 0, "Out of memory");
	else
		bring_up(acc);
}


void account_up(struct account *acc)
{
	const struct account_conf *cf = acc->cf;
	const char *why = NULL;
	int err = 0;

	account_down(acc);

	if (!cf->enabled) {
		acc->state = ACCOUNT_OFF;
		changed(acc);
		return;
	}

	if (str_isset(cf->password_command)) {
		acc->state = ACCOUNT_REGISTERING;
		err = secret_run(&acc->secret, cf->password_command,
				 secret_handler, acc);
		if (err)
			fail(acc, 0, "The password command cannot be run");
		return;
	}

	if (str_isset(cf->password_file))
		err = secret_read(&acc->password, cf->password_file, &why);
	else if (str_isset(cf->password))
		err = str_dup(&acc->password, cf->password);

	if (err)
		fail(acc, 0, why ? why : "Out of memory");
	else
		bring_up(acc);
}


void account_down(struct account *acc)
{
	acc->secret = mem_deref(acc->secret);
	acc->voicemail = mem_deref(acc->voicemail);
	acc->reg = mem_deref(acc->reg);
	if (acc->stack)
		stack_close(acc->stack, true);
	acc->stack = mem_deref(acc->stack);
	acc->password = secret_free(acc->password);
	acc->state = ACCOUNT_OFF;
}


void account_follow(struct account *acc)
{
	struct accounts *as = acc->as;
	bool moved;

	if (!acc->stack)
		return;

	moved = stack_follow(acc->stack);
	if (acc->reg && (moved || acc->state != ACCOUNT_REGISTERED))
		(void)registration_start(acc->reg);
	if (moved && as->moveh)
		as->moveh(acc, as->move_arg);
	if (moved)
		changed(acc);
}


int account_register(struct account *acc)
{
	if (!acc)
		return EINVAL;

	if (acc->cf->direct && acc->stack)
		return EALREADY;

	if (!acc->reg) {
		account_up(acc);
		return 0;
	}

	return registration_start(acc->reg);
}


/* ---- accessors -----------------------------------------------------------*/

uint32_t account_id(const struct account *acc)
{
	return acc ? acc->cf->id : 0;
}


const struct account_conf *account_conf(const struct account *acc)
{
	return acc ? acc->cf : NULL;
}


const char *account_address(const struct account *acc)
{
	return acc ? acc->cf->address : "";
}


enum account_state account_state(const struct account *acc)
{
	return acc ? acc->state : ACCOUNT_OFF;
}


const char *account_state_name(const struct account *acc)
{
	return table_name(state_names, account_state(acc));
}


uint16_t account_code(const struct account *acc)
{
	return acc ? acc->code : 0;
}


const char *account_reason(const struct account *acc)
{
	return acc ? acc->reason : "";
}


uint32_t account_next(const struct account *acc)
{
	return acc && acc->reg ? registration_next(acc->reg) : 0;
}


const struct voicemail *account_voicemail(const struct account *acc)
{
	return acc ? acc->voicemail : NULL;
}


const char *account_mailbox_uri(const struct account *acc)
{
	const struct message_summary *ms = voicemail_summary(
		account_voicemail(acc));

	if (acc && str_isset(acc->cf->mailbox))
		return acc->cf->mailbox;

	return ms ? ms->account : "";
}


bool account_tells_presence(const struct account *acc)
{
	return acc && acc->state == ACCOUNT_REGISTERED &&
		registration_tells_presence(acc->reg);
}


struct stack *account_stack(const struct account *acc)
{
	return acc ? acc->stack : NULL;
}
