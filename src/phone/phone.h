/**
 * @file phone.h  What the phone is made of: the rooms, wired once
 */
#ifndef OFFHOOK_PHONE_H
#define OFFHOOK_PHONE_H

#include "common/paths.h"
#include "common/re_compat.h"

struct config;
struct db;
struct contacts;
struct accounts;
struct calls;
struct lamps;
struct presence;
struct chat;
struct netwatch;

struct phone {
	struct paths paths;
	const char *profile;         /**< As given, or NULL              */
	int64_t started;             /**< Unix seconds                   */
	struct config *config;
	struct db *db;               /**< NULL: the store could not open */
	struct contacts *contacts;
	struct netwatch *netwatch;
	struct accounts *accounts;
	struct calls *calls;
	struct chat *chat;
	struct lamps *lamps;
	struct presence *presence;
	struct event_listener *listener;
	bool closing;
	bool plugins_known;          /**< Loaded when they are needed    */
	bool store_open;             /**< And the contacts               */
	void (*quith)(void);         /**< Ends the phone                 */
};

/**
 * Wire the rooms above the settings: accounts first, so that SIP answers
 * before anything slow is opened; the rest waits for phone_prepare().
 *
 * @param ph       Phone, zeroed but for paths, profile, config and quith
 *
 * @return 0 if success, otherwise errorcode
 */
int phone_open(struct phone *ph);

/** Know the plugins */
void phone_plugins(struct phone *ph);

/** Know the plugins, open the store and the contacts; somebody is there */
void phone_prepare(struct phone *ph);

/** End calls, de-register, then call doneh (after at most 2 s) */
void phone_stop(struct phone *ph, void (*doneh)(void *arg), void *arg);

/** Free all rooms, in reverse */
void phone_close(struct phone *ph);

/**
 * Change a setting and have the rooms follow
 *
 * @param ph     Phone
 * @param key    Name of the setting
 * @param value  Its new value
 * @param buf    Set to what is wrong, if it is refused
 * @param size   Size of buf
 *
 * @return 0 if success, otherwise errorcode
 */
int phone_set(struct phone *ph, const char *key, const char *value,
	      char *buf, size_t size);

/** Give the busy lamps their setting */
void phone_apply_lamps(struct phone *ph);

/** Give the trace its setting */
void phone_apply_trace(struct phone *ph);

/** Give the media room its settings */
void phone_apply_audio(struct phone *ph);

/** What doctor says of one thing */
typedef void (doctor_h)(const char *name, bool ok, const char *text,
			void *arg);

/** What is wrong and how to mend it (doctor.c) */
void doctor_run(const struct phone *ph, doctor_h *h, void *arg);

#endif
