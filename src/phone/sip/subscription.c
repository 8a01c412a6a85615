/**
 * @file subscription.c  SUBSCRIBE and NOTIFY, the subscriber's side
 *
 * One timer: it is either the next refresh, the end of the wait for a first
 * NOTIFY (RFC 6665 4.1.2.4, timer N), or the next attempt. A dialog is made
 * by the first NOTIFY or by the 200, whichever comes first (4.4.1); when it
 * breaks, a new one begins with a new Call-ID. Attempts back off, doubled
 * and with jitter, and never come faster than every two seconds, whatever
 * the other side says.
 */
#include "subscription.h"

#include <string.h>

#include "common/log.h"
#include "common/table.h"
#include "request.h"
#include "stack_priv.h"

enum {
	EXPIRES_MIN = 60,        /* s: nobody makes us hurry              */
	EXPIRES_MAX = 86400,
	BACKOFF_MIN = 2000,      /* ms */
	BACKOFF_MAX = 3600000,
	RETRY_AFTER_MAX = 7200,  /* s */
	TIMER_N = 64 * SIP_T1
};

/** What the other side wants us to do when it ends a subscription */
enum after { AFTER_NOW, AFTER_WAIT, AFTER_NEVER };

struct subscription {
	struct le le;
	struct stack *stack;
	struct sip_dialog *dlg;
	struct request *req;
	struct tmr tmr;
	subscription_notify_h *notifyh;
	subscription_h *h;
	void *arg;
	char *uri;
	const char *event, *accept;
	uint32_t wanted;
	uint32_t fails;
	enum subscription_state state;
	bool min_seen;
	bool heard;              /**< A NOTIFY came in this dialog        */
	uint16_t scode;
	char reason[256];
};

static const struct table_name state_names[] = {
	{ "trying", SUBSCRIPTION_TRYING },
	{ "pending", SUBSCRIPTION_PENDING },
	{ "active", SUBSCRIPTION_ACTIVE },
	{ "waiting", SUBSCRIPTION_WAITING },
	{ "ended", SUBSCRIPTION_ENDED },
	{ NULL, 0 },
};

static int send_subscribe(struct subscription *sub, uint32_t expires);
static void attempt_handler(void *arg);
static void refresh_handler(void *arg);


static void destructor(void *arg)
{
	struct subscription *sub = arg;

	/* good-bye; what comes of it interests nobody (RFC 6665 4.1.2.3) */
	request_forget(sub->req);
	sub->req = NULL;
	if (sub->heard && !sub->stack->closing)
		(void)send_subscribe(sub, 0);
	request_forget(sub->req);

	list_unlink(&sub->le);
	tmr_cancel(&sub->tmr);
	mem_deref(sub->dlg);
	mem_deref(sub->uri);
	mem_deref(sub->stack);
}

static void set_state(struct subscription *sub,
		      enum subscription_state state)
{
	if (sub->state == state)
		return;

	debug("sip: subscription to %s of %s: %s %s\n", sub->event, sub->uri,
	      table_name(state_names, (int)state), sub->reason);
	sub->state = state;
	if (sub->h)
		sub->h(sub, sub->arg);
}

/* ---- failure and what comes after it -----------------------------------*/

static uint64_t backoff(struct subscription *sub)
{
	uint64_t ms = (uint64_t)BACKOFF_MIN << MIN(sub->fails, 16u);

	++sub->fails;
	ms = MIN(ms, (uint64_t)BACKOFF_MAX);

	return ms + ms * (rand_u16() % 512u) / 1024;
}

/* The dialog is gone: begin a new one, now or later or never */
static void start_over(struct subscription *sub, enum after after,
		       uint32_t retry_after)
{
	uint64_t ms;

	request_forget(sub->req);
	sub->req = NULL;
	sub->dlg = mem_deref(sub->dlg);
	sub->heard = false;
	sub->min_seen = false;

	if (after == AFTER_NEVER) {
		tmr_cancel(&sub->tmr);
		set_state(sub, SUBSCRIPTION_ENDED);
		return;
	}

	/* at once, but not if it was at once the last time as well */
	ms = backoff(sub);
	if (after == AFTER_NOW && sub->fails == 1)
		ms = 0;
	ms = MAX(ms, (uint64_t)MIN(retry_after, (uint32_t)RETRY_AFTER_MAX) *
		 1000);
	tmr_start(&sub->tmr, ms, attempt_handler, sub);
	set_state(sub, ms ? SUBSCRIPTION_WAITING : SUBSCRIPTION_TRYING);
}

