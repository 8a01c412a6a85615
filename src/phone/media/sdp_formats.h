/**
 * @file sdp_formats.h  The payload types of an audio line (RFC 3264 8.3)
 *
 * Which codec has which number, in our offers and in what was agreed on.
 * Main loop.
 */
#ifndef OFFHOOK_SDP_FORMATS_H
#define OFFHOOK_SDP_FORMATS_H

#include "sdp.h"

/**
 * Put the codecs of the setting, in its order, and the events of their
 * clock rates into a new line
 *
 * @param m       Audio line
 * @param codecs  "opus,PCMU,PCMA"
 *
 * @return 0 if success, otherwise errorcode (ENOENT: none of them is there)
 */
int sdp_formats_add(struct sdp_media *m, const char *codecs);

/** A dynamic payload type that is free, or -1 */
int sdp_formats_pt_free(const struct sdp_media *m);

/** Offer everything again, not only what the last answer left */
int sdp_formats_restore(struct sdp_media *m);

/** The codecs and events of both directions in a decoded session */
void sdp_formats_agree(const struct sdp_media *m, struct media_agreed *ag);

#endif
