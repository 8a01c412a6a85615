/**
 * @file wsola_test.c  Stretching, comfort noise and redundancy
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/cn.h"
#include "phone/media/red.h"
#include "phone/media/wsola.h"

enum { ROOM = 12000 };

static int16_t v[ROOM];


static void tone(size_t frames, unsigned channels, uint32_t srate, double hz)
{
	size_t i;

	for (i = 0; i < frames * channels; i++)
		v[i] = (int16_t)(8000 * sin(2 * M_PI * hz *
					    (double)(i / channels) / srate));
}


/* Largest step from one sample to the next of a channel */
static int roughness(size_t n, unsigned channels)
{
	int top = 0, d;
	size_t i;

	for (i = channels; i < n; i++) {
		d = abs(v[i] - v[i - channels]);
		if (d > top)
			top = d;
	}

	return top;
}


/* A tone is shortened and lengthened by whole periods, unheard */
static void test_tone(void **state)
{
	static const uint32_t rates[] = { 8000, 16000, 48000 };
	size_t i, n, frames;
	unsigned ch;
	int smooth;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		for (ch = 1; ch <= 2; ch++) {
			const int period = (int)(rates[i] / 200 * ch);

			frames = rates[i] / 50;
			tone(frames, ch, rates[i], 200);
			smooth = roughness(frames * ch, ch);
			n = wsola_stretch(v, frames * ch, ROOM, rates[i], ch,
					  -(int)(frames * ch), false);
			assert_true(n < frames * ch);
			assert_int_equal((frames * ch - n) % (size_t)period,
					 0);
			assert_in_range(roughness(n, ch), 1,
					smooth * 5 / 4 + 2);

			tone(frames, ch, rates[i], 200);
			n = wsola_stretch(v, frames * ch, ROOM, rates[i], ch,
					  (int)(frames * ch), false);
			assert_true(n > frames * ch);
			assert_int_equal((n - frames * ch) % (size_t)period,
					 0);
			assert_in_range(roughness(n, ch), 1,
					smooth * 5 / 4 + 2);
		}
	}
}


/* Who speaks on one side only decides for both; they stay together */
static void test_one_side(void **state)
{
	const size_t frames = 960;
	unsigned side;
	size_t i, n;
	(void)state;

	for (side = 0; side < 2; side++) {
		tone(frames, 2, 48000, 200);
		for (i = 0; i < frames; i++)
			v[2 * i + !side] = 0;

		n = wsola_stretch(v, frames * 2, ROOM, 48000, 2,
				  -(int)(frames * 2), false);
		assert_true(n < frames * 2);
		assert_int_equal((frames * 2 - n) % 480, 0);
		for (i = 0; i < n / 2; i++)
			assert_int_equal(v[2 * i + !side], 0);
	}
}


/* Silence gives exactly what is wanted; noise nothing unless there is hurry */
static void test_quiet_and_noise(void **state)
{
	uint32_t seed = 7;
	size_t i, n;
	(void)state;

	memset(v, 0, sizeof(v));
	assert_int_equal(wsola_stretch(v, 160, ROOM, 8000, 1, -50, false),
			 110);
	assert_int_equal(wsola_stretch(v, 160, ROOM, 8000, 1, 50, false),
			 210);
	assert_int_equal(wsola_stretch(v, 160, 160, 8000, 1, 50, false), 160);
	assert_int_equal(wsola_stretch(v, 160, ROOM, 8000, 1, 0, true), 160);

	for (i = 0; i < 160; i++) {
		seed = seed * 1664525 + 1013904223;
		v[i] = (int16_t)(seed >> 18) - 8192;
	}
	assert_int_equal(wsola_stretch(v, 160, ROOM, 8000, 1, -160, false),
			 160);

	/* too little to work with, and any other odd request */
	for (n = 0; n < 200; n++)
		assert_true(wsola_stretch(v, n, ROOM, 8000, 1, -160, true) <=
			    n);
	for (n = 0; n < 200; n++)
		assert_in_range(wsola_stretch(v, n, n + 30, 8000, 1, 1000,
					      true), n, n + 30);
}


static double rms(const int16_t *s, size_t n)
{
	double e = 0;
	size_t i;

	for (i = 0; i < n; i++)
		e += (double)s[i] * s[i];

	return sqrt(e / (double)n);
}


