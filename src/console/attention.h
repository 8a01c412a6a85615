/**
 * @file attention.h  Which event makes a noise, and when
 *
 * Pure: what happened and the time of day in, bell and notification out.
 */
#ifndef OFFHOOK_ATTENTION_H
#define OFFHOOK_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

/** What wants attention; bits of a set */
enum attention_event {
	ATTENTION_RING    = 1,  /**< A call comes in                    */
	ATTENTION_MESSAGE = 2,
	ATTENTION_MISSED  = 4,
	ATTENTION_FAILED  = 8,  /**< An account lost its registration   */
	ATTENTION_ALL     = 15
};

/** How the desktop is told */
enum attention_how {
	NOTIFY_OFF, NOTIFY_OSC9, NOTIFY_OSC777, NOTIFY_OSC99, NOTIFY_COMMAND
};

struct attention {
	unsigned bells;         /**< Events that ring the bell          */
	unsigned tells;         /**< Events the desktop is told of      */
	enum attention_how how;
	bool quiet;             /**< There are quiet hours              */
	int from, to;           /**< Minutes of the day, from may be later */
};

/** The bell for calls, and nothing else */
void attention_init(struct attention *a);

/** Does the event ring the bell at this minute of the day? */
bool attention_bell(const struct attention *a, enum attention_event ev,
		    int minute);

/** The same for the desktop */
bool attention_notify(const struct attention *a, enum attention_event ev,
		      int minute);

/** "ring,message", "all" or "off"; 0 or EINVAL, the set is unchanged then */
int attention_parse(unsigned *setp, const char *text);
void attention_print(char *buf, size_t size, unsigned set);

int attention_how_parse(enum attention_how *howp, const char *text);
const char *attention_how_name(enum attention_how how);

/** "22:00-07:00" or "off"; 0 or EINVAL */
int attention_quiet_parse(struct attention *a, const char *text);
void attention_quiet_print(char *buf, size_t size, const struct attention *a);

#endif
