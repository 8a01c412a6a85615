/**
 * @file voicemail.h  Messages that wait in an account's mailbox (RFC 3842)
 *
 * Told by the server by itself, or subscribed to: always, never, or
 * (`auto`) when the answer to REGISTER says that the server tells of them.
 * Main loop.
 */
#ifndef OFFHOOK_VOICEMAIL_H
#define OFFHOOK_VOICEMAIL_H

#include "common/re_compat.h"
#include "phone/sip/message_summary.h"

struct account;
struct voicemail;

/**
 * @param mp   Mailbox, free with mem_deref()
 * @param acc  Account, borrowed: it owns the mailbox; has its stack
 */
int voicemail_alloc(struct voicemail **mp, struct account *acc);

/** The account is registered; does the server offer to tell? */
void voicemail_registered(struct voicemail *mb, bool offered);

/** What was told last; NULL: nothing yet */
const struct message_summary *voicemail_summary(const struct voicemail *mb);

/** "off", "told" (without being asked), or that of the subscription */
const char *voicemail_state(const struct voicemail *mb);

/** Why it does not work, "" if it does */
const char *voicemail_reason(const struct voicemail *mb);

#endif
