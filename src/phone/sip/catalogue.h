/**
 * @file catalogue.h  Every failure: what it means, and what to do next
 *
 * One table for calls, registrations, messages and subscriptions: a SIP
 * code or an error in a context has a sentence, and the sentence has an
 * advice. An advice is found by the sentence as well, so that a row of the
 * log read back after months still knows what could be done. Pure.
 */
#ifndef OFFHOOK_CATALOGUE_H
#define OFFHOOK_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

/** What failed */
enum catalogue_context {
	CATALOGUE_CALL      = 1 << 0,
	CATALOGUE_REGISTER  = 1 << 1,
	CATALOGUE_MESSAGE   = 1 << 2,
	CATALOGUE_EVENT     = 1 << 3,   /**< SUBSCRIBE                    */
	CATALOGUE_ANY       = 15
};

struct catalogue_entry {
	unsigned contexts;
	uint16_t scode;          /**< SIP code, 0: none                   */
	int err;                 /**< Error code, 0: none                 */
	const char *text;        /**< The sentence; `*` stands for what
				      differs from case to case           */
	const char *advice;      /**< What to do, "" if there is nothing  */
};

/** Context of a SIP method: "INVITE", "REGISTER", ... (len bytes) */
unsigned catalogue_context(const char *met, size_t len);

/** Entry of a SIP code, NULL if it has none */
const struct catalogue_entry *catalogue_code(unsigned context,
					     uint16_t scode);

/** Entry of an error code, NULL if it has none */
const struct catalogue_entry *catalogue_error(int err);

/**
 * What to do about a failure that was told
 *
 * @param scode  SIP code, 0: none is known
 * @param text   Sentence it was told with
 *
 * @return Advice, "" if there is none
 */
const char *catalogue_advice(uint16_t scode, const char *text);

/** i-th entry, NULL behind the last */
const struct catalogue_entry *catalogue_at(size_t i);

#endif
