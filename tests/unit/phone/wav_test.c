/**
 * @file wav_test.c  WAV files of the file driver, and resampling
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "phone/module/module.h"

#include "../../../modules/file/wav.c"

static char name[] = "/tmp/offhook-wav-XXXXXX";


static void store(const void *p, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}


/* All at once, without the window */
static int16_t *whole(struct wav *wav)
{
	int16_t *v = malloc(((size_t)wav->frames + 1) * sizeof(*v));
	size_t i;

	assert_non_null(v);
	for (i = 0; i < wav->frames; i++) {
		wav_window(wav, i, 1);
		assert_true(i >= wav->first && i < wav->first + wav->held);
		v[i] = wav->sampv[i - wav->first];
	}

	return v;
}


static void assert_sound(const int16_t *want, size_t n)
{
	struct wav wav;
	int16_t *v;

	assert_int_equal(wav_open(&wav, name, 1), 0);
	assert_int_equal(wav.frames, n);
	v = whole(&wav);
	assert_memory_equal(v, want, n * sizeof(*v));
	free(v);
	wav_close(&wav);
}


static void test_read_back(void **state)
{
	static const int16_t mono[] = {1, -1, 32767, -32768};
	static const int16_t stereo[] = {0, 0};
	uint8_t buf[WAV_HEADER + 8];
	struct wav wav;
	size_t i;
	(void)state;

	wav_header(buf, 16000, 1, 8);
	for (i = 0; i < 4; i++)
		put16(buf + 44 + 2 * i, (uint16_t)mono[i]);
	store(buf, sizeof(buf));
	assert_sound(mono, 4);
	assert_int_equal(wav_open(&wav, name, 1), 0);
	assert_int_equal(wav.srate, 16000);
	wav_close(&wav);

	/* two channels are mixed, what is left of a frame is not heard */
	put16(buf + 22, 2);
	store(buf, sizeof(buf));
	assert_sound(stereo, 2);
	store(buf, sizeof(buf) - 1);
	assert_sound(stereo, 1);
	put16(buf + 22, 3);
	store(buf, sizeof(buf));
	assert_int_equal(wav_open(&wav, name, 1), 0);
	assert_int_equal(wav.frames, 1);
	wav_window(&wav, 0, 1);
	assert_int_equal(wav.sampv[0], 32767 / 3);
	wav_close(&wav);
}


/* A length that was never written, or that was a lie; a chunk between */
static void test_lengths(void **state)
{
	static const int16_t want[] = {1, -1, 32767, -32768};
	uint8_t buf[WAV_HEADER + 12 + 8];
	size_t i;
	(void)state;

	wav_header(buf, 8000, 1, 8);
	for (i = 0; i < 4; i++)
		put16(buf + 44 + 2 * i, (uint16_t)want[i]);
	for (i = 0; i < 5; i++) {
		static const uint32_t lenv[] = {0, 0xffffffff, 0x7fffffff,
						9, 8};

		put32(buf + 40, lenv[i]);
		store(buf, WAV_HEADER + 8);
		assert_sound(want, 4);
	}
	put32(buf + 40, 7);
	store(buf, WAV_HEADER + 8);
	assert_sound(want, 3);

	/* odd: padded */
	memmove(buf + 48, buf + 36, 16);
	memcpy(buf + 36, "LIST\3\0\0\0abc", 12);
	put32(buf + 52, 8);
	store(buf, sizeof(buf));
	assert_sound(want, 4);

	/* a chunk that swallows the sound */
	for (i = 0; i < 3; i++) {
		static const uint32_t lenv[] = {0xffffffff, 0xfffffffe,
						24};
		struct wav wav;

		put32(buf + 40, lenv[i]);
		store(buf, sizeof(buf));
		assert_int_equal(wav_open(&wav, name, 1), EBADMSG);
	}
}


