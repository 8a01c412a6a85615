/**
 * @file message_summary.h  How many messages wait (RFC 3842)
 *
 * Pure: the body of a notification in, numbers out.
 */
#ifndef OFFHOOK_MESSAGE_SUMMARY_H
#define OFFHOOK_MESSAGE_SUMMARY_H

#include "common/re_compat.h"

enum { SUMMARY_MAX = 99999, SUMMARY_ACCOUNT = 256 };

struct message_summary {
	bool waiting;
	bool counted;            /**< There are counts of voice messages  */
	uint32_t fresh, old;     /**< Not heard yet, heard                */
	uint32_t urgent, urgent_old;
	char account[SUMMARY_ACCOUNT]; /**< Message-Account: a URI, or "" */
};

/**
 * Parse an application/simple-message-summary
 *
 * @return 0 if success, EBADMSG: it does not say whether one waits
 */
int message_summary_decode(struct message_summary *ms, const char *body,
			   size_t len);

#endif
