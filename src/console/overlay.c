/**
 * @file overlay.c  Overlays: what lies above the tiles
 */
#include "overlay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "console.h"
#include "screen.h"


static void closed(const struct open_overlay *o)
{
	if (o->overlay->close)
		o->overlay->close(o->state);
}


int overlay_open(struct console *c, const struct overlay *o, void *state)
{
	struct open_overlay open = { o, state };

	overlay_close_this(c, o);
	if (c->overlayc == OVERLAYS_MAX) {
		closed(&open);
		return ENOSPC;
	}
	c->overlays[c->overlayc++] = open;
	c->dirty = true;

	return 0;
}


void *overlay_state(const struct console *c, const struct overlay *o)
{
	size_t i;

	for (i = 0; i < c->overlayc; i++) {
		if (c->overlays[i].overlay == o)
			return c->overlays[i].state;
	}

	return NULL;
}


void overlay_close(struct console *c)
{
	struct open_overlay open;

	if (!c->overlayc)
		return;

	/* Away before its end: what that calls must not find it */
	open = c->overlays[--c->overlayc];
	c->dirty = true;
	closed(&open);
}


void overlay_close_this(struct console *c, const struct overlay *o)
{
	struct open_overlay open;
	size_t i;

	for (i = 0; i < c->overlayc; i++) {
		if (c->overlays[i].overlay != o)
			continue;
		open = c->overlays[i];
		c->overlayc--;
		memmove(c->overlays + i, c->overlays + i + 1,
			(c->overlayc - i) * sizeof(*c->overlays));
		c->dirty = true;
		closed(&open);
		return;
	}
}


const struct overlay *overlay_top(const struct console *c)
{
	return c->overlayc ? c->overlays[c->overlayc - 1].overlay : NULL;
}


bool overlay_is_back(const struct console *c, key_code key)
{
	const char *command = keymap_find(c->keymap,
					  (enum key_panel)c->focus, key);

	return command && !strcmp(command, "back");
}


bool overlay_key(struct console *c, key_code key)
{
	const struct open_overlay *o = &c->overlays[c->overlayc - 1];

	c->dirty = true;
	if (o->overlay->key && o->overlay->key(c, o->state, key))
		return true;
	if (!overlay_is_back(c, key))
		return false;
	overlay_close(c);

	return true;
}


/* Bytes of the next row, 0 if nothing fits; next: those up to the one behind
   it */
static size_t row_len(const char *text, size_t room, size_t *nextp)
{
	size_t n = text_fit(text, room, NULL), k;

	if (text[n]) {
		for (k = n; k && text[k] != ' '; k--)
			;
		n = k ? k : n;
	}
	*nextp = n + strspn(text + n, " ");

	return n;
}


int overlay_rows(int w, const char *text)
{
	const size_t room = w > 4 ? (size_t)w - 4 : 0;
	int rows = 0;
	size_t next;

	while (*text && row_len(text, room, &next)) {
		text += next;
		rows++;
	}

	return rows;
}


int overlay_wrapped(const struct rect *r, int y, int rows, enum role role,
		    const char *text)
{
	const size_t room = r->w > 4 ? (size_t)r->w - 4 : 0;
	int used = 0;
	char buf[512];
	size_t n, next;

	while (*text && used < rows && (n = row_len(text, room, &next))) {
		(void)snprintf(buf, sizeof(buf), "%.*s", (int)n, text);
		(void)screen_put(y + used++, r->x + 2, (int)room, role, buf);
		text += next;
	}

	return used;
}


bool overlay_move(const struct console *c, key_code key, size_t *at, size_t n,
		  size_t page)
{
	static const struct {
		const char *how;
		int pages, rows;
	} moves[] = {
		{ "down", 0, 1 }, { "up", 0, -1 }, { "half-down", 1, 0 },
		{ "half-up", -1, 0 }, { "page-down", 2, 0 },
		{ "page-up", -2, 0 }
	};
	const char *command = keymap_find(c->keymap,
					  (enum key_panel)c->focus, key);
	size_t i, last = n ? n - 1 : 0;

	if (!command || strncmp(command, "move ", 5))
		return false;
	command += 5;
	if (!strcmp(command, "first"))
		*at = 0;
	else if (!strcmp(command, "last"))
		*at = last;
	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		long step = moves[i].rows + moves[i].pages * (long)page / 2;

		if (strcmp(command, moves[i].how))
			continue;
		if (step < 0)
			*at -= *at < (size_t)-step ? *at : (size_t)-step;
		else
			*at += (size_t)step;
	}
	if (*at > last)
		*at = last;

	return true;
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
