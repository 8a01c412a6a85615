/**
 * @file line_edit.c  One line of text being typed
 *
 * The text is one UTF-8 buffer and the cursor a byte offset that always
 * stands at the border of a grapheme cluster. A paste is text only: whatever
 * it holds, it neither accepts nor completes.
 */
#include "line_edit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "i18n.h"
#include "secret.h"

enum { LINE_MAX_BYTES = 65536, QUERY_MAX = 128 };

struct line_edit {
	char *buf;
	size_t len, size, pos;
	char *killed;           /* what C-y brings back               */
	char *draft;            /* the line before history was looked at */
	struct history *hist;
	size_t at;              /* line of the history, n: the draft  */
	unsigned flags;
	bool literal;           /* C-v: the next key as it is         */
	bool paste;
	bool search;
	char query[QUERY_MAX];
	size_t found;           /* history line C-r found             */
};


struct line_edit *line_edit_alloc(struct history *hist, unsigned flags)
{
	struct line_edit *le = calloc(1, sizeof(*le));

	if (!le)
		return NULL;

	le->size = 256;
	le->buf = calloc(1, le->size);
	if (!le->buf) {
		free(le);
		return NULL;
	}
	le->hist = flags & LINE_SECRET ? NULL : hist;
	le->flags = flags;
	le->at = history_count(le->hist);

	return le;
}


static void forget(struct line_edit *le, char *text)
{
	if (text && (le->flags & LINE_SECRET))
		secret_wipe(text, strlen(text));
	free(text);
}


void line_edit_free(struct line_edit *le)
{
	if (!le)
		return;

	forget(le, le->buf);
	forget(le, le->killed);
	free(le->draft);
	free(le);
}


const char *line_edit_text(const struct line_edit *le)
{
	return le->buf;
}


size_t line_edit_pos(const struct line_edit *le)
{
	return le->pos;
}


unsigned line_edit_flags(const struct line_edit *le)
{
	return le->flags;
}


const char *line_edit_search(const struct line_edit *le)
{
	return le->search ? le->query : NULL;
}


static bool insert(struct line_edit *le, const char *s, size_t n)
{
	if (le->len + n >= LINE_MAX_BYTES)
		return false;

	if (le->len + n + 1 > le->size) {
		size_t size = (le->len + n + 1) * 2;
		/* not realloc: it would leave a password behind */
		char *buf = calloc(1, size);

		if (!buf)
			return false;
		memcpy(buf, le->buf, le->len + 1);
		forget(le, le->buf);
		le->buf = buf;
		le->size = size;
	}

	memmove(le->buf + le->pos + n, le->buf + le->pos,
		le->len - le->pos + 1);
	memcpy(le->buf + le->pos, s, n);
	le->len += n;
	le->pos += n;

	return true;
}


static void cut(struct line_edit *le, size_t from, size_t to)
{
	memmove(le->buf + from, le->buf + to, le->len - to + 1);
	le->len -= to - from;
	le->pos = from;
}


/* Cut and keep for C-y */
static enum line_result kill_range(struct line_edit *le, size_t from,
				   size_t to)
{
	if (from == to)
		return LINE_MOVED;

	forget(le, le->killed);
	le->killed = strndup(le->buf + from, to - from);
	cut(le, from, to);

	return LINE_CHANGED;
}


void line_edit_set(struct line_edit *le, const char *text)
{
	cut(le, 0, le->len);
	(void)insert(le, text, strlen(text));
}


void line_edit_replace(struct line_edit *le, size_t from, size_t to,
		       const char *text)
{
	if (from > to || to > le->len)
		return;

	cut(le, from, to);
	(void)insert(le, text, strlen(text));
}


static bool is_word(const char *s)
{
	return isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80;
}


static size_t word_back(const struct line_edit *le)
{
	size_t p = le->pos;

	while (p && !is_word(le->buf + text_prev(le->buf, p)))
		p = text_prev(le->buf, p);
	while (p && is_word(le->buf + text_prev(le->buf, p)))
		p = text_prev(le->buf, p);

	return p;
}


static size_t word_forward(const struct line_edit *le)
{
	size_t p = le->pos;

	while (p < le->len && !is_word(le->buf + p))
		p = text_next(le->buf, p);
	while (p < le->len && is_word(le->buf + p))
		p = text_next(le->buf, p);

	return p;
}


/* C-w: back to a blank, as on the shell's line */
static size_t blank_back(const struct line_edit *le)
{
	size_t p = le->pos;

	while (p && le->buf[p - 1] == ' ')
		p--;
	while (p && le->buf[p - 1] != ' ')
		p--;

	return p;
}


