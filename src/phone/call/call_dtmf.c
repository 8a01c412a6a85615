/**
 * @file call_dtmf.c  Digits to the other side, in the account's way
 *
 * RFC 4733 events and tones go by the stream, which keeps their time. By
 * SIP INFO each digit is a request: one after the other, so that no network
 * turns them round.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "phone/account/account.h"

enum { INFO_MS = 160, INFO_GAP = 250 };


static void info_handler(void *arg)
{
	struct call *call = arg;
	const char digit = call->dtmf[0];

	if (!digit || !call_is_up(call))
		return;

	memmove(call->dtmf, call->dtmf + 1, strlen(call->dtmf));
	(void)session_dtmf(call->sess, digit, INFO_MS);
	if (call->dtmf[0])
		tmr_start(&call->dtmf_tmr, INFO_GAP, info_handler, call);
}


static int send_info(struct call *call, const char *digits)
{
	const size_t n = strlen(call->dtmf), m = strlen(digits);
	size_t i;

	if (!m || strspn(digits, "0123456789*#ABCDabcd") != m)
		return EINVAL;
	if (n + m >= sizeof(call->dtmf))
		return ENOSPC;

	for (i = 0; i <= m; i++)
		call->dtmf[n + i] = digits[i] >= 'a' ?
			(char)(digits[i] - 'a' + 'A') : digits[i];
	if (!n && !tmr_isrunning(&call->dtmf_tmr))
		tmr_start(&call->dtmf_tmr, 0, info_handler, call);

	return 0;
}


int call_send_dtmf(struct call *call, const char *digits, const char **why)
{
	const char *mode = account_conf(call->acc)->dtmf;
	int err;

	if (!call_is_up(call)) {
		*why = "This call is not up";
		return ENOTCONN;
	}

	if (mode && !strcmp(mode, "info"))
		err = send_info(call, digits);
	else if (mode && !strcmp(mode, "inband"))
		err = stream_send_tones(call->stream, digits);
	else
		err = stream_send_dtmf(call->stream, digits);

	/* who knows no events hears the tones */
	if (err == ENOTSUP && (!mode || !*mode))
		err = stream_send_tones(call->stream, digits);

	if (!err)
		tone_digits(digits);

	if (err == EINVAL)
		*why = "Digits are 0-9 * # A-D";
	else if (err == ENOSPC)
		*why = "Too many digits at once";
	else if (err)
		*why = "The other side does not take digits";

	return err;
}
