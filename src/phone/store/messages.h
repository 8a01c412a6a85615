/**
 * @file messages.h  Conversations and their messages
 *
 * A conversation is one account and one peer URI. Ids are small integers.
 */
#ifndef OFFHOOK_MESSAGES_H
#define OFFHOOK_MESSAGES_H

#include "common/re_compat.h"

struct db;

enum message_state {
	MESSAGE_RECEIVED, MESSAGE_QUEUED, MESSAGE_SENT, MESSAGE_DELIVERED,
	MESSAGE_READ, MESSAGE_FAILED
};

/** Names as in docs/rpc.md: received queued sent delivered read failed */
const char *message_state_name(enum message_state state);

struct message_row {
	int64_t id;
	int64_t conversation;
	bool incoming;
	enum message_state state;
	int64_t time;            /**< Unix seconds                      */
	const char *text;        /**< UTF-8, cleaned                    */
	const char *remote_id;   /**< Call-ID or IMDN Message-ID, or "" */
	uint16_t scode;          /**< Of a failed one                   */
	const char *reason;      /**< Sentence of a failed one, or ""   */
	bool seen;
};

struct conversation_row {
	int64_t id;
	const char *account;     /**< AOR                               */
	const char *peer_uri;
	const char *peer_name;
	uint32_t unread;
	int64_t last_time;
	const char *last_text;
	bool last_incoming;
};

/** Find or make the conversation; name updates the row if not empty */
int conversation_get(struct db *db, const char *account,
		     const char *peer_uri, const char *peer_name,
		     int64_t *idp);

typedef bool (conversation_h)(const struct conversation_row *row, void *arg);

/** Newest first; id 0: all, else just that one (ENOENT) */
int conversation_list(struct db *db, int64_t id, conversation_h *h,
		      void *arg);

int message_add(struct db *db, const struct message_row *row, int64_t *idp);

/** ENOENT: no such message */
int message_set_state(struct db *db, int64_t id, enum message_state state,
		      uint16_t scode, const char *reason);

/** The id that the other side will name it by; ENOENT: no such message */
int message_set_remote(struct db *db, int64_t id, const char *remote_id);

typedef bool (message_h)(const struct message_row *row, void *arg);

/** Newest first, before: only ids below it (0: newest) */
int message_list(struct db *db, int64_t conversation, int64_t before,
		 uint32_t limit, message_h *h, void *arg);

int message_get(struct db *db, int64_t id, message_h *h, void *arg);

/** Find by the id the other side knows; ENOENT. Incoming duplicates, IMDN.
 *  conversation 0: any */
int message_find_remote(struct db *db, int64_t conversation,
			const char *remote_id, bool incoming, int64_t *idp);

/** All of a conversation were read */
int conversation_see(struct db *db, int64_t id);

/** Unread messages over all conversations */
int messages_unread(struct db *db, uint32_t *np);

/** Outgoing messages of an earlier run that never had an answer (queued):
 *  now failed. Those that a server took (sent) stay as they are */
int messages_fail_unsent(struct db *db, const char *reason);

#endif
