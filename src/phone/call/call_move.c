/**
 * @file call_move.c  The machine has another address: the calls follow
 *
 * Each call of the account gets new sockets for its sound and tells the
 * peer by re-INVITE where it is now; the Contact of that request moves the
 * signalling too (RFC 3261 12.2.1.1, RFC 3264 8.3.1). What cannot be told
 * at once, because another change is under way, is told a little later.
 */
#include "call_priv.h"

#include "common/log.h"
#include "phone/sip/stack.h"


static void move(struct call *call)
{
	int err;

	if (!call_is_up(call) || !call->stream)
		return;

	err = call_stream_move(call);
	if (err) {
		warning("call %u: no new sockets for the sound: %m\n",
			call->id, err);
		return;
	}

	info("call %u: tells the other side our new address\n", call->id);
	err = call_reoffer(call);
	if (err)
		warning("call %u: the other side cannot be told of our new "
			"address: %m\n", call->id, err);
}


void calls_address_changed(struct calls *cs, const struct account *acc)
{
	struct le *le;

	if (!cs)
		return;

	LIST_FOREACH(&cs->calll, le)
	{
		struct call *call = le->data;

		if (call->acc == acc)
			move(call);
	}
}
