/**
 * @file confirm.c  A question with keys for answers
 *
 * An answer is a `:` command: the question decides nothing by itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { CONFIRM_MAX = 6, WIDTH = 60 };

struct confirm {
	char title[96];
	char text[512];
	struct {
		char key;
		char label[96];
		char command[256];      /* "" closes */
	} v[CONFIRM_MAX];
	size_t n;
};


static void confirm_draw(const struct scene *s, void *state)
{
	const struct confirm *cf = state;
	struct rect r = overlay_rect((int)cf->n + 3 +
				     overlay_rows(WIDTH, cf->text), WIDTH);
	char key[2] = "";
	size_t i;
	int y;
	(void)s;

	if (r.h < 4)
		return;

	screen_box(&r, cf->title);
	/* Answers are never pushed out */
	y = r.y + 1;
	y += overlay_wrapped(&r, y, r.h - 3 - (int)cf->n, ROLE_OVERLAY,
			     cf->text);
	for (i = 0; i < cf->n && y < r.y + r.h - 2; i++, y++) {
		key[0] = cf->v[i].key;
		(void)screen_put(y, r.x + 4, 1, ROLE_OVERLAY_TITLE, key);
		(void)screen_put(y, r.x + 7, r.w - 9, ROLE_OVERLAY,
				 cf->v[i].label);
	}
	(void)screen_put(r.y + r.h - 2, r.x + 2, r.w - 4, ROLE_OVERLAY,
			 _("  Esc  stay"));
}


static bool confirm_key(struct console *c, void *state, key_code key)
{
	const struct confirm *cf = state;
	char command[sizeof(cf->v[0].command)];
	size_t i;

	for (i = 0; i < cf->n; i++) {
		if (key != (key_code)cf->v[i].key)
			continue;
		memcpy(command, cf->v[i].command, sizeof(command));
		overlay_close(c);
		if (*command)
			console_command(c, command);
		return true;
	}

	return false;
}


static void confirm_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct confirm *cf = state;
	size_t i, n;
	(void)s;

	(void)snprintf(buf, size, "%s", cf->text);
	for (i = 0; i < cf->n; i++) {
		n = strlen(buf);
		(void)snprintf(buf + n, size - n, " %c: %s.", cf->v[i].key,
			       cf->v[i].label);
	}
}


static const struct hint confirm_hints[] = {
	{ "=Esc", N_("Stay") }, { NULL, NULL }
};

static const struct overlay confirm_overlay = {
	.name = "confirm", .draw = confirm_draw, .key = confirm_key,
	.close = free, .line = confirm_line,
	.hints = confirm_hints
};


void confirm_open(struct console *c, const char *title, const char *text)
{
	struct confirm *cf = calloc(1, sizeof(*cf));

	if (!cf)
		return;

	(void)snprintf(cf->title, sizeof(cf->title), "%s", i18n_text(title));
	(void)snprintf(cf->text, sizeof(cf->text), "%s", i18n_text(text));
	(void)overlay_open(c, &confirm_overlay, cf);
}


void confirm_add(struct console *c, char key, const char *label,
		 const char *command)
{
	struct confirm *cf = overlay_state(c, &confirm_overlay);
	size_t i;

	if (!cf || cf->n == CONFIRM_MAX)
		return;

	i = cf->n++;
	cf->v[i].key = key;
	(void)snprintf(cf->v[i].label, sizeof(cf->v[i].label), "%s",
		       i18n_text(label));
	(void)snprintf(cf->v[i].command, sizeof(cf->v[i].command), "%s",
		       command);
}
