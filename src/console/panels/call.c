/**
 * @file call.c  The call panel
 *
 * The selected call with what it sounds like, and one line for each other
 * call. A ringing one stands first as a banner.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "console/i18n.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"

enum { METER = 10, CALL_ROWS = 6 };


static bool is(const struct m_call *call, const char *state)
{
	return !strcmp(call->state, state);
}


static bool rings(const struct m_call *call)
{
	return call->incoming && (is(call, "ringing") || is(call, "early"));
}


static const char *state_word(const struct m_call *call, enum role *role)
{
	const char *word = N_("CALLING");

	*role = ROLE_CALL_ACTIVE;
	if (rings(call)) {
		word = N_("INCOMING");
		*role = ROLE_CALL_RING;
	}
	else if (is(call, "ringing") || is(call, "early")) {
		word = N_("RINGING");
	}
	else if (is(call, "established")) {
		word = call->conference ? N_("CONFERENCE") : N_("ACTIVE");
	}
	else if (is(call, "held") || call->held) {
		word = N_("ON HOLD");
		*role = ROLE_CALL_HOLD;
	}
	else if (is(call, "remote-held")) {
		word = N_("HELD BY PEER");
		*role = ROLE_CALL_HOLD;
	}
	else if (is(call, "ended")) {
		word = N_("ENDED");
		*role = ROLE_DIM;
	}

	return i18n_text(word);
}


/* How long it has lasted, "" if it was not answered */
static void call_duration(const struct m_call *call, char *buf, size_t size)
{
	buf[0] = '\0';
	if (call->answered)
		words_duration(buf, size, (call->ended ? call->ended :
			       (int64_t)time(NULL)) - call->answered);
}


static void state_words(const struct m_call *call, char *buf, size_t size,
			enum role *role)
{
	const char *word = state_word(call, role);
	char dur[16];

	call_duration(call, dur, sizeof(dur));
	(void)snprintf(buf, size, "%s%s%s", word, *dur ? " " : "", dur);
}


static enum role label_role(const char *label)
{
	if (!strcmp(label, "hop"))
		return ROLE_SEC_TRANSPORT;
	if (!strcmp(label, "e2e"))
		return ROLE_SEC_E2E;
	if (!strcmp(label, "verified"))
		return ROLE_SEC_VERIFIED;
	if (!strcmp(label, "broken"))
		return ROLE_SEC_BROKEN;

	return ROLE_SEC_NONE;
}


static const char *label_help(const struct m_call *call)
{
	if (!strcmp(call->label, "hop"))
		return _("encrypted, but servers can listen");
	if (!strcmp(call->label, "e2e"))
		return strcmp(call->state, "ended") ?
			_("end to end, not compared   v compare") :
			_("end to end, not compared");
	if (!strcmp(call->label, "verified"))
		return _("end to end, verified");
	if (!strcmp(call->label, "broken"))
		return _("do not trust this call");

	return _("not encrypted");
}


/* The key that stands behind a text goes where there is no room for it */
static void whole_hint(char *text, int room)
{
	char *hint = strstr(text, "   ");

	if (hint && text_width(text) > (size_t)(room > 0 ? room : 0))
		*hint = '\0';
}


static void meter(char *buf, double level)
{
	/* The phone's levels are those of a meter: even steps of loudness */
	int i;

	for (i = 0; i < METER; i++)
		buf[i] = level * METER > i + 0.5 ? '#' : '-';
	buf[METER] = '\0';
}


static void figures(const struct m_call *call, char *buf, size_t size)
{
	char codec[48] = "";
	int n;

	if (*call->codec && call->rate)
		(void)snprintf(codec, sizeof(codec), "%.30s %dk", call->codec,
			       call->rate / 1000);
	n = snprintf(buf, size, " %s", codec);
	if (!call->figures || n < 0 || (size_t)n >= size)
		return;

	n += snprintf(buf + n, size - (size_t)n,
		      _("  rtt %.0fms  loss %.1f%%  jit %.0fms"), call->rtt_ms,
		      call->loss, call->jitter_ms);
	if (call->mos > 0 && (size_t)n < size)
		(void)snprintf(buf + n, size - (size_t)n, "  MOS %.1f",
			       call->mos);
}


static void levels_draw(const struct m_call *call, int y, const struct rect *r)
{
	char mic[METER + 1], spk[METER + 1], side[64], buf[192];

	meter(mic, call->mic);
	meter(spk, call->speaker);
	(void)snprintf(side, sizeof(side), "%s%s%s", *call->network ?
		       _(" net ") : "", words_state(call->network),
		       call->recording ? _(" REC") : "");
	if (call->muted) {
		int x = screen_put(y, r->x, r->w, ROLE_TEXT, " ");

		x += screen_put(y, r->x + x, r->w - x, ROLE_CALL_MUTE,
				_("mic MUTED"));
		(void)snprintf(buf, sizeof(buf), _("    spk [%s]%s"), spk,
			       side);
		(void)screen_put(y, r->x + x, r->w - x, ROLE_TEXT, buf);
		return;
	}
	(void)snprintf(buf, sizeof(buf), _(" mic [%s] spk [%s]%s"), mic, spk,
		       side);
	(void)screen_put(y, r->x, r->w, ROLE_TEXT, buf);
}


static void peer_words(const struct m_call *call, char *buf, size_t size)
{
	char addr[256];

	words_address(addr, sizeof(addr), call->peer.uri);
	if (*call->peer.name && strcmp(call->peer.name, addr))
		(void)snprintf(buf, size, "%.120s  %s", call->peer.name, addr);
	else
		(void)snprintf(buf, size, "%s", addr);
}


