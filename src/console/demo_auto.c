/**
 * @file demo_auto.c  The demo's call without a terminal
 *
 * For a pipe or a build server: call, talk for some seconds, send a chat
 * line, and tell what was measured. It fails if the call did not come about,
 * if no voice came back, or if the line was not answered.
 */
#include "demo.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "console.h"
#include "i18n.h"
#include "words.h"

enum { ANSWER_MS = 10000, TALK_MS = 6000, VOICE_PACKETS = 100 };

static const char line[] = "Hello from the demo: \xc3\xa4\xc3\xb6\xc3\xbc "
	"\xe4\xba\x86\xe8\xa7\xa3";

struct demo_call {
	json_int_t id;
	json_t *call;           /* as last reported                     */
	double mic, speaker;    /* loudest seen                         */
	json_int_t rx;          /* packets that came                    */
	bool sent, answered;    /* the chat line                        */
	char words[32];         /* the partner's, "" without ZRTP       */
	bool gone;
};


static void on_call(struct demo_call *d, json_t *params)
{
	const json_t *levels = json_object_get(params, "levels");
	const json_t *figures = json_object_get(params, "figures");

	if (d->id && obj_int(params, "id") != d->id)
		return;

	/* The last figures are those of the call, not of its end */
	if (!strcmp(obj_str(params, "state"), "ended"))
		d->gone = true;
	if (!d->call || !d->gone) {
		json_decref(d->call);
		d->call = json_incref(params);
	}
	if (obj_num(levels, "mic") > d->mic)
		d->mic = obj_num(levels, "mic");
	if (obj_num(levels, "speaker") > d->speaker)
		d->speaker = obj_num(levels, "speaker");
	if (obj_int(figures, "rx_packets") > d->rx)
		d->rx = obj_int(figures, "rx_packets");
}


static void on_event(const char *method, json_t *params, void *arg)
{
	struct demo_call *d = arg;

	if (!strcmp(method, "call.changed")) {
		on_call(d, params);
	}
	else if (!strcmp(method, "chat.message")) {
		const char *state = obj_str(params, "state");
		bool in = !strcmp(obj_str(params, "direction"), "in");

		if (!in && (!strcmp(state, "sent") ||
			    !strcmp(state, "delivered")))
			d->sent = true;
		if (in)
			d->answered = true;
	}
}


/* Until the call is established or over */
static bool wait_answer(struct client *c, struct demo_call *d)
{
	uint64_t end = console_now() + ANSWER_MS;

	while (!d->gone && console_now() < end) {
		if (d->call && obj_int(d->call, "answered"))
			return true;
		if (client_wait(c, (int)(end - console_now()) + 1) == EINTR ||
		    !client_is_connected(c))
			return false;
	}

	return false;
}


static bool talk(struct client *c, const struct demo_call *d)
{
	uint64_t end = console_now() + TALK_MS, now;

	while ((now = console_now()) < end) {
		if (d->gone || client_wait(c, (int)(end - now)) == EINTR ||
		    !client_is_connected(c))
			return false;
	}

	return true;
}


static void report(const struct demo_call *d)
{
	const json_t *f = json_object_get(d->call, "figures");

	(void)printf(_("codec   %s %d Hz, %s\n"), obj_str(d->call, "codec"),
		     (int)obj_int(d->call, "rate"),
		     words_label(obj_str(d->call, "label")));
	if (*obj_str(d->call, "sas"))
		(void)printf(_("words   %s (%s), at the test partner %s\n"),
			     obj_str(d->call, "sas_words"),
			     obj_str(d->call, "sas"),
			     !strcmp(d->words, obj_str(d->call, "sas")) ?
			     _("the same") : d->words);
	(void)printf(_("network rtt %.1f ms, loss %.1f %%, jitter %.1f ms, "
		     "playout %.0f ms, %lld packets sent, %lld received\n"),
		     obj_num(f, "rtt_ms"), obj_num(f, "loss"),
		     obj_num(f, "jitter_ms"), obj_num(f, "playout_ms"),
		     (long long)obj_int(f, "tx_packets"), (long long)d->rx);
	(void)printf(_("voice   microphone %.2f, loudspeaker %.2f at the "
		     "loudest, opinion score %.1f\n"), d->mic, d->speaker,
		     obj_num(f, "mos"));
	(void)printf(_("chat    line %s, %s\n"), d->sent ? _("sent") :
		     _("NOT sent"), d->answered ? _("answered") :
		     _("NOT answered"));
}


static int fail(const char *what)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "offhook: demo: %s\n", i18n_text(what));

	return CMD_FAILED;
}


static int demo_run(struct client *c, struct demo_call *d,
		    struct client *partner, const char *target)
{
	json_t *call = NULL;
	bool whole;

	if (client_call(c, "phone.subscribe", json_pack("{s:b}", "on", 1),
			NULL) ||
	    client_call(c, "call.dial", json_pack("{s:s}", "target", target),
			&call))
		return fail(client_error(c));
	d->id = obj_int(call, "id");
	json_decref(call);

	(void)printf(_("calling %s\n"), target);
	(void)fflush(stdout);
	if (!wait_answer(c, d)) {
		const char *text = obj_str(json_object_get(d->call, "reason"),
					   "text");
		char said[512];

		return fail(*text ? i18n_phone(text, said, sizeof(said)) :
			    N_("the test partner did not answer"));
	}

	(void)printf(_("connected, talking for %d seconds\n"), TALK_MS / 1000);
	(void)fflush(stdout);
	if (client_call(c, "chat.send", json_pack("{s:s, s:s}", "target",
						  target, "text", line), NULL))
		return fail(client_error(c));

	whole = talk(c, d);
	(void)demo_partner_words(partner, d->words, sizeof(d->words));
	if (client_is_connected(c))
		(void)client_call(c, "call.hangup",
				  json_pack("{s:I}", "call", d->id), NULL);
	report(d);

	if (!whole)
		return fail("the call ended early");
	if (d->rx < VOICE_PACKETS || d->mic <= 0 || d->speaker <= 0)
		return fail("no voice came back");
	if (strcmp(d->words, obj_str(d->call, "sas")))
		return fail("the security words of the two ends differ");
	if (!d->sent || !d->answered)
		return fail("the chat line was not answered");
	(void)printf(_("all is well: `offhook demo` in a terminal lets you "
		     "talk yourself\n"));

	return CMD_OK;
}


int demo_auto(struct client *c, struct client *partner, const char *target)
{
	struct demo_call d;
	int rc;

	memset(&d, 0, sizeof(d));
	client_set_event_handler(c, on_event, &d);
	rc = demo_run(c, &d, partner, target);
	client_set_event_handler(c, NULL, NULL);
	json_decref(d.call);

	return rc;
}
