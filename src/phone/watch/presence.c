/**
 * @file presence.c  How we are, told to the servers that want to know
 *
 * There is one party an account that takes part. Whatever changes (an
 * account comes up or goes, the user says how he is, a call begins) leads
 * to the same walk over all accounts, from the loop, which makes and ends
 * parties and gives each publication the document that is true now. Who
 * wants to appear offline publishes nothing: what the server does not have
 * it cannot tell.
 */
#include "presence.h"

#include <string.h>

#include "common/log.h"
#include "phone/account/account.h"
#include "phone/events.h"
#include "phone/sip/publish.h"
#include "phone/sip/stack.h"
#include "presence_priv.h"

enum {
	EXPIRES = 1800,          /* s: how long we seem to be there after
				    a power cut                           */
	REFUSED_MAX = 3
};


static void party_destructor(void *arg)
{
	struct party *party = arg;

	list_unlink(&party->le);
	mem_deref(party->pub);
}


/* ---- what is to be told -------------------------------------------------*/

bool presence_choice_valid(const char *state)
{
	enum presence_state value;

	if (!state)
		return false;
	if (!strcmp(state, "auto") || !strcmp(state, "off"))
		return true;

	return !presence_value(state, &value) && value != PRESENCE_UNKNOWN;
}


void presence_own(const struct presence *p, struct pidf *pd, bool *call)
{
	pd->state = p->chosen == PRESENCE_UNKNOWN ? PRESENCE_ONLINE :
		p->chosen;
	str_ncpy(pd->note, p->note, sizeof(pd->note));
	*call = false;
	if (pd->state == PRESENCE_OFFLINE) {
		pd->note[0] = '\0';
	}
	else if (p->in_call || p->dnd) {
		*call = p->in_call && !p->dnd &&
			pd->state != PRESENCE_BUSY;
		pd->state = PRESENCE_BUSY;
	}
}


/* Does it take part? The rule of presence.h */
static bool takes_part(const struct presence *p, const struct account *acc)
{
	const struct account_conf *cf = account_conf(acc);
	const char *word = str_isset(cf->presence) ? cf->presence : "auto";
	const enum account_state state = account_state(acc);

	if (p->off || p->stopped || !strcmp(word, "off") ||
	    !account_stack(acc))
		return false;
	if (state != ACCOUNT_REGISTERED && state != ACCOUNT_DIRECT)
		return false;
	if (!strcmp(word, "on"))
		return true;

	return state == ACCOUNT_REGISTERED &&
		(p->chosen != PRESENCE_UNKNOWN ||
		 account_tells_presence(acc));
}


struct party *presence_party(const struct presence *p,
			     const struct account *acc)
{
	struct le *le;

	LIST_FOREACH(&p->partyl, le)
	{
		struct party *party = le->data;

		if (party->account == account_id(acc) &&
		    party->stack == account_stack(acc))
			return party;
	}

	return NULL;
}


/* Three times told that there is no such thing, and never anything else */
bool presence_party_works(const struct party *party)
{
	return party && (party->direct || party->served ||
			 party->refused < REFUSED_MAX);
}


/* ---- telling it ---------------------------------------------------------*/

static void tell(struct presence *p)
{
	event_publish(EVENT_PRESENCE, p);
}


static void publication_handler(struct publication *pub, void *arg)
{
	struct party *party = arg;

	if (publication_state(pub) == PUBLICATION_REFUSED)
		info("presence: account %u: %s\n", party->account,
		     publication_reason(pub));
	tell(party->p);
}


