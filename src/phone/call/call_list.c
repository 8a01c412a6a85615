/**
 * @file call_list.c  All calls of the phone, and what they mean together
 *
 * One ring tone for all, one that talks while the others are held, one row
 * in the call log for each that ended.
 */
#include <malloc.h>
#include <string.h>
#include <time.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/store/call_log.h"
#include "phone/trace/trace.h"


/* A call is shown for 5 s after its end, its transactions are kept for 32 */
enum { REST_MS = 30000 };


static void calls_destructor(void *arg)
{
	struct calls *cs = arg;

	tmr_cancel(&cs->rest_tmr);
	list_flush(&cs->calll);
	mem_deref(cs->dir);
	mem_deref(cs->last_target);
	mem_deref(cs->last_account);
	accounts_set_call_handler(cs->accounts, NULL, NULL, NULL);
}


static int capability_handler(struct mbuf **descp, void *arg)
{
	(void)arg;

	/* Before the plugins are known the answer goes without */
	return stream_capabilities(descp);
}


int calls_alloc(struct calls **csp, const struct config *config,
		struct accounts *accounts, struct contacts *contacts,
		const char *dir, calls_prepare_h *prepareh, void *arg)
{
	struct calls *cs;

	if (!csp || !accounts || !dir || !prepareh)
		return EINVAL;

	cs = mem_zalloc(sizeof(*cs), calls_destructor);
	if (!cs)
		return ENOMEM;

	if (str_dup(&cs->dir, dir)) {
		mem_deref(cs);
		return ENOMEM;
	}
	cs->config = config;
	cs->accounts = accounts;
	cs->contacts = contacts;
	cs->prepareh = prepareh;
	cs->prepare_arg = arg;
	accounts_set_call_handler(accounts, call_incoming_handler,
				  capability_handler, cs);

	*csp = cs;

	return 0;
}


void calls_set_store_handler(struct calls *cs, calls_prepare_h *storeh)
{
	cs->storeh = storeh;
}


void calls_set_store(struct calls *cs, struct db *db,
		     struct contacts *contacts)
{
	cs->db = db;
	cs->contacts = contacts;
}


struct db *calls_need_store(const struct calls *cs)
{
	if (!cs->db && cs->storeh)
		cs->storeh(cs->prepare_arg);

	return cs->db;
}


/* What a rush of calls took goes back to the system */
static void rest_handler(void *arg)
{
	(void)arg;
	(void)malloc_trim(0);
}


void calls_rest(struct calls *cs)
{
	if (!list_head(&cs->calll))
		tmr_start(&cs->rest_tmr, REST_MS, rest_handler, NULL);
}


const struct list *calls_list(const struct calls *cs)
{
	return cs ? &cs->calll : NULL;
}


struct call *call_by_id(const struct calls *cs, uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		struct call *call = le->data;

		if (call->id == id)
			return call;
	}

	return NULL;
}


void calls_hangup_all(struct calls *cs)
{
	const char *why;
	struct le *le, *next;

	if (!cs)
		return;

	LIST_FOREACH_SAFE(&cs->calll, le, next)
	{
		struct call *call = le->data;

		if (call->state != CALL_ENDED)
			(void)call_hangup(call, &why);
	}
}


void calls_hold_others(struct calls *cs, const struct call *except)
{
	const char *why;
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		struct call *call = le->data;

		if (call == except || !call_is_up(call) || call->hold ||
		    call->elsewhere)
			continue;
		if (except && except->conference &&
		    except->conference == call->conference)
			continue;
		if (call_set_hold(call, true, &why))
			warning("call %u: hold: %s\n", call->id, why);
	}
}


void calls_update_tone(struct calls *cs)
{
	bool talking = false, rings = false, ringback = false;
	enum tone tone = TONE_NONE;
	struct le *le;

	LIST_FOREACH(&cs->calll, le)
	{
		const struct call *call = le->data;

		talking |= call_is_up(call) || call->state == CALL_EARLY;
		if (call->question.kind)
			continue;
		if (call->state != CALL_RINGING)
			continue;
		if (!call->incoming)
			ringback = true;
		else if (!call->silenced)
			rings = true;
	}

	if (!talking && ringback)
		tone = TONE_RINGBACK;
	else if (rings)
		tone = talking ? TONE_WAITING : TONE_RING;

	if (tone != cs->tone) {
		cs->tone = tone;
		tone_play(tone);
	}
}


