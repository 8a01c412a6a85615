/**
 * @file json.c  Objects of the phone as JSON
 *
 * What docs/rpc.md promises is made here and nowhere else. Every text is
 * cleaned on its way out, whatever room it comes from.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/text.h"
#include "phone/account/account.h"
#include "phone/account/voicemail.h"
#include "phone/call/call.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/media/stream.h"
#include "phone/phone.h"
#include "phone/sip/catalogue.h"
#include "phone/sip/stack.h"
#include "phone/sip/tls_policy.h"
#include "phone/store/call_log.h"
#include "phone/store/messages.h"


static json_t *cleaned(const char *s, enum text_kind kind)
{
	char *clean;
	json_t *js;

	if (!s || !*s)
		return json_string("");

	clean = text_clean(s, strlen(s), kind);
	js = clean ? json_string(clean) : NULL;
	free(clean);

	return js;
}


json_t *json_line(const char *s)
{
	return cleaned(s, TEXT_LINE);
}


json_t *json_reason(uint16_t code, const char *text)
{
	return json_pack("{s:i, s:o, s:s}", "code", code, "text",
			 json_line(text), "advice",
			 catalogue_advice(code, text));
}


/* A contact's name wins over what the peer calls itself, but only for
 * exactly its address */
json_t *json_peer(const struct phone *ph, const char *uri, const char *name)
{
	const struct contact *c = contact_find_uri(ph->contacts, uri);

	return json_pack("{s:o, s:o, s:s}", "uri", cleaned(uri, TEXT_NAME),
			 "name",
			 cleaned(c ? contact_name(c) : name, TEXT_NAME),
			 "contact", c ? contact_id(c) : "");
}


static json_t *account_listen(const struct account *acc)
{
	const struct stack *stack = account_stack(acc);
	char buf[64] = "";
	struct sa sa;

	if (stack && !stack_laddr(stack, stack_transp(stack), &sa))
		(void)re_snprintf(buf, sizeof(buf), "%J", &sa);

	return json_string(buf);
}


static json_t *account_tls(const struct account *acc)
{
	const struct stack *stack = account_stack(acc);
	bool used = stack && stack_transp(stack) == SIP_TRANSP_TLS;

	return json_pack("{s:b, s:b, s:o}", "used", used, "verified",
			 used && stack_tls_verified(stack), "text",
			 json_line(used ? stack_tls_reason(stack) : ""));
}


json_t *json_cert(const struct account *acc)
{
	const struct tls_cert *c = stack_tls_cert(account_stack(acc));
	const char *pin = account_conf(acc)->pin;

	if (!c)
		return NULL;

	return json_pack("{s:o, s:o, s:s, s:s, s:s, s:b, s:b, s:b, s:o}",
			 "names", json_line(c->names), "issuer",
			 json_line(c->issuer), "from", c->from, "until",
			 c->until, "sha256", c->sha256, "accepted",
			 !c->reason[0], "pinned", c->pinned, "pin_set",
			 str_isset(pin), "reason", json_line(c->reason));
}


static json_t *account_messages(const struct account *acc)
{
	const struct voicemail *mb = account_voicemail(acc);
	const struct message_summary *ms = voicemail_summary(mb);

	return json_pack("{s:o, s:s, s:o, s:b, s:i, s:i, s:i}", "uri",
			 json_line(account_mailbox_uri(acc)), "state",
			 voicemail_state(mb), "text",
			 json_line(voicemail_reason(mb)), "waiting",
			 ms && ms->waiting, "new", ms ? (int)ms->fresh : 0,
			 "old", ms ? (int)ms->old : 0, "urgent",
			 ms ? (int)ms->urgent : 0);
}


json_t *json_account(const struct account *acc)
{
	const struct account_conf *cf = account_conf(acc);
	const struct stack *stack = account_stack(acc);

	return json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:b, "
		"s:b, s:s, s:s, s:o, s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:o, "
		"s:s}",
		"id", account_id(acc), "address", json_line(cf->address),
		"name", json_line(cf->name), "server", json_line(cf->server),
		"user", json_line(cf->user), "realm", json_line(cf->realm),
		"ca", json_line(cf->ca), "listen_set", json_line(cf->listen),
		"transport",
		stack ? sip_transp_name(stack_transp(stack)) : "",
		"direct", cf->direct, "auto_answer", cf->auto_answer,
		"enabled", cf->enabled, "security",
		cf->security ? cf->security : "",
		"pin", cf->pin ? cf->pin : "",
		"allow", json_line(cf->allow ? cf->allow : ""), "codecs",
		json_line(cf->codecs ? cf->codecs : ""), "gruu",
		json_line(stack_gruu(stack) ? stack_gruu(stack) : ""), "state",
		account_state_name(acc),
		"next", account_next(acc), "reason",
		json_reason(account_code(acc), account_reason(acc)),
		"listen", account_listen(acc), "tls", account_tls(acc),
		"mailbox", account_messages(acc), "presence",
		str_isset(cf->presence) ? cf->presence : "auto");
}


