/**
 * @file form.c  Fields to fill in: text, choices, buttons
 *
 * Tab and arrows go from field to field, Space chooses, Enter goes on and
 * presses buttons. The field in focus has a mark, not only a colour, and the
 * real cursor.
 */
#include "form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "i18n.h"
#include "line_edit.h"
#include "screen.h"

enum { GAP = 2 };


/* ---- making one ---------------------------------------------------------*/
void form_clear(struct form *f)
{
	size_t i, j;

	for (i = 0; i < f->n; i++) {
		line_edit_free(f->v[i].line);
		for (j = 0; j < f->v[i].choicec; j++)
			free(f->v[i].choice[j]);
	}
	memset(f, 0, sizeof(*f));
}


static struct field *add(struct form *f, int id, enum field_kind kind,
			 const char *label, const char *help)
{
	struct field *v;

	if (f->n == FORM_FIELDS)
		return NULL;

	v = &f->v[f->n++];
	v->kind = kind;
	v->id = id;
	v->label = i18n_text(label);
	v->help = i18n_text(help);

	return v;
}


void form_text(struct form *f, int id, enum field_kind kind,
	       const char *label, const char *value, const char *help)
{
	struct field *v = add(f, id, kind, label, help);

	if (!v)
		return;

	v->line = line_edit_alloc(NULL, kind == FIELD_SECRET ? LINE_SECRET :
				  0);
	if (!v->line)
		f->n--;
	else if (value)
		line_edit_set(v->line, value);
}


void form_choice(struct form *f, int id, const char *label, const char *help)
{
	(void)add(f, id, FIELD_CHOICE, label, help);
}


void form_word(struct form *f, const char *word, const char *value)
{
	struct field *v = f->n ? &f->v[f->n - 1] : NULL;
	size_t i;

	if (!v || v->kind != FIELD_CHOICE || v->choicec == FORM_CHOICES)
		return;
	for (i = 0; i < v->choicec; i++) {
		if (!strcmp(v->choice[i], word))
			return;
	}

	v->choice[v->choicec] = strdup(word);
	if (!v->choice[v->choicec])
		return;
	if (value && !strcmp(word, value))
		v->chosen = v->choicec;
	v->choicec++;
}


void form_switch(struct form *f, int id, const char *label, bool on,
		 const char *help)
{
	form_choice(f, id, label, help);
	form_word(f, N_("no"), on ? "yes" : "no");
	form_word(f, N_("yes"), on ? "yes" : "no");
}


void form_button(struct form *f, int id, const char *label, const char *help)
{
	(void)add(f, id, FIELD_BUTTON, label, help);
}


/* ---- reading it ---------------------------------------------------------*/
struct field *form_field(struct form *f, int id)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (f->v[i].id == id)
			return &f->v[i];
	}

	return NULL;
}


const char *form_value(struct form *f, int id)
{
	const struct field *v = form_field(f, id);

	if (v && v->line)
		return line_edit_text(v->line);

	return v && v->chosen < v->choicec ? v->choice[v->chosen] : "";
}


bool form_changed(struct form *f, int id)
{
	const struct field *v = form_field(f, id);

	return v && v->changed;
}


int form_focus(const struct form *f)
{
	return f->at < f->n ? f->v[f->at].id : -1;
}


void form_focus_on(struct form *f, int id)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (f->v[i].id == id)
			f->at = i;
	}
}


void form_status(struct form *f, enum role role, const char *fmt, ...)
{
	char buf[sizeof(f->status)], *text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf, sizeof(buf), i18n_text(fmt), ap);
	va_end(ap);

	text = text_clean(buf, strlen(buf), TEXT_LINE);
	(void)snprintf(f->status, sizeof(f->status), "%s", text ? text : "");
	free(text);
	f->status_role = role;
}


/* ---- keys ---------------------------------------------------------------*/
static void step(struct form *f, int by)
{
	if (f->n)
		f->at = (f->at + f->n + (size_t)by) % f->n;
}


static enum form_result choose(struct field *v, int by)
{
	if (!v->choicec)
		return FORM_NOTHING;

	v->chosen = (v->chosen + v->choicec + (size_t)by) % v->choicec;
	v->changed = true;

	return FORM_CHANGED;
}


