/**
 * @file events.h  The bus: what happened, told to whoever listens
 *
 * A room publishes what it changed; the RPC server and nobody below it
 * turns that into notifications. Delivery is at once and in order, on the
 * main loop. A handler must not free the publisher.
 */
#ifndef OFFHOOK_EVENTS_H
#define OFFHOOK_EVENTS_H

#include "common/re_compat.h"

enum event_type {
	EVENT_ACCOUNT,           /**< obj: struct account                */
	EVENT_ACCOUNT_REMOVED,   /**< id                                 */
	EVENT_CALL,              /**< obj: struct call                   */
	EVENT_CALL_REMOVED,      /**< id                                 */
	EVENT_MESSAGE,           /**< id of a message                    */
	EVENT_CONVERSATION,      /**< id of a conversation               */
	EVENT_CONTACT,           /**< obj: struct contact                */
	EVENT_CONTACT_REMOVED,   /**< text: its id                       */
	EVENT_CONTACT_RESET,
	EVENT_PRESENCE,          /**< How we are shown to others         */
	EVENT_LOG_ADDED,         /**< id of a call log row               */
	EVENT_LOG_CHANGED,
	EVENT_COUNTS,            /**< Missed calls or unread messages    */
	EVENT_CONFIG,            /**< text: the key                      */
	EVENT_NOTICE,            /**< id: enum log_level, text           */
	EVENT_TRACE,             /**< obj: struct trace_msg              */
	EVENT_CLOSING
};

struct event {
	enum event_type type;
	const void *obj;
	int64_t id;
	const char *text;
};

typedef void (event_h)(const struct event *ev, void *arg);

struct event_listener;

/** @param lp  Listener, mem_deref() ends it */
int event_listen(struct event_listener **lp, event_h *h, void *arg);

void event_publish(enum event_type type, const void *obj);
void event_publish_id(enum event_type type, int64_t id);
void event_publish_text(enum event_type type, const char *text);

/** A line for the user, with printf-like format of libre; also logged */
void event_notice(int level, const char *fmt, ...);

/** A notice that was given */
struct event_notice_row {
	int level;               /**< enum log_level                     */
	int64_t time;            /**< Unix seconds                       */
	char text[512];
};

/** i-th of the last notices, the oldest first; NULL behind the last */
const struct event_notice_row *event_notice_kept(unsigned i);

#endif
