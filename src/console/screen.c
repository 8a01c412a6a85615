/**
 * @file screen.c  The terminal: open, draw, close
 *
 * All drawing goes to one window, overlays last. Each frame begins empty;
 * the difference to the last one is curses' work. Text is put cluster by
 * cluster: a joined emoji shows as its first part, because no two terminals
 * agree how wide the whole is.
 */
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "common/text.h"
#include "curses_own.h"
#include "screen_priv.h"

enum {
	ROW_CELLS = 1024,
	CLUSTER = 16,           /* code points of one that are shown */
	START = 80              /* bytes that curses begins with     */
};

static struct {
	SCREEN *scr;
	int colors;
	bool utf8, ascii, open, lost;
	bool emoji_raw;         /* joined emoji as they came        */
	bool rest;              /* the cursor rests on selections   */
	bool sync;              /* knows synchronized output        */
	bool big;               /* much of this frame is new        */
	int cur_y, cur_x;       /* cursor of this frame, -1: hidden */
	int rest_y;             /* row that is selected, -1: none   */
	bool cur_shown;
	volatile sig_atomic_t continued;
	struct termios tio;     /* as it was                        */
	char restore[256];      /* bytes that bring the terminal back */
	size_t restore_len;
} s;


void tell(const char *bytes, size_t len)
{
	if (s.lost)
		return;

	pace_spend(len);
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}


void tell_text(const char *text)
{
	tell(text, strlen(text));
}


/* Only async-signal-safe calls: the terminal first, then the old end */
static void on_crash(int sig)
{
	if (s.open && !s.lost) {
		tell(s.restore, s.restore_len);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &s.tio);
	}
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}


static void restore_add(const char *text)
{
	size_t n = text && text != (char *)-1 ? strlen(text) : 0;

	if (s.restore_len + n <= sizeof(s.restore)) {
		memcpy(s.restore + s.restore_len, text ? text : "", n);
		s.restore_len += n;
	}
}


static void crash_guard(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction sa;
	size_t i;

	s.restore_len = 0;
	restore_add(tigetstr("sgr0"));
	restore_add(tigetstr("cnorm"));
	restore_add(tigetstr("rmcup"));
	restore_add(tigetstr("rmkx"));
	restore_add("\033[?2004l");

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_crash;
	sa.sa_flags = SA_RESETHAND | SA_NODEFER;
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &sa, NULL);
}


int screen_open(bool mono)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return ENOTTY;

	(void)tcgetattr(STDIN_FILENO, &s.tio);
	s.scr = newterm(NULL, stdout, stdin);
	if (!s.scr)
		return ENOENT;
	pace_open(&s.tio);
	pace_spend(START);

	/* curses would stop and redraw by itself, behind our back */
	(void)signal(SIGTSTP, SIG_DFL);
	(void)raw();
	(void)noecho();
	(void)nonl();
	(void)set_escdelay(25);
	(void)curs_set(0);
	(void)leaveok(stdscr, TRUE);
	input_open();

	s.colors = 0;
	if (!mono && has_colors() && start_color() == OK &&
	    use_default_colors() == OK)
		s.colors = COLORS;

	s.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	s.ascii = !s.utf8;
	s.sync = tell_knows_sync();
	s.open = true;
	s.lost = false;
	s.cur_y = -1;
	s.cur_shown = false;
	crash_guard();
	tell_text("\033[?2004h");

	return 0;
}


void screen_close(void)
{
	if (!s.open)
		return;

	s.open = false;
	if (s.lost)
		return;

	(void)curs_set(1);
	(void)endwin();
	tell_text("\033[?2004l");
	tell_end();
	input_close();
	delscreen(s.scr);
	s.scr = NULL;
}


void screen_lost(void)
{
	s.lost = true;
}


int screen_colors(void)
{
	return s.colors;
}


bool screen_utf8(void)
{
	return s.utf8;
}


void screen_ascii(bool ascii)
{
	s.ascii = ascii || !s.utf8;
}


void screen_size(int *h, int *w)
{
	*h = LINES;
	*w = COLS;
}


void screen_theme(const struct theme *theme)
{
	if (!s.open)
		return;
	colour_theme(theme, s.colors);
	screen_redraw();
}


void screen_begin(void)
{
	links_begin();
	(void)werase(stdscr);
	colour_overlay(false);
	s.cur_y = s.rest_y = -1;
}