void call_changed(struct call *call)
{
	calls_update_tone(call->cs);
	if (call->state == CALL_ENDED && !call->incoming && !call->answered &&
	    !call->cancelled && call->scode >= 400 && call->cs->tone ==
	    TONE_NONE)
		tone_play(call->scode == 486 || call->scode == 600 ||
			  call->scode == 603 ? TONE_BUSY : TONE_CONGESTION);
	event_publish(EVENT_CALL, call);
}


static enum call_result result(const struct call *call)
{
	if (call->answered)
		return CALL_ANSWERED;
	if (call->incoming && call->elsewhere)
		return CALL_ELSEWHERE;
	if (call->incoming)
		return call->rejected ? CALL_REJECTED : CALL_MISSED;
	if (call->cancelled)
		return CALL_CANCELLED;

	switch (call->scode) {
	case 486:
	case 600:
		return CALL_BUSY;
	case 603:
		return CALL_REJECTED;
	case 408:
	case 480:
	case 487:
		return CALL_NO_ANSWER;
	default:
		return CALL_FAILED;
	}
}


/* call: its trace is found by the row as well; 0: there was none */
static void log_add(const struct calls *cs, uint32_t call,
		    const struct call_log_entry *entry)
{
	const char *callid;
	int64_t id;
	int err;

	if (!cs->db)
		return;

	err = call_log_add(cs->db, entry, &id);
	if (err) {
		event_notice(LOGL_WARNING,
			     "The call could not be written to the log: %m",
			     err);
		return;
	}

	callid = call ? trace_callid(call, 0) : NULL;
	if (callid)
		trace_name_entry(callid, id);

	event_publish_id(EVENT_LOG_ADDED, id);
	if (entry->result == CALL_MISSED)
		event_publish(EVENT_COUNTS, NULL);
}


/* JSON; the word is that of most of the call */
static void quality_text(char *buf, size_t size, const struct call *call)
{
	const struct call_quality *q = &call->quality;
	const struct stream_figures *f = &call->figures;
	const uint32_t all = f->rx_packets + f->lost;
	const double n = q->seconds;

	*buf = '\0';
	if (!q->seconds)
		return;

	(void)re_snprintf(buf, size,
			  "{\"mos\":%.1f,\"mos_min\":%.1f,\"peer_mos\":%.1f,"
			  "\"loss\":%.1f,\"rtt_ms\":%.1f,\"playout_ms\":%.1f,"
			  "\"late\":%u,\"concealed\":%u,\"recovered\":%u,"
			  "\"network\":\"%s\"}",
			  (double)q->mos_sum / n, (double)q->mos_min,
			  (double)f->peer_mos,
			  all ? 100.0 * f->lost / all : 0,
			  (double)q->rtt_sum / n, (double)q->playout_sum / n,
			  f->late, f->concealed, f->recovered,
			  2 * q->goodc >= q->seconds || !q->net ? "good" :
			  q->net);
}


void call_log_write(const struct call *call)
{
	char quality[320];
	const struct contact *c = contact_find_uri(call->cs->contacts,
						   call_peer_uri(call));
	const struct call_log_entry entry = {
		.account = account_address(call->acc),
		.peer_uri = call_peer_uri(call),
		.peer_name = c ? contact_name(c) : call_peer_name(call),
		.incoming = call->incoming,
		.result = result(call),
		.start = call->start,
		.duration = call->answered
				    ? (uint32_t)((tmr_jiffies() -
						  call->answered_jiffies +
						  500) / 1000)
				    : 0,
		.codec = call_codec(call),
		.label = label_name(call_label(call)),
		.scode = call->scode,
		.reason = call->reason,
		.quality = quality,
	};

	quality_text(quality, sizeof(quality), call);
	log_add(call->cs, call->id, &entry);
}


void calls_log_refused(const struct calls *cs, const struct account *acc,
		       const char *uri, const char *name, uint16_t scode,
		       const char *why, bool missed)
{
	const struct contact *c = contact_find_uri(cs->contacts, uri);
	const struct call_log_entry entry = {
		.account = account_address(acc),
		.peer_uri = uri,
		.peer_name = c ? contact_name(c) : name,
		.incoming = true,
		.result = missed ? CALL_MISSED : CALL_REJECTED,
		.start = time(NULL),
		.codec = "",
		.label = label_name(LABEL_PLAIN),
		.scode = scode,
		.reason = why,
	};

	log_add(cs, 0, &entry);
}
