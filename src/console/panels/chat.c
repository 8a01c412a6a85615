/**
 * @file chat.c  The chat panel
 *
 * Messages of one conversation, newest at the bottom, wrapped from the
 * bottom up, so that the work is what fits on the screen however long the
 * conversation is. The state stands below the last message sent and below
 * every one that failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/i18n.h"
#include "console/line_edit.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"

enum {
	INDENT = 14,            /* " 13:31 Chloe   " */
	WRAP_MAX = 400          /* rows of one message that are shown */
};

/** A message cut into rows */
struct wrapped {
	size_t off[WRAP_MAX];
	size_t len[WRAP_MAX];
	size_t n;
};


/* Cut at blanks where there are some */
static void wrap(struct wrapped *w, const char *text, size_t cols)
{
	size_t off = 0;

	w->n = 0;
	if (!cols)
		cols = 1;
	do {
		size_t line = strcspn(text + off, "\n");
		size_t fit = text_fit(text + off, cols, NULL);

		if (fit >= line) {
			fit = line;
		}
		else {
			size_t cut = fit;

			while (cut > fit / 2 && text[off + cut] != ' ')
				cut--;
			if (cut > fit / 2)
				fit = cut;
			if (!fit)
				fit = text_next(text + off, 0);
		}

		w->off[w->n] = off;
		w->len[w->n++] = fit;
		off += fit;
		if (text[off] == '\n')
			off++;
		else
			while (text[off] == ' ')
				off++;
	} while (text[off] && w->n < WRAP_MAX);
}


/** Where rows go: bottom up, the first `skip` are scrolled away */
struct paper {
	const struct rect *r;
	int y;                  /* next row                  */
	int top;                /* first row of the tile     */
	size_t skip;
	size_t above;           /* rows that did not fit     */
};


static bool paper_row(struct paper *p)
{
	if (p->skip) {
		p->skip--;
		return false;
	}
	if (p->y < p->top) {
		p->above++;
		return false;
	}

	return true;
}


/* Row i of a text that was cut */
static void wrapped_row(const struct wrapped *w, size_t i, const char *text,
			char *row, size_t size)
{
	(void)snprintf(row, size, "%.*s", (int)(w->len[i] < size ? w->len[i] :
		       size - 1), text + w->off[i]);
}


static void state_draw(const struct m_message *m, struct paper *p)
{
	bool failed = !strcmp(m->state, "failed");
	char buf[512], row[512];
	struct wrapped w;
	size_t i;

	(void)snprintf(buf, sizeof(buf), "%s%s%s", words_state(m->state),
		       failed && *m->reason ? ": " : "",
		       failed ? m->reason : "");
	wrap(&w, buf, p->r->w > INDENT + 1 ?
	     (size_t)(p->r->w - INDENT - 1) : 1);
	for (i = w.n; i-- > 0;) {
		if (!paper_row(p))
			continue;
		wrapped_row(&w, i, buf, row, sizeof(row));
		(void)screen_put(p->y--, p->r->x + INDENT, p->r->w - INDENT,
				 failed ? ROLE_ERROR : ROLE_DIM, row);
	}
}


/* Addresses of web pages in a row can be opened */
static void links_mark(const char *row, int y, int x, int w, enum role role)
{
	const char *p = row;
	char uri[512];

	while ((p = strstr(p, "http"))) {
		size_t n = strcspn(p, " \t<>\"");
		int at = x + (int)text_width(row);
		bool web = !strncmp(p, "http://", 7) ||
			!strncmp(p, "https://", 8);

		at -= (int)text_width(p);
		if (web && n < sizeof(uri) && at + (int)n <= x + w) {
			memcpy(uri, p, n);
			uri[n] = '\0';
			screen_link(y, at, role, uri, uri);
		}
		p += n ? n : 1;
	}
}


