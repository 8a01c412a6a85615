/**
 * @file sound_test.h  Hear oneself: record a little, then play it
 *
 * Main loop.
 */
#ifndef OFFHOOK_SOUND_TEST_H
#define OFFHOOK_SOUND_TEST_H

#include "common/re_compat.h"

/**
 * What came of it
 *
 * @param level  How loud it was at the loudest, 0 to 1
 * @param text   What was wrong with a device, "" if nothing
 */
typedef void (sound_test_h)(float level, const char *text, void *arg);

/**
 * Record from the source that is set, then play it to the sink
 *
 * @param ms   Milliseconds, up to 5000
 * @param h    Called once when it is over
 *
 * @return 0 if success, EALREADY: one is under way, otherwise errorcode
 */
int sound_test_start(uint32_t ms, sound_test_h *h, void *arg);

#endif
