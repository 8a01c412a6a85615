/**
 * @file subscription.h  SUBSCRIBE and NOTIFY, the subscriber's side (RFC 6665)
 *
 * Keeps one subscription to one event package at one address alive:
 * refreshes it, makes it anew when the other side has lost it, waits when
 * it is told to, and gives up when it is told that there is nothing to be
 * had. What a notification says is the business of whoever asked for it.
 * Main loop.
 */
#ifndef OFFHOOK_SUBSCRIPTION_H
#define OFFHOOK_SUBSCRIPTION_H

#include "common/re_compat.h"

struct stack;
struct subscription;

enum subscription_state {
	SUBSCRIPTION_TRYING,     /**< Nothing was heard yet, or again     */
	SUBSCRIPTION_PENDING,    /**< Taken, not allowed yet              */
	SUBSCRIPTION_ACTIVE,
	SUBSCRIPTION_WAITING,    /**< Failed: tries again by itself       */
	SUBSCRIPTION_ENDED       /**< Refused for good                    */
};

struct subscription_conf {
	const char *uri;         /**< Of whom; copied                     */
	const char *event;       /**< "message-summary"; string constant  */
	const char *accept;      /**< Content type; string constant       */
	uint32_t expires;        /**< Seconds to ask for                  */
};

/**
 * A notification with a body of the type that was asked for, or without
 * one (RFC 6665 4.1.3: there is nothing to tell)
 *
 * @param body  Its bytes, hostile; not terminated
 * @param len   Number of them, 0: there is no body
 */
typedef void (subscription_notify_h)(const char *body, size_t len, void *arg);

/** The state changed; from the loop */
typedef void (subscription_h)(struct subscription *sub, void *arg);

/**
 * Subscribe, and stay so
 *
 * @param subp  Subscription, free with mem_deref() (which says good-bye)
 *
 * @return 0 if success, otherwise errorcode (EINVAL: bad address)
 */
int subscription_alloc(struct subscription **subp, struct stack *stack,
		       const struct subscription_conf *conf,
		       subscription_notify_h *notifyh, subscription_h *h,
		       void *arg);

/** Ask for the whole state once more */
void subscription_refresh(struct subscription *sub);

enum subscription_state subscription_state(const struct subscription *sub);
const char *subscription_state_name(const struct subscription *sub);

/** SIP code and sentence of the last failure; 0, "" */
uint16_t subscription_code(const struct subscription *sub);
const char *subscription_reason(const struct subscription *sub);

/** A NOTIFY came in; false: it belongs to no subscription */
bool subscription_notified(struct stack *stack, const struct sip_msg *msg);

#endif
