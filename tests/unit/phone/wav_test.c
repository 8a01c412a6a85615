/**
 * @file wav_test.c  WAV files and resampling of the file driver
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../modules/file/resample.c"
#include "../../../modules/file/wav.c"

static char name[] = "/tmp/offhook-wav-XXXXXX";


static void store(const void *p, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}


static void test_read_back(void **state)
{
	uint8_t buf[WAV_HEADER + 8];
	struct wav wav;
	(void)state;

	wav_header(buf, 16000, 8);
	put16(buf + 44, 1);
	put16(buf + 46, 0xffff);
	put16(buf + 48, 0x7fff);
	put16(buf + 50, 0x8000);
	store(buf, sizeof(buf));
	assert_int_equal(wav_read(&wav, name), 0);
	assert_int_equal(wav.srate, 16000);
	assert_int_equal(wav.sampc, 4);
	assert_int_equal(wav.sampv[0], 1);
	assert_int_equal(wav.sampv[1], -1);
	assert_int_equal(wav.sampv[2], 32767);
	assert_int_equal(wav.sampv[3], -32768);
	free(wav.sampv);

	/* two channels are mixed */
	put16(buf + 22, 2);
	store(buf, sizeof(buf));
	assert_int_equal(wav_read(&wav, name), 0);
	assert_int_equal(wav.sampc, 2);
	assert_int_equal(wav.sampv[0], 0);
	free(wav.sampv);

	/* a length that was never written */
	put16(buf + 22, 1);
	put32(buf + 40, 0);
	store(buf, sizeof(buf));
	assert_int_equal(wav_read(&wav, name), 0);
	assert_int_equal(wav.sampc, 4);
	free(wav.sampv);
	put32(buf + 40, 0xffffffff);
	store(buf, sizeof(buf));
	assert_int_equal(wav_read(&wav, name), 0);
	assert_int_equal(wav.sampc, 4);
	free(wav.sampv);
}


static void test_bad_files(void **state)
{
	uint8_t buf[WAV_HEADER + 2];
	struct wav wav;
	size_t i;
	(void)state;

	assert_int_equal(wav_read(&wav, "/nowhere/x.wav"), ENOENT);
	assert_int_equal(wav_read(&wav, "/tmp"), EBADMSG);

	/* cut off anywhere, any byte wrong: an error or sound, no crash */
	wav_header(buf, 8000, 2);
	buf[44] = buf[45] = 0;
	for (i = 0; i < WAV_HEADER; i++) {
		store(buf, i);
		assert_int_equal(wav_read(&wav, name), EBADMSG);
	}
	for (i = 0; i < WAV_HEADER; i++) {
		const uint8_t keep = buf[i];

		buf[i] = 0xff;
		store(buf, sizeof(buf));
		if (!wav_read(&wav, name))
			free(wav.sampv);
		buf[i] = keep;
	}
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
			    in, inc);
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
	resample_at(rs, out, 8000, 0, in, 48000);
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
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_resample),
		cmocka_unit_test(test_alias),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