static void test_comfort_noise(void **state)
{
	static const uint8_t flat[] = { 40 };
	static const uint8_t bent[] = { 40, 127 - 100, 127 + 60, 127 };
	static const uint8_t worst[] = { 0, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255 };
	struct cn cn = { .seed = 1 };
	struct vad vad = { 0 };
	uint8_t buf[4];
	float level;
	unsigned i, speech = 0;
	(void)state;

	cn_decode(&cn, flat, sizeof(flat));
	cn_fill(&cn, v, 8000);
	assert_in_range((int)rms(v, 8000), 300, 355);      /* 327.68 */
	cn_decode(&cn, bent, sizeof(bent));
	cn_fill(&cn, v, 8000);
	assert_in_range((int)rms(v, 8000), 250, 420);
	cn_decode(&cn, worst, sizeof(worst));
	cn_fill(&cn, v, 8000);
	cn_decode(&cn, NULL, 0);
	cn_fill(&cn, v, 8000);
	assert_in_range((int)rms(v, 8000), 0, 6);

	assert_int_equal(cn_encode(buf, 327.68f), 1);
	assert_in_range(buf[0], 39, 40);
	assert_int_equal(cn_encode(buf, 0), 1);
	assert_int_equal(buf[0], 78);

	/* noise, a second of speech, noise */
	cn_decode(&cn, flat, sizeof(flat));
	for (i = 0; i < 150; i++) {
		if (i >= 50 && i < 100)
			tone(160, 1, 8000, 200);
		else
			cn_fill(&cn, v, 160);
		speech += vad_frame(&vad, v, 160, &level);
	}
	assert_in_range(speech, 60, 70);
}


static void test_red(void **state)
{
	static const uint8_t bad[][6] = {
		{ 0x80, 0, 0, 2, 0, 1 }, { 0x80, 0, 3, 255, 0, 1 },
		{ 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 },
	};
	struct red_block b[RED_BLOCKS];
	struct red_tx tx;
	uint8_t pay[300], buf[1400];
	size_t n = 0, len, i;
	uint32_t k;
	(void)state;

	memset(&tx, 0, sizeof(tx));
	for (k = 0; k < 6; k++) {
		memset(pay, (int)k, sizeof(pay));
		len = red_encode(&tx, 2, 96, k * 960, pay, 100 + k, buf,
				 sizeof(buf));
		assert_int_equal(red_decode(b, &n, buf, len), 0);
		assert_int_equal(n, k < 2 ? k + 1 : 3);
		assert_int_equal(b[n - 1].len, 100 + k);
		assert_int_equal(b[n - 1].pt, 96);
		for (i = 0; i < n; i++) {
			const size_t back = n - 1 - i;

			assert_int_equal(b[i].offset, back * 960);
			assert_int_equal(b[i].len, 100 + k - back);
			assert_int_equal(b[i].buf[0], k - back);
		}
	}

	/* what does not fit is left out, the newest never */
	len = red_encode(&tx, 2, 96, k * 960, pay, 200, buf, 310);
	assert_int_equal(red_decode(b, &n, buf, len), 0);
	assert_int_equal(n, 2);
	len = red_encode(&tx, 2, 96, 7 * 960, pay, 200, buf, 201);
	assert_int_equal(red_decode(b, &n, buf, len), 0);
	assert_int_equal(n, 1);
	assert_int_equal(red_encode(&tx, 2, 96, 0, pay, 200, buf, 200), 0);

	/* after a pause the last ones are too old to be named */
	len = red_encode(&tx, 2, 96, 900000, pay, 10, buf, sizeof(buf));
	assert_int_equal(red_decode(b, &n, buf, len), 0);
	assert_int_equal(n, 1);

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(red_decode(b, &n, bad[i], sizeof(bad[i])),
				 EBADMSG);
	assert_int_equal(red_decode(b, &n, buf, 0), EBADMSG);
	memset(buf, 0x80, sizeof(buf));
	assert_int_equal(red_decode(b, &n, buf, sizeof(buf)), EBADMSG);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tone),
		cmocka_unit_test(test_one_side),
		cmocka_unit_test(test_quiet_and_noise),
		cmocka_unit_test(test_comfort_noise),
		cmocka_unit_test(test_red),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