/* Will asking again ever help? (RFC 6665 4.1.2.1, RFC 3261 21.4) */
static enum after after_code(const struct subscription *sub, uint16_t scode)
{
	switch (scode) {

	case 481:
		return sub->heard ? AFTER_NOW : AFTER_WAIT;
	case 401: case 403: case 404: case 405: case 406: case 407: case 410:
	case 415: case 416: case 420: case 489: case 501: case 603: case 604:
		return AFTER_NEVER;
	default:
		return AFTER_WAIT;
	}
}

static uint32_t header_u32(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr ? pl_u32(&hdr->val) : 0;
}

static void failed(struct subscription *sub, int err,
		   const struct sip_msg *msg)
{
	sub->scode = msg ? msg->scode : 0;
	request_reason(sub->reason, sizeof(sub->reason), sub->stack, err,
		       msg);
	start_over(sub, msg ? after_code(sub, msg->scode) : AFTER_WAIT,
		   msg ? header_u32(msg, SIP_HDR_RETRY_AFTER) : 0);
}

/* ---- SUBSCRIBE ---------------------------------------------------------*/

static void plan_refresh(struct subscription *sub, uint32_t expires)
{
	uint32_t s = MIN(expires, (uint32_t)EXPIRES_MAX);

	/* 90 % of it, but nobody makes us hurry */
	s = MAX(s - s / 10, (uint32_t)EXPIRES_MIN / 2);
	tmr_start(&sub->tmr, (uint64_t)s * 1000, refresh_handler, sub);
}

/* RFC 6665 4.1.2.4: taken, yet nothing is heard */
static void silent_handler(void *arg)
{
	struct subscription *sub = mem_ref(arg);

	sub->scode = 0;
	str_ncpy(sub->reason, "Taken, but nothing was told",
		 sizeof(sub->reason));
	start_over(sub, AFTER_WAIT, 0);
	mem_deref(sub);
}

static bool too_brief(struct subscription *sub, const struct sip_msg *msg)
{
	uint32_t min = header_u32(msg, SIP_HDR_MIN_EXPIRES);

	if (msg->scode != 423 || sub->min_seen || min <= sub->wanted ||
	    min > EXPIRES_MAX)
		return false;

	sub->min_seen = true;
	sub->wanted = min;

	return 0 == send_subscribe(sub, sub->wanted);
}

static void accepted(struct subscription *sub, const struct sip_msg *msg)
{
	uint32_t expires = pl_isset(&msg->expires) ? pl_u32(&msg->expires) :
		sub->wanted;

	/* a NOTIFY may have made the dialog already */
	if (!sip_dialog_established(sub->dlg) &&
	    sip_dialog_create(sub->dlg, msg)) {
		failed(sub, EPROTO, NULL);
		return;
	}

	if (sub->heard)
		plan_refresh(sub, expires);
	else
		tmr_start(&sub->tmr, TIMER_N, silent_handler, sub);
}

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct subscription *sub = arg;

	if (!err && msg->scode < 200)
		return;

	mem_ref(sub);
	if (err)
		failed(sub, err, NULL);
	else if (msg->scode < 300)
		accepted(sub, msg);
	else if (!too_brief(sub, msg))
		failed(sub, 0, msg);
	mem_deref(sub);
}

static int send_subscribe(struct subscription *sub, uint32_t expires)
{
	char hdrs[256];
	struct request_conf conf = {
		.met = "SUBSCRIBE",
		.dlg = sub->dlg,
		.flags = REQUEST_CONTACT | REQUEST_AUTH |
			(sip_dialog_established(sub->dlg) ?
			 REQUEST_DIALOG : 0),
		.hdrs = hdrs,
		.resph = response_handler,
		.arg = sub,
	};

	(void)re_snprintf(hdrs, sizeof(hdrs), "Event: %s\r\n"
			  "Accept: %s\r\n"
			  "Expires: %u\r\n"
			  "Allow-Events: message-summary, dialog, presence"
		  "\r\n",
			  sub->event, sub->accept, expires);
	request_forget(sub->req);

	return request_send(&sub->req, sub->stack, &conf);
}

