/**
 * @file console_sync.c  Between the phone and the model
 *
 * At the start everything is asked once, the log and messages a page at a
 * time; from then on events keep it true. One page is under way at most, so
 * that holding a key down asks nothing twice.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"
#include "screen.h"
#include "words.h"


static void changed(struct console *c)
{
	list_refresh(c);
	c->dirty = true;
}


static void calls_update(struct console *c);


/* Why something failed, as people read it */
static const char *reason_of(const json_t *o, char *buf, size_t size)
{
	return i18n_phone(obj_str(json_object_get(o, "reason"), "text"), buf,
			  size);
}


static void show_notice(struct console *c, const json_t *notice)
{
	const char *level = obj_str(notice, "level");
	char said[512];

	console_message(c, !strcmp(level, "error") ? ROLE_ERROR :
			!strcmp(level, "warning") ? ROLE_WARN : ROLE_INFO,
			"%s", i18n_phone(obj_str(notice, "text"), said,
					 sizeof(said)));
}


/* What was said last while no console was there */
static void show_missed_notice(struct console *c, const json_t *notices)
{
	const json_t *last = json_array_get(notices,
					    json_array_size(notices) - 1);

	if (last && strcmp(obj_str(last, "level"), "info"))
		show_notice(c, last);
}


/* The first thing to do is an account; once, and never in the way */
static void welcome(struct console *c)
{
	if (!c->welcomed && c->single < 0 && !c->demo && !c->overlayc &&
	    c->typing == TYPING_NONE)
		wizard_open(c, true);
	else if (!*c->message)
		console_message(c, ROLE_INFO, "no account yet: :account new");
	c->welcomed = true;
}


static void status_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	const struct m_account *a;
	size_t i;

	if (err) {
		if (err != ECONNRESET)
			console_message(c, ROLE_ERROR, "%s", text);
		return;
	}

	model_status(c->model, result);
	if (c->remote.host && !c->linked)
		console_message(c, ROLE_INFO, "the phone of %s",
				c->remote.host);
	c->linked = true;
	show_missed_notice(c, json_object_get(result, "notices"));
	for (i = 0; (a = model_account_at(c->model, i)); i++) {
		if (!strcmp(a->state, "failed"))
			console_message(c, ROLE_ERROR, "%s: %s", a->address,
					a->reason);
	}
	if (!i)
		welcome(c);
	calls_update(c);
	changed(c);
}


static void contacts_reply(int err, json_t *result, const char *text,
			   void *arg)
{
	struct console *c = arg;
	(void)text;

	if (err)
		return;
	model_contacts(c->model, result);
	changed(c);
	chat_follow(c);
}


static void chats_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	(void)text;

	if (err)
		return;
	model_conversations(c->model, result);
	changed(c);
	chat_follow(c);
}


static void config_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	(void)text;

	if (err)
		return;
	json_decref(c->config);
	c->config = json_incref(result);
}


static void trace_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	json_t *o;
	size_t i;
	(void)text;

	if (err)
		return;
	model_trace_clear(c->model);
	json_array_foreach(result, i, o)
		model_trace_add(c->model, o);
	c->view[PANEL_TRACE].sel = c->model->trace.n;
	c->dirty = true;
}


void sync_trace(struct console *c)
{
	if (c->focus != PANEL_TRACE || c->tracing)
		return;
	c->tracing = true;
	(void)client_request(c->client, "trace.list",
			     json_pack("{s:i}", "limit", PAGE), trace_reply,
			     c);
	(void)client_request(c->client, "trace.follow",
			     json_pack("{s:b}", "on", 1), NULL, NULL);
}


static void trace_keep(struct console *c, const json_t *params)
{
	struct view *v = &c->view[PANEL_TRACE];
	bool last = v->sel + 1 >= c->model->trace.n;

	if (!c->tracing)
		return;
	model_trace_add(c->model, params);
	if (last)
		v->sel = c->model->trace.n - 1;
	c->dirty = true;
}


/* A setting is another one: completion and do not disturb follow */
static void config_event(struct console *c, const json_t *params)
{
	json_t *row;
	size_t i;

	json_array_foreach(c->config, i, row) {
		if (!strcmp(obj_str(row, "key"), obj_str(params, "key")))
			json_object_set(row, "value",
					json_object_get(params, "value"));
	}
}


void sync_start(struct console *c)
{
	struct client *cl = c->client;

	c->tracing = false;
	sync_trace(c);
	c->chat.loading = c->log_loading = false;
	(void)client_request(cl, "phone.subscribe",
			     json_pack("{s:b}", "on", 1), NULL, NULL);
	(void)client_request(cl, "phone.status", NULL, status_reply, c);
	(void)client_request(cl, "contact.list", NULL, contacts_reply, c);
	(void)client_request(cl, "chat.list", NULL, chats_reply, c);
	(void)client_request(cl, "config.list", NULL, config_reply, c);
	sync_log(c);
}


