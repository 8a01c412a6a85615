/**
 * @file linear.c  The console of --linear: lines instead of a screen
 *
 * For screen readers, paper and pipes: each event is a line, the last line
 * is what is typed, with the same commands, keys, history and completion as
 * the `:` line. Nothing but text, carriage return and backspace is written.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "common/text.h"
#include "console.h"
#include "i18n.h"
#include "line_edit.h"
#include "words.h"

enum { INPUT = 512, SHOWN = 1024, ESC_MS = 25, COLS = 80 };

static struct {
	bool open, tty, raw;
	struct termios tio;             /* as it was                    */
	char shown[SHOWN];              /* the line at the bottom       */
	size_t cols;                    /* it takes                     */
	char offered[SHOWN];            /* completions printed last     */
	char told[SHOWN];               /* what was too long for it     */
	char input[INPUT];
	size_t len;
} ln;


int linear_open(struct console *c)
{
	struct termios tio;

	ln.open = true;
	ln.tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	ln.shown[0] = '\0';
	ln.cols = 0;
	c->dirty = true;
	if (!ln.tty)
		return 0;
	if (!ln.raw && tcgetattr(STDIN_FILENO, &ln.tio))
		return errno;

	/* ^Z stays the terminal's; ^C leaves a question here */
	tio = ln.tio;
	tio.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	tio.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
	tio.c_cc[VINTR] = tio.c_cc[VQUIT] = _POSIX_VDISABLE;
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	ln.raw = true;

	return tcsetattr(STDIN_FILENO, TCSADRAIN, &tio) ? errno : 0;
}


void linear_close(void)
{
	if (!ln.open)
		return;
	ln.open = false;
	if (ln.raw) {
		(void)fputs("\n", stdout);
		(void)fflush(stdout);
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &ln.tio);
	}
	ln.raw = false;
}


/* ---- out ----------------------------------------------------------------*/
static void wipe(void)
{
	if (!ln.tty || !ln.cols)
		return;
	(void)printf("\r%*s\r", (int)ln.cols, "");
	ln.cols = 0;
	ln.shown[0] = '\0';
}


void linear_say(struct console *c, const char *text)
{
	size_t n = strlen(text);

	if (!ln.open)
		return;
	wipe();
	(void)printf("%s%s", text, n && text[n - 1] == '\n' ? "" : "\n");
	(void)fflush(stdout);
	c->dirty = true;
}


static size_t width(void)
{
	struct winsize ws;

	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_col > 20 ?
		(size_t)ws.ws_col - 1 : COLS - 1;
}


/* What could be meant; once for each time it changes */
static void offer(struct console *c)
{
	char buf[SHOWN] = "";
	size_t i, n = 0;

	for (i = 0; i < c->complete.n && n + 80 < sizeof(buf); i++)
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%.60s",
				      i ? "  " : "", c->complete.v[i].text);
	if (c->complete.n > 1 && strcmp(buf, ln.offered))
		linear_say(c, buf);
	(void)snprintf(ln.offered, sizeof(ln.offered), "%s", buf);
}


/* What is too long for the line at the bottom is said above it, once */
static size_t overlay_bottom(struct console *c, const struct overlay *o,
			     char *buf, size_t size)
{
	size_t cursor, n;

	if (text_width(buf) > width()) {
		if (strcmp(buf, ln.told)) {
			(void)snprintf(ln.told, sizeof(ln.told), "%s", buf);
			linear_say(c, buf);
			c->dirty = false;
		}
		(void)snprintf(buf, size, "%s: ", o->name);
	}
	n = text_fit(buf, width(), &cursor);
	buf[n] = '\0';

	return cursor;
}


