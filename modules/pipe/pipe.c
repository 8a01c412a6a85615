/**
 * @file pipe.c  Named pipes as microphone and as loudspeaker, for programs
 *
 * Config:   "pipe,/absolute/path"       samples: 48 kHz, one channel, 16 bit
 *                                       little endian
 *           "pipe,/absolute/path,stereo"  the same of two channels
 *           "pipe,/absolute/path,opus"  Opus packets, each behind its length
 *                                       in two bytes, high one first; they
 *                                       are stereo if the call is
 * Requires: libopus
 *
 * A pipe that is not there is made. Nobody has to be at its other end: then
 * the microphone is silent and the loudspeaker's sound is dropped, until
 * somebody comes. Whoever writes is held back to real time by a pipe that
 * holds little. Nothing here waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <opus.h>
#include <re.h>

#include "module.h"

enum {
	SRATE      = 48000,
	HOLD       = 8192,       /**< Bytes in the pipe of a microphone: two
				      pages, one to write into while
				      the other is read               */
	PACKET_MAX = 1275,       /**< Of Opus (RFC 6716 3.2.1)            */
	LEN        = 2,          /**< Bytes of a length                   */
	IN_MAX     = 2 * (PACKET_MAX + LEN),
	LONGEST    = SRATE * 120 / 1000,   /**< Of Opus, one channel   */
	QUEUE_MAX  = 4 * LONGEST,
	AGAIN      = 5           /**< Blocks between two looks for a
				      reader                              */
};

struct audio_dev {
	int fd;                  /**< -1: nobody reads                    */
	bool opus;
	bool stereo;             /**< What goes through it has two ...    */
	unsigned channels;       /**< ... who opened it wants so many     */
	char *path;
	unsigned wait;
	OpusEncoder *enc;
	OpusDecoder *dec;

	size_t inc;              /**< Bytes that are here                 */
	size_t queued;           /**< Samples that are here               */
	uint8_t in[IN_MAX];
	int16_t queue[QUEUE_MAX];
};


static void dev_destructor(void *arg)
{
	struct audio_dev *dev = arg;

	if (dev->fd >= 0)
		(void)close(dev->fd);
	if (dev->enc)
		opus_encoder_destroy(dev->enc);
	if (dev->dec)
		opus_decoder_destroy(dev->dec);
	mem_deref(dev->path);
}


/* Is this word the last one? Then it is taken off */
static bool word_take(const char *device, size_t *len, const char *word)
{
	const size_t n = strlen(word);

	if (*len <= n || strncmp(device + *len - n, word, n))
		return false;

	*len -= n;

	return true;
}


/* Without ",opus" or ",stereo"; makes the pipe if need be */
static int path_get(char **pathp, const char *device, bool *opusp,
		    bool *stereop)
{
	size_t len = strlen(device);
	struct stat st;
	struct pl pl;
	int err;

	*opusp = word_take(device, &len, ",opus");
	*stereop = !*opusp && word_take(device, &len, ",stereo");
	if (device[0] != '/')
		return EINVAL;

	pl.p = device;
	pl.l = len;
	err = pl_strdup(pathp, &pl);
	if (err)
		return err;

	if (mkfifo(*pathp, 0600) < 0 && errno != EEXIST)
		err = errno;
	else if (stat(*pathp, &st) < 0)
		err = errno;
	else if (!S_ISFIFO(st.st_mode))
		err = ENOTSUP;

	if (err)
		*pathp = mem_deref(*pathp);

	return err;
}


/* ---- microphone ---- */

