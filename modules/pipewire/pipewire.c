/**
 * @file pipewire.c  Sound through PipeWire
 *
 * Config:   "pipewire," (the default device, followed when it changes) or
 *           "pipewire,NAME" as `offhook devices` lists it
 * Requires: libpipewire
 *
 * PipeWire's loop is one descriptor that the media loop watches, and its
 * streams are asked to be served there. The library itself keeps a thread
 * for the exchange with the daemon, as every client of it has; no code of
 * ours runs in that. Opening a device asks for it; whether that works comes
 * later by an error, or by the first block.
 */
#include <errno.h>
#include <string.h>

#include <pipewire/pipewire.h>
#include <re.h>
#include <spa/param/audio/format-utils.h>

#include "list.h"
#include "module.h"

enum { POD_ROOM = 1024 };

/** The connection; each device has a reference */
struct server {
	struct pw_loop *loop;
	int fd;
	struct pw_context *ctx;
	struct pw_core *core;
	struct spa_hook hook;
	struct list devs;
	bool lost;
};

struct audio_dev {
	struct le le;
	struct server *server;
	struct pw_stream *stream;
	struct spa_hook hook;
	bool capture;
	bool failed;
	bool connected;          /**< It once was                        */
	unsigned channels;
	size_t block;            /**< Samples, of all channels           */
	size_t held;             /**< Of them here: captured, not yet a
				      block; or to be played             */
	int16_t *sampv;

	struct audio_handlers h;
};

static struct server *current;
static bool begun;


static void dev_fail(struct audio_dev *dev, int err, const char *text)
{
	if (dev->failed)
		return;

	dev->failed = true;
	if (dev->h.errorh)
		dev->h.errorh(err, text, dev->h.arg);
}


/* ---- sound ---- */

static void captured(struct audio_dev *dev, const int16_t *sampv, size_t n)
{
	while (n && !dev->failed) {
		size_t part = dev->block - dev->held;

		if (part > n)
			part = n;
		memcpy(dev->sampv + dev->held, sampv, part * sizeof(*sampv));
		sampv += part;
		n -= part;
		dev->held += part;
		if (dev->held == dev->block) {
			dev->held = 0;
			dev->h.captureh(dev->sampv, dev->block, dev->h.arg);
		}
	}
}


/* What is left of the block before comes first */
static void played(struct audio_dev *dev, int16_t *sampv, size_t n)
{
	while (n && !dev->failed) {
		size_t part;

		if (!dev->held) {
			dev->h.playbackh(dev->sampv, dev->block, dev->h.arg);
			dev->held = dev->block;
		}
		part = dev->held < n ? dev->held : n;
		memcpy(sampv, dev->sampv + dev->block - dev->held,
		       part * sizeof(*sampv));
		sampv += part;
		n -= part;
		dev->held -= part;
	}

	memset(sampv, 0, n * sizeof(*sampv));
}


static void process_handler(void *arg)
{
	struct audio_dev *dev = arg;
	const size_t frame = dev->channels * sizeof(int16_t);
	struct pw_buffer *b = pw_stream_dequeue_buffer(dev->stream);
	struct spa_data *d;
	size_t n;

	if (!b)
		return;

	d = &b->buffer->datas[0];
	if (!d->data)
		goto out;

	if (dev->capture) {
		const uint32_t off = d->chunk->offset < d->maxsize ?
			d->chunk->offset : d->maxsize;

		n = d->chunk->size < d->maxsize - off ? d->chunk->size :
			d->maxsize - off;
		captured(dev, (const int16_t *)(void *)((uint8_t *)d->data +
							off),
			 n / sizeof(int16_t));
	}
	else {
		n = d->maxsize / frame;
		if (b->requested && b->requested < n)
			n = (size_t)b->requested;
		n *= dev->channels;
		played(dev, d->data, n);
		d->chunk->offset = 0;
		d->chunk->stride = (int32_t)frame;
		d->chunk->size = (uint32_t)(n * sizeof(int16_t));
	}

 out:
	(void)pw_stream_queue_buffer(dev->stream, b);
}


static void state_handler(void *arg, enum pw_stream_state old,
			  enum pw_stream_state state, const char *error)
{
	struct audio_dev *dev = arg;
	(void)old;

	switch (state) {
	case PW_STREAM_STATE_ERROR:
		dev_fail(dev, ENODEV, error ? error :
			 "the sound server gave it up");
		break;
	case PW_STREAM_STATE_UNCONNECTED:
		if (dev->connected)
			dev_fail(dev, ENODEV, "the sound server ended it");
		break;
	default:
		dev->connected = true;
		break;
	}
}


static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = state_handler,
	.process = process_handler,
};


