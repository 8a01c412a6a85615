/**
 * @file voicemail.c  Messages that wait in an account's mailbox (RFC 3842)
 */
#include "voicemail.h"

#include "account_priv.h"
#include "phone/events.h"
#include "phone/sip/subscription.h"

enum { EXPIRES = 3600 };

struct voicemail {
	struct account *acc;
	struct subscription *sub;
	struct message_summary summary;
	bool known, told;
};


static const char *mwi_of(const struct account *acc)
{
	return str_isset(acc->cf->mwi) ? acc->cf->mwi : "auto";
}


static bool same(const struct message_summary *a,
		 const struct message_summary *b)
{
	return a->waiting == b->waiting && a->counted == b->counted &&
		a->fresh == b->fresh && a->old == b->old &&
		a->urgent == b->urgent && a->urgent_old == b->urgent_old &&
		!str_cmp(a->account, b->account);
}


static void take(struct voicemail *mb, const struct message_summary *ms)
{
	if (mb->known && same(&mb->summary, ms))
		return;

	mb->summary = *ms;
	mb->known = true;
	event_publish(EVENT_ACCOUNT, mb->acc);
}


static void notify_handler(const char *body, size_t len, void *arg)
{
	struct message_summary ms;

	if (len && !message_summary_decode(&ms, body, len))
		take(arg, &ms);
}


/* The server tells by itself */
static bool unasked_handler(const struct pl *event, const char *body,
			    size_t len, void *arg)
{
	struct voicemail *mb = arg;
	struct message_summary ms;

	if (pl_strcasecmp(event, "message-summary") ||
	    !strcmp(mwi_of(mb->acc), "off") ||
	    message_summary_decode(&ms, body, len))
		return false;

	mb->told = true;
	take(mb, &ms);

	return true;
}


static void state_handler(struct subscription *sub, void *arg)
{
	struct voicemail *mb = arg;
	(void)sub;

	event_publish(EVENT_ACCOUNT, mb->acc);
}


static void destructor(void *arg)
{
	struct voicemail *mb = arg;

	stack_set_notify_handler(mb->acc->stack, NULL, NULL);
	mem_deref(mb->sub);
}


int voicemail_alloc(struct voicemail **mp, struct account *acc)
{
	struct voicemail *mb;

	if (!mp || !acc || !acc->stack)
		return EINVAL;

	mb = mem_zalloc(sizeof(*mb), destructor);
	if (!mb)
		return ENOMEM;

	mb->acc = acc;
	stack_set_notify_handler(acc->stack, unasked_handler, mb);
	*mp = mb;

	return 0;
}


void voicemail_registered(struct voicemail *mb, bool offered)
{
	const struct subscription_conf conf = {
		.uri = mb ? mb->acc->aor : NULL,
		.event = "message-summary",
		.accept = "application/simple-message-summary",
		.expires = EXPIRES,
	};
	const char *mwi = mb ? mwi_of(mb->acc) : "off";

	if (!mb || mb->sub)
		return;
	if (!strcmp(mwi, "off") || (strcmp(mwi, "on") && !offered))
		return;

	(void)subscription_alloc(&mb->sub, mb->acc->stack, &conf,
				 notify_handler, state_handler, mb);
}


const struct message_summary *voicemail_summary(const struct voicemail *mb)
{
	return mb && mb->known ? &mb->summary : NULL;
}


const char *voicemail_state(const struct voicemail *mb)
{
	if (mb && mb->sub)
		return subscription_state_name(mb->sub);

	return mb && mb->told ? "told" : "off";
}


const char *voicemail_reason(const struct voicemail *mb)
{
	return mb && mb->sub ? subscription_reason(mb->sub) : "";
}
