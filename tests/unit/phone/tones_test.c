/**
 * @file tones_test.c  What ringing and busy sound like
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/level.h"
#include "phone/media/tones.h"

enum { SRATE = 16000, MS = SRATE / 1000, LEN_MS = 10000 };

static int16_t sampv[LEN_MS * MS];


static void fill(enum tone tone)
{
	struct tone_gen g;
	size_t i;

	tone_gen_init(&g, tone_shape("eu", tone), SRATE);
	for (i = 0; i < ARRAY_SIZE(sampv); i += 320)
		(void)tone_gen_fill(&g, sampv + i, 320);
}


/* Does this frequency stand out in a piece? */
static bool hums(size_t at_ms, size_t len_ms, float f)
{
	const int16_t *p = sampv + at_ms * MS;
	const size_t n = len_ms * MS;
	double re = 0, im = 0, all = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		const double w = 2 * M_PI * f * (double)i / SRATE;

		re += p[i] * cos(w);
		im += p[i] * sin(w);
		all += (double)p[i] * p[i];
	}

	return 2 * (re * re + im * im) / ((double)n * all) > 0.9;
}


static bool quiet(size_t at_ms, size_t len_ms)
{
	return level_peak(sampv + at_ms * MS, len_ms * MS) == 0;
}


static void test_ringback(void **state)
{
	(void)state;

	fill(TONE_RINGBACK);
	assert_true(hums(0, 1000, 425));
	assert_true(quiet(1000, 4000));
	assert_true(hums(5000, 1000, 425));
	assert_true(quiet(6000, 4000));
}


static void test_ring(void **state)
{
	(void)state;

	fill(TONE_RING);
	assert_true(hums(5, 45, 750));
	assert_true(hums(50, 50, 940));
	assert_true(quiet(1600, 2400));
	assert_false(quiet(4000, 100));
}


static void test_busy_ends(void **state)
{
	struct tone_gen g;
	unsigned ms = 0;
	(void)state;

	fill(TONE_BUSY);
	assert_true(hums(0, 480, 425));
	assert_true(quiet(480, 480));
	assert_true(hums(960, 480, 425));
	assert_true(quiet(4000, 6000));

	tone_gen_init(&g, tone_shape("eu", TONE_BUSY), SRATE);
	while (tone_gen_fill(&g, sampv, 320))
		ms += 20;
	assert_in_range(ms, 3900, 4000);
}


static void test_none(void **state)
{
	struct tone_gen g;
	(void)state;

	tone_gen_init(&g, tone_shape("eu", TONE_NONE), SRATE);
	assert_false(tone_gen_fill(&g, sampv, 320));
	assert_true(quiet(0, 20));
}


/* No step larger than the tone itself makes: nothing clicks */
static void test_no_clicks(void **state)
{
	static const enum tone tones[] = { TONE_RINGBACK, TONE_BUSY };
	size_t i, k;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(tones); i++) {
		fill(tones[i]);
		for (k = 1; k < ARRAY_SIZE(sampv); k++)
			assert_in_range(abs(sampv[k] - sampv[k - 1]), 0,
					600);
	}
}


static void test_levels(void **state)
{
	const int16_t v[] = { 0, -32768, 5 };
	(void)state;

	assert_int_equal(level_peak(v, 3), 32768);
	assert_int_equal(level_peak(v, 1), 0);
	assert_true(level_meter(32768) == 1);
	assert_true(level_meter(0) == 0);
	assert_true(level_meter(33) < 0.01f);
	assert_true(fabsf(level_meter(1036) - 0.5f) < 0.01f);
}


/* Each country has its four tones: sound first, pauses, no clipping */
static void test_countries(void **state)
{
	static const enum tone tones[] = {
		TONE_RINGBACK, TONE_BUSY, TONE_CONGESTION, TONE_WAITING
	};
	const char *p = tone_countries();
	unsigned n = 0;
	(void)state;

	for (; *p; p += strcspn(p, " "), p += *p == ' ', n++) {
		char name[8] = "";
		size_t i;

		memcpy(name, p, strcspn(p, " "));
		for (i = 0; i < ARRAY_SIZE(tones); i++) {
			const struct tone_shape *sh = tone_shape(name,
								 tones[i]);
			struct tone_gen g;

			assert_true(sh->f1 >= 350 && sh->f1 <= 620);
			assert_true(sh->stepv[0] && sh->stepv[1]);
			tone_gen_init(&g, sh, SRATE);
			assert_true(tone_gen_fill(&g, sampv,
						  sh->stepv[0] * MS +
						  20 * MS));
			assert_true(level_peak(sampv, 30 * MS) > 2500);
			assert_true(level_peak(sampv, sh->stepv[0] * MS) <
				    10000);
			assert_true(quiet(sh->stepv[0], 20));
		}
	}
	assert_true(n >= 15);

	/* two tones together, and what is not known */
	assert_int_equal(tone_shape("us", TONE_RINGBACK)->f2, 480);
	assert_ptr_equal(tone_shape("zz", TONE_BUSY),
			 tone_shape("eu", TONE_BUSY));
	assert_ptr_equal(tone_shape(NULL, TONE_BUSY),
			 tone_shape("eu", TONE_BUSY));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ringback),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_busy_ends),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_countries),
		cmocka_unit_test(test_no_clicks),
		cmocka_unit_test(test_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
