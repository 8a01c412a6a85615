/**
 * @file conference.c  Several calls become one talk
 *
 * The phone mixes: each hears all others. A conference is a number that its
 * calls share; media joins their streams by it. Calls of one conference do
 * not put one another on hold.
 */
#include "call.h"

#include "call_priv.h"
#include "common/log.h"


static uint32_t members(const struct calls *cs, uint32_t conference)
{
	uint32_t n = 0;
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		const struct call *call = le->data;

		n += call->conference == conference &&
		     call->state != CALL_ENDED;
	}

	return n;
}


static int enter(struct call *call, uint32_t conference, const char **why)
{
	int err;

	if (call->conference == conference && !call->hold)
		return 0;

	call->conference = conference;
	err = stream_join(call->stream, conference);
	if (err) {
		call->conference = 0;
		*why = "The sound of these calls cannot be mixed";
		return err;
	}
	if (call->hold)
		err = call_set_hold(call, false, why);
	call_changed(call);

	return err;
}


/* Who is alone is in no conference */
static void settle(struct calls *cs, uint32_t conference)
{
	struct le *le;

	if (!conference || members(cs, conference) > 1)
		return;

	LIST_FOREACH(&cs->calll, le)
	{
		struct call *call = le->data;

		if (call->conference != conference ||
		    call->state == CALL_ENDED)
			continue;
		call->conference = 0;
		(void)stream_join(call->stream, 0);
		call_changed(call);
	}
}


int call_join(struct call *call, struct call *other, const char **why)
{
	uint32_t conference, gone;
	struct le *le;
	int err;

	if (call == other || !call_is_up(call) || !call_is_up(other)) {
		*why = "Both calls have to be up";
		return ENOTCONN;
	}

	/* two conferences become one */
	gone = call->conference && other->conference ? other->conference : 0;
	conference = call->conference ? call->conference :
		     other->conference ? other->conference :
		     ++call->cs->last_conference;

	err = enter(call, conference, why);
	if (!err)
		err = enter(other, conference, why);

	LIST_FOREACH(&call->cs->calll, le)
	{
		struct call *c = le->data;

		if (!err && gone && c->conference == gone && call_is_up(c))
			err = enter(c, conference, why);
	}
	info("call %u: joined with call %u\n", call->id, other->id);

	return err;
}


int call_split(struct call *call, const char **why)
{
	const uint32_t conference = call->conference;
	int err;

	if (!conference) {
		*why = "This call is in no conference";
		return ENOENT;
	}

	call->conference = 0;
	err = stream_join(call->stream, 0);
	if (!err && !call->hold)
		err = call_set_hold(call, true, why);
	else if (err)
		*why = "The sound of this call could not be taken out";
	settle(call->cs, conference);
	call_changed(call);

	return err;
}


void call_conference_left(struct call *call)
{
	const uint32_t conference = call->conference;

	call->conference = 0;
	settle(call->cs, conference);
}


uint32_t call_conference(const struct call *call)
{
	return call->conference;
}
