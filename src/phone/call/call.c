/**
 * @file call.c  A call: one session, one stream, one label
 *
 * The session says what the peer wants, the stream what can be done about
 * it; this file carries offers and answers between the two, keeps the one
 * state a user sees and tells the bus. Nothing here parses SIP or SDP.
 */
#include "call.h"

#include <string.h>
#include <time.h>

#include "call_priv.h"
#include "common/log.h"
#include "common/table.h"
#include "phone/account/account.h"
#include "phone/call/dial.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/media/mos.h"
#include "phone/sip/reason.h"
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
	tmr_cancel(&call->hold_tmr);
	list_unlink(&call->le);
	mem_deref(call->sess);
	mem_deref(call->stream);
	mem_deref(call->acc);
	mem_deref(call->peer_uri);
	mem_deref(call->peer_name);
	mem_deref(call->transport);
	mem_deref(call->codec);
}


static void remove_handler(void *arg)
{
	struct call *call = arg;
	uint32_t id = call->id;

	mem_deref(call);
	event_publish_id(EVENT_CALL_REMOVED, id);
}


/* ---- states --------------------------------------------------------------*/

static void note_stream(struct call *call)
{
	call->codec = mem_deref(call->codec);
	(void)str_dup(&call->codec, stream_codec(call->stream));
	call->rate = stream_codec_rate(call->stream);
}


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
	if (!call->answered) {
		call->answered = time(NULL);
		call->answered_jiffies = tmr_jiffies();
	}
	tmr_cancel(&call->tmr);
	note_stream(call);
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
	tmr_cancel(&call->hold_tmr);
	call->sess = mem_deref(call->sess);
	call->stream = mem_deref(call->stream);
	call_log_write(call);

	tmr_start(&call->tmr, ENDED_SHOWN, remove_handler, call);
	call_changed(call);
}


/* ---- the session speaks --------------------------------------------------*/

static void progress_handler(uint16_t scode, const char *reason,
			     struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	(void)reason;

	if (desc && !stream_decode(call->stream, desc, false) &&
	    !stream_start(call->stream)) {
		note_stream(call);
		call->state = CALL_EARLY;
	}
	else if (call->state == CALL_CALLING && scode >= 180)
		call->state = CALL_RINGING;

	call_changed(call);
}


static int answer_handler(struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	int err;

	err = stream_decode(call->stream, desc, false);
	if (!err)
		err = stream_start(call->stream);
	if (!err && call->answered) {
		note_stream(call);
		call_update_state(call);
		call_changed(call);
	}

	return err;
}


static int offer_handler(struct mbuf **descp, struct mbuf *desc, void *arg)
{
	struct call *call = arg;
	int err = 0;

	if (!desc)
		return stream_encode(call->stream, descp, true);

	err = stream_decode(call->stream, desc, true);
	if (!err)
		err = stream_encode(call->stream, descp, false);
	if (!err)
		err = stream_start(call->stream);
	if (err)
		return err;

	if (call->answered) {
		note_stream(call);
		call_update_state(call);
		call_changed(call);
	}

	return 0;
}


static void established_handler(void *arg)
{
	struct call *call = arg;

	call_set_up(call);
	call_changed(call);
}


static void close_handler(int err, uint16_t scode, const char *reason,
			  void *arg)
{
	call_end(arg, err, scode, reason);
}


static void add_digit(struct call *call, char digit)
{
	size_t len = strlen(call->digits);

	if (len + 1 >= sizeof(call->digits)) {
		memmove(call->digits, call->digits + 1, len);
		--len;
	}
	call->digits[len] = digit;
	call->digits[len + 1] = '\0';
	call_changed(call);
}


void call_hold_refused(struct call *call, const char *reason)
{
	call->hold = !call->hold;
	stream_set_hold(call->stream, call->hold);
	call_update_state(call);
	(void)re_snprintf(call->notice, sizeof(call->notice), "%s", reason);
	call_changed(call);
}


static void refused_handler(uint16_t scode, const char *reason, void *arg)
{
	(void)scode;
	call_hold_refused(arg, reason);
}


static void info_handler(char digit, void *arg)
{
	add_digit(arg, digit);
}


const struct session_handlers call_session_handlers = {
	.progressh = progress_handler,
	.answerh = answer_handler,
	.offerh = offer_handler,
	.estabh = established_handler,
	.closeh = close_handler,
	.refusedh = refused_handler,
	.infoh = info_handler,
};


