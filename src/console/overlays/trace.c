/**
 * @file overlays/trace.c  The ladder of a call
 *
 * Shows the object of trace.ladder and keeps it true: while it is open each
 * message of that call makes it ask again, one question at a time. Enter
 * opens the message of the row that is selected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "console/console.h"
#include "console/i18n.h"
#include "console/ladder.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { WIDTH_MAX = 110 };

struct trace {
	struct console *console;
	json_t *ladder;         /* as the phone said                 */
	struct view view;
	size_t page;            /* rows that are shown, from drawing */
	bool asking, again;
};


static void trace_draw(const struct scene *s, void *state)
{
	struct trace *t = state;
	size_t n = ladder_rows(t->ladder), i, width;
	struct rect r = overlay_rect((int)n + 3, WIDTH_MAX);
	enum role role = ROLE_OVERLAY;
	char title[64];
	char *line;
	(void)s;

	if (r.h < 4 || r.w < 8)
		return;

	t->page = (size_t)r.h - 3;
	width = (size_t)r.w - 4;
	(void)snprintf(title, sizeof(title), "%s", _("Call"));
	if (obj_int(t->ladder, "call"))
		(void)snprintf(title, sizeof(title), _("Call %lld"),
			       (long long)obj_int(t->ladder, "call"));
	screen_box(&r, title);

	line = ladder_head(t->ladder, width);
	(void)screen_put(r.y + 1, r.x + 2, (int)width, ROLE_OVERLAY_TITLE,
			 line ? line : "");
	free(line);

	view_scroll(&t->view, n, t->page);
	for (i = t->view.top; i < n && i < t->view.top + t->page; i++) {
		line = ladder_row(t->ladder, i, width, &role);
		screen_line(r.y + 2 + (int)(i - t->view.top), r.x + 2,
			    (int)width, i == t->view.sel ? ROLE_SELECT : role,
			    line ? line : "");
		free(line);
	}
}


static void message_reply(int err, json_t *result, const char *text,
			  void *arg)
{
	struct console *c = arg;
	const json_t *m = json_array_get(result, 0);

	if (err)
		console_message(c, ROLE_ERROR, "%s", text);
	else if (!m)
		console_message(c, ROLE_WARN, "this message is gone");
	else
		notice_open(c, obj_str(m, "title"), obj_str(m, "text"));
}


static bool trace_key(struct console *c, void *state, key_code key)
{
	struct trace *t = state;
	const json_t *rows = json_object_get(t->ladder, "rows");
	const json_t *row = json_array_get(rows, t->view.sel);

	if (key != K_ENTER)
		return overlay_move(c, key, &t->view.sel,
				    ladder_rows(t->ladder), t->page);

	if (row)
		(void)console_request(c, "trace.list",
				      json_pack("{s:I}", "id",
						obj_int(row, "id")),
				      message_reply, c);

	return true;
}


static void trace_free(struct trace *t)
{
	json_decref(t->ladder);
	free(t);
}


static void trace_close(void *state)
{
	struct trace *t = state;

	/* The trace panel may still want them */
	if (!t->console->tracing)
		(void)console_request(t->console, "trace.follow",
				      json_pack("{s:b}", "on", 0), NULL,
				      NULL);
	trace_free(t);
}


static const struct hint trace_hints[] = {
	{ "=Enter", N_("Message") }, { "=Down", N_("Next") },
	{ "=Esc", N_("Close") }, { NULL, NULL }
};

static const struct overlay trace_overlay = {
	.name = "trace", .draw = trace_draw, .key = trace_key,
	.close = trace_close, .hints = trace_hints
};


/* ---- from the phone -----------------------------------------------------*/
static void first_reply(int err, json_t *result, const char *text, void *arg)
{
	struct trace *t = arg;
	struct console *c = t->console;

	if (err) {
		console_message(c, ROLE_ERROR, "%s", text);
		trace_free(t);
		return;
	}

	t->ladder = json_incref(result);
	if (!overlay_open(c, &trace_overlay, t))
		(void)console_request(c, "trace.follow",
				      json_pack("{s:b}", "on", 1), NULL,
				      NULL);
}


void trace_open(struct console *c, json_t *params)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t) {
		json_decref(params);
		return;
	}

	t->console = c;
	if (console_request(c, "trace.ladder", params, first_reply, t)) {
		console_message(c, ROLE_ERROR, "the phone does not answer");
		trace_free(t);
	}
}


static void again_reply(int err, json_t *result, const char *text, void *arg);


static void ask_again(struct console *c, struct trace *t)
{
	t->again = t->asking;
	if (t->asking)
		return;

	t->asking = !console_request(c, "trace.ladder",
				     json_pack("{s:s}", "call_id",
					       obj_str(t->ladder,
						       "call_id")),
				     again_reply, c);
}


static void again_reply(int err, json_t *result, const char *text, void *arg)
{
	struct console *c = arg;
	struct trace *t = overlay_state(c, &trace_overlay);
	size_t n;
	(void)text;

	if (!t)
		return;

	t->asking = false;
	if (err || strcmp(obj_str(result, "call_id"),
			  obj_str(t->ladder, "call_id")))
		return;

	/* Who looks at the end goes on looking at it */
	n = ladder_rows(t->ladder);
	if (t->view.sel + 1 == n)
		t->view.sel = ladder_rows(result) - 1;
	json_decref(t->ladder);
	t->ladder = json_incref(result);
	console_changed(c);
	if (t->again)
		ask_again(c, t);
}


void trace_event(struct console *c, const json_t *message)
{
	struct trace *t = overlay_state(c, &trace_overlay);

	if (t && !strcmp(obj_str(message, "call_id"),
			 obj_str(t->ladder, "call_id")))
		ask_again(c, t);
}
