/**
 * @file chat.h  Conversations: messages in and out, their states
 *
 * What comes in is unwrapped, cleaned and stored before anybody hears of
 * it; what goes out is stored first and sent then, so that no crash loses
 * a line. Each message has its own state: queued, sent (the far server or
 * phone took it), delivered and read (the peer said so by IMDN), failed
 * with a reason. Main loop.
 */
#ifndef OFFHOOK_CHAT_H
#define OFFHOOK_CHAT_H

#include "common/re_compat.h"

struct chat;
struct config;
struct db;
struct account;
struct accounts;
struct contacts;

enum { CHAT_TEXT_MAX = 32768 };    /**< Longest message in bytes */

/** Called before the first message is looked at: the store must be there */
typedef void (chat_prepare_h)(void *arg);

/** @param chatp  Chat, free with mem_deref(); takes messages from the
 *                accounts */
int chat_alloc(struct chat **chatp, const struct config *config,
	       struct accounts *accounts, chat_prepare_h *prepareh,
	       void *arg);

/** The store came up: unsent messages of the last run become failed */
void chat_set_store(struct chat *chat, struct db *db);

/**
 * Send a line
 *
 * @param idp      Id of the message, state queued
 * @param acc      Account it goes out by
 * @param uri      SIP URI of the peer
 * @param name     Display name or ""
 * @param text     UTF-8, at most CHAT_TEXT_MAX bytes
 * @param why      Set to a sentence on error
 *
 * @return 0, EMSGSIZE, EINVAL: not text, ENODEV: no store
 */
int chat_send(int64_t *idp, struct chat *chat, struct account *acc,
	      const char *uri, const char *name, const char *text,
	      const char **why);

#endif