static void test_bad_files(void **state)
{
	uint8_t buf[WAV_HEADER + 2];
	struct wav wav;
	size_t i;
	(void)state;

	assert_int_equal(wav_open(&wav, "/nowhere/x.wav", 1), ENOENT);
	assert_int_equal(wav_open(&wav, "/tmp", 1), EBADMSG);
	assert_int_equal(wav_open(&wav, "/dev/zero", 1), EBADMSG);

	/* cut off anywhere, any byte wrong: an error or sound, no crash */
	wav_header(buf, 8000, 1, 2);
	buf[44] = buf[45] = 0;
	for (i = 0; i < WAV_HEADER; i++) {
		store(buf, i);
		assert_int_equal(wav_open(&wav, name, 1), EBADMSG);
	}
	for (i = 0; i < WAV_HEADER; i++) {
		const uint8_t keep = buf[i];

		buf[i] = 0xff;
		store(buf, sizeof(buf));
		if (!wav_open(&wav, name, 1)) {
			free(whole(&wav));
			wav_close(&wav);
		}
		buf[i] = keep;
	}

	for (i = 0; i < 2; i++) {
		static const uint16_t channelv[] = {0, 33};

		put16(buf + 22, channelv[i]);
		store(buf, sizeof(buf));
		assert_int_equal(wav_open(&wav, name, 1), EBADMSG);
	}
}


/* Sound without any period, some windows long */
static void store_noise(uint32_t srate, unsigned channels, size_t frames)
{
	const size_t bytes = frames * channels * 2;
	uint8_t *buf = malloc(WAV_HEADER + bytes);
	uint32_t x = 1;
	size_t i;

	assert_non_null(buf);
	wav_header(buf, srate, 1, (uint32_t)bytes);
	put16(buf + 22, (uint16_t)channels);
	for (i = 0; i < bytes / 2; i++) {
		x = x * 1664525 + 1013904223;
		put16(buf + WAV_HEADER + 2 * i, (uint16_t)(x >> 16));
	}
	store(buf, WAV_HEADER + bytes);
	free(buf);
}


/* The way the driver reads: a piece at a time */
static void stream(int16_t *out, size_t n, const struct resample *rs,
		   struct wav *wav, size_t step)
{
	size_t i, span;
	uint64_t first;

	for (i = 0; i < n; i += step) {
		if (step > n - i)
			step = n - i;
		resample_span(rs, i, step, &first, &span);
		assert_in_range(span, 1, WAV_WINDOW);
		wav_window(wav, first, span);
		resample_at(rs, out + i, step, i, wav->sampv, wav->first,
			    wav->held);
	}
}


/* Over the borders of windows it sounds as if there were none */
static void stream_same(uint32_t from, uint32_t to, unsigned channels,
			size_t frames)
{
	struct resample *rs = resample_new(from, to);
	size_t n = (size_t)((uint64_t)frames * to / from) + 2000;
	int16_t *a = malloc(n * sizeof(*a)), *b = malloc(n * sizeof(*b));
	int16_t *all;
	struct wav wav;

	assert_non_null(rs);
	assert_non_null(a);
	assert_non_null(b);
	store_noise(from, channels, frames);
	assert_int_equal(wav_open(&wav, name, 1), 0);
	assert_int_equal(wav.frames, frames);

	all = whole(&wav);
	resample_at(rs, a, n, 0, all, 0, frames);
	stream(b, n, rs, &wav, 160);
	assert_memory_equal(a, b, n * sizeof(*a));

	/* after the end: silence */
	assert_int_equal(b[n - 1], 0);

	wav_close(&wav);
	resample_free(rs);
	free(all);
	free(a);
	free(b);
}


static void test_stream(void **state)
{
	(void)state;

	stream_same(48000, 48000, 1, 3 * WAV_WINDOW + 77);
	stream_same(48000, 48000, 2, 3 * WAV_WINDOW + 77);
	stream_same(16000, 48000, 7, 2 * WAV_WINDOW);
	stream_same(44100, 48000, 1, 2 * WAV_WINDOW + 1);
	stream_same(48000, 8000, 1, 5 * WAV_WINDOW - 1);
	stream_same(384000, 8000, 32, 3 * WAV_WINDOW);
	stream_same(8000, 48000, 1, 10);
	stream_same(8000, 8000, 1, 1);
}