static enum form_result text_key(struct field *v, key_code key)
{
	enum line_result r = line_edit_key(v->line, key);

	if (r != LINE_CHANGED)
		return FORM_NOTHING;
	v->changed = true;

	return FORM_CHANGED;
}


static enum form_result field_key(struct form *f, struct field *v,
				  key_code key)
{
	if (v->line)
		return text_key(v, key);

	switch (key) {

	case ' ':
		return v->kind == FIELD_BUTTON ? FORM_PRESSED : choose(v, 1);
	case K_RIGHT:
		if (v->kind == FIELD_CHOICE)
			return choose(v, 1);
		step(f, 1);
		break;
	case K_LEFT:
		if (v->kind == FIELD_CHOICE)
			return choose(v, -1);
		step(f, -1);
		break;
	default:
		break;
	}

	return FORM_NOTHING;
}


enum form_result form_key(struct form *f, key_code key)
{
	struct field *v;

	if (key == K_ESC || key == KEY_CTRL('g') || key == KEY_CTRL('c'))
		return FORM_LEAVE;
	if (f->at >= f->n)
		return FORM_NOTHING;

	v = &f->v[f->at];
	switch (key) {

	case K_TAB:
	case K_DOWN:
	case KEY_CTRL('n'):
		step(f, 1);
		return FORM_NOTHING;
	case K_BACKTAB:
	case K_UP:
	case KEY_CTRL('p'):
		step(f, -1);
		return FORM_NOTHING;
	case K_ENTER:
	case '\n':
		if (v->kind == FIELD_BUTTON)
			return FORM_PRESSED;
		step(f, 1);
		return FORM_NOTHING;
	default:
		return field_key(f, v, key);
	}
}


void form_line(const struct form *f, char *buf, size_t size)
{
	const struct field *v = f->at < f->n ? &f->v[f->at] : NULL;
	const char *value = "";

	if (v && v->kind == FIELD_CHOICE && v->choicec)
		value = i18n_text(v->choice[v->chosen]);
	else if (v && v->kind == FIELD_TEXT)
		value = line_edit_text(v->line);
	else if (v && v->kind == FIELD_SECRET)
		value = *line_edit_text(v->line) ? _("typed") : _("empty");

	if (!v)
		(void)snprintf(buf, size, "%s", f->status);
	else
		(void)snprintf(buf, size, "%s%s%s%s%s", f->status,
			       *f->status ? ". " : "", v->label,
			       v->kind == FIELD_BUTTON ? _(" button") : ": ",
			       value);
}


/* ---- drawing ------------------------------------------------------------*/

/* Row of a field: buttons in a row share one */
static int row_of(const struct form *f, size_t at)
{
	int row = 0;
	size_t i;

	for (i = 1; i <= at && i < f->n; i++) {
		if (f->v[i].kind != FIELD_BUTTON ||
		    f->v[i - 1].kind != FIELD_BUTTON)
			row++;
	}

	return row;
}


int form_rows(const struct form *f)
{
	return f->n ? row_of(f, f->n - 1) + 1 : 0;
}


static void text_draw(const struct field *v, int y, int x, int w, bool focus)
{
	const char *text = line_edit_text(v->line);
	size_t start = 0, cursor = 0, i, n;
	char stars[64];

	if (w < 2)
		return;
	if (focus)
		line_edit_view(v->line, (size_t)w, &start, &cursor);
	if (v->kind == FIELD_SECRET) {
		n = strlen(text + start);
		if (n >= sizeof(stars))
			n = sizeof(stars) - 1;
		for (i = 0; i < n; i++)
			stars[i] = '*';
		stars[n] = '\0';
		text = stars;
		start = 0;
		cursor = n < (size_t)w ? n : (size_t)w - 1;
	}
	(void)screen_put(y, x, w, ROLE_OVERLAY, text + start);
	if (focus)
		screen_cursor(y, x + (int)cursor);
}


static int choice_width(const struct field *v)
{
	int w = 0;
	size_t i;

	for (i = 0; i < v->choicec; i++)
		w += (int)text_width(i18n_text(v->choice[i])) + 4 + GAP;

	return w;
}


static const char *chosen_word(const struct field *v)
{
	return v->chosen < v->choicec ? i18n_text(v->choice[v->chosen]) : "";
}


