/**
 * @file trace.h  What went over the wire as SIP, kept for a while
 *
 * A ring of the last messages of the phone, bounded by bytes. A secret is
 * masked before a message is kept (mask.h), so whatever reads the ring may
 * show it. Messages of calls have a share that no flood of others can take.
 * Main loop only.
 */
#ifndef OFFHOOK_TRACE_H
#define OFFHOOK_TRACE_H

#include "common/re_compat.h"

enum {
	TRACE_MESSAGE = 16384,   /**< Longest message kept whole          */
	TRACE_ACCOUNT = 96
};

/** A message, or a note of the phone about what it could not send */
struct trace_msg {
	struct le le;
	uint64_t id;             /**< Counts up, from 1                   */
	int64_t time;            /**< Microseconds since 1970             */
	bool note;               /**< buf is a sentence, no message       */
	bool tx;                 /**< We sent it                          */
	bool call;               /**< Of a call; else registration, ...   */
	enum sip_transp tp;
	struct sa src, dst;
	char account[TRACE_ACCOUNT];
	struct pl callid;        /**< Into buf; unset if there is none    */
	struct pl cseq;          /**< "1 INVITE"                          */
	struct pl branch;        /**< Of the first Via                    */
	size_t size;             /**< Bytes on the wire                   */
	size_t len;              /**< Bytes in buf, ended by NUL          */
	char buf[];
};

/**
 * Set how much is kept
 *
 * @param bytes  0: nothing, and nothing is listened to
 */
void trace_open(size_t bytes);

/** Forget everything, keep nothing any more */
void trace_close(void);

/** Forget everything */
void trace_clear(void);

/** Is anything kept? */
bool trace_is_on(void);

/** Bytes in use */
size_t trace_bytes(void);

/** A message was sent or came in; masked and copied */
void trace_add(const char *account, bool tx, enum sip_transp tp,
	       const struct sa *src, const struct sa *dst,
	       const uint8_t *pkt, size_t len);

/** Something was not sent, or got no answer: a sentence */
void trace_note(const char *account, const char *callid, const char *text);

/** The call with this Call-ID has that number in the phone */
void trace_name_call(const char *callid, uint32_t call);

/** and that row in the call log */
void trace_name_entry(const char *callid, int64_t entry);

/** Call-ID of a call (by its number, or its row); NULL: none is known */
const char *trace_callid(uint32_t call, int64_t entry);

/** Number of a call and row of the log of a Call-ID; 0: none */
uint32_t trace_call(const struct pl *callid, int64_t *entryp);

/** Called with a message; return true to stop */
typedef bool (trace_h)(const struct trace_msg *msg, void *arg);

/**
 * Go through the ring, oldest first
 *
 * @param callid  Only this Call-ID, or NULL
 * @param after   Only ids above it
 */
void trace_apply(const char *callid, uint64_t after, trace_h *h, void *arg);

/** Value of a header in the bytes of a message; compact: its short form or
 *  '\0'. ENOENT if it is not there */
int trace_header(struct pl *val, const char *buf, size_t len,
		 const char *name, char compact);

#endif
