/**
 * @file rpc/account.c  The methods account.*
 */
#include "phone/account/account.h"
#include "phone/account/discover.h"
#include "phone/account/voicemail.h"
#include "phone/call/call.h"
#include "phone/media/check.h"

#include <string.h>

#include "json.h"
#include "params.h"
#include "phone/events.h"
#include "phone/phone.h"

enum { TEST_TIMEOUT = 35 * 1000 };

/** A test under way: answered when the account is up or failed */
struct test {
	struct rpc_request *req;
	struct account *acc;
	struct event_listener *listener;
	struct tmr tmr;          /* The longest it may take              */
	struct tmr look;         /* Is it settled?                       */
};


static void list_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	(void)params;
	rpc_reply(req, json_accounts(ph));
}


/* Every field that was given, from JSON to the conf */
static bool fill(struct phone *ph, struct rpc_request *req,
		 struct account_conf *cf, json_t *params)
{
	const char *key, *value, *why = NULL;
	char text[400], codecs[256];
	json_t *js;
	size_t i;

	for (i = 0; (key = account_conf_key(i)) != NULL; i++) {
		js = json_object_get(params, key);
		if (!js || !strcmp(key, "id"))
			continue;

		if (account_conf_is_bool(key) && json_is_boolean(js))
			value = json_is_true(js) ? "true" : "false";
		else
			value = json_string_value(js);
		if (!value)
			return param_missing(req, key);

		if (!strcmp(key, "address") && !strncmp(value, "sip:", 4))
			value += 4;
		if (!strcmp(key, "codecs") && *value)
			phone_plugins(ph);
		if (!strcmp(key, "codecs") &&
		    codecs_check(value, codecs, sizeof(codecs))) {
			(void)re_snprintf(text, sizeof(text),
					  "The account's codecs: %s", codecs);
			rpc_fail(req, RPC_PARAMS, text);
			return false;
		}
		if (account_conf_set(cf, key, value, &why)) {
			(void)re_snprintf(text, sizeof(text),
					  "The account's %s %s", key,
					  why ? why : "is not usable");
			rpc_fail(req, RPC_PARAMS, text);
			return false;
		}
	}

	return true;
}


static void add_method(struct phone *ph, struct rpc_request *req,
		       json_t *params)
{
	struct account_conf *cf = NULL;
	struct account *acc = NULL;
	const char *why = NULL;

	if (account_conf_alloc(&cf)) {
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return;
	}

	if (fill(ph, req, cf, params)) {
		if (account_add(&acc, ph->accounts, cf, &why))
			rpc_fail(req, RPC_FAILED, why);
		else
			rpc_reply(req, json_account(acc));
	}

	mem_deref(cf);
}


static bool named(struct phone *ph, struct rpc_request *req, json_t *params,
		  struct account **accp)
{
	if (!param_account(ph, req, params, accp))
		return false;
	if (!*accp)
		return param_missing(req, "account");

	return true;
}


static void edit_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct account_conf *cf;
	struct account *acc;
	const char *why = NULL;

	if (!named(ph, req, params, &acc))
		return;

	cf = account_conf_dup(account_conf(acc));
	if (!cf) {
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return;
	}

	if (fill(ph, req, cf, params)) {
		if (account_edit(acc, cf, &why))
			rpc_fail(req, RPC_FAILED, why);
		else
			rpc_reply(req, json_account(acc));
	}

	mem_deref(cf);
}


static void remove_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	struct account *acc;

	if (!named(ph, req, params, &acc))
		return;

	if (account_remove(acc))
		rpc_fail(req, RPC_FAILED,
			 "The accounts file cannot be written");
	else
		rpc_reply(req, json_true());
}


static void register_method(struct phone *ph, struct rpc_request *req,
			    json_t *params)
{
	struct account *acc;
	struct le *le;

	if (!param_account(ph, req, params, &acc))
		return;

	if (acc)
		(void)account_register(acc);
	else {
		LIST_FOREACH(accounts_list(ph->accounts), le)
		{
			(void)account_register(le->data);
		}
	}

	rpc_reply(req, json_true());
}


static void cert_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct account *acc;
	json_t *js;

	if (!named(ph, req, params, &acc))
		return;

	js = json_cert(acc);
	if (js)
		rpc_reply(req, js);
	else
		rpc_fail(req, RPC_FAILED,
			 "The server of this account has shown no "
			 "certificate yet");
}


/* ---- account.test --------------------------------------------------------*/

static void test_destructor(void *arg)
{
	struct test *t = arg;

	tmr_cancel(&t->tmr);
	tmr_cancel(&t->look);
	mem_deref(t->listener);
	mem_deref(t->req);
	mem_deref(t->acc);
}


