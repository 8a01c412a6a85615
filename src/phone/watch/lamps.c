/**
 * @file lamps.c  Busy lamps: who of the contacts is being called or calls
 *
 * There is one watch a watched contact. Whatever changes (an account comes
 * up or goes, a card is edited) leads to the same walk over all contacts,
 * from the loop, which begins and ends watches until they are what they
 * should be. A watch knows the stack it was made with; when that is
 * another one, it is made anew.
 */
#include "lamps.h"

#include "common/log.h"
#include "phone/account/account.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/sip/dialog_info.h"
#include "phone/sip/stack.h"
#include "phone/sip/subscription.h"
#include "whom.h"

enum { EXPIRES = 1800, WATCHES_MAX = 200 };

struct lamps {
	struct accounts *accounts;
	struct contacts *contacts;
	struct event_listener *listener;
	struct list watchl;              /**< struct watch, owned         */
	struct tmr tmr;
	bool off;
};

struct watch {
	struct le le;
	struct lamps *lamps;
	char *contact;                   /**< Its id                      */
	char *uri;
	struct stack *stack;             /**< Only to compare             */
	struct subscription *sub;
	struct dialog_info info;
	bool keep;
};


static void show(const struct lamps *lamps, const char *id, enum lamp lamp)
{
	struct contact *c = contact_find(lamps->contacts, id);

	if (c && contact_set_lamp(c, lamp))
		event_publish(EVENT_CONTACT, c);
}


static void watch_destructor(void *arg)
{
	struct watch *w = arg;

	list_unlink(&w->le);
	mem_deref(w->sub);
	mem_deref(w->contact);
	mem_deref(w->uri);
}


static void notify_handler(const char *body, size_t len, void *arg)
{
	struct watch *w = arg;
	int err;

	if (!len)
		return;

	err = dialog_info_decode(&w->info, body, len);
	if (err == ESTALE)
		subscription_refresh(w->sub);
	else if (err)
		debug("watch: %s: bad dialog-info: %m\n", w->uri, err);
	else
		show(w->lamps, w->contact, dialog_info_lamp(&w->info));
}


/* What is not told any more is not known any more */
static void state_handler(struct subscription *sub, void *arg)
{
	struct watch *w = arg;

	if (subscription_state(sub) == SUBSCRIPTION_ACTIVE)
		return;

	memset(&w->info, 0, sizeof(w->info));
	show(w->lamps, w->contact, LAMP_UNKNOWN);
}


static struct watch *find(const struct lamps *lamps, const char *contact)
{
	struct le *le;

	LIST_FOREACH(&lamps->watchl, le)
	{
		struct watch *w = le->data;

		if (!strcmp(w->contact, contact))
			return w;
	}

	return NULL;
}


static void begin(struct lamps *lamps, const struct contact *c,
		  const char *uri, struct account *acc)
{
	const struct subscription_conf conf = {
		.uri = uri,
		.event = "dialog",
		.accept = "application/dialog-info+xml",
		.expires = EXPIRES,
	};
	struct watch *w;
	int err;

	if (list_count(&lamps->watchl) >= WATCHES_MAX)
		return;

	w = mem_zalloc(sizeof(*w), watch_destructor);
	if (!w)
		return;

	w->lamps = lamps;
	w->keep = true;
	w->stack = account_stack(acc);
	err  = str_dup(&w->contact, contact_id(c));
	err |= str_dup(&w->uri, uri);
	if (!err)
		err = subscription_alloc(&w->sub, w->stack, &conf,
					 notify_handler, state_handler, w);
	if (err) {
		info("watch: %s: %m\n", uri, err);
		mem_deref(w);
		return;
	}

	list_append(&lamps->watchl, &w->le, w);
}


