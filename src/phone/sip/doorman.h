/**
 * @file doorman.h  Who is let in, before anybody looks at what he wants
 *
 * A phone that has a server hears nobody else: a scanner gets no answer,
 * not even a refusal. A direct phone hears all, but not more than a token
 * bucket allows (flood.h).
 */
#ifndef OFFHOOK_DOORMAN_H
#define OFFHOOK_DOORMAN_H

#include "common/re_compat.h"

struct stack;

/** What to do with a request */
enum doorman_verdict {
	DOORMAN_IN,
	DOORMAN_BUSY,            /**< Too many calls: 486, keep nothing  */
	DOORMAN_SILENT           /**< No word to him                     */
};

/** Stand at the datagram sockets of a stack, as soon as they are open */
int doorman_start(struct stack *stack);
void doorman_stop(struct stack *stack);

enum doorman_verdict doorman_check(struct stack *stack,
				   const struct sip_msg *msg);

/** The datagram that doorman_start() sent to learn the sockets; true: it
 *  was one, look no further at it */
bool doorman_own(struct stack *stack, const struct sip_msg *msg);

/** Send a datagram from the port we are known by */
int doorman_send(struct stack *stack, const struct sa *dst, const char *text);

/** Is this a list of addresses and networks? */
bool doorman_list_valid(const char *list);

/** Is the address on such a list? */
bool doorman_list_has(const char *list, const struct sa *sa);

#endif
