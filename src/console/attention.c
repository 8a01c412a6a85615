/**
 * @file attention.c  Which event makes a noise, and when
 */
#include "attention.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/table.h"

enum { DAY = 24 * 60 };

static const struct table_name events[] = {
	{ "ring", ATTENTION_RING }, { "message", ATTENTION_MESSAGE },
	{ "missed", ATTENTION_MISSED }, { "failed", ATTENTION_FAILED },
	{ NULL, 0 }
};

static const struct table_name hows[] = {
	{ "off", NOTIFY_OFF }, { "osc9", NOTIFY_OSC9 },
	{ "osc777", NOTIFY_OSC777 }, { "osc99", NOTIFY_OSC99 },
	{ "command", NOTIFY_COMMAND }, { NULL, 0 }
};


void attention_init(struct attention *a)
{
	memset(a, 0, sizeof(*a));
	a->bells = ATTENTION_RING;
	a->tells = ATTENTION_ALL;
}


/* From 22:00 to 07:00 goes over midnight */
static bool quiet(const struct attention *a, int minute)
{
	if (!a->quiet)
		return false;
	if (a->from <= a->to)
		return minute >= a->from && minute < a->to;

	return minute >= a->from || minute < a->to;
}


bool attention_bell(const struct attention *a, enum attention_event ev,
		    int minute)
{
	return (a->bells & (unsigned)ev) && !quiet(a, minute);
}


bool attention_notify(const struct attention *a, enum attention_event ev,
		      int minute)
{
	return a->how != NOTIFY_OFF && (a->tells & (unsigned)ev) &&
		!quiet(a, minute);
}


int attention_parse(unsigned *setp, const char *text)
{
	unsigned set = 0;

	if (!strcmp(text, "off") || !strcmp(text, "all")) {
		*setp = *text == 'o' ? 0 : ATTENTION_ALL;
		return 0;
	}

	while (*text) {
		size_t n = strcspn(text, ", ");
		char word[16];
		int value;

		if (!n || n >= sizeof(word))
			return EINVAL;
		memcpy(word, text, n);
		word[n] = '\0';
		if (table_value(events, word, &value))
			return EINVAL;
		set |= (unsigned)value;
		text += n;
		text += strspn(text, ", ");
	}
	if (!set)
		return EINVAL;
	*setp = set;

	return 0;
}


void attention_print(char *buf, size_t size, unsigned set)
{
	size_t i, n = 0;

	(void)snprintf(buf, size, "%s", set ? "" : "off");
	for (i = 0; events[i].name; i++) {
		int k;

		if (!(set & (unsigned)events[i].value))
			continue;
		k = snprintf(buf + n, size - n, "%s%s", n ? "," : "",
			     events[i].name);
		if (k < 0 || (size_t)k >= size - n)
			return;
		n += (size_t)k;
	}
}


int attention_how_parse(enum attention_how *howp, const char *text)
{
	int value, err;

	if (!strcmp(text, "none"))
		text = "off";
	err = table_value(hows, text, &value);
	if (err)
		return EINVAL;
	*howp = (enum attention_how)value;

	return 0;
}


const char *attention_how_name(enum attention_how how)
{
	return table_name(hows, (int)how);
}


/* HH:MM; the minute of the day, -1: it is none */
static int clock_time(const char *s)
{
	int h, m;

	if (strspn(s, "0123456789") != 2 || s[2] != ':' ||
	    strspn(s + 3, "0123456789") != 2)
		return -1;
	h = (s[0] - '0') * 10 + s[1] - '0';
	m = (s[3] - '0') * 10 + s[4] - '0';

	return h < 24 && m < 60 ? h * 60 + m : -1;
}


int attention_quiet_parse(struct attention *a, const char *text)
{
	int from, to;

	if (!strcmp(text, "off")) {
		a->quiet = false;
		return 0;
	}
	if (strlen(text) != 11 || text[5] != '-')
		return EINVAL;
	from = clock_time(text);
	to = clock_time(text + 6);
	if (from < 0 || to < 0)
		return EINVAL;
	a->quiet = true;
	a->from = from;
	a->to = to % DAY;

	return 0;
}


void attention_quiet_print(char *buf, size_t size, const struct attention *a)
{
	if (a->quiet)
		(void)snprintf(buf, size, "%02d:%02d-%02d:%02d", a->from / 60,
			       a->from % 60, a->to / 60, a->to % 60);
	else
		(void)snprintf(buf, size, "off");
}