static int stream_connect(struct audio_dev *dev,
			  const struct audio_param *prm, const char *name)
{
	struct spa_audio_info_raw info = {
		.format = SPA_AUDIO_FORMAT_S16, .rate = prm->srate,
		.channels = prm->channels, .position = {
			prm->channels > 1 ? SPA_AUDIO_CHANNEL_FL :
			SPA_AUDIO_CHANNEL_MONO, SPA_AUDIO_CHANNEL_FR
		}
	};
	uint8_t room[POD_ROOM];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(room, sizeof(room));
	const struct spa_pod *params[1];
	struct pw_properties *props;

	props = pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio",
				  PW_KEY_MEDIA_CATEGORY, dev->capture ?
				  "Capture" : "Playback",
				  PW_KEY_MEDIA_ROLE, "Communication", NULL);
	if (!props)
		return ENOMEM;

	(void)pw_properties_setf(props, PW_KEY_NODE_LATENCY, "%u/%u",
				 prm->srate * prm->ptime / 1000, prm->srate);
	if (name[0] && strcmp(name, "default"))
		(void)pw_properties_set(props, PW_KEY_TARGET_OBJECT, name);

	dev->stream = pw_stream_new(dev->server->core, dev->capture ?
				    "offhook microphone" :
				    "offhook loudspeaker", props);
	if (!dev->stream)
		return errno ? errno : ENOMEM;

	pw_stream_add_listener(dev->stream, &dev->hook, &stream_events, dev);
	params[0] = spa_format_audio_raw_build(&b, SPA_PARAM_EnumFormat,
					       &info);

	return -pw_stream_connect(dev->stream, dev->capture ?
				  PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
				  PW_ID_ANY, PW_STREAM_FLAG_AUTOCONNECT |
				  PW_STREAM_FLAG_MAP_BUFFERS, params, 1);
}


/* ---- the connection ---- */

static void core_error(void *arg, uint32_t id, int seq, int res,
		       const char *message)
{
	struct server *srv = arg;
	struct le *le, *n;
	(void)seq;
	(void)message;

	if (id != PW_ID_CORE || res != -EPIPE)
		return;

	/* whoever comes next has to connect anew */
	srv->lost = true;
	if (current == srv)
		current = NULL;

	for (le = list_head(&srv->devs); le; le = n) {
		n = le->next;
		dev_fail(le->data, EPIPE, "the sound server is gone");
	}
}


static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.error = core_error,
};


static void loop_handler(int flags, void *arg)
{
	struct server *srv = mem_ref(arg);
	(void)flags;

	while (pw_loop_iterate(srv->loop, 0) > 0)
		;
	mem_deref(srv);
}


static void server_destructor(void *arg)
{
	struct server *srv = arg;

	if (current == srv)
		current = NULL;
	if (srv->fd >= 0)
		fd_close(srv->fd);
	if (srv->core) {
		spa_hook_remove(&srv->hook);
		(void)pw_core_disconnect(srv->core);
	}
	if (srv->ctx)
		pw_context_destroy(srv->ctx);
	if (srv->loop) {
		pw_loop_leave(srv->loop);
		pw_loop_destroy(srv->loop);
	}
}


static int server_get(struct server **srvp)
{
	struct server *srv;
	int err = 0;

	if (current) {
		*srvp = mem_ref(current);
		return 0;
	}

	if (!begun) {
		pw_init(NULL, NULL);
		begun = true;
	}

	srv = mem_zalloc(sizeof(*srv), server_destructor);
	if (!srv)
		return ENOMEM;

	srv->fd = -1;
	srv->loop = pw_loop_new(NULL);
	if (!srv->loop) {
		err = ENOMEM;
		goto out;
	}
	pw_loop_enter(srv->loop);

	srv->ctx = pw_context_new(srv->loop, NULL, 0);
	if (!srv->ctx) {
		err = errno ? errno : ENOMEM;
		goto out;
	}

	srv->core = pw_context_connect(srv->ctx, NULL, 0);
	if (!srv->core) {
		err = errno ? errno : ECONNREFUSED;
		goto out;
	}
	pw_core_add_listener(srv->core, &srv->hook, &core_events, srv);

	err = fd_listen(pw_loop_get_fd(srv->loop), FD_READ, loop_handler,
			srv);
	if (!err)
		srv->fd = pw_loop_get_fd(srv->loop);

 out:
	if (err) {
		mem_deref(srv);
	}
	else {
		current = srv;
		*srvp = srv;
	}

	return err;
}


/* ---- open and close ---- */

static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	list_unlink(&dev->le);
	dev->failed = true;
	if (dev->stream) {
		spa_hook_remove(&dev->hook);
		pw_stream_destroy(dev->stream);
	}
	mem_deref(dev->server);
	mem_deref(dev->sampv);
}


static int dev_open(struct audio_dev **devp, const struct audio_param *prm,
		    const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	int err;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->capture = prm->capture;
	dev->channels = prm->channels;
	dev->block = (size_t)prm->srate * prm->ptime / 1000 * prm->channels;
	dev->h = *h;

	dev->sampv = mem_zalloc(dev->block * sizeof(*dev->sampv), NULL);
	err = dev->sampv ? server_get(&dev->server) : ENOMEM;
	if (!err) {
		list_append(&dev->server->devs, &dev->le, dev);
		err = stream_connect(dev, prm, device);
	}

	if (err)
		mem_deref(dev);
	else
		*devp = dev;

	return err;
}


static struct audio_driver driver = {
	.name = "pipewire", .clocked = true,
	.source = true, .sink = true, .open = dev_open,
	.devices = pipewire_devices, .check = pipewire_check,
};


static int module_init(void)
{
	return audio_driver_register(&driver);
}


static int module_close(void)
{
	audio_driver_unregister(&driver);
	if (begun)
		pw_deinit();
	begun = false;

	return 0;
}


OFFHOOK_MODULE("pipewire", "audio_driver", module_init, module_close);
