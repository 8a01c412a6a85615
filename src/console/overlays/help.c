/**
 * @file help.c  The help overlay and command palette
 *
 * Made from the key table and the command table whenever it is drawn: it
 * cannot be wrong. Typing narrows it, Enter runs the line that is selected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/command.h"
#include "console/i18n.h"
#include "console/line_edit.h"
#include "console/overlay.h"
#include "console/panel.h"
#include "console/screen.h"

enum {
	WIDTH = 70, HEIGHT = 20,
	TWO_COLUMNS = 68,       /* inner width from which there are two */
	ROWS_MAX = 160,
	KEYS_SHOWN = 3
};

struct help_row {
	char keys[32];
	const char *text;
	const char *command;
	bool ask;               /* the command wants arguments          */
};

struct help {
	struct line_edit *line;         /* what is typed narrows        */
	enum panel panel;               /* whose keys stand first       */
	size_t sel;
	struct help_row v[ROWS_MAX];
	size_t n;
};


static bool is_digits(const char *command)
{
	return !strncmp(command, "dtmf ", 5) || !strncmp(command, "dial ", 5);
}


static struct help_row *row_of(struct help *h, const char *command)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		if (!strcmp(h->v[i].command, command))
			return &h->v[i];
	}

	return NULL;
}


static void add_key(struct help_row *row, key_code key)
{
	char name[16];
	size_t n = strlen(row->keys), shown = 1, i;

	for (i = 0; i < n; i++)
		shown += row->keys[i] == ' ';
	key_label(name, sizeof(name), key);
	if (shown >= KEYS_SHOWN || n + 1 + strlen(name) > 11)
		return;
	(void)snprintf(row->keys + n, sizeof(row->keys) - n, " %s", name);
}


/* The keys of one panel; digits are one row */
static void add_panel(struct help *h, const struct keymap *km,
		      enum key_panel panel)
{
	const struct key_row *k;
	struct help_row *row;
	size_t i;

	for (i = 0; (k = keymap_at(km, i)); i++) {
		bool digits = is_digits(k->command);
		const char *command = !digits ? k->command :
			k->command[1] == 't' ? "dtmf" : "dial";

		if (k->panel != panel)
			continue;
		row = row_of(h, command);
		if (row) {
			if (!digits)
				add_key(row, k->key);
			continue;
		}
		if (h->n == ROWS_MAX)
			return;
		row = &h->v[h->n++];
		row->command = command;
		row->text = k->help ? i18n_text(k->help) : k->command;
		row->ask = digits && command[1] == 't';
		if (digits)
			(void)snprintf(row->keys, sizeof(row->keys), "%s",
				       row->ask ? "0-9 * #" : "0-9 +");
		else
			key_label(row->keys, sizeof(row->keys), k->key);
	}
}


static void add_commands(struct help *h)
{
	const struct command *cmd;
	size_t i;

	for (i = 0; (cmd = command_at(i)); i++) {
		if (!(cmd->flags & CMD_LINE) || (cmd->flags & CMD_HIDDEN) ||
		    row_of(h, cmd->name) || h->n == ROWS_MAX)
			continue;
		(void)snprintf(h->v[h->n].keys, sizeof(h->v[0].keys), ":%s",
			       cmd->name);
		h->v[h->n].text = i18n_text(cmd->help);
		h->v[h->n].command = cmd->name;
		h->v[h->n++].ask = *cmd->args && *cmd->args != '[';
	}
}


static void narrow(struct help *h, const char *pattern)
{
	size_t i, n = 0;

	for (i = 0; *pattern && i < h->n; i++) {
		if (strcasestr(h->v[i].text, pattern) ||
		    strcasestr(h->v[i].command, pattern))
			h->v[n++] = h->v[i];
	}
	if (*pattern)
		h->n = n;
}


static void collect(struct help *h, const struct keymap *km)
{
	h->n = 0;
	add_panel(h, km, (enum key_panel)h->panel);
	add_panel(h, km, KEYS_ANY);
	add_commands(h);
	narrow(h, line_edit_text(h->line));
	if (h->sel >= h->n)
		h->sel = h->n ? h->n - 1 : 0;
}


static void help_run(struct console *c, struct help *h)
{
	char command[128];

	if (h->sel >= h->n)
		return;

	(void)snprintf(command, sizeof(command), "%s%s%s", h->v[h->sel].ask ?
		       "command " : "", h->v[h->sel].command,
		       h->v[h->sel].ask ? " " : "");
	overlay_close(c);
	console_command(c, command);
}


