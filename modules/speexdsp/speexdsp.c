/**
 * @file speexdsp.c  Echo, noise and loudness of a microphone
 *
 * Config:   audio.echo, audio.noise, audio.gain
 * Requires: libspeexdsp
 *
 * The canceller is given each captured block with the block that was played
 * at that time. The two come by clocks of their own, so what was played
 * waits in a short queue; how long a device keeps it before it is heard is
 * part of what the canceller learns. What is left of the echo, noise and
 * loudness are the preprocessor's. Both work on halves of a block, since
 * the preprocessor delays by as much as it is given at once.
 */
#include <errno.h>
#include <string.h>

#include <re.h>
#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>

#include "module.h"

enum {
	TAIL_MS   = 200,         /**< Longest echo that is cancelled      */
	HALVES    = 2,
	BLOCK_MAX = 48000 / 50,
	QUEUE     = 6,           /**< Played blocks that wait             */
	NOISE_DB  = -20,         /**< Most that noise is lowered          */
	ECHO_DB   = -45,         /**< What is left of the echo ...        */
	TALK_DB   = -15,         /**< ... and while we talk               */
	LEVEL     = 8000,        /**< Loudness speech is brought to       */
	GAIN_DB   = 20           /**< Most that it is raised              */
};

struct audio_filter_st {
	SpeexEchoState *echo;
	SpeexPreprocessState *pre;
	size_t block;            /**< Samples                             */
	size_t frame;            /**< ... worked on at once               */
	unsigned held;           /**< Blocks that wait                    */
	int16_t queue[QUEUE][BLOCK_MAX];
};


static void st_destructor(void *arg)
{
	struct audio_filter_st *st = arg;

	if (st->pre)
		speex_preprocess_state_destroy(st->pre);
	if (st->echo)
		speex_echo_state_destroy(st->echo);
}


static void set(struct audio_filter_st *st, int what, int value)
{
	(void)speex_preprocess_ctl(st->pre, what, &value);
}


static int alloc(struct audio_filter_st **stp, uint32_t srate,
		 uint32_t ptime, unsigned what)
{
	const size_t block = (size_t)srate * ptime / 1000;
	struct audio_filter_st *st;
	int rate = (int)srate;

	if (!stp || !block || block > BLOCK_MAX || block % HALVES)
		return EINVAL;

	st = mem_zalloc(sizeof(*st), st_destructor);
	if (!st)
		return ENOMEM;

	st->block = block;
	st->frame = block / HALVES;
	st->pre = speex_preprocess_state_init((int)st->frame, rate);
	if (!st->pre)
		goto nomem;

	if (what & AUDIO_ECHO) {
		st->echo = speex_echo_state_init((int)st->frame,
						 rate / 1000 * TAIL_MS);
		if (!st->echo)
			goto nomem;
		(void)speex_echo_ctl(st->echo, SPEEX_ECHO_SET_SAMPLING_RATE,
				     &rate);
		(void)speex_preprocess_ctl(st->pre,
					   SPEEX_PREPROCESS_SET_ECHO_STATE,
					   st->echo);
		set(st, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, ECHO_DB);
		set(st, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, TALK_DB);
	}

	set(st, SPEEX_PREPROCESS_SET_DENOISE, !!(what & AUDIO_NOISE));
	set(st, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, NOISE_DB);
	set(st, SPEEX_PREPROCESS_SET_AGC, !!(what & AUDIO_GAIN));
	if (what & AUDIO_GAIN) {
		float level = LEVEL;

		(void)speex_preprocess_ctl(st->pre,
					   SPEEX_PREPROCESS_SET_AGC_LEVEL,
					   &level);
		set(st, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, GAIN_DB);
	}

	*stp = st;

	return 0;

 nomem:
	mem_deref(st);
	return ENOMEM;
}


static void playback(struct audio_filter_st *st, const int16_t *sampv,
		     size_t sampc)
{
	if (!st->echo || sampc != st->block)
		return;

	/* the microphone stands still, or its clock is slower */
	if (st->held == QUEUE) {
		--st->held;
		memmove(st->queue[0], st->queue[1],
			st->held * sizeof(st->queue[0]));
	}
	memcpy(st->queue[st->held++], sampv, sampc * sizeof(*sampv));
}


static void capture(struct audio_filter_st *st, int16_t *sampv, size_t sampc)
{
	/* nothing was played: nothing comes back */
	const bool echo = st->echo && st->held;
	int16_t out[BLOCK_MAX];
	size_t i;

	if (sampc != st->block)
		return;

	for (i = 0; i < sampc; i += st->frame) {
		if (echo) {
			speex_echo_cancellation(st->echo, sampv + i,
						st->queue[0] + i, out);
			memcpy(sampv + i, out, st->frame * sizeof(*out));
		}
		(void)speex_preprocess_run(st->pre, sampv + i);
	}

	if (echo) {
		--st->held;
		memmove(st->queue[0], st->queue[1],
			st->held * sizeof(st->queue[0]));
	}
}


static struct audio_filter filter = {
	.name = "speexdsp",
	.does = AUDIO_ECHO | AUDIO_NOISE | AUDIO_GAIN,
	.alloc = alloc, .playback = playback, .capture = capture,
};


static int module_init(void)
{
	return audio_filter_register(&filter);
}


static int module_close(void)
{
	audio_filter_unregister(&filter);
	return 0;
}


OFFHOOK_MODULE("speexdsp", "audio_filter", module_init, module_close);
