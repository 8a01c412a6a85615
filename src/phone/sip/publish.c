/**
 * @file publish.c  PUBLISH: state of ours, kept at our server (RFC 3903)
 *
 * One timer: the next refresh, the next attempt, or the wait until enough
 * time has passed since the last document. What an answer means is decided
 * by a pure function; a server that plays ball with us (412 to what has no
 * tag, one 423 after the other) is asked again only after a while.
 */
#include "publish.h"

#include <string.h>

#include "backoff.h"
#include "common/log.h"
#include "common/table.h"
#include "request.h"
#include "stack_priv.h"

enum {
	ETAG_MAX = 128,
	PACE = 1000,             /* ms between two documents              */
	WAIT_MAX = 3600          /* s between attempts, at most           */
};

struct publication {
	struct stack *stack;
	struct request *req;
	struct mbuf *body;       /**< As it is to be; NULL: nothing yet   */
	struct tmr tmr;
	publication_h *h;
	void *arg;
	const char *event, *ctype;
	uint32_t expires;
	uint64_t sent;           /**< When the last document went out     */
	unsigned fails;
	enum publication_state state;
	bool dirty;              /**< The server does not have body       */
	bool hurried;
	uint16_t scode;
	char etag[ETAG_MAX];     /**< "": the server has nothing of ours  */
	char reason[256];
};

static const struct table_name state_names[] = {
	{ "trying", PUBLICATION_TRYING },
	{ "active", PUBLICATION_ACTIVE },
	{ "waiting", PUBLICATION_WAITING },
	{ "refused", PUBLICATION_REFUSED },
	{ NULL, 0 },
};

static void attempt_handler(void *arg);

/* ---- pure ---------------------------------------------------------------*/

bool publish_etag_valid(const struct pl *etag)
{
	size_t i;

	if (!etag || !etag->l || etag->l >= ETAG_MAX)
		return false;

	for (i = 0; i < etag->l; i++) {
		const uint8_t c = (uint8_t)etag->p[i];

		if (c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", c))
			return false;
	}

	return true;
}

enum publish_next publish_next(uint16_t scode, bool tagged, bool etag,
			       uint32_t asked, uint32_t min, bool hurried)
{
	if (scode >= 200 && scode < 300)
		/* RFC 3903 4.1: without one it can never be refreshed */
		return etag ? PUBLISH_DONE : PUBLISH_LATER;

	switch (scode) {

	case 412:                                    /* RFC 3903 4.5 */
		return tagged && !hurried ? PUBLISH_ANEW : PUBLISH_LATER;
	case 423:
		return !hurried && min > asked && min <= BACKOFF_GRANT ?
			PUBLISH_LONGER : PUBLISH_LATER;
	case 401: case 403: case 404: case 405: case 406: case 407:
	case 415: case 416: case 420: case 489: case 501: case 603:
	case 604:
		return PUBLISH_NEVER;
	default:
		return PUBLISH_LATER;
	}
}

/* ---- PUBLISH ------------------------------------------------------------*/

static void set_state(struct publication *pub, enum publication_state state)
{
	if (pub->state == state)
		return;

	debug("sip: publication of %s: %s %s\n", pub->event,
	      table_name(state_names, (int)state), pub->reason);
	pub->state = state;
	if (pub->h)
		pub->h(pub, pub->arg);
}

static void later(struct publication *pub, uint32_t told)
{
	uint64_t ms = backoff_wait(pub->fails, rand_u16(), told);

	/* a server that is not up to it is left in peace ever longer */
	if (pub->fails < 16)
		++pub->fails;
	if (pub->fails > 6)
		ms = MIN(ms << (pub->fails - 6), WAIT_MAX * (uint64_t)1000);
	pub->hurried = false;
	tmr_start(&pub->tmr, ms, attempt_handler, pub);
	set_state(pub, PUBLICATION_WAITING);
}

static uint32_t header_u32(const struct sip_msg *msg, enum sip_hdrid id)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, id);

	return hdr ? pl_u32(&hdr->val) : 0;
}

static void done(struct publication *pub, const struct sip_msg *msg,
		 const struct pl *etag)
{
	uint32_t expires = pl_isset(&msg->expires) ? pl_u32(&msg->expires) :
		pub->expires;

	(void)pl_strcpy(etag, pub->etag, sizeof(pub->etag));
	pub->fails = 0;
	pub->hurried = false;
	pub->scode = 0;
	pub->reason[0] = '\0';
	tmr_start(&pub->tmr, pub->dirty ? PACE :
		  (uint64_t)backoff_refresh(expires) * 1000,
		  attempt_handler, pub);
	set_state(pub, PUBLICATION_ACTIVE);
}

