/**
 * @file incoming.c  The overlay of a ringing call
 *
 * The address always stands with the name: a name is whatever the caller
 * likes to be called.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/words.h"

enum { WIDTH = 62, HEIGHT = 7 };


static void key_words(const struct scene *s, char *buf, size_t size)
{
	static const struct {
		const char *command, *word;
	} keys[] = {
		{ "answer", N_("answer") }, { "hangup", N_("reject") },
		{ "silence", N_("silence") },
		{ "reply", N_("reply by text") }
	};
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char name[16] = "";
		int k;

		key_label(name, sizeof(name),
			  keymap_key(s->keymap, KEYS_RING, keys[i].command));
		k = snprintf(buf + n, size - n, "  %s  %s  ", name,
			     i18n_text(keys[i].word));
		if (k < 0 || (size_t)k >= size - n)
			return;
		n += (size_t)k;
	}
}


void overlay_incoming_draw(const struct scene *s)
{
	const struct m_call *call = model_call(s->model, s->ring);
	const struct m_account *a;
	struct rect r = overlay_rect(HEIGHT, WIDTH);
	char buf[512], dur[16], addr[256];
	int x = r.x + 2, w = r.w - 4;

	if (!call || r.h < 4)
		return;

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
	(void)screen_put(r.y + 2, x, w, ROLE_OVERLAY, buf);
	if (r.h > 5) {
		(void)snprintf(buf, sizeof(buf), _("in contacts: %s   %s"),
			       *call->peer.contact ? _("yes") : _("no"),
			       *call->label ? words_label(call->label) : "");
		(void)screen_put(r.y + 3, x, w, ROLE_OVERLAY, buf);
	}
	if (r.h > 6 && *call->diverted) {
		words_address(addr, sizeof(addr), call->diverted);
		(void)snprintf(buf, sizeof(buf), _("sent on by %s%s%s"),
			       call->diverted_by,
			       *call->diverted_by ? "  " : "", addr);
		(void)screen_put(r.y + 4, x, w, ROLE_OVERLAY, buf);
	}
	key_words(s, buf, sizeof(buf));
	(void)screen_put(r.y + r.h - 2, x, w, ROLE_OVERLAY, buf);
}
