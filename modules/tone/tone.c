/**
 * @file tone.c  A source that hums: "tone,440"
 *
 * Config:   "tone,HERTZ", 440 if none is given
 * Requires: nothing
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <re.h>

#include "module.h"

enum { HERTZ = 440, HERTZ_MAX = 24000, LEVEL = 8192 };   /* -12 dBFS */

struct audio_dev {
	uint8_t channels;
	double phase;
	double step;
};


static uint32_t hertz(const char *device)
{
	struct pl pl;
	uint32_t hz;

	pl_set_str(&pl, device);
	hz = pl.l < 6 ? pl_u32(&pl) : 0;

	return hz && hz <= HERTZ_MAX ? hz : HERTZ;
}


static int tone_open(struct audio_dev **devp, const struct audio_param *prm,
		     const char *device, const struct audio_handlers *h)
{
	struct audio_dev *dev;
	(void)h;

	dev = mem_zalloc(sizeof(*dev), NULL);
	if (!dev)
		return ENOMEM;

	dev->channels = prm->channels;
	dev->step = 2 * M_PI * hertz(device) / prm->srate;

	*devp = dev;

	return 0;
}


static int tone_read(struct audio_dev *dev, int16_t *sampv, size_t sampc)
{
	size_t i;

	for (i = 0; i < sampc; i++) {
		sampv[i] = (int16_t)(LEVEL * sin(dev->phase));
		if ((i + 1) % dev->channels == 0)
			dev->phase += dev->step;
	}
	dev->phase = fmod(dev->phase, 2 * M_PI);

	return 0;
}


static struct audio_driver tone = {
	.name = "tone", .source = true, .open = tone_open, .read = tone_read,
};


static int module_init(void)
{
	return audio_driver_register(&tone);
}


static int module_close(void)
{
	audio_driver_unregister(&tone);
	return 0;
}


OFFHOOK_MODULE("tone", "audio_driver", module_init, module_close);
