/**
 * @file list.c  What devices PipeWire has
 *
 * Asked on the main loop, which may wait a moment: a connection and a loop
 * of its own. The daemon tells of everything it has and then that this was
 * all; no question lasts longer than a second.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <pipewire/pipewire.h>
#include <re.h>

#include "list.h"

enum { WAIT_MS = 1000 };

/** One question to the daemon */
struct inquiry {
	struct pw_loop *loop;
	struct pw_context *ctx;
	struct pw_core *core;
	struct pw_registry *reg;
	struct spa_hook core_hook, reg_hook;
	int seq;
	bool done;
	int err;

	audio_device_h *deviceh;
	void *arg;
	const char *name;        /**< Looked for, NULL: none */
	bool capture;
	bool found;
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static void global_handler(void *arg, uint32_t id, uint32_t permissions,
			   const char *type, uint32_t version,
			   const struct spa_dict *props)
{
	struct inquiry *q = arg;
	const char *class, *name, *text;
	bool source, sink;
	(void)id;
	(void)permissions;
	(void)version;

	if (!props || strcmp(type, PW_TYPE_INTERFACE_Node))
		return;

	class = spa_dict_lookup(props, PW_KEY_MEDIA_CLASS);
	name = spa_dict_lookup(props, PW_KEY_NODE_NAME);
	text = spa_dict_lookup(props, PW_KEY_NODE_DESCRIPTION);
	if (!class || !name)
		return;

	source = !strncmp(class, "Audio/Source", 12) ||
		!strcmp(class, "Audio/Duplex");
	sink = !strncmp(class, "Audio/Sink", 10) ||
		!strcmp(class, "Audio/Duplex");
	if (!source && !sink)
		return;

	if (q->name && !strcmp(q->name, name) && (q->capture ? source : sink))
		q->found = true;
	if (q->deviceh)
		q->deviceh(name, text ? text : "", source, sink, q->arg);
}


static const struct pw_registry_events registry_events = {
	PW_VERSION_REGISTRY_EVENTS,
	.global = global_handler,
};


static void done_handler(void *arg, uint32_t id, int seq)
{
	struct inquiry *q = arg;

	if (id == PW_ID_CORE && seq == q->seq)
		q->done = true;
}


static void error_handler(void *arg, uint32_t id, int seq, int res,
			  const char *message)
{
	struct inquiry *q = arg;
	(void)seq;
	(void)message;

	if (id == PW_ID_CORE)
		q->err = -res;
}


static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.done = done_handler, .error = error_handler,
};


static int inquire(struct inquiry *q)
{
	const uint64_t until = now_ms() + WAIT_MS;

	pw_init(NULL, NULL);
	q->loop = pw_loop_new(NULL);
	if (!q->loop)
		return ENOMEM;

	pw_loop_enter(q->loop);
	q->ctx = pw_context_new(q->loop, NULL, 0);
	if (!q->ctx)
		return ENOMEM;

	q->core = pw_context_connect(q->ctx, NULL, 0);
	if (!q->core)
		return ECONNREFUSED;

	pw_core_add_listener(q->core, &q->core_hook, &core_events, q);
	q->reg = pw_core_get_registry(q->core, PW_VERSION_REGISTRY, 0);
	if (!q->reg)
		return ENOMEM;

	pw_registry_add_listener(q->reg, &q->reg_hook, &registry_events, q);
	q->seq = pw_core_sync(q->core, PW_ID_CORE, 0);

	while (!q->done && !q->err) {
		const uint64_t now = now_ms();

		if (now >= until)
			return ETIMEDOUT;
		(void)pw_loop_iterate(q->loop, (int)(until - now));
	}

	return q->err;
}


static void inquiry_close(struct inquiry *q)
{
	if (q->reg) {
		spa_hook_remove(&q->reg_hook);
		pw_proxy_destroy((struct pw_proxy *)q->reg);
	}
	if (q->core) {
		spa_hook_remove(&q->core_hook);
		(void)pw_core_disconnect(q->core);
	}
	if (q->ctx)
		pw_context_destroy(q->ctx);
	if (q->loop) {
		pw_loop_leave(q->loop);
		pw_loop_destroy(q->loop);
	}
	pw_deinit();
}


int pipewire_devices(audio_device_h *deviceh, void *arg)
{
	struct inquiry q = { .deviceh = deviceh, .arg = arg };
	int err;

	err = inquire(&q);
	if (!err)
		deviceh("default", "the default device of PipeWire", true,
			true, arg);
	inquiry_close(&q);

	return err;
}


int pipewire_check(const char *device, bool capture, char *buf, size_t size)
{
	struct inquiry q = { .name = device, .capture = capture };
	int err;

	err = inquire(&q);
	inquiry_close(&q);
	if (err) {
		(void)re_snprintf(buf, size, "PipeWire does not answer");
		return err;
	}

	if (!device[0] || !strcmp(device, "default") || q.found)
		return 0;

	(void)re_snprintf(buf, size, "PipeWire has no such device");

	return ENODEV;
}