static enum line_result history_move(struct line_edit *le, int step)
{
	size_t n = history_count(le->hist);

	if (!le->hist || (step < 0 ? le->at == 0 : le->at >= n))
		return LINE_MOVED;

	if (le->at >= n) {
		free(le->draft);
		le->draft = strdup(le->buf);
	}
	le->at = step < 0 ? le->at - 1 : le->at + 1;
	line_edit_set(le, le->at < n ? history_at(le->hist, le->at) :
		      le->draft ? le->draft : "");

	return LINE_CHANGED;
}


/* Look in older lines, beginning before line `from` */
static void search_from(struct line_edit *le, size_t from)
{
	while (from-- > 0) {
		const char *line = history_at(le->hist, from);

		if (strstr(line, le->query)) {
			le->found = from;
			line_edit_set(le, line);
			return;
		}
	}
}


/* LINE_UNUSED: the search is over, the key is for the line */
static enum line_result search_key(struct line_edit *le, key_code key)
{
	size_t n = strlen(le->query);
	char utf8[4];
	size_t len;

	if (key == KEY_CTRL('r')) {
		search_from(le, le->found);
		return LINE_CHANGED;
	}
	if (key == K_BACKSPACE) {
		le->query[text_prev(le->query, n)] = '\0';
		le->found = history_count(le->hist);
		search_from(le, le->found);
		return LINE_CHANGED;
	}
	if (key >= 32 && key < KEY_SPECIAL && key != 127) {
		len = text_encode(utf8, key);
		if (n + len < sizeof(le->query)) {
			memcpy(le->query + n, utf8, len);
			le->query[n + len] = '\0';
		}
		search_from(le, le->found < history_count(le->hist) ?
			    le->found + 1 : history_count(le->hist));
		return LINE_CHANGED;
	}

	le->search = false;
	if (key == K_ESC || key == KEY_CTRL('g') || key == KEY_CTRL('c')) {
		line_edit_set(le, le->draft ? le->draft : "");
		return LINE_CHANGED;
	}

	return LINE_UNUSED;
}


static enum line_result search_start(struct line_edit *le)
{
	if (!le->hist)
		return LINE_MOVED;

	free(le->draft);
	le->draft = strdup(le->buf);
	le->search = true;
	le->query[0] = '\0';
	le->found = history_count(le->hist);

	return LINE_CHANGED;
}


static enum line_result put_key(struct line_edit *le, key_code key)
{
	char utf8[4];

	if (key & KEY_META)
		return LINE_UNUSED;

	return insert(le, utf8, text_encode(utf8, key)) ?
		LINE_CHANGED : LINE_MOVED;
}


static enum line_result paste_key(struct line_edit *le, key_code key)
{
	bool multi = le->flags & LINE_MULTI;

	if (key == K_PASTE_END) {
		le->paste = false;
		return LINE_MOVED;
	}
	if (key == K_ENTER || key == '\n')
		return put_key(le, multi ? '\n' : ' ');
	if (key == K_TAB)
		return put_key(le, ' ');

	/* What else is no text is left out */
	return key >= 32 && key < KEY_SPECIAL && key != 127 ?
		put_key(le, key) : LINE_MOVED;
}


static enum line_result swap(struct line_edit *le)
{
	size_t p = le->pos, a, b;
	char tmp[64];

	if (p == le->len)
		p = text_prev(le->buf, p);
	b = text_next(le->buf, p) - p;
	if (!p || !b)
		return LINE_MOVED;
	a = p - text_prev(le->buf, p);
	if (a > sizeof(tmp))
		return LINE_MOVED;

	memcpy(tmp, le->buf + p - a, a);
	memmove(le->buf + p - a, le->buf + p, b);
	memcpy(le->buf + p - a + b, tmp, a);
	le->pos = p + b;

	return LINE_CHANGED;
}


static enum line_result move(struct line_edit *le, size_t pos)
{
	le->pos = pos;

	return LINE_MOVED;
}


