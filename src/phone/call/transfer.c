/**
 * @file transfer.c  Calls handed on (RFC 3515, 3891, 5589)
 *
 * Blind: the peer is told whom to call. Attended: it is told to take the
 * place of our other call. Our own call ends when the peer says that it
 * reached the new one; if it did not, the call is where it was.
 *
 * The other way round the peer tells us whom to call, and hears from us
 * how that goes.
 */
#include "call.h"

#include <string.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/sip/reason.h"


/* ---- we hand on ----------------------------------------------------------*/

static int refer(struct call *call, const char *uri, struct call *other,
		 const char **why)
{
	int err;

	err = session_refer(call->sess, uri, other ? other->sess : NULL);
	if (err) {
		*why = err == EALREADY ? "This call is being transferred" :
					 "The other side cannot be told";
		return err;
	}

	call->transfer.out = true;
	call->transfer.other = other ? other->id : 0;
	(void)re_snprintf(call->notice, sizeof(call->notice),
			  "Transfer to %s begins", uri);
	call_changed(call);

	return 0;
}


int call_transfer(struct call *call, const char *target, const char **why)
{
	struct account *acc = call->acc;
	char *uri = NULL;
	int err;

	if (!call_is_up(call)) {
		*why = "Only a call that is up can be transferred";
		return ENOTCONN;
	}

	err = dial_resolve(&uri, &acc, target, call->cs->accounts,
			   call->cs->contacts, why);
	if (!err)
		err = refer(call, uri, NULL, why);
	mem_deref(uri);

	return err;
}


int call_transfer_to(struct call *call, struct call *other, const char **why)
{
	if (call == other || !call_is_up(call) || !call_is_up(other)) {
		*why = "Both calls have to be up";
		return ENOTCONN;
	}

	return refer(call, call_peer_uri(other), other, why);
}


/* Nobody is left here: the two talk with each other */
static void handed_on(struct call *call)
{
	struct call *other = call_by_id(call->cs, call->transfer.other);

	call->transfer.out = false;
	(void)session_hangup(call->sess);
	call_end(call, 0, 0, "Transferred");

	/* its peer ends it by itself when it takes the new one */
	if (other && other->state != CALL_ENDED)
		call_expect_end(other);
}


static void given_up(struct call *call, uint16_t scode)
{
	char text[128];

	call->transfer.out = false;
	reason_text(text, sizeof(text), 0, scode, NULL, NULL);
	(void)re_snprintf(call->notice, sizeof(call->notice),
			  "The transfer failed: %s", *text ? text :
			  "the other side does not say why");
	call_changed(call);
}


void call_transfer_progress(struct call *call, uint16_t scode, bool final)
{
	if (!call->transfer.out)
		return;

	if (scode >= 200 && scode < 300) {
		handed_on(call);
	}
	else if (scode >= 300 || final) {
		/* no word at the end: it was accepted, and that is all we
		   hear */
		if (!scode)
			handed_on(call);
		else
			given_up(call, scode);
	}
	else if (scode) {
		(void)re_snprintf(call->notice, sizeof(call->notice), "%s",
				  scode == 100 ? "Transfer: being tried" :
				  "Transfer: it rings there");
		call_changed(call);
	}
}


/* ---- we are handed on ----------------------------------------------------*/

/* What costs money or leads far is asked about, whatever the setting */
static bool harmless(const struct calls *cs, const char *target)
{
	const char *list = config_get(cs->config, "call.confirm");
	const char *user = strchr(target, ':');

	user = user ? user + 1 : target;
	while (list && *list) {
		size_t n;

		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n && !strncmp(user, list, n))
			return false;
		list += n;
	}

	return true;
}


void call_referral(struct call *call, const struct session_referral *ref)
{
	const char *mode = config_get(call->cs->config, "call.transfers");
	const char *why = NULL;

	if (mode && !strcmp(mode, "deny")) {
		(void)session_refer_answer(call->sess, 603);
		event_notice(LOGL_INFO, "%s asked you to call %s: refused",
			     ref->by, ref->target);
		return;
	}

	if (mode && !strcmp(mode, "allow") &&
	    harmless(call->cs, ref->target)) {
		if (call_follow_referral(call, ref->target, ref->by,
					 ref->replaces, &why))
			event_notice(LOGL_WARNING, "Transfer to %s: %s",
				     ref->target, why);
		return;
	}

	if (call_ask(call, QUESTION_TRANSFER, ref->target, ref->by,
		     ref->replaces))
		(void)session_refer_answer(call->sess, 500);
}


