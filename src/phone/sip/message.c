/**
 * @file message.c  SIP MESSAGE (RFC 3428): one request, one answer
 *
 * What is larger than a datagram likes goes by TCP, and comes back to UDP
 * if the server has no TCP (RFC 3261 18.1.1).
 */
#include <string.h>

#include "gate.h"
#include "message.h"
#include "request.h"
#include "stack_priv.h"
#include "target.h"

enum {
	DATAGRAM = 1300,         /* RFC 3261 18.1.1 */
	HEADERS  = 600           /* about what stands before the body */
};

struct message_out {
	struct stack *stack;
	struct request *req;
	struct mbuf *body;
	char *target;
	char *ctype;
	char *callid;
	message_resp_h *resph;
	void *arg;
	bool tcp;
};

static int start(struct message_out *msg);

static void destructor(void *arg)
{
	struct message_out *msg = arg;

	request_forget(msg->req);
	mem_deref(msg->body);
	mem_deref(msg->target);
	mem_deref(msg->ctype);
	mem_deref(msg->callid);
	mem_deref(msg->stack);
}

static void response_handler(int err, const struct sip_msg *resp, void *arg)
{
	struct message_out *msg = arg;
	message_resp_h *resph = msg->resph;
	char reason[256] = "";

	if (!err && resp->scode < 200)
		return;

	if (msg->tcp && (err == ECONNREFUSED || err == ECONNRESET ||
			 err == EPROTONOSUPPORT)) {
		msg->tcp = false;
		err = start(msg);
		if (!err)
			return;
	}

	if (err || resp->scode >= 300)
		request_reason(reason, sizeof(reason), msg->stack, err,
			       err ? NULL : resp);

	msg->resph = NULL;
	if (resph)
		resph(err, err ? 0 : resp->scode, reason, msg->arg);
}

static int start(struct message_out *msg)
{
	struct request_conf conf = {
		.met = "MESSAGE",
		.flags = REQUEST_AUTH,
		.ctype = msg->ctype,
		.body = msg->body,
		.resph = response_handler,
		.arg = msg,
	};
	int err;

	err = stack_dialog(&conf.dlg, msg->stack, msg->target, msg->tcp);
	if (err)
		return err;

	mem_deref(msg->callid);
	err = str_dup(&msg->callid, sip_dialog_callid(conf.dlg));
	if (!err)
		err = request_send(&msg->req, msg->stack, &conf);
	mem_deref(conf.dlg);

	return err;
}

static int ctype_check(const char *ctype)
{
	for (; *ctype; ctype++) {
		if ((uint8_t)*ctype < ' ' || *ctype == 0x7f)
			return EINVAL;
	}

	return 0;
}

int message_send(struct message_out **msgp, struct stack *stack,
		 const char *target, const char *ctype, const void *body,
		 size_t len, message_resp_h *resph, void *arg)
{
	struct message_out *msg;
	int err;

	if (!msgp || !stack || !target || !ctype || (len && !body))
		return EINVAL;
	if (len > GATE_BODY)
		return EMSGSIZE;
	if (stack->closing)
		return ESHUTDOWN;

	err = target_check(target);
	if (!err)
		err = ctype_check(ctype);
	if (err)
		return err;

	msg = mem_zalloc(sizeof(*msg), destructor);
	if (!msg)
		return ENOMEM;

	msg->stack = mem_ref(stack);
	msg->resph = resph;
	msg->arg = arg;
	msg->body = mbuf_alloc(len ? len : 1);
	if (!msg->body) {
		err = ENOMEM;
		goto out;
	}
	err  = mbuf_write_mem(msg->body, body, len);
	err |= str_dup(&msg->target, target);
	err |= str_dup(&msg->ctype, ctype);
	msg->body->pos = 0;
	if (err)
		goto out;

	msg->tcp = stack_transp(stack) == SIP_TRANSP_UDP &&
		len + HEADERS > DATAGRAM;
	err = start(msg);
	if (err && msg->tcp) {
		msg->tcp = false;
		err = start(msg);
	}

 out:
	if (err)
		mem_deref(msg);
	else
		*msgp = msg;

	return err;
}

const char *message_call_id(const struct message_out *msg)
{
	return msg ? msg->callid : NULL;
}