void screen_end(void)
{
	bool show = s.cur_y >= 0;

	if (s.lost)
		return;

	(void)leaveok(stdscr, show ? FALSE : TRUE);
	if (show)
		(void)wmove(stdscr, s.cur_y, s.cur_x);
	if (show != s.cur_shown)
		(void)curs_set(show ? 1 : 0);
	s.cur_shown = show;
	if (pace_slow()) {
		(void)wnoutrefresh(stdscr);
		pace_cut(s.cur_y >= 0 ? s.cur_y : s.rest_y);
		(void)doupdate();
		return;
	}
	if (s.big && s.sync)
		tell_text("\033[?2026h");
	(void)wrefresh(stdscr);
	links_draw(s.big);
	if (s.big && s.sync)
		tell_text("\033[?2026l");
	s.big = false;
}


void screen_big(void)
{
	s.big = true;
}


void screen_emoji(bool raw)
{
	s.emoji_raw = raw;
}


void screen_cursor_always(bool always)
{
	s.rest = always;
}


void screen_rest(int y, int x)
{
	s.rest_y = y;
	if (s.rest)
		screen_cursor(y, x);
}


void screen_cursor(int y, int x)
{
	s.cur_y = y;
	s.cur_x = x;
}


/* One cluster of text as cells: its first part, up to a joiner; the columns
   it takes, -1 if it does not fit */
static int cluster(const char *text, size_t len, int room, wchar_t *out,
		   size_t *outn)
{
	size_t i = 0, n = 0;
	int cols = 0;

	while (i < len && n < (s.emoji_raw ? CLUSTER : CCHARW_MAX)) {
		uint32_t cp;
		int w;

		i += text_decode(&cp, text + i, len - i);
		if (cp == 0x200d && !s.emoji_raw)
			break;
		/* What would move the cursor never gets here; be sure */
		if (cp < 32 || (cp >= 0x7f && cp < 0xa0))
			cp = s.utf8 ? 0xfffd : '?';
		w = s.utf8 || cp < 127 ? text_cp_width(cp) : 1;
		if (!w && !n)
			continue;
		if (n && w && !s.emoji_raw)
			break;
		cols += w;
		if (!s.utf8 && cp > 0x7e)
			cp = '?';
		out[n++] = (wchar_t)cp;
	}

	if (cols > room)
		return -1;
	*outn = n;

	return cols;
}


int screen_put(int y, int x, int w, enum role role, const char *text)
{
	wchar_t cells[ROW_CELLS + CLUSTER];
	size_t off = 0, n = 0;
	int used = 0;

	if (y < 0 || x < 0 || y >= LINES || x >= COLS)
		return 0;
	if (w > COLS - x)
		w = COLS - x;

	while (text[off] && used < w && n < ROW_CELLS) {
		size_t next = text_next(text, off), more = 0;
		int cols = cluster(text + off, next - off, w - used,
				   cells + n, &more);

		if (cols < 0)
			break;
		used += cols;
		n += more;
		off = next;
	}

	colour_set(role);
	if (n)
		(void)mvwaddnwstr(stdscr, y, x, cells, (int)n);

	return used;
}


int screen_put_cut(int y, int x, int w, enum role role, const char *text)
{
	const char *mark = s.ascii || !s.utf8 ? ">" : "\u2026";
	char buf[1024];
	size_t cols, n;

	if (w > COLS - x)
		w = COLS - x;
	if (w < 2 || text_width(text) <= (size_t)w)
		return screen_put(y, x, w, role, text);

	n = text_fit(text, (size_t)w - 1, &cols);
	(void)snprintf(buf, sizeof(buf), "%.*s%s", (int)n, text, mark);

	return screen_put(y, x, w, role, buf);
}


static void blanks(int y, int x, int w, enum role role)
{
	cchar_t blank;

	if (w > COLS - x)
		w = COLS - x;
	if (w <= 0 || y < 0 || y >= LINES || x < 0)
		return;

	/* curses adds the attributes that were set last */
	colour_set(role);
	colour_blank(role, &blank);
	(void)mvwhline_set(stdscr, y, x, &blank, w);
}


/* Half of a wide letter is no letter, and curses leaves it at that: what is
   cut where w columns from x on are drawn becomes a blank before */
static void uncut(int y, int x, int w)
{
	cchar_t cells[ROW_CELLS + 1];
	int at, i;

	if (y < 0 || y >= LINES || COLS > ROW_CELLS ||
	    mvwin_wchnstr(stdscr, y, 0, cells, COLS) != OK)
		return;

	for (i = at = 0; at < COLS && at < x + w; i++) {
		wchar_t text[CCHARW_MAX + 1] = L"";
		short pair;
		attr_t attr;
		int more = 0, cols;

		if (getcchar(&cells[i], text, &attr, &pair, &more) != OK ||
		    !text[0])
			return;
		cols = wcwidth(text[0]) > 1 ? 2 : 1;
		if (cols > 1 && (at + 1 == x || at + 1 == x + w)) {
			(void)wattr_set(stdscr, attr, 0, &more);
			(void)mvwaddnwstr(stdscr, y, at, L"  ", 2);
		}
		at += cols;
	}
}