static void sync_handler(void *arg)
{
	struct lamps *lamps = arg;
	struct le *le, *next;

	LIST_FOREACH(&lamps->watchl, le)
	{
		((struct watch *)le->data)->keep = false;
	}

	LIST_FOREACH(contacts_list(lamps->contacts), le)
	{
		struct contact *c = le->data;
		struct account *acc = NULL;
		const char *uri = !lamps->off && contact_watched(c) ?
			whom(lamps->accounts, c, &acc) : NULL;
		struct watch *w = find(lamps, contact_id(c));

		if (w && uri && !strcmp(w->uri, uri) &&
		    w->stack == account_stack(acc)) {
			w->keep = true;
			/* a card that was read anew lost it */
			(void)contact_set_lamp(c, dialog_info_lamp(&w->info));
		}
		else if (uri) {
			mem_deref(w);
			begin(lamps, c, uri, acc);
		}
	}

	LIST_FOREACH_SAFE(&lamps->watchl, le, next)
	{
		struct watch *w = le->data;

		if (w->keep)
			continue;
		show(lamps, w->contact, LAMP_UNKNOWN);
		mem_deref(w);
	}
}


static void event_handler(const struct event *ev, void *arg)
{
	struct lamps *lamps = arg;

	switch (ev->type) {

	case EVENT_ACCOUNT:
	case EVENT_ACCOUNT_REMOVED:
	case EVENT_CONTACT:
	case EVENT_CONTACT_REMOVED:
	case EVENT_CONTACT_RESET:
		if (lamps->contacts)
			tmr_start(&lamps->tmr, 0, sync_handler, lamps);
		break;

	default:
		break;
	}
}


static void destructor(void *arg)
{
	struct lamps *lamps = arg;

	tmr_cancel(&lamps->tmr);
	mem_deref(lamps->listener);
	list_flush(&lamps->watchl);
}


int lamps_alloc(struct lamps **lp, struct accounts *accounts)
{
	struct lamps *lamps;
	int err;

	if (!lp || !accounts)
		return EINVAL;

	lamps = mem_zalloc(sizeof(*lamps), destructor);
	if (!lamps)
		return ENOMEM;

	lamps->accounts = accounts;
	err = event_listen(&lamps->listener, event_handler, lamps);
	if (err)
		mem_deref(lamps);
	else
		*lp = lamps;

	return err;
}


void lamps_set_contacts(struct lamps *lamps, struct contacts *contacts)
{
	if (!lamps)
		return;

	lamps->contacts = contacts;
	if (contacts)
		tmr_start(&lamps->tmr, 0, sync_handler, lamps);
	else
		list_flush(&lamps->watchl);
}


void lamps_enable(struct lamps *lamps, bool on)
{
	if (!lamps || lamps->off == !on)
		return;

	lamps->off = !on;
	if (lamps->contacts)
		tmr_start(&lamps->tmr, 0, sync_handler, lamps);
}


int lamps_ringing(const struct lamps *lamps, const struct contact *contact,
		  struct lamp_pickup *pickup)
{
	const struct watch *w = lamps && contact ?
		find(lamps, contact_id(contact)) : NULL;
	const struct dialog_entry *e;
	bool server;

	if (!w || !pickup)
		return ENOENT;

	e = dialog_info_ringing(&w->info);
	if (!e)
		return EAGAIN;

	/* Some servers give a call a name of their own and take it back
	   themselves. Else it is the caller who is asked (RFC 5359 2.16):
	   only the side that began a dialog gives it away while it rings
	   (RFC 3891 3). */
	server = !strncmp(e->callid, "pickup-", 7);
	if (!e->callid[0] || !e->local_tag[0] || !e->remote_tag[0] ||
	    (!server && !e->remote[0]))
		return EINVAL;

	pickup->acc = account_for(lamps->accounts, w->uri);
	pickup->target = server ? w->uri : e->remote;
	pickup->call_id = e->callid;
	pickup->local_tag = server ? e->local_tag : e->remote_tag;
	pickup->remote_tag = server ? e->remote_tag : e->local_tag;

	return 0;
}