/* The last line: what happens beside the voice */
static void extra(const struct m_call *call, char *buf, size_t size,
		  enum role *role)
{
	*role = ROLE_WARN;
	buf[0] = '\0';
	if (is(call, "ended"))
		(void)snprintf(buf, size, " %s", call->reason);
	else if (*call->notice)
		(void)snprintf(buf, size, " %s", call->notice);
	else if (*call->sent || *call->digits) {
		*role = ROLE_INFO;
		(void)snprintf(buf, size, "%s%s%s%.40s", *call->sent ?
			       _(" sent ") : "", call->sent, *call->digits ?
			       _(" received ") : "", call->digits);
	}
}


static void selected_draw(const struct m_call *call, const struct rect *r,
			  int *yp, int end)
{
	char buf[512], peer[384], dur[16];
	enum role role;
	int y = *yp, x;

	(void)snprintf(buf, sizeof(buf), " %s ", state_word(call, &role));
	call_duration(call, dur, sizeof(dur));
	peer_words(call, peer, sizeof(peer));
	if (y < end) {
		/* The time as the figures below: each change of colour costs
		   bytes every second */
		x = screen_put(y, r->x, r->w, role, buf);
		x += screen_put(y, r->x + x, r->w - x, ROLE_TEXT, dur);
		(void)snprintf(buf, sizeof(buf), *dur ? "  %s" : " %s", peer);
		screen_line(y++, r->x + x, r->w - x, role, buf);
	}

	if (y < end && *call->label) {
		(void)snprintf(buf, sizeof(buf), " %s",
			       words_label(call->label));
		x = screen_put(y, r->x, r->w, label_role(call->label), buf);
		(void)snprintf(buf, sizeof(buf), " %s", label_help(call));
		whole_hint(buf, r->w - x);
		(void)screen_put(y++, r->x + x, r->w - x,
				 label_role(call->label), buf);
	}
	if (y < end && *call->sas && !is(call, "ended")) {
		(void)snprintf(buf, sizeof(buf), _(" words  %.60s  (%.8s)"),
			       call->sas_words, call->sas);
		(void)screen_put(y++, r->x, r->w, ROLE_TEXT, buf);
	}
	if (y < end && *call->codec) {
		figures(call, buf, sizeof(buf));
		(void)screen_put(y++, r->x, r->w, ROLE_TEXT, buf);
	}
	if (y < end && call->answered && !is(call, "ended"))
		levels_draw(call, y++, r);
	extra(call, buf, sizeof(buf), &role);
	if (y < end && *buf)
		(void)screen_put(y++, r->x, r->w, role, buf);
	if (y < end && is(call, "ended") && *call->advice) {
		(void)snprintf(buf, sizeof(buf), " %s", call->advice);
		(void)screen_put(y++, r->x, r->w, ROLE_INFO, buf);
	}
	*yp = y;
}


int panel_call_rows(const struct scene *s)
{
	const struct m_call *call = model_call(s->model, s->call);
	size_t n = s->model->calls.n;

	if (!n)
		return 2;

	return CALL_ROWS + (call && *call->sas) +
		(int)(n > 1 ? (n < 6 ? n - 1 : 5) : 0);
}


void panel_call_draw(const struct scene *s, const struct rect *r)
{
	const struct m_call *sel = model_call(s->model, s->call), *call;
	int y = r->y + 1, end = r->y + r->h;
	char buf[512], state[96], peer[384], right[64] = "";
	enum role role;
	size_t i;

	if (s->model->calls.n > 1)
		(void)snprintf(right, sizeof(right),
			       i18n_plural("%zu call", "%zu calls",
					   (long long)s->model->calls.n),
			       s->model->calls.n);
	else if (!sel && *model_shown(s->model))
		(void)snprintf(right, sizeof(right), "%s",
			       words_state(model_shown(s->model)));
	panel_title(s, r, PANEL_CALL, s->single >= 0 ? C_("up now", "Calls") :
		    _("Call"), right);
	if (!sel) {
		if (y < end)
			(void)screen_put(y, r->x, r->w, ROLE_DIM,
					 _(" No call.  "
					 "d dial   Enter call selected   "
					 "/ find"));
		return;
	}

	selected_draw(sel, r, &y, end);
	for (i = 0; (call = model_call_at(s->model, i)) && y < end; i++) {
		if (call == sel)
			continue;
		state_words(call, state, sizeof(state), &role);
		peer_words(call, peer, sizeof(peer));
		(void)snprintf(buf, sizeof(buf), " %lld %s  %s%.300s",
			       (long long)call->id, state, rings(call) ?
			       _("a answer  w switch  ") : "", peer);
		screen_line(y++, r->x, r->w, role, buf);
	}
}


void call_one_line(const struct scene *s, char *buf, size_t size,
		   enum role *role)
{
	const struct m_call *call = model_call(s->model, s->ring ?
					       s->ring : s->call);
	char state[96];

	if (!call) {
		*role = ROLE_DIM;
		(void)snprintf(buf, size, "%s", _("offhook idle"));
		return;
	}

	state_words(call, state, sizeof(state), role);
	(void)snprintf(buf, size, " %s  %.120s %s%s%s", state,
		       model_peer_name(&call->peer),
		       *call->label ? words_label(call->label) : "",
		       call->muted ? _(" MUTED") : "",
		       call->recording ? _(" REC") : "");
}
