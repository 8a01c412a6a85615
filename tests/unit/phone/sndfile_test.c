/**
 * @file sndfile_test.c  Files of recordings: what is written, and a full disk
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"

enum { SRATE = 48000, CHANNELS = 2, BLOCK = SRATE / 50 * CHANNELS };

static int16_t block[BLOCK];


static void fill(unsigned k)
{
	size_t i;

	/* nothing that could be packed into a few bytes */
	for (i = 0; i < BLOCK; i++)
		block[i] = (int16_t)((i + k * BLOCK) * 2654435761u >> 17);
}


static void test_written(void **state)
{
	static const char *const namev[] = { "wav", "flac", "opus" };
	static const char *const magicv[] = { "RIFF", "fLaC", "OggS" };
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(namev); i++) {
		const struct audio_file *f = audio_file_find(namev[i]);
		char path[] = "/tmp/sndfile_test.XXXXXX", magic[5] = "";
		const int fd = mkstemp(path);
		struct audio_file_st *st;
		FILE *in;
		unsigned k;
		long len;

		if (!f) {
			(void)unlink(path);
			(void)close(fd);
			skip();
		}
		assert_true(fd >= 0);
		assert_int_equal(f->open(&st, fd, SRATE, CHANNELS), 0);
		for (k = 0; k < 50; k++) {
			fill(k);
			assert_int_equal(f->write(st, block, BLOCK), 0);
		}
		assert_int_equal(f->close(st), 0);

		in = fopen(path, "rb");
		assert_non_null(in);
		assert_int_equal(fread(magic, 1, 4, in), 4);
		assert_string_equal(magic, magicv[i]);
		assert_int_equal(fseek(in, 0, SEEK_END), 0);
		len = ftell(in);
		assert_in_range(len, 1000, 50 * BLOCK * 2 + 4096);
		assert_int_equal(fclose(in), 0);
		assert_int_equal(unlink(path), 0);
	}
}


/* The user is told what is wrong with the disk, not that something is: here
   a file may not grow */
static void test_full(void **state)
{
	const struct audio_file *f = audio_file_find("wav");
	const struct rlimit small = { 16384, RLIM_INFINITY };
	char path[] = "/tmp/sndfile_test.XXXXXX";
	const int fd = mkstemp(path);
	struct audio_file_st *st;
	struct rlimit before;
	unsigned k;
	int err = 0;
	(void)state;

	assert_true(fd >= 0);
	(void)unlink(path);
	if (!f) {
		(void)close(fd);
		skip();
	}
	assert_int_equal(f->open(&st, fd, SRATE, CHANNELS), 0);

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (k = 0; k < 50 && !err; k++) {
		fill(k);
		err = f->write(st, block, BLOCK);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err, EFBIG);
	(void)f->close(st);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, built_setup, built_teardown);
}
