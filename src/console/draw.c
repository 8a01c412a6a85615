/**
 * @file draw.c  One frame: bars, tiles, overlays
 *
 * The frame is drawn whole each time, top to bottom and overlays last; what
 * reaches the terminal is only what differs.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"
#include "line_edit.h"
#include "screen.h"
#include "words.h"

static const char *state_word(const struct m_account *a, bool small)
{
	if (!strcmp(a->state, "registered"))
		return small ? _("reg") : words_state(a->state);
	if (!strcmp(a->state, "registering"))
		return small ? _("reg...") : words_state(a->state);

	return words_state(a->state);
}


static void bar_account(const struct scene *s, char *buf, size_t size,
			bool small)
{
	const struct m_account *a = NULL, *b;
	size_t i, more = s->model->accounts.n;
	char addr[128], transport[16];

	/* The one with trouble is the one to show */
	for (i = 0; (b = model_account_at(s->model, i)); i++) {
		if (!a || !strcmp(b->state, "failed"))
			a = b;
		if (!strcmp(b->state, "failed"))
			break;
	}

	if (!s->connected) {
		(void)snprintf(buf, size, "%s", _("the phone is away"));
		return;
	}
	if (!a) {
		(void)snprintf(buf, size, "%s", _("no account"));
		return;
	}

	words_address(addr, sizeof(addr), a->address);
	if (small)
		addr[strcspn(addr, "@")] = '\0';
	(void)snprintf(transport, sizeof(transport), "%s", a->transport);
	for (i = 0; transport[i]; i++) {
		if (transport[i] >= 'a' && transport[i] <= 'z')
			transport[i] = (char)(transport[i] - 32);
	}

	(void)snprintf(buf, size, small ? "%s  %s %s" : "%s  %s %s", addr,
		       state_word(a, small),
		       strcmp(a->state, "direct") ? transport : "");
	if (more > 1) {
		size_t n = strlen(buf);

		(void)snprintf(buf + n, size - n, " +%zu", more - 1);
	}
}


/* Others see something else than that one is there: that is easily
   forgotten */
static int bar_presence(const struct scene *s, char *buf, size_t size)
{
	const char *shown = model_shown(s->model);

	if (!*shown || !strcmp(shown, "online") || !s->connected)
		return 0;

	return snprintf(buf, size, "  %s", words_state(shown));
}


/* Over all accounts; "voicemail" alone if nobody counted it */
static void bar_voicemail(const struct scene *s, char *buf, size_t size,
			  bool small)
{
	const struct m_account *a;
	bool some = false;
	int64_t n = 0;
	size_t i;

	for (i = 0; (a = model_account_at(s->model, i)); i++) {
		some |= a->voicemail != 0;
		n += a->voicemail > 0 ? a->voicemail : 0;
	}

	buf[0] = '\0';
	if (n)
		(void)snprintf(buf, size, small ? _(" %lld vm") :
			       _("  %lld voicemail"), (long long)n);
	else if (some)
		(void)snprintf(buf, size, "%s", small ? _(" vm") :
			       _("  voicemail"));
}


static void bar_draw(const struct scene *s)
{
	const struct rect *r = &s->layout->bar;
	bool small = r->w < 70;
	char buf[512], acc[256], clock[16];
	time_t now = time(NULL);
	struct tm tm;
	int x, n;

	if (!r->h)
		return;

	bar_account(s, acc, sizeof(acc), small);
	n = snprintf(buf, sizeof(buf), " offhook%s%s", small ? " " : "  ",
		     acc);
	if (n > 0 && (size_t)n < sizeof(buf))
		n += bar_presence(s, buf + n, sizeof(buf) - (size_t)n);
	if (s->model->missed && n > 0 && (size_t)n < sizeof(buf))
		n += snprintf(buf + n, sizeof(buf) - (size_t)n,
			      small ? _("  %lld missed") : _("   %lld missed"),
			      (long long)s->model->missed);
	if (s->model->unread && n > 0 && (size_t)n < sizeof(buf))
		n += snprintf(buf + n, sizeof(buf) - (size_t)n,
			       small ? _(" %lld new") : _("  %lld unread"),
			       (long long)s->model->unread);
	if (n > 0 && (size_t)n < sizeof(buf))
		bar_voicemail(s, buf + n, sizeof(buf) - (size_t)n, small);

	screen_line(r->y, r->x, r->w, s->ring ? ROLE_CALL_RING : ROLE_BAR,
		    buf);

	x = r->x + r->w - 6;
	if (localtime_r(&now, &tm) &&
	    strftime(clock, sizeof(clock), "%H:%M ", &tm))
		(void)screen_put(r->y, x, 6, s->ring ? ROLE_CALL_RING :
				 ROLE_BAR, clock);
}


