/**
 * @file file.c  WAV files as microphone and as loudspeaker
 *
 * Config:   "file,/absolute/path.wav"  or  "file,/absolute/path.wav,repeat"
 * Requires: nothing
 *
 * The source begins with the first block and is silence after its end; it
 * may have any sample rate and length, and two channels for a call that is
 * stereo. The sink holds what was heard, 16 bit, at the rate of the codec
 * and with its channels. It is written five times a second, sound first and
 * then the header, so that the file is valid whenever one looks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <re.h>

#include "module.h"
#include "wav.h"

enum {
	FLUSH_BLOCKS = 10,
	PIECE        = 160       /**< Whatever the rates: in one window */
};

struct audio_dev {
	uint8_t channels;

	/* source */
	struct wav wav;
	struct resample *rs;
	uint64_t pos;            /**< Frames given                 */
	uint64_t end;            /**< Where to begin again, 0: not */

	/* sink */
	int fd;                  /**< -1: this is a source         */
	uint32_t srate;
	uint32_t bytes;          /**< Written to the file          */
	uint8_t *buf;
	size_t used, size;
};


/* What is held goes to the file, then the header says so */
static int sink_flush(struct audio_dev *dev)
{
	uint8_t hdr[WAV_HEADER];
	const off_t off = (off_t)WAV_HEADER + dev->bytes;

	if (dev->bytes > UINT32_MAX - WAV_HEADER - dev->used)
		return EFBIG;

	if (pwrite(dev->fd, dev->buf, dev->used, off) != (ssize_t)dev->used)
		return errno ? errno : EIO;

	dev->bytes += (uint32_t)dev->used;
	dev->used = 0;
	wav_header(hdr, dev->srate, dev->channels, dev->bytes);
	if (pwrite(dev->fd, hdr, sizeof(hdr), 0) != sizeof(hdr))
		return errno ? errno : EIO;

	return 0;
}


static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	if (dev->fd >= 0) {
		(void)sink_flush(dev);
		(void)close(dev->fd);
	}
	mem_deref(dev->buf);
	resample_free(dev->rs);
	wav_close(&dev->wav);
}


/* The path of a source, without ",repeat" */
static int source_path(char **pathp, const char *device, bool *repeatp)
{
	static const char word[] = ",repeat";
	const size_t len = strlen(device), n = sizeof(word) - 1;

	*repeatp = len > n && !strcmp(device + len - n, word);
	*pathp = strndup(device, *repeatp ? len - n : len);

	return *pathp ? 0 : ENOMEM;
}


static int source_open(struct audio_dev *dev, const struct audio_param *prm,
		       const char *device)
{
	char *path = NULL;
	bool repeat;
	int err;

	err = source_path(&path, device, &repeat);
	if (!err)
		err = wav_open(&dev->wav, path, prm->channels);
	if (err)
		goto out;

	dev->rs = resample_new(dev->wav.srate, prm->srate);
	if (!dev->rs)
		err = ENOMEM;
	if (repeat)
		dev->end = dev->wav.frames * prm->srate / dev->wav.srate;

 out:
	free(path);

	return err;
}


static int sink_open(struct audio_dev *dev, const struct audio_param *prm,
		     const char *device)
{
	dev->size = (size_t)prm->srate * prm->ptime / 1000 * 2 *
		prm->channels * FLUSH_BLOCKS;
	dev->buf = mem_alloc(dev->size, NULL);
	if (!dev->buf)
		return ENOMEM;

	/* two phones at once cannot both be heard in one file */
	dev->fd = open(device, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
		       O_NONBLOCK, 0600);
	if (dev->fd < 0 || flock(dev->fd, LOCK_EX | LOCK_NB) < 0 ||
	    ftruncate(dev->fd, 0) < 0) {
		const int err = errno == EWOULDBLOCK ? EBUSY : errno;

		if (dev->fd >= 0)
			(void)close(dev->fd);
		dev->fd = -1;
		return err;
	}

	return sink_flush(dev);
}


static int file_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	int err;
	(void)h;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->fd = dev->wav.fd = -1;
	dev->channels = prm->channels;
	dev->srate = prm->srate;

	err = prm->capture ? source_open(dev, prm, device) :
		sink_open(dev, prm, device);
	if (err)
		mem_deref(dev);
	else
		*devp = dev;

	return err;
}


static int file_read(struct audio_dev *dev, int16_t *sampv, size_t sampc)
{
	const size_t frames = sampc / dev->channels;
	struct wav *wav = &dev->wav;
	int16_t piece[PIECE];
	size_t i, k, ch, n, span;
	uint64_t first;

	for (i = 0; i < frames; i += n) {
		if (dev->end && dev->pos >= dev->end)
			dev->pos = 0;
		n = frames - i < PIECE ? frames - i : PIECE;
		resample_span(dev->rs, dev->pos, n, &first, &span);
		wav_window(wav, first, span);
		for (ch = 0; ch < dev->channels; ch++) {
			/* a file of one channel is on both sides */
			if (!ch || ch < wav->kept)
				resample_at(dev->rs, piece, n, dev->pos,
					    wav->sampv + ch * WAV_WINDOW,
					    wav->first, wav->held);
			for (k = 0; k < n; k++)
				sampv[(i + k) * dev->channels + ch] =
					piece[k];
		}
		dev->pos += n;
	}

	return 0;
}


static int file_write(struct audio_dev *dev, const int16_t *sampv,
		      size_t sampc)
{
	size_t i;

	for (i = 0; i < sampc; i++) {
		const uint16_t v = (uint16_t)sampv[i];
		int err;

		if (dev->used + 2 > dev->size) {
			err = sink_flush(dev);
			if (err)
				return err;
		}
		dev->buf[dev->used++] = (uint8_t)v;
		dev->buf[dev->used++] = (uint8_t)(v >> 8);
	}

	return dev->used >= dev->size ? sink_flush(dev) : 0;
}


static int check(const char *device, bool capture, char *buf, size_t size)
{
	struct wav wav;
	char *dir, *slash;
	bool repeat;
	int err;

	if (device[0] != '/') {
		(void)re_snprintf(buf, size, "the path must begin with /");
		return EINVAL;
	}

	if (capture) {
		err = source_path(&dir, device, &repeat);
		if (err)
			return err;
		err = wav_open(&wav, dir, 1);
		free(dir);
		if (!err)
			wav_close(&wav);
		if (err == EBADMSG)
			(void)re_snprintf(buf, size,
					  "is no WAV file of 16 bit PCM");
		else if (err)
			(void)re_snprintf(buf, size, "%m", err);
		return err;
	}

	dir = strdup(device);
	if (!dir)
		return ENOMEM;
	slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = '\0';
	err = access(dir, W_OK) < 0 ? errno : 0;
	if (err)
		(void)re_snprintf(buf, size, "%s: %m", dir, err);
	free(dir);

	return err;
}


static struct audio_driver file = {
	.name = "file", .source = true, .sink = true, .share_sink = true,
	.open = file_open, .read = file_read, .write = file_write,
	.check = check,
};


static int module_init(void)
{
	return audio_driver_register(&file);
}


static int module_close(void)
{
	audio_driver_unregister(&file);
	return 0;
}


OFFHOOK_MODULE("file", "audio_driver", module_init, module_close);
