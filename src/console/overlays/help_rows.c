/**
 * @file help_rows.c  The lines of the help, from the tables
 *
 * What a key does, in which group it stands and with whom it shares a line
 * is said by its row of the key table; keys that edit a line come from
 * line_edit.c, commands without a key from the command table. A key that the
 * panel in focus uses for something else is not named for what it does
 * elsewhere.
 */
#include "help_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "console/command.h"
#include "console/complete.h"
#include "console/i18n.h"
#include "console/line_edit.h"
#include "console/panel.h"

enum {
	ROUNDS = 4,             /* keys of one command that are named   */
	HIT = 1000,             /* the pattern as it stands ...         */
	HIT_BEGIN = 100         /* ... and at the beginning of a word   */
};

/** Keys on their way into a line */
struct key_list {
	char *buf;
	size_t size;
	key_code last;
	size_t run;             /* where the end of "0-9" stands, 0: no run */
};


static bool is_digits(const char *command)
{
	return !strncmp(command, "dtmf ", 5) || !strncmp(command, "dial ", 5);
}


/* Digits that follow one another are a range: 0-9, M-1..4 */
static void list_key(struct key_list *l, key_code key)
{
	const key_code plain = key & ~(key_code)KEY_META;
	const bool follows = l->last && key == l->last + 1 && plain > '0' &&
		plain <= '9';
	size_t n = strlen(l->buf);
	char name[16];

	if (follows) {
		if (!l->run)
			l->run = n;
		(void)snprintf(l->buf + l->run, l->size - l->run, "%s%c",
			       key & KEY_META ? ".." : "-", (int)plain);
		l->last = key;
		return;
	}

	key_label(name, sizeof(name), key);
	if (n && text_width(l->buf) + 1 + text_width(name) > HELP_KEYS)
		return;
	(void)snprintf(l->buf + n, l->size - n, "%s%s", n ? " " : "", name);
	l->last = key;
	l->run = 0;
}


/* Does this key do that, as seen from the panel in focus? */
static bool counts(const struct keymap *km, enum key_panel focus,
		   const struct key_row *k)
{
	const char *does;

	if (k->panel != KEYS_ANY)
		return k->panel == focus || k->group != GROUP_OWN;
	does = keymap_find(km, focus, k->key);

	return does && !strcmp(does, k->command);
}


/* Are both one line? */
static bool together(const struct key_row *a, const struct key_row *b,
		     bool joined)
{
	if (a->panel != b->panel || a->group != b->group)
		return false;
	if (!strcmp(a->command, b->command))
		return true;
	if (is_digits(a->command) || !strcmp(a->command, "dial"))
		joined = true;

	return joined && a->line && b->line && !strcmp(a->line, b->line);
}


/* Which key of its command this is */
static int ordinal(const struct keymap *km, const struct key_row *k)
{
	const struct key_row *other;
	size_t i;
	int n = 0;

	for (i = 0; (other = keymap_at(km, i)) && other != k; i++)
		n += other->panel == k->panel &&
			!strcmp(other->command, k->command);

	return n;
}


/* The first keys of all commands of the line, then their second ones ... */
static void row_keys(struct help_row *row, const struct keymap *km,
		     enum key_panel focus, size_t first, bool joined)
{
	struct key_list list = { row->keys, sizeof(row->keys), 0, 0 };
	const struct key_row *k, *head = keymap_at(km, first);
	int round;
	size_t i;

	row->keys[0] = '\0';
	for (round = 0; round < ROUNDS; round++) {
		for (i = first; (k = keymap_at(km, i)); i++) {
			if (together(head, k, joined) &&
			    counts(km, focus, k) && ordinal(km, k) == round)
				list_key(&list, k->key);
		}
	}
}


static struct help_row *row_add(struct help_rows *h, const char *command,
				const char *text)
{
	struct help_row *row;

	if (h->n == HELP_ROWS)
		return NULL;
	row = &h->v[h->n++];
	memset(row, 0, sizeof(*row));
	row->command = command;
	(void)snprintf(row->text, sizeof(row->text), "%s", text);

	return row;
}


/* Rows of keys; group GROUP_MAX: of all groups */
static void add_keys(struct help_rows *h, const struct keymap *km,
		     enum key_panel focus, enum key_group group, bool joined)
{
	const struct key_row *k, *before;
	struct help_row *row;
	const char *text;
	size_t i, j;

