/**
 * @file question.c  The network wants us to call somebody
 *
 * A call that is sent elsewhere, or a peer that hands us on. It opens by
 * itself, with the target whole however long it is, because the target is
 * what one says yes to; and it goes when it was answered, wherever that
 * was. Yes counts only after a second, as whoever types did not read it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { WIDTH = 66, WHO = 2, TARGET = 6, HEIGHT = WHO + TARGET + 5,
       READ_MS = 1000 };

struct question {
	int64_t call;
	uint64_t since;
	char target[1024];
};


static const char *sentence(const struct m_call *call)
{
	return call->moved ? _("%s sends your call on to:") :
			     _("%s wants you to call:");
}


static void question_draw(const struct scene *s, void *state)
{
	const struct question *q = state;
	const struct m_call *call = model_call(s->model, q->call);
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	char buf[512];
	int y = r.y + 1;

	if (!call || r.h < 6)
		return;

	screen_box(&r, call->moved ? _("Moved") : _("Transfer"));
	(void)snprintf(buf, sizeof(buf), sentence(call), call->question_by);
	y += overlay_wrapped(&r, y, r.h < HEIGHT ? 1 : WHO, ROLE_OVERLAY, buf);
	y += overlay_wrapped(&r, y, r.y + r.h - 3 - y, ROLE_OVERLAY_TITLE,
			     q->target);
	(void)screen_put(y++, r.x + 4, r.w - 6, ROLE_OVERLAY,
			 _("y  call there"));
	(void)screen_put(y, r.x + 4, r.w - 6, ROLE_OVERLAY, _("n  no"));
}


static bool question_key(struct console *c, void *state, key_code key)
{
	const struct question *q = state;
	char line[64];

	if (key != 'n' && (key != 'y' || console_now() - q->since < READ_MS))
		return true;     /* it is not closed in passing */

	(void)snprintf(line, sizeof(line), "%s %lld",
		       key == 'y' ? "allow" : "deny", (long long)q->call);
	console_command(c, line);

	return true;
}


static void question_line(const struct scene *s, void *state, char *buf,
			  size_t size)
{
	const struct question *q = state;
	const struct m_call *call = model_call(s->model, q->call);
	size_t n;

	if (!call)
		return;

	(void)snprintf(buf, size, sentence(call), call->question_by);
	n = strlen(buf);
	(void)snprintf(buf + n, size - n, _(" %s. y: call there. n: no."),
		       q->target);
}


static const struct hint question_hints[] = {
	{ "=y", N_("Call there") }, { "=n", N_("No") }, { NULL, NULL }
};

static const struct overlay question_overlay = {
	.name = "question", .draw = question_draw,
	.line = question_line, .key = question_key,
	.close = free, .hints = question_hints
};


void question_update(struct console *c)
{
	const struct question *open = overlay_state(c, &question_overlay);
	const struct m_call *call = NULL, *next;
	struct question *q;
	size_t i;

	for (i = 0; (next = model_call_at(console_model(c), i)); i++) {
		if (!*next->question)
			continue;
		if (!call || (open && next->id == open->call))
			call = next;
	}

	if (!call) {
		overlay_close_this(c, &question_overlay);
		return;
	}
	if (open && open->call == call->id &&
	    !strcmp(open->target, call->question))
		return;

	q = calloc(1, sizeof(*q));
	if (!q)
		return;
	q->call = call->id;
	q->since = console_now();
	(void)snprintf(q->target, sizeof(q->target), "%s", call->question);
	(void)overlay_open(c, &question_overlay, q);
}
