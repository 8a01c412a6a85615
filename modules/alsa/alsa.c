/**
 * @file alsa.c  Sound cards and sound servers by ALSA
 *
 * Config:   "alsa,PCM", e.g. "alsa,default", "alsa,plughw:1"
 * Requires: libasound
 *
 * No thread: the poll descriptors of the PCM are watched by the media loop.
 * ALSA's own conversion gives the rate that is wanted. Some PCMs have no
 * clock (null, file over null): they take and give as fast as one asks. A
 * device that runs ahead of real time is therefore taken off its
 * descriptors and served by a timer. Others say that they are ready while
 * they have nothing yet (pulse, until the stream runs): they are left alone
 * for a moment.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <alsa/asoundlib.h>
#include <re.h>

#include "module.h"

enum {
	FDS_MAX   = 8,
	PERIODS   = 4,          /**< Of capture                         */
	PLAY_AHEAD = 2,         /**< Blocks of playback that wait       */
	AHEAD_MS  = 300,        /**< More than this before real time    */
	PACE_MS   = 20,
	BURST     = 8,          /**< Blocks served in a row             */
	FALSE_MAX = 4,          /**< False alarms in a row              */
	REST_MS   = 10          /**< Left alone after them              */
};

struct audio_dev {
	snd_pcm_t *pcm;
	bool failed;
	struct audio_param prm;
	snd_pcm_uframes_t block; /**< Frames                              */
	snd_pcm_uframes_t held;  /**< Captured, not yet a block           */
	struct pollfd pfdv[FDS_MAX];
	unsigned pfdc;
	bool listening;
	unsigned alarms;         /**< False ones in a row                 */
	int16_t *sampv;

	uint64_t start;          /**< ms                                  */
	uint64_t frames;         /**< Since then                          */
	struct tmr tmr;          /**< Only for a PCM without clock        */

	struct audio_handlers h;
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static void ignore(struct audio_dev *dev)
{
	unsigned i;

	if (!dev->listening)
		return;

	for (i = 0; i < dev->pfdc; i++)
		fd_close(dev->pfdv[i].fd);
	dev->listening = false;
}


static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	tmr_cancel(&dev->tmr);
	ignore(dev);
	if (dev->pcm) {
		(void)snd_pcm_drop(dev->pcm);
		(void)snd_pcm_close(dev->pcm);
	}
	mem_deref(dev->sampv);
}


static void fail(struct audio_dev *dev, int err)
{
	if (dev->failed)
		return;

	dev->failed = true;
	ignore(dev);
	tmr_cancel(&dev->tmr);
	if (dev->h.errorh)
		dev->h.errorh(err, snd_strerror(-err), dev->h.arg);
}


/* Overrun, underrun, suspend: begin again. Returns 0 or errorcode */
static int recover(struct audio_dev *dev, long r)
{
	int err = snd_pcm_recover(dev->pcm, (int)r, 1);

	if (!err && dev->prm.capture)
		err = snd_pcm_start(dev->pcm);
	dev->held = 0;

	return err < 0 ? -err : 0;
}


/* One block; EAGAIN if the device is not ready for one */
static int capture_block(struct audio_dev *dev)
{
	const unsigned ch = dev->prm.channels;
	snd_pcm_sframes_t n;

	n = snd_pcm_readi(dev->pcm, dev->sampv + dev->held * ch,
			  dev->block - dev->held);
	if (n == 0)
		return EAGAIN;
	if (n < 0)
		return n == -EAGAIN ? EAGAIN : recover(dev, n);

	dev->held += (snd_pcm_uframes_t)n;
	dev->frames += (uint64_t)n;
	if (dev->held < dev->block)
		return EAGAIN;

	dev->held = 0;
	dev->h.captureh(dev->sampv, dev->block * ch, dev->h.arg);

	return 0;
}


static int playback_block(struct audio_dev *dev)
{
	snd_pcm_sframes_t n;

	n = snd_pcm_avail_update(dev->pcm);
	if (n < 0)
		return recover(dev, n);
	if (n < (snd_pcm_sframes_t)dev->block)
		return EAGAIN;

	dev->h.playbackh(dev->sampv, dev->block * dev->prm.channels,
			 dev->h.arg);
	n = snd_pcm_writei(dev->pcm, dev->sampv, dev->block);
	if (n < 0)
		return n == -EAGAIN ? EAGAIN : recover(dev, n);

	dev->frames += (uint64_t)n;

	return 0;
}


/* How far before real time, in ms; below zero: behind */
static int64_t ahead(const struct audio_dev *dev)
{
	return (int64_t)(dev->frames * 1000 / dev->prm.srate) -
		(int64_t)(now_ms() - dev->start);
}


