/**
 * @file hooks.h  Programs of the user's that hear of events
 *
 * CONFIG/hooks/NAME, for an event NAME of docs/rpc.md (call.changed,
 * chat.message, ...), is started with the event as one line of JSON on its
 * standard input. Main loop.
 */
#ifndef OFFHOOK_HOOKS_H
#define OFFHOOK_HOOKS_H

struct phone;

/** Listen to the bus from now on; 0 or errorcode */
int hooks_open(struct phone *ph);

/** Stop listening; what still runs (that the phone ends, say) goes on */
void hooks_close(void);

#endif
