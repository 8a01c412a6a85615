/**
 * @file call.c  A call: one session, one stream, one label
 *
 * The session says what the peer wants, the stream what can be done about
 * it. This file keeps the one state a user sees and how it ends; what the
 * session says is in call_session.c, what the stream says in call_media.c,
 * who calls whom in call_dial.c and call_in.c, what the user asks of it
 * in call_ask.c. Nothing in this room parses SIP or SDP.
 */
#include "call.h"

#include <string.h>
#include <time.h>

#include "call_priv.h"
#include "common/log.h"
#include "common/table.h"
#include "phone/account/account.h"
#include "phone/events.h"
#include "phone/sip/stack.h"

enum { ENDED_SHOWN = 5000 };

static const struct table_name state_names[] = {
	{ "calling", CALL_CALLING },
	{ "ringing", CALL_RINGING },
	{ "early", CALL_EARLY },
	{ "established", CALL_ESTABLISHED },
	{ "held", CALL_HELD },
	{ "remote-held", CALL_REMOTE_HELD },
	{ "ended", CALL_ENDED },
	{ NULL, 0 },
};


static void call_destructor(void *arg)
{
	struct call *call = arg;

	tmr_cancel(&call->tmr);
	tmr_cancel(&call->offer_tmr);
	tmr_cancel(&call->dtmf_tmr);
	tmr_cancel(&call->unmute_tmr);
	call_question_clear(call);
	list_unlink(&call->le);
	mem_deref(call->sess);
	mem_deref(call->stream);
	mem_deref(call->acc);
	mem_deref(call->peer_uri);
	mem_deref(call->peer_name);
	mem_deref(call->transport);
	mem_deref(call->codec);
	mem_deref(call->record_file);
	mem_deref(call->hdrs);
	mem_deref(call->diverted_uri);
	mem_deref(call->diverted_name);
}


static void remove_handler(void *arg)
{
	struct call *call = arg;
	struct calls *cs = call->cs;
	uint32_t id = call->id;

	mem_deref(call);
	event_publish_id(EVENT_CALL_REMOVED, id);
	calls_rest(cs);
}


int call_new(struct call **callp, struct calls *cs, struct account *acc,
	     bool incoming)
{
	struct call *call;
	int err;

	cs->prepareh(cs->prepare_arg);
	tmr_cancel(&cs->rest_tmr);

	call = mem_zalloc(sizeof(*call), call_destructor);
	if (!call)
		return ENOMEM;

	call->cs = cs;
	call->acc = mem_ref(acc);
	call->incoming = incoming;
	call->start = time(NULL);
	call->facts.signalling_tls =
		stack_transp(account_stack(acc)) == SIP_TRANSP_TLS;

	err = call_stream_alloc(&call->stream, call);
	if (err) {
		mem_deref(call);
		return err;
	}

	call->id = ++cs->last_id;
	list_append(&cs->calll, &call->le, call);
	*callp = call;

	return 0;
}


/* ---- states --------------------------------------------------------------*/

/* The state of a call that is up, from who holds it */
void call_update_state(struct call *call)
{
	if (call->hold)
		call->state = CALL_HELD;
	else if (stream_remote_hold(call->stream))
		call->state = CALL_REMOTE_HELD;
	else
		call->state = CALL_ESTABLISHED;
}


void call_set_up(struct call *call)
{
	const bool first = !call->answered;

	if (first) {
		call->answered = time(NULL);
		call->answered_jiffies = tmr_jiffies();
		if (call->incoming)
			screening_forget(&call->cs->sources,
					 call_peer_uri(call));
	}
	tmr_cancel(&call->tmr);
	stream_set_up(call->stream);
	if (first)
		call_trust_answered(call);
	call_note_stream(call);
	call_update_state(call);
}


