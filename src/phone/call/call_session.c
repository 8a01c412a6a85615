/**
 * @file call_session.c  What the session of a call says
 *
 * Carries the peer's offers and answers to the stream and the stream's back,
 * and turns what SIP reports into the state a user sees.
 */
#include "call.h"

#include "call_priv.h"


static void progress_handler(uint16_t scode, const char *reason,
			     struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	(void)reason;

	if (desc && !stream_decode(call->stream, desc, false) &&
	    !stream_start(call->stream)) {
		call_note_stream(call);
		call->state = CALL_EARLY;
	}
	else if (call->state == CALL_CALLING && scode >= 180)
		call->state = CALL_RINGING;

	call_changed(call);
}


static int answer_handler(struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	int err;

	err = stream_decode(call->stream, desc, false);
	if (!err)
		err = stream_start(call->stream);
	else if (call_secure_refuse(call, err) == EACCES)
		return 0;                /* it goes on as it was */
	if (!err && call->answered) {
		call_note_stream(call);
		call_update_state(call);
		call_changed(call);
	}

	return err;
}


static int offer_handler(struct mbuf **descp, struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	int err = 0;

	if (!desc)
		return stream_encode(call->stream, descp, true);

	err = stream_decode(call->stream, desc, true);
	if (!err)
		err = stream_encode(call->stream, descp, false);
	if (!err)
		err = stream_start(call->stream);
	if (err)
		return call_secure_refuse(call, err);

	if (call->answered) {
		call_note_stream(call);
		call_update_state(call);
		call_changed(call);
	}

	return 0;
}


static void established_handler(void *arg)
{
	struct call *call = arg;

	call_set_up(call);
	call_changed(call);
}


static void close_handler(int err, uint16_t scode, const char *reason,
			  void *arg)
{
	struct call *call = arg;

	if (err || !call_secure_again(call, scode))
		call_end(call, err, scode, call->secure.why[0] ?
			 call->secure.why : reason);
}


void call_hold_refused(struct call *call, const char *reason)
{
	call->hold = !call->hold;
	stream_set_hold(call->stream, call->hold);
	call_update_state(call);
	(void)re_snprintf(call->notice, sizeof(call->notice), "%s", reason);
	call_changed(call);
}


static void refused_handler(uint16_t scode, const char *reason, void *arg)
{
	(void)scode;
	call_hold_refused(arg, reason);
}


static void info_handler(char digit, void *arg)
{
	call_add_digit(arg, digit);
}


const struct session_handlers call_session_handlers = {
	.progressh = progress_handler,
	.answerh = answer_handler,
	.offerh = offer_handler,
	.estabh = established_handler,
	.closeh = close_handler,
	.refusedh = refused_handler,
	.infoh = info_handler,
};
