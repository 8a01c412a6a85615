/**
 * @file notify.h  Events of the bus as notifications of the wire
 */
#ifndef OFFHOOK_RPC_NOTIFY_H
#define OFFHOOK_RPC_NOTIFY_H

#include <jansson.h>

struct phone;
struct event;

/** The notification for an event, new reference; NULL: none is due */
json_t *notify_event(const struct phone *ph, const struct event *ev);

/** A notification, for phone.describe and the manual page */
struct notify_row {
	const char *name;
	const char *params;      /**< What it carries, and when it comes */
};

/** All notifications, ended by name NULL */
extern const struct notify_row notify_rows[];

#endif
