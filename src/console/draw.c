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
#include "line_edit.h"
#include "screen.h"
#include "words.h"

static const char *const tab_names[PANEL_MAX] = {
	"Contacts", "Calls", "Chat", "Call"
};


static const char *state_word(const struct m_account *a, bool small)
{
	if (!strcmp(a->state, "registered"))
		return small ? "reg" : "registered";
	if (!strcmp(a->state, "registering"))
		return small ? "reg..." : "registering";

	return a->state;
}


static void bar_account(struct console *c, char *buf, size_t size, bool small)
{
	const struct m_account *a = NULL, *b;
	size_t i, more = c->model->accounts.n;
	char addr[128], transport[16];

	/* The one with trouble is the one to show */
	for (i = 0; (b = model_account_at(c->model, i)); i++) {
		if (!a || !strcmp(b->state, "failed"))
			a = b;
		if (!strcmp(b->state, "failed"))
			break;
	}

	if (!client_is_connected(c->client)) {
		(void)snprintf(buf, size, "the phone is away");
		return;
	}
	if (!a) {
		(void)snprintf(buf, size, "no account");
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


void bar_draw(struct console *c)
{
	const struct rect *r = &c->layout.bar;
	bool small = r->w < 70;
	char buf[512], acc[256], clock[16];
	time_t now = time(NULL);
	struct tm tm;
	int x, n;

	if (!r->h)
		return;

	bar_account(c, acc, sizeof(acc), small);
	n = snprintf(buf, sizeof(buf), " offhook%s%s", small ? " " : "  ",
		     acc);
	if (c->model->missed && n > 0 && (size_t)n < sizeof(buf))
		n += snprintf(buf + n, sizeof(buf) - (size_t)n,
			      small ? "  %lld missed" : "   %lld missed",
			      (long long)c->model->missed);
	if (c->model->unread && n > 0 && (size_t)n < sizeof(buf))
		(void)snprintf(buf + n, sizeof(buf) - (size_t)n,
			       small ? " %lld new" : "  %lld unread",
			       (long long)c->model->unread);

	screen_line(r->y, r->x, r->w, c->ring_id ? ROLE_CALL_RING : ROLE_BAR,
		    buf);

	x = r->x + r->w - 6;
	if (localtime_r(&now, &tm) &&
	    strftime(clock, sizeof(clock), "%H:%M ", &tm))
		(void)screen_put(r->y, x, 6, c->ring_id ? ROLE_CALL_RING :
				 ROLE_BAR, clock);
}


void tabs_draw(struct console *c)
{
	const struct rect *r = &c->layout.tabs;
	char buf[32];
	int i, x = 0;

	for (i = 0; r->h && i < PANEL_MAX; i++) {
		(void)snprintf(buf, sizeof(buf), " %d %s", i + 1,
			       tab_names[i]);
		x += screen_put(r->y, r->x + x, r->w - x,
				i == (int)c->focus ? ROLE_TITLE_FOCUS :
				ROLE_TITLE, buf);
	}
}


/* ---- key bar ------------------------------------------------------------*/

/** A command and its word; the key is looked up */
struct hint {
	const char *command, *word;
};


static const struct hint *hints(const struct console *c)
{
	static const struct hint idle[] = {
		{ "help", "Help" }, { "dial", "Dial" }, { "open", "Call" },
		{ "write", "Chat" }, { "filter", "Find" },
		{ "command", "Cmd" }, { "focus next", "Panel" },
		{ "leave", "Quit" }, { NULL, NULL }
	};
	static const struct hint call[] = {
		{ "hangup", "Hangup" }, { "toggle mute", "Mute" },
		{ "toggle hold", "Hold" }, { "dtmf", "DTMF" },
		{ "write", "Chat" }, { "focus next", "Panel" },
		{ "help", "Help" }, { NULL, NULL }
	};
	static const struct hint ring[] = {
		{ "answer", "Answer" }, { "hangup", "Reject" },
		{ "silence", "Silence" }, { "reply", "Reply text" },
		{ "!", "also while typing" }, { NULL, NULL }
	};
	static const struct hint typing_chat[] = {
		{ "=Enter", "Send" }, { "=M-Enter", "New line" },
		{ "=Esc", "Leave" }, { NULL, NULL }
	};
	static const struct hint typing[] = {
		{ "=Enter", "Do it" }, { "=Tab", "Complete" },
		{ "=Up", "History" }, { "=C-r", "Search" },
		{ "=Esc", "Leave" }, { NULL, NULL }
	};
	static const struct hint help[] = {
		{ "=Enter", "Run" }, { "=Down", "Next" },
		{ "=PgDn", "Page" }, { "=Esc", "Close" }, { NULL, NULL }
	};
	static const struct hint filter[] = {
		{ "=Enter", "Keep" }, { "=Esc", "All" }, { NULL, NULL }
	};
	const struct m_call *m = model_call(c->model, c->call);

	if (ring_overlay(c))
		return ring;
	if (c->typing == TYPING_CHAT)
		return typing_chat;
	if (c->typing == TYPING_HELP)
		return help;
	if (c->typing == TYPING_FILTER)
		return filter;
	if (c->typing != TYPING_NONE)
		return typing;

	return m && strcmp(m->state, "ended") ? call : idle;
}


static void hint_key(const struct console *c, const char *command, char *buf,
		     size_t size)
{
	key_code key;
	char other[16];

	if (*command == '=') {
		(void)snprintf(buf, size, "%s", command + 1);
		return;
	}
	if (!strcmp(command, "dtmf")) {
		(void)snprintf(buf, size, "%s", c->focus == PANEL_CALL ?
			       "0-9" : "M-4 0-9");
		return;
	}
	if (!strcmp(command, "!")) {
		key_label(buf, size, keymap_key(c->keymap, KEYS_TYPING,
						"answer"));
		key_label(other, sizeof(other),
			  keymap_key(c->keymap, KEYS_TYPING, "end"));
		(void)snprintf(buf + strlen(buf), size - strlen(buf), " %s",
			       other);
		return;
	}

	key = keymap_key(c->keymap, !strcmp(command, "reply") ? KEYS_RING :
			 (enum key_panel)c->focus, command);
	buf[0] = '\0';
	if (key != KEY_NONE)
		key_label(buf, size, key);
}


void keybar_draw(struct console *c)
{
	const struct rect *r = &c->layout.keys;
	const struct hint *h;
	char key[32];
	int x = 0;

	if (!r->h)
		return;

	screen_line(r->y, r->x, r->w, ROLE_BAR, "");
	for (h = hints(c); h->command; h++) {
		int need;

		hint_key(c, h->command, key, sizeof(key));
		need = (int)(text_width(key) + strlen(h->word)) + 3;
		if (!*key)
			continue;
		if (x + need > r->w)
			break;
		x++;
		x += screen_put(r->y, r->x + x, r->w - x, ROLE_BAR_KEY, key);
		x++;
		x += screen_put(r->y, r->x + x, r->w - x, ROLE_BAR, h->word);
		x++;
	}
}


/* ---- message and command line -------------------------------------------*/
static void prompt(const struct console *c, char *buf, size_t size)
{
	const char *search = line_edit_search(c->line);

	if (search) {
		(void)snprintf(buf, size, " search \"%s\": ", search);
		return;
	}
	switch (c->typing) {

	case TYPING_COMMAND:
		(void)snprintf(buf, size, ":");
		break;
	case TYPING_DIAL:
		(void)snprintf(buf, size, " Dial: ");
		break;
	case TYPING_PASSWORD:
		(void)snprintf(buf, size, " Password (empty: none): ");
		break;
	default:
		(void)snprintf(buf, size, " Find: ");
		break;
	}
}


static void field_draw(struct console *c, const struct rect *r)
{
	char buf[320], stars[256];
	size_t start, cursor;
	int x;

	prompt(c, buf, sizeof(buf));
	screen_line(r->y, r->x, r->w, ROLE_TEXT, "");
	x = screen_put(r->y, r->x, r->w, ROLE_PROMPT, buf);
	if (x >= r->w)
		return;

	line_edit_view(c->line, (size_t)(r->w - x), &start, &cursor);
	if (line_edit_flags(c->line) & LINE_SECRET) {
		size_t n = strlen(line_edit_text(c->line) + start);

		if (n >= sizeof(stars))
			n = sizeof(stars) - 1;
		memset(stars, '*', n);
		stars[n] = '\0';
		(void)screen_put(r->y, r->x + x, r->w - x, ROLE_TEXT, stars);
	}
	else {
		(void)screen_put(r->y, r->x + x, r->w - x, ROLE_TEXT,
				 line_edit_text(c->line) + start);
	}
	screen_cursor(r->y, r->x + x + (int)cursor);
}


void message_draw(struct console *c)
{
	const struct rect *r = &c->layout.message;
	char buf[MESSAGE_MAX + 1];

	if (!r->h)
		return;
	if (c->line && c->typing != TYPING_CHAT && c->typing != TYPING_HELP) {
		field_draw(c, r);
		return;
	}

	(void)snprintf(buf, sizeof(buf), " %s", c->message);
	screen_line(r->y, r->x, r->w, c->message_role,
		    *c->message ? buf : "");
}


/* ---- tiles --------------------------------------------------------------*/
void panel_title(const struct console *c, const struct rect *r,
		 enum panel panel, const char *text, const char *right)
{
	enum role role = panel == c->focus ? ROLE_TITLE_FOCUS : ROLE_TITLE;
	char buf[256];
	int w = r->w;

	if (r->h < 1)
		return;

	(void)snprintf(buf, sizeof(buf), " %d %s", (int)panel + 1, text);
	screen_line(r->y, r->x, w, role, buf);
	if (*right && (int)(text_width(buf) + text_width(right)) + 2 < w)
		screen_right(r->y, r->x, w - 1, role, right);
}


static void tiny_draw(struct console *c)
{
	const struct rect *r = &c->layout.call;
	char buf[256];
	enum role role = ROLE_DIM;
	int h, w;

	if (r->h) {
		call_one_line(c, buf, sizeof(buf), &role);
		screen_line(r->y, r->x, r->w, role, buf);
	}
	r = &c->layout.message;
	if (!r->h)
		return;
	if (c->typing != TYPING_NONE && c->typing != TYPING_HELP) {
		field_draw(c, r);
		return;
	}
	screen_size(&h, &w);
	(void)snprintf(buf, sizeof(buf), "%dx%d: too small", w, h);
	screen_line(r->y, r->x, r->w, ROLE_DIM, *c->message ? c->message :
		    buf);
}


static void tiles_draw(struct console *c)
{
	const struct layout *l = &c->layout;
	enum role role = ROLE_TEXT;
	char buf[256];
	int i;

	if (l->tile[PANEL_CONTACTS].h)
		panel_contacts_draw(c, &l->tile[PANEL_CONTACTS]);
	if (l->tile[PANEL_LOG].h)
		panel_log_draw(c, &l->tile[PANEL_LOG]);
	if (l->tile[PANEL_CHAT].h)
		panel_chat_draw(c, &l->tile[PANEL_CHAT]);
	if (l->tile[PANEL_CALL].h)
		panel_call_draw(c, &l->tile[PANEL_CALL]);
	for (i = 0; i < 2; i++)
		screen_vline(l->sep[i].y, l->sep[i].x, l->sep[i].h);

	if (l->call.h) {
		call_one_line(c, buf, sizeof(buf), &role);
		screen_line(l->call.y, l->call.x, l->call.w, role, buf);
	}
}


struct rect overlay_rect(int h, int w)
{
	struct rect r;
	int rows, cols;

	screen_size(&rows, &cols);
	r.h = h < rows - 2 ? h : rows - 2;
	r.w = w < cols ? w : cols;
	r.y = (rows - r.h) / 2;
	r.x = (cols - r.w) / 2;

	return r;
}


static void overlays_draw(struct console *c)
{
	switch (c->overlay) {

	case OVERLAY_HELP:
		overlay_help_draw(c);
		break;
	case OVERLAY_CONFIRM:
		overlay_confirm_draw(c);
		break;
	case OVERLAY_NOTICE:
		overlay_notice_draw(c);
		break;
	case OVERLAY_NONE:
		break;
	}
	if (c->complete.n)
		overlay_complete_draw(c);
	if (ring_overlay(c))
		overlay_incoming_draw(c);
}


void console_draw(struct console *c)
{
	struct layout_in in;

	screen_size(&in.h, &in.w);
	in.focus = c->focus;
	in.single = c->single;
	in.call_rows = panel_call_rows(c);
	layout_compute(&c->layout, &in);

	screen_begin();
	if (c->layout.mode == LAYOUT_TINY) {
		tiny_draw(c);
	}
	else {
		bar_draw(c);
		tabs_draw(c);
		tiles_draw(c);
		message_draw(c);
		keybar_draw(c);
		overlays_draw(c);
	}
	screen_end();
}
