/**
 * @file settings.c  Every setting, the phone's and the console's
 *
 * One list: accounts, what the console is set to, what the phone is set to.
 * Typing narrows it, Enter edits the row, and what is entered counts at once
 * and is kept. The line at the foot is the setting's documentation.
 */
#include "console/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "console/i18n.h"
#include "console/line_edit.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/words.h"

enum {
	WIDTH = 76, HEIGHT = 20, ROWS_MAX = 256, NAME_COLS = 20, PAGE_ = 10,
	HELP_MAX = 4            /* rows of documentation below the list */
};

enum owner { OF_ACCOUNT, OF_CONSOLE, OF_PHONE };

struct row {
	enum owner owner;
	const char *name;
	const char *help;
	int64_t account;
	char value[256];
};

struct settings_view {
	struct console *console;
	json_t *config;                 /* the phone's                  */
	struct line_edit *filter;
	struct line_edit *edit;         /* NULL: none is edited         */
	struct row v[ROWS_MAX];
	size_t n, sel;
	struct view view;
	char status[512];
	enum role role;
};

static const struct overlay settings_overlay;


/* ---- rows ---------------------------------------------------------------*/
static void add(struct settings_view *sv, enum owner owner, const char *name,
		const char *help, const char *value)
{
	const char *pattern = line_edit_text(sv->filter);
	struct row *row;

	if (sv->n == ROWS_MAX || (*pattern && !strcasestr(name, pattern) &&
				  !strcasestr(help, pattern)))
		return;

	row = &sv->v[sv->n++];
	row->owner = owner;
	row->name = name;
	row->help = help;
	row->account = 0;
	(void)snprintf(row->value, sizeof(row->value), "%s", value);
}


static void collect(struct settings_view *sv)
{
	const struct m_account *a;
	char value[256];
	const char *name;
	json_t *o;
	size_t i, n;

	sv->n = 0;
	for (i = 0; (a = model_account_at(console_model(sv->console), i));
	     i++) {
		n = sv->n;
		add(sv, OF_ACCOUNT, a->address, _("an account: Enter shows "
		    "its fields"), words_state(a->state));
		if (sv->n > n)
			sv->v[n].account = a->id;
	}
	for (i = 0; (name = settings_name(i)); i++) {
		(void)settings_get(sv->console, name, value, sizeof(value));
		add(sv, OF_CONSOLE, name, i18n_text(settings_help(name)),
		    value);
	}
	json_array_foreach(sv->config, i, o) {
		add(sv, OF_PHONE, obj_str(o, "key"),
		    i18n_text(obj_str(o, "help")), obj_str(o, "value"));
	}
	if (sv->sel >= sv->n)
		sv->sel = sv->n ? sv->n - 1 : 0;
}


static void say(struct settings_view *sv, enum role role, const char *text)
{
	(void)snprintf(sv->status, sizeof(sv->status), "%s", text);
	sv->role = role;
}


/* ---- setting ------------------------------------------------------------*/
static void config_reply(int err, json_t *result, const char *text, void *arg)
{
	struct settings_view *sv = overlay_state(arg, &settings_overlay);

	if (!sv)
		return;
	if (err) {
		say(sv, ROLE_ERROR, text);
	}
	else {
		json_decref(sv->config);
		sv->config = json_incref(result);
	}
	console_changed(arg);
}


static void set_reply(int err, json_t *result, const char *text, void *arg)
{
	struct settings_view *sv = overlay_state(arg, &settings_overlay);
	(void)result;

	if (!sv)
		return;
	say(sv, err ? ROLE_ERROR : ROLE_ONLINE, err ? text :
	    _("set and kept"));
	if (!err) {
		line_edit_free(sv->edit);
		sv->edit = NULL;
		(void)console_request(arg, "config.list", NULL, config_reply,
				      arg);
	}
	console_changed(arg);
}


static void set_console(struct settings_view *sv, const char *name,
			const char *value)
{
	char text[256];
	int err = settings_set(sv->console, name, value);

	if (err) {
		(void)snprintf(text, sizeof(text), _("%s can be %s"), name,
			       i18n_text(settings_values(name)));
		say(sv, ROLE_ERROR, text);
		return;
	}

	err = settings_save(sv->console, name);
	(void)snprintf(text, sizeof(text), "console.conf: %s", strerror(err));
	say(sv, err ? ROLE_ERROR : ROLE_ONLINE, err ? text :
	    _("set and kept"));
	line_edit_free(sv->edit);
	sv->edit = NULL;
}