static int source_open(struct audio_dev *dev)
{
	int e = OPUS_OK;

	/* opened for writing too: no end of file when a writer leaves */
	dev->fd = open(dev->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (dev->fd < 0)
		return errno;
	(void)fcntl(dev->fd, F_SETPIPE_SZ, HOLD);

	if (!dev->opus)
		return 0;

	dev->dec = opus_decoder_create(SRATE, (int)dev->channels, &e);

	return dev->dec && e == OPUS_OK ? 0 : ENOMEM;
}


/* All whole packets that are here, as far as there is room for sound */
static void packets_decode(struct audio_dev *dev)
{
	size_t pos = 0;

	while (dev->inc - pos >= LEN) {
		const size_t len = (size_t)dev->in[pos] << 8 |
			dev->in[pos + 1];
		int n;

		/* not a length: whoever writes does not speak our language */
		if (len > PACKET_MAX) {
			pos = dev->inc;
			break;
		}
		if (dev->inc - pos < LEN + len ||
		    QUEUE_MAX - dev->queued < LONGEST * dev->channels)
			break;

		n = opus_decode(dev->dec, dev->in + pos + LEN,
				(opus_int32)len, dev->queue + dev->queued,
				LONGEST, 0);
		if (n > 0)
			dev->queued += (size_t)n * dev->channels;
		pos += LEN + len;
	}

	dev->inc -= pos;
	memmove(dev->in, dev->in + pos, dev->inc);
}


/* Bytes in the pipe for a sample: two channels may be wanted as one */
static size_t sample_bytes(const struct audio_dev *dev)
{
	return dev->stereo && dev->channels == 1 ? 4 : 2;
}


static int16_t sample(const uint8_t *p)
{
	return (int16_t)((uint16_t)p[1] << 8 | p[0]);
}


static void samples_take(struct audio_dev *dev)
{
	const size_t each = sample_bytes(dev), n = dev->inc / each;
	size_t i;

	for (i = 0; i < n; i++) {
		const uint8_t *p = dev->in + each * i;

		dev->queue[dev->queued++] = each == 2 ? sample(p) :
			(int16_t)((sample(p) + sample(p + 2)) / 2);
	}

	dev->inc -= each * n;
	memmove(dev->in, dev->in + each * n, dev->inc);
}


static int pipe_read(struct audio_dev *dev, int16_t *sampv, size_t sampc)
{
	/* a block only, so that the pipe holds back who writes too fast */
	while (dev->queued < sampc) {
		size_t want = sizeof(dev->in) - dev->inc;
		const size_t need = (sampc - dev->queued) *
			sample_bytes(dev) - dev->inc;
		ssize_t n;

		if (!dev->opus && want > need)
			want = need;

		n = read(dev->fd, dev->in + dev->inc, want);
		if (n <= 0)
			break;

		dev->inc += (size_t)n;
		if (dev->opus)
			packets_decode(dev);
		else
			samples_take(dev);
	}

	/* what is not a whole block waits for the rest of it */
	if (dev->queued < sampc) {
		memset(sampv, 0, sampc * sizeof(*sampv));
		return 0;
	}

	memcpy(sampv, dev->queue, sampc * sizeof(*sampv));
	dev->queued -= sampc;
	memmove(dev->queue, dev->queue + sampc,
		dev->queued * sizeof(*dev->queue));

	return 0;
}


/* ---- loudspeaker ---- */

static int sink_open(struct audio_dev *dev)
{
	int e = OPUS_OK;

	if (!dev->opus)
		return 0;

	dev->enc = opus_encoder_create(SRATE, (int)dev->channels,
				       OPUS_APPLICATION_VOIP, &e);

	return dev->enc && e == OPUS_OK ? 0 : ENOMEM;
}


/* Is somebody there to read? Asked now and then */
static bool has_reader(struct audio_dev *dev)
{
	if (dev->fd >= 0)
		return true;
	if (dev->wait--)
		return false;

	dev->wait = AGAIN;
	dev->fd = open(dev->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	return dev->fd >= 0;
}


static int pipe_write(struct audio_dev *dev, const int16_t *sampv,
		      size_t sampc)
{
	uint8_t out[SRATE / 50 * 4];
	const size_t each = sample_bytes(dev);
	size_t len = sampc * each, i, k;

	if (len > sizeof(out))
		return EINVAL;
	if (!has_reader(dev))
		return 0;

	if (dev->opus) {
		const int n = opus_encode(dev->enc, sampv,
					  (int)(sampc / dev->channels),
					  out + LEN, PACKET_MAX);

		if (n < 0)
			return 0;
		out[0] = (uint8_t)(n >> 8);
		out[1] = (uint8_t)n;
		len = LEN + (size_t)n;
	}
	else {
		for (i = 0; i < sampc; i++) {
			for (k = 0; k < each; k += 2) {
				out[each * i + k] = (uint8_t)sampv[i];
				out[each * i + k + 1] = (uint8_t)
					((uint16_t)sampv[i] >> 8);
			}
		}
	}

	/* shorter than PIPE_BUF: all of it or nothing. A reader that does
	   not keep up misses a block. */
	if (write(dev->fd, out, len) < 0 && errno != EAGAIN) {
		(void)close(dev->fd);
		dev->fd = -1;
	}

	return 0;
}


static int pipe_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	int err;
	(void)h;

	if (prm->srate != SRATE)
		return ENOTSUP;

	dev = mem_zalloc(sizeof(*dev), dev_destructor);
	if (!dev)
		return ENOMEM;

	dev->fd = -1;
	dev->channels = prm->channels;
	err = path_get(&dev->path, device, &dev->opus, &dev->stereo);
	if (!err && dev->channels > 1 && !dev->opus && !dev->stereo)
		err = ENOTSUP;
	if (!err)
		err = prm->capture ? source_open(dev) : sink_open(dev);
	if (err)
		mem_deref(dev);
	else
		*devp = dev;

	return err;
}


static int check(const char *device, bool capture, char *buf, size_t size)
{
	char *path = NULL;
	bool opus, stereo;
	int err;
	(void)capture;

	err = path_get(&path, device, &opus, &stereo);
	if (err == EINVAL)
		(void)re_snprintf(buf, size, "the path must begin with /");
	else if (err == ENOTSUP)
		(void)re_snprintf(buf, size, "is there and no named pipe");
	else if (err)
		(void)re_snprintf(buf, size, "%m", err);
	mem_deref(path);

	return err;
}


static struct audio_driver driver = {
	.name = "pipe", .source = true, .sink = true, .srate = SRATE,
	.share_source = true, .share_sink = true, .open = pipe_open,
	.read = pipe_read, .write = pipe_write, .check = check,
};


static int module_init(void)
{
	return audio_driver_register(&driver);
}


static int module_close(void)
{
	audio_driver_unregister(&driver);
	return 0;
}


OFFHOOK_MODULE("pipe", "audio_driver", module_init, module_close);