static void tabs_draw(const struct scene *s)
{
	const struct rect *r = &s->layout->tabs;
	char buf[64];
	int i, x = 0;

	for (i = 0; r->h && i < PANEL_TILES; i++) {
		(void)snprintf(buf, sizeof(buf), " %d %s", i + 1,
			       i18n_text(panel_row((enum panel)i)->title));
		x += screen_put(r->y, r->x + x, r->w - x,
				i == (int)s->focus ? ROLE_TITLE_FOCUS :
				ROLE_TITLE, buf);
	}
}


/* ---- key bar ------------------------------------------------------------*/

static const struct hint *hints(const struct scene *s)
{
	static const struct hint idle[] = {
		{ "help", N_("Help") }, { "dial", N_("Dial") },
		{ "open", N_("Call") }, { "write", N_("Chat") },
		{ "filter", N_("Find") }, { "command", N_("Cmd") },
		{ "focus next", N_("Panel") }, { "leave", N_("Quit") },
		{ NULL, NULL }
	};
	static const struct hint call[] = {
		{ "hangup", N_("Hangup") }, { "toggle mute", N_("Mute") },
		{ "toggle hold", N_("Hold") }, { "sas", N_("Verify") },
		{ "dtmf", N_("DTMF") }, { "write", N_("Chat") },
		{ "focus next", N_("Panel") }, { "help", N_("Help") },
		{ NULL, NULL }
	};
	static const struct hint ring[] = {
		{ "answer", N_("Answer") }, { "hangup", N_("Reject") },
		{ "silence", N_("Silence") }, { "reply", N_("Reply text") },
		{ "!", N_("also while typing") }, { NULL, NULL }
	};
	static const struct hint typing_chat[] = {
		{ "=Enter", N_("Send") }, { "=M-Enter", N_("New line") },
		{ "=Esc", N_("Leave") }, { NULL, NULL }
	};
	static const struct hint typing[] = {
		{ "=Enter", N_("Do it") }, { "=Tab", N_("Complete") },
		{ "=Up", N_("History") }, { "=C-r", N_("Search") },
		{ "=Esc", N_("Leave") }, { NULL, NULL }
	};
	static const struct hint filter[] = {
		{ "=Enter", N_("Keep") }, { "=Esc", N_("All") }, { NULL, NULL }
	};
	const struct m_call *m = model_call(s->model, s->call);

	if (s->ringing)
		return ring;
	if (s->typing == TYPING_CHAT)
		return typing_chat;
	if (s->typing == TYPING_FILTER)
		return filter;
	if (s->typing != TYPING_NONE)
		return typing;
	if (s->top && s->top->hints)
		return s->top->hints;

	return m && strcmp(m->state, "ended") ? call : idle;
}