/* One decimal is what a screen shows; more is only bytes */
static double tenth(double v)
{
	return (double)(int64_t)(v * 10.0 + (v < 0 ? -0.5 : 0.5)) / 10.0;
}


static json_t *call_figures_json(const struct call *call)
{
	const struct stream_figures *f = call_figures(call);

	return json_pack(
		"{s:f, s:f, s:f, s:f, s:f, s:i, s:i, s:i, s:i, s:f, s:f, "
		"s:s, s:f, s:i, s:i, s:i, s:i, s:i, s:i}",
		"rtt_ms", tenth((double)f->rtt_ms), "loss",
		tenth((double)f->loss), "tx_loss", tenth((double)f->tx_loss),
		"jitter_ms", tenth((double)f->jitter_ms), "playout_ms",
		tenth((double)f->playout_ms), "late", f->late, "concealed",
		f->concealed, "recovered", f->recovered, "stretched_ms",
		f->stretched_ms, "mos", tenth((double)call_mos(call)),
		"peer_mos", tenth((double)f->peer_mos), "network",
		f->net ? f->net : "", "tx_kbps", tenth((double)f->tx_kbps),
		"ptime", f->ptime, "fec", f->fec, "red", f->red,
		"tx_packets", f->tx_packets, "rx_packets", f->rx_packets,
		"refused", f->refused);
}


static json_t *call_alarms(const struct call *call)
{
	json_t *list = json_array();
	const struct call_alarm *a;
	size_t i;

	for (i = 0; (a = call_alarm(call, i)) != NULL; i++)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:o, s:b}", "kind", a->kind,
					"text", json_line(a->text),
					"acknowledged", a->acknowledged));

	return list;
}


static json_t *call_security(const struct call *call)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:s}", "crypto",
		key_exchange_name(call_keys(call)), "label",
		label_name(call_label(call)), "label_text",
		call_label_text(call), "sas", call_sas_b32(call), "sas_words",
		call_sas_words(call), "verified", call_verified(call),
		"alarms", call_alarms(call), "details",
		cleaned(call_crypto_details(call), TEXT_BODY), "signalling",
		call_signalling(call));
}


/* null, or what the network wants and the user has to allow */
static json_t *call_question_json(const struct call *call)
{
	const enum question_kind kind = call_question_kind(call);

	if (kind == QUESTION_NONE)
		return json_null();

	return json_pack("{s:s, s:o, s:o}", "kind",
			 kind == QUESTION_REDIRECT ? "redirect" : "transfer",
			 "target", json_line(call_question_target(call)),
			 "by", json_line(call_question_by(call)));
}


static json_t *call_diverted_json(const struct call *call)
{
	return json_pack("{s:o, s:o}", "uri",
			 json_line(call_diverted_uri(call)), "name",
			 json_line(call_diverted_name(call)));
}


json_t *json_call(const struct phone *ph, const struct call *call)
{
	const struct stream_figures *f = call_figures(call);
	json_t *obj;

	obj = json_pack(
		"{s:i, s:i, s:o, s:s, s:s, s:I, s:I, s:I, s:s, s:i, s:b, "
		"s:b, s:b, s:s, s:s, s:o, s:o, s:o, s:{s:f, s:f}}",
		"id", call_id(call), "account",
		account_id(call_account(call)), "peer",
		json_peer(ph, call_peer_uri(call), call_peer_name(call)),
		"direction", call_incoming(call) ? "in" : "out", "state",
		call_state_name(call), "start", (json_int_t)call_start(call),
		"answered", (json_int_t)call_answered(call), "ended",
		(json_int_t)call_ended(call), "codec", call_codec(call),
		"rate", call_codec_rate(call), "muted", call_muted(call),
		"held", call_held(call), "remote_held",
		call_remote_held(call), "transport",
		call_transport(call), "digits", call_digits(call), "notice",
		json_line(call_notice(call)), "reason",
		json_reason(call_code(call), call_reason(call)), "figures",
		call_figures_json(call), "levels", "mic",
		tenth((double)f->mic), "speaker", tenth((double)f->speaker));
	if (obj) {
		(void)json_object_update_new(obj, call_security(call));
		(void)json_object_set_new(obj, "conference",
					  json_integer(
						  call_conference(call)));
		(void)json_object_set_new(obj, "recording",
					  json_boolean(call_recording(call)));
		(void)json_object_set_new(obj, "recording_file",
					  json_line(call_record_file(call)));
		(void)json_object_set_new(obj, "question",
					  call_question_json(call));
		(void)json_object_set_new(obj, "diverted",
					  call_diverted_json(call));
	}

	return obj;
}


