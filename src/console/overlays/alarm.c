/**
 * @file alarm.c  Something is wrong with the encryption of a call
 *
 * It opens by itself and stays until the user says that it was read. That
 * counts only after a second, as whoever types did not read it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/words.h"

enum { WIDTH = 62, LINES = 4, HEIGHT = LINES + 7, READ_MS = 1000 };

struct alarm {
	int64_t call;
	uint64_t since;
	char text[512];
};


static bool is_up(const struct m_call *call)
{
	return call && strcmp(call->state, "ended");
}


static void alarm_draw(const struct scene *s, void *state)
{
	const struct alarm *al = state;
	const struct m_call *call = model_call(s->model, al->call);
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	const bool up = is_up(call);
	char buf[256];
	int y = r.y + 1;

	if (!call || r.h < 6)
		return;

	screen_box(&r, _("WARNING"));
	(void)snprintf(buf, sizeof(buf), "%s %.120s",
		       words_label(call->label),
		       model_peer_name(&call->peer));
	(void)screen_put(y++, r.x + 2, r.w - 4, ROLE_SEC_BROKEN, buf);
	y += overlay_wrapped(&r, y, LINES, ROLE_OVERLAY, al->text) +
		(r.h >= HEIGHT);
	if (up && *call->sas)
		(void)screen_put(y++, r.x + 4, r.w - 6, ROLE_OVERLAY,
				 _("v  compare the words now"));
	(void)screen_put(y++, r.x + 4, r.w - 6, ROLE_OVERLAY,
			 up ? _("b  end the call") : _("This call has ended"));
	(void)screen_put(y, r.x + 4, r.w - 6, ROLE_OVERLAY,
			 _("o  I have read it"));
}


static bool alarm_key(struct console *c, void *state, key_code key)
{
	struct alarm *al = state;
	char line[64];

	if (key != 'o' && key != 'v' && key != 'b')
		return true;     /* it is not closed in passing */
	if (!is_up(model_call(console_model(c), al->call)))
		key = 'o';

	if (console_now() - al->since < READ_MS)
		return true;

	(void)snprintf(line, sizeof(line), "acknowledge %lld",
		       (long long)al->call);
	console_command(c, line);
	if (key == 'b')
		(void)snprintf(line, sizeof(line), "hangup %lld",
			       (long long)al->call);
	else
		(void)snprintf(line, sizeof(line), "sas %lld",
			       (long long)al->call);
	overlay_close(c);
	if (key != 'o')
		console_command(c, line);

	return true;
}


static const struct hint alarm_hints[] = {
	{ "=o", N_("I have read it") }, { "=v", N_("Compare") },
	{ "=b", N_("Hangup") }, { NULL, NULL }
};

static void alarm_line(const struct scene *s, void *state, char *buf,
		       size_t size)
{
	const struct alarm *al = state;
	(void)s;

	(void)snprintf(buf, size, _("%s v: compare the words. b: hang up. "
		       "o: seen."), al->text);
}


static const struct overlay alarm_overlay = {
	.name = "alarm", .draw = alarm_draw,
	.line = alarm_line, .key = alarm_key,
	.close = free, .hints = alarm_hints
};


void alarm_update(struct console *c)
{
	const struct alarm *open = overlay_state(c, &alarm_overlay);
	const struct m_call *call = NULL, *next;
	struct alarm *al;
	size_t i;

	/* a call that is up before one that has ended; what is read stays */
	for (i = 0; (next = model_call_at(console_model(c), i)); i++) {
		if (!*next->alarm || (is_up(call) && !is_up(next)))
			continue;
		if (!call || (is_up(next) && !is_up(call)) ||
		    (open && next->id == open->call))
			call = next;
	}

	if (!call) {
		overlay_close_this(c, &alarm_overlay);
		return;
	}
	if (open && open->call == call->id && !strcmp(open->text,
						      call->alarm))
		return;

	al = calloc(1, sizeof(*al));
	if (!al)
		return;
	al->call = call->id;
	al->since = console_now();
	(void)snprintf(al->text, sizeof(al->text), "%s", call->alarm);
	(void)overlay_open(c, &alarm_overlay, al);
}
