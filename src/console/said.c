/**
 * @file said.c  What the message line said
 *
 * The line is one row high and the next key clears it. What it said stays
 * here for a while, to be read whole: :messages shows it, the last one first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "console.h"
#include "i18n.h"

enum { WHEN = 32 };


void said_add(struct said *s, const char *text)
{
	const size_t last = (s->at + SAID_MAX - 1) % SAID_MAX;
	char *copy;

	/* Again and again the same is one thing that was said */
	if (s->v[last].text && !strcmp(s->v[last].text, text)) {
		s->v[last].when = time(NULL);
		return;
	}
	copy = strdup(text);
	if (!copy)
		return;
	free(s->v[s->at].text);
	s->v[s->at].text = copy;
	s->v[s->at].when = time(NULL);
	s->at = (s->at + 1) % SAID_MAX;
}


void said_clear(struct said *s)
{
	size_t i;

	for (i = 0; i < SAID_MAX; i++)
		free(s->v[i].text);
	memset(s, 0, sizeof(*s));
}


static void print(FILE *f, const struct said *s)
{
	size_t i, at = s->at;
	char when[WHEN];
	struct tm tm;

	for (i = 0; i < SAID_MAX; i++) {
		at = (at + SAID_MAX - 1) % SAID_MAX;
		if (!s->v[at].text)
			break;
		if (!localtime_r(&s->v[at].when, &tm) ||
		    !strftime(when, sizeof(when), "%H:%M", &tm))
			when[0] = '\0';
		(void)fprintf(f, "%s  %s\n", when, s->v[at].text);
	}
}


static int cmd_messages(struct cmd *cmd, int argc, char *argv[])
{
	char *text = NULL;
	size_t len;
	FILE *f;
	(void)argv;

	if (argc != 1)
		return CMD_USAGE;

	f = open_memstream(&text, &len);
	if (!f)
		return CMD_FAILED;
	print(f, &cmd->console->said);
	if (!fclose(f)) {
		if (*text)
			notice_open(cmd->console, _("Messages"), text);
		else
			console_message(cmd->console, ROLE_DIM,
					"nothing was said yet");
	}
	free(text);

	return CMD_OK;
}


const struct command command_said_table[] = {
	{ "messages", "", N_("what the bottom line said, in full"),
	  cmd_messages, CMD_LINE | CMD_LOCAL, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