static void attempt(struct subscription *sub)
{
	int err = 0;

	if (!sub->dlg)
		err = stack_dialog(&sub->dlg, sub->stack, sub->uri, false);
	if (!err)
		err = send_subscribe(sub, sub->wanted);
	if (err)
		failed(sub, err, NULL);
	else if (sub->state == SUBSCRIPTION_WAITING)
		set_state(sub, SUBSCRIPTION_TRYING);
}

static void attempt_handler(void *arg)
{
	struct subscription *sub = mem_ref(arg);

	attempt(sub);
	mem_deref(sub);
}

static void refresh_handler(void *arg)
{
	attempt_handler(arg);
}

/* ---- NOTIFY ------------------------------------------------------------*/

static enum after after_reason(const struct pl *reason)
{
	static const struct {
		const char *reason;
		enum after after;
	} v[] = {                                /* RFC 6665 4.1.3 */
		{ "deactivated", AFTER_NOW },
		{ "timeout", AFTER_NOW },
		{ "probation", AFTER_WAIT },
		{ "giveup", AFTER_WAIT },
		{ "rejected", AFTER_NEVER },
		{ "noresource", AFTER_NEVER },
		{ "invariant", AFTER_NEVER },
	};
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++) {
		if (!pl_strcasecmp(reason, v[i].reason))
			return v[i].after;
	}

	return AFTER_WAIT;
}

static struct pl token_of(const struct pl *val)
{
	struct pl pl = *val;
	size_t i;

	for (i = 0; i < pl.l; i++) {
		if (strchr("; \t", pl.p[i]))
			pl.l = i;
	}

	return pl;
}

static void terminated(struct subscription *sub, const struct pl *params)
{
	struct pl reason = PL_INIT, retry = PL_INIT;

	(void)msg_param_decode(params, "reason", &reason);
	(void)msg_param_decode(params, "retry-after", &retry);

	sub->scode = 0;
	(void)re_snprintf(sub->reason, sizeof(sub->reason),
			  "Ended by the other side%s%b",
			  reason.l ? ": " : "", reason.p,
			  MIN(reason.l, (size_t)32));
	start_over(sub, after_reason(&reason),
		   pl_isset(&retry) ? pl_u32(&retry) : 0);
}

static void told_state(struct subscription *sub, const struct pl *val)
{
	struct pl state = token_of(val), params, expires;

	params.p = val->p + state.l;
	params.l = val->l - state.l;

	if (!pl_strcasecmp(&state, "terminated")) {
		terminated(sub, &params);
		return;
	}

	sub->heard = true;
	sub->fails = 0;
	sub->scode = 0;
	sub->reason[0] = '\0';
	plan_refresh(sub, !msg_param_decode(&params, "expires", &expires) ?
		     pl_u32(&expires) : sub->wanted);
	set_state(sub, !pl_strcasecmp(&state, "pending") ?
		  SUBSCRIPTION_PENDING : SUBSCRIPTION_ACTIVE);
}

static struct subscription *find(const struct stack *stack,
				 const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&stack->subl, le)
	{
		struct subscription *sub = le->data;

		if (!sub->dlg)
			continue;
		if (sip_dialog_established(sub->dlg) ?
		    sip_dialog_cmp(sub->dlg, msg) :
		    sip_dialog_cmp_half(sub->dlg, msg))
			return sub;
	}

	return NULL;
}

static bool type_is(const struct sip_msg *msg, const char *accept)
{
	const char *slash = strchr(accept, '/');
	const size_t len = (size_t)(slash - accept);

	return msg->ctyp.type.l == len &&
		!strncasecmp(msg->ctyp.type.p, accept, len) &&
		!pl_strcasecmp(&msg->ctyp.subtype, slash + 1);
}