/* Serve what is due; how many blocks there were */
static unsigned serve(struct audio_dev *dev, bool paced)
{
	unsigned i, n = 0;
	int err = 0;

	/* a handler may free the device */
	mem_ref(dev);
	for (i = 0; i < BURST && !err && mem_nrefs(dev) > 1; i++) {
		if (paced && ahead(dev) > 0)
			break;

		err = dev->prm.capture ? capture_block(dev) :
			playback_block(dev);
		n += !err;
	}

	if (err && err != EAGAIN && mem_nrefs(dev) > 1)
		fail(dev, err);
	mem_deref(dev);

	return n;
}


static void pace_handler(void *arg)
{
	struct audio_dev *dev = arg;

	tmr_start(&dev->tmr, PACE_MS, pace_handler, dev);

	/* a long sleep is not made up for */
	if (ahead(dev) < -AHEAD_MS) {
		dev->start = now_ms();
		dev->frames = 0;
	}

	(void)serve(dev, true);
}


static void poll_handler(int flags, void *arg);


/* Watch the descriptors; a PCM whose are none is left to the timer */
static void watch(struct audio_dev *dev)
{
	unsigned i;

	dev->alarms = 0;
	dev->listening = true;

	for (i = 0; i < dev->pfdc; i++) {
		const short ev = dev->pfdv[i].events;

		if (fd_listen(dev->pfdv[i].fd,
			      (ev & POLLIN ? FD_READ : 0) |
			      (ev & POLLOUT ? FD_WRITE : 0) |
			      (ev & POLLERR ? FD_EXCEPT : 0),
			      poll_handler, dev)) {
			ignore(dev);
			tmr_start(&dev->tmr, PACE_MS, pace_handler, dev);
			return;
		}
	}
}


static void rest_handler(void *arg)
{
	watch(arg);
}


/* Ready, and yet there was nothing to do: do not spin */
static void false_alarm(struct audio_dev *dev)
{
	if (!dev->listening || ++dev->alarms < FALSE_MAX)
		return;

	ignore(dev);
	tmr_start(&dev->tmr, REST_MS, rest_handler, dev);
}


static void poll_handler(int flags, void *arg)
{
	struct audio_dev *dev = arg;
	unsigned short revents = 0;
	int r;
	(void)flags;

	if (poll(dev->pfdv, dev->pfdc, 0) < 0)
		return;

	/* a card that was pulled out, a sound server that ended */
	r = snd_pcm_poll_descriptors_revents(dev->pcm, dev->pfdv, dev->pfdc,
					     &revents);
	if (r < 0 || snd_pcm_state(dev->pcm) == SND_PCM_STATE_DISCONNECTED) {
		fail(dev, ENODEV);
		return;
	}
	if (!(revents & (POLLIN | POLLOUT | POLLERR))) {
		false_alarm(dev);
		return;
	}

	if (ahead(dev) > AHEAD_MS) {
		ignore(dev);
		tmr_start(&dev->tmr, PACE_MS, pace_handler, dev);
		return;
	}

	mem_ref(dev);
	if (serve(dev, false))
		dev->alarms = 0;
	else if (mem_nrefs(dev) > 1 && !dev->failed)
		false_alarm(dev);
	mem_deref(dev);
}


/* Regular files and /dev/null cannot be waited for */
static bool can_watch(const struct audio_dev *dev)
{
	const int fd = epoll_create1(EPOLL_CLOEXEC);
	bool ok = fd >= 0;
	unsigned i;

	for (i = 0; ok && i < dev->pfdc; i++) {
		struct epoll_event ev = { .events = EPOLLIN };

		ok = epoll_ctl(fd, EPOLL_CTL_ADD, dev->pfdv[i].fd, &ev) == 0;
	}
	if (fd >= 0)
		(void)close(fd);

	return ok;
}


static int listen_fds(struct audio_dev *dev)
{
	const int n = snd_pcm_poll_descriptors_count(dev->pcm);
	int got;

	if (n <= 0 || n > FDS_MAX)
		return ENOTSUP;

	got = snd_pcm_poll_descriptors(dev->pcm, dev->pfdv, (unsigned)n);
	if (got < 0)
		return -got;

	dev->pfdc = (unsigned)got;
	if (can_watch(dev))
		watch(dev);
	else
		tmr_start(&dev->tmr, PACE_MS, pace_handler, dev);

	return 0;
}


