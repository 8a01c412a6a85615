/**
 * @file mixer_test.c  Sums of sounds, what would clip, and other rates
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/mixer.h"
#include "phone/media/resampler.h"

enum { N = 960 };


static void sine(int16_t *v, size_t n, double f, uint32_t srate, int amp,
		 size_t from)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = (int16_t)lrint(amp * sin(2 * M_PI * f *
						(double)(from + i) / srate));
}


/* Amplitude of one frequency in a sound */
static double part(const int16_t *v, size_t n, double f, uint32_t srate)
{
	double re = 0, im = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		const double a = 2 * M_PI * f * (double)i / srate;

		re += v[i] * cos(a);
		im += v[i] * sin(a);
	}

	return 2 * sqrt(re * re + im * im) / (double)n;
}


/* Everybody hears all but himself */
static void test_minus_one(void **state)
{
	static int16_t v[3][N];
	static struct mixer mx;
	struct clip_guard guard = { 0 };
	int16_t out[N];
	size_t i, k;
	(void)state;

	for (i = 0; i < 3; i++)
		sine(v[i], N, 300.0 * (double)(i + 1), 48000, 5000, 0);

	mixer_clear(&mx, N);
	for (i = 0; i < 3; i++)
		mixer_add(&mx, v[i]);

	for (i = 0; i < 3; i++) {
		const int16_t *const less[2] = { v[i], NULL };

		mixer_take(&mx, less, 2, &guard, out);
		for (k = 0; k < N; k++)
			assert_int_equal(out[k],
					 v[(i + 1) % 3][k] +
					 v[(i + 2) % 3][k]);
	}

	mixer_take(&mx, NULL, 0, &guard, out);
	for (k = 0; k < N; k++)
		assert_int_equal(out[k], v[0][k] + v[1][k] + v[2][k]);
}


/* Forty loud voices: nothing wraps round, and all comes back afterwards */
static void test_guard(void **state)
{
	static struct mixer mx;
	static const int16_t loud[N] = { [0 ... N - 1] = -32768 };
	struct clip_guard guard = { 0 };
	int16_t v[N], out[N];
	unsigned i, k, blocks;
	(void)state;

	mixer_clear(&mx, N);
	for (i = 0; i < 40; i++)
		mixer_add(&mx, loud);
	mixer_take(&mx, NULL, 0, &guard, out);
	for (k = 0; k < N; k++)
		assert_true(out[k] <= -CLIP_LIMIT + 1);

	/* two sines at 30000: no flat tops after the first block */
	memset(&guard, 0, sizeof(guard));
	for (i = 0; i < 5; i++) {
		unsigned flat = 0;

		sine(v, N, 300, 48000, 30000, i * (size_t)N);
		mixer_clear(&mx, N);
		mixer_add(&mx, v);
		mixer_add(&mx, v);
		mixer_take(&mx, NULL, 0, &guard, out);
		for (k = 0; k < N; k++)
			flat += out[k] == 32767 || out[k] == -32768;
		assert_true(i ? !flat : flat < N / 8);
	}
	assert_true(guard.cut > 0.4f && guard.cut < 0.6f);

	/* soft again: full volume within half a second, step by step */
	for (blocks = 0; guard.cut > 0; blocks++) {
		const float before = guard.cut;

		assert_true(blocks < 25);
		sine(v, N, 300, 48000, 1000, 0);
		mixer_clear(&mx, N);
		mixer_add(&mx, v);
		mixer_take(&mx, NULL, 0, &guard, out);
		assert_true(before - guard.cut < 0.051f);
	}
	mixer_take(&mx, NULL, 0, &guard, out);
	assert_memory_equal(out, v, sizeof(v));
}


static void test_gain(void **state)
{
	struct clip_guard guard = { 0 };
	int16_t v[160];
	(void)state;

	sine(v, 160, 1000, 8000, 8000, 0);
	clip_guard_gain(&guard, 0.5f, v, 160);
	assert_true(fabs(part(v, 160, 1000, 8000) - 4000) < 10);

	clip_guard_gain(&guard, 2, v, 160);
	assert_true(fabs(part(v, 160, 1000, 8000) - 8000) < 20);

	clip_guard_gain(&guard, 0, v, 160);
	assert_true(part(v, 160, 1000, 8000) < 1);

	/* a block that is too long is left alone */
	clip_guard_gain(&guard, 0, v, MIXER_BLOCK + 1);
}