/* ---- the stream speaks ---------------------------------------------------*/

static void stream_handler(struct stream *s, enum stream_event ev,
			   const struct stream_event_data *data, void *arg)
{
	struct call *call = arg;

	switch (ev) {
	case STREAM_FIGURES:
		call->figures = *stream_figures(s);
		if (call_is_up(call) || call->state == CALL_EARLY)
			call_changed(call);
		break;

	case STREAM_FIRST_PACKET:
		call->notice[0] = '\0';
		call_changed(call);
		break;

	case STREAM_SILENT:
		if (call->state != CALL_ESTABLISHED)
			break;
		(void)re_snprintf(call->notice, sizeof(call->notice),
				  "Nothing has been heard from the other "
				  "side for 3 seconds");
		call_changed(call);
		break;

	case STREAM_DTMF:
		add_digit(call, data->digit);
		break;

	case STREAM_DEVICE:
		(void)re_snprintf(call->notice, sizeof(call->notice), "%s",
				  data->text);
		warning("call %u: %s\n", call->id, data->text);
		call_changed(call);
		break;
	}
}


/* ---- begin ---------------------------------------------------------------*/

/* RTP leaves by the address that SIP uses, unless a setting says else */
static const struct sa *stream_address(struct sa *laddr,
				       const struct account *acc)
{
	const struct stack *stack = account_stack(acc);

	if (stack_laddr(stack, stack_transp(stack), laddr) ||
	    sa_is_any(laddr))
		return NULL;

	return laddr;
}


int call_new(struct call **callp, struct calls *cs, struct account *acc,
	     bool incoming)
{
	struct call *call;
	struct sa laddr;
	int err;

	cs->prepareh(cs->prepare_arg);

	call = mem_zalloc(sizeof(*call), call_destructor);
	if (!call)
		return ENOMEM;

	call->cs = cs;
	call->acc = mem_ref(acc);
	call->incoming = incoming;
	call->start = time(NULL);
	call->facts.signalling_tls =
		stack_transp(account_stack(acc)) == SIP_TRANSP_TLS;

	err = stream_alloc(&call->stream, stream_address(&laddr, acc),
			   stream_handler, call);
	if (err) {
		mem_deref(call);
		return err;
	}

	call->id = ++cs->last_id;
	list_append(&cs->calll, &call->le, call);
	*callp = call;

	return 0;
}


const char *call_stream_error(int err)
{
	switch (err) {
	case ENOENT:
		return "No codec is available: is the plugins' folder right?";
	case EADDRINUSE:
		return "No port is free for the sound: see media.ports";
	default:
		return "The sound of the call could not be set up";
	}
}


int call_dial(struct call **callp, struct calls *cs, struct account *acc,
	      const char *target, const char **why)
{
	struct session_handlers h = call_session_handlers;
	struct call *call = NULL;
	struct mbuf *desc = NULL;
	char *uri = NULL;
	int err;

	if (!callp || !cs || !target || !why)
		return EINVAL;

	*why = calls_refusal(cs);
	if (*why)
		return EPERM;

	err = dial_resolve(&uri, &acc, target, cs->accounts, cs->contacts,
			     why);
	if (err)
		goto out;

	err = call_new(&call, cs, acc, false);
	if (!err)
		err = stream_encode(call->stream, &desc, true);
	if (err) {
		*why = call_stream_error(err);
		goto out;
	}

	call->peer_uri = mem_ref(uri);
	h.arg = call;
	err = session_connect(&call->sess, account_stack(acc), uri, desc, &h);
	if (err) {
		*why = err == EINVAL ? "This is not an address that can be "
				       "called"
				     : "The call could not be sent";
		goto out;
	}

	(void)str_dup(&call->transport,
		      sip_transp_name(session_transp(call->sess)));
	calls_hold_others(cs, call);
	info("call %u: calling %s\n", call->id, uri);
	*callp = call;
	call_changed(call);

 out:
	mem_deref(desc);
	mem_deref(uri);
	if (err)
		mem_deref(call);

	return err;
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
	const struct stream_figures *f = &call->figures;

	if (!f->rx_packets)
		return 0.0f;

	return mos_estimate(call_codec(call), f->loss,
			   f->rtt_ms / 2.0f + f->playout_ms + 20.0f);
}
