/**
 * @file history.c  Lines typed before
 *
 * A plain file, one line each, the oldest first. A line with a password in
 * it is not kept, not even in memory.
 */
#include "line_edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "common/text.h"

enum { LINE_BYTES = 4096 };

struct history {
	char **v;
	size_t n, max;
};


struct history *history_alloc(size_t max)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;

	h->max = max ? max : 1;
	h->v = calloc(h->max, sizeof(*h->v));
	if (!h->v) {
		free(h);
		return NULL;
	}

	return h;
}


void history_free(struct history *h)
{
	size_t i;

	if (!h)
		return;

	for (i = 0; i < h->n; i++)
		free(h->v[i]);
	free(h->v);
	free(h);
}


void history_add(struct history *h, const char *line)
{
	char *copy;

	if (!h || !line || !*line || strchr(line, '\n') ||
	    strcasestr(line, "password") ||
	    (h->n && !strcmp(h->v[h->n - 1], line)))
		return;

	copy = strdup(line);
	if (!copy)
		return;

	if (h->n == h->max) {
		free(h->v[0]);
		memmove(h->v, h->v + 1, (h->n - 1) * sizeof(*h->v));
		h->n--;
	}
	h->v[h->n++] = copy;
}


size_t history_count(const struct history *h)
{
	return h ? h->n : 0;
}


const char *history_at(const struct history *h, size_t i)
{
	return h && i < h->n ? h->v[i] : NULL;
}


int history_load(struct history *h, const char *file)
{
	char line[LINE_BYTES];
	FILE *f;

	f = fopen(file, "re");
	if (!f)
		return errno;

	while (fgets(line, sizeof(line), f)) {
		char *clean;

		line[strcspn(line, "\n")] = '\0';
		clean = text_clean(line, strlen(line), TEXT_LINE);
		if (clean)
			history_add(h, clean);
		free(clean);
	}
	(void)fclose(f);

	return 0;
}


int history_save(const struct history *h, const char *file)
{
	size_t i, size = 0;
	char *buf = NULL;
	FILE *f;
	int err;

	f = open_memstream(&buf, &size);
	if (!f)
		return errno;

	for (i = 0; i < h->n; i++)
		(void)fprintf(f, "%s\n", h->v[i]);
	if (fclose(f)) {
		free(buf);
		return ENOMEM;
	}

	err = paths_write(file, buf, size);
	free(buf);

	return err;
}
