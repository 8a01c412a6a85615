/**
 * @file complete.c  What a word could become
 *
 * The first word is a command; what comes after is what the command's row
 * says. Scores are small integers: a beginning counts more than the
 * beginning of a word, that more than neighbours.
 */
#include "complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "console.h"
#include "keymap.h"
#include "model.h"

enum { WORD_MAX = 256 };


int complete_score(const char *pattern, const char *text)
{
	const char *t = text;
	int score = 0, gap = 0;

	for (; *pattern; pattern++) {
		int c = tolower((unsigned char)*pattern);

		while (*t && tolower((unsigned char)*t) != c) {
			t++;
			gap = 1;
		}
		if (!*t)
			return -1;

		if (t == text)
			score += 8;
		else if (!gap)
			score += 4;
		else if (!isalnum((unsigned char)t[-1]))
			score += 3;
		gap = 0;
		t++;
	}

	return score * 4 + (*t ? 0 : 3);
}


void complete_clear(struct complete *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i].text);
		free(c->v[i].help);
	}
	memset(c, 0, sizeof(*c));
}


static void add_scored(struct complete *c, int score, const char *text,
		       const char *help)
{
	struct candidate *v = c->v;
	size_t i;

	if (score < 0)
		return;
	for (i = 0; i < c->n; i++) {
		if (!strcmp(v[i].text, text))
			return;
	}

	/* Equal ones keep the order they came in */
	for (i = c->n; i > 0 && v[i - 1].score < score; i--)
		;
	if (i == COMPLETE_MAX)
		return;
	if (c->n == COMPLETE_MAX) {
		c->n--;
		free(v[c->n].text);
		free(v[c->n].help);
	}
	memmove(v + i + 1, v + i, (c->n - i) * sizeof(*v));
	v[i].text = strdup(text);
	v[i].help = strdup(help);
	v[i].score = score;
	c->n++;
	if (!v[i].text || !v[i].help) {
		free(v[i].text);
		free(v[i].help);
		c->n--;
		memmove(v + i, v + i + 1, (c->n - i) * sizeof(*v));
	}
}


void complete_add(struct complete *c, const char *pattern, const char *text,
		  const char *help)
{
	add_scored(c, complete_score(pattern, text), text, help);
}


/* Quoted if the line would be split there */
static void add_quoted(struct complete *c, const char *pattern,
		       const char *text, const char *help, bool quote)
{
	char buf[WORD_MAX];
	int n;

	if (quote && strpbrk(text, " '\\\t") && !strchr(text, '"')) {
		n = snprintf(buf, sizeof(buf), "\"%s\"", text);
		if (n > 0 && (size_t)n < sizeof(buf))
			add_scored(c, complete_score(pattern, text), buf,
				   help);
		return;
	}
	complete_add(c, pattern, text, help);
}


static void add_targets(struct complete *c, const struct console *con,
			const char *pattern, bool quote)
{
	const struct m_contact *ct;
	const struct m_log *e;
	size_t i;

	for (i = 0; con && (ct = model_contact_at(con->model, i)); i++)
		add_quoted(c, pattern, ct->name, ct->uric ? ct->uris[0] : "",
			   quote);
	for (i = 0; con && i < 200 && (e = model_log_at(con->model, i)); i++) {
		if (!*e->peer.contact)
			add_quoted(c, pattern, e->peer.uri, e->peer.name,
				   quote);
	}
}


static void add_accounts(struct complete *c, const struct console *con,
			 const char *pattern)
{
	const struct m_account *a;
	size_t i;

	for (i = 0; con && (a = model_account_at(con->model, i)); i++)
		complete_add(c, pattern, a->address, a->state);
}


static void add_words(struct complete *c, const char *pattern,
		      const char *const words[])
{
	size_t i;

	for (i = 0; words[i]; i++)
		complete_add(c, pattern, words[i], "");
}


