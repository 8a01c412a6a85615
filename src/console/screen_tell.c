/**
 * @file screen_tell.c  The terminal: what is told it beside drawing
 *
 * Window title, bell, clipboard, and one question. Only terminals that are
 * known to take them get such sequences, and nothing from outside is in them
 * that was not made plain.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "screen.h"
#include "screen_priv.h"

enum { COPY_MAX = 65536, TITLE_COLS = 80 };

static char title[256];
static bool titled;


/* Does this terminal know a window title and OSC sequences? */
bool tell_knows_osc(void)
{
	static const char *const kinds[] = {
		"xterm", "tmux", "screen", "rxvt", "foot", "alacritty",
		"kitty", "konsole", "gnome", "vte", "st-", "wezterm", "iterm"
	};
	const char *term = getenv("TERM");
	size_t i;

	for (i = 0; term && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strncmp(term, kinds[i], strlen(kinds[i])))
			return true;
	}

	return false;
}


bool tell_knows_sync(void)
{
	static const char *const kinds[] = {
		"foot", "alacritty", "kitty", "wezterm", "contour", "tmux"
	};
	const char *term = getenv("TERM");
	size_t i;

	for (i = 0; term && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strncmp(term, kinds[i], strlen(kinds[i])))
			return true;
	}

	return false;
}


/* A sequence for the terminal around tmux: handed through with each ESC
   doubled (allow-passthrough) */
static void tell_outer(const char *seq)
{
	char buf[1024];
	size_t n = 0;

	if (!getenv("TMUX")) {
		tell_text(seq);
		return;
	}

	n = (size_t)snprintf(buf, sizeof(buf), "\033Ptmux;");
	for (; *seq && n + 8 < sizeof(buf); seq++) {
		if (*seq == '\033')
			buf[n++] = '\033';
		buf[n++] = *seq;
	}
	buf[n++] = '\033';
	buf[n++] = '\\';
	tell(buf, n);
}


void screen_notify(enum attention_how how, const char *title_text,
		   const char *text)
{
	char *t = text_plain(title_text, strlen(title_text), TITLE_COLS);
	char *b = text_plain(text, strlen(text), TITLE_COLS);
	char seq[900] = "", *p;

	for (p = t; p && *p; p++) {
		if (*p == ';')
			*p = ',';
	}
	if (t && b && tell_knows_osc()) {
		switch (how) {

		case NOTIFY_OSC9:
			(void)snprintf(seq, sizeof(seq),
				       "\033]9;%.330s: %.330s\a", t, b);
			break;
		case NOTIFY_OSC777:
			(void)snprintf(seq, sizeof(seq),
				       "\033]777;notify;%.330s;%.330s\a", t,
				       b);
			break;
		case NOTIFY_OSC99:
			(void)snprintf(seq, sizeof(seq),
				       "\033]99;i=offhook:d=0;%.330s\033\\"
				       "\033]99;i=offhook:d=1:p=body;%.330s"
				       "\033\\", t, b);
			break;
		case NOTIFY_OFF:
		case NOTIFY_COMMAND:
			break;
		}
		tell_outer(seq);
	}
	free(t);
	free(b);
}


void tell_end(void)
{
	if (titled)
		tell_text("\033[23;2t");
	titled = false;
	title[0] = '\0';
}


void screen_bell(void)
{
	tell_text("\a");
}


void screen_title(const char *text)
{
	char buf[512];
	char *plain;
	int n;

	if (!tell_knows_osc())
		return;

	plain = text_plain(text, strlen(text), TITLE_COLS);
	if (!plain)
		return;

	if (strncmp(plain, title, sizeof(title) - 1)) {
		n = snprintf(buf, sizeof(buf), "%s\033]2;%.300s\033\\",
			     titled ? "" : "\033[22;2t", plain);
		if (n > 0 && (size_t)n < sizeof(buf)) {
			tell(buf, (size_t)n);
			titled = true;
		}
		(void)snprintf(title, sizeof(title), "%s", plain);
	}
	free(plain);
}


int screen_copy(const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)text;
	size_t len = strlen(text), i, n = 0;
	char *out;

	if (!tell_knows_osc())
		return ENOTSUP;
	if (len > COPY_MAX)
		return EMSGSIZE;

	out = malloc(len * 4 / 3 + 16);
	if (!out)
		return ENOMEM;

	memcpy(out, "\033]52;c;", 7);
	n = 7;
	for (i = 0; i < len; i += 3) {
		unsigned v = (unsigned)p[i] << 16 |
			(i + 1 < len ? (unsigned)p[i + 1] << 8 : 0) |
			(i + 2 < len ? p[i + 2] : 0);

		out[n++] = digits[v >> 18];
		out[n++] = digits[v >> 12 & 63];
		out[n++] = i + 1 < len ? digits[v >> 6 & 63] : '=';
		out[n++] = i + 2 < len ? digits[v & 63] : '=';
	}
	out[n++] = '\a';
	tell(out, n);
	free(out);

	return 0;
}


int screen_light_background(void)
{
	const char *fgbg = getenv("COLORFGBG"), *bg;

	bg = fgbg ? strrchr(fgbg, ';') : NULL;
	if (bg)
		return !strcmp(bg + 1, "7") || !strcmp(bg + 1, "15");

	if (!tell_knows_osc() || screen_colors() < 8)
		return -1;

	tell_text("\033]11;?\033\\");

	return input_background(100);
}