/* ---- log ----------------------------------------------------------------*/
static void log_reply(struct console *c, int err, const json_t *result,
		      bool first)
{
	c->log_loading = false;
	if (err)
		return;

	model_log(c->model, result, first, (size_t)c->log_limit);

	/* To the last row: page by page, until another key is hit */
	if (c->log_to_end && !first && c->model->log.n) {
		c->view[PANEL_LOG].sel = c->model->log.n - 1;
		c->log_to_end = !c->model->log_all;
		if (c->log_to_end)
			sync_log_more(c);
	}
	changed(c);
}


static void log_first(int err, json_t *result, const char *text, void *arg)
{
	(void)text;
	log_reply(arg, err, result, true);
}


static void log_next(int err, json_t *result, const char *text, void *arg)
{
	(void)text;
	log_reply(arg, err, result, false);
}


static void log_ask(struct console *c, int64_t before, client_reply_h *h)
{
	json_t *params;

	c->log_limit = before && c->log_to_end ? PAGE_MAX : PAGE;
	params = json_pack("{s:i}", "limit", c->log_limit);
	if (before)
		json_object_set_new(params, "before", json_integer(before));
	if (c->filter[PANEL_LOG])
		json_object_set_new(params, "search",
				    json_string(c->filter[PANEL_LOG]));

	c->log_loading = !client_request(c->client, "log.list", params, h, c);
}


void sync_log(struct console *c)
{
	c->log_to_end = false;
	log_ask(c, 0, log_first);
}


void sync_log_more(struct console *c)
{
	const struct m_log *last;

	if (c->log_loading || c->model->log_all || !c->model->log.n)
		return;

	last = model_log_at(c->model, c->model->log.n - 1);
	log_ask(c, last->id, log_next);
}


/* ---- events -------------------------------------------------------------*/
static void account_event(struct console *c, const json_t *params)
{
	char said[512];
	const struct m_account *old = model_account(c->model,
						    obj_int(params, "id"));
	const char *state = obj_str(params, "state");
	const char *text = reason_of(params, said, sizeof(said));
	bool was = old && !strcmp(old->state, state);

	if (!strcmp(state, "failed") &&
	    (!was || strcmp(old->reason, text))) {
		console_message(c, ROLE_ERROR, "%s: %s",
				obj_str(params, "address"), text);
		if (!was)
			attend(c, ATTENTION_FAILED,
			       obj_str(params, "address"), text);
	}
	else if (!strcmp(state, "registered") && !was)
		console_message(c, ROLE_INFO, "%s is registered%s%s",
				obj_str(params, "address"), *text ? ": " : "",
				text);
}


static bool rings(const struct m_call *call)
{
	return call->incoming && (!strcmp(call->state, "ringing") ||
				  !strcmp(call->state, "early"));
}


static void title_update(struct console *c)
{
	const struct m_call *call = model_call(c->model, c->call);
	char buf[256];

	if (!c->prefs.title)
		return;

	if (call && strcmp(call->state, "ended"))
		(void)snprintf(buf, sizeof(buf), "offhook: %s%s",
			       model_peer_name(&call->peer),
			       rings(call) ? _(" is calling") : "");
	else
		(void)snprintf(buf, sizeof(buf), "offhook");
	screen_title(buf);
}


/* Which call is ringing, which one do keys mean? */
static void calls_update(struct console *c)
{
	const struct m_call *call, *ringing = NULL, *best = NULL;
	size_t i;

	for (i = 0; (call = model_call_at(c->model, i)); i++) {
		if (rings(call) && !ringing)
			ringing = call;
		if (strcmp(call->state, "ended") &&
		    (!best || (rings(best) && !rings(call))))
			best = call;
	}

	if (ringing && ringing->id != c->ring_id) {
		c->ring_since = console_now();
		attend(c, ATTENTION_RING, _("Incoming call"),
		       model_peer_name(&ringing->peer));
	}
	c->ring_id = ringing ? ringing->id : 0;

	/* The selected one stays selected until it has ended */
	call = model_call(c->model, c->call);
	if (!call || (!strcmp(call->state, "ended") && best))
		c->call = best ? best->id : call ? call->id :
			c->model->calls.n ? model_call_at(c->model, 0)->id : 0;
	alarm_update(c);
	question_update(c);
	title_update(c);
}


