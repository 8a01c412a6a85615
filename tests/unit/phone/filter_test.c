/**
 * @file filter_test.c  Echo, noise and loudness: how much the filter does
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"

enum { SRATE = 16000, N = SRATE / 50, SECONDS = 8, DELAY = 60 * 16 };

static int16_t far[SECONDS * SRATE], near[SECONDS * SRATE],
	mic[SECONDS * SRATE];


/* Something like speech: pitch, syllables, breath */
static void voice(int16_t *v, size_t n, double pitch, double amp,
		  unsigned seed)
{
	size_t i;

	srand(seed);
	for (i = 0; i < n; i++) {
		const double t = (double)i / SRATE;
		const double loud = pow(0.5 + 0.5 * sin(2 * M_PI * 2.3 * t),
					2);
		const double a = 2 * M_PI * pitch * t -
			6 * cos(2 * M_PI * 0.9 * t);

		v[i] = (int16_t)(amp * loud *
				 (0.5 * sin(a) + 0.6 * sin(2 * a) +
				  0.4 * sin(3 * a + 1) + 0.3 * sin(7 * a) +
				  0.2 * (rand() % 2001 - 1000) / 1000));
	}
}


static double power(const int16_t *v, size_t from, size_t to)
{
	double e = 1;
	size_t i;

	for (i = from; i < to; i++)
		e += (double)v[i] * v[i];

	return 10 * log10(e / (double)(to - from));
}


/* Through the filter, a block played and a block captured in turn */
static void run(unsigned what)
{
	const struct audio_filter *f = audio_filter_find(what);
	struct audio_filter_st *st;
	size_t i;

	assert_non_null(f);
	assert_int_equal(f->alloc(&st, SRATE, 20, what), 0);
	for (i = 0; i + N <= SECONDS * SRATE; i += N) {
		f->playback(st, far + i, N);
		f->capture(st, mic + i, N);
	}
	mem_deref(st);
}


/* The loudspeaker heard by the microphone, 60 ms later, at a third */
static void test_echo(void **state)
{
	const size_t last = (SECONDS - 2) * SRATE, end = SECONDS * SRATE;
	double before, after;
	size_t i;
	(void)state;

	voice(far, SECONDS * SRATE, 170, 12000, 1);
	for (i = 0; i < SECONDS * SRATE; i++)
		mic[i] = i < DELAY + 40 ? 0 : (int16_t)
			(0.3 * far[i - DELAY] + 0.12 * far[i - DELAY - 40]);
	before = power(mic, last, end);
	run(AUDIO_ECHO | AUDIO_NOISE);
	after = power(mic, last, end);
	print_message("echo: %.1f dB, after the filter %.1f dB\n", before,
		      after);
	assert_true(before - after > 20);
}


/* While both talk, what is said here stays */
static void test_double_talk(void **state)
{
	const size_t last = (SECONDS - 2) * SRATE, end = SECONDS * SRATE;
	double best = 0;
	size_t i, d, at = 0;
	(void)state;

	voice(far, SECONDS * SRATE, 170, 12000, 1);
	voice(near, SECONDS * SRATE, 110, 9000, 2);
	memset(near, 0, (SECONDS - 3) * SRATE * sizeof(*near));
	for (i = 0; i < SECONDS * SRATE; i++)
		mic[i] = (int16_t)(near[i] + (i < DELAY ? 0 :
					      0.3 * far[i - DELAY]));
	run(AUDIO_ECHO);
	/* the filter works in windows: it has a delay of its own */
	for (d = 0; d <= N; d++) {
		double dot = 0, a = 1, b = 1;

		for (i = last; i + d < end; i++) {
			dot += (double)near[i] * mic[i + d];
			a += (double)near[i] * near[i];
			b += (double)mic[i + d] * mic[i + d];
		}
		if (dot / sqrt(a * b) > best) {
			best = dot / sqrt(a * b);
			at = d;
		}
	}
	print_message("both talk: likeness %.3f after %u samples, %.1f dB of "
		      "%.1f\n", best, (unsigned)at, power(mic, last, end),
		      power(near, last, end));
	assert_true(best > 0.8);
	assert_true(power(mic, last, end) > power(near, last, end) - 6);
}


static void test_noise(void **state)
{
	const size_t last = (SECONDS - 2) * SRATE, end = SECONDS * SRATE;
	double before, after;
	size_t i;
	(void)state;

	memset(far, 0, sizeof(far));
	srand(5);
	for (i = 0; i < SECONDS * SRATE; i++)
		mic[i] = (int16_t)(rand() % 1201 - 600);
	before = power(mic, last, end);
	run(AUDIO_NOISE);
	after = power(mic, last, end);
	print_message("noise: %.1f dB, after the filter %.1f dB\n", before,
		      after);
	assert_true(before - after > 10);
}


/* Soft and loud speech come out nearer to one another */
static void test_loudness(void **state)
{
	const size_t last = (SECONDS - 2) * SRATE, end = SECONDS * SRATE;
	double soft, loud;
	(void)state;

	memset(far, 0, sizeof(far));
	voice(mic, SECONDS * SRATE, 120, 900, 3);
	run(AUDIO_GAIN);
	soft = power(mic, last, end);
	voice(mic, SECONDS * SRATE, 120, 14000, 3);
	run(AUDIO_GAIN);
	loud = power(mic, last, end);
	print_message("soft comes out at %.1f dB, loud at %.1f dB\n", soft,
		      loud);
	assert_true(loud - soft < 12);     /* went in 24 dB apart */
}


/* Blocks that are no blocks, many of one side: nothing happens */
static void test_odd(void **state)
{
	const struct audio_filter *f = audio_filter_find(AUDIO_ECHO);
	struct audio_filter_st *st;
	unsigned i;
	(void)state;

	assert_non_null(f);
	assert_int_not_equal(f->alloc(&st, 96000, 20, AUDIO_ECHO), 0);
	assert_int_equal(f->alloc(&st, SRATE, 20, AUDIO_ECHO), 0);
	for (i = 0; i < 100; i++)
		f->playback(st, far, N);
	f->playback(st, far, N / 2);
	f->capture(st, mic, N / 2);
	for (i = 0; i < 100; i++)
		f->capture(st, mic, N);
	mem_deref(st);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_double_talk),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_loudness),
		cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, built_setup, built_teardown);
}
