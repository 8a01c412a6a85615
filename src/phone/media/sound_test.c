/**
 * @file sound_test.c  Try a sound device, or hear oneself
 *
 * The same devices as a call, one after the other: a loudspeaker that plays
 * while the microphone records would make a howl. Of one device alone only
 * its half is done: the microphone is listened to, the others play what is
 * heard of them in a call. The tick counts the time, so that a device which
 * gives nothing ends the test too; one that fails ends it at once.
 */
#include "sound_test.h"

#include <errno.h>
#include <string.h>

#include "card.h"
#include "device.h"
#include "level.h"
#include "loop.h"
#include "media_priv.h"
#include "tones.h"

enum {
	SRATE = 16000,
	BLOCK = SRATE * LOOP_PTIME / 1000,
	MAX_MS = 5000,
	TAIL_TICKS = 10         /* for what the device has still to play */
};

/** The test; media loop */
struct test {
	struct devices *dev;
	struct ticker tick;
	char source[512], sink[512];    /* "": not this half                 */
	int16_t *rec;           /* what was recorded                 */
	size_t size, n;         /* samples there is room for, taken  */
	size_t played;
	uint32_t ticks;         /* of each half                      */
	uint32_t at;            /* ticks since this half began       */
	bool playing;
	char text[256];         /* what is wrong with a device       */
};

/** What comes back; a copy */
struct outcome {
	float level;
	char text[256];
};

static struct test *current;    /* media loop */

/* main loop */
static sound_test_h *waiting;
static void *waiting_arg;
static bool running;


static void test_destructor(void *arg)
{
	struct test *t = arg;

	ticker_stop(&t->tick);
	mem_deref(t->dev);
	mem_deref(t->rec);
}


/* ---- main loop ---- */
static void outcome_handler(void *data)
{
	const struct outcome *o = data;
	sound_test_h *h = waiting;

	running = false;
	waiting = NULL;
	if (h)
		h(o->level, o->text, waiting_arg);
}


/* ---- media loop ---- */
static void test_end(struct test *t)
{
	struct outcome *o = mem_zalloc(sizeof(*o), NULL);

	if (o) {
		o->level = level_meter(level_peak(t->rec, t->n));
		str_ncpy(o->text, t->text, sizeof(o->text));
		(void)loop_report(outcome_handler, o);
	}
	current = mem_deref(t);
}


static void capture_handler(const int16_t *sampv, size_t sampc, void *arg)
{
	struct test *t = arg;
	size_t room = t->size - t->n;

	if (t->playing)
		return;
	if (sampc > room)
		sampc = room;
	memcpy(t->rec + t->n, sampv, sampc * sizeof(*sampv));
	t->n += sampc;
}


static void playback_handler(int16_t *sampv, size_t sampc, void *arg)
{
	struct test *t = arg;
	size_t left = t->playing ? t->n - t->played : 0;
	size_t n = sampc < left ? sampc : left;

	memcpy(sampv, t->rec + t->played, n * sizeof(*sampv));
	memset(sampv + n, 0, (sampc - n) * sizeof(*sampv));
	t->played += n;
}


static void clock_handler(void *arg)
{
	(void)arg;
}


static void device_handler(int err, const char *text, void *arg)
{
	struct test *t = arg;

	if (err && !t->text[0])
		str_ncpy(t->text, text, sizeof(t->text));
}


static void second_half(struct test *t)
{
	const struct devices_wish wish = { t->sink, SRATE, 1, false, true };

	devices_source(t->dev, NULL);
	if (!t->sink[0]) {
		test_end(t);
		return;
	}
	t->playing = true;
	t->at = 0;
	devices_sink(t->dev, &wish);
}


static void tick_handler(uint64_t now, void *arg)
{
	int16_t block[BLOCK];
	struct test *t = arg;
	(void)now;

	if (t->text[0]) {
		test_end(t);
		return;
	}

	t->at++;
	if (!t->playing) {
		if (!devices_source_clocked(t->dev)) {
			devices_read(t->dev, block, BLOCK);
			capture_handler(block, BLOCK, t);
		}
		if (t->at >= t->ticks)
			second_half(t);
		return;
	}

	if (!devices_sink_clocked(t->dev)) {
		playback_handler(block, BLOCK, t);
		devices_write(t->dev, block, BLOCK);
	}
	if (t->at >= t->ticks + TAIL_TICKS)
		test_end(t);
}


static void start_handler(void *data)
{
	const struct card_handlers h = {
		capture_handler, playback_handler, clock_handler,
		device_handler, data
	};
	struct test *t = current = mem_ref(data);
	const struct devices_wish wish = {
		t->source, SRATE, 1, false, true
	};

	if (devices_alloc(&t->dev, &h)) {
		test_end(t);
		return;
	}
	ticker_start(&t->tick, false, tick_handler, t);
	if (t->source[0])
		devices_source(t->dev, &wish);
	else
		second_half(t);
}


static void stop_handler(void *data)
{
	(void)data;
	current = mem_deref(current);
}


/* ---- main loop ---- */

/* What one hears there in a call, as if it had been recorded */
static void tone_record(struct test *t, enum sound_for what)
{
	struct tone_gen gen;

	tone_gen_init(&gen, tone_shape(media_settings()->tones,
				       what == SOUND_RING ? TONE_RING :
				       TONE_RINGBACK), SRATE);
	(void)tone_gen_fill(&gen, t->rec, t->size);
	t->n = t->size;
}


static int test_alloc(struct test **tp, uint32_t ms, enum sound_for what)
{
	struct test *t;

	t = mem_zalloc(sizeof(*t), test_destructor);
	if (!t)
		return ENOMEM;

	t->ticks = ms / LOOP_PTIME;
	t->size = (size_t)t->ticks * BLOCK;
	t->rec = mem_zalloc(t->size * sizeof(*t->rec), NULL);
	if (!t->rec) {
		mem_deref(t);
		return ENOMEM;
	}

	if (what == SOUND_NONE || what == SOUND_MICROPHONE)
		str_ncpy(t->source, sound_device(SOUND_MICROPHONE),
			 sizeof(t->source));
	else
		tone_record(t, what);
	if (what != SOUND_MICROPHONE)
		str_ncpy(t->sink, sound_device(what == SOUND_RING ?
					       SOUND_RING :
					       SOUND_LOUDSPEAKER),
			 sizeof(t->sink));
	*tp = t;

	return 0;
}


int sound_test_start(uint32_t ms, enum sound_for what, sound_test_h *h,
		     void *arg)
{
	struct test *t;
	int err;

	if (!h || ms < LOOP_PTIME || ms > MAX_MS)
		return EINVAL;
	if (running)
		return EALREADY;
	if (what == SOUND_RING && !ring_audible(sound_device(SOUND_RING)))
		return ENOTSUP;

	err = test_alloc(&t, ms, what);
	if (err)
		return err;

	device_load(t->source);
	device_load(t->sink);
	waiting = h;
	waiting_arg = arg;
	running = true;
	err = loop_post(start_handler, t);
	if (err) {
		running = false;
		waiting = NULL;
	}

	return err;
}


void sound_test_close(void)
{
	if (running)
		(void)loop_post(stop_handler, NULL);
	running = false;
	waiting = NULL;
}