static void call_event(struct console *c, const json_t *params)
{
	char said[512];
	const struct m_call *old = model_call(c->model, obj_int(params, "id"));
	const char *state = obj_str(params, "state");
	const char *text = reason_of(params, said, sizeof(said));
	bool was_ended = old && !strcmp(old->state, "ended");

	if (!strcmp(state, "ended") && !was_ended) {
		char dur[16];

		sas_ended(c, obj_int(params, "id"));
		if (obj_int(params, "answered")) {
			words_duration(dur, sizeof(dur),
				       obj_int(params, "ended") -
				       obj_int(params, "answered"));
			console_message(c, ROLE_INFO,
					"call with %s ended after %s%s%s",
					obj_peer(params), dur,
					*text ? ": " : "", text);
		}
		else {
			console_message(c, ROLE_WARN, "%s: %s",
					obj_peer(params),
					*text ? text : _("not answered"));
		}
	}
}


/* Who wrote for the first time is known when the conversation is: it comes
   right behind the message */
static void message_heard(struct console *c, int64_t id,
			  const struct m_conversation *conv,
			  const char *text)
{
	char *clean = text_clean(text, strlen(text), TEXT_BODY);

	free(c->unheard);
	c->unheard = NULL;
	if (!conv) {
		c->unheard = clean;
		c->unheard_id = id;
		return;
	}
	if (clean) {
		attend(c, ATTENTION_MESSAGE, model_peer_name(&conv->peer),
		       clean);
		if (c->linear)
			linear_message(c, model_peer_name(&conv->peer),
				       clean);
	}
	free(clean);
}


static void conversation_event(struct console *c, int64_t id)
{
	char *text = c->unheard;

	if (!text || id != c->unheard_id)
		return;
	c->unheard = NULL;
	message_heard(c, id, model_conversation(c->model, id), text);
	free(text);
}


static void message_event(struct console *c, const json_t *params)
{
	bool in = !strcmp(obj_str(params, "direction"), "in");
	int64_t id = obj_int(params, "conversation");
	const struct m_conversation *conv = model_conversation(c->model, id);

	if (!in && !strcmp(obj_str(params, "state"), "failed")) {
		char said[512];

		console_message(c, ROLE_ERROR, "message to %s failed: %s",
				conv ? model_peer_name(&conv->peer) : "?",
				reason_of(params, said, sizeof(said)));
	}
	if (in && !strcmp(obj_str(params, "state"), "received") &&
	    !obj_bool(params, "seen")) {
		message_heard(c, id, conv, obj_str(params, "text"));
	}

	/* The first message makes the conversation */
	if (c->chat.peer.uri && !c->chat.id)
		chat_open(c, &c->chat.peer);
	else if (!c->chat.peer.uri)
		chat_follow(c);
}


void sync_event(const char *method, json_t *params, void *arg)
{
	struct console *c = arg;
	bool call = !strncmp(method, "call.", 5);
	const struct m_log *sel = list_log(c);
	int64_t sel_id = sel ? sel->id : 0;

	if (!strcmp(method, "trace.message")) {
		trace_keep(c, params);
		trace_event(c, params);
		return;
	}
	if (!strcmp(method, "account.changed"))
		account_event(c, params);
	else if (!strcmp(method, "call.changed"))
		call_event(c, params);
	else if (!strcmp(method, "config.changed"))
		config_event(c, params);
	else if (!strcmp(method, "phone.notice"))
		show_notice(c, params);
	else if (!strcmp(method, "phone.closing"))
		console_message(c, ROLE_WARN, "the phone ends");
	else if (!strcmp(method, "contact.reset"))
		(void)client_request(c->client, "contact.list", NULL,
				     contacts_reply, c);
	else if (!strcmp(method, "log.changed"))
		sync_log(c);

	if (!strcmp(method, "log.added") &&
	    !strcmp(obj_str(params, "result"), "missed"))
		attend(c, ATTENTION_MISSED, _("Missed call"),
		       obj_peer(params));

	/* A row of a search must fit the search */
	if (!strcmp(method, "log.added") && c->filter[PANEL_LOG])
		sync_log(c);
	else if (model_event(c->model, method, params))
		c->dirty = true;

	if (!strcmp(method, "log.added") && sel_id &&
	    c->view[PANEL_LOG].sel && list_log(c)->id != sel_id)
		c->view[PANEL_LOG].sel++;
	if (call)
		calls_update(c);
	else if (c->dirty)
		list_refresh(c);
	if (!strcmp(method, "chat.changed")) {
		conversation_event(c, obj_int(params, "id"));
		sync_chat_seen(c);
	}
	if (!strcmp(method, "chat.message") ||
	    !strcmp(method, "chat.changed"))
		message_event(c, params);
	if (c->linear)
		linear_event(c, method, params);
}
