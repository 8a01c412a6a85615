/**
 * @file registration.c  REGISTER: keep the AOR bound to our contact
 *
 * One dialog-like object for all REGISTERs of a life: same Call-ID, CSeq
 * counted up (RFC 3261 10.2). One timer: it is either the next refresh or
 * the next attempt. A password that was refused is not tried again by
 * itself, lest the server locks the account. While it is bound, the way to
 * the server is kept open (keepalive.c); when that is lost it registers anew.
 */
#include <string.h>

#include "common/log.h"
#include "backoff.h"
#include "gate.h"
#include "keepalive.h"
#include "outbound.h"
#include "registration.h"
#include "request.h"
#include "stack_priv.h"
#include "target.h"

enum {
	STOP_WAIT    = 2000,
	QUIET_WAIT   = 4000,     /* then say that nothing is heard        */
	GIVE_UP      = 6000,     /* after that this attempt has failed    */
	LOST_WAIT    = 500
};

struct registration {
	struct stack *stack;
	struct sip_dialog *dlg;
	struct request *req;
	struct keepalive *keep;
	struct tmr tmr;
	struct tmr tmr_quiet;
	enum registration_state state;
	uint32_t expires;
	uint32_t wanted;
	unsigned fails;
	uint16_t scode;
	char reason[256];
	bool asked;              /* Its outcome is told, news or not     */
	bool stopping;
	bool min_seen;
	bool tells_messages;     /* RFC 6665 8.2.2 */
	bool tells_presence;
	registration_h *h;
	void *arg;
};

static int send_register(struct registration *reg, uint32_t expires);
static void retry_handler(void *arg);
static void failed(struct registration *reg, int err,
		   const struct sip_msg *msg);

static void destructor(void *arg)
{
	struct registration *reg = arg;

	tmr_cancel(&reg->tmr);
	tmr_cancel(&reg->tmr_quiet);
	mem_deref(reg->keep);
	request_forget(reg->req);
	mem_deref(reg->dlg);
	mem_deref(reg->stack);
}

static void set_state(struct registration *reg, enum registration_state state,
		      const char *reason)
{
	bool change = reg->state != state || strcmp(reg->reason, reason) ||
		(reg->asked && state != REGISTRATION_TRYING);

	if (state != REGISTRATION_TRYING)
		reg->asked = false;
	reg->state = state;
	if (reason != reg->reason)
		str_ncpy(reg->reason, reason, sizeof(reg->reason));
	if (change && reg->h)
		reg->h(reg, reg->arg);
}

static void off_handler(void *arg)
{
	struct registration *reg = arg;

	request_forget(reg->req);
	tmr_cancel(&reg->tmr);
	reg->stopping = false;
	set_state(reg, REGISTRATION_OFF, "");
}

/* A transaction takes 32 s to die (RFC 3261 17.1.2.2, timer F); nobody
   waits for that at a prompt */
static void give_up_handler(void *arg)
{
	struct registration *reg = mem_ref(arg);

	request_forget(reg->req);
	reg->scode = 0;
	failed(reg, ETIMEDOUT, NULL);
	mem_deref(reg);
}

static void quiet_handler(void *arg)
{
	struct registration *reg = mem_ref(arg);

	tmr_start(&reg->tmr_quiet, GIVE_UP, give_up_handler, reg);
	if (reg->state == REGISTRATION_TRYING)
		set_state(reg, REGISTRATION_TRYING,
			  request_resolving(reg->req) ?
			  "The name servers have not answered yet (DNS)" :
			  "No answer from the server yet");
	mem_deref(reg);
}

static void lost_handler(int err, void *arg)
{
	struct registration *reg = arg;

	if (reg->state != REGISTRATION_OK || reg->stopping)
		return;

	info("sip: the way to the server is lost: %m\n", err);
	tmr_start(&reg->tmr, LOST_WAIT + rand_u16() % LOST_WAIT,
		  retry_handler, reg);
}

/* Nothing keeps the way open any more, and nobody is to go by it */
static void let_go(struct registration *reg)
{
	keepalive_stop(reg->keep);
	sa_init(&reg->stack->flow.addr, AF_UNSPEC);
}

struct find {
	const struct registration *reg;
	uint32_t expires;
	char stale[128];         /* A binding of ours at an old address   */
};

