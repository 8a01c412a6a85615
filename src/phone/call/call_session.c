/**
 * @file call_session.c  What the session of a call says
 *
 * Carries the peer's offers and answers to the stream and the stream's back,
 * and turns what SIP reports into the state a user sees.
 */
#include "call.h"

#include "call_priv.h"
#include "common/log.h"

enum { REDIRECTS_MAX = 5, OFFER_AGAIN = 100 /* ms */ };


static void progress_handler(uint16_t scode, const char *reason,
			     struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	(void)reason;

	call_tell_referrer(call, scode);
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
		call->hold_asked = false;
		call_note_stream(call);
		call_update_state(call);
		call_changed(call);
	}

	return err;
}


static void offer_again(void *arg)
{
	struct call *call = arg;
	int err;

	err = call_is_up(call) ? call_reoffer(call) : 0;
	if (err && call->hold_asked)
		call_hold_refused(call, "The other side cannot be told");
	else if (err)
		warning("call %u: the other side cannot be told what "
			"changed: %m\n", call->id, err);
}


int call_reoffer(struct call *call)
{
	struct mbuf *desc = NULL;
	int err;

	err = stream_encode(call->stream, &desc, true);
	if (!err)
		err = session_modify(call->sess, desc);
	mem_deref(desc);

	if (err != EALREADY)
		return err;

	tmr_start(&call->offer_tmr, OFFER_AGAIN, offer_again, call);

	return 0;
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
	call_tell_referrer(call, 200);
	call_changed(call);
}


/* RFC 3261 8.1.3.4: it goes on elsewhere, if the user wants that */
static bool moved(struct call *call, uint16_t scode)
{
	const char *target = session_moved_to(call->sess);

	if (call->incoming || call->answered || scode < 300 ||
	    scode >= 400 || !*target || ++call->redirects > REDIRECTS_MAX)
		return false;

	if (call_ask(call, QUESTION_REDIRECT, target, call_peer_uri(call),
		     NULL))
		return false;

	call->sess = mem_deref(call->sess);
	call->state = CALL_CALLING;
	call_changed(call);

	return true;
}


static void close_handler(int err, uint16_t scode, const char *reason,
			  void *arg)
{
	struct call *call = arg;

	if (!err && (moved(call, scode) || call_secure_again(call, scode)))
		return;

	/* the peer went where we sent it, and said no more */
	if (call->transfer.out && !err)
		reason = "Transferred";
	if (call->secure.why[0])
		reason = call->secure.why;
	call->elsewhere |= session_elsewhere(call->sess);
	call_end(call, err, scode, reason);
}


static void refer_handler(const struct session_referral *ref, void *arg)
{
	call_referral(arg, ref);
}


static void referred_handler(uint16_t scode, bool final, void *arg)
{
	call_transfer_progress(arg, scode, final);
}


void call_hold_refused(struct call *call, const char *reason)
{
	if (call->hold_asked) {
		call->hold_asked = false;
		call->hold = !call->hold;
		stream_set_hold(call->stream, call->hold);
	}

	/* A hold is silent before it is agreed: take that back */
	if (!call->hold)
		(void)stream_start(call->stream);
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
	.referh = refer_handler,
	.referredh = referred_handler,
};