	for (i = 0; (k = keymap_at(km, i)); i++) {
		if ((group != GROUP_MAX && k->group != group) ||
		    (!joined && k->panel == KEYS_TYPING) ||
		    !counts(km, focus, k))
			continue;
		for (j = 0; j < i; j++) {
			before = keymap_at(km, j);
			if (together(before, k, joined) &&
			    counts(km, focus, before))
				break;
		}
		text = joined ? k->line : k->help;
		row = j < i ? NULL : row_add(h, k->command, text ?
					     i18n_text(text) : k->command);
		if (!row)
			continue;
		row->group = k->group;
		if (is_digits(k->command)) {
			row->ask = k->command[1] == 't';
			row->command = row->ask ? "dtmf" : "dial";
		}
		row_keys(row, km, focus, i, joined);
		if (k->panel < KEYS_ANY && k->panel != focus) {
			size_t n = strlen(row->text);

			(void)snprintf(row->text + n, sizeof(row->text) - n,
				       " (%s)", i18n_text(panel_row(
				       (enum panel)k->panel)->title));
		}
	}
}


static void add_editing(struct help_rows *h)
{
	const struct line_help *line;
	struct help_row *row;
	size_t i;

	for (i = 0; (line = line_edit_help(i)); i++) {
		row = row_add(h, NULL, i18n_text(line->text));
		if (!row)
			return;
		row->group = GROUP_TYPING;
		(void)snprintf(row->keys, sizeof(row->keys), "%s",
			       line->keys);
	}
}


static bool has_row(const struct help_rows *h, const struct keymap *km,
		    const char *command)
{
	const struct key_row *k;
	size_t i;

	for (i = 0; i < h->n; i++) {
		if (h->v[i].command && !strcmp(h->v[i].command, command))
			return true;
	}
	/* Joined ones are named by their first only */
	for (i = 0; (k = keymap_at(km, i)); i++) {
		if (!strcmp(k->command, command))
			return true;
	}

	return false;
}


static void add_commands(struct help_rows *h, const struct keymap *km)
{
	const struct command *cmd;
	struct help_row *row;
	size_t i;

	for (i = 0; (cmd = command_at(i)); i++) {
		if (!(cmd->flags & CMD_LINE) || (cmd->flags & CMD_HIDDEN) ||
		    has_row(h, km, cmd->name))
			continue;
		row = row_add(h, cmd->name, i18n_text(cmd->help));
		if (!row)
			return;
		row->group = GROUP_MAX;
		row->ask = *cmd->args && *cmd->args != '[';
		(void)snprintf(row->keys, sizeof(row->keys), ":%s",
			       cmd->name);
	}
}


static enum key_group first_group(enum key_panel focus)
{
	switch (focus) {

	case KEYS_CONTACTS:
	case KEYS_LOG:
		return GROUP_LISTS;
	case KEYS_CHAT:
		return GROUP_CHAT;
	case KEYS_CALL:
		return GROUP_CALL;
	default:
		return GROUP_ANYWHERE;
	}
}


void help_rows_grouped(struct help_rows *h, const struct keymap *km,
		       enum key_panel focus)
{
	const enum key_group first = first_group(focus);
	int g, i;

	h->n = 0;
	for (i = -1; i < GROUP_MAX; i++) {
		g = i < 0 ? (int)first : i;
		if (i == (int)first)
			continue;
		add_keys(h, km, focus, (enum key_group)g, true);
		if (g == GROUP_TYPING)
			add_editing(h);
	}
	add_commands(h, km);
}


/* As it stands in the text, else letter by letter; -1: not at all */
static int score(const char *pattern, const char *text)
{
	char *folded = text_fold(text);
	const char *at = folded ? strstr(folded, pattern) : NULL;
	int n;

	if (at)
		n = HIT + (at == folded || at[-1] == ' ' ? HIT_BEGIN : 0) -
			(int)(at - folded);
	else
		n = folded ? complete_score(pattern, folded) : -1;
	free(folded);

	return n;
}


static int better(const void *a, const void *b)
{
	const struct help_row *x = a, *y = b;

	return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}


void help_rows_found(struct help_rows *h, const struct keymap *km,
		     enum key_panel focus, const char *pattern)
{
	char *folded = text_fold(pattern);
	size_t i, n = 0;

	h->n = 0;
	add_keys(h, km, focus, GROUP_MAX, false);
	add_editing(h);
	add_commands(h, km);
	for (i = 0; folded && i < h->n; i++) {
		struct help_row *row = &h->v[i];
		int by_name = row->command ? score(folded, row->command) : -1;

		row->score = score(folded, row->text);
		if (by_name > row->score)
			row->score = by_name;
		if (row->score < 0)
			continue;
		/* No two alike: equal ones keep their order */
		row->score = row->score * HELP_ROWS + HELP_ROWS - (int)i;
		h->v[n++] = *row;
	}
	h->n = n;
	qsort(h->v, h->n, sizeof(h->v[0]), better);
	free(folded);
}