static void apply(struct settings_view *sv, const struct row *row,
		  const char *value)
{
	if (row->owner == OF_CONSOLE)
		set_console(sv, row->name, value);
	else if (console_request(sv->console, "config.set", json_pack(
					 "{s:s, s:s}", "key", row->name,
					 "value", value), set_reply,
				 sv->console))
		say(sv, ROLE_ERROR, _("the phone is away"));
}


static void edit(struct settings_view *sv)
{
	const struct row *row = &sv->v[sv->sel];
	bool on = !strcmp(row->value, "true") || !strcmp(row->value, "on");

	say(sv, ROLE_DIM, "");
	if (row->owner == OF_ACCOUNT) {
		account_form_open(sv->console, row->account);
		return;
	}

	/* Of two values it can only become the other */
	if (!strcmp(row->value, "true") || !strcmp(row->value, "false")) {
		apply(sv, row, on ? "false" : "true");
		return;
	}
	if (row->owner == OF_CONSOLE && !strcmp(settings_values(row->name),
						"on or off")) {
		apply(sv, row, on ? "off" : "on");
		return;
	}

	sv->edit = line_edit_alloc(NULL, 0);
	if (sv->edit)
		line_edit_set(sv->edit, row->value);
}


/* ---- keys ---------------------------------------------------------------*/
static void edit_key(struct settings_view *sv, key_code key)
{
	enum line_result r = line_edit_key(sv->edit, key);

	if (r == LINE_LEAVE) {
		line_edit_free(sv->edit);
		sv->edit = NULL;
		say(sv, ROLE_DIM, "");
	}
	else if (r == LINE_ACCEPT && sv->sel < sv->n) {
		apply(sv, &sv->v[sv->sel], line_edit_text(sv->edit));
	}
}


static bool move(struct settings_view *sv, key_code key)
{
	switch (key) {

	case K_DOWN:
	case KEY_CTRL('n'):
	case K_TAB:
		sv->sel++;
		break;
	case K_UP:
	case KEY_CTRL('p'):
	case K_BACKTAB:
		sv->sel -= sv->sel ? 1 : 0;
		break;
	case K_PAGE_DOWN:
		sv->sel += PAGE_;
		break;
	case K_PAGE_UP:
		sv->sel -= sv->sel < PAGE_ ? sv->sel : PAGE_;
		break;
	case K_HOME:
		sv->sel = 0;
		break;
	case K_END:
		sv->sel = ROWS_MAX;
		break;
	default:
		return false;
	}
	say(sv, ROLE_DIM, "");

	return true;
}


static bool settings_key(struct console *c, void *state, key_code key)
{
	struct settings_view *sv = state;
	enum line_result r;

	collect(sv);
	if (sv->edit) {
		edit_key(sv, key);
		return true;
	}
	if (move(sv, key))
		return true;
	if (key == K_ENTER) {
		if (sv->sel < sv->n)
			edit(sv);
		return true;
	}

	r = line_edit_key(sv->filter, key);
	if (r == LINE_LEAVE)
		overlay_close(c);
	else if (r == LINE_CHANGED)
		sv->sel = 0;

	return true;
}


/* ---- drawing ------------------------------------------------------------*/
static void row_draw(const struct settings_view *sv, const struct row *row,
		     int y, const struct rect *r, bool on)
{
	static const char *const owners[] = {
		N_("account"), N_("console"), N_("phone")
	};
	enum role role = on ? ROLE_SELECT : ROLE_OVERLAY;
	int x = r->x + 2, w = r->w - 4;
	size_t start = 0, cursor = 0;
	char buf[160], owner[48];

	if (on)
		screen_line(y, x, w, role, "");
	words_pad(owner, sizeof(owner), i18n_text(owners[row->owner]), 8);
	(void)snprintf(buf, sizeof(buf), "%c%s%.80s", on ? '>' : ' ', owner,
		       row->name);
	(void)screen_put(y, x, 9 + NAME_COLS, role, buf);
	x += 10 + NAME_COLS;
	w -= 10 + NAME_COLS;
	if (w < 2)
		return;
	if (!on || !sv->edit) {
		(void)screen_put_cut(y, x, w, role, row->value);
		if (on)
			screen_rest(y, r->x + 2);
		return;
	}
	line_edit_view(sv->edit, (size_t)w, &start, &cursor);
	(void)screen_put(y, x, w, role, line_edit_text(sv->edit) + start);
	screen_cursor(y, x + (int)cursor);
}


