/**
 * @file device.c  The sound devices of one stream: a source and a sink
 *
 * Either end may have a clock of its own, have none, or not be there: then
 * it is silence and the stream goes on. A device that failed is closed a
 * little later, not from within its own callback, and tried again until it
 * is back. Both ends are opened with the same handler argument, by which a
 * driver can tell which source belongs to which sink.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "device.h"

enum { SETTING_MAX = 512, RETRY_POLLS = 2 };

struct end {
	bool capture;
	bool wanted;
	bool failed;             /**< To be closed                */
	bool told;               /**< That it does not work       */
	unsigned polls;          /**< Since it was tried last     */
	char setting[SETTING_MAX];
	struct audio_param prm;
	const struct audio_driver *drv;
	struct audio_dev *dev;
};

struct devices {
	struct devices_handlers h;
	struct end source;
	struct end sink;
};


static void devices_destructor(void *arg)
{
	struct devices *dv = arg;

	mem_deref(dv->source.dev);
	mem_deref(dv->sink.dev);
}


int devices_alloc(struct devices **dvp, const struct devices_handlers *h)
{
	struct devices *dv;

	if (!dvp || !h || !h->captureh || !h->playbackh || !h->eventh)
		return EINVAL;

	dv = mem_zalloc(sizeof(*dv), devices_destructor);
	if (!dv)
		return ENOMEM;

	dv->h = *h;
	dv->source.capture = true;

	*dvp = dv;

	return 0;
}


int device_parse(const char *setting, bool capture,
		 const struct audio_driver **drvp, const char **device)
{
	const size_t len = strcspn(setting, ",");
	char name[64];

	*drvp = NULL;
	*device = setting + len + (setting[len] ? 1 : 0);

	if (!len || len >= sizeof(name))
		return ENOENT;

	memcpy(name, setting, len);
	name[len] = '\0';

	*drvp = audio_driver_find(name);
	if (!*drvp)
		return ENOENT;
	if (capture ? !(*drvp)->capture_open : !(*drvp)->playback_open)
		return ENOTSUP;

	return 0;
}


static const char *end_name(const struct end *end)
{
	return end->capture ? "microphone" : "loudspeaker";
}


static void tell(struct devices *dv, struct end *end, int err,
		 const char *why)
{
	char text[SETTING_MAX + 256];

	if (end->told)
		return;

	end->told = true;
	if (why)
		(void)re_snprintf(text, sizeof(text), "no %s: %s: %s",
				  end_name(end), end->setting, why);
	else
		(void)re_snprintf(text, sizeof(text), "no %s: %s: %m",
				  end_name(end), end->setting, err);
	dv->h.eventh(err ? err : EIO, text, dv->h.arg);
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct devices *dv = arg;

	if (dv->source.dev && !dv->source.failed)
		dv->h.captureh(sampv, sampc, dv->h.arg);
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct devices *dv = arg;

	dv->h.playbackh(sampv, sampc, dv->h.arg);
}


static void capture_error(int err, const char *text, void *arg)
{
	struct devices *dv = arg;

	dv->source.failed = true;
	tell(dv, &dv->source, err, text);
}


static void playback_error(int err, const char *text, void *arg)
{
	struct devices *dv = arg;

	dv->sink.failed = true;
	tell(dv, &dv->sink, err, text);
}


static void end_close(struct end *end)
{
	end->dev = mem_deref(end->dev);
	end->failed = false;
}


static void end_open(struct devices *dv, struct end *end)
{
	const char *device = "", *why = NULL;
	const bool was_told = end->told;
	int err;

	end->polls = 0;
	err = device_parse(end->setting, end->capture, &end->drv, &device);
	if (err) {
		why = err == ENOENT ? "no such driver" : "wrong direction";
		goto out;
	}

	if (end->capture)
		err = end->drv->capture_open(&end->dev, &end->prm, device,
					     capture_handler, capture_error,
					     dv);
	else
		err = end->drv->playback_open(&end->dev, &end->prm, device,
					      playback_handler,
					      playback_error, dv);

 out:
	if (err) {
		end->dev = NULL;
		tell(dv, end, err, why);
		return;
	}

	if (was_told) {
		char text[64];

		end->told = false;
		(void)re_snprintf(text, sizeof(text), "the %s is back",
				  end_name(end));
		dv->h.eventh(0, text, dv->h.arg);
	}
}


static bool same_param(const struct audio_param *a,
		       const struct audio_param *b)
{
	return a->srate == b->srate && a->channels == b->channels &&
		a->ptime == b->ptime;
}


static void end_set(struct devices *dv, struct end *end, const char *setting,
		    const struct audio_param *prm)
{
	if (!setting) {
		end->wanted = false;
		end->told = false;
		end_close(end);
		return;
	}

	if (end->wanted && !str_cmp(end->setting, setting) &&
	    same_param(&end->prm, prm))
		return;

	end_close(end);
	end->wanted = true;
	end->told = false;
	str_ncpy(end->setting, setting, sizeof(end->setting));
	end->prm = *prm;
	end_open(dv, end);
}


void devices_source(struct devices *dv, const char *setting,
		    const struct audio_param *prm)
{
	if (dv)
		end_set(dv, &dv->source, setting, prm);
}


void devices_sink(struct devices *dv, const char *setting,
		  const struct audio_param *prm)
{
	if (dv)
		end_set(dv, &dv->sink, setting, prm);
}


static bool end_clocked(const struct end *end)
{
	return end->dev && !end->failed && end->drv->clocked;
}


bool devices_source_clocked(const struct devices *dv)
{
	return dv && end_clocked(&dv->source);
}


bool devices_sink_clocked(const struct devices *dv)
{
	return dv && end_clocked(&dv->sink);
}


void devices_read(struct devices *dv, int16_t *sampv, size_t sampc)
{
	struct end *end = &dv->source;
	int err;

	if (end->dev && !end->failed && !end->drv->clocked) {
		err = end->drv->read(end->dev, sampv, sampc);
		if (!err)
			return;

		end->failed = true;
		tell(dv, end, err, NULL);
	}

	memset(sampv, 0, sampc * sizeof(*sampv));
}


void devices_write(struct devices *dv, const int16_t *sampv, size_t sampc)
{
	struct end *end = &dv->sink;
	int err;

	if (!end->dev || end->failed || end->drv->clocked)
		return;

	err = end->drv->write(end->dev, sampv, sampc);
	if (err) {
		end->failed = true;
		tell(dv, end, err, NULL);
	}
}


static void end_poll(struct devices *dv, struct end *end)
{
	if (end->failed)
		end_close(end);

	/* a file that failed would begin anew: only sound cards come back */
	if (end->wanted && !end->dev && end->drv && end->drv->clocked &&
	    ++end->polls >= RETRY_POLLS)
		end_open(dv, end);
}


void devices_poll(struct devices *dv)
{
	if (!dv)
		return;

	end_poll(dv, &dv->source);
	end_poll(dv, &dv->sink);
}
