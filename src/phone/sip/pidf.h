/**
 * @file pidf.h  How somebody is: presence documents (RFC 3863, RFC 4480)
 *
 * Pure: application/pidf+xml in, one of five words and a note out; and the
 * way back. A document may have many tuples, one a device: whoever is there
 * with one of them is there.
 */
#ifndef OFFHOOK_PIDF_H
#define OFFHOOK_PIDF_H

#include "common/re_compat.h"

/** Most bytes of a note, with the NUL; a longer one is none */
enum { PIDF_NOTE = 256 };

#define PIDF_TYPE "application/pidf+xml"

enum presence_state {
	PRESENCE_UNKNOWN,        /**< Nothing was told                    */
	PRESENCE_ONLINE,
	PRESENCE_AWAY,
	PRESENCE_BUSY,
	PRESENCE_OFFLINE
};

struct pidf {
	enum presence_state state;
	char note[PIDF_NOTE];    /**< In their words; UTF-8, not cleaned  */
};

/** "online"; "unknown" if it is none of them */
const char *presence_name(enum presence_state state);

/** @return 0, ENOENT: there is no such state */
int presence_value(const char *name, enum presence_state *statep);

/**
 * Take a document
 *
 * @param pd    What it says; unchanged on error
 * @param body  Document, hostile
 * @param len   Its bytes
 *
 * @return 0 if success, EBADMSG: it is none, ENOMEM
 */
int pidf_decode(struct pidf *pd, const char *body, size_t len);

/**
 * Write a document of one tuple
 *
 * @param mb      Appended to
 * @param entity  Whose it is: "sip:alice@example.org"
 * @param id      Name of the tuple, the same for the life of this phone: a
 *                letter, then letters and digits
 * @param pd      What it says
 * @param call    Busy because of a call (RFC 4480: on-the-phone)
 *
 * @return 0 if success, otherwise errorcode
 */
int pidf_encode(struct mbuf *mb, const char *entity, const char *id,
		const struct pidf *pd, bool call);

#endif
