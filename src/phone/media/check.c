/**
 * @file check.c  What is wrong with the settings of sound
 *
 * What can never work is refused when it is set: a driver or a codec that
 * there is not would be noticed in the first call only. A device that is
 * not there now may be plugged in later: that is told, but taken.
 */
#include "check.h"

#include <errno.h>
#include <string.h>

#include "phone/module/registry.h"

#include "card.h"
#include "media_priv.h"

static const struct {
	const char *name;
	const char *key;
} purposes[SOUND_PURPOSES] = {
	{ "microphone", "audio.source" },
	{ "loudspeaker", "audio.sink" },
	{ "ring", "audio.ring" },
};


const char *sound_for_name(enum sound_for what)
{
	return what < SOUND_PURPOSES ? purposes[what].name : "";
}


const char *sound_for_key(enum sound_for what)
{
	return what < SOUND_PURPOSES ? purposes[what].key : "";
}


enum sound_for sound_for_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < SOUND_PURPOSES; i++) {
		if (!strcmp(purposes[i].name, name))
			return (enum sound_for)i;
	}

	return SOUND_NONE;
}


const char *sound_device(enum sound_for what)
{
	const struct media_settings *conf = media_settings();

	if (what == SOUND_MICROPHONE)
		return conf->source;

	return what == SOUND_RING && conf->ring[0] ? conf->ring : conf->sink;
}


/* "alsa file null": all there are that can do it */
static void drivers(bool capture, char *buf, size_t size)
{
	struct le *le;
	size_t n = 0;

	buf[0] = '\0';
	LIST_FOREACH(audio_driver_list(), le) {
		const struct audio_driver *drv = le->data;

		if (capture ? !drv->source : !drv->sink)
			continue;
		if (re_snprintf(buf + n, size - n, "%s%s", n ? " " : "",
				drv->name) < 0)
			return;
		n = strlen(buf);
	}
}


/* Driver and direction */
static int driver_check(enum sound_for what, const char *setting,
			const struct audio_driver **drvp,
			const char **device, char *buf, size_t size)
{
	const bool capture = what == SOUND_MICROPHONE;
	char all[160];
	int err;

	err = device_parse(setting, capture, drvp, device);
	if (!err)
		return 0;

	drivers(capture, all, sizeof(all));
	if (err == ENOENT)
		(void)re_snprintf(buf, size, "there is no such sound driver: "
				  "there are %s", all);
	else
		(void)re_snprintf(buf, size, capture ?
				  "cannot be a microphone: there are %s" :
				  "cannot be a loudspeaker: there are %s",
				  all);

	return err;
}


int sound_check(enum sound_for what, char *buf, size_t size)
{
	const char *setting, *device;
	const struct audio_driver *drv;
	int err;

	if (what >= SOUND_PURPOSES || !buf || !size)
		return EINVAL;

	buf[0] = '\0';
	setting = sound_device(what);
	err = driver_check(what, setting, &drv, &device, buf, size);
	if (!err && drv->check)
		err = drv->check(device, what == SOUND_MICROPHONE, buf,
				 size);
	if (err && !buf[0])
		(void)re_snprintf(buf, size, "%m", err);

	return err;
}


static enum sound_for of_key(const char *key)
{
	size_t i;

	for (i = 0; i < SOUND_PURPOSES; i++) {
		if (!strcmp(purposes[i].key, key))
			break;
	}

	return (enum sound_for)i;
}


bool sound_setting(const char *key)
{
	return key && (!strcmp(key, "codecs") || of_key(key) != SOUND_NONE);
}


int sound_setting_check(const char *key, const char *value, char *buf,
			size_t size)
{
	const struct audio_driver *drv;
	const char *device;
	enum sound_for what;

	if (!key || !value || !buf || !size)
		return EINVAL;

	buf[0] = '\0';
	if (!strcmp(key, "codecs"))
		return codecs_check(value, buf, size);

	what = of_key(key);
	if (what == SOUND_NONE || !*value)
		return 0;

	return driver_check(what, value, &drv, &device, buf, size);
}


/* "opus G722 PCMU": each name once */
static void codec_names(char *buf, size_t size)
{
	const char *last = "";
	struct le *le;
	size_t n = 0;

	buf[0] = '\0';
	LIST_FOREACH(codec_list(), le) {
		const struct codec *codec = le->data;

		if (!str_casecmp(codec->name, last))
			continue;
		last = codec->name;
		if (re_snprintf(buf + n, size - n, "%s%s", n ? " " : "",
				last) < 0)
			return;
		n = strlen(buf);
	}
}


int codecs_check(const char *list, char *buf, size_t size)
{
	struct pl rest, name;
	char one[64], all[160];

	if (!list || !buf || !size)
		return EINVAL;

	buf[0] = '\0';
	pl_set_str(&rest, list);
	while (!re_regex(rest.p, rest.l, "[^, ]+", &name)) {
		pl_advance(&rest, name.p + name.l - rest.p);
		if (!pl_strcpy(&name, one, sizeof(one)) &&
		    codec_next(one, NULL))
			continue;

		codec_names(all, sizeof(all));
		(void)re_snprintf(buf, size, "there is no codec \"%r\": "
				  "there are %s", &name, all);
		return ENOENT;
	}

	return 0;
}
