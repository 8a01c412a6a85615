/**
 * @file media.c  The media room's door: settings, devices, the end
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "device.h"
#include "loop.h"
#include "media.h"
#include "media_priv.h"
#include "recorder.h"

enum { PORT_LOW = 1024 };

static struct media_settings settings = {
	.port_min = 20000,
	.port_max = 20998,
	.codecs = "opus,G722,PCMU,PCMA",
	.source = "alsa,default",
	.sink = "alsa,default",
	.tones = "eu",
};


const struct media_settings *media_settings(void)
{
	return &settings;
}


static void take(char *dst, size_t size, const char *src)
{
	if (str_isset(src))
		str_ncpy(dst, src, size);
}


/* On the media loop */
static void sound_handler(void *data)
{
	devices_configure(data);
}


static void sound_configure(const struct media_config *conf)
{
	struct devices_sound *sound = mem_zalloc(sizeof(*sound), NULL);

	if (!sound)
		return;

	sound->filters = (conf->echo ? AUDIO_ECHO : 0U) |
		(conf->noise ? AUDIO_NOISE : 0U) |
		(conf->gain ? AUDIO_GAIN : 0U);
	if (sound->filters)
		(void)audio_filter_find(sound->filters);
	sound->volume = 1 + (float)conf->volume / 100;
	sound->mic = 1 + (float)conf->mic / 100;

	/* nobody else is there before the thread is */
	if (loop_running()) {
		(void)loop_post(sound_handler, sound);
	}
	else {
		devices_configure(sound);
		mem_deref(sound);
	}
}


static void codec_configure(const char *name, const char *fmtp)
{
	const struct codec *codec = codec_find(name);

	if (codec && codec->configure && fmtp && codec->configure(fmtp))
		warning("media: codecs.%s: \"%s\" is not understood\n", name,
			fmtp);
}


int media_configure(const struct media_config *conf)
{
	struct sa sa;

	if (!conf)
		return EINVAL;

	if (str_isset(conf->address) && sa_set_str(&sa, conf->address, 0))
		return EINVAL;
	if (conf->port_min && (conf->port_min < PORT_LOW ||
			       conf->port_max <= conf->port_min))
		return ERANGE;

	str_ncpy(settings.address, conf->address ? conf->address : "",
		 sizeof(settings.address));
	if (conf->port_min) {
		settings.port_min = conf->port_min;
		settings.port_max = conf->port_max;
	}
	take(settings.codecs, sizeof(settings.codecs), conf->codecs);
	take(settings.tones, sizeof(settings.tones), conf->tones);
	take(settings.source, sizeof(settings.source), conf->source);
	take(settings.sink, sizeof(settings.sink), conf->sink);
	str_ncpy(settings.ring, conf->ring ? conf->ring : "",
		 sizeof(settings.ring));

	codec_configure("opus", conf->opus);
	sound_configure(conf);

	return loop_init();
}


void media_follow(void)
{
	streams_devices(settings.source, settings.sink);
}


void media_close(void)
{
	tones_close();
	sound_test_close();
	streams_close();
	loop_stop();
	recorder_close();
	loop_close();
}