/* Cut off while it is played: silence, and no end of the program */
static void test_truncate(void **state)
{
	struct resample *rs = resample_new(48000, 48000);
	static int16_t out[4 * WAV_WINDOW];
	struct wav wav;
	size_t i;
	(void)state;

	store_noise(48000, 1, 4 * WAV_WINDOW);
	assert_int_equal(wav_open(&wav, name, 1), 0);
	stream(out, 1000, rs, &wav, 100);
	assert_int_equal(truncate(name, WAV_HEADER + 2 * (WAV_WINDOW + 9)),
			 0);
	stream(out, 4 * WAV_WINDOW, rs, &wav, 100);
	assert_int_not_equal(out[WAV_WINDOW + 8], 0);
	for (i = WAV_WINDOW + 9; i < 4 * WAV_WINDOW; i++)
		assert_int_equal(out[i], 0);

	wav_close(&wav);
	resample_free(rs);
}


/* A tone is still the same tone, at the same level, at another rate */
static void resample_tone(uint32_t from, uint32_t to, double f)
{
	enum { SECONDS = 1 };
	const size_t inc = from * SECONDS, outc = to * SECONDS;
	struct resample *rs = resample_new(from, to);
	int16_t *in = malloc(inc * sizeof(*in));
	int16_t *out = malloc(outc * sizeof(*out));
	double err = 0, all = 0;
	size_t i;

	assert_non_null(rs);
	assert_non_null(in);
	assert_non_null(out);

	for (i = 0; i < inc; i++)
		in[i] = (int16_t)(10000 * sin(2 * M_PI * f * (double)i /
					      from));
	for (i = 0; i < outc; i += 160)
		resample_at(rs, out + i, outc - i < 160 ? outc - i : 160, i,
			    in, 0, inc);
	for (i = outc / 10; i < outc * 9 / 10; i++) {
		const double want = 10000 * sin(2 * M_PI * f * (double)i /
						to);

		err += (out[i] - want) * (out[i] - want);
		all += want * want;
	}

	/* 40 dB */
	assert_true(err < all / 10000);

	free(in);
	free(out);
	resample_free(rs);
}


static void test_resample(void **state)
{
	(void)state;

	resample_tone(8000, 8000, 1000);
	resample_tone(16000, 8000, 1000);
	resample_tone(8000, 16000, 3000);
	resample_tone(8000, 48000, 1000);
	resample_tone(16000, 48000, 5000);
	resample_tone(48000, 8000, 3000);
	resample_tone(44100, 48000, 10000);
	resample_tone(44100, 8000, 1000);
	resample_tone(11025, 48000, 1000);
	resample_tone(47999, 8000, 1000);
	resample_tone(48000, 16000, 400);
	assert_null(resample_new(0, 8000));
}


/* What is above half the new rate must not come back as something else */
static void test_alias(void **state)
{
	struct resample *rs = resample_new(48000, 8000);
	static int16_t in[48000], out[8000];
	int peak = 0;
	size_t i;
	(void)state;

	assert_non_null(rs);
	for (i = 0; i < 48000; i++)
		in[i] = (int16_t)(10000 * sin(2 * M_PI * 6000 * (double)i /
					      48000));
	resample_at(rs, out, 8000, 0, in, 0, 48000);
	for (i = 500; i < 7500; i++) {
		if (abs(out[i]) > peak)
			peak = abs(out[i]);
	}
	assert_in_range(peak, 0, 50);
	resample_free(rs);
}


static int setup(void **state)
{
	const int fd = mkstemp(name);
	(void)state;

	return fd < 0 ? -1 : close(fd);
}


static int teardown(void **state)
{
	(void)state;
	return unlink(name);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_resample),
		cmocka_unit_test(test_alias),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