/* The line at the bottom, and the column of the cursor in it */
static size_t bottom(struct console *c, char *buf, size_t size)
{
	const struct overlay *o = overlay_top(c);
	const char *search;
	size_t start = 0, cursor = 0, n;
	struct scene s;

	if (o) {
		console_scene(c, &s);
		(void)snprintf(buf, size, _("%s: Esc closes it"), o->name);
		if (o->line)
			o->line(&s, c->overlays[c->overlayc - 1].state, buf,
				size);
		return overlay_bottom(c, o, buf, size);
	}

	search = line_edit_search(c->line);
	(void)snprintf(buf, size, "%s%.60s%s", search ? _("search ") :
		       c->typing == TYPING_COMMAND ? "> " :
		       c->typing == TYPING_PASSWORD ? _("Password: ") :
		       c->typing == TYPING_CHAT ? _("message> ") : "? ",
		       search ? search : "", search ? ": " : "");
	n = strlen(buf);
	line_edit_view(c->line, width() - text_width(buf), &start, &cursor);
	cursor += text_width(buf);
	if (line_edit_flags(c->line) & LINE_SECRET)
		return text_width(buf);
	(void)snprintf(buf + n, size - n, "%s", line_edit_text(c->line) +
		       start);
	for (n = 0; buf[n]; n++) {
		if (buf[n] == '\n')
			buf[n] = ' ';
	}
	n = text_fit(buf, width(), NULL);
	buf[n] = '\0';

	return cursor;
}


void linear_draw(struct console *c)
{
	char buf[SHOWN];
	size_t cursor, cols, i;

	/* Keys are for the overlay in front, else a command is typed */
	if (!c->overlayc && c->typing == TYPING_NONE)
		typing_start(c, TYPING_COMMAND, NULL);
	c->dirty = false;
	if (!ln.tty)
		return;

	offer(c);
	if (!c->overlayc && !c->line)
		return;
	cursor = bottom(c, buf, sizeof(buf));
	cols = text_width(buf);
	if (strcmp(buf, ln.shown)) {
		(void)printf("\r%s%*s", buf, ln.cols > cols ?
			     (int)(ln.cols - cols) : 0, "");
		for (i = ln.cols > cols ? ln.cols : cols; i > cols; i--)
			(void)putchar('\b');
	}
	else if (ln.cols) {
		(void)printf("\r%s", buf);
	}
	for (i = cols; i > cursor; i--)
		(void)putchar('\b');
	(void)fflush(stdout);
	(void)snprintf(ln.shown, sizeof(ln.shown), "%s", buf);
	ln.cols = cols ? cols : 1;
}


/* ---- events -------------------------------------------------------------*/
static void call_words(struct console *c, const struct m_call *call)
{
	char buf[512], addr[256];

	words_address(addr, sizeof(addr), call->peer.uri);
	if (call->incoming && !strcmp(call->state, "ringing"))
		(void)snprintf(buf, sizeof(buf), _("Incoming call %lld from "
			       "%.120s, %.200s, %s. answer or reject?"),
			       (long long)call->id,
			       model_peer_name(&call->peer), addr,
			       *call->peer.contact ? _("a contact") :
			       _("no contact"));
	else
		(void)snprintf(buf, sizeof(buf), _("Call %lld with %.120s: "
			       "%s%s%s%s"), (long long)call->id,
			       model_peer_name(&call->peer),
			       words_state(call->state),
			       call->muted ? _(", muted") : "",
			       *call->label ? " " : "", *call->label ?
			       words_label(call->label) : "");
	linear_say(c, buf);
	if (call->incoming && *call->diverted &&
	    !strcmp(call->state, "ringing")) {
		words_address(addr, sizeof(addr), call->diverted);
		(void)snprintf(buf, sizeof(buf), _("sent on by %s%s%s"),
			       call->diverted_by,
			       *call->diverted_by ? "  " : "", addr);
		linear_say(c, buf);
	}
}


static void call_event(struct console *c, const json_t *params)
{
	static char last[128];
	static int64_t last_id;
	const struct m_call *call = model_call(c->model, obj_int(params,
								 "id"));
	char now[128];

	/* Its end is said by who counted its time; figures are not news */
	if (!call || !strcmp(call->state, "ended"))
		return;
	(void)snprintf(now, sizeof(now), "%.40s %.40s %d", call->state,
		       call->label, call->muted);
	if (call->id == last_id && !strcmp(now, last))
		return;
	last_id = call->id;
	(void)snprintf(last, sizeof(last), "%s", now);
	call_words(c, call);
}


void linear_message(struct console *c, const char *from, const char *text)
{
	char *line = NULL;

	if (asprintf(&line, _("Message from %s: %s"), from, text) > 0)
		linear_say(c, line);
	free(line);
}