static void add_commands(struct complete *c, const char *pattern)
{
	const struct command *cmd;
	size_t i;

	for (i = 0; (cmd = command_at(i)); i++) {
		if ((cmd->flags & CMD_LINE) && !(cmd->flags & CMD_HIDDEN))
			complete_add(c, pattern, cmd->name, cmd->help);
	}
}


static void add_config(struct complete *c, const struct console *con,
		       const char *pattern)
{
	json_t *row;
	size_t i;

	if (!con)
		return;
	json_array_foreach(con->config, i, row)
		complete_add(c, pattern, obj_str(row, "key"),
			     obj_str(row, "help"));
}


/* n: which argument, 1 is the first */
static void add_arguments(struct complete *c, const struct console *con,
			  const struct command *cmd, int n,
			  const char *pattern)
{
	static const char *const accounts[] = {
		"new", "add", "edit", "remove", "test", NULL
	};
	static const char *const contacts[] = {
		"add", "edit", "remove", NULL
	};
	static const char *const configs[] = { "get", "set", "list", NULL };

	switch (cmd->complete) {

	case COMPLETE_TARGET:
		if (n == 1)
			add_targets(c, con, pattern, true);
		break;
	case COMPLETE_CONTACT:
		if (n == 1)
			add_words(c, pattern, contacts);
		else if (n == 2)
			add_targets(c, con, pattern, true);
		break;
	case COMPLETE_ACCOUNT:
		if (n == 1 && !strcmp(cmd->name, "account"))
			add_words(c, pattern, accounts);
		else
			add_accounts(c, con, pattern);
		break;
	case COMPLETE_CONFIG:
		if (n == 1)
			add_words(c, pattern, configs);
		else if (n == 2)
			add_config(c, con, pattern);
		break;
	case COMPLETE_SETTING:
		if (n == 1)
			console_complete_settings(c, pattern);
		break;
	case COMPLETE_THEME:
		if (con)
			console_complete_themes(c, con, pattern);
		break;
	case COMPLETE_PANEL:
		if (n == 1) {
			int p;

			for (p = KEYS_CONTACTS; p <= KEYS_RING; p++)
				complete_add(c, pattern, keymap_panel_name(
					     (enum key_panel)p), "");
		}
		else if (n == 3) {
			add_commands(c, pattern);
		}
		break;
	case COMPLETE_COMMAND:
		add_commands(c, pattern);
		break;
	case COMPLETE_NONE:
		break;
	}
}


/* Start of the word at pos, and how many words stand before it */
static size_t word_start(const char *line, size_t pos, int *before)
{
	size_t i, start = 0;
	char quote = '\0';
	bool in = false;

	*before = 0;
	for (i = 0; i < pos; i++) {
		if (!in && line[i] != ' ') {
			in = true;
			start = i;
		}
		if (quote ? line[i] == quote : line[i] == '"')
			quote = quote ? '\0' : line[i];
		else if (in && !quote && line[i] == ' ') {
			in = false;
			(*before)++;
		}
	}

	return in ? start : pos;
}


void complete_line(struct complete *c, const struct console *console,
		   const char *line, size_t pos)
{
	char pattern[WORD_MAX], name[WORD_MAX];
	const struct command *cmd;
	size_t n;
	int before;

	complete_clear(c);
	c->from = word_start(line, pos, &before);
	c->to = pos;
	n = pos - c->from;
	if (n >= sizeof(pattern))
		return;
	memcpy(pattern, line + c->from, n);
	pattern[n] = '\0';

	if (!before) {
		add_commands(c, pattern);
	}
	else {
		line += strspn(line, " ");
		n = strcspn(line, " ");
		if (n >= sizeof(name))
			return;
		memcpy(name, line, n);
		name[n] = '\0';
		cmd = command_find(name, CMD_LINE);
		if (cmd)
			add_arguments(c, console, cmd, before,
				      *pattern == '"' ? pattern + 1 : pattern);
	}
	c->sel = c->n;
}


void complete_target(struct complete *c, const struct console *console,
		     const char *line, size_t pos)
{
	complete_clear(c);
	c->to = pos;
	add_targets(c, console, line, false);
	c->sel = c->n;
}
