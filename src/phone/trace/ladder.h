/**
 * @file ladder.h  Messages of one call as a ladder: who, to whom, what
 *
 * Pure: reads messages, draws nothing. The first participant is this phone,
 * whatever address it used; the others are who it spoke to.
 */
#ifndef OFFHOOK_LADDER_H
#define OFFHOOK_LADDER_H

#include "trace.h"

enum {
	LADDER_MEMBERS = 8, LADDER_ROWS = 500,
	LADDER_TEXT = 256, LADDER_COLUMNS = 120
};

enum ladder_kind {
	LADDER_REQUEST, LADDER_PROGRESS, LADDER_GOOD, LADDER_BAD, LADDER_NOTE
};

struct ladder_row {
	uint64_t id;             /**< Of the message                      */
	int64_t time;            /**< Microseconds since 1970             */
	unsigned from, to;       /**< Participants                        */
	enum ladder_kind kind;
	bool again;              /**< The same message once more          */
	char text[LADDER_TEXT];  /**< "INVITE (SDP)", "180 Ringing"       */
};

struct ladder {
	char member[LADDER_MEMBERS][64];
	unsigned memberc;
	struct ladder_row *rowv;
	size_t rowc;
	size_t left_out;         /**< Oldest rows there was no room for   */
};

/**
 * Make the ladder of a Call-ID
 *
 * @param lp      Ladder, free with mem_deref()
 * @param callid  Call-ID
 *
 * @return 0 if success, otherwise errorcode (ENOENT: nothing is kept of it)
 */
int ladder_make(struct ladder **lp, const char *callid);

/** Name of a kind, as in docs/rpc.md */
const char *ladder_kind_name(enum ladder_kind kind);

/** Print what a message is: "INVITE (SDP)", "180 Ringing", or the note */
int ladder_text(struct re_printf *pf, const struct trace_msg *msg);

#endif
