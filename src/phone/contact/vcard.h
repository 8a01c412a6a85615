/**
 * @file vcard.h  vCard 3.0 and 4.0 (RFC 2426, 6350): lines in, lines out
 *
 * Pure: bytes to properties and back; no file, no loop. Unknown properties
 * are kept as they came, in their order.
 */
#ifndef OFFHOOK_VCARD_H
#define OFFHOOK_VCARD_H

#include "common/re_compat.h"

struct vcard;

/**
 * Parse the first card in a text
 *
 * @param vcp  Card, free with mem_deref()
 *
 * @return 0, EBADMSG: no card, EMSGSIZE: over 1 MiB or 1,000 properties
 */
int vcard_decode(struct vcard **vcp, const char *s, size_t len);

/** A new card: VERSION 4.0, UID */
int vcard_alloc(struct vcard **vcp, const char *uid);

/** Write the card folded at 75 bytes, CRLF */
int vcard_print(struct re_printf *pf, const struct vcard *vc);

/** i-th unescaped value of a property (IMPP, TEL, FN, ...), NULL if none */
const char *vcard_value(const struct vcard *vc, const char *name, size_t i);

/** Replace all properties of a name by these values (n 0: remove) */
int vcard_set(struct vcard *vc, const char *name, const char *const v[],
	      size_t n);

#endif
