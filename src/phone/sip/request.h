/**
 * @file request.h  A request of ours: sent, challenged, sent again
 *
 * Used by REGISTER, INVITE, BYE, INFO and MESSAGE alike. Owned by its
 * stack until the final answer. If a server does not answer, refuses the
 * connection or says 503, the next one that RFC 3263 names is tried; the
 * handler hears of the last one only. Adds Contact and credentials when the
 * transport is known, which is when the bytes leave.
 */
#ifndef OFFHOOK_REQUEST_H
#define OFFHOOK_REQUEST_H

#include "common/re_compat.h"

struct stack;
struct request;

/**
 * An INVITE went on to another server, and now the one before has answered
 * with 2xx as well
 *
 * @param own  As in struct request_conf
 */
typedef void (request_late_h)(const struct sip_msg *msg, void *own);

enum {
	REQUEST_CONTACT  = 1 << 0,  /**< Adds Contact                      */
	REQUEST_AUTH     = 1 << 1,  /**< A challenge may be answered       */
	REQUEST_DIALOG   = 1 << 2,  /**< In a dialog: credentials only if
					 the next hop is our server        */
	REQUEST_REGISTER = 1 << 3   /**< Challenged by the registrar       */
};

struct request_conf {
	const char *met;            /**< String constant                   */
	struct sip_dialog *dlg;     /**< Referenced                        */
	unsigned flags;
	const char *hdrs;           /**< More header lines, or NULL; copied */
	const char *ctype;          /**< Of the body; copied               */
	struct mbuf *body;          /**< Or NULL; referenced               */
	sip_resp_h *resph;          /**< Provisional answers (of INVITE),
					 then once the final one           */
	void *arg;
	void *own;                  /**< Dies with the request, or NULL    */
	request_late_h *lateh;      /**< Of an INVITE, else NULL           */
};

/**
 * @param reqp  If not NULL: set, and set to NULL when the request ends
 *
 * @return 0, or an error: then nothing was sent and resph is not called
 */
int request_send(struct request **reqp, struct stack *stack,
		 const struct request_conf *conf);

/** Let it run on; resph is not called any more */
void request_forget(struct request *req);

/** Is its next hop still being looked up? */
bool request_resolving(const struct request *req);

/** CANCEL (RFC 3261 9.1: goes out after a provisional answer, not before) */
void request_cancel(struct request *req);

/** End all requests of a stack without a word to anyone */
void request_flush(struct stack *stack);

/** A sentence for the final answer of a request, or its error */
void request_reason(char *buf, size_t size, const struct stack *stack,
		    int err, const struct sip_msg *msg);

#endif
