/**
 * @file tones.c  The sound of ringing and of busy
 *
 * Tones are made sample by sample and played through the same drivers as
 * calls, but only where there is a sound card: a file as loudspeaker is
 * there to hold a call, not its ringing.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "device.h"
#include "loop.h"
#include "media.h"
#include "media_priv.h"
#include "tones.h"

enum { SRATE = 16000, EDGE_MS = 5, NOTE_MS = 50, BUSY_MS = 4000 };

/** A cadence: on and off in turn, for ever; two notes change every 50 ms */
struct shape {
	uint32_t on_ms, off_ms;
	float f1, f2;
	float level;
	uint32_t all_ms;     /**< 0: until it is stopped */
};

static const struct shape shapes[] = {
	[TONE_NONE]     = { 0, 1000, 0, 0, 0, 0 },
	[TONE_RINGBACK] = { 1000, 4000, 425, 425, 0.10f, 0 },
	[TONE_RING]     = { 1600, 2400, 750, 940, 0.25f, 0 },
	[TONE_BUSY]     = { 480, 480, 425, 425, 0.10f, BUSY_MS },
};

/** The tone that plays; media loop */
static struct {
	struct devices *dev;
	struct tone_gen gen;
	struct ticker poll;      /**< Looks whether it has ended */
} player;

struct command {
	enum tone tone;
	char setting[512];
};

static bool playing;     /* main loop: a tone was asked for */


void tone_gen_init(struct tone_gen *g, enum tone tone, uint32_t srate)
{
	g->tone = tone;
	g->srate = srate;
	g->pos = 0;
}


/* Loudness at a sample of the cadence: soft edges make no click */
static float envelope(uint32_t at, uint32_t on, uint32_t edge)
{
	if (at >= on)
		return 0;
	if (at < edge)
		return (float)at / (float)edge;
	if (on - at < edge)
		return (float)(on - at) / (float)edge;

	return 1;
}


bool tone_gen_fill(struct tone_gen *g, int16_t *sampv, size_t sampc)
{
	const struct shape *sh = &shapes[g->tone];
	const uint32_t ms = g->srate / 1000, on = sh->on_ms * ms;
	const uint64_t end = sh->all_ms * (uint64_t)ms;
	size_t i;

	for (i = 0; i < sampc; i++, g->pos++) {
		const uint32_t at = (uint32_t)
			(g->pos % (on + sh->off_ms * ms));
		const float f = at / (NOTE_MS * ms) % 2 ? sh->f2 : sh->f1;
		const double t = (double)g->pos / g->srate;

		if (!on || (end && g->pos >= end)) {
			sampv[i] = 0;
			continue;
		}

		sampv[i] = (int16_t)(32767 * sh->level *
				     envelope(at, on, EDGE_MS * ms) *
				     (float)sin(2 * M_PI * (double)f * t));
	}

	return on && !(end && g->pos >= end);
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	(void)sampv;
	(void)sampc;
	(void)arg;
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	(void)arg;

	if (!tone_gen_fill(&player.gen, sampv, sampc))
		player.gen.tone = TONE_NONE;
}


static void device_handler(int err, const char *text, void *arg)
{
	(void)arg;

	if (err)
		info("media: tone: %s\n", text);
}


static void clock_handler(void *arg)
{
	(void)arg;
}


static void player_stop(void)
{
	ticker_stop(&player.poll);
	player.dev = mem_deref(player.dev);
}


static void poll_handler(uint64_t now, void *arg)
{
	(void)now;
	(void)arg;

	/* a tone that ended by itself leaves the sound card */
	if (player.gen.tone == TONE_NONE)
		player_stop();
}


static void command_handler(void *data)
{
	const struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		device_handler, NULL
	};
	struct devices_wish wish;
	const struct command *cmd = data;

	tone_gen_init(&player.gen, cmd->tone, SRATE);
	if (cmd->tone == TONE_NONE) {
		player_stop();
		return;
	}

	if (!player.dev && devices_alloc(&player.dev, &h))
		return;

	memset(&wish, 0, sizeof(wish));
	wish.setting = cmd->setting;
	wish.srate = SRATE;
	wish.plain = true;
	devices_sink(player.dev, &wish);
	ticker_start(&player.poll, true, poll_handler, NULL);
}


static void post(enum tone tone, const char *setting)
{
	struct command *cmd = mem_zalloc(sizeof(*cmd), NULL);

	if (!cmd)
		return;

	cmd->tone = tone;
	str_ncpy(cmd->setting, setting, sizeof(cmd->setting));
	(void)loop_post(command_handler, cmd);
}


void tone_play(enum tone tone)
{
	const struct media_settings *conf = media_settings();
	const char *setting = conf->alert[0] ? conf->alert : conf->sink;
	const struct audio_driver *drv;
	const char *device;

	if (tone == TONE_NONE) {
		tones_close();
		return;
	}

	/* only where somebody can hear it */
	if (device_parse(setting, false, &drv, &device) || !drv->clocked)
		return;

	playing = true;
	post(tone, setting);
}


void tones_close(void)
{
	if (!playing)
		return;

	playing = false;
	post(TONE_NONE, "");
}
