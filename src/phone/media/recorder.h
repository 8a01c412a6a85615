/**
 * @file recorder.h  Both sides of a call in one file
 *
 * The media loop gives sound, a thread of its own writes it: only that one
 * ever waits for a disk.
 */
#ifndef OFFHOOK_RECORDER_H
#define OFFHOOK_RECORDER_H

#include "common/re_compat.h"

struct recording;

enum recording_side {
	RECORDING_OWN,           /**< Left: what we say  */
	RECORDING_PEER           /**< Right: what we hear */
};

/** [main] A recording cannot be written (any more): errno. Called from the
 *  writing thread; only to post a message */
typedef void (recording_error_h)(uint32_t id, int err);

/**
 * [main] Begin a recording
 *
 * @param recp   Result; ends with recording_end()
 * @param id     Given to the error handler
 * @param path   File that is not there yet; made 0600
 * @param format "wav", "flac", "opus"
 * @param srate  Sample rate of the file
 * @param errorh Error handler
 *
 * @return 0 if success, otherwise errorcode (ENOTSUP: no such format; what
 *         is wrong with the file comes by the handler)
 */
int recording_start(struct recording **recp, uint32_t id, const char *path,
		    const char *format, uint32_t srate,
		    recording_error_h *errorh);

/**
 * [media] 20 ms of one side
 *
 * @param rec    Recording, NULL: nothing happens
 * @param srate  Sample rate of this block
 */
void recording_put(struct recording *rec, enum recording_side side,
		   const int16_t *sampv, size_t sampc, uint32_t srate);

/** [media] No more sound; what there is will be written, then it is gone.
 *  On the main loop only if it was never handed over. */
void recording_end(struct recording *rec);

/** [main] Write what there is and end the thread (at exit, after the media
 *  loop has ended) */
void recorder_close(void);

#endif
