/**
 * @file sdp_extra.h  What an audio line has besides its codecs
 *
 * Redundancy (RFC 2198), comfort noise (RFC 3389), packet times and
 * extended reports (RFC 3611). Main loop.
 */
#ifndef OFFHOOK_SDP_EXTRA_H
#define OFFHOOK_SDP_EXTRA_H

#include "sdp.h"

/** Gives a payload type that is free, or -1 */
typedef int (sdp_pt_free_h)(const struct sdp_media *m);

/** Put the formats and attributes into a new audio line */
int sdp_extra_add(struct sdp_media *m, sdp_pt_free_h *pt_free);

/** Before encoding: payload types may have changed since */
int sdp_extra_refresh(struct sdp_media *m);

/** What the peer's side of the line says; after the codecs are known */
void sdp_extra_agree(const struct sdp_media *m, struct media_agreed *ag);

#endif
