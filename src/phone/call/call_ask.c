/**
 * @file call_ask.c  What the user asks of a call
 *
 * Each function checks the state it needs, says in a sentence why not, and
 * leaves the call as it was if the far side cannot be told.
 */
#include "call.h"

#include "call_priv.h"
#include "phone/account/account.h"

enum { EXPECT_END = 4000 };      /* ms */


/* It rings here, with or without sound before the answer */
static bool call_waits(const struct call *call)
{
	return call->incoming && (call->state == CALL_RINGING ||
				  call->state == CALL_EARLY);
}


int call_early(struct call *call, const char **why)
{
	struct mbuf *desc = NULL;
	int err;

	if (!call->incoming || call->state != CALL_RINGING) {
		*why = "This call does not ring";
		return EALREADY;
	}
	if (!session_remote_desc(call->sess)) {
		*why = "The caller makes no offer of its own";
		return ENOTSUP;
	}

	err = stream_encode(call->stream, &desc, false);
	if (!err)
		err = session_ring(call->sess, desc);
	if (!err)
		err = stream_start(call->stream);
	mem_deref(desc);
	if (err) {
		*why = call_stream_error(err);
		return err;
	}

	call_note_stream(call);
	call->state = CALL_EARLY;
	call_changed(call);

	return 0;
}


int call_answer(struct call *call, const char **why)
{
	struct mbuf *desc = NULL;
	int err;

	if (!call_waits(call)) {
		*why = "This call does not ring";
		return EALREADY;
	}

	if (!account_conf(call->acc)->auto_answer)
		calls_hold_others(call->cs, call);

	err = stream_encode(call->stream, &desc,
			    !session_remote_desc(call->sess));
	if (!err)
		err = session_accept(call->sess, desc);
	mem_deref(desc);
	if (err) {
		*why = call_stream_error(err);
		return err;
	}

	/* After the 200, so that nothing keeps the caller waiting */
	if (session_remote_desc(call->sess)) {
		err = stream_start(call->stream);
		if (err) {
			*why = call_stream_error(err);
			(void)session_hangup(call->sess);
			call_end(call, err, 0, *why);
			return err;
		}
	}

	call_set_up(call);
	call_changed(call);

	return 0;
}


int call_reject(struct call *call, uint16_t scode, const char **why)
{
	if (!call_waits(call)) {
		*why = "This call does not ring";
		return EALREADY;
	}

	call->rejected = true;
	(void)session_reject(call->sess, scode ? scode : 486,
			     !scode || scode == 486 ? "Busy Here"
						    : "Decline");
	call_end(call, 0, scode ? scode : 486, "You rejected the call");

	return 0;
}


int call_hangup(struct call *call, const char **why)
{
	if (call->state == CALL_ENDED) {
		*why = "This call has ended";
		return EALREADY;
	}

	if (call_waits(call))
		return call_reject(call, 0, why);

	call->cancelled = !call->answered;
	(void)session_hangup(call->sess);
	call_end(call, 0, 0, call->answered ? "You hung up" : "You cancelled");

	return 0;
}


static void expect_end_handler(void *arg)
{
	struct call *call = arg;
	const char *why;

	if (call_is_up(call))
		(void)call_hangup(call, &why);
}


void call_expect_end(struct call *call)
{
	if (call_is_up(call))
		tmr_start(&call->tmr, EXPECT_END, expect_end_handler, call);
}


int call_set_hold(struct call *call, bool hold, const char **why)
{
	int err;

	if (!call_is_up(call)) {
		*why = "This call is not up";
		return ENOTCONN;
	}
	if (call->hold == hold) {
		*why = hold ? "This call is on hold" :
			      "This call is not on hold";
		return EALREADY;
	}

	call->hold = hold;
	call->hold_asked = true;
	stream_set_hold(call->stream, hold);
	err = call_reoffer(call);
	if (err) {
		call->hold = !hold;
		call->hold_asked = false;
		stream_set_hold(call->stream, !hold);
		*why = "The other side cannot be told";
		return err;
	}

	if (!hold)
		calls_hold_others(call->cs, call);
	call_update_state(call);
	call_changed(call);

	return 0;
}


int call_set_mute(struct call *call, bool mute, const char **why)
{
	if (call->state == CALL_ENDED) {
		*why = "This call has ended";
		return ENOTCONN;
	}

	stream_set_mute(call->stream, mute);
	call->muted = mute;
	call_changed(call);

	return 0;
}


int call_silence(struct call *call, const char **why)
{
	if (!call->incoming || call->state != CALL_RINGING) {
		*why = "This call does not ring";
		return EALREADY;
	}

	call->silenced = true;
	call_changed(call);

	return 0;
}


int call_swap(struct call **callp, struct calls *cs, struct call *call,
	      const char **why)
{
	struct le *le;
	int err;

	for (le = list_head(&cs->calll); le && !call; le = le->next) {
		struct call *c = le->data;

		if (call_is_up(c) && c->hold)
			call = c;
	}
	if (!call) {
		*why = "No other call is on hold";
		return ENOENT;
	}

	err = call->hold ? call_set_hold(call, false, why) : 0;
	if (!err)
		*callp = call;

	return err;
}
