/**
 * @file registration.h  REGISTER: keep the AOR bound to our contact
 *
 * Own, because libre's sipreg knows MD5 only. Refreshes at 90 % of what
 * the server granted, floor 30 s; on failure backs off with jitter
 * (2 s doubling to 120 s; backoff.h). Main loop.
 */
#ifndef OFFHOOK_REGISTRATION_H
#define OFFHOOK_REGISTRATION_H

#include "common/re_compat.h"

struct stack;
struct registration;

enum registration_state {
	REGISTRATION_OFF,        /**< Not registered, not trying       */
	REGISTRATION_TRYING,     /**< First attempt under way          */
	REGISTRATION_OK,         /**< Bound                            */
	REGISTRATION_FAILED      /**< Last attempt failed; see retry   */
};

/** The state changed, or the reason did */
typedef void (registration_h)(struct registration *reg, void *arg);

/**
 * @param regp     Registration, free with mem_deref() (which says nothing
 *                 to the server: call registration_stop() first)
 * @param stack    Stack, referenced
 * @param expires  Seconds to ask for
 */
int registration_alloc(struct registration **regp, struct stack *stack,
		       uint32_t expires, registration_h *h, void *arg);

int registration_start(struct registration *reg);

/** De-register; h is called with REGISTRATION_OFF when answered or after
 *  at most 2 s */
void registration_stop(struct registration *reg);

enum registration_state registration_state(const struct registration *reg);

/** Status code of the last final answer, 0 if none came */
uint16_t registration_code(const struct registration *reg);

/** One sentence why it is not registered; "" if it is */
const char *registration_reason(const struct registration *reg);

/** Did the server say that it tells of waiting messages (Allow-Events)? */
bool registration_tells_messages(const struct registration *reg);

/** Did the server say that it knows who is there (RFC 3856)? */
bool registration_tells_presence(const struct registration *reg);

/** Seconds until the next attempt or refresh, 0 if none is planned */
uint32_t registration_next(const struct registration *reg);

#endif
