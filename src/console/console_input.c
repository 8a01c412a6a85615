/**
 * @file console_input.c  From a key to a command
 *
 * Who gets a key, in this order: a paste (text or nothing), a text field
 * (only the typing keys act beside it), a question, the help, a notice, the
 * panel. The typing guard lives here: no key meant for something else
 * answers or ends a call.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "console.h"
#include "line_edit.h"
#include "screen.h"

enum {
	GUARD_MS = 400          /* plain keys do not act on a call so young */
};


bool ring_overlay(const struct console *c)
{
	const struct m_call *call;
	size_t i;

	if (!c->ring_id || c->ring_hidden == c->ring_id)
		return false;

	/* During a call a second one is a line, not an overlay */
	for (i = 0; (call = model_call_at(c->model, i)); i++) {
		if (call->answered && strcmp(call->state, "ended"))
			return false;
	}

	return true;
}


/* ---- text fields --------------------------------------------------------*/
void typing_start(struct console *c, enum typing typing, const char *text)
{
	struct history *h = typing == TYPING_COMMAND ? c->commands :
		typing == TYPING_DIAL ? c->dials : NULL;
	unsigned flags = typing == TYPING_CHAT ? LINE_MULTI :
		typing == TYPING_PASSWORD ? LINE_SECRET : 0;

	typing_stop(c);
	c->line = line_edit_alloc(h, flags);
	if (!c->line)
		return;

	c->typing = typing;
	if (text)
		line_edit_set(c->line, text);
	c->dirty = true;
}


void typing_stop(struct console *c)
{
	if (c->typing == TYPING_CHAT) {
		free(c->chat.draft);
		c->chat.draft = strdup(line_edit_text(c->line));
	}
	if (c->typing == TYPING_PASSWORD) {
		json_decref(c->secret_params);
		c->secret_params = NULL;
	}

	line_edit_free(c->line);
	c->line = NULL;
	c->typing = TYPING_NONE;
	complete_clear(&c->complete);
	c->dirty = true;
}


static void filter_set(struct console *c, const char *text)
{
	char **filter = &c->filter[c->focus];

	free(*filter);
	*filter = text && *text ? strdup(text) : NULL;
	c->dirty = true;

	if (c->focus == PANEL_CHAT || c->focus == PANEL_TRACE) {
		c->chat.scroll = 0;
		return;
	}
	if (c->focus == PANEL_LOG) {
		c->view[PANEL_LOG].sel = c->view[PANEL_LOG].top = 0;
		sync_log(c);
	}
	else {
		/* The best row is the first, whoever was selected */
		if (*filter) {
			free(c->row_key);
			c->row_key = NULL;
			c->view[PANEL_CONTACTS].sel = 0;
		}
		list_refresh(c);
	}
	chat_follow(c);
}


static void secret_failed(int err, json_t *result, const char *text,
			  void *arg)
{
	struct console *c = arg;
	(void)result;

	if (err)
		console_message(c, ROLE_ERROR, "not saved: %s", text);
}


/** What was typed, until the phone has it */
struct sending {
	struct console *c;
	char text[];
};


/* Nothing typed is lost: back into the line it goes. Whether a broken link
   took the message along first, only the conversation knows */
static void message_sent(int err, json_t *result, const char *why, void *arg)
{
	struct sending *s = arg;
	struct console *c = s->c;
	(void)result;

	if (err == ECONNRESET)
		console_message(c, ROLE_WARN, "the link broke while this was "
				"sent: see whether it is there, else Enter");
	else if (err)
		console_message(c, ROLE_ERROR, "not sent: %s", why);
	if (err && c->typing == TYPING_CHAT && !*line_edit_text(c->line))
		line_edit_set(c->line, s->text);
	free(s);
}


static void chat_send(struct console *c)
{
	const char *text = line_edit_text(c->line);
	const size_t size = strlen(text) + 1;
	struct sending *s;
	json_t *params;

	if (!text[strspn(text, " \n")])
		return;
	if (!client_is_connected(c->client)) {
		console_message(c, ROLE_ERROR, "not sent: the phone is away");
		return;
	}

	params = c->chat.id ?
		json_pack("{s:I, s:s}", "conversation",
			  (json_int_t)c->chat.id, "text", text) :
		json_pack("{s:s, s:s}", "target", c->chat.peer.uri,
			  "text", text);
	s = malloc(sizeof(*s) + size);
	if (!s) {
		json_decref(params);
		return;
	}
	s->c = c;
	memcpy(s->text, text, size);
	if (client_request(c->client, "chat.send", params, message_sent, s)) {
		free(s);
		return;
	}

	line_edit_set(c->line, "");
	c->chat.scroll = 0;
}


