/**
 * @file themes.c  Choose a theme while looking at it
 *
 * Moving shows the theme at once, on the screen as it is; Enter keeps it for
 * the next start too, Esc goes back to the one before.
 */
#include "console/themes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/settings.h"

enum { WIDTH = 44, HEIGHT = 14 };

struct picker {
	struct theme_list list;
	char before[THEME_NAME];
	size_t sel;
	struct view view;
};


static void picker_draw(const struct scene *s, void *state)
{
	struct picker *p = state;
	int want = (int)p->list.n + 3;
	struct rect r = overlay_rect(want < HEIGHT ? want : HEIGHT, WIDTH);
	size_t i, rows = r.h > 3 ? (size_t)r.h - 3 : 0;
	char buf[THEME_NAME + 4];
	(void)s;

	if (!rows)
		return;

	p->view.sel = p->sel;
	view_scroll(&p->view, p->list.n, rows);
	screen_box(&r, _("Theme"));
	for (i = 0; i < rows && p->view.top + i < p->list.n; i++) {
		size_t at = p->view.top + i;
		bool on = at == p->sel;
		int y = r.y + 1 + (int)i;

		(void)snprintf(buf, sizeof(buf), "%c %s", on ? '>' : ' ',
			       p->list.v[at]);
		screen_line(y, r.x + 2, r.w - 4, on ? ROLE_SELECT :
			    ROLE_OVERLAY, buf);
		if (on)
			screen_rest(y, r.x + 2);
	}
	(void)screen_put(r.y + r.h - 2, r.x + 2, r.w - 4, ROLE_OVERLAY,
			 _("j k see it  Enter keep it  Esc back"));
}


static void keep(struct console *c, const struct picker *p)
{
	int err = settings_save(c, "theme");

	if (err)
		console_message(c, ROLE_ERROR, "console.conf: %s",
				strerror(err));
	else
		console_message(c, ROLE_INFO, "theme %s",
				p->list.v[p->sel]);
}


static bool picker_key(struct console *c, void *state, key_code key)
{
	struct picker *p = state;
	size_t old = p->sel;

	if (key == K_ENTER) {
		keep(c, p);
		overlay_close(c);
		return true;
	}
	if (overlay_is_back(c, key)) {
		(void)theme_show(c, p->before);
		overlay_close(c);
		return true;
	}
	if (key == ' ' || key == K_TAB)
		p->sel = (p->sel + 1) % p->list.n;
	else if (!overlay_move(c, key, &p->sel, p->list.n, 10))
		return false;
	if (p->sel != old)
		(void)theme_show(c, p->list.v[p->sel]);

	return true;
}


static void picker_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct picker *p = state;
	(void)s;

	(void)snprintf(buf, size, _("theme %s"), p->list.v[p->sel]);
}


static const struct hint picker_hints[] = {
	{ "=j", N_("Next") }, { "=k", N_("Previous") },
	{ "=Enter", N_("Keep") }, { "=Esc", N_("Back") }, { NULL, NULL }
};

static const struct overlay picker_overlay = {
	.name = "themes", .draw = picker_draw, .key = picker_key,
	.close = free, .line = picker_line, .hints = picker_hints
};


void themes_open(struct console *c)
{
	struct picker *p = calloc(1, sizeof(*p));
	size_t i;

	if (!p)
		return;

	theme_list(c, &p->list);
	if (!p->list.n) {
		free(p);
		console_message(c, ROLE_ERROR, "there are no themes here");
		return;
	}
	(void)snprintf(p->before, sizeof(p->before), "%s", theme_now(c));
	for (i = 0; i < p->list.n; i++) {
		if (!strcmp(p->list.v[i], p->before))
			p->sel = i;
	}
	(void)overlay_open(c, &picker_overlay, p);
}
