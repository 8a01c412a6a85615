/**
 * @file presence_watch.c  How the contacts are, asked for (RFC 3856)
 *
 * There is one watch a contact whose account takes part. The walk that
 * begins and ends them begins a few at a time, so that a large address book
 * is no flood; it goes on until all are begun or there are as many as there
 * may be. Who was refused for good keeps its watch, which asks no more.
 */
#include "presence_priv.h"

#include <string.h>

#include "common/log.h"
#include "phone/account/account.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/sip/stack.h"
#include "phone/sip/subscription.h"
#include "whom.h"

enum {
	EXPIRES = 3600,
	WATCHES_MAX = 200,
	BATCH = 4, PACE = 200    /* ms: twenty a second                   */
};

struct watch {
	struct le le;
	struct presence *p;
	char *contact;                   /**< Its id                      */
	char *uri;
	struct stack *stack;             /**< Only to compare             */
	uint32_t account;                /**< Id of the account it is by  */
	struct subscription *sub;
	struct pidf pd;
	bool keep;
};


static void pace_handler(void *arg)
{
	presence_watch_sync(arg);
}


static void show(struct presence *p, const char *id, const struct pidf *pd)
{
	struct contact *c = contact_find(p->contacts, id);

	if (!c || !contact_set_presence(c, pd))
		return;

	p->telling = true;
	event_publish(EVENT_CONTACT, c);
	p->telling = false;
}


static void watch_destructor(void *arg)
{
	struct watch *w = arg;

	list_unlink(&w->le);
	mem_deref(w->sub);
	mem_deref(w->contact);
	mem_deref(w->uri);
}


static struct party *party_of(const struct watch *w)
{
	return presence_party(w->p, account_by_id(w->p->accounts,
						  w->account));
}


/* Without a body: nothing is published there (RFC 3856 6.6.2) */
static void notify_handler(const char *body, size_t len, void *arg)
{
	struct watch *w = arg;
	int err;

	if (subscription_state(w->sub) != SUBSCRIPTION_ACTIVE)
		return;

	if (!len) {
		w->pd.state = PRESENCE_OFFLINE;
		w->pd.note[0] = '\0';
	}
	else {
		err = pidf_decode(&w->pd, body, len);
		if (err) {
			debug("presence: %s: bad document: %m\n", w->uri,
			      err);
			return;
		}
	}
	show(w->p, w->contact, &w->pd);
}


/* What is not told any more is not known any more; only a subscription
   that is made anew at once leaves it as it is */
static void state_handler(struct subscription *sub, void *arg)
{
	struct watch *w = arg;
	struct party *party = party_of(w);
	const enum subscription_state state = subscription_state(sub);
	const uint16_t scode = subscription_code(sub);

	if (state == SUBSCRIPTION_ACTIVE && party)
		party->served = true;
	if (state == SUBSCRIPTION_ACTIVE || state == SUBSCRIPTION_TRYING)
		return;

	w->pd.state = PRESENCE_UNKNOWN;
	w->pd.note[0] = '\0';
	show(w->p, w->contact, NULL);

	if (state != SUBSCRIPTION_ENDED || !party ||
	    (scode != 405 && scode != 489 && scode != 501))
		return;

	++party->refused;
	if (presence_party_works(party))
		return;
	info("presence: account %u: nobody there knows of it\n", w->account);
	tmr_start(&w->p->pace_tmr, 0, pace_handler, w->p);
}


static struct watch *find(const struct presence *p, const char *contact)
{
	struct le *le;

	LIST_FOREACH(&p->watchl, le)
	{
		struct watch *w = le->data;

		if (!strcmp(w->contact, contact))
			return w;
	}

	return NULL;
}


static void begin(struct presence *p, const struct contact *c,
		  const char *uri, const struct account *acc)
{
	const struct subscription_conf conf = {
		.uri = uri,
		.event = "presence",
		.accept = PIDF_TYPE,
		.expires = EXPIRES,
	};
	struct watch *w;
	int err;

	w = mem_zalloc(sizeof(*w), watch_destructor);
	if (!w)
		return;

	w->p = p;
	w->keep = true;
	w->stack = account_stack(acc);
	w->account = account_id(acc);
	err  = str_dup(&w->contact, contact_id(c));
	err |= str_dup(&w->uri, uri);
	if (!err)
		err = subscription_alloc(&w->sub, w->stack, &conf,
					 notify_handler, state_handler, w);
	if (err) {
		info("presence: %s: %m\n", uri, err);
		mem_deref(w);
		return;
	}

	list_append(&p->watchl, &w->le, w);
}


/* Where and by whom it is to be watched, NULL: it is not */
static const char *wanted(const struct presence *p, const struct contact *c,
			  struct account **accp)
{
	const char *uri = contact_presence_allowed(c) ?
		whom(p->accounts, c, accp) : NULL;

	return uri && presence_party_works(presence_party(p, *accp)) ? uri :
		NULL;
}


static void sweep(struct presence *p)
{
	struct le *le, *next;

	LIST_FOREACH_SAFE(&p->watchl, le, next)
	{
		struct watch *w = le->data;

		if (w->keep)
			continue;
		show(p, w->contact, NULL);
		mem_deref(w);
	}
}


void presence_watch_sync(struct presence *p)
{
	unsigned begun = 0;
	struct le *le;

	tmr_cancel(&p->pace_tmr);
	if (!p->contacts)
		return;

	LIST_FOREACH(&p->watchl, le)
	{
		((struct watch *)le->data)->keep = false;
	}

	LIST_FOREACH(contacts_list(p->contacts), le)
	{
		struct contact *c = le->data;
		struct account *acc = NULL;
		const char *uri = list_head(&p->partyl) ?
			wanted(p, c, &acc) : NULL;
		struct watch *w = uri ? find(p, contact_id(c)) : NULL;

		if (w && !strcmp(w->uri, uri) &&
		    w->stack == account_stack(acc)) {
			w->keep = true;
			/* a card that was read anew lost it */
			(void)contact_set_presence(c, &w->pd);
		}
		else if (uri && begun < BATCH) {
			if (w)
				mem_deref(w);
			else if (list_count(&p->watchl) >= WATCHES_MAX)
				continue;
			begin(p, c, uri, acc);
			++begun;
		}
		else if (uri &&
			 (w || list_count(&p->watchl) < WATCHES_MAX)) {
			tmr_start(&p->pace_tmr, PACE, pace_handler, p);
		}
	}

	sweep(p);
}