/* Columns for the one that is chosen where only it is shown: "< it >  1/3" */
static int choice_room(const struct field *v, int w)
{
	char buf[48];
	int n = snprintf(buf, sizeof(buf), "<  >  %zu/%zu", v->choicec,
			 v->choicec);

	return w > n ? w - n : 0;
}


/* What the line of the field could not show whole stands below the form */
static bool choice_is_cut(const struct field *v, int w)
{
	return v->kind == FIELD_CHOICE && choice_width(v) - GAP > w &&
		(int)text_width(chosen_word(v)) > choice_room(v, w);
}


static void choice_draw(const struct field *v, int y, int x, int w,
			bool focus)
{
	char buf[256];
	size_t i;

	if (focus)
		screen_cursor(y, x);
	if (choice_width(v) - GAP > w) {
		int used = screen_put(y, x, w, ROLE_OVERLAY, "< ");

		(void)snprintf(buf, sizeof(buf), " >  %zu/%zu",
			       v->chosen + 1, v->choicec);
		used += screen_put_cut(y, x + used, choice_room(v, w),
				       ROLE_OVERLAY, chosen_word(v));
		(void)screen_put(y, x + used, w - used, ROLE_OVERLAY, buf);
		return;
	}
	for (i = 0; i < v->choicec; i++) {
		bool on = i == v->chosen;
		int used;

		(void)snprintf(buf, sizeof(buf), "(%c) %.120s", on ? '*' : ' ',
			       i18n_text(v->choice[i]));
		if (focus && on)
			screen_cursor(y, x + 1);
		used = screen_put(y, x, w, ROLE_OVERLAY, buf) + GAP;
		x += used;
		w -= used;
	}
}


static int button_draw(const struct field *v, int y, int x, int w, bool focus)
{
	char buf[128];

	(void)snprintf(buf, sizeof(buf), "%c[ %.100s ]", focus ? '>' : ' ',
		       v->label);
	if (focus)
		screen_cursor(y, x + 3);

	return screen_put(y, x, w, focus ? ROLE_SELECT : ROLE_OVERLAY, buf) +
		1;
}


static void field_draw(const struct field *v, int y, const struct rect *r,
		       bool focus)
{
	char buf[80];

	(void)snprintf(buf, sizeof(buf), "%c%.60s", focus ? '>' : ' ',
		       v->label);
	(void)screen_put(y, r->x, FORM_LABEL, focus ? ROLE_OVERLAY_TITLE :
			 ROLE_OVERLAY, buf);
	if (v->line)
		text_draw(v, y, r->x + FORM_LABEL + 1, r->w - FORM_LABEL - 1,
			  focus);
	else
		choice_draw(v, y, r->x + FORM_LABEL + 1,
			    r->w - FORM_LABEL - 1, focus);
}


void form_draw(const struct form *f, const struct rect *r)
{
	int rows = r->h - 2, top = 0, x = 0, last = -1;
	size_t i;

	if (rows < 1)
		rows = r->h;
	if (f->n && row_of(f, f->at) >= rows)
		top = row_of(f, f->at) - rows + 1;

	for (i = 0; i < f->n; i++) {
		const struct field *v = &f->v[i];
		int row = row_of(f, i) - top, y = r->y + row;

		if (row != last)
			x = 0;
		last = row;
		if (row < 0 || row >= rows)
			continue;
		if (v->kind == FIELD_BUTTON)
			x += button_draw(v, y, r->x + x, r->w - x,
					 i == f->at);
		else
			field_draw(v, y, r, i == f->at);
	}

	if (r->h < 3)
		return;
	(void)screen_put_cut(r->y + r->h - 2, r->x, r->w, f->status_role,
			     f->status);
	if (f->at < f->n && choice_is_cut(&f->v[f->at], r->w - FORM_LABEL - 1))
		(void)screen_put_cut(r->y + r->h - 1, r->x, r->w,
				     ROLE_OVERLAY, chosen_word(&f->v[f->at]));
	else if (f->at < f->n && f->v[f->at].help)
		(void)screen_put_cut(r->y + r->h - 1, r->x, r->w,
				     ROLE_OVERLAY, f->v[f->at].help);
}
