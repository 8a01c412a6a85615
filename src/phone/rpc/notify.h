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

/** Names of all notifications, ended by NULL (phone.describe) */
extern const char *const notify_names[];

#endif