void screen_line(int y, int x, int w, enum role role, const char *text)
{
	int used;

	uncut(y, x, w);
	used = screen_put(y, x, w, role, text);

	blanks(y, x + used, w - used, role);
}


void screen_right(int y, int x, int w, enum role role, const char *text)
{
	int cols = (int)text_width(text);

	if (cols < w)
		x += w - cols;
	(void)screen_put(y, x, w, role, text);
}


void screen_vline(int y, int x, int h)
{
	colour_set(ROLE_SEPARATOR);
	for (; h > 0; h--, y++) {
		if (s.ascii)
			(void)mvwaddch(stdscr, y, x, '|');
		else
			(void)mvwaddnwstr(stdscr, y, x, L"\u2502", 1);
	}
}


static void box_line(int y, int x, int w, const wchar_t *left,
		   const wchar_t *mid, const wchar_t *right)
{
	int i;

	(void)mvwaddnwstr(stdscr, y, x, left, 1);
	for (i = 1; i < w - 1; i++)
		(void)mvwaddnwstr(stdscr, y, x + i, mid, 1);
	(void)mvwaddnwstr(stdscr, y, x + w - 1, right, 1);
}


void screen_box(const struct rect *r, const char *title)
{
	const wchar_t *side = s.ascii ? L"|" : L"\u2502";
	const wchar_t *flat = s.ascii ? L"-" : L"\u2500";
	int i;

	if (r->h < 2 || r->w < 4)
		return;

	colour_overlay(true);
	for (i = 0; i < r->h; i++)
		uncut(r->y + i, r->x, r->w);
	for (i = 0; i < r->h; i++)
		blanks(r->y + i, r->x, r->w, ROLE_OVERLAY);

	colour_set(ROLE_OVERLAY);
	box_line(r->y, r->x, r->w, s.ascii ? L"+" : L"\u250c", flat,
	       s.ascii ? L"+" : L"\u2510");
	for (i = 1; i < r->h - 1; i++) {
		(void)mvwaddnwstr(stdscr, r->y + i, r->x, side, 1);
		(void)mvwaddnwstr(stdscr, r->y + i, r->x + r->w - 1, side, 1);
	}
	box_line(r->y + r->h - 1, r->x, r->w, s.ascii ? L"+" : L"\u2514", flat,
	       s.ascii ? L"+" : L"\u2518");

	if (title && r->w > 8) {
		char buf[256];

		(void)snprintf(buf, sizeof(buf), " %.200s ", title);
		(void)screen_put(r->y, r->x + 2, r->w - 4, ROLE_OVERLAY_TITLE,
				 buf);
	}
}


void screen_redraw(void)
{
	s.big = true;
	if (s.open)
		(void)clearok(curscr, TRUE);
	pace_anew();
}


void screen_resize(void)
{
	struct winsize ws;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) || !ws.ws_row || !ws.ws_col)
		return;
	s.big = true;
	if (is_term_resized(ws.ws_row, ws.ws_col))
		(void)resizeterm(ws.ws_row, ws.ws_col);
}


void screen_suspend(void)
{
	if (!s.open) {
		(void)raise(SIGTSTP);
		return;
	}
	(void)curs_set(1);
	(void)endwin();
	tell_text("\033[?2004l");

	/* The whole job, as the terminal would do. Without a shell that could
	   continue it the kernel ignores this, not the second one */
	s.continued = 0;
	(void)kill(0, SIGTSTP);
	if (!s.continued)
		(void)raise(SIGSTOP);
	screen_resume();
}


void screen_continued(void)
{
	s.continued = 1;
}


void screen_resume(void)
{
	(void)reset_prog_mode();
	(void)raw();
	tell_text("\033[?2004h");
	(void)curs_set(0);
	s.cur_shown = false;
	screen_resize();
	screen_redraw();
}


int screen_dump(const char *file)
{
	wchar_t row[ROW_CELLS];
	FILE *f = fopen(file, "we");
	int y;

	if (!f)
		return errno;

	for (y = 0; y < LINES; y++) {
		int n = mvwinnwstr(stdscr, y, 0, row, ROW_CELLS - 1);

		while (n > 0 && row[n - 1] == L' ')
			n--;
		row[n > 0 ? n : 0] = L'\0';
		(void)fprintf(f, "%ls\n", row);
	}

	return fclose(f) ? errno : 0;
}