static void secret_send(struct console *c)
{
	json_t *params = c->secret_params;
	char *method = c->secret_method;
	const char *text = line_edit_text(c->line);

	c->secret_params = NULL;
	c->secret_method = NULL;
	if (*text)
		json_object_set_new(params, "password", json_string(text));
	if (client_request(c->client, method, params, secret_failed, c))
		console_message(c, ROLE_ERROR, "the phone does not answer");
	else
		console_message(c, ROLE_INFO, "saved");
	free(method);
	typing_stop(c);
}


static void typing_accept(struct console *c)
{
	enum typing typing = c->typing;
	char *text;

	if (typing == TYPING_CHAT) {
		chat_send(c);
		return;
	}
	if (typing == TYPING_PASSWORD) {
		secret_send(c);
		return;
	}

	text = strdup(line_edit_text(c->line));
	typing_stop(c);
	if (!text)
		return;

	if (typing == TYPING_FILTER && c->focus == PANEL_TRACE)
		console_command(c, "find next");
	if (typing == TYPING_COMMAND) {
		history_add(c->commands, text);
		console_command(c, text);
	}
	else if (typing == TYPING_DIAL && *text) {
		char *argv[] = { (char[]){ "call" }, text, NULL };
		struct cmd cmd = { .client = c->client, .console = c,
				   .profile = c->profile };

		history_add(c->dials, text);
		(void)command_run(&cmd, 2, argv);
		console_show(c, &cmd);
		cmd_clear(&cmd);
	}
	free(text);
}


static void complete_take(struct console *c)
{
	struct complete *cp = &c->complete;
	const char *text = cp->v[cp->sel].text;

	line_edit_replace(c->line, cp->from, cp->to, text);
	cp->to = cp->from + strlen(text);
}


static void complete_key(struct console *c, bool back)
{
	struct complete *cp = &c->complete;
	const char *text = line_edit_text(c->line);

	if (c->typing != TYPING_COMMAND && c->typing != TYPING_DIAL)
		return;

	if (!cp->n) {
		if (c->typing == TYPING_COMMAND)
			complete_line(cp, c, text, line_edit_pos(c->line));
		else
			complete_target(cp, c, text, line_edit_pos(c->line));
		if (!cp->n)
			return;
		cp->sel = back ? cp->n - 1 : 0;
		complete_take(c);
		/* Only one: there is nothing to choose */
		if (cp->n == 1) {
			if (c->typing == TYPING_COMMAND)
				(void)line_edit_key(c->line, ' ');
			complete_clear(cp);
		}
		return;
	}

	cp->sel = back ? (cp->sel + cp->n - 1) % cp->n : (cp->sel + 1) % cp->n;
	complete_take(c);
}


static void typing_key(struct console *c, key_code key)
{
	enum line_result r = line_edit_key(c->line, key);

	if (r == LINE_COMPLETE || r == LINE_COMPLETE_BACK) {
		complete_key(c, r == LINE_COMPLETE_BACK);
		return;
	}
	complete_clear(&c->complete);

	if (r == LINE_LEAVE) {
		if (c->typing == TYPING_FILTER)
			filter_set(c, NULL);
		typing_stop(c);
	}
	else if (r == LINE_ACCEPT) {
		typing_accept(c);
	}
	else if (r == LINE_CHANGED && c->typing == TYPING_FILTER) {
		filter_set(c, line_edit_text(c->line));
	}
	else if (r == LINE_UNUSED && c->typing == TYPING_CHAT &&
		 (key == K_PAGE_UP || key == K_PAGE_DOWN)) {
		list_move(c, (key == K_PAGE_UP ? -1 : 1) *
			  (long)list_page(c));
	}
	else if (c->typing == TYPING_COMMAND && key == K_BACKSPACE &&
		 r == LINE_MOVED && !*line_edit_text(c->line)) {
		typing_stop(c);
	}
}


/* ---- keys ---------------------------------------------------------------*/

/* A plain key hits a call that began to ring a moment ago: it was meant for
   something else */
static bool guarded(const struct console *c, const char *command,
		    key_code key)
{
	if (!c->ring_id || (key & KEY_META) ||
	    (key >= K_F1 && key <= K_F12))
		return false;
	if (strcmp(command, "answer") && strcmp(command, "hangup") &&
	    strcmp(command, "reject"))
		return false;

	return console_now() - c->ring_since < GUARD_MS;
}


static bool run_key(struct console *c, enum key_panel panel, key_code key)
{
	const char *command = keymap_find(c->keymap, panel, key);

	if (!command)
		return false;
	if (!guarded(c, command, key))
		console_command(c, command);

	return true;
}


/* With the overlay of a ringing call up: its keys first, and nothing else
   that belongs to calls changes its meaning */
