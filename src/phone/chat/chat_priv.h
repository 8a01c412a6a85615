/**
 * @file chat_priv.h  What chat.c and delivery.c share
 */
#ifndef OFFHOOK_CHAT_PRIV_H
#define OFFHOOK_CHAT_PRIV_H

#include "phone/chat/chat.h"

struct chat {
	const struct config *config;
	struct accounts *accounts;
	struct db *db;                   /**< NULL until the store is up */
	chat_prepare_h *prepareh;
	void *prepare_arg;
	uint64_t echo_due;               /**< Jiffies: when one may go   */
	struct list deliveryl;           /**< struct delivery, owned     */
};

/** Send a stored message; its state follows the answer */
int delivery_start(struct chat *chat, struct account *acc, int64_t id,
		   int64_t conversation, const char *uri, const char *text);

/** Tell the peer that its message arrived (RFC 5438); no state, no retry */
int delivery_notify(struct chat *chat, struct account *acc, const char *uri,
		    const char *message_id);

/** The peer told what became of our message (IMDN) */
void delivery_report(struct chat *chat, int64_t conversation,
		     const uint8_t *body, size_t len);

/** The state of a message changed: store it, tell it */
void delivery_state(struct chat *chat, int64_t id, int64_t conversation,
		    int state, uint16_t scode, const char *reason);

#endif