/* The call is over: keep what is to be told, let go of the rest */
void call_end(struct call *call, int err, uint16_t scode,
	      const char *reason)
{
	if (call->state == CALL_ENDED)
		return;

	call->ended = time(NULL);
	call->scode = scode;
	(void)re_snprintf(call->reason, sizeof(call->reason), "%s", reason);

	if (err)
		info("call %u: ended: %s: %m\n", call->id, reason, err);
	else
		info("call %u: ended: %s\n", call->id, reason);

	call->state = CALL_ENDED;
	tmr_cancel(&call->offer_tmr);
	tmr_cancel(&call->dtmf_tmr);
	tmr_cancel(&call->unmute_tmr);
	call_question_clear(call);
	call_tell_referrer(call, scode >= 300 ? scode : 487);
	call->sess = mem_deref(call->sess);
	call->stream = mem_deref(call->stream);
	call_conference_left(call);
	call_log_write(call);

	tmr_start(&call->tmr, ENDED_SHOWN, remove_handler, call);
	call_changed(call);
}


/* ---- accessors -----------------------------------------------------------*/

uint32_t call_id(const struct call *call)
{
	return call->id;
}


struct account *call_account(const struct call *call)
{
	return call->acc;
}


const char *call_peer_uri(const struct call *call)
{
	return call->peer_uri ? call->peer_uri : "";
}


const char *call_peer_name(const struct call *call)
{
	return call->peer_name ? call->peer_name : "";
}


bool call_incoming(const struct call *call)
{
	return call->incoming;
}


enum call_state call_state(const struct call *call)
{
	return call->state;
}


const char *call_state_name(const struct call *call)
{
	return table_name(state_names, call->state);
}


bool call_is_up(const struct call *call)
{
	return call->state == CALL_ESTABLISHED || call->state == CALL_HELD ||
	       call->state == CALL_REMOTE_HELD;
}


bool call_muted(const struct call *call)
{
	return call->muted;
}


bool call_held(const struct call *call)
{
	return call_is_up(call) && call->hold;
}


bool call_remote_held(const struct call *call)
{
	return call_is_up(call) && stream_remote_hold(call->stream);
}


int64_t call_start(const struct call *call)
{
	return call->start;
}


int64_t call_answered(const struct call *call)
{
	return call->answered;
}


int64_t call_ended(const struct call *call)
{
	return call->ended;
}


const char *call_codec(const struct call *call)
{
	return call->codec ? call->codec : "";
}


uint32_t call_codec_rate(const struct call *call)
{
	return call->rate;
}


enum label call_label(const struct call *call)
{
	return label_derive(&call->facts);
}


enum key_exchange call_keys(const struct call *call)
{
	return call->facts.keys;
}


const char *call_label_text(const struct call *call)
{
	return label_who(&call->facts);
}


const char *call_sas_b32(const struct call *call)
{
	return call->secure.info.sas_b32;
}


const char *call_sas_words(const struct call *call)
{
	return call->secure.info.sas_words;
}


bool call_verified(const struct call *call)
{
	return call_label(call) == LABEL_VERIFIED;
}


const char *call_crypto_details(const struct call *call)
{
	return call->secure.info.details;
}


const char *call_signalling(const struct call *call)
{
	return label_signalling(call->facts.signalling_tls);
}


const struct call_alarm *call_alarm(const struct call *call, size_t i)
{
	return i < call->secure.alarmc ? &call->secure.alarmv[i] : NULL;
}


const char *call_transport(const struct call *call)
{
	return call->transport ? call->transport : "";
}


const char *call_digits(const struct call *call)
{
	return call->digits;
}


const char *call_notice(const struct call *call)
{
	return call->notice;
}


uint16_t call_code(const struct call *call)
{
	return call->scode;
}


const char *call_reason(const struct call *call)
{
	return call->reason;
}


const struct stream_figures *call_figures(const struct call *call)
{
	return &call->figures;
}


float call_mos(const struct call *call)
{
	return call->figures.mos;
}


const char *call_diverted_uri(const struct call *call)
{
	return call->diverted_uri ? call->diverted_uri : "";
}


const char *call_diverted_name(const struct call *call)
{
	return call->diverted_name ? call->diverted_name : "";
}