/* A sine in blocks of 20 ms: still one sine, as loud, nothing beside it */
static void convert(uint32_t from, uint32_t to, double f)
{
	const size_t inc = from / 50, outc = to / 50;
	struct resampler *rs;
	static int16_t all[48000];
	double amp, rest = 0;
	int16_t in[N];
	size_t i, k;

	assert_int_equal(resampler_alloc(&rs, from, to, 1), 0);
	for (i = 0; i < 50; i++) {
		sine(in, inc, f, from, 10000, i * inc);
		resampler_block(rs, all + i * outc, outc, in, inc);
	}
	mem_deref(rs);

	/* half a second from the middle, whole periods */
	amp = part(all + 10 * outc, 25 * outc, f, to);
	for (k = 10 * outc; k < 35 * outc; k++)
		rest += (double)all[k] * all[k];
	rest = sqrt(fabs(rest / (double)(25 * outc) - amp * amp / 2));
	print_message("%u -> %u: %.0f Hz at %.0f, rest %.1f\n", from, to, f,
		      amp, rest);
	assert_true(amp > 9700 && amp < 10300);
	assert_true(rest < 100);
}


static void test_resampler(void **state)
{
	struct resampler *rs = (void *)1;
	int16_t in[160] = { 1, 2, 3 }, out[320];
	(void)state;

	convert(8000, 48000, 1000);
	convert(48000, 8000, 1000);
	convert(16000, 48000, 5000);
	convert(48000, 16000, 5000);
	convert(44100, 48000, 8000);
	convert(32000, 8000, 3000);
	convert(8000, 16000, 3000);

	/* equal rates: a copy */
	assert_int_equal(resampler_alloc(&rs, 8000, 8000, 1), 0);
	assert_null(rs);
	resampler_block(NULL, out, 160, in, 160);
	assert_memory_equal(out, in, sizeof(in));

	/* a length that is not a block is silence, not a read too far */
	assert_int_equal(resampler_alloc(&rs, 8000, 16000, 1), 0);
	memset(out, 1, sizeof(out));
	resampler_block(rs, out, 320, in, 80);
	assert_int_equal(out[0], 0);
	mem_deref(rs);

	assert_int_equal(resampler_alloc(&rs, 11025, 8000, 1), EINVAL);
	assert_int_equal(resampler_alloc(&rs, 0, 8000, 1), EINVAL);
	assert_int_equal(resampler_alloc(&rs, 8000, 96000, 1), EINVAL);
}


/* Two channels: each is the one that a resampler of one makes of it */
static void test_two_channels(void **state)
{
	struct resampler *two, *left, *right;
	int16_t a[320], b[320], in[640], oa[N], ob[N], out[2 * N];
	size_t i, k;
	(void)state;

	assert_int_equal(resampler_alloc(&two, 16000, 48000, 2), 0);
	assert_int_equal(resampler_alloc(&left, 16000, 48000, 1), 0);
	assert_int_equal(resampler_alloc(&right, 16000, 48000, 1), 0);
	for (k = 0; k < 5; k++) {
		sine(a, 320, 700, 16000, 9000, k * 320);
		sine(b, 320, 1900, 16000, 5000, k * 320);
		for (i = 0; i < 320; i++) {
			in[2 * i] = a[i];
			in[2 * i + 1] = b[i];
		}
		resampler_block(left, oa, N, a, 320);
		resampler_block(right, ob, N, b, 320);
		resampler_block(two, out, 2 * N, in, 640);
		for (i = 0; i < N; i++) {
			assert_int_equal(out[2 * i], oa[i]);
			assert_int_equal(out[2 * i + 1], ob[i]);
		}
	}

	/* a block of one channel is none of two */
	resampler_block(two, out, 2 * N, in, 320);
	assert_int_equal(out[2 * N - 1], 0);
	mem_deref(two);
	mem_deref(left);
	mem_deref(right);
	assert_int_equal(resampler_alloc(&two, 16000, 48000, 3), EINVAL);
	assert_int_equal(resampler_alloc(&two, 16000, 48000, 0), EINVAL);
}


static void test_convert(void **state)
{
	int16_t v[8] = { 100, 300, -32768, -32768, 32767, 32767, 0, 1 };
	int16_t out[8];
	(void)state;

	/* the mean, in place too; nothing wraps */
	channels_convert(out, 1, v, 2, 4);
	assert_int_equal(out[0], 200);
	assert_int_equal(out[1], -32768);
	assert_int_equal(out[2], 32767);
	assert_int_equal(out[3], 0);
	channels_convert(v, 1, v, 2, 4);
	assert_memory_equal(v, out, 4 * sizeof(*v));

	channels_convert(v, 2, v, 1, 4);
	assert_int_equal(v[0], 200);
	assert_int_equal(v[1], 200);
	assert_int_equal(v[6], 0);
	assert_int_equal(v[5], 32767);
	channels_convert(out, 2, v, 2, 4);
	assert_memory_equal(v, out, sizeof(v));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minus_one),
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_gain),
		cmocka_unit_test(test_resampler),
		cmocka_unit_test(test_two_channels),
		cmocka_unit_test(test_convert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
