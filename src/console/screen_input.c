/**
 * @file screen_input.c  The terminal: keys
 *
 * Keys are read from a pad, because reading from a window would refresh it.
 * Esc alone is told from Alt by 25 ms of silence. What a terminal answers to
 * a question of ours, be it late, is swallowed and never taken for typing.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "curses_own.h"
#include "screen.h"
#include "screen_priv.h"

#define CURSES_CTRL(c) ((wint_t)((c) & 31))

enum {
	CODE_PASTE_START = KEY_MAX + 1,
	CODE_PASTE_END,
	CODE_OSC11,
	ANSWER_MAX = 64         /* longest answer we swallow */
};

static WINDOW *pad;
static MEVENT mouse;            /* the last one */
static char answer[ANSWER_MAX];
static size_t answer_len;
static bool answering;


/* Keys that terminals send in more ways than their terminfo says, as within
   a multiplexer when TERM is that of the terminal around it */
static void keys_define(void)
{
	static const struct {
		const char *bytes;
		int code;
	} v[] = {
		{ "\033[1~", KEY_HOME }, { "\033[H", KEY_HOME },
		{ "\033OH", KEY_HOME },  { "\033[4~", KEY_END },
		{ "\033[F", KEY_END },   { "\033OF", KEY_END },
		{ "\033[A", KEY_UP },    { "\033OA", KEY_UP },
		{ "\033[B", KEY_DOWN },  { "\033OB", KEY_DOWN },
		{ "\033[C", KEY_RIGHT }, { "\033OC", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },  { "\033OD", KEY_LEFT },
		{ "\033[5~", KEY_PPAGE }, { "\033[6~", KEY_NPAGE },
		{ "\033[Z", KEY_BTAB }
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (!key_defined(v[i].bytes))
			(void)define_key(v[i].bytes, v[i].code);
	}
}


void input_open(void)
{
	pad = newpad(1, 1);
	(void)keypad(pad, TRUE);
	(void)nodelay(pad, TRUE);
	keys_define();
	(void)define_key("\033[200~", CODE_PASTE_START);
	(void)define_key("\033[201~", CODE_PASTE_END);
	(void)define_key("\033]11;", CODE_OSC11);
	answering = false;
}


void input_close(void)
{
	(void)delwin(pad);
	pad = NULL;
}


void screen_mouse(bool on)
{
	if (!pad)
		return;
	(void)mouseinterval(0);
	(void)mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED |
			BUTTON5_PRESSED : 0, NULL);
}


void screen_mouse_at(int *y, int *x)
{
	*y = mouse.y;
	*x = mouse.x;
}


static key_code mouse_key(void)
{
	if (getmouse(&mouse) != OK)
		return KEY_NONE;
	if (mouse.bstate & BUTTON4_PRESSED)
		return K_WHEEL_UP;
	if (mouse.bstate & BUTTON5_PRESSED)
		return K_WHEEL_DOWN;

	return mouse.bstate & BUTTON1_PRESSED ? K_CLICK :
		(key_code)KEY_NONE;
}


static key_code function_key(wint_t ch)
{
	switch (ch) {

	case KEY_UP:        return K_UP;
	case KEY_DOWN:      return K_DOWN;
	case KEY_LEFT:      return K_LEFT;
	case KEY_RIGHT:     return K_RIGHT;
	case KEY_HOME:      return K_HOME;
	case KEY_END:       return K_END;
	case KEY_PPAGE:     return K_PAGE_UP;
	case KEY_NPAGE:     return K_PAGE_DOWN;
	case KEY_IC:        return K_INSERT;
	case KEY_DC:        return K_DELETE;
	case KEY_BACKSPACE: return K_BACKSPACE;
	case KEY_ENTER:     return K_ENTER;
	case KEY_BTAB:      return K_BACKTAB;
	case KEY_MOUSE:     return mouse_key();
	case CODE_PASTE_START: return K_PASTE_START;
	case CODE_PASTE_END:   return K_PASTE_END;
	default:
		break;
	}
	if (ch >= (wint_t)KEY_F(1) && ch <= (wint_t)KEY_F(12))
		return (key_code)(K_F1 + (int)ch - KEY_F(1));

	return KEY_NONE;
}


static key_code plain_key(wint_t ch)
{
	switch (ch) {

	case 0:
		return KEY_NONE;
	case 27:
		return K_ESC;
	case '\r':
		return K_ENTER;
	case '\t':
		return K_TAB;
	case 8:
	case 127:
		return K_BACKSPACE;
	default:
		return ch < 0x110000 ? (key_code)ch : KEY_NONE;
	}
}


/* Swallow the answer up to BEL, ST or its longest length */
static void answer_byte(wint_t ch)
{
	if (ch == '\a' || ch == '\\' || answer_len + 1 >= sizeof(answer)) {
		answering = false;
		return;
	}
	if (ch >= 32 && ch < 127)
		answer[answer_len++] = (char)ch;
	answer[answer_len] = '\0';
}


/* What begins like a key and is none that is known: ESC [ or ESC O and what
   belongs to it. Taken for typing it would dial its numbers. */
static void sequence_drop(wint_t kind)
{
	wint_t ch;
	size_t n = 0;

	while (n++ < ANSWER_MAX && wget_wch(pad, &ch) == OK) {
		if (kind == 'O' || (ch >= 0x40 && ch <= 0x7e))
			return;
	}
}


/* The key after an Esc that is there already */
static key_code meta_key(void)
{
	wint_t ch;
	int rc = wget_wch(pad, &ch);

	if (rc == KEY_CODE_YES && function_key(ch))
		return function_key(ch) | KEY_META;
	if (rc != OK)
		return K_ESC;
	if (ch == '[' || ch == 'O') {
		sequence_drop(ch);
		return KEY_NONE;
	}

	return plain_key(ch) ? plain_key(ch) | KEY_META :
		(key_code)K_ESC;
}


int screen_key(key_code *key)
{
	wint_t ch;
	int rc;

	for (;;) {
		rc = wget_wch(pad, &ch);
		if (rc == ERR)
			return EAGAIN;

		if (rc == KEY_CODE_YES && ch == CODE_OSC11) {
			answering = true;
			answer_len = 0;
			continue;
		}
		if (answering) {
			answer_byte(ch);
			continue;
		}

		*key = rc == KEY_CODE_YES ? function_key(ch) : plain_key(ch);

		/* Esc and a key that is there already: Alt */
		if (*key == K_ESC)
			*key = meta_key();
		if (*key != KEY_NONE)
			return 0;
	}
}


int input_background(int timeout_ms)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	unsigned long v[3] = { 0, 0, 0 };
	char *s;
	wint_t ch;
	int i, rc;

	answer_len = 0;
	answer[0] = '\0';
	do {
		if (poll(&p, 1, timeout_ms) <= 0)
			return -1;
		while ((rc = wget_wch(pad, &ch)) != ERR) {
			if (rc == KEY_CODE_YES && ch == CODE_OSC11) {
				answering = true;
				answer_len = 0;
			}
			else if (answering) {
				answer_byte(ch);
			}
		}
	} while (answering);

	/* rgb:RRRR/GGGG/BBBB, of any number of digits */
	s = strstr(answer, "rgb:");
	if (!s)
		return -1;
	for (i = 0, s += 4; i < 3; i++) {
		char *end;

		v[i] = strtoul(s, &end, 16);
		if (end == s)
			return -1;
		for (; end - s < 4; s--)
			v[i] *= 16;
		s = *end == '/' ? end + 1 : end;
	}

	return 2 * v[0] + 5 * v[1] + v[2] > 4 * 0xffff;
}