static enum line_result edit_key(struct line_edit *le, key_code key)
{
	switch (key) {

	case KEY_CTRL('h'):
	case 127:
	case K_BACKSPACE:
		if (!le->pos)
			return LINE_MOVED;
		cut(le, text_prev(le->buf, le->pos), le->pos);
		return LINE_CHANGED;

	case KEY_CTRL('d'):
	case K_DELETE:
		if (le->pos == le->len)
			return LINE_MOVED;
		cut(le, le->pos, text_next(le->buf, le->pos));
		return LINE_CHANGED;

	case KEY_CTRL('w'):
		return kill_range(le, blank_back(le), le->pos);
	case KEY_META | K_BACKSPACE:
	case KEY_META | 127:
		return kill_range(le, word_back(le), le->pos);
	case KEY_META | 'd':
		return kill_range(le, le->pos, word_forward(le));
	case KEY_CTRL('u'):
		return kill_range(le, 0, le->pos);
	case KEY_CTRL('k'):
		return kill_range(le, le->pos, le->len);
	case KEY_CTRL('y'):
		return le->killed &&
			insert(le, le->killed, strlen(le->killed)) ?
			LINE_CHANGED : LINE_MOVED;
	case KEY_CTRL('t'):
		return swap(le);
	case KEY_CTRL('v'):
		le->literal = true;
		return LINE_MOVED;
	case KEY_META | K_ENTER:
		return le->flags & LINE_MULTI ? put_key(le, '\n') :
			LINE_UNUSED;
	default:
		return key >= 32 && key < KEY_SPECIAL ? put_key(le, key) :
			LINE_UNUSED;
	}
}


static enum line_result move_key(struct line_edit *le, key_code key)
{
	switch (key) {

	case KEY_CTRL('a'):
	case K_HOME:
		return move(le, 0);
	case KEY_CTRL('e'):
	case K_END:
		return move(le, le->len);
	case KEY_CTRL('b'):
	case K_LEFT:
		return move(le, text_prev(le->buf, le->pos));
	case KEY_CTRL('f'):
	case K_RIGHT:
		return move(le, text_next(le->buf, le->pos));
	case KEY_META | 'b':
		return move(le, word_back(le));
	case KEY_META | 'f':
		return move(le, word_forward(le));
	case KEY_CTRL('p'):
	case K_UP:
		return history_move(le, -1);
	case KEY_CTRL('n'):
	case K_DOWN:
		return history_move(le, 1);
	case KEY_CTRL('r'):
		return search_start(le);
	case K_PASTE_START:
		le->paste = true;
		return LINE_MOVED;
	case K_ENTER:
	case '\n':
		return LINE_ACCEPT;
	case K_TAB:
		return LINE_COMPLETE;
	case K_BACKTAB:
		return LINE_COMPLETE_BACK;
	case K_ESC:
	case KEY_CTRL('g'):
	case KEY_CTRL('c'):
		return LINE_LEAVE;
	default:
		return edit_key(le, key);
	}
}


enum line_result line_edit_key(struct line_edit *le, key_code key)
{
	if (le->paste)
		return paste_key(le, key);

	if (le->literal) {
		le->literal = false;
		if (key == K_TAB)
			return put_key(le, ' ');
		/* A control character would only be cleaned away later */
		return key >= 32 && key < KEY_SPECIAL ? put_key(le, key) :
			LINE_MOVED;
	}

	if (le->search) {
		enum line_result r = search_key(le, key);

		if (r != LINE_UNUSED)
			return r;
	}

	return move_key(le, key);
}


const struct line_help *line_edit_help(size_t i)
{
	static const struct line_help rows[] = {
		{ "Enter", N_("accept, send") },
		{ "M-Enter", N_("new line (chat)") },
		{ "Esc C-g C-c", N_("leave") },
		{ "Tab S-Tab", N_("complete") },
		{ "Up Down", N_("history") },
		{ "C-r", N_("search the history") },
		{ "Home End", N_("start, end") },
		{ "C-a C-e", N_("start, end") },
		{ "M-b M-f", N_("word back, forward") },
		{ "C-w M-d", N_("delete a word") },
		{ "C-u C-k", N_("delete to start, end") },
		{ "C-y", N_("put it back") },
		{ "C-t", N_("swap two letters") },
		{ "C-v", N_("next key as it is") }
	};

	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}


void line_edit_view(const struct line_edit *le, size_t cols, size_t *startp,
		    size_t *cursorp)
{
	size_t start = le->pos, used = 0;

	/* As far back as fits, one column is for the cursor */
	while (start > 0) {
		size_t prev = text_prev(le->buf, start), w, n;

		/* Two columns hold it, or something else besides it */
		n = text_fit(le->buf + prev, 2, &w);
		if (n != start - prev)
			w = 1;
		if (used + w >= cols)
			break;
		used += w;
		start = prev;
	}

	*startp = start;
	*cursorp = used;
}
