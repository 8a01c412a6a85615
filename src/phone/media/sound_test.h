/**
 * @file sound_test.h  Try a sound device, or hear oneself
 *
 * Main loop.
 */
#ifndef OFFHOOK_SOUND_TEST_H
#define OFFHOOK_SOUND_TEST_H

#include "common/re_compat.h"

#include "check.h"

/**
 * What came of it
 *
 * @param level  How loud it was at the loudest, 0 to 1
 * @param text   What was wrong with a device, "" if nothing
 */
typedef void (sound_test_h)(float level, const char *text, void *arg);

/**
 * Record from the microphone, play to the loudspeaker, ring; or, for
 * SOUND_NONE, record and then play that
 *
 * @param ms    Milliseconds of each, up to 5000
 * @param what  What to try
 * @param h     Called once when it is over
 *
 * @return 0 if success, EALREADY: one is under way, ENOTSUP: nothing rings
 *         there, otherwise errorcode
 */
int sound_test_start(uint32_t ms, enum sound_for what, sound_test_h *h,
		     void *arg);

#endif