static void message_draw_at(const struct scene *s,
			    const struct m_message *m, struct paper *p)
{
	enum role role = m->incoming ? ROLE_CHAT_PEER : ROLE_CHAT_SELF;
	char when[32], row[1024];
	struct wrapped w;
	size_t i;

	wrap(&w, m->text, p->r->w > INDENT + 1 ?
	     (size_t)(p->r->w - INDENT - 1) : 1);

	for (i = w.n; i-- > 0;) {
		if (!paper_row(p))
			continue;
		wrapped_row(&w, i, m->text, row, sizeof(row));
		(void)screen_put(p->y, p->r->x + INDENT, p->r->w - INDENT,
				 role, row);
		links_mark(row, p->y, p->r->x + INDENT, p->r->w - INDENT,
			   role);
		if (i == 0) {
			words_when(when, sizeof(when), m->time, false);
			(void)screen_put(p->y, p->r->x + 1, 6,
					 ROLE_CHAT_TIME, when);
			(void)screen_put(p->y, p->r->x + 7, INDENT - 8, role,
					 m->incoming ? model_peer_name(
						 &s->chat->peer) : _("me"));
		}
		p->y--;
	}
}


static void input_draw(const struct scene *s, const struct rect *r)
{
	int y = r->y + r->h - 1, x;
	size_t start, cursor, i;
	char row[1024];

	x = screen_put(y, r->x, r->w, ROLE_PROMPT, " > ");
	if (s->typing != TYPING_CHAT) {
		if (s->chat->draft)
			(void)screen_put(y, r->x + x, r->w - x, ROLE_DIM,
					 s->chat->draft);
		return;
	}

	line_edit_view(s->line, (size_t)(r->w - x), &start, &cursor);
	(void)snprintf(row, sizeof(row), "%s",
		       line_edit_text(s->line) + start);
	for (i = 0; row[i]; i++) {
		if (row[i] == '\n')
			row[i] = ' ';
	}
	(void)screen_put(y, r->x + x, r->w - x, ROLE_TEXT, row);
	screen_cursor(y, r->x + x + (int)cursor);
}


static void title_draw(const struct scene *s, const struct rect *r)
{
	const struct m_conversation *conv = model_conversation(s->model,
							       s->chat->id);
	char title[256];

	if (!s->chat->peer.uri)
		(void)snprintf(title, sizeof(title), "%s", _("Chat"));
	else
		(void)snprintf(title, sizeof(title), "%s  %.120s  %s%s%.40s",
			       _("Chat"), model_peer_name(&s->chat->peer),
			       conv ? words_chat_label(conv->label) : "",
			       s->filter[PANEL_CHAT] ? "  /" : "",
			       s->filter[PANEL_CHAT] ?
			       s->filter[PANEL_CHAT] : "");
	panel_title(s, r, PANEL_CHAT, title, s->chat->scroll ?
		    _("older") : "");
}


void panel_chat_draw(const struct scene *s, const struct rect *r)
{
	struct paper p = { r, r->y + r->h - 2, r->y + 1, s->chat->scroll, 0 };
	const struct m_message *m;
	bool last_sent = true;
	char *folded;
	size_t i;

	title_draw(s, r);
	if (r->h < 2 || !s->chat->peer.uri)
		return;

	folded = s->filter[PANEL_CHAT] ? text_fold(s->filter[PANEL_CHAT]) :
		NULL;
	s->chat->lowest = s->model->messages.n;
	for (i = s->model->messages.n; i-- > 0;) {
		m = model_message_at(s->model, i);
		if (folded && !text_contains(m->text, folded))
			continue;
		if (!m->incoming && (last_sent || !strcmp(m->state, "failed")))
			state_draw(m, &p);
		if (!m->incoming)
			last_sent = false;
		message_draw_at(s, m, &p);
		/* The first that left a row is the one at the bottom */
		if (p.y < r->y + r->h - 2 &&
		    s->chat->lowest == s->model->messages.n)
			s->chat->lowest = i;
		if (p.y < p.top && p.above > (size_t)r->h * 100)
			break;
	}

	free(folded);

	/* Scrolled beyond the first row: come back */
	if (p.skip) {
		s->chat->scroll -= p.skip < s->chat->scroll ? p.skip :
			s->chat->scroll;
	}
	s->chat->above = p.above;
	if (r->h > 2)
		input_draw(s, r);
}