static int set_hw(struct audio_dev *dev)
{
	snd_pcm_uframes_t period, size;
	snd_pcm_hw_params_t *hw;
	snd_pcm_t *pcm = dev->pcm;
	int err;

	snd_pcm_hw_params_alloca(&hw);

	err = snd_pcm_hw_params_any(pcm, hw);
	if (err < 0)
		return -err;

	period = dev->block;
	size = dev->block * (dev->prm.capture ? PERIODS : PLAY_AHEAD);

	err = snd_pcm_hw_params_set_access(pcm, hw,
					   SND_PCM_ACCESS_RW_INTERLEAVED);
	if (!err)
		err = snd_pcm_hw_params_set_format(pcm, hw,
						   SND_PCM_FORMAT_S16);
	if (!err)
		err = snd_pcm_hw_params_set_rate_resample(pcm, hw, 1);
	if (!err)
		err = snd_pcm_hw_params_set_channels(pcm, hw,
						     dev->prm.channels);
	if (!err)
		err = snd_pcm_hw_params_set_rate(pcm, hw, dev->prm.srate, 0);
	if (!err)
		err = snd_pcm_hw_params_set_period_size_near(pcm, hw,
							     &period, NULL);
	if (!err)
		err = snd_pcm_hw_params_set_buffer_size_near(pcm, hw, &size);
	if (!err)
		err = snd_pcm_hw_params(pcm, hw);

	return err < 0 ? -err : 0;
}


/* Wake for a whole block; start playing when the first ones are written */
static int set_sw(struct audio_dev *dev)
{
	snd_pcm_uframes_t size = 0, period = 0;
	snd_pcm_sw_params_t *sw;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	(void)snd_pcm_get_params(dev->pcm, &size, &period);

	err = snd_pcm_sw_params_current(dev->pcm, sw);
	if (!err)
		err = snd_pcm_sw_params_set_avail_min(dev->pcm, sw,
						      dev->block);
	if (!err && !dev->prm.capture)
		err = snd_pcm_sw_params_set_start_threshold(
			dev->pcm, sw, size > dev->block ?
			size / dev->block * dev->block : dev->block);
	if (!err)
		err = snd_pcm_sw_params(dev->pcm, sw);

	return err < 0 ? -err : 0;
}


static int dev_open(struct audio_dev **devp, const struct audio_param *prm,
		    const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	int err;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->prm = *prm;
	dev->block = prm->srate * prm->ptime / 1000;
	dev->h = *h;

	dev->sampv = mem_zalloc(dev->block * prm->channels *
				sizeof(*dev->sampv), NULL);
	if (!dev->sampv) {
		err = ENOMEM;
		goto out;
	}

	err = -snd_pcm_open(&dev->pcm, device[0] ? device : "default",
			    prm->capture ? SND_PCM_STREAM_CAPTURE :
			    SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (!err)
		err = set_hw(dev);
	if (!err)
		err = set_sw(dev);
	if (!err)
		err = -snd_pcm_prepare(dev->pcm);
	if (!err && prm->capture)
		err = -snd_pcm_start(dev->pcm);
	if (err)
		goto out;

	dev->start = now_ms();
	err = listen_fds(dev);

 out:
	if (err)
		mem_deref(dev);
	else
		*devp = dev;

	return err;
}


/* The names ALSA's configuration gives hints for */
static int devices(audio_device_h *deviceh, void *arg)
{
	void **hints, **h;
	int err;

	err = snd_device_name_hint(-1, "pcm", &hints);
	if (err < 0)
		return -err;

	for (h = hints; *h; h++) {
		char *name = snd_device_name_get_hint(*h, "NAME");
		char *desc = snd_device_name_get_hint(*h, "DESC");
		char *io = snd_device_name_get_hint(*h, "IOID");
		char *nl = desc ? strchr(desc, '\n') : NULL;

		if (nl)
			*nl = '\0';
		if (name)
			deviceh(name, desc ? desc : "",
				!io || !strcmp(io, "Input"),
				!io || !strcmp(io, "Output"), arg);
		free(name);
		free(desc);
		free(io);
	}

	return -snd_device_name_free_hint(hints);
}


static int check(const char *device, bool capture, char *buf, size_t size)
{
	snd_pcm_t *pcm;
	int err;

	err = snd_pcm_open(&pcm, device[0] ? device : "default",
			   capture ? SND_PCM_STREAM_CAPTURE :
			   SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
	if (!err)
		return -snd_pcm_close(pcm);

	(void)re_snprintf(buf, size, "%s", err == -ENOENT ?
			  "there is no such sound card" :
			  snd_strerror(err));

	return -err;
}


static struct audio_driver alsa = {
	.name = "alsa", .clocked = true,
	.source = true, .sink = true, .open = dev_open,
	.devices = devices, .check = check,
};


/* ALSA speaks to stderr of what it then returns as an error */
static void silent(const char *file, int line, const char *function, int err,
		   const char *fmt, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)err;
	(void)fmt;
}


static int module_init(void)
{
	(void)snd_lib_error_set_handler(silent);

	return audio_driver_register(&alsa);
}


static int module_close(void)
{
	audio_driver_unregister(&alsa);
	(void)snd_lib_error_set_handler(NULL);
	(void)snd_config_update_free_global();

	return 0;
}


OFFHOOK_MODULE("alsa", "audio_driver", module_init, module_close);
