/**
 * @file pulse.c  Sound through PulseAudio, or PipeWire in its place
 *
 * Config:   "pulse," (the default device, followed when it changes) or
 *           "pulse,NAME" as `offhook devices` lists it
 * Requires: libpulse
 *
 * One connection for all streams of the phone, on the media loop, without a
 * thread. Opening a device asks for it; whether that works comes later by
 * an error, or by the first block. When the server goes, every stream says
 * so; who opens anew gets a new connection.
 */
#include <errno.h>
#include <string.h>

#include <pulse/context.h>
#include <pulse/error.h>
#include <pulse/proplist.h>
#include <pulse/stream.h>
#include <re.h>

#include "glue.h"
#include "list.h"
#include "module.h"

enum {
	AHEAD    = 2,            /**< Blocks of playback at the server   */
	HELD_MAX = 16            /**< Blocks it may ever hold            */
};

/** The connection; each device has a reference */
struct server {
	pa_context *ctx;
	struct list devs;
};

struct audio_dev {
	struct le le;
	struct server *server;
	pa_stream *stream;
	bool failed;
	char *name;              /**< NULL: the default                  */
	struct audio_param prm;
	size_t block;            /**< Samples                            */
	size_t held;             /**< Captured, not yet a block          */
	int16_t *sampv;

	struct audio_handlers h;
};

static struct server *current;


static int to_errno(int pa_err)
{
	switch (pa_err) {
	case PA_ERR_NOENTITY:          return ENODEV;
	case PA_ERR_CONNECTIONREFUSED: return ECONNREFUSED;
	case PA_ERR_ACCESS:            return EACCES;
	case PA_ERR_BUSY:              return EBUSY;
	default:                       return EIO;
	}
}


static void dev_fail(struct audio_dev *dev, int pa_err)
{
	if (dev->failed)
		return;

	dev->failed = true;
	if (dev->h.errorh)
		dev->h.errorh(to_errno(pa_err), pa_err == PA_OK ?
			      "the sound server ended it" :
			      pa_strerror(pa_err), dev->h.arg);
}


/* ---- sound ---- */

static void write_handler(pa_stream *st, size_t bytes, void *arg)
{
	struct audio_dev *dev = arg;
	const size_t size = dev->block * sizeof(*dev->sampv);

	while (bytes >= size && !dev->failed) {
		dev->h.playbackh(dev->sampv, dev->block, dev->h.arg);
		if (pa_stream_write(st, dev->sampv, size, NULL, 0,
				    PA_SEEK_RELATIVE)) {
			dev_fail(dev, pa_context_errno(dev->server->ctx));
			return;
		}
		bytes -= size;
	}
}


/* A piece of what the microphone gave, of any length; NULL: a gap */
static void take(struct audio_dev *dev, const int16_t *sampv, size_t n)
{
	while (n) {
		size_t part = dev->block - dev->held;

		if (part > n)
			part = n;
		if (sampv) {
			memcpy(dev->sampv + dev->held, sampv,
			       part * sizeof(*sampv));
			sampv += part;
		}
		else {
			memset(dev->sampv + dev->held, 0,
			       part * sizeof(*dev->sampv));
		}

		dev->held += part;
		n -= part;
		if (dev->held == dev->block) {
			dev->held = 0;
			dev->h.captureh(dev->sampv, dev->block, dev->h.arg);
		}
	}
}


static void read_handler(pa_stream *st, size_t bytes, void *arg)
{
	struct audio_dev *dev = arg;
	const void *data;
	(void)bytes;

	while (!dev->failed && pa_stream_readable_size(st) > 0) {
		size_t n = 0;

		if (pa_stream_peek(st, &data, &n) || !n)
			return;
		take(dev, data, n / sizeof(int16_t));
		(void)pa_stream_drop(st);
	}
}


static void state_handler(pa_stream *st, void *arg)
{
	struct audio_dev *dev = arg;

	switch (pa_stream_get_state(st)) {
	case PA_STREAM_FAILED:
		dev_fail(dev, pa_context_errno(dev->server->ctx));
		break;
	case PA_STREAM_TERMINATED:
		dev_fail(dev, PA_OK);
		break;
	default:
		break;
	}
}


/* The connection is there: ask for the device */
static int stream_connect(struct audio_dev *dev)
{
	const pa_sample_spec spec = {
		PA_SAMPLE_S16NE, dev->prm.srate, dev->prm.channels
	};
	const uint32_t size = (uint32_t)(dev->block * sizeof(int16_t));
	const pa_buffer_attr attr = {
		.maxlength = size * HELD_MAX, .tlength = size * AHEAD,
		.prebuf = size, .minreq = size, .fragsize = size
	};
	const pa_stream_flags_t flags = PA_STREAM_ADJUST_LATENCY;
	int err;

	dev->stream = pa_stream_new(dev->server->ctx, dev->prm.capture ?
				    "microphone" : "loudspeaker", &spec,
				    NULL);
	if (!dev->stream)
		return ENOMEM;

	pa_stream_set_state_callback(dev->stream, state_handler, dev);
	if (dev->prm.capture) {
		pa_stream_set_read_callback(dev->stream, read_handler, dev);
		err = pa_stream_connect_record(dev->stream, dev->name, &attr,
					       flags);
	}
	else {
		pa_stream_set_write_callback(dev->stream, write_handler,
					     dev);
		err = pa_stream_connect_playback(dev->stream, dev->name,
						 &attr, flags, NULL, NULL);
	}

	return err ? to_errno(pa_context_errno(dev->server->ctx)) : 0;
}


