/**
 * @file call_question.c  What the network may not decide for the user
 *
 * A call that is sent elsewhere (3xx) and a peer that wants us to call
 * somebody (REFER) become a question that shows the whole target. It is
 * answered by allow or deny; silence means no.
 */
#include "call.h"

#include "call_priv.h"
#include "common/log.h"
#include "phone/events.h"

enum { PATIENCE = 60 * 1000 };


void call_question_clear(struct call *call)
{
	struct call_question *q = &call->question;

	tmr_cancel(&q->tmr);
	q->kind = QUESTION_NONE;
	q->target = mem_deref(q->target);
	q->by = mem_deref(q->by);
	q->replaces = mem_deref(q->replaces);
}


static void silence_handler(void *arg)
{
	const char *why;

	(void)call_deny(arg, &why);
}


int call_ask(struct call *call, enum question_kind kind, const char *target,
	     const char *by, const char *replaces)
{
	struct call_question *q = &call->question;
	int err;

	call_question_clear(call);
	err  = str_dup(&q->target, target);
	err |= str_dup(&q->by, by);
	if (replaces)
		err |= str_dup(&q->replaces, replaces);
	if (err) {
		call_question_clear(call);
		return ENOMEM;
	}

	q->kind = kind;
	tmr_start(&q->tmr, PATIENCE, silence_handler, call);
	info("call %u: %s asks to call %s\n", call->id, by, target);
	call_changed(call);

	return 0;
}


int call_allow(struct call *call, const char **why)
{
	struct call_question *q = &call->question;
	char *target, *replaces;
	int err = 0;

	target = mem_ref(q->target);
	replaces = mem_ref(q->replaces);

	switch (q->kind) {

	case QUESTION_REDIRECT:
		call_question_clear(call);
		err = call_connect(call, target, why);
		if (err)
			call_end(call, err, 302, *why);
		else
			call_changed(call);
		break;

	case QUESTION_TRANSFER:
		err = call_follow_referral(call, target, q->by, replaces,
					   why);
		call_question_clear(call);
		call_changed(call);
		break;

	default:
		*why = "There is nothing to allow";
		err = ENOENT;
		break;
	}

	mem_deref(target);
	mem_deref(replaces);

	return err;
}


int call_deny(struct call *call, const char **why)
{
	switch (call->question.kind) {

	case QUESTION_REDIRECT:
		call_question_clear(call);
		call_end(call, 0, 302, "The other side has moved to another "
				       "address");
		return 0;

	case QUESTION_TRANSFER:
		call_question_clear(call);
		(void)session_refer_answer(call->sess, 603);
		call_changed(call);
		return 0;

	default:
		*why = "There is nothing to deny";
		return ENOENT;
	}
}


enum question_kind call_question_kind(const struct call *call)
{
	return call->question.kind;
}


const char *call_question_target(const struct call *call)
{
	return call->question.target ? call->question.target : "";
}


const char *call_question_by(const struct call *call)
{
	return call->question.by ? call->question.by : "";
}
