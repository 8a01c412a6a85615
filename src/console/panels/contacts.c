/**
 * @file contacts.c  The contacts panel
 *
 * Contacts by name; before them whoever wrote and is not one. The mark tells
 * the state, its colour only repeats it.
 */
#include <stdio.h>
#include <string.h>

#include "console/i18n.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"


/* What its calls say is newer than what it says of itself */
static const char *state_of(const struct m_contact *ct)
{
	return *ct->lamp && strcmp(ct->lamp, "unknown") ? ct->lamp :
		strcmp(ct->presence, "unknown") ? ct->presence : "";
}


static char mark(const char *state, enum role *role)
{
	if (!strcmp(state, "ringing")) {
		*role = ROLE_CALL_RING;
		return '*';
	}
	if (!strcmp(state, "free")) {
		*role = ROLE_ONLINE;
		return '+';
	}
	if (!strcmp(state, "online")) {
		*role = ROLE_ONLINE;
		return '+';
	}
	if (!strcmp(state, "away")) {
		*role = ROLE_AWAY;
		return '~';
	}
	if (!strcmp(state, "busy")) {
		*role = ROLE_BUSY;
		return '!';
	}
	if (!strcmp(state, "offline")) {
		*role = ROLE_OFFLINE;
		return '-';
	}
	*role = ROLE_DIM;

	return ' ';
}


static void row_draw(const struct scene *s, const struct contact_row *row,
		     int y, const struct rect *r, bool selected)
{
	const struct m_contact *ct = row->contact;
	enum role base = ROLE_TEXT, side = ROLE_DIM, dot = ROLE_DIM;
	char name[256], right[48], m[2] = "?";
	int64_t unread = ct ? model_contact_unread(s->model, ct) :
		row->stranger->unread;

	if (ct) {
		(void)snprintf(name, sizeof(name), "%s   %.240s",
			       selected ? ">" : " ", ct->name);
		m[0] = mark(state_of(ct), &dot);
		(void)snprintf(right, sizeof(right), "%.40s",
			       words_state(state_of(ct)));
		side = dot;
	}
	else {
		(void)snprintf(name, sizeof(name), "%s   %.240s",
			       selected ? ">" : " ",
			       model_peer_name(&row->stranger->peer));
		right[0] = '\0';
	}
	if (unread) {
		(void)snprintf(right, sizeof(right), i18n_plural("%lld new",
			       "%lld new", unread), (long long)unread);
		side = ROLE_UNREAD;
		base = ROLE_UNREAD;
	}
	if (selected)
		base = side = dot = s->focus == PANEL_CONTACTS ?
			ROLE_SELECT : ROLE_SELECT_BLUR;

	if (selected)
		screen_line(y, r->x, r->w, base, name);
	else
		(void)screen_put(y, r->x, r->w, base, name);
	(void)screen_put(y, r->x + 2, 1, dot, m);
	if (selected && s->focus == PANEL_CONTACTS)
		screen_rest(y, r->x + 4);
	if (r->w > 24 && *right) {
		screen_line(y, r->x + r->w - 9, 9, side, "");
		screen_right(y, r->x + r->w - 9, 8, side, right);
	}
}


void panel_contacts_draw(const struct scene *s, const struct rect *r)
{
	struct view *v = &s->view[PANEL_CONTACTS];
	const char *filter = s->filter[PANEL_CONTACTS];
	char title[128], count[32];
	int i, h = r->h - 1;

	(void)snprintf(title, sizeof(title), filter ? "%s /%.60s" : "%s",
		       _("Contacts"), filter);
	(void)snprintf(count, sizeof(count), "%zu", s->rowc);
	panel_title(s, r, PANEL_CONTACTS, title, count);

	view_scroll(v, s->rowc, h > 0 ? (size_t)h : 0);
	for (i = 0; i < h && v->top + (size_t)i < s->rowc; i++)
		row_draw(s, &s->rows[v->top + (size_t)i], r->y + 1 + i, r,
			 v->top + (size_t)i == v->sel);

	if (!s->rowc && h > 0 && s->connected)
		(void)screen_put(r->y + 1, r->x, r->w, ROLE_DIM, filter ?
				 _(" nobody fits") : _(" A adds a contact"));
}


size_t panel_contacts_count(const struct scene *s)
{
	return s->rowc;
}