static void answered(struct publication *pub, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_SIP_ETAG);
	const bool etag = hdr && publish_etag_valid(&hdr->val);
	const uint32_t min = header_u32(msg, SIP_HDR_MIN_EXPIRES);
	enum publish_next next;

	next = publish_next(msg->scode, pub->etag[0], etag, pub->expires, min,
			    pub->hurried);
	if (next == PUBLISH_DONE) {
		done(pub, msg, &hdr->val);
		return;
	}

	pub->scode = msg->scode;
	request_reason(pub->reason, sizeof(pub->reason), pub->stack, 0, msg);
	pub->dirty = true;
	/* what the server has lost, or will not have, has no name any more */
	if (msg->scode < 300 || msg->scode == 412 || next == PUBLISH_NEVER)
		pub->etag[0] = '\0';
	if (next == PUBLISH_LONGER)
		pub->expires = min;

	switch (next) {

	case PUBLISH_LONGER:
	case PUBLISH_ANEW:
		pub->hurried = true;
		tmr_start(&pub->tmr, 0, attempt_handler, pub);
		break;

	case PUBLISH_NEVER:
		tmr_cancel(&pub->tmr);
		set_state(pub, PUBLICATION_REFUSED);
		break;

	default:
		later(pub, header_u32(msg, SIP_HDR_RETRY_AFTER));
		break;
	}
}

static void response_handler(int err, const struct sip_msg *msg, void *arg)
{
	struct publication *pub = arg;

	if (!err && msg->scode < 200)
		return;

	mem_ref(pub);
	if (err) {
		pub->scode = 0;
		pub->dirty = true;
		request_reason(pub->reason, sizeof(pub->reason), pub->stack,
			       err, NULL);
		later(pub, 0);
	}
	else {
		answered(pub, msg);
	}
	mem_deref(pub);
}

static int send_publish(struct publication *pub, uint32_t expires)
{
	char hdrs[ETAG_MAX + 128];
	struct request_conf conf = {
		.met = "PUBLISH",
		.flags = REQUEST_AUTH,
		.hdrs = hdrs,
		.resph = response_handler,
		.arg = pub,
	};
	int err;

	if (re_snprintf(hdrs, sizeof(hdrs), "Event: %s\r\nExpires: %u\r\n"
			"%s%s%s", pub->event, expires,
			pub->etag[0] ? "SIP-If-Match: " : "", pub->etag,
			pub->etag[0] ? "\r\n" : "") < 0)
		return EOVERFLOW;

	/* RFC 3903 4.1: a refresh and a removal have no body */
	if (expires && (pub->dirty || !pub->etag[0])) {
		conf.ctype = pub->ctype;
		conf.body = pub->body;
		conf.body->pos = 0;
	}

	err = stack_dialog(&conf.dlg, pub->stack, pub->stack->aor, false);
	if (err)
		return err;

	err = request_send(&pub->req, pub->stack, &conf);
	mem_deref(conf.dlg);
	if (!err && conf.body) {
		pub->dirty = false;
		pub->sent = tmr_jiffies();
	}

	return err;
}

static void attempt_handler(void *arg)
{
	struct publication *pub = mem_ref(arg);
	int err;

	if (pub->req || !pub->body)
		goto out;

	err = send_publish(pub, pub->expires);
	if (err) {
		pub->scode = 0;
		request_reason(pub->reason, sizeof(pub->reason), pub->stack,
			       err, NULL);
		later(pub, 0);
	}

 out:
	mem_deref(pub);
}

/* ------------------------------------------------------------------------*/

static void destructor(void *arg)
{
	struct publication *pub = arg;

	request_forget(pub->req);
	pub->req = NULL;
	pub->h = NULL;
	if (pub->etag[0] && !pub->stack->closing)
		(void)send_publish(pub, 0);
	request_forget(pub->req);

	tmr_cancel(&pub->tmr);
	mem_deref(pub->body);
	mem_deref(pub->stack);
}

int publication_alloc(struct publication **pubp, struct stack *stack,
		      const struct publication_conf *conf, publication_h *h,
		      void *arg)
{
	struct publication *pub;

	if (!pubp || !stack || !conf || !conf->event || !conf->ctype)
		return EINVAL;

	pub = mem_zalloc(sizeof(*pub), destructor);
	if (!pub)
		return ENOMEM;

	pub->stack = mem_ref(stack);
	pub->event = conf->event;
	pub->ctype = conf->ctype;
	pub->expires = conf->expires;
	pub->h = h;
	pub->arg = arg;
	*pubp = pub;

	return 0;
}

int publication_set(struct publication *pub, const struct mbuf *body)
{
	struct mbuf *copy;
	uint64_t since;

	if (!pub || !body || !body->end)
		return EINVAL;
	if (pub->body && pub->body->end == body->end &&
	    !memcmp(pub->body->buf, body->buf, body->end))
		return 0;

	copy = mbuf_alloc(body->end);
	if (!copy)
		return ENOMEM;
	(void)mbuf_write_mem(copy, body->buf, body->end);
	mem_deref(pub->body);
	pub->body = copy;
	pub->dirty = true;

	/* whoever waits or was refused keeps to that */
	if (pub->req || pub->state == PUBLICATION_WAITING ||
	    pub->state == PUBLICATION_REFUSED)
		return 0;

	since = tmr_jiffies() - pub->sent;
	tmr_start(&pub->tmr, pub->sent && since < PACE ? PACE - since : 0,
		  attempt_handler, pub);

	return 0;
}

enum publication_state publication_state(const struct publication *pub)
{
	return pub ? pub->state : PUBLICATION_REFUSED;
}

const char *publication_state_name(const struct publication *pub)
{
	return table_name(state_names, (int)publication_state(pub));
}

uint16_t publication_code(const struct publication *pub)
{
	return pub ? pub->scode : 0;
}

const char *publication_reason(const struct publication *pub)
{
	return pub ? pub->reason : "";
}