static void test_end(void *arg)
{
	struct test *t = arg;

	rpc_reply(t->req, json_account(t->acc));
	mem_deref(t);
}


static bool is_settled(const struct account *acc)
{
	enum account_state state = account_state(acc);

	/* Off for a moment is what changes into another stack */
	return state != ACCOUNT_REGISTERING &&
		(state != ACCOUNT_OFF || !account_conf(acc)->enabled);
}


/* Looked at from the loop: in the middle of a change it is this and that */
static void test_look(void *arg)
{
	struct test *t = arg;

	if (is_settled(t->acc))
		test_end(t);
}


static void test_handler(const struct event *ev, void *arg)
{
	struct test *t = arg;

	if (ev->type == EVENT_ACCOUNT && ev->obj == t->acc &&
	    is_settled(t->acc))
		tmr_start(&t->look, 0, test_look, t);
}


static void test_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	struct account *acc;
	struct test *t;

	if (!named(ph, req, params, &acc))
		return;

	t = mem_zalloc(sizeof(*t), test_destructor);
	if (!t || event_listen(&t->listener, test_handler, t)) {
		mem_deref(t);
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return;
	}

	t->req = mem_ref(req);
	t->acc = mem_ref(acc);
	tmr_start(&t->tmr, TEST_TIMEOUT, test_end, t);

	if (account_register(acc) == EALREADY)
		tmr_start(&t->look, 0, test_look, t);
}


static void lookup_handler(const struct discover_result *found, void *arg)
{
	struct rpc_request *req = arg;

	rpc_reply(req, json_pack("{s:b, s:s, s:o, s:i, s:o}", "found",
				 *found->host != '\0', "transport",
				 sip_transp_name(found->tp), "host",
				 json_line(found->host), "port", found->port,
				 "text", json_line(found->text)));
	mem_deref(req);
}


static void lookup_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	const char *address = param_str(params, "address");
	const char *at = address ? strchr(address, '@') : NULL;
	int err;
	(void)ph;

	if (!address) {
		(void)param_missing(req, "address");
		return;
	}

	err = discover(at ? at + 1 : address, lookup_handler, mem_ref(req));
	if (!err)
		return;
	rpc_fail(req, RPC_FAILED, err == EINVAL ? "This is no domain" :
		 "The name servers cannot be asked");
	mem_deref(req);
}


/* ---- account.mailbox -----------------------------------------------------*/

/* The account that was named, else one with messages, else any mailbox */
static struct account *with_mailbox(struct phone *ph)
{
	struct account *found = NULL;
	struct le *le;

	LIST_FOREACH(accounts_list(ph->accounts), le)
	{
		struct account *acc = le->data;
		const struct message_summary *ms = voicemail_summary(
			account_voicemail(acc));

		if (!*account_mailbox_uri(acc))
			continue;
		if (ms && ms->waiting)
			return acc;
		if (!found)
			found = acc;
	}

	return found;
}


static void mailbox_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	const char *why = NULL;
	struct call *call = NULL;
	struct account *acc;

	if (!param_account(ph, req, params, &acc))
		return;

	if (!acc)
		acc = with_mailbox(ph);
	if (!acc || !*account_mailbox_uri(acc)) {
		rpc_fail(req, RPC_FAILED, "No mailbox is known: set its "
			 "address, `mailbox` of the account");
		return;
	}

	if (call_dial(&call, ph->calls, acc, account_mailbox_uri(acc), &why))
		rpc_fail(req, RPC_FAILED, why);
	else
		rpc_reply(req, json_call(ph, call));
}


const struct rpc_method rpc_account_methods[] = {
	{ "account.list", "", "[account]",
	  "All accounts and their state", list_method },
	{ "account.add", "address, name?, server?, user?, realm?, password?, "
	  "password_file?, password_command?, ca?, pin?, "
	  "client_cert?, allow?, codecs?, security?, direct?, "
	  "listen?, auto_answer?, mailbox?, mwi?, presence?, enabled?",
	  "account",
	  "Add an account and bring it up", add_method },
	{ "account.edit", "account, ...as account.add", "account",
	  "Change an account; it comes up anew", edit_method },
	{ "account.remove", "account", "true",
	  "Forget an account", remove_method },
	{ "account.test", "account", "account",
	  "Register now and answer when that has worked or failed",
	  test_method },
	{ "account.cert", "account",
	  "{names, issuer, from, until, sha256, accepted, pinned, "
	  "pin_set, reason}",
	  "The certificate that the account's server showed last",
	  cert_method },
	{ "account.lookup", "address", "{found, transport, host, port, text}",
	  "The server that DNS names for the address's domain",
	  lookup_method },
	{ "account.mailbox", "account?", "call",
	  "Call the mailbox; without an account one that has messages",
	  mailbox_method },
	{ "account.register", "account?", "true",
	  "Register now", register_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
