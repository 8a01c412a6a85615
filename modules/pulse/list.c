/**
 * @file list.c  What devices a PulseAudio server has
 *
 * Asked on the main loop, which may wait a moment: a connection and a loop
 * of its own, and never more than a second of both.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <pulse/context.h>
#include <pulse/error.h>
#include <pulse/introspect.h>
#include <pulse/mainloop.h>
#include <re.h>

#include "list.h"

enum { WAIT_MS = 1000 };

/** One question to the server */
struct inquiry {
	pa_mainloop *ml;
	pa_context *ctx;
	uint64_t until;          /**< ms */

	audio_device_h *deviceh;
	void *arg;
	const char *name;        /**< Looked for, NULL: none */
	bool found;
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* One step of the loop; false when time is up or it broke */
static bool step(struct inquiry *q)
{
	const uint64_t now = now_ms();

	if (now >= q->until)
		return false;

	return pa_mainloop_prepare(q->ml, (int)(q->until - now) * 1000) >= 0 &&
		pa_mainloop_poll(q->ml) >= 0 &&
		pa_mainloop_dispatch(q->ml) >= 0;
}


static void inquiry_close(struct inquiry *q)
{
	if (q->ctx) {
		pa_context_disconnect(q->ctx);
		pa_context_unref(q->ctx);
	}
	if (q->ml)
		pa_mainloop_free(q->ml);
}


static int inquiry_open(struct inquiry *q)
{
	q->until = now_ms() + WAIT_MS;
	q->ml = pa_mainloop_new();
	if (q->ml)
		q->ctx = pa_context_new(pa_mainloop_get_api(q->ml),
					"offhook");
	if (!q->ctx)
		return ENOMEM;

	if (pa_context_connect(q->ctx, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL))
		return ECONNREFUSED;

	while (pa_context_get_state(q->ctx) != PA_CONTEXT_READY) {
		if (!PA_CONTEXT_IS_GOOD(pa_context_get_state(q->ctx)))
			return ECONNREFUSED;
		if (!step(q))
			return ETIMEDOUT;
	}

	return 0;
}


static void wait_for(struct inquiry *q, pa_operation *op)
{
	if (!op)
		return;

	while (pa_operation_get_state(op) == PA_OPERATION_RUNNING && step(q))
		;
	pa_operation_unref(op);
}


static void device(struct inquiry *q, const char *name, const char *text,
		   bool capture)
{
	if (q->name && !strcmp(q->name, name))
		q->found = true;
	if (q->deviceh)
		q->deviceh(name, text ? text : "", capture, !capture,
			   q->arg);
}


static void sink_handler(pa_context *ctx, const pa_sink_info *info, int eol,
			 void *arg)
{
	(void)ctx;

	if (!eol && info)
		device(arg, info->name, info->description, false);
}


static void source_handler(pa_context *ctx, const pa_source_info *info,
			   int eol, void *arg)
{
	(void)ctx;

	if (!eol && info)
		device(arg, info->name, info->description, true);
}


int pulse_devices(audio_device_h *deviceh, void *arg)
{
	struct inquiry q = { .deviceh = deviceh, .arg = arg };
	int err;

	err = inquiry_open(&q);
	if (!err) {
		deviceh("default", "the default device of the sound server",
			true, true, arg);
		wait_for(&q, pa_context_get_source_info_list(q.ctx,
							     source_handler,
							     &q));
		wait_for(&q, pa_context_get_sink_info_list(q.ctx,
							   sink_handler,
							   &q));
	}
	inquiry_close(&q);

	return err;
}


int pulse_check(const char *name, bool capture, char *buf, size_t size)
{
	struct inquiry q = { .name = name };
	int err;

	err = inquiry_open(&q);
	if (err) {
		(void)re_snprintf(buf, size, "no sound server answers");
		goto out;
	}
	if (!name[0] || !strcmp(name, "default"))
		goto out;

	if (capture)
		wait_for(&q, pa_context_get_source_info_list(q.ctx,
							     source_handler,
							     &q));
	else
		wait_for(&q, pa_context_get_sink_info_list(q.ctx,
							   sink_handler,
							   &q));
	if (!q.found) {
		err = ENODEV;
		(void)re_snprintf(buf, size, "the sound server has no such "
				  "device");
	}

 out:
	inquiry_close(&q);

	return err;
}
