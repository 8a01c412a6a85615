/**
 * @file status.c  The status panel: accounts, calls and what is new
 *
 * One line each; what a glance from the next pane wants to know.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "console/i18n.h"
#include "console/panel.h"
#include "console/screen.h"
#include "console/words.h"


static enum role account_role(const struct m_account *a)
{
	if (!strcmp(a->state, "failed"))
		return ROLE_ERROR;
	if (!strcmp(a->state, "registered") || !strcmp(a->state, "direct"))
		return ROLE_ONLINE;

	return ROLE_AWAY;
}


static char account_mark(const struct m_account *a)
{
	if (!strcmp(a->state, "failed"))
		return '!';

	return account_role(a) == ROLE_ONLINE ? '+' : '~';
}


static void account_line(const struct m_account *a, char *buf, size_t size)
{
	char addr[128];

	words_address(addr, sizeof(addr), a->address);
	(void)snprintf(buf, size, "%c %s  %s %s%s%s", account_mark(a), addr,
		       words_state(a->state), a->transport,
		       *a->reason ? ": " : "", a->reason);
}


static void call_line(const struct m_call *call, char *buf, size_t size)
{
	char dur[16] = "";

	if (call->answered)
		words_duration(dur, sizeof(dur), (call->ended ? call->ended :
			       (int64_t)time(NULL)) - call->answered);
	(void)snprintf(buf, size, "%c %s  %s %s  %s", call->incoming ? '<' :
		       '>', model_peer_name(&call->peer),
		       words_state(call->state), dur,
		       *call->label ? words_label(call->label) : "");
}


/* Row i of the panel; false behind the last */
static bool line_of(const struct scene *s, size_t i, char *buf, size_t size,
		    enum role *role)
{
	const struct model *m = s->model;

	*role = ROLE_TEXT;
	if (i < m->accounts.n) {
		const struct m_account *a = model_account_at(m, i);

		*role = account_role(a);
		account_line(a, buf, size);
		return true;
	}
	i -= m->accounts.n;
	if (i < m->calls.n) {
		*role = ROLE_CALL_ACTIVE;
		call_line(model_call_at(m, i), buf, size);
		return true;
	}
	i -= m->calls.n;
	if (i == 0) {
		*role = m->missed ? ROLE_MISSED : ROLE_DIM;
		(void)snprintf(buf, size, i18n_plural("%lld missed",
			       "%lld missed", m->missed),
			       (long long)m->missed);
		return true;
	}
	if (i == 1) {
		*role = m->unread ? ROLE_UNREAD : ROLE_DIM;
		(void)snprintf(buf, size, i18n_plural("%lld unread",
			       "%lld unread", m->unread),
			       (long long)m->unread);
		return true;
	}

	return false;
}


size_t panel_status_count(const struct scene *s)
{
	return s->model->accounts.n + s->model->calls.n + 2;
}


void panel_status_draw(const struct scene *s, const struct rect *r)
{
	struct view *v = &s->view[PANEL_STATUS];
	size_t n = panel_status_count(s);
	enum role role;
	char line[512], buf[520];
	int i, h = r->h - 1;

	panel_title(s, r, PANEL_STATUS, _("Status"), s->connected ?
		    s->model->version : _("the phone is away"));
	view_scroll(v, n, h > 0 ? (size_t)h : 0);
	for (i = 0; i < h; i++) {
		size_t row = v->top + (size_t)i;

		if (!line_of(s, row, line, sizeof(line), &role))
			break;
		(void)snprintf(buf, sizeof(buf), "%c%s", row == v->sel ? '>' :
			       ' ', line);
		(void)screen_put(r->y + 1 + i, r->x, r->w, role, buf);
		if (row == v->sel)
			screen_rest(r->y + 1 + i, r->x + 1);
	}
}
