/**
 * @file publish.h  PUBLISH: state of ours, kept at our server (RFC 3903)
 *
 * A publication is a document that the server holds under a name it gave
 * (entity tag) until it expires. It is refreshed before that, replaced when
 * the document changes, made anew when the server has lost it (412), and
 * taken back at the end. One request at a time: what changes meanwhile is
 * sent after the answer, the last change only. Main loop.
 */
#ifndef OFFHOOK_PUBLISH_H
#define OFFHOOK_PUBLISH_H

#include "common/re_compat.h"

struct publication;
struct stack;

enum publication_state {
	PUBLICATION_TRYING,      /**< The server has not answered yet     */
	PUBLICATION_ACTIVE,      /**< The server has the document         */
	PUBLICATION_WAITING,     /**< Failed: tries again by itself       */
	PUBLICATION_REFUSED      /**< Refused for good                    */
};

struct publication_conf {
	const char *event;       /**< "presence"; string constant         */
	const char *ctype;       /**< Of the document; string constant    */
	uint32_t expires;        /**< Seconds to ask for                  */
};

/** The state changed; from the loop */
typedef void (publication_h)(struct publication *pub, void *arg);

/**
 * Publish at the stack's own address; nothing is sent before the first
 * publication_set()
 *
 * @param pubp   Publication; mem_deref() takes the document back from the
 *               server (sent at once, the answer interests nobody)
 * @param stack  Stack of a registered account, referenced
 * @param conf   What
 * @param h      Called when its state changes, may drop it; or NULL
 * @param arg    Handler argument
 *
 * @return 0, EINVAL, ENOMEM
 */
int publication_alloc(struct publication **pubp, struct stack *stack,
		      const struct publication_conf *conf, publication_h *h,
		      void *arg);

/**
 * This is how it stands now; the same document again sends nothing
 *
 * @param body  Document, copied
 *
 * @return 0, EINVAL, ENOMEM
 */
int publication_set(struct publication *pub, const struct mbuf *body);

enum publication_state publication_state(const struct publication *pub);
const char *publication_state_name(const struct publication *pub);

/** Code and sentence why it is not active; 0 and "" if it is */
uint16_t publication_code(const struct publication *pub);
const char *publication_reason(const struct publication *pub);

/* ---- pure: what an answer means ------------------------------------------*/

enum publish_next {
	PUBLISH_DONE,            /**< Held: refresh in time               */
	PUBLISH_ANEW,            /**< Lost: whole, without a tag, at once */
	PUBLISH_LONGER,          /**< Ask for more seconds, at once       */
	PUBLISH_LATER,           /**< Try again after a while             */
	PUBLISH_NEVER            /**< The server does not do this         */
};

/**
 * @param scode    Final status
 * @param tagged   The request named a tag
 * @param etag     The answer has a tag that can stand in a header
 * @param asked    Seconds asked for
 * @param min      Min-Expires, 0: there was none
 * @param hurried  The request was itself sent at once after an answer
 */
enum publish_next publish_next(uint16_t scode, bool tagged, bool etag,
			       uint32_t asked, uint32_t min, bool hurried);

/** Can it stand in SIP-If-Match? A token (RFC 3903 11.1) of sane length */
bool publish_etag_valid(const struct pl *etag);

#endif