/* Rows that the longest documentation of a listed setting takes */
static int help_rows(const struct settings_view *sv, int w)
{
	int most = 1, rows;
	size_t i;

	for (i = 0; i < sv->n; i++) {
		rows = overlay_rows(w, sv->v[i].help);
		if (rows > most)
			most = rows;
	}

	return most < HELP_MAX ? most : HELP_MAX;
}


static void foot_draw(const struct settings_view *sv, const struct rect *r,
		      int rows)
{
	const struct row *row = sv->sel < sv->n ? &sv->v[sv->sel] : NULL;
	const char *pattern = line_edit_text(sv->filter);
	int y = r->y + r->h - 3, x = r->x + 2, w = r->w - 4;
	char buf[320];

	(void)overlay_wrapped(r, y - rows + 1, rows, ROLE_OVERLAY,
			      row ? row->help : "");
	if (*sv->status) {
		(void)screen_put_cut(y + 1, x, w, sv->role, sv->status);
		return;
	}
	if (*pattern)
		(void)snprintf(buf, sizeof(buf), "/%.60s", pattern);
	else if (row && row->owner == OF_CONSOLE)
		(void)snprintf(buf, sizeof(buf), "%s",
			       i18n_text(settings_values(row->name)));
	else
		(void)snprintf(buf, sizeof(buf), "%s", _("type to find, Enter "
			       "changes, Esc closes"));
	(void)screen_put_cut(y + 1, x, w, *pattern ? ROLE_PROMPT :
			     ROLE_OVERLAY, buf);
}


static void settings_draw(const struct scene *s, void *state)
{
	struct settings_view *sv = state;
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	size_t rows, i;
	int help;
	(void)s;

	collect(sv);
	help = r.h > 4 + HELP_MAX ? help_rows(sv, r.w) : 1;
	rows = r.h > 3 + help ? (size_t)(r.h - 3 - help) : 0;
	if (!rows)
		return;

	sv->view.sel = sv->sel;
	view_scroll(&sv->view, sv->n, rows);
	screen_box(&r, _("Settings"));
	for (i = 0; i < rows && sv->view.top + i < sv->n; i++)
		row_draw(sv, &sv->v[sv->view.top + i], r.y + 1 + (int)i, &r,
			 sv->view.top + i == sv->sel);
	foot_draw(sv, &r, help);
}


static void settings_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	struct settings_view *sv = state;
	const struct row *row;
	(void)s;

	collect(sv);
	row = sv->sel < sv->n ? &sv->v[sv->sel] : NULL;
	(void)snprintf(buf, size, "%s%s%s = %s", sv->status,
		       *sv->status ? ". " : "", row ? row->name : _("nothing"),
		       sv->edit ? line_edit_text(sv->edit) :
		       row ? row->value : "");
}


static void settings_close(void *state)
{
	struct settings_view *sv = state;

	line_edit_free(sv->filter);
	line_edit_free(sv->edit);
	json_decref(sv->config);
	free(sv);
}


static const struct hint settings_hints[] = {
	{ "=Enter", N_("Change") }, { "=Down", N_("Next") },
	{ "=PgDn", N_("Page") }, { "=Esc", N_("Close") }, { NULL, NULL }
};

static const struct overlay settings_overlay = {
	.name = "settings", .draw = settings_draw, .key = settings_key,
	.close = settings_close, .line = settings_line,
	.hints = settings_hints, .text = true
};


void settings_open(struct console *c)
{
	struct settings_view *sv = calloc(1, sizeof(*sv));

	if (!sv)
		return;

	sv->console = c;
	sv->filter = line_edit_alloc(NULL, 0);
	if (!sv->filter) {
		free(sv);
		return;
	}
	if (overlay_open(c, &settings_overlay, sv))
		return;
	(void)console_request(c, "config.list", NULL, config_reply, c);
}