static bool ring_key(struct console *c, key_code key)
{
	const char *command = keymap_find(c->keymap, KEYS_RING, key);
	static const char *const acts[] = {
		"answer", "hangup", "end", "silence", "reply", "reject",
		"back", NULL
	};
	size_t i;

	for (i = 0; command && acts[i]; i++) {
		if (strcmp(command, acts[i]))
			continue;
		if (!strcmp(command, "back")) {
			/* Put away, it rings on */
			if (c->overlayc)
				overlay_close(c);
			else
				c->ring_hidden = c->ring_id;
			c->dirty = true;
			return true;
		}
		return run_key(c, KEYS_RING, key);
	}

	return false;
}


/* Is there a field that takes plain keys as text? */
static bool typed(const struct console *c)
{
	const struct overlay *o = overlay_top(c);

	return c->typing != TYPING_NONE || (o && o->text);
}


/* Alt and a key that means nothing was an Esc, typed shortly before: what
   it left, and then the key if it opens a line */
static bool was_escape(struct console *c, key_code key)
{
	key_code plain = key & ~(key_code)KEY_META;

	if (!(key & KEY_META) || c->paste)
		return false;
	if (typed(c) ?
	    keymap_find(c->keymap, KEYS_TYPING, key) ||
	    strchr("bfd", (int)(plain < 128 ? plain : 1)) ||
	    plain == K_ENTER || plain == K_BACKSPACE :
	    keymap_find(c->keymap, (enum key_panel)c->focus, key) != NULL)
		return false;

	console_key(c, K_ESC);
	if (plain == ':' || plain == '/' || plain == '?')
		console_key(c, plain);

	return true;
}


/* A click selects, on what is selected already it opens; the wheel moves */
static void mouse_key(struct console *c, key_code key)
{
	const struct layout *l = &c->layout;
	size_t row;
	int i, y, x;

	if (key != K_CLICK) {
		list_move(c, key == K_WHEEL_UP ? -1 : 1);
		return;
	}

	screen_mouse_at(&y, &x);
	for (i = 0; i < PANEL_MAX; i++) {
		const struct rect *r = &l->tile[i];

		if (y < r->y || y >= r->y + r->h || x < r->x ||
		    x >= r->x + r->w)
			continue;
		if ((int)c->focus != i)
			console_focus(c, (enum panel)i);
		if (y == r->y || !panel_row((enum panel)i)->count)
			return;
		row = c->view[i].top + (size_t)(y - r->y - 1);
		if (row >= list_count(c, (enum panel)i))
			return;
		if (row == c->view[i].sel)
			console_command(c, "open");
		else
			list_move_to(c, row);
		return;
	}
}


/* An overlay gets of a paste what is text, and nothing that acts */
static void overlay_paste(struct console *c, key_code key)
{
	if (key == K_ENTER || key == K_TAB || key == '\n')
		key = ' ';
	if (key >= 32 && key < KEY_SPECIAL && key != 127)
		(void)overlay_key(c, key);
}


/* A letter of a Russian keyboard is the key it stands on, where it is no
   text and nothing is bound to itself */
static key_code commanding(const struct console *c, key_code key)
{
	if (c->paste || (typed(c) && !(key & KEY_META)) ||
	    keymap_find(c->keymap, typed(c) ? KEYS_TYPING :
			(enum key_panel)c->focus, key))
		return key;

	return key_latin(key);
}


void console_key(struct console *c, key_code key)
{
	key = commanding(c, key);
	if (was_escape(c, key))
		return;
	if (key == K_PASTE_START || key == K_PASTE_END) {
		c->paste = key == K_PASTE_START;
		if (c->line)
			(void)line_edit_key(c->line, key);
		return;
	}
	c->dirty = true;
	if (key >= K_CLICK && key <= K_WHEEL_DOWN) {
		if (!typed(c) && !c->overlayc && !ring_overlay(c))
			mouse_key(c, key);
		return;
	}

	/* What is pasted is text; without a field for it it is nothing */
	if (c->paste) {
		if (c->line)
			typing_key(c, key);
		else if (typed(c))
			overlay_paste(c, key);
		return;
	}

	if (typed(c)) {
		if (run_key(c, KEYS_TYPING, key))
			return;
		if (c->typing != TYPING_NONE)
			typing_key(c, key);
		else
			(void)overlay_key(c, key);
		return;
	}

	/* What was said before has been read */
	c->message[0] = '\0';
	if (ring_overlay(c) && ring_key(c, key))
		return;

	if (c->overlayc) {
		if (!run_key(c, KEYS_TYPING, key))
			(void)overlay_key(c, key);
	}
	else if (!run_key(c, (enum key_panel)c->focus, key) &&
		 key >= 32 && key < KEY_SPECIAL) {
		console_message(c, ROLE_DIM, "? shows the keys");
	}
}