void linear_event(struct console *c, const char *method, const json_t *params)
{
	char *clean, *line = NULL;

	if (!strcmp(method, "call.changed"))
		call_event(c, params);
	if (strcmp(method, "log.added") ||
	    strcmp(obj_str(params, "result"), "missed"))
		return;

	clean = text_clean(obj_peer(params), strlen(obj_peer(params)),
			   TEXT_NAME);
	if (clean && asprintf(&line, _("Missed call from %s"), clean) > 0)
		linear_say(c, line);
	free(clean);
	free(line);
}


/* ---- in -----------------------------------------------------------------*/
static int number(const char *s)
{
	int n = 0;

	for (; *s >= '0' && *s <= '9' && n < 1000; s++)
		n = n * 10 + *s - '0';

	return n;
}


static key_code sequence_key(char final, int n)
{
	switch (final) {

	case 'A': return K_UP;
	case 'B': return K_DOWN;
	case 'C': return K_RIGHT;
	case 'D': return K_LEFT;
	case 'H': return K_HOME;
	case 'F': return K_END;
	case 'Z': return K_BACKTAB;
	case '~':
		return n == 200 ? K_PASTE_START : n == 201 ? K_PASTE_END :
			n == 5 ? K_PAGE_UP : n == 6 ? K_PAGE_DOWN :
			n == 3 ? K_DELETE : n == 1 ? K_HOME :
			n == 4 ? K_END : (key_code)KEY_NONE;
	default:
		return KEY_NONE;
	}
}


static key_code plain_key(uint32_t cp)
{
	if (cp == '\r' || cp == '\n')
		return K_ENTER;
	if (cp == '\t')
		return K_TAB;
	if (cp == 8 || cp == 127)
		return K_BACKSPACE;

	return cp;
}


/* One key of the bytes there are; bytes used, 0: more must come */
static size_t key_of(const char *s, size_t len, key_code *key)
{
	uint32_t cp;
	size_t i, n;

	*key = KEY_NONE;
	if (*s != 27) {
		/* A sequence of UTF-8 may be cut by the buffer's end */
		n = text_decode(&cp, s, len);
		if (cp == 0xfffd && len < 4 && ((unsigned char)*s & 0xc0) ==
		    0xc0)
			return 0;
		*key = plain_key(cp);
		return n;
	}
	if (len < 2)
		return 0;
	if (s[1] == '[' || s[1] == 'O') {
		for (i = 2; i < len; i++) {
			if (s[i] >= 0x40 && s[i] <= 0x7e) {
				*key = sequence_key(s[i], number(s + 2));
				return i + 1;
			}
		}
		return len < 16 ? 0 : len;
	}
	if (s[1] == 27) {
		*key = K_ESC;
		return 1;
	}
	n = text_decode(&cp, s + 1, len - 1);
	*key = plain_key(cp) | KEY_META;

	return n + 1;
}


static void keys(struct console *c, bool all)
{
	size_t used = 0, n;
	key_code key;

	while (used < ln.len && !c->done) {
		n = key_of(ln.input + used, ln.len - used, &key);
		if (!n && !all)
			break;
		if (!n) {
			key = ln.input[used] == 27 ? K_ESC : KEY_NONE;
			n = 1;
		}
		used += n;
		/* A key may come when the prompt was just left */
		if (!c->overlayc && c->typing == TYPING_NONE)
			typing_start(c, TYPING_COMMAND, NULL);
		if (key == KEY_CTRL('d') && c->line &&
		    !*line_edit_text(c->line))
			c->done = true;
		else if (key != KEY_NONE)
			console_key(c, key);
	}
	memmove(ln.input, ln.input + used, ln.len - used);
	ln.len -= used;
}


static void last_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	(void)err;
	(void)result;
	(void)text;

	c->done = true;
}


void linear_read(struct console *c)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	ssize_t n = read(STDIN_FILENO, ln.input + ln.len,
			 sizeof(ln.input) - ln.len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		/* What was asked before the end is still answered */
		if (!client_is_connected(c->client) ||
		    console_request(c, "phone.status", NULL, last_reply,
				    c))
			c->done = true;
		c->eof = true;
		return;
	}
	ln.len += (size_t)n;
	keys(c, ln.len == sizeof(ln.input));

	/* Esc alone: nothing follows it */
	if (ln.len && poll(&p, 1, ESC_MS) == 0)
		keys(c, true);
	c->dirty = true;
}
