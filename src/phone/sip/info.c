/**
 * @file info.c  Digits by SIP INFO (application/dtmf-relay), both ways
 */
#include <string.h>

#include "gate.h"
#include "session_priv.h"

int session_dtmf(struct session *sess, char digit, uint32_t ms)
{
	struct request_conf conf = {
		.met = "INFO",
		.ctype = "application/dtmf-relay",
		.flags = REQUEST_DIALOG,
	};
	struct mbuf *mb;
	int err;

	if (!sess || !digit || !strchr("0123456789*#ABCD", digit))
		return EINVAL;
	if (sess->state != SESSION_ESTABLISHED)
		return ENOTCONN;

	mb = mbuf_alloc(64);
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, "Signal=%c\r\nDuration=%u\r\n", digit, ms);
	mb->pos = 0;

	conf.dlg = sess->dlg;
	conf.body = mb;
	if (!sess->incoming)
		conf.flags |= REQUEST_AUTH;
	if (!err)
		err = request_send(NULL, sess->stack, &conf);
	mem_deref(mb);

	return err;
}

/* "Signal=5" of application/dtmf-relay, or the digit alone */
static char dtmf_digit(const struct sip_msg *msg)
{
	const char *body = (const char *)mbuf_buf(msg->mb);
	size_t len = mbuf_get_left(msg->mb);
	struct pl pl;
	char c;

	if (msg_ctype_cmp(&msg->ctyp, "application", "dtmf-relay")) {
		if (re_regex(body, len, "Signal[ ]*=[ ]*[0-9A-Da-d*#]1",
			     NULL, NULL, &pl))
			return 0;
	}
	else if (msg_ctype_cmp(&msg->ctyp, "application", "dtmf")) {
		if (re_regex(body, len, "[0-9A-Da-d*#]1", &pl))
			return 0;
	}
	else {
		return 0;
	}

	c = *pl.p;

	return c >= 'a' && c <= 'd' ? (char)(c - 'a' + 'A') : c;
}

void info_request(struct session *sess, const struct sip_msg *msg)
{
	struct sip *sip = sess->stack->sip;
	char digit = 0;

	if (mbuf_get_left(msg->mb)) {
		digit = dtmf_digit(msg);
		if (!digit) {
			(void)sip_treplyf(NULL, NULL, sip, msg, false, 415,
					  "Unsupported Media Type",
					  "Accept: " GATE_ACCEPT_INFO "\r\n"
					  "Content-Length: 0\r\n\r\n");
			return;
		}
	}

	(void)sip_treply(NULL, sip, msg, 200, "OK");
	if (digit && sess->h.infoh)
		sess->h.infoh(digit, sess->h.arg);
}
