/**
 * @file dialog_info.h  What calls somebody has (RFC 4235)
 *
 * Pure: application/dialog-info+xml in, the state of a lamp out. A document
 * is whole or tells what changed; a struct dialog_info keeps what is known
 * and takes one after the other.
 */
#ifndef OFFHOOK_DIALOG_INFO_H
#define OFFHOOK_DIALOG_INFO_H

#include "common/re_compat.h"

enum { DIALOG_INFO_MAX = 16, DIALOG_INFO_ID = 128, DIALOG_INFO_URI = 256 };

enum lamp { LAMP_UNKNOWN, LAMP_FREE, LAMP_RINGING, LAMP_BUSY };

enum dialog_state {
	DIALOG_TERMINATED, DIALOG_TRYING, DIALOG_PROCEEDING, DIALOG_EARLY,
	DIALOG_CONFIRMED
};

struct dialog_entry {
	char id[DIALOG_INFO_ID];
	char callid[DIALOG_INFO_ID];
	char local_tag[DIALOG_INFO_ID], remote_tag[DIALOG_INFO_ID];
	char remote[DIALOG_INFO_URI];   /**< Where the far end is called  */
	bool recipient;                 /**< Is called; else it calls     */
	enum dialog_state state;
};

struct dialog_info {
	bool known;
	uint32_t version;
	struct dialog_entry v[DIALOG_INFO_MAX];
	size_t n;
};

/**
 * Take a document
 *
 * @param di    State so far; zeroed at first; unchanged on error
 * @param body  Document, hostile
 *
 * @return 0 if success, EBADMSG: it is none, EALREADY: it is an old one,
 *         ESTALE: one before it is missing, ask for the whole
 */
int dialog_info_decode(struct dialog_info *di, const char *body, size_t len);

/** What the lamp shows */
enum lamp dialog_info_lamp(const struct dialog_info *di);
const char *lamp_name(enum lamp lamp);

/** The call that rings there and can be picked up; NULL */
const struct dialog_entry *dialog_info_ringing(const struct dialog_info *di);

#endif
