/**
 * @file incoming.c  The overlay of a ringing call
 *
 * The address always stands with the name: a name is whatever the caller
 * likes to be called.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/words.h"

enum { WIDTH = 62, HEIGHT = 7, KEYS_IN = 2, KEYS_GAP = 4 };


/* The keys from row y on, in as many rows as they need; the rows. Where y is
   below 0 they are only counted */
static int keys_draw(const struct scene *s, int y, int x, int w)
{
	static const struct {
		const char *command, *word;
	} keys[] = {
		{ "answer", N_("answer") }, { "hangup", N_("reject") },
		{ "silence", N_("silence") },
		{ "reply", N_("reply by text") }
	};
	int at = KEYS_IN, rows = 1;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char name[16] = "", buf[128];
		int cols;

		key_label(name, sizeof(name),
			  keymap_key(s->keymap, KEYS_RING, keys[i].command));
		(void)snprintf(buf, sizeof(buf), "%s  %s", name,
			       i18n_text(keys[i].word));
		cols = (int)text_width(buf);
		if (at > KEYS_IN && at + cols > w) {
			at = KEYS_IN;
			rows++;
		}
		if (y >= 0)
			(void)screen_put_cut(y + rows - 1, x + at, w - at,
					     ROLE_OVERLAY, buf);
		at += cols + KEYS_GAP;
	}

	return rows;
}


void overlay_incoming_draw(const struct scene *s)
{
	const struct m_call *call = model_call(s->model, s->ring);
	const struct m_account *a;
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	const int rows = keys_draw(s, -1, 0, r.w - 4);
	char buf[512], dur[16], addr[256];
	int x = r.x + 2, w = r.w - 4;

	if (!call || r.h < 4)
		return;
	if (rows > 1)
		r = overlay_rect(HEIGHT + rows - 1, WIDTH);

	a = model_account(s->model, call->account);
	words_duration(dur, sizeof(dur), (int64_t)time(NULL) - call->start);
	(void)snprintf(buf, sizeof(buf), _("INCOMING CALL   %.60s%s%s"),
		       a ? a->name : "", a && *a->name ? "   " : "", dur);
	screen_box(&r, buf);

	(void)screen_put(r.y + 1, x, w, ROLE_CALL_RING,
			 model_peer_name(&call->peer));
	words_address(addr, sizeof(addr), call->peer.uri);
	(void)snprintf(buf, sizeof(buf), "%s%s%.100s%s%.20s%s", addr,
		       a ? _("   to ") : "", a ? a->address : "",
		       *call->transport ? " (" : "", call->transport,
		       *call->transport ? ")" : "");
	(void)screen_put_cut(r.y + 2, x, w, ROLE_OVERLAY, buf);
	if (r.h > 4 + rows) {
		(void)snprintf(buf, sizeof(buf), _("in contacts: %s   %s"),
			       *call->peer.contact ? _("yes") : _("no"),
			       *call->label ? words_label(call->label) : "");
		(void)screen_put(r.y + 3, x, w, ROLE_OVERLAY, buf);
	}
	if (r.h > 5 + rows && *call->diverted) {
		words_address(addr, sizeof(addr), call->diverted);
		(void)snprintf(buf, sizeof(buf), _("sent on by %s%s%s"),
			       call->diverted_by,
			       *call->diverted_by ? "  " : "", addr);
		(void)screen_put(r.y + 4, x, w, ROLE_OVERLAY, buf);
	}
	(void)keys_draw(s, r.y + r.h - 1 - rows, x, w);
}
