/**
 * @file registry.c  What modules registered, one list a kind
 *
 * Lists of structs that belong to the modules. A struct that lacks what
 * its kind cannot do without is refused here, so that nobody who uses one
 * has to check again. Only the main loop writes, and modules come while the
 * media loop runs: so a lock is held for as long as a list is looked at.
 */
#include <pthread.h>
#include <string.h>

#include "common/re_compat.h"

#include "loader.h"
#include "registry.h"

typedef bool (named_h)(const void *item, const char *name);

/** One kind of things that modules offer */
struct kind {
	const char *name;
	named_h *named;
	struct list list;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;


static void *find(const struct kind *kind, const char *name)
{
	void *found = NULL;
	struct le *le;

	(void)pthread_mutex_lock(&lock);
	LIST_FOREACH(&kind->list, le) {
		if (!name || kind->named(le->data, name)) {
			found = le->data;
			break;
		}
	}
	(void)pthread_mutex_unlock(&lock);

	return found;
}


/* What is not there may come with a module */
static void *demand(const struct kind *kind, const char *name)
{
	void *found = find(kind, name);

	if (!found && modules_need(kind->name, name))
		found = find(kind, name);

	return found;
}


static bool known(const struct kind *kind, const char *name)
{
	return find(kind, name) || modules_offer(kind->name, name);
}


static void add(struct kind *kind, struct le *le, void *item)
{
	(void)pthread_mutex_lock(&lock);
	list_append(&kind->list, le, item);
	(void)pthread_mutex_unlock(&lock);
}


static void take(struct le *le)
{
	(void)pthread_mutex_lock(&lock);
	list_unlink(le);
	(void)pthread_mutex_unlock(&lock);
}


/* ---- codecs ---- */

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


static bool is_codec(const void *item, const char *name)
{
	return codec_named(item, name);
}


static struct kind codecs = { "codec", is_codec, LIST_INIT };


const struct list *codec_list(void)
{
	(void)modules_need(codecs.name, NULL);

	return &codecs.list;
}


const struct codec *codec_find(const char *name)
{
	return name ? demand(&codecs, name) : NULL;
}


const struct codec *codec_next(const char *name, const struct codec *prev)
{
	struct le *le;

	if (!prev)
		(void)modules_need(codecs.name, name);

	for (le = prev ? prev->le.next : codecs.list.head; le; le = le->next) {
		if (codec_named(le->data, name))
			return le->data;
	}

	return NULL;
}


/* One codec may come in several forms: another rate, another fmtp */
static bool codec_known(const struct codec *codec)
{
	struct le *le;

	LIST_FOREACH(&codecs.list, le) {
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

	add(&codecs, &codec->le, codec);

	return 0;
}


void codec_unregister(struct codec *codec)
{
	if (codec)
		take(&codec->le);
}


/* ---- audio drivers ---- */

static bool is_driver(const void *item, const char *name)
{
	return !str_cmp(((const struct audio_driver *)item)->name, name);
}


static struct kind drivers = { "audio_driver", is_driver, LIST_INIT };


const struct list *audio_driver_list(void)
{
	(void)modules_need(drivers.name, NULL);

	return &drivers.list;
}


const struct audio_driver *audio_driver_find(const char *name)
{
	return name ? demand(&drivers, name) : NULL;
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
	if (!driver || !str_isset(driver->name) || !driver->open ||
	    (!driver->source && !driver->sink))
		return EINVAL;

	if (!driver->clocked && ((driver->source && !driver->read) ||
				 (driver->sink && !driver->write)))
		return EINVAL;

	if (find(&drivers, driver->name))
		return EALREADY;

	add(&drivers, &driver->le, driver);

	return 0;
}


void audio_driver_unregister(struct audio_driver *driver)
{
	if (driver)
		take(&driver->le);
}


/* ---- audio filters ---- */

static struct kind filters = { "audio_filter", NULL, LIST_INIT };


const struct audio_filter *audio_filter_find(unsigned what)
{
	const struct audio_filter *found = NULL;
	struct le *le;

	(void)modules_need(filters.name, NULL);

	(void)pthread_mutex_lock(&lock);
	LIST_FOREACH(&filters.list, le) {
		const struct audio_filter *filter = le->data;

		if (!found && filter->does & what)
			found = filter;
	}
	(void)pthread_mutex_unlock(&lock);

	return found;
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

	add(&filters, &filter->le, filter);

	return 0;
}


void audio_filter_unregister(struct audio_filter *filter)
{
	if (filter)
		take(&filter->le);
}


/* ---- sound files ---- */

static bool is_file(const void *item, const char *name)
{
	return !str_cmp(((const struct audio_file *)item)->name, name);
}


static struct kind files = { "audio_file", is_file, LIST_INIT };


const struct audio_file *audio_file_find(const char *name)
{
	return name ? demand(&files, name) : NULL;
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

	if (find(&files, file->name))
		return EALREADY;

	add(&files, &file->le, file);

	return 0;
}


void audio_file_unregister(struct audio_file *file)
{
	if (file)
		take(&file->le);
}


/* ---- packet protection ---- */

static struct kind engines = { "srtp", NULL, LIST_INIT };


const struct srtp_engine *srtp_engine_get(void)
{
	return demand(&engines, NULL);
}


bool srtp_engine_known(void)
{
	return known(&engines, NULL);
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

	if (find(&engines, NULL))
		return EALREADY;

	add(&engines, &engine->le, engine);

	return 0;
}


void srtp_engine_unregister(struct srtp_engine *engine)
{
	if (engine)
		take(&engine->le);
}


/* ---- key agreement ---- */

static bool is_crypto(const void *item, const char *name)
{
	return !str_cmp(((const struct media_crypto *)item)->name, name);
}


static struct kind cryptos = { "media_crypto", is_crypto, LIST_INIT };


const struct media_crypto *media_crypto_find(const char *name)
{
	return name ? demand(&cryptos, name) : NULL;
}


bool media_crypto_known(const char *name)
{
	return name && known(&cryptos, name);
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

	if (find(&cryptos, mc->name))
		return EALREADY;

	add(&cryptos, &mc->le, mc);

	return 0;
}


void media_crypto_unregister(struct media_crypto *mc)
{
	if (mc)
		take(&mc->le);
}