static bool contact_handler(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct find *find = arg;
	const struct stack *stack = find->reg->stack;
	struct sip_addr addr;
	struct sa sa, ours;
	struct pl pl;
	(void)msg;

	if (sip_addr_decode(&addr, &hdr->val) ||
	    pl_strcmp(&addr.uri.user, outbound_user(stack->ob)))
		return false;

	/* the name is random: nobody else's binding has it */
	if (!sa_set(&sa, &addr.uri.host, addr.uri.port) &&
	    !stack_laddr_for(stack, stack->tp, &stack->server, &ours) &&
	    !sa_cmp(&sa, &ours, SA_ADDR)) {
		(void)pl_strcpy(&addr.auri, find->stale,
				sizeof(find->stale));
		return false;
	}

	if (!msg_param_decode(&addr.params, "expires", &pl))
		find->expires = pl_u32(&pl);

	return false;
}

/* The address we had before is nobody's, or somebody else's */
static void remove_stale(struct registration *reg, const char *uri)
{
	char hdrs[256];
	const struct request_conf conf = {
		.met = "REGISTER",
		.dlg = reg->dlg,
		.flags = REQUEST_AUTH | REQUEST_REGISTER,
		.hdrs = hdrs,
	};

	if (re_snprintf(hdrs, sizeof(hdrs), "Contact: <%s>;expires=0\r\n",
			uri) > 0 && !target_check(uri))
		(void)request_send(NULL, reg->stack, &conf);
}

/* What the server grants (RFC 3261 10.2.4) */
static uint32_t granted(struct registration *reg, const struct sip_msg *msg)
{
	struct find find = { reg, 0, "" };

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, contact_handler,
				&find);
	if (!find.expires && pl_isset(&msg->expires))
		find.expires = pl_u32(&msg->expires);
	if (!find.expires)
		find.expires = reg->wanted;
	if (find.stale[0])
		remove_stale(reg, find.stale);

	return find.expires;
}

static void registered(struct registration *reg, const struct sip_msg *msg)
{
	struct stack *stack = reg->stack;
	uint64_t s;

	outbound_registered(stack->ob, msg);
	stack->flow.tp = stack->tp;
	stack->flow.addr = stack->server;
	s = backoff_refresh(granted(reg, msg));
	tmr_start(&reg->tmr, s * 1000, retry_handler, reg);

	reg->fails = 0;
	reg->tells_messages = sip_msg_hdr_has_value(
		msg, SIP_HDR_ALLOW_EVENTS, "message-summary");
	reg->tells_presence = sip_msg_hdr_has_value(
		msg, SIP_HDR_ALLOW_EVENTS, "presence");
	keepalive_start(reg->keep, msg);

	set_state(reg, REGISTRATION_OK, "");
}

static uint32_t number(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr ? pl_u32(&hdr->val) : 0;
}

static void failed(struct registration *reg, int err,
		   const struct sip_msg *msg)
{
	char text[256];

	request_reason(text, sizeof(text), reg->stack, err, msg);
	let_go(reg);

	/* the password is wrong, or there is none: only the user can help */
	if (!err && (reg->scode == 401 || reg->scode == 407)) {
		tmr_cancel(&reg->tmr);
	}
	else {
		tmr_start(&reg->tmr, backoff_wait(
				  reg->fails++, rand_u16(), err ? 0 :
				  number(msg, SIP_HDR_RETRY_AFTER)),
			  retry_handler, reg);
	}

	set_state(reg, REGISTRATION_FAILED, text);
}

/* RFC 3261 10.2.8; once, or two servers could play ball with us */
static bool too_brief(struct registration *reg, const struct sip_msg *msg)
{
	uint32_t longer;

	if (msg->scode != 423 || reg->min_seen)
		return false;

	longer = backoff_longer(reg->wanted,
				number(msg, SIP_HDR_MIN_EXPIRES));
	if (!longer)
		return false;

	reg->min_seen = true;
	reg->wanted = longer;

	return 0 == send_register(reg, reg->wanted);
}

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct registration *reg = arg;

	if (!err && msg->scode < 200)
		return;

	mem_ref(reg);
	tmr_cancel(&reg->tmr_quiet);
	reg->scode = err ? 0 : msg->scode;

	if (reg->stopping)
		off_handler(reg);
	else if (!err && msg->scode < 300)
		registered(reg, msg);
	else if (err || !too_brief(reg, msg))
		failed(reg, err, err ? NULL : msg);

	mem_deref(reg);
}

