/**
 * @file mailbox.h  Messages from one loop to the other
 */
#ifndef OFFHOOK_MAILBOX_H
#define OFFHOOK_MAILBOX_H

#include "common/re_compat.h"

struct mailbox;

/**
 * A message has come; runs on the loop that listens
 *
 * @param data  What was posted, freed after the handler
 */
typedef void (mailbox_h)(void *data);

/** Make a mailbox; any thread. Free with mem_deref() once both are quiet */
int mailbox_alloc(struct mailbox **mbp);

/** Deliver on the loop of the calling thread from now on; 0 or errorcode */
int mailbox_listen(struct mailbox *mb);

/** Stop delivering; same thread as mailbox_listen() */
void mailbox_ignore(struct mailbox *mb);

/**
 * Post a message; any thread, never waits
 *
 * @param mb    Mailbox
 * @param h     Handler, called on the listening loop
 * @param data  Memory object or NULL; the mailbox owns it from now on, also
 *              if posting fails
 *
 * @return 0 if success, otherwise errorcode
 */
int mailbox_post(struct mailbox *mb, mailbox_h *h, void *data);

#endif
