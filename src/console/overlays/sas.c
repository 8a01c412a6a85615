/**
 * @file sas.c  The words of a call, to be compared aloud
 *
 * Yes counts only after a second: nobody is verified by a key that was
 * meant for something else. No marks the call, and asks whether to end it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/big.h"
#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum {
	WIDTH = 62, HEIGHT = 16,
	ROOMY = 16,             /* rows from which there are gaps  */
	TIGHT = 12,             /* all there is, without gaps      */
	LOOK_MS = 1000
};

struct sas {
	int64_t call;
	uint64_t since;
};


/* A row with text in the middle */
static void middle(const struct rect *r, int y, enum role role,
		   const char *text)
{
	const int w = (int)text_width(text), room = r->w - 4;
	const int x = w < room ? (room - w) / 2 : 0;

	(void)screen_put(y, r->x + 2 + x, room - x, role, text);
}


/* "w7hx" as "w 7 h x" */
static void spread(char *buf, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text && n + 3 < size; text++) {
		if (n)
			buf[n++] = ' ';
		buf[n++] = *text;
	}
	buf[n] = '\0';
}


static int letters_draw(const struct rect *r, int y, const char *text,
			bool small)
{
	const int wide = (int)big_width(text, 2) <= r->w - 4 ? 2 : 1;
	char buf[96];
	int i;

	if (small) {
		spread(buf, sizeof(buf), text);
		middle(r, y, ROLE_OVERLAY_TITLE, buf);
		return y + 1;
	}

	for (i = 0; i < BIG_ROWS; i++) {
		big_row(buf, sizeof(buf), text, i, wide);
		(void)screen_put(y + i, r->x + (r->w - (int)big_width(text,
				 wide)) / 2, r->w - 4, ROLE_OVERLAY_TITLE,
				 buf);
	}

	return y + BIG_ROWS;
}


/* "stopwatch Wichita" with room between the two */
static void words_draw(const struct rect *r, int y, const char *words)
{
	const size_t n = strcspn(words, " ");
	char buf[128];

	(void)snprintf(buf, sizeof(buf), "%.*s   %s", (int)n, words,
		       words[n] ? words + n + 1 : "");
	middle(r, y, ROLE_OVERLAY_TITLE, buf);
}


static void sas_draw(const struct scene *s, void *state)
{
	const struct sas *sas = state;
	const struct m_call *call = model_call(s->model, sas->call);
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	const bool roomy = r.h >= ROOMY;
	char buf[256];
	int y;

	/* without gaps it leaves the message line in sight */
	if (!roomy)
		r = overlay_rect(TIGHT, WIDTH);
	if (!call || r.h < 7)
		return;
	y = r.y + 1;

	screen_box(&r, _("Compare security words"));
	(void)screen_put(y++, r.x + 2, r.w - 4, ROLE_OVERLAY,
			 _("Read these aloud and listen for the same "
			   "answer:"));
	y += roomy;
	words_draw(&r, y++, call->sas_words);
	y += roomy;
	y = letters_draw(&r, y, call->sas, r.h < TIGHT);
	y += roomy;
	(void)snprintf(buf, sizeof(buf), _("Do they match %.80s's words?"),
		       model_peer_name(&call->peer));
	(void)screen_put(y++, r.x + 2, r.w - 4, ROLE_OVERLAY, buf);
	(void)screen_put(y++, r.x + 4, r.w - 6, ROLE_OVERLAY,
			 _("y  yes, mark verified     "
			   "n  NO, someone is listening"));
	(void)screen_put(y, r.x + 4, r.w - 6, ROLE_OVERLAY,
			 _("l  later"));
}


static void differ(struct console *c, int64_t id)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "sas %lld no", (long long)id);
	console_command(c, line);

	confirm_open(c, "The words differ", "Somebody may be listening. "
		     "End the call?");
	(void)snprintf(line, sizeof(line), "hangup %lld", (long long)id);
	confirm_add(c, 'y', "yes, end it now", line);
	confirm_add(c, 'n', "no, and say nothing secret", "");
}


static bool sas_key(struct console *c, void *state, key_code key)
{
	const struct sas *sas = state;
	const int64_t id = sas->call;
	char line[64];

	switch (key) {

	case 'y':
		if (console_now() - sas->since < LOOK_MS) {
			console_message(c, ROLE_WARN, "compare first: y "
					"counts in a moment");
			return true;
		}
		overlay_close(c);
		(void)snprintf(line, sizeof(line), "sas %lld yes",
			       (long long)id);
		console_command(c, line);
		return true;

	case 'n':
		overlay_close(c);
		differ(c, id);
		return true;

	case 'l':
		overlay_close(c);
		return true;

	default:
		return false;
	}
}


static void sas_line(const struct scene *s, void *state, char *buf,
		     size_t size)
{
	const struct sas *sas = state;
	const struct m_call *call = model_call(s->model, sas->call);
	char letters[64] = "";

	if (call)
		spread(letters, sizeof(letters), call->sas);
	(void)snprintf(buf, size, _("Say: %s, %s. Do they match? y: yes. "
		       "n: no. l: later."), letters,
		       call ? call->sas_words : "");
}


static const struct hint sas_hints[] = {
	{ "=y", N_("They match") }, { "=n", N_("They differ") },
	{ "=l", N_("Later") }, { NULL, NULL }
};

static const struct overlay sas_overlay = {
	.name = "sas", .draw = sas_draw, .key = sas_key, .close = free,
	.line = sas_line, .hints = sas_hints
};


void sas_open(struct console *c, int64_t call)
{
	struct sas *sas = calloc(1, sizeof(*sas));

	if (!sas)
		return;

	sas->call = call;
	sas->since = console_now();
	(void)overlay_open(c, &sas_overlay, sas);
}


void sas_ended(struct console *c, int64_t call)
{
	const struct sas *sas = overlay_state(c, &sas_overlay);

	if (sas && sas->call == call)
		overlay_close_this(c, &sas_overlay);
}
