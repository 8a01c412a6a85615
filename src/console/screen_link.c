/**
 * @file screen_link.c  The terminal: addresses that can be opened (OSC 8)
 *
 * curses knows no links. What is one is written once more over the frame,
 * with the sequence around it, but only when the links are others than in
 * the frame before: a screen on which nothing happens stays silent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "screen.h"
#include "screen_priv.h"

enum { LINKS = 32, URI_BYTES = 512, TEXT_BYTES = 512 };

struct link {
	int y, x;
	enum role role;
	char text[TEXT_BYTES];
	char uri[URI_BYTES];
};

static struct link links[2][LINKS];
static size_t linkc[2];
static int now;                 /* which of the two this frame fills */
static bool enabled;


void screen_links(bool on)
{
	enabled = on;
	screen_redraw();
}


void links_begin(void)
{
	now = !now;
	linkc[now] = 0;
}


void screen_unlink(void)
{
	linkc[now] = 0;
}


static bool plain(const char *uri)
{
	for (; *uri; uri++) {
		if (*uri <= ' ' || *uri > '~')
			return false;
	}

	return true;
}


void screen_link(int y, int x, enum role role, const char *text,
		 const char *uri)
{
	struct link *l;

	if (!enabled || linkc[now] == LINKS || !plain(uri) || !plain(text) ||
	    strlen(uri) >= URI_BYTES || strlen(text) >= TEXT_BYTES)
		return;

	l = &links[now][linkc[now]++];
	memset(l, 0, sizeof(*l));
	l->y = y;
	l->x = x;
	l->role = role;
	(void)snprintf(l->text, sizeof(l->text), "%s", text);
	(void)snprintf(l->uri, sizeof(l->uri), "%s", uri);
}


void links_draw(bool all)
{
	size_t i;

	if (!tell_knows_osc() || !linkc[now] ||
	    (!all && linkc[0] == linkc[1] &&
	     !memcmp(links[0], links[1], linkc[0] * sizeof(links[0][0]))))
		return;

	/* Cursor and colours afterwards are those curses thinks of */
	tell_text("\0337");
	for (i = 0; i < linkc[now]; i++) {
		const struct link *l = &links[now][i];
		char buf[URI_BYTES + TEXT_BYTES + 256], sgr[128];
		int n;

		role_sgr(l->role, sgr, sizeof(sgr));
		n = snprintf(buf, sizeof(buf), "\033[%d;%dH%s\033]8;;%s\033\\"
			     "%s\033]8;;\033\\", l->y + 1, l->x + 1, sgr,
			     l->uri, l->text);
		if (n > 0 && (size_t)n < sizeof(buf))
			tell(buf, (size_t)n);
	}
	tell_text("\0338");
}