/* ---- the connection ---- */

static void server_destructor(void *arg)
{
	struct server *srv = arg;

	if (current == srv)
		current = NULL;
	if (srv->ctx) {
		pa_context_set_state_callback(srv->ctx, NULL, NULL);
		pa_context_disconnect(srv->ctx);
		pa_context_unref(srv->ctx);
	}
}


static void server_lost(struct server *srv)
{
	const int pa_err = pa_context_errno(srv->ctx);
	struct le *le, *n;

	/* whoever comes next has to connect anew */
	if (current == srv)
		current = NULL;

	for (le = list_head(&srv->devs); le; le = n) {
		n = le->next;
		dev_fail(le->data, pa_err);
	}
}


static void server_ready(struct server *srv)
{
	struct le *le, *n;

	for (le = list_head(&srv->devs); le; le = n) {
		struct audio_dev *dev = le->data;

		n = le->next;
		if (!dev->stream && stream_connect(dev))
			dev_fail(dev, pa_context_errno(srv->ctx));
	}
}


static void context_handler(pa_context *ctx, void *arg)
{
	struct server *srv = mem_ref(arg);

	switch (pa_context_get_state(ctx)) {
	case PA_CONTEXT_READY:
		server_ready(srv);
		break;
	case PA_CONTEXT_FAILED:
	case PA_CONTEXT_TERMINATED:
		server_lost(srv);
		break;
	default:
		break;
	}

	mem_deref(srv);
}


static int server_get(struct server **srvp)
{
	struct server *srv;
	pa_proplist *props;
	int err = 0;

	if (current) {
		*srvp = mem_ref(current);
		return 0;
	}

	srv = mem_zalloc(sizeof(*srv), server_destructor);
	if (!srv)
		return ENOMEM;

	props = pa_proplist_new();
	if (props) {
		(void)pa_proplist_sets(props, PA_PROP_MEDIA_ROLE, "phone");
		srv->ctx = pa_context_new_with_proplist(glue_api(),
							"offhook", props);
		pa_proplist_free(props);
	}
	if (!srv->ctx) {
		mem_deref(srv);
		return ENOMEM;
	}

	pa_context_set_state_callback(srv->ctx, context_handler, srv);
	if (pa_context_connect(srv->ctx, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL))
		err = to_errno(pa_context_errno(srv->ctx));

	if (err) {
		mem_deref(srv);
		return err;
	}
	current = srv;
	*srvp = srv;

	return 0;
}


/* ---- open and close ---- */

static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	list_unlink(&dev->le);
	if (dev->stream) {
		pa_stream_set_state_callback(dev->stream, NULL, NULL);
		pa_stream_set_read_callback(dev->stream, NULL, NULL);
		pa_stream_set_write_callback(dev->stream, NULL, NULL);
		(void)pa_stream_disconnect(dev->stream);
		pa_stream_unref(dev->stream);
	}
	mem_deref(dev->server);
	mem_deref(dev->sampv);
	mem_deref(dev->name);
}


static int dev_open(struct audio_dev **devp, const struct audio_param *prm,
		    const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	int err = 0;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->prm = *prm;
	dev->block = (size_t)prm->srate * prm->ptime / 1000 * prm->channels;
	dev->h = *h;

	dev->sampv = mem_zalloc(dev->block * sizeof(*dev->sampv), NULL);
	if (!dev->sampv)
		err = ENOMEM;
	if (!err && device[0] && strcmp(device, "default"))
		err = str_dup(&dev->name, device);
	if (!err)
		err = server_get(&dev->server);
	if (err)
		goto out;

	list_append(&dev->server->devs, &dev->le, dev);
	if (pa_context_get_state(dev->server->ctx) == PA_CONTEXT_READY)
		err = stream_connect(dev);

 out:
	if (err)
		mem_deref(dev);
	else
		*devp = dev;

	return err;
}


static struct audio_driver pulse = {
	.name = "pulse", .clocked = true,
	.source = true, .sink = true, .open = dev_open,
	.devices = pulse_devices, .check = pulse_check,
};


static int module_init(void)
{
	return audio_driver_register(&pulse);
}


static int module_close(void)
{
	audio_driver_unregister(&pulse);
	return 0;
}


OFFHOOK_MODULE("pulse", "audio_driver", module_init, module_close);