static void hint_key(const struct scene *s, const char *command, char *buf,
		     size_t size)
{
	key_code key;
	char other[16];

	if (*command == '=') {
		(void)snprintf(buf, size, "%s", command + 1);
		return;
	}
	if (!strcmp(command, "dtmf")) {
		(void)snprintf(buf, size, "%s", s->focus == PANEL_CALL ?
			       "0-9" : "M-4 0-9");
		return;
	}
	if (!strcmp(command, "!")) {
		key_label(buf, size, keymap_key(s->keymap, KEYS_TYPING,
						"answer"));
		key_label(other, sizeof(other),
			  keymap_key(s->keymap, KEYS_TYPING, "end"));
		(void)snprintf(buf + strlen(buf), size - strlen(buf), " %s",
			       other);
		return;
	}

	key = keymap_key(s->keymap, !strcmp(command, "reply") ? KEYS_RING :
			 (enum key_panel)s->focus, command);
	buf[0] = '\0';
	if (key != KEY_NONE)
		key_label(buf, size, key);
}


static void keybar_draw(const struct scene *s)
{
	const struct rect *r = &s->layout->keys;
	const struct hint *h;
	const char *word;
	char key[32];
	int x = 0;

	if (!r->h)
		return;

	screen_line(r->y, r->x, r->w, ROLE_BAR, "");
	for (h = hints(s); h->command; h++) {
		int need;

		hint_key(s, h->command, key, sizeof(key));
		word = i18n_text(h->word);
		need = (int)(text_width(key) + text_width(word)) + 3;
		if (!*key)
			continue;
		if (x + need > r->w)
			break;
		x++;
		x += screen_put(r->y, r->x + x, r->w - x, ROLE_BAR_KEY, key);
		x++;
		x += screen_put(r->y, r->x + x, r->w - x, ROLE_BAR, word);
		x++;
	}
}


/* ---- message and command line -------------------------------------------*/
static void prompt(const struct scene *s, char *buf, size_t size)
{
	const char *search = line_edit_search(s->line);

	if (search) {
		(void)snprintf(buf, size, _(" search \"%s\": "), search);
		return;
	}
	switch (s->typing) {

	case TYPING_COMMAND:
		(void)snprintf(buf, size, ":");
		break;
	case TYPING_DIAL:
		(void)snprintf(buf, size, "%s", _(" Dial: "));
		break;
	case TYPING_PASSWORD:
		(void)snprintf(buf, size, "%s",
			       _(" Password (empty: none): "));
		break;
	default:
		(void)snprintf(buf, size, "%s", _(" Find: "));
		break;
	}
}


static void field_draw(const struct scene *s, const struct rect *r)
{
	char buf[320], stars[256];
	size_t start, cursor;
	int x;

	prompt(s, buf, sizeof(buf));
	screen_line(r->y, r->x, r->w, ROLE_TEXT, "");
	x = screen_put(r->y, r->x, r->w, ROLE_PROMPT, buf);
	if (x >= r->w)
		return;

	line_edit_view(s->line, (size_t)(r->w - x), &start, &cursor);
	if (line_edit_flags(s->line) & LINE_SECRET) {
		size_t n = strlen(line_edit_text(s->line) + start);

		if (n >= sizeof(stars))
			n = sizeof(stars) - 1;
		memset(stars, '*', n);
		stars[n] = '\0';
		(void)screen_put(r->y, r->x + x, r->w - x, ROLE_TEXT, stars);
	}
	else {
		(void)screen_put(r->y, r->x + x, r->w - x, ROLE_TEXT,
				 line_edit_text(s->line) + start);
	}
	screen_cursor(r->y, r->x + x + (int)cursor);
}


static void message_draw(const struct scene *s)
{
	const struct rect *r = &s->layout->message;
	char buf[MESSAGE_MAX + 1];

	if (!r->h)
		return;
	if (s->line && s->typing != TYPING_CHAT) {
		field_draw(s, r);
		return;
	}

	(void)snprintf(buf, sizeof(buf), " %s", s->message);
	screen_line(r->y, r->x, r->w, s->message_role, "");
	if (*s->message)
		(void)screen_put_cut(r->y, r->x, r->w, s->message_role, buf);
}


/* ---- tiles --------------------------------------------------------------*/
/* A question or list that there is no room to draw: what it says of itself,
   in the rows there are */
