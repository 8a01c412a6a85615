/**
 * @file keepalive.c  The way to the registrar is kept open (RFC 5626 4.4)
 *
 * On a connection a double line end that has to be answered. As datagrams a
 * STUN request, if the server said that it knows what that is (outbound,
 * Flow-Timer, or "keep" in Via): its answer tells the address that a NAT
 * gave us, and when that changes nobody reaches us any more until we
 * register anew. To all other servers a double line end that needs no
 * answer: one that took STUN for an attack would lock us out.
 */
#include <string.h>

#include "common/log.h"
#include "doorman.h"
#include "keepalive.h"
#include "outbound.h"
#include "stack_priv.h"

enum {
	FLOW_MAX     = 120,      /* s, on a connection (RFC 5626 4.4.1)   */
	FLOW_NAT     = 29,       /* s, NATs forget UDP after 30 (4.4.2)   */
	FLOW_MIN     = 5,        /* libre: 20 on a connection             */
	DATAGRAM_MIN = 24000,    /* ms */
	DATAGRAM_VAR = 5000,
	MISSED       = 2,        /* then this server does not know them   */
	STUN_HEAD    = 20        /* bytes (RFC 5389 6)                    */
};

struct keepalive {
	struct stack *stack;
	struct sip_keepalive *ka;
	struct tmr tmr;          /* The next datagram without an answer   */
	struct sa peer;
	enum sip_transp tp;
	const void *sock;        /* Only to compare                       */
	unsigned missed[SIP_TRANSPC]; /* Answers, after which the way was
					 given up                         */
	keepalive_h *h;
	void *arg;
};

static void destructor(void *arg)
{
	struct keepalive *k = arg;

	keepalive_stop(k);
	if (k->stack->keep == k)
		k->stack->keep = NULL;
}

int keepalive_alloc(struct keepalive **kp, struct stack *stack,
		    keepalive_h *h, void *arg)
{
	struct keepalive *k;

	if (!kp || !stack || !h)
		return EINVAL;

	k = mem_zalloc(sizeof(*k), destructor);
	if (!k)
		return ENOMEM;

	k->stack = stack;
	k->h = h;
	k->arg = arg;
	stack->keep = k;
	stun_software = STACK_SOFTWARE;
	*kp = k;

	return 0;
}

static void lost_handler(int err, void *arg)
{
	struct keepalive *k = arg;

	k->ka = NULL;

	/* many servers have never heard of a pong (RFC 5626 3.5.1) */
	if (err == ETIMEDOUT && (k->tp == SIP_TRANSP_UDP ||
				 !outbound_flow(k->stack->ob)))
		++k->missed[k->tp];

	k->h(err, k->arg);
}

static void datagram_handler(void *arg)
{
	struct keepalive *k = arg;

	(void)doorman_send(k->stack, &k->peer, "\r\n\r\n");
	tmr_start(&k->tmr, DATAGRAM_MIN + rand_u16() % DATAGRAM_VAR,
		  datagram_handler, k);
}

/* What the server says about it: RFC 6223 4, RFC 5626 5.4 and 6 */
static bool invited(const struct stack *stack, const struct sip_msg *msg,
		    uint32_t *s)
{
	struct pl keep;

	*s = outbound_flow_timer(stack->ob);
	if (!msg_param_decode(&msg->via.params, "keep", &keep)) {
		if (pl_u32(&keep))
			*s = *s ? MIN(*s, pl_u32(&keep)) : pl_u32(&keep);
		return true;
	}

	return *s || outbound_flow(stack->ob);
}

void keepalive_start(struct keepalive *k, const struct sip_msg *msg)
{
	uint32_t s, max;
	bool told;

	if (!k || !msg || msg->tp >= SIP_TRANSPC)
		return;

	told = invited(k->stack, msg, &s);
	max = msg->tp == SIP_TRANSP_UDP ? FLOW_NAT : FLOW_MAX;
	s = s ? MAX(MIN(s, max), (uint32_t)FLOW_MIN) : max;

	if (k->sock != msg->sock || !sa_cmp(&k->peer, &msg->src, SA_ALL))
		k->ka = mem_deref(k->ka);
	k->tp = msg->tp;
	k->peer = msg->src;
	k->sock = msg->sock;

	if (!k->ka && k->missed[k->tp] < MISSED &&
	    (told || k->tp != SIP_TRANSP_UDP))
		(void)sip_keepalive_start(&k->ka, k->stack->sip, msg, s,
					  lost_handler, k);

	if (k->ka || k->tp != SIP_TRANSP_UDP)
		tmr_cancel(&k->tmr);
	else if (!tmr_isrunning(&k->tmr))
		tmr_start(&k->tmr, DATAGRAM_MIN, datagram_handler, k);
}

void keepalive_stop(struct keepalive *k)
{
	if (!k)
		return;

	k->ka = mem_deref(k->ka);
	tmr_cancel(&k->tmr);
}

bool keepalive_awaits(struct keepalive *k, const struct sa *src,
		      const struct mbuf *mb)
{
	const uint8_t *p = mbuf_buf(mb);

	/* RFC 5389 6: a success or an error of a Binding, and the cookie */
	if (!k || !k->ka || k->tp != SIP_TRANSP_UDP ||
	    !sa_cmp(src, &k->peer, SA_ALL) ||
	    mbuf_get_left(mb) < STUN_HEAD || p[0] != 0x01 ||
	    (p[1] & 0xef) != 0x01 || memcmp(p + 4, "\x21\x12\xa4\x42", 4))
		return false;

	k->missed[k->tp] = 0;

	return true;
}
