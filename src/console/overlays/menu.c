/**
 * @file menu.c  What the word at the cursor could become, above its line
 */
#include <stdio.h>

#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { ROWS = 8, WIDTH = 76, HELP = 22 };


void overlay_complete_draw(const struct scene *s)
{
	const struct complete *cp = s->complete;
	const struct rect *line = &s->layout->message;
	int rows = cp->n < ROWS ? (int)cp->n : ROWS;
	int y = line->y - rows, w = line->w < WIDTH ? line->w : WIDTH, i;
	size_t top = 0;
	char buf[512];

	if (y < 1)
		return;
	if (cp->sel < cp->n && cp->sel >= (size_t)rows)
		top = cp->sel - (size_t)rows + 1;

	for (i = 0; i < rows; i++) {
		const struct candidate *v = &cp->v[top + (size_t)i];
		bool sel = top + (size_t)i == cp->sel;

		enum role role = sel ? ROLE_SELECT : ROLE_OVERLAY;
		int x;

		(void)snprintf(buf, sizeof(buf), "%c%.100s  ", sel ? '>' : ' ',
			       v->text);
		screen_line(y + i, 0, w, role, "");
		x = screen_put(y + i, 0, w, role, buf);
		x = x < HELP ? HELP : x;
		(void)screen_put(y + i, x, w - x, role, v->help);
	}
}