static bool tiny_overlay(struct console *c, const struct scene *s, int y)
{
	const struct open_overlay *o = c->overlayc ?
		&c->overlays[c->overlayc - 1] : NULL;
	struct rect r = { 0, 0, 0, 0 };
	char buf[512];

	if (!o || !o->overlay->line)
		return false;
	o->overlay->line(s, o->state, buf, sizeof(buf));
	screen_size(&r.h, &r.w);
	(void)overlay_wrapped(&r, y, r.h - y, ROLE_TEXT, buf);

	return true;
}


static void tiny_draw(struct console *c, const struct scene *s)
{
	const struct rect *r = &s->layout->call;
	char buf[256];
	enum role role = ROLE_DIM;
	int h, w;

	if (r->h) {
		call_one_line(s, buf, sizeof(buf), &role);
		screen_line(r->y, r->x, r->w, role, buf);
	}
	r = &s->layout->message;
	if (!r->h)
		return;
	if (s->line) {
		field_draw(s, r);
		return;
	}
	if (tiny_overlay(c, s, r->y))
		return;
	screen_size(&h, &w);
	if (*s->message)
		(void)snprintf(buf, sizeof(buf), "%.250s", s->message);
	else
		(void)snprintf(buf, sizeof(buf), _("%dx%d: too small"), w, h);
	screen_line(r->y, r->x, r->w, ROLE_DIM, "");
	(void)screen_put_cut(r->y, r->x, r->w, ROLE_DIM, buf);
}


static void tiles_draw(const struct scene *s)
{
	const struct layout *l = s->layout;
	enum role role = ROLE_TEXT;
	char buf[256];
	int i;

	for (i = 0; i < PANEL_MAX; i++) {
		if (l->tile[i].h)
			panel_row((enum panel)i)->draw(s, &l->tile[i]);
	}
	for (i = 0; i < 2; i++)
		screen_vline(l->sep[i].y, l->sep[i].x, l->sep[i].h);

	if (l->call.h) {
		call_one_line(s, buf, sizeof(buf), &role);
		screen_line(l->call.y, l->call.x, l->call.w, role, buf);
	}
}


static void overlays_draw(struct console *c, const struct scene *s)
{
	size_t i;

	if (c->overlayc || s->complete->n || s->ringing)
		screen_unlink();
	for (i = 0; i < c->overlayc; i++)
		c->overlays[i].overlay->draw(s, c->overlays[i].state);
	if (s->complete->n)
		overlay_complete_draw(s);
	if (s->ringing)
		overlay_incoming_draw(s);
}


void console_scene(struct console *c, struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->model = c->model;
	s->keymap = c->keymap;
	s->layout = &c->layout;
	s->focus = c->focus;
	s->single = c->single;
	s->view = c->view;
	s->filter = c->filter;
	s->rows = c->rows;
	s->rowc = c->rowc;
	s->chat = &c->chat;
	s->typing = c->typing;
	s->line = c->line;
	s->complete = &c->complete;
	s->top = overlay_top(c);
	s->message = c->message;
	s->message_role = c->message_role;
	s->call = c->call;
	s->ring = c->ring_id;
	s->ringing = ring_overlay(c);
	s->connected = client_is_connected(c->client);
}


void console_draw(struct console *c)
{
	struct layout_in in;
	struct scene s;

	console_scene(c, &s);
	screen_size(&in.h, &in.w);
	in.focus = c->focus;
	in.single = c->single;
	in.call_rows = panel_call_rows(&s);
	layout_compute(&c->layout, &in);

	if (c->drawn.overlays != c->overlayc || c->drawn.focus != c->focus ||
	    c->drawn.chat != c->chat.id)
		screen_big();
	c->drawn.overlays = c->overlayc;
	c->drawn.focus = c->focus;
	c->drawn.chat = c->chat.id;

	screen_begin();
	if (c->layout.mode == LAYOUT_TINY) {
		tiny_draw(c, &s);
	}
	else {
		bar_draw(&s);
		tabs_draw(&s);
		tiles_draw(&s);
		message_draw(&s);
		keybar_draw(&s);
		overlays_draw(c, &s);
	}
	screen_end();
}