static int send_register(struct registration *reg, uint32_t expires)
{
	char hdrs[256];
	struct request_conf conf = {
		.met = "REGISTER",
		.dlg = reg->dlg,
		.flags = REQUEST_CONTACT | REQUEST_AUTH | REQUEST_REGISTER,
		.hdrs = hdrs,
		.resph = response_handler,
		.arg = reg,
	};

	(void)re_snprintf(hdrs, sizeof(hdrs), "Expires: %u\r\n%s"
			  "Allow: " GATE_ALLOW "\r\n", expires,
			  outbound_supported(reg->stack->ob));
	request_forget(reg->req);
	tmr_start(&reg->tmr_quiet, QUIET_WAIT, quiet_handler, reg);

	return request_send(&reg->req, reg->stack, &conf);
}

static void attempt(struct registration *reg)
{
	int err;

	err = send_register(reg, reg->wanted);
	if (err) {
		reg->scode = 0;
		tmr_cancel(&reg->tmr_quiet);
		failed(reg, err, NULL);
	}
}

static void retry_handler(void *arg)
{
	struct registration *reg = mem_ref(arg);

	attempt(reg);
	mem_deref(reg);
}

int registration_alloc(struct registration **regp, struct stack *stack,
		       uint32_t expires, registration_h *h, void *arg)
{
	struct registration *reg;
	const char *routev[1];
	char *ruri = NULL;
	int err;

	if (!regp || !stack || !expires || stack->direct)
		return EINVAL;

	reg = mem_zalloc(sizeof(*reg), destructor);
	if (!reg)
		return ENOMEM;

	reg->stack = mem_ref(stack);
	reg->expires = expires;
	reg->wanted = expires;
	reg->h = h;
	reg->arg = arg;

	err = keepalive_alloc(&reg->keep, stack, lost_handler, reg);
	if (err)
		goto out;

	/* RFC 3261 10.2: the Request-URI is the domain, without a user */
	err = re_sdprintf(&ruri, "sip:%s", stack->domain);
	if (err)
		goto out;

	routev[0] = stack->hop;
	err = sip_dialog_alloc(&reg->dlg, ruri, stack->aor, stack->name,
			       stack->aor, routev, 1);

 out:
	mem_deref(ruri);
	if (err)
		mem_deref(reg);
	else
		*regp = reg;

	return err;
}

int registration_start(struct registration *reg)
{
	if (!reg)
		return EINVAL;
	if (reg->req && !reg->stopping)
		return EALREADY;

	reg->stopping = false;
	reg->asked = true;
	reg->min_seen = false;
	reg->wanted = reg->expires;
	reg->fails = 0;
	reg->scode = 0;
	tmr_cancel(&reg->tmr);

	if (reg->state != REGISTRATION_OK)
		set_state(reg, REGISTRATION_TRYING, "");
	/* from the loop: a failure at once must not call h in here */
	tmr_start(&reg->tmr, 0, retry_handler, reg);

	return 0;
}

void registration_stop(struct registration *reg)
{
	if (!reg || reg->stopping)
		return;

	let_go(reg);
	tmr_cancel(&reg->tmr_quiet);

	if (reg->state != REGISTRATION_OK && !reg->req) {
		tmr_start(&reg->tmr, 0, off_handler, reg);
		return;
	}

	reg->stopping = true;
	tmr_start(&reg->tmr, send_register(reg, 0) ? 0 : STOP_WAIT,
		  off_handler, reg);
	tmr_cancel(&reg->tmr_quiet);
}

enum registration_state registration_state(const struct registration *reg)
{
	return reg ? reg->state : REGISTRATION_OFF;
}

uint16_t registration_code(const struct registration *reg)
{
	return reg ? reg->scode : 0;
}

const char *registration_reason(const struct registration *reg)
{
	return reg ? reg->reason : "";
}

bool registration_tells_messages(const struct registration *reg)
{
	return reg && reg->tells_messages;
}

bool registration_tells_presence(const struct registration *reg)
{
	return reg && reg->tells_presence;
}

uint32_t registration_next(const struct registration *reg)
{
	if (!reg || reg->stopping || !tmr_isrunning(&reg->tmr))
		return 0;

	return (uint32_t)((tmr_get_expire(&reg->tmr) + 999) / 1000);
}
