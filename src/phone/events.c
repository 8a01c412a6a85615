/**
 * @file events.c  The bus
 *
 * A list of listeners and a loop over it. That is all there should be: no
 * queue, no thread, so that an event never tells of something older than
 * what a query would answer. Only notices are kept, the last few of them,
 * since nobody can ask for what a line said while no console was there.
 */
#include "events.h"

#include <time.h>

#include "common/log.h"


enum { NOTICES = 8 };

struct event_listener {
	struct le le;
	event_h *h;
	void *arg;
};

static struct list listeners;
static struct event_notice_row notices[NOTICES];
static unsigned noticec;                /* In all; the oldest go first   */


static void listener_destructor(void *arg)
{
	struct event_listener *l = arg;

	list_unlink(&l->le);
}


int event_listen(struct event_listener **lp, event_h *h, void *arg)
{
	struct event_listener *l;

	if (!lp || !h)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), listener_destructor);
	if (!l)
		return ENOMEM;

	l->h = h;
	l->arg = arg;
	list_append(&listeners, &l->le, l);

	*lp = l;

	return 0;
}


static void publish(const struct event *ev)
{
	struct le *le, *next;

	LIST_FOREACH_SAFE(&listeners, le, next)
	{
		struct event_listener *l = le->data;

		l->h(ev, l->arg);
	}
}


void event_publish(enum event_type type, const void *obj)
{
	const struct event ev = { .type = type, .obj = obj };

	publish(&ev);
}


void event_publish_id(enum event_type type, int64_t id)
{
	const struct event ev = { .type = type, .id = id };

	publish(&ev);
}


void event_publish_text(enum event_type type, const char *text)
{
	const struct event ev = { .type = type, .text = text };

	publish(&ev);
}


void event_notice(int level, const char *fmt, ...)
{
	struct event_notice_row *row = &notices[noticec++ % NOTICES];
	struct event ev = { .type = EVENT_NOTICE, .id = level };
	va_list ap;

	row->level = level;
	row->time = time(NULL);
	va_start(ap, fmt);
	(void)re_vsnprintf(row->text, sizeof(row->text), fmt, ap);
	va_end(ap);

	if (level >= LOGL_WARNING)
		warning("%s\n", row->text);
	else
		info("%s\n", row->text);

	ev.text = row->text;
	publish(&ev);
}


const struct event_notice_row *event_notice_kept(unsigned i)
{
	unsigned kept = noticec < NOTICES ? noticec : NOTICES;

	return i < kept ? &notices[(noticec - kept + i) % NOTICES] : NULL;
}
