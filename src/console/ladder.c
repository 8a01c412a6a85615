/**
 * @file console/ladder.c  A ladder of messages as lines of text
 *
 * Each participant has a column in which its line goes down. An arrow runs
 * from one column to another with its label in the middle of the way; what
 * lies to its left and right are the lines it does not cross. ASCII only,
 * so that it survives a mail and a screen reader.
 */
#include "ladder.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/text.h"

enum {
	MEMBERS = 8,
	FIRST = 20,             /* column of the first participant        */
	LAST = 12,              /* and of the last, from the right        */
	TIME = 9
};

/** A line that grows; bytes and columns are not the same */
struct pen {
	char *buf;
	size_t size, len;
	size_t col;
};


static size_t members(const json_t *ladder)
{
	size_t n = json_array_size(json_object_get(ladder, "participants"));

	return n < MEMBERS ? n : MEMBERS;
}


static size_t column(const json_t *ladder, size_t width, size_t i)
{
	size_t n = members(ladder);

	return n < 2 ? FIRST : FIRST + (width - LAST - FIRST) * i / (n - 1);
}


static bool pen_open(struct pen *pen, size_t width)
{
	memset(pen, 0, sizeof(*pen));
	pen->size = width * 8 + 8;
	pen->buf = malloc(pen->size);
	if (pen->buf)
		pen->buf[0] = '\0';

	return pen->buf != NULL;
}


static void put(struct pen *pen, const char *text, size_t cols)
{
	size_t took = 0, n = text_fit(text, cols, &took);

	if (pen->len + n >= pen->size)
		return;
	memcpy(pen->buf + pen->len, text, n);
	pen->len += n;
	pen->col += took;
	pen->buf[pen->len] = '\0';
}


static void fill(struct pen *pen, size_t col, char c)
{
	const char s[2] = { c, '\0' };

	while (pen->col < col && pen->len + 1 < pen->size)
		put(pen, s, 1);
}


/* The lines of the participants up to a column */
static void lines(struct pen *pen, const json_t *ladder, size_t width,
		  size_t end)
{
	size_t i, n = members(ladder);

	for (i = 0; i < n; i++) {
		size_t x = column(ladder, width, i);

		if (x < pen->col || x >= end)
			continue;
		fill(pen, x, ' ');
		put(pen, "|", 1);
	}
}


size_t ladder_rows(const json_t *ladder)
{
	return json_array_size(json_object_get(ladder, "rows"));
}


static size_t clamp(size_t width)
{
	return width < LADDER_WIDTH_MIN ? LADDER_WIDTH_MIN :
		width > LADDER_WIDTH_MAX ? LADDER_WIDTH_MAX : width;
}


char *ladder_head(const json_t *ladder, size_t width)
{
	const json_t *list = json_object_get(ladder, "participants");
	size_t i, n = members(ladder);
	struct pen pen;

	width = clamp(width);
	if (!pen_open(&pen, width))
		return NULL;

	for (i = 0; i < n; i++) {
		const char *name = json_string_value(json_array_get(list, i));
		size_t x = column(ladder, width, i), w, end = width, from;

		if (!name)
			name = "";
		if (i + 1 < n)
			end = (x + column(ladder, width, i + 1)) / 2;
		w = text_width(name);
		from = x > w / 2 ? x - w / 2 : 0;
		if (from + w > end)
			from = end > w ? end - w : 0;
		if (pen.col && from < pen.col + 1)
			from = pen.col + 1;
		fill(&pen, from, ' ');
		if (end > pen.col)
			put(&pen, name, end - pen.col);
	}

	return pen.buf;
}


static enum role role_of(const char *kind)
{
	if (!strcmp(kind, "good"))
		return ROLE_ONLINE;
	if (!strcmp(kind, "bad"))
		return ROLE_ERROR;
	if (!strcmp(kind, "note"))
		return ROLE_WARN;

	return !strcmp(kind, "progress") ? ROLE_INFO : ROLE_OVERLAY;
}


static void arrow(struct pen *pen, const char *label, size_t end, bool right)
{
	size_t room = end - pen->col, w, left;

	if (room < 5) {
		fill(pen, end, '-');
		return;
	}

	w = text_width(label);
	if (w > room - 4)
		w = room - 4;
	left = (room - w) / 2;

	put(pen, right ? "-" : "<", 1);
	if (left > 1)
		fill(pen, pen->col + left - 2, '-');
	put(pen, " ", 1);
	put(pen, label, w);
	put(pen, " ", 1);
	fill(pen, end - 1, '-');
	put(pen, right ? ">" : "-", 1);
}


char *ladder_row(const json_t *ladder, size_t i, size_t width,
		 enum role *rolep)
{
	const json_t *rows = json_object_get(ladder, "rows");
	const json_t *row = json_array_get(rows, i);
	const json_t *first = json_array_get(rows, 0);
	const char *kind = obj_str(row, "kind");
	size_t from = (size_t)obj_int(row, "from"), n = members(ladder);
	size_t to = (size_t)obj_int(row, "to"), a, b;
	char label[512], time[32];
	struct pen pen;

	width = clamp(width);
	if (!row || from >= n || to >= n || !pen_open(&pen, width))
		return NULL;
	if (rolep)
		*rolep = role_of(kind);

	(void)snprintf(time, sizeof(time), "%*.3f ", TIME,
		       obj_num(row, "time") - obj_num(first, "time"));
	put(&pen, time, FIRST);
	(void)snprintf(label, sizeof(label), "%.400s%s", obj_str(row, "text"),
		       obj_bool(row, "again") ? " (again)" : "");

	if (from == to) {
		put(&pen, "* ", 2);
		put(&pen, label, width - pen.col);
		return pen.buf;
	}

	a = column(ladder, width, from < to ? from : to);
	b = column(ladder, width, from < to ? to : from);
	lines(&pen, ladder, width, a);
	fill(&pen, a, ' ');
	put(&pen, "|", 1);
	arrow(&pen, label, b, from < to);
	put(&pen, "|", 1);
	lines(&pen, ladder, width, width);

	return pen.buf;
}
