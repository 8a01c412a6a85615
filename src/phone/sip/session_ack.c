/**
 * @file session_ack.c  The ACK of a 2xx, kept for when it is lost
 *
 * An ACK is kept for 64*T1, and a 2xx that comes again gets it again (RFC
 * 3261 13.2.2.4). A 2xx of another branch of a fork is acknowledged and
 * ended.
 */
#include "session_priv.h"

enum {
	ACK_KEEP = 64 * SIP_T1,
	ACKS_MAX = 256
};

struct ack {
	struct le le;
	struct tmr tmr;
	struct sip_dialog *dlg;
	struct sip_dialog *half;   /* NULL: of a re-INVITE */
	struct mbuf *mb;
	struct sa dst;
	struct stack *stack;
	enum sip_transp tp;
	uint32_t cseq;
};

static void ack_destructor(void *arg)
{
	struct ack *ack = arg;

	tmr_cancel(&ack->tmr);
	list_unlink(&ack->le);
	mem_deref(ack->dlg);
	mem_deref(ack->half);
	mem_deref(ack->mb);
}

static void ack_timeout(void *arg)
{
	mem_deref(arg);
}

/* The buffer is filled after this returns: a reference is the message */
static int ack_send_handler(enum sip_transp tp, const struct sa *src,
			    const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct ack *ack = arg;
	(void)src;

	mem_deref(ack->mb);
	ack->mb  = mem_ref(mb);
	ack->dst = *dst;
	ack->tp  = tp;

	return 0;
}

int session_ack(struct stack *stack, struct sip_dialog *dlg,
		    struct sip_dialog *half, uint32_t cseq,
		    struct mbuf *desc)
{
	const size_t len = desc ? mbuf_get_left(desc) : 0;
	struct ack *ack;
	int err;

	ack = mem_zalloc(sizeof(*ack), ack_destructor);
	if (!ack)
		return ENOMEM;

	ack->stack = stack;
	ack->dlg   = mem_ref(dlg);
	ack->half  = mem_ref(half);
	ack->cseq  = cseq;
	if (list_count(&stack->ackl) >= ACKS_MAX)
		mem_deref(list_ledata(list_head(&stack->ackl)));
	list_append(&stack->ackl, &ack->le, ack);
	tmr_start(&ack->tmr, ACK_KEEP, ack_timeout, ack);

	err = sip_drequestf(NULL, stack->sip, false, "ACK", dlg, cseq, NULL,
			    ack_send_handler, NULL, ack,
			    "%s"
			    "Content-Length: %zu\r\n"
			    "\r\n"
			    "%b",
			    len ? "Content-Type: application/sdp\r\n" : "",
			    len, len ? mbuf_buf(desc) : NULL, len);
	if (err)
		mem_deref(ack);

	return err;
}

void session_refuse_dialog(struct stack *stack, struct sip_dialog *half,
			   const struct sip_msg *msg)
{
	struct sip_dialog *dlg = NULL;

	if (sip_dialog_fork(&dlg, half, msg))
		return;

	if (!session_ack(stack, dlg, half, msg->cseq.num, NULL))
		session_bye(stack, dlg, false,
			    "SIP;cause=200;text=\"Call completed "
			    "elsewhere\"");
	mem_deref(dlg);
}

void session_stray_2xx(struct stack *stack, const struct sip_msg *msg)
{
	struct sip_dialog *half;
	struct le *le;

	/* RFC 3261 13.2.2.4: the same again gets its ACK again */
	LIST_FOREACH(&stack->ackl, le) {
		struct ack *ack = le->data;

		if (ack->cseq != msg->cseq.num ||
		    !sip_dialog_cmp(ack->dlg, msg))
			continue;
		if (ack->mb) {
			ack->mb->pos = 0;
			(void)sip_send(stack->sip, NULL, ack->tp, &ack->dst,
				       ack->mb);
		}
		return;
	}

	/* of a fork: somebody else answered as well */
	LIST_FOREACH(&stack->ackl, le) {
		struct ack *ack = le->data;

		if (!ack->half || ack->cseq != msg->cseq.num ||
		    !sip_dialog_cmp_half(ack->half, msg))
			continue;

		half = mem_ref(ack->half);
		session_refuse_dialog(stack, half, msg);
		mem_deref(half);
		return;
	}
}
