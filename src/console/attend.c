/**
 * @file attend.c  Something wants attention: bell and notification as set
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "console.h"
#include "screen.h"
#include "spawn.h"


static int minute_of_day(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) ? tm.tm_hour * 60 + tm.tm_min : 0;
}


/* Nobody may ring: then nothing else makes a noise either */
static bool disturb(const struct console *c)
{
	json_t *row;
	size_t i;

	json_array_foreach(c->config, i, row) {
		if (!strcmp(obj_str(row, "key"), "call.dnd"))
			return strcmp(obj_str(row, "value"), "true") != 0;
	}

	return true;
}


void attend(struct console *c, enum attention_event ev, const char *title,
	    const char *text)
{
	const struct attention *a = &c->prefs.attention;
	int minute = minute_of_day();
	char both[2048];

	if (!disturb(c))
		return;
	if (attention_bell(a, ev, minute))
		screen_bell();
	if (!attention_notify(a, ev, minute))
		return;

	if (a->how != NOTIFY_COMMAND) {
		screen_notify(a->how, title, text);
		return;
	}

	/* On its standard input: everybody can read the arguments */
	(void)snprintf(both, sizeof(both), "%s\n%s\n", title, text);
	(void)spawn_text(c->prefs.notify_command, both);
}
