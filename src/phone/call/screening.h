/**
 * @file screening.h  Who may ring (pure)
 *
 * Rules and a caller in, a verdict out. Whoever is not wanted gets the
 * answer of a phone that nobody is near: it tells a scanner nothing.
 */
#ifndef OFFHOOK_SCREENING_H
#define OFFHOOK_SCREENING_H

#include "common/re_compat.h"

/** What the settings say; strings are never NULL */
struct screening_rules {
	bool dnd;                /**< Do not disturb                     */
	bool contacts_only;
	bool anonymous;          /**< Callers who hide may ring          */
	bool waiting;            /**< A second call may ring             */
	const char *block;       /**< Patterns, parted by commas         */
	const char *answer;      /**< Who is answered by itself          */
	const char *forward_always, *forward_busy;
	uint32_t ringing_max;
	uint32_t burst_max;      /**< Calls of one caller in a short time */
};

/** What is known of a caller; strings are never NULL */
struct screening_caller {
	const char *uri;         /**< Plain SIP URI                      */
	const char *contact;     /**< Its name if it is a contact, or "" */
	bool anonymous;
	bool asks_answer;        /**< Wants to be answered by itself     */
	bool trusted_path;       /**< By our server over verified TLS    */
	uint32_t ringing;        /**< Calls that ring already            */
	uint32_t up;             /**< Calls that are up or being dialled */
	uint32_t burst;          /**< Calls of this caller of late       */
};

enum screening_verdict {
	SCREENING_RING,
	SCREENING_ANSWER,        /**< After a short ring, muted at first */
	SCREENING_REFUSE,
	SCREENING_FORWARD
};

struct screening_result {
	enum screening_verdict verdict;
	uint16_t scode;          /**< If refused                         */
	const char *phrase;
	const char *why;         /**< A sentence for the log, or NULL:
					it is not worth a row            */
	bool missed;             /**< The row is that of a missed call   */
	const char *target;      /**< If forwarded                       */
};

struct screening_result screening_judge(const struct screening_rules *rules,
					const struct screening_caller *caller);

/**
 * Does a caller fit one of the patterns?
 *
 * A pattern is an address, a user or number alone, or a contact's name; in
 * it * stands for any text and ? for one character. Case does not count.
 *
 * @param patterns  Parted by commas
 */
bool screening_match(const char *patterns, const char *uri,
		     const char *contact);

enum { SCREENING_SOURCES = 128 };

/** How often somebody called of late; zero it at its start */
struct screening_sources {
	struct {
		uint32_t key;
		uint32_t level;          /**< Calls, one less each 10 s  */
		uint64_t at;             /**< ms                         */
	} v[SCREENING_SOURCES];
};

/** One call more from there; returns how many there were of late */
uint32_t screening_count(struct screening_sources *s, const char *source,
			 uint64_t now);

/** It was answered: it may call again as it likes */
void screening_forget(struct screening_sources *s, const char *source);

#endif
