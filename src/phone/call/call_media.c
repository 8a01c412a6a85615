/**
 * @file call_media.c  What the stream of a call says
 *
 * Figures, digits and lines about sound devices become part of the call.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/sip/stack.h"


void call_note_stream(struct call *call)
{
	call->codec = mem_deref(call->codec);
	(void)str_dup(&call->codec, stream_codec(call->stream));
	call->rate = stream_codec_rate(call->stream);
}


void call_add_digit(struct call *call, char digit)
{
	size_t len = strlen(call->digits);

	if (len + 1 >= sizeof(call->digits)) {
		memmove(call->digits, call->digits + 1, len);
		--len;
	}
	call->digits[len] = digit;
	call->digits[len + 1] = '\0';
	call_changed(call);
}


static void quality_note(struct call_quality *q,
			 const struct stream_figures *f)
{
	if (f->mos < 1)
		return;

	if (!q->seconds++ || f->mos < q->mos_min)
		q->mos_min = f->mos;
	q->mos_sum += f->mos;
	q->rtt_sum += f->rtt_ms;
	q->playout_sum += f->playout_ms;

	if (f->net && !strcmp(f->net, "good"))
		++q->goodc;
	else if (f->net)
		q->net = f->net;
}


static void stream_handler(struct stream *s, enum stream_event ev,
			   const struct stream_event_data *data, void *arg)
{
	struct call *call = arg;

	switch (ev) {
	case STREAM_FIGURES:
		call->figures = *stream_figures(s);
		if (call->state == CALL_ESTABLISHED)
			quality_note(&call->quality, &call->figures);
		if (call_is_up(call) || call->state == CALL_EARLY)
			call_changed(call);
		break;

	case STREAM_FIRST_PACKET:
		call->notice[0] = '\0';
		call_changed(call);
		break;

	case STREAM_SILENT:
		if (call->state != CALL_ESTABLISHED)
			break;
		(void)re_snprintf(call->notice, sizeof(call->notice), "%s",
				  data->text);
		call_changed(call);
		break;

	case STREAM_DTMF:
		call_add_digit(call, data->digit);
		break;

	case STREAM_DEVICE:
		(void)re_snprintf(call->notice, sizeof(call->notice), "%s",
				  data->text);
		warning("call %u: %s\n", call->id, data->text);
		call_changed(call);
		break;

	case STREAM_RECORD:
		call_record_failed(call, data->err);
		break;

	case STREAM_CRYPTO:
		call_secure_event(call, data->crypto);
		break;
	}
}


/* RTP leaves by the address that SIP uses, unless a setting says else */
static const struct sa *stream_address(struct sa *laddr,
				       const struct account *acc)
{
	const struct stack *stack = account_stack(acc);

	if (stack_laddr(stack, stack_transp(stack), laddr) ||
	    sa_is_any(laddr))
		return NULL;

	return laddr;
}


int call_stream_alloc(struct stream **sp, struct call *call)
{
	const char *codecs = account_conf(call->acc)->codecs;
	struct stream *s;
	struct sa laddr;
	int err;

	err = stream_alloc(&s, stream_address(&laddr, call->acc),
			   stream_handler, call);
	if (err)
		return err;

	if (str_isset(codecs))
		err = stream_set_codecs(s, codecs);
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


int call_stream_move(struct call *call)
{
	struct sa laddr;

	return stream_move(call->stream, stream_address(&laddr, call->acc));
}


const char *call_stream_error(int err)
{
	switch (err) {
	case ENOENT:
		return "No codec is available: see the setting codecs";
	case EADDRINUSE:
		return "No port is free for the sound: see media.ports";
	default:
		return "The sound of the call could not be set up";
	}
}