int call_follow_referral(struct call *call, const char *target,
			 const char *by, const char *replaces,
			 const char **why)
{
	struct call *next = NULL;
	char *hdrs = NULL;
	int err;

	err = re_sdprintf(&hdrs, "Referred-By: <%s>\r\n%s%s%s", by,
			  replaces ? "Replaces: " : "",
			  replaces ? replaces : "", replaces ? "\r\n" : "");
	if (!err)
		err = call_begin(&next, call->cs, call->acc, target, hdrs,
				 why);
	mem_deref(hdrs);
	if (err) {
		(void)session_refer_answer(call->sess, 500);
		return err;
	}

	next->transfer.referrer = call->id;
	(void)re_snprintf(call->notice, sizeof(call->notice),
			  "You are being transferred to %s", target);
	call_changed(call);

	return 0;
}


void call_tell_referrer(struct call *call, uint16_t scode)
{
	struct call *referrer;

	if (!call->transfer.referrer || scode < 180)
		return;

	referrer = call_by_id(call->cs, call->transfer.referrer);
	if (scode >= 200)
		call->transfer.referrer = 0;
	if (!referrer || referrer->state == CALL_ENDED)
		return;

	(void)session_refer_answer(referrer->sess, scode);
	if (scode >= 300) {
		(void)re_snprintf(referrer->notice, sizeof(referrer->notice),
				  "The transfer failed");
		call_changed(referrer);
	}
	else if (scode >= 200) {
		/* whoever sent us there hangs up now */
		call_expect_end(referrer);
	}
}


/* ---- a call takes another's place ----------------------------------------*/

struct call *call_of_session(const struct calls *cs,
			     const struct session *sess)
{
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		struct call *call = le->data;

		if (call->sess == sess)
			return call;
	}

	return NULL;
}


void call_replaced(struct call *old, struct call *call)
{
	const char *why = NULL;
	const bool muted = old->muted;
	uint32_t conference = old->conference;
	int err;

	old->elsewhere = true;
	err = call_answer(call, &why);
	if (err) {
		warning("call %u: cannot take over call %u: %s\n", call->id,
			old->id, why);
		return;
	}

	(void)session_hangup_because(old->sess, "SIP;cause=200;text=\"Call "
				     "completed elsewhere\"");
	call_end(old, 0, 0, "The call went on with somebody else");
	if (muted)
		(void)call_set_mute(call, true, &why);
	if (conference) {
		call->conference = conference;
		(void)stream_join(call->stream, conference);
	}
	(void)re_snprintf(call->notice, sizeof(call->notice),
			  "Takes the place of the call with %s",
			  call_peer_uri(old));
	call_changed(call);
}


int call_pickup(struct call **callp, struct calls *cs, struct account *acc,
		const char *target, const struct call_dialog *dlg,
		const char **why)
{
	char *uri = NULL, *hdrs = NULL;
	int err;

	if (!callp || !cs || !target || !dlg || !why)
		return EINVAL;

	*why = "This call cannot be picked up";
	if (!session_token(dlg->call_id) || !session_token(dlg->local_tag) ||
	    !session_token(dlg->remote_tag))
		return EINVAL;

	err = dial_resolve(&uri, &acc, target, cs->accounts, cs->contacts,
			   why);
	/* RFC 3891 3: to-tag is that of whoever gets this INVITE */
	if (!err)
		err = re_sdprintf(&hdrs, "Replaces: %s;to-tag=%s;from-tag=%s"
				  "%s\r\nRequire: replaces\r\n",
				  dlg->call_id, dlg->local_tag,
				  dlg->remote_tag,
				  dlg->early ? ";early-only" : "");
	if (!err)
		err = call_begin(callp, cs, acc, uri, hdrs, why);
	mem_deref(uri);
	mem_deref(hdrs);

	return err;
}