json_t *json_contact(const struct contact *c)
{
	json_t *uris = json_array();
	size_t i;

	for (i = 0; i < contact_uri_count(c); i++)
		(void)json_array_append_new(
			uris, cleaned(contact_uri(c, i), TEXT_NAME));

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:s, s:o, "
			 "s:b}",
			 "id", contact_id(c), "name",
			 cleaned(contact_name(c), TEXT_NAME), "uris", uris,
			 "org", json_line(contact_org(c)), "note",
			 json_line(contact_note(c)), "presence",
			 presence_name(contact_presence(c)),
			 "security", contact_security(c), "watch",
			 contact_watched(c), "lamp", contact_watched(c) ?
			 lamp_name(contact_lamp(c)) : "", "presence_note",
			 json_line(contact_presence_note(c)),
			 "presence_asked", contact_presence_allowed(c));
}


json_t *json_log_entry(const struct phone *ph,
		       const struct call_log_entry *e)
{
	json_t *quality = json_loads(e->quality, 0, NULL);

	return json_pack(
		"{s:I, s:o, s:o, s:s, s:s, s:I, s:i, s:s, s:s, s:o, s:b, "
		"s:o}",
		"id", (json_int_t)e->id, "account", json_line(e->account),
		"peer", json_peer(ph, e->peer_uri, e->peer_name),
		"direction", e->incoming ? "in" : "out", "result",
		call_result_name(e->result), "start", (json_int_t)e->start,
		"duration", e->duration, "codec", e->codec, "label",
		e->label, "reason", json_reason(e->scode, e->reason), "seen",
		e->seen, "quality", quality ? quality : json_null());
}


static enum label conversation_label(const struct phone *ph,
				     const char *account)
{
	const struct account *acc = account_find(ph->accounts, account);
	const struct stack *stack = account_stack(acc);

	return label_message(stack && stack_transp(stack) == SIP_TRANSP_TLS);
}


json_t *json_conversation(const struct phone *ph,
			  const struct conversation_row *row)
{
	return json_pack(
		"{s:I, s:o, s:o, s:i, s:s, s:{s:I, s:o, s:s}}", "id",
		(json_int_t)row->id, "account", json_line(row->account),
		"peer", json_peer(ph, row->peer_uri, row->peer_name),
		"unread", row->unread, "label",
		label_name(conversation_label(ph, row->account)), "last",
		"time",
		(json_int_t)row->last_time, "text",
		json_line(row->last_text), "direction",
		row->last_incoming ? "in" : "out");
}


json_t *json_message(const struct message_row *row)
{
	return json_pack(
		"{s:I, s:I, s:s, s:s, s:I, s:o, s:o, s:b}", "id",
		(json_int_t)row->id, "conversation",
		(json_int_t)row->conversation, "direction",
		row->incoming ? "in" : "out", "state",
		message_state_name(row->state), "time",
		(json_int_t)row->time, "text",
		cleaned(row->text, TEXT_BODY), "reason",
		json_reason(row->scode, row->reason), "seen", row->seen);
}


json_t *json_counts(const struct phone *ph)
{
	uint32_t missed = 0, unread = 0;

	if (ph->db) {
		(void)call_log_missed(ph->db, &missed);
		(void)messages_unread(ph->db, &unread);
	}

	return json_pack("{s:i, s:i}", "missed", missed, "unread", unread);
}


const char *json_level_name(int level)
{
	return level >= LOGL_ERROR     ? "error"
	       : level == LOGL_WARNING ? "warning"
				       : "info";
}


json_t *json_notices(void)
{
	const struct event_notice_row *row;
	json_t *list = json_array();
	unsigned i;

	for (i = 0; (row = event_notice_kept(i)) != NULL; i++)
		(void)json_array_append_new(
			list, json_pack("{s:I, s:s, s:o}", "time",
					(json_int_t)row->time, "level",
					json_level_name(row->level), "text",
					json_line(row->text)));

	return list;
}


json_t *json_accounts(const struct phone *ph)
{
	json_t *list = json_array();
	struct le *le;

	LIST_FOREACH(accounts_list(ph->accounts), le)
	{
		(void)json_array_append_new(list, json_account(le->data));
	}

	return list;
}


json_t *json_calls(const struct phone *ph)
{
	json_t *list = json_array();
	struct le *le;

	LIST_FOREACH(calls_list(ph->calls), le)
	{
		(void)json_array_append_new(list, json_call(ph, le->data));
	}

	return list;
}
