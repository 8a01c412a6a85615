/**
 * @file plc.h  Packet loss concealment for codecs that have none
 */
#ifndef OFFHOOK_PLC_H
#define OFFHOOK_PLC_H

#include <stddef.h>
#include <stdint.h>

#include "common/re_compat.h"

struct plc;

/** @param srate  Samples per second, one channel; free with mem_deref() */
int plc_alloc(struct plc **pp, uint32_t srate);

/** A good frame passes; after a gap its beginning is blended in, in place */
void plc_good(struct plc *p, int16_t *sampv, size_t sampc);

/** The next good frame does not follow the last one: blend */
void plc_cut(struct plc *p);

/** Make up a frame */
void plc_fill(struct plc *p, int16_t *sampv, size_t sampc);

#endif
