/**
 * @file device.c  A microphone and a loudspeaker for one who speaks
 *
 * Between the shared devices and the one who uses them: the volume of both
 * ends, and the filters. A filter sees what is played and cleans what is
 * captured of it; it works at the rate of its user and only where there is
 * a sound card, for a file has no echo. It knows one channel: a microphone
 * of two is mixed while it works. Nothing that is captured is ever played
 * here: there is no side tone.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "device.h"
#include "loop.h"
#include "mixer.h"

enum { SETTING_MAX = 512 };

struct end {
	bool plain;
	char setting[SETTING_MAX];
	uint32_t srate;
	unsigned channels;
	struct card_user *user;
	struct clip_guard guard;
};

struct devices {
	struct card_handlers h;
	struct end source;
	struct end sink;

	const struct audio_filter *filter;
	struct audio_filter_st *st;
	uint32_t filter_rate;
	unsigned filters;        /**< What st does                */
};

static struct devices_sound conf = { 0, 1, 1 };


static void devices_destructor(void *arg)
{
	struct devices *dv = arg;

	mem_deref(dv->source.user);
	mem_deref(dv->sink.user);
	mem_deref(dv->st);
}


int devices_alloc(struct devices **dvp, const struct card_handlers *h)
{
	struct devices *dv;

	if (!dvp || !h || !h->captureh || !h->playbackh || !h->eventh ||
	    !h->clockh)
		return EINVAL;

	dv = mem_zalloc(sizeof(*dv), devices_destructor);
	if (!dv)
		return ENOMEM;

	dv->h = *h;
	dv->source.channels = dv->sink.channels = 1;
	*dvp = dv;

	return 0;
}


void devices_configure(const struct devices_sound *sound)
{
	conf = *sound;
}


/* ---- filters and volume ---- */

/* The filter for this microphone, if one is wanted and there is one */
static void filter_update(struct devices *dv)
{
	const unsigned want = card_user_is_card(dv->source.user) ?
		conf.filters : 0;
	const struct audio_filter *filter = NULL;
	int err;

	if (dv->st && dv->filters == want &&
	    dv->filter_rate == dv->source.srate)
		return;
	if (!dv->st && dv->filters == want &&
	    (!want || dv->filter_rate == dv->source.srate))
		return;

	dv->st = mem_deref(dv->st);
	dv->filters = want;
	dv->filter_rate = dv->source.srate;
	if (!want)
		return;

	filter = audio_filter_find(want);
	if (!filter)
		return;

	err = filter->alloc(&dv->st, dv->source.srate, LOOP_PTIME, want);
	if (err)
		warning("media: filter %s: %m\n", filter->name, err);
	dv->filter = filter;
}


static void captured(struct devices *dv, int16_t *sampv, size_t sampc)
{
	const unsigned channels = dv->source.channels;
	const size_t frames = sampc / channels;

	if (dv->st && dv->filter_rate == dv->source.srate) {
		channels_convert(sampv, 1, sampv, channels, frames);
		dv->filter->capture(dv->st, sampv, frames);
		channels_convert(sampv, channels, sampv, 1, frames);
	}

	if (conf.mic < 1 || conf.mic > 1)
		clip_guard_gain(&dv->source.guard, conf.mic, sampv, sampc);
}


static void played(struct devices *dv, int16_t *sampv, size_t sampc)
{
	const unsigned channels = dv->sink.channels;
	const size_t frames = sampc / channels;
	int16_t mono[MIXER_FRAMES];

	if (dv->sink.plain)
		return;

	if (conf.volume < 1 || conf.volume > 1)
		clip_guard_gain(&dv->sink.guard, conf.volume, sampv, sampc);

	if (dv->st && dv->filter_rate == dv->sink.srate &&
	    frames <= MIXER_FRAMES) {
		channels_convert(mono, 1, sampv, channels, frames);
		dv->filter->playback(dv->st, mono, frames);
	}
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct devices *dv = arg;
	int16_t block[MIXER_BLOCK];

	if (sampc > MIXER_BLOCK)
		return;

	filter_update(dv);
	memcpy(block, sampv, sampc * sizeof(*block));
	captured(dv, block, sampc);
	dv->h.captureh(block, sampc, dv->h.arg);
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct devices *dv = arg;

	dv->h.playbackh(sampv, sampc, dv->h.arg);
	played(dv, sampv, sampc);
}


static void clock_handler(void *arg)
{
	struct devices *dv = arg;

	dv->h.clockh(dv->h.arg);
}


static void event_handler(int err, const char *text, void *arg)
{
	struct devices *dv = arg;

	dv->h.eventh(err, text, dv->h.arg);
}


/* ---- the two ends ---- */

static void end_set(struct devices *dv, struct end *end,
		    const struct devices_wish *wish)
{
	const struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		event_handler, dv
	};
	struct card_wish card = { .pair = dv };
	struct card_user *before = end->user;
	int err;

	if (!wish) {
		end->user = NULL;
		mem_deref(before);
		return;
	}

	end->srate = wish->srate;
	end->channels = wish->channels;
	if (before && !str_cmp(end->setting, wish->setting)) {
		card_user_form(before, wish->srate, wish->channels);
		return;
	}

	str_ncpy(end->setting, wish->setting, sizeof(end->setting));
	end->plain = wish->plain;
	end->user = NULL;
	mem_deref(before);

	card.setting = end->setting;
	card.srate = wish->srate;
	card.channels = wish->channels;
	card.capture = end == &dv->source;
	card.guest = wish->guest;
	err = card_use(&end->user, &card, &h);
	if (err && err != ENOTSUP)
		warning("media: %s: %m\n", end->setting, err);
}


void devices_source(struct devices *dv, const struct devices_wish *wish)
{
	if (dv)
		end_set(dv, &dv->source, wish);
}


void devices_sink(struct devices *dv, const struct devices_wish *wish)
{
	if (dv)
		end_set(dv, &dv->sink, wish);
}


bool devices_has_sink(const struct devices *dv)
{
	return dv && dv->sink.user;
}


bool devices_sink_is_card(const struct devices *dv)
{
	return dv && card_user_is_card(dv->sink.user);
}


bool devices_source_clocked(const struct devices *dv)
{
	return dv && card_user_clocked(dv->source.user);
}


bool devices_sink_clocked(const struct devices *dv)
{
	return dv && card_user_clocked(dv->sink.user);
}


void devices_read(struct devices *dv, int16_t *sampv, size_t sampc)
{
	card_user_read(dv->source.user, sampv, sampc);
	captured(dv, sampv, sampc);
}


void devices_write(struct devices *dv, int16_t *sampv, size_t sampc)
{
	played(dv, sampv, sampc);
	card_user_write(dv->sink.user, sampv, sampc);
}
