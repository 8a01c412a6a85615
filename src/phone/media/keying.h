/**
 * @file keying.h  Agreeing on keys on the media loop
 */
#ifndef OFFHOOK_KEYING_H
#define OFFHOOK_KEYING_H

#include "phone/module/module.h"

#include "rtp.h"

struct keying;

/** What became of it; info is borrowed. busy may have changed with it */
typedef void (keying_event_h)(enum crypto_event ev,
			      const struct crypto_info *info, void *arg);

/**
 * @param kp    Result; free with mem_deref(), before the flow
 * @param flow  Whose packets it is about, borrowed
 * @param h     Event handler; the keying may not be freed in it
 */
int keying_alloc(struct keying **kp, struct rtpflow *flow,
		 keying_event_h *h, void *arg);

/**
 * Begin, or go on after another negotiation
 *
 * @param mc     By which agreement; NULL: there is none
 * @param job    What was agreed on, borrowed
 * @param fresh  Another agreement than before, even if of the same kind
 *
 * @return 0 if success, otherwise errorcode
 */
int keying_start(struct keying *k, const struct media_crypto *mc,
		 struct crypto_job *job, bool fresh);

/** A handshake is under way: its packets should not wait */
bool keying_busy(const struct keying *k);

/** The user compared the words */
void keying_confirm(struct keying *k, bool same);

#endif
