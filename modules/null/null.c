/**
 * @file null.c  No sound: a source of silence, a sink that hears nothing
 *
 * Config:   "null" or "null,"
 * Requires: nothing
 */
#include <errno.h>
#include <string.h>

#include <re.h>

#include "module.h"

struct audio_dev { int unused; };


static int capture_open(struct audio_dev **devp,
			const struct audio_param *prm, const char *device,
			audio_capture_h *captureh, audio_error_h *errorh,
			void *arg)
{
	(void)prm;
	(void)device;
	(void)captureh;
	(void)errorh;
	(void)arg;

	*devp = mem_zalloc(sizeof(**devp), NULL);

	return *devp ? 0 : ENOMEM;
}


static int playback_open(struct audio_dev **devp,
			 const struct audio_param *prm, const char *device,
			 audio_playback_h *playbackh, audio_error_h *errorh,
			 void *arg)
{
	(void)playbackh;

	return capture_open(devp, prm, device, NULL, errorh, arg);
}


static int null_read(struct audio_dev *dev, int16_t *sampv, size_t sampc)
{
	(void)dev;

	memset(sampv, 0, sampc * sizeof(*sampv));

	return 0;
}


static int null_write(struct audio_dev *dev, const int16_t *sampv,
		      size_t sampc)
{
	(void)dev;
	(void)sampv;
	(void)sampc;

	return 0;
}


static struct audio_driver null = {
	.name = "null",
	.capture_open = capture_open, .playback_open = playback_open,
	.read = null_read, .write = null_write,
};


static int module_init(void)
{
	return audio_driver_register(&null);
}


static int module_close(void)
{
	audio_driver_unregister(&null);
	return 0;
}


OFFHOOK_MODULE("null", "audio_driver", module_init, module_close);
