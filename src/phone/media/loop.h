/**
 * @file loop.h  The media thread, its loop and its clock
 */
#ifndef OFFHOOK_LOOP_H
#define OFFHOOK_LOOP_H

#include "common/re_compat.h"

#include "mailbox.h"

#define LOOP_PTIME 20       /**< Milliseconds between two ticks */

/* ---- main loop ---- */

/**
 * Have a handler run on the media loop; the thread is started if need be
 *
 * @param h     Handler
 * @param data  Memory object, freed after the handler; owned by the loop
 *
 * @return 0 if success, otherwise errorcode
 */
int loop_post(mailbox_h *h, void *data);

/** Start the thread, if it does not run: whoever rings will be heard soon */
int loop_start(void);

/** Has the thread been started? */
bool loop_running(void);

/** Make the box that brings messages back; called before the first stream */
int loop_init(void);

/** End the media thread and wait for it; what is not read is freed */
void loop_stop(void);

/** The same, and no message comes back any more */
void loop_close(void);

/* ---- media loop ---- */

/** Have a handler run on the main loop */
int loop_report(mailbox_h *h, void *data);

/** Monotonic time in microseconds; any thread */
uint64_t loop_now(void);

/** Called every 20 ms (or every second if slow) as long as it is started */
typedef void (ticker_h)(uint64_t now, void *arg);

struct ticker {
	struct le le;
	ticker_h *h;
	void *arg;
	bool slow;
	uint64_t next;       /**< When a slow one is due, us */
};

/** Start or change; the ticker is not running when zeroed */
void ticker_start(struct ticker *t, bool slow, ticker_h *h, void *arg);
void ticker_stop(struct ticker *t);

/**
 * The fast tick may come so much sooner: it moves there little by little.
 * Ignored if more than one wants it, for their packets come at other times.
 */
void loop_sooner(uint32_t us);

#endif
