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


static int null_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	(void)prm;
	(void)device;
	(void)h;

	*devp = mem_zalloc(sizeof(**devp), NULL);

	return *devp ? 0 : ENOMEM;
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
	.name = "null", .source = true, .sink = true,
	.open = null_open, .read = null_read, .write = null_write,
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
