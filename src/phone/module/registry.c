/**
 * @file registry.c  What modules registered, one list a kind
 *
 * Lists of structs that belong to the modules. A struct that lacks what
 * its kind cannot do without is refused here, so that nobody who uses one
 * has to check again.
 */
#include <string.h>

#include "common/re_compat.h"

#include "registry.h"

static struct list codecs = LIST_INIT;
static struct list drivers = LIST_INIT;
static struct list filters = LIST_INIT;
static struct list files = LIST_INIT;
static struct list engines = LIST_INIT;
static struct list cryptos = LIST_INIT;


const struct list *codec_list(void)
{
	return &codecs;
}


/* Does the next part of "name/rate/channels" say what the codec says? */
static bool part_is(const char **sp, uint32_t value)
{
	struct pl pl = { *sp, strcspn(*sp, "/") };

	if (!pl.l || pl_u32(&pl) != value)
		return false;

	*sp += pl.l;
	if (**sp == '/')
		++*sp;

	return true;
}


bool codec_named(const struct codec *codec, const char *name)
{
	struct pl pl;
	const char *s;

	if (!codec || !name)
		return false;

	pl.p = name;
	pl.l = strcspn(name, "/");
	if (!pl.l || pl_strcasecmp(&pl, codec->name))
		return false;

	s = name + pl.l;
	if (!*s)
		return true;

	++s;
	if (!part_is(&s, codec->clock_rate))
		return false;

	return !*s || (part_is(&s, codec->sdp_channels) && !*s);
}


const struct codec *codec_find(const char *name)
{
	struct le *le;

	LIST_FOREACH(&codecs, le) {
		if (codec_named(le->data, name))
			return le->data;
	}

	return NULL;
}


/* One codec may come in several forms: another rate, another fmtp */
static bool codec_known(const struct codec *codec)
{
	struct le *le;

	LIST_FOREACH(&codecs, le) {
		const struct codec *other = le->data;

		if (!str_casecmp(other->name, codec->name) &&
		    other->clock_rate == codec->clock_rate &&
		    !str_cmp(other->fmtp ? other->fmtp : "",
			     codec->fmtp ? codec->fmtp : ""))
			return true;
	}

	return false;
}


/**
 * Register a codec
 *
 * @param codec  Codec; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing,
 *         EALREADY: there is the same one)
 */
int codec_register(struct codec *codec)
{
	if (!codec || !str_isset(codec->name) || !codec->clock_rate ||
	    !codec->srate || !codec->channels || !codec->sdp_channels ||
	    !codec->enc_update || !codec->encode || !codec->dec_alloc ||
	    !codec->decode)
		return EINVAL;

	if (codec_known(codec))
		return EALREADY;

	list_append(&codecs, &codec->le, codec);

	return 0;
}


void codec_unregister(struct codec *codec)
{
	if (codec)
		list_unlink(&codec->le);
}


const struct list *audio_driver_list(void)
{
	return &drivers;
}


const struct audio_driver *audio_driver_find(const char *name)
{
	struct le *le;

	LIST_FOREACH(&drivers, le) {
		const struct audio_driver *driver = le->data;

		if (!str_cmp(driver->name, name))
			return driver;
	}

	return NULL;
}


/**
 * Register an audio driver
 *
 * @param driver  Driver; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing,
 *         EALREADY: there is one of that name)
 */
int audio_driver_register(struct audio_driver *driver)
{
	if (!driver || !str_isset(driver->name) ||
	    (!driver->capture_open && !driver->playback_open))
		return EINVAL;

	if (!driver->clocked && ((driver->capture_open && !driver->read) ||
				 (driver->playback_open && !driver->write)))
		return EINVAL;

	if (audio_driver_find(driver->name))
		return EALREADY;

	list_append(&drivers, &driver->le, driver);

	return 0;
}


void audio_driver_unregister(struct audio_driver *driver)
{
	if (driver)
		list_unlink(&driver->le);
}


const struct audio_filter *audio_filter_find(unsigned what)
{
	struct le *le;

	LIST_FOREACH(&filters, le) {
		const struct audio_filter *filter = le->data;

		if (filter->does & what)
			return filter;
	}

	return NULL;
}


/**
 * Register an audio filter
 *
 * @param filter  Filter; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing)
 */
int audio_filter_register(struct audio_filter *filter)
{
	if (!filter || !str_isset(filter->name) || !filter->does ||
	    !filter->alloc || !filter->playback || !filter->capture)
		return EINVAL;

	list_append(&filters, &filter->le, filter);

	return 0;
}


void audio_filter_unregister(struct audio_filter *filter)
{
	if (filter)
		list_unlink(&filter->le);
}


const struct audio_file *audio_file_find(const char *name)
{
	struct le *le;

	LIST_FOREACH(&files, le) {
		const struct audio_file *file = le->data;

		if (!str_cmp(file->name, name))
			return file;
	}

	return NULL;
}


/**
 * Register a format of sound files
 *
 * @param file  Format; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing,
 *         EALREADY: there is one of that name)
 */
int audio_file_register(struct audio_file *file)
{
	if (!file || !str_isset(file->name) || !file->open || !file->write ||
	    !file->close)
		return EINVAL;

	if (audio_file_find(file->name))
		return EALREADY;

	list_append(&files, &file->le, file);

	return 0;
}


void audio_file_unregister(struct audio_file *file)
{
	if (file)
		list_unlink(&file->le);
}


const struct srtp_engine *srtp_engine_get(void)
{
	return list_ledata(list_head(&engines));
}


/**
 * Register what protects packets
 *
 * @param engine  Engine; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing,
 *         EALREADY: there is one)
 */
int srtp_engine_register(struct srtp_engine *engine)
{
	if (!engine || !str_isset(engine->name) || !engine->alloc ||
	    !engine->protect || !engine->unprotect ||
	    !engine->protect_rtcp || !engine->unprotect_rtcp)
		return EINVAL;

	if (srtp_engine_get())
		return EALREADY;

	list_append(&engines, &engine->le, engine);

	return 0;
}


void srtp_engine_unregister(struct srtp_engine *engine)
{
	if (engine)
		list_unlink(&engine->le);
}


const struct list *media_crypto_list(void)
{
	return &cryptos;
}


const struct media_crypto *media_crypto_find(const char *name)
{
	struct le *le;

	LIST_FOREACH(&cryptos, le) {
		const struct media_crypto *mc = le->data;

		if (!str_cmp(mc->name, name))
			return mc;
	}

	return NULL;
}


/**
 * Register a way to agree on keys
 *
 * @param mc  Key agreement; stays the module's
 *
 * @return 0 if success, otherwise errorcode (EINVAL: something is missing,
 *         EALREADY: there is one of that name)
 */
int media_crypto_register(struct media_crypto *mc)
{
	if (!mc || !str_isset(mc->name) || !mc->profiles || !mc->alloc ||
	    !mc->encode || !mc->decode || !mc->agree || !mc->start ||
	    (mc->handshake && !mc->input))
		return EINVAL;

	if (media_crypto_find(mc->name))
		return EALREADY;

	list_append(&cryptos, &mc->le, mc);

	return 0;
}


void media_crypto_unregister(struct media_crypto *mc)
{
	if (mc)
		list_unlink(&mc->le);
}