/* The answer to a NOTIFY, 0: it is good */
static uint16_t check(struct subscription *sub, const struct sip_msg *msg,
		      const char **reason)
{
	const struct sip_hdr *event = sip_msg_hdr(msg, SIP_HDR_EVENT);
	struct pl name;

	*reason = "Bad Event";
	if (!event)
		return 489;
	name = token_of(&event->val);
	if (pl_strcasecmp(&name, sub->event))
		return 489;

	*reason = "Subscription-State Missing";
	if (!sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE))
		return 400;

	*reason = "Contact Missing Or Malformed";
	if (!sip_dialog_established(sub->dlg) &&
	    sip_dialog_create(sub->dlg, msg))
		return 400;

	*reason = "Old CSeq";
	if (!sip_dialog_rseq_valid(sub->dlg, msg))
		return 500;

	*reason = "Unsupported Media Type";
	if (mbuf_get_left(msg->mb) && !type_is(msg, sub->accept))
		return 415;

	/* RFC 6665 4.4.1: a target refresh; what is none changes nothing */
	(void)sip_dialog_update(sub->dlg, msg);

	return 0;
}

bool subscription_notified(struct stack *stack, const struct sip_msg *msg)
{
	struct subscription *sub = find(stack, msg);
	const struct sip_hdr *hdr;
	const char *reason;
	struct pl state;
	uint16_t scode;
	bool ended;

	if (!sub)
		return false;

	mem_ref(sub);
	scode = check(sub, msg, &reason);
	(void)sip_replyf(stack->sip, msg, scode ? scode : 200,
			 scode ? reason : "OK", "%s%s%s"
			 "Content-Length: 0\r\n\r\n",
			 scode == 415 ? "Accept: " : "",
			 scode == 415 ? sub->accept : "",
			 scode == 415 ? "\r\n" : "");
	if (scode)
		goto out;

	/* the state first: what is told last is how it stands */
	hdr = sip_msg_hdr(msg, SIP_HDR_SUBSCRIPTION_STATE);
	state = token_of(&hdr->val);
	ended = !pl_strcasecmp(&state, "terminated");
	if (!ended)
		told_state(sub, &hdr->val);

	/* whoever was told may have dropped it */
	if (mem_nrefs(sub) > 1 && sub->notifyh)
		sub->notifyh((const char *)mbuf_buf(msg->mb),
			     mbuf_get_left(msg->mb), sub->arg);
	if (mem_nrefs(sub) > 1 && ended)
		told_state(sub, &hdr->val);

 out:
	mem_deref(sub);

	return true;
}

/* ------------------------------------------------------------------------*/

int subscription_alloc(struct subscription **subp, struct stack *stack,
		       const struct subscription_conf *conf,
		       subscription_notify_h *notifyh, subscription_h *h,
		       void *arg)
{
	struct subscription *sub;
	int err;

	if (!subp || !stack || !conf || !conf->uri || !conf->event ||
	    !conf->accept || !strchr(conf->accept, '/'))
		return EINVAL;

	sub = mem_zalloc(sizeof(*sub), destructor);
	if (!sub)
		return ENOMEM;

	sub->stack = mem_ref(stack);
	sub->event = conf->event;
	sub->accept = conf->accept;
	sub->wanted = MAX(conf->expires, (uint32_t)EXPIRES_MIN);
	sub->notifyh = notifyh;
	sub->h = h;
	sub->arg = arg;
	list_append(&stack->subl, &sub->le, sub);

	err = str_dup(&sub->uri, conf->uri);
	if (!err)
		err = stack_dialog(&sub->dlg, stack, sub->uri, false);
	if (err) {
		mem_deref(sub);
		return err;
	}

	/* from the loop: a failure at once must not call h in here */
	tmr_start(&sub->tmr, 0, attempt_handler, sub);
	*subp = sub;

	return 0;
}

void subscription_refresh(struct subscription *sub)
{
	if (sub && sub->heard && !sub->req)
		tmr_start(&sub->tmr, 0, refresh_handler, sub);
}

enum subscription_state subscription_state(const struct subscription *sub)
{
	return sub ? sub->state : SUBSCRIPTION_ENDED;
}

const char *subscription_state_name(const struct subscription *sub)
{
	return table_name(state_names, (int)subscription_state(sub));
}

uint16_t subscription_code(const struct subscription *sub)
{
	return sub ? sub->scode : 0;
}

const char *subscription_reason(const struct subscription *sub)
{
	return sub ? sub->reason : "";
}