static int make_document(struct mbuf **mbp, const struct presence *p,
			 const struct stack *stack)
{
	struct mbuf *mb = mbuf_alloc(1024);
	struct pidf pd;
	bool call;
	int err;

	if (!mb)
		return ENOMEM;

	presence_own(p, &pd, &call);
	err = pidf_encode(mb, stack_aor(stack), p->id, &pd, call);
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


static void publish(struct party *party, struct stack *stack)
{
	static const struct publication_conf conf = {
		.event = "presence",
		.ctype = PIDF_TYPE,
		.expires = EXPIRES,
	};
	struct mbuf *mb = NULL;
	int err = 0;

	if (party->direct)
		return;

	if (party->p->chosen == PRESENCE_OFFLINE) {
		party->pub = mem_deref(party->pub);
		return;
	}

	if (!party->pub)
		err = publication_alloc(&party->pub, stack, &conf,
					publication_handler, party);
	if (!err)
		err = make_document(&mb, party->p, stack);
	if (!err)
		err = publication_set(party->pub, mb);
	if (err)
		warning("presence: account %u: %m\n", party->account, err);
	mem_deref(mb);
}


static struct party *join(struct presence *p, const struct account *acc)
{
	struct party *party = mem_zalloc(sizeof(*party), party_destructor);

	if (!party)
		return NULL;

	party->p = p;
	party->account = account_id(acc);
	party->stack = account_stack(acc);
	party->direct = account_state(acc) == ACCOUNT_DIRECT;
	list_append(&p->partyl, &party->le, party);

	return party;
}


static bool sweep(struct presence *p)
{
	struct le *le, *next;
	bool changed = false;

	LIST_FOREACH_SAFE(&p->partyl, le, next)
	{
		struct party *party = le->data;

		if (!party->keep) {
			mem_deref(party);
			changed = true;
		}
	}

	return changed;
}


static void sync_handler(void *arg)
{
	struct presence *p = arg;
	bool changed = false;
	struct le *le;

	LIST_FOREACH(&p->partyl, le)
	{
		((struct party *)le->data)->keep = false;
	}

	LIST_FOREACH(accounts_list(p->accounts), le)
	{
		struct account *acc = le->data;
		struct party *party;

		if (!takes_part(p, acc))
			continue;
		party = presence_party(p, acc);
		if (!party) {
			party = join(p, acc);
			changed = true;
		}
		if (party) {
			party->keep = true;
			publish(party, account_stack(acc));
		}
	}
	changed |= sweep(p);

	presence_watch_sync(p);
	if (changed)
		tell(p);
}


static void event_handler(const struct event *ev, void *arg)
{
	struct presence *p = arg;

	if (p->telling || p->stopped)
		return;

	switch (ev->type) {

	case EVENT_ACCOUNT:
	case EVENT_ACCOUNT_REMOVED:
	case EVENT_CONTACT:
	case EVENT_CONTACT_REMOVED:
	case EVENT_CONTACT_RESET:
		tmr_start(&p->tmr, 0, sync_handler, p);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------------*/

static void destructor(void *arg)
{
	struct presence *p = arg;

	tmr_cancel(&p->tmr);
	tmr_cancel(&p->pace_tmr);
	mem_deref(p->listener);
	list_flush(&p->watchl);
	list_flush(&p->partyl);
}


int presence_alloc(struct presence **pp, struct accounts *accounts)
{
	struct presence *p;
	int err;

	if (!pp || !accounts)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->accounts = accounts;
	(void)re_snprintf(p->id, sizeof(p->id), "t%08x", rand_u32());
	err = event_listen(&p->listener, event_handler, p);
	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


void presence_set_contacts(struct presence *p, struct contacts *contacts)
{
	if (!p)
		return;

	p->contacts = contacts;
	if (contacts)
		tmr_start(&p->tmr, 0, sync_handler, p);
	else
		list_flush(&p->watchl);
}


void presence_configure(struct presence *p, const struct presence_conf *pc)
{
	enum presence_state chosen = PRESENCE_UNKNOWN;
	bool off, same;

	if (!p || !pc || !pc->state || !pc->note)
		return;

	off = !strcmp(pc->state, "off");
	(void)presence_value(pc->state, &chosen);
	same = p->off == off && p->chosen == chosen &&
		p->in_call == pc->in_call && p->dnd == pc->dnd &&
		!strcmp(p->note, pc->note);
	if (same)
		return;

	p->off = off;
	p->chosen = chosen;
	p->in_call = pc->in_call;
	p->dnd = pc->dnd;
	str_ncpy(p->note, pc->note, sizeof(p->note));
	tmr_start(&p->tmr, 0, sync_handler, p);
	tell(p);
}


void presence_stop(struct presence *p)
{
	if (!p || p->stopped)
		return;

	p->stopped = true;
	tmr_cancel(&p->tmr);
	tmr_cancel(&p->pace_tmr);
	list_flush(&p->watchl);
	list_flush(&p->partyl);
}


enum presence_state presence_shown(const struct presence *p)
{
	struct pidf pd;
	bool call;

	if (!p || !list_head(&p->partyl))
		return PRESENCE_UNKNOWN;

	presence_own(p, &pd, &call);

	return pd.state;
}


const char *presence_account_state(const struct presence *p,
				   const struct account *acc)
{
	const struct party *party = p ? presence_party(p, acc) : NULL;

	if (!party || (!party->direct && !party->pub))
		return "off";

	return party->direct ? "direct" : publication_state_name(party->pub);
}


const char *presence_account_reason(const struct presence *p,
				    const struct account *acc)
{
	const struct party *party = p ? presence_party(p, acc) : NULL;

	return party && party->pub ? publication_reason(party->pub) : "";
}