/* Up and down, and what ends it; false: the key is text */
static bool help_move(struct console *c, struct help *h, key_code key)
{
	enum { STEP = HEIGHT / 2 };

	switch (key) {

	case K_DOWN:
	case KEY_CTRL('n'):
		h->sel++;
		return true;
	case K_UP:
	case KEY_CTRL('p'):
		h->sel -= h->sel ? 1 : 0;
		return true;
	case K_PAGE_DOWN:
		h->sel += STEP;
		return true;
	case K_PAGE_UP:
		h->sel -= h->sel < STEP ? h->sel : STEP;
		return true;
	case K_ENTER:
		help_run(c, h);
		return true;
	case '?':
	case 'q':
		if (*line_edit_text(h->line))
			return false;
		overlay_close(c);
		return true;
	case K_F1:
		overlay_close(c);
		return true;
	default:
		return false;
	}
}


static bool help_key(struct console *c, void *state, key_code key)
{
	struct help *h = state;
	enum line_result r;

	if (help_move(c, h, key))
		return true;

	r = line_edit_key(h->line, key);
	if (r == LINE_LEAVE)
		overlay_close(c);
	else if (r == LINE_CHANGED)
		h->sel = 0;

	return true;
}


static void row_draw(const struct help_row *row, int y, int x, int w,
		     bool selected)
{
	enum role role = selected ? ROLE_SELECT : ROLE_OVERLAY;
	int kw = w > 30 ? 12 : 10;

	if (selected)
		screen_line(y, x, w, role, "");
	/* One role for the row: a change of colour costs 60 bytes here */
	(void)screen_put(y, x, kw - 1, role, row->keys);
	if ((int)text_width(row->keys) > kw - 2)
		kw = (int)text_width(row->keys) + 1;
	(void)screen_put(y, x + kw, w - kw - 1, role, row->text);
}


static void foot(const struct help *h, const struct rect *r, size_t per)
{
	const char *pattern = line_edit_text(h->line);
	char buf[160];

	if (*pattern)
		(void)snprintf(buf, sizeof(buf), "/%.100s", pattern);
	else
		(void)snprintf(buf, sizeof(buf), _("%zu/%zu  type to find  "
			       "Enter runs  PgDn more  Esc"), h->n ?
			       h->sel / per + 1 : 1,
			       h->n ? (h->n + per - 1) / per : 1);
	(void)screen_put(r->y + r->h - 2, r->x + 2, r->w - 4, *pattern ?
			 ROLE_PROMPT : ROLE_OVERLAY, buf);
}


static void help_draw(const struct scene *s, void *state)
{
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	struct help *h = state;
	int cols, rows, w, i;
	size_t per, top;
	char buf[160];

	if (r.h < 4)
		return;

	collect(h, s->keymap);
	cols = r.w - 2 >= TWO_COLUMNS ? 2 : 1;
	rows = r.h - 3;
	w = (r.w - 3) / cols;
	per = (size_t)cols * (size_t)rows;
	top = h->sel / per * per;

	(void)snprintf(buf, sizeof(buf), _("Help: %s"),
		       i18n_text(panel_row(h->panel)->title));
	screen_box(&r, buf);
	for (i = 0; i < cols * rows && top + (size_t)i < h->n; i++)
		row_draw(&h->v[top + (size_t)i], r.y + 1 + i % rows, r.x + 2 +
			 i / rows * w, w, top + (size_t)i == h->sel);
	foot(h, &r, per);
}


static void help_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct help *h = state;
	const struct help_row *row = h->sel < h->n ? &h->v[h->sel] : NULL;
	(void)s;

	(void)snprintf(buf, size, "%s: %s %s", row ? row->keys : "?",
		       row ? row->text : "", line_edit_text(h->line));
}


static void help_close(void *state)
{
	struct help *h = state;

	line_edit_free(h->line);
	free(h);
}


static const struct hint help_hints[] = {
	{ "=Enter", N_("Run") }, { "=Down", N_("Next") },
	{ "=PgDn", N_("Page") }, { "=Esc", N_("Close") }, { NULL, NULL }
};

static const struct overlay help_overlay = {
	.name = "help", .draw = help_draw, .key = help_key,
	.close = help_close, .line = help_line,
	.hints = help_hints, .text = true
};


void help_open(struct console *c, enum panel panel)
{
	struct help *h;

	if (overlay_state(c, &help_overlay)) {
		overlay_close_this(c, &help_overlay);
		return;
	}

	h = calloc(1, sizeof(*h));
	if (!h)
		return;
	h->panel = panel;
	h->line = line_edit_alloc(NULL, 0);
	if (!h->line) {
		free(h);
		return;
	}
	(void)overlay_open(c, &help_overlay, h);
}
