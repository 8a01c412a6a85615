/**
 * @file usage.c  What may come next, read off a usage line
 *
 * The line is written out into every way of saying it, without brackets and
 * bars: there are never many. Options stand apart, as they may come anywhere.
 */
#include "usage.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORDS_MAX = 8, WAYS_MAX = 48 };

struct word {
	const char *p;
	size_t n;
};

/** One way of saying it */
struct way {
	struct word v[WORDS_MAX];
	size_t n;
};

struct ways {
	struct way v[WAYS_MAX];
	size_t n;
};

static void write_out(struct ways *out, const char *p, const char *end);


static bool is_option(const char *p, const char *end)
{
	return end - p > 2 && p[0] == '-' && p[1] == '-';
}


/* Behind the bracket that closes the one at p */
static const char *behind(const char *p, const char *end)
{
	int deep = 0;

	for (; p < end; p++) {
		if (*p == '[')
			deep++;
		else if (*p == ']' && --deep == 0)
			return p + 1;
	}

	return end;
}


/* The bar that ends a piece */
static const char *bar(const char *p, const char *end)
{
	while (p < end && *p != '|')
		p = *p == '[' ? behind(p, end) : p + 1;

	return p;
}


static const char *word_end(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != '[')
		p++;

	return p;
}


static void add_word(struct ways *w, const char *p, const char *end)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		struct way *way = &w->v[i];

		if (way->n < WORDS_MAX) {
			way->v[way->n].p = p;
			way->v[way->n++].n = (size_t)(end - p);
		}
	}
}


/* Each way goes on without it, and with each of its ways */
static void add_group(struct ways *w, const char *p, const char *end)
{
	size_t i, k, n, had = w->n;
	struct ways group;

	group.n = 0;
	write_out(&group, p, end);
	for (i = 0; i < had; i++) {
		for (k = 0; k < group.n && w->n < WAYS_MAX; k++) {
			const struct way *more = &group.v[k];
			struct way *way = &w->v[w->n++];

			*way = w->v[i];
			for (n = 0; n < more->n && way->n < WORDS_MAX; n++)
				way->v[way->n++] = more->v[n];
		}
	}
}


static void add_items(struct ways *w, const char *p, const char *end)
{
	const char *next;

	for (; p < end; p = next) {
		if (*p == ' ') {
			next = p + 1;
		}
		else if (*p == '[') {
			next = behind(p, end);
			if (!is_option(p + 1, next))
				add_group(w, p + 1, next - 1);
		}
		else {
			next = word_end(p, end);
			if (is_option(p, end) && next < end && next[1] != '[')
				next = word_end(next + 1, end);
			else
				add_word(w, p, next);
		}
	}
}


/* A word that is typed as it stands, and nothing behind it */
static bool is_bare(const char *p, const char *end)
{
	return p < end && islower((unsigned char)*p) &&
		word_end(p, end) == end;
}


/* p up to end: pieces with bars between them */
static void write_out(struct ways *out, const char *p, const char *end)
{
	const char *stop, *from, *to;
	size_t i;

	for (; p < end; p = stop + 1) {
		struct ways w = { .n = 1 };

		stop = bar(p, end);
		add_items(&w, p, stop);
		if (is_bare(p, stop)) {
			for (from = to = stop; to < end; ) {
				from = to + 1;
				to = bar(from, end);
				if (!is_bare(from, to))
					break;
			}
			if (from < to)
				add_items(&w, word_end(from, to), to);
		}
		for (i = 0; i < w.n && out->n < WAYS_MAX; i++)
			out->v[out->n++] = w.v[i];
	}
}


/* The option behind p; valp: what it takes, NULL if nothing */
static const char *next_option(const char *p, struct word *name,
			       struct word *val)
{
	const char *e;

	p = strstr(p, "--");
	if (!p)
		return NULL;
	name->p = p;
	name->n = strcspn(p, " ]|");
	e = p + name->n;
	val->p = *e == ' ' && e[1] && e[1] != '[' && e[1] != '|' ? e + 1 :
		NULL;
	val->n = 0;
	if (!val->p)
		return e;

	for (e = val->p; *e && *e != ' ' && *e != ']'; e++) {
		if (!strncmp(e, "|--", 3))
			break;
	}
	val->n = (size_t)(e - val->p);

	return e;
}


static bool takes_value(const char *args, const char *opt, struct word *val)
{
	struct word name;

	while ((args = next_option(args, &name, val))) {
		if (strlen(opt) == name.n && !strncmp(opt, name.p, name.n))
			return val->p != NULL;
	}

	return false;
}


/* Only the number of a call is known by its looks */
static bool same(const struct word *w, const char *typed)
{
	if (w->n == 4 && !strncmp(w->p, "CALL", 4))
		return isdigit((unsigned char)*typed);

	return !islower((unsigned char)*w->p) ||
		(strlen(typed) == w->n && !strncmp(typed, w->p, w->n));
}


static void tell_options(const char *args, int argc, char *const argv[],
			 usage_h *h, void *arg)
{
	struct word name, val;
	int i;

	while ((args = next_option(args, &name, &val))) {
		for (i = 0; i < argc; i++) {
			if (strlen(argv[i]) == name.n &&
			    !strncmp(argv[i], name.p, name.n))
				break;
		}
		if (i == argc)
			h(name.p, name.n, arg);
	}
}


static void tell_words(const char *args, int argc, char *const argv[],
		       usage_h *h, void *arg)
{
	struct ways ways = { .n = 0 };
	struct word val;
	size_t i, n;
	int k;

	write_out(&ways, args, args + strlen(args));
	for (i = 0; i < ways.n; i++) {
		const struct way *w = &ways.v[i];

		for (k = 0, n = 0; k < argc; k++) {
			if (!strncmp(argv[k], "--", 2)) {
				k += takes_value(args, argv[k], &val);
				continue;
			}
			if (n == w->n || !same(&w->v[n], argv[k]))
				break;
			n++;
		}
		if (k >= argc && n < w->n)
			h(w->v[n].p, w->v[n].n, arg);
	}
}


void usage_next(const char *args, int argc, char *const argv[], usage_h *h,
		void *arg)
{
	struct word val;
	const char *e, *end;

	if (!args || argc < 0 || !h)
		return;

	if (argc && takes_value(args, argv[argc - 1], &val)) {
		end = val.p + val.n;
		for (; val.p < end; val.p = e + 1) {
			e = bar(val.p, end);
			h(val.p, (size_t)(e - val.p), arg);
		}
		return;
	}

	tell_words(args, argc, argv, h, arg);
	tell_options(args, argc, argv, h, arg);
}
