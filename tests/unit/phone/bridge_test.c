/**
 * @file bridge_test.c  Conferences and shared devices, over real sockets
 *
 * Our side has two streams, each with a peer in the same process. Everybody
 * has a tone of his own for a voice, so that one can see in what each has
 * heard who was in it.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"

#include <cmocka.h>

#include "phone/media/card.h"
#include "phone/media/media.h"
#include "phone/media/stream.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"
#include "loop.h"

#include "../../../modules/file/wav.c"

enum { HEARD = 300 };            /* An amplitude that counts */

static char dir[256];
static struct stream *side(const char *address, const char *codecs,
			   unsigned tone, const char *file)
{
	char source[64], sink[300];
	const struct media_config conf = {
		.address = address, .port_min = 20000, .port_max = 29998,
		.codecs = codecs, .source = source, .sink = sink
	};
	struct stream *s;

	(void)re_snprintf(source, sizeof(source), "tone,%u", tone);
	(void)re_snprintf(sink, sizeof(sink), "file,%s/%s", dir, file);
	assert_int_equal(media_configure(&conf), 0);
	assert_int_equal(stream_alloc(&s, NULL, NULL, NULL), 0);

	return s;
}


static void negotiate(struct stream *a, struct stream *b)
{
	struct mbuf *mb = NULL;

	assert_int_equal(stream_encode(a, &mb, true), 0);
	assert_int_equal(stream_decode(b, mb, true), 0);
	mb = mem_deref(mb);
	assert_int_equal(stream_encode(b, &mb, false), 0);
	assert_int_equal(stream_decode(a, mb, false), 0);
	mem_deref(mb);
	assert_int_equal(stream_start(b), 0);
	assert_int_equal(stream_start(a), 0);
}


/* Amplitude of a tone in a part of a recording, seconds */
static double heard(const char *file, double f, double from, double to)
{
	char path[300];
	struct wav wav;
	double re = 0, im = 0;
	uint64_t i, first, last;

	(void)re_snprintf(path, sizeof(path), "%s/%s", dir, file);
	assert_int_equal(wav_open(&wav, path, 1), 0);
	first = (uint64_t)(from * wav.srate);
	last = (uint64_t)(to * wav.srate);
	if (last > wav.frames)
		last = wav.frames;
	assert_true(last > first + wav.srate / 2);

	for (i = first; i < last; i++) {
		const double a = 2 * M_PI * f * (double)i / wav.srate;

		wav_window(&wav, i, 1);
		re += wav.sampv[i - wav.first] * cos(a);
		im += wav.sampv[i - wav.first] * sin(a);
	}
	wav_close(&wav);

	return 2 * sqrt(re * re + im * im) / (double)(last - first);
}


static void check(const char *file, double from, double to,
		  const unsigned tones[3])
{
	static const double freq[3] = { 500, 700, 1100 };
	unsigned i;

	for (i = 0; i < 3; i++) {
		const double amp = heard(file, freq[i], from, to);

		print_message("%s: %.0f Hz %.0f%s\n", file, freq[i], amp,
			      tones[i] ? " (is to be heard)" : "");
		if (tones[i])
			assert_true(amp > HEARD);
		else
			assert_true(amp < HEARD / 3);
	}
}


/* We (500 Hz) with a peer at 8 kHz (700 Hz) and one at 48 (1100 Hz) */
static void test_conference(void **state)
{
	static const unsigned all[3] = { 0, 1, 1 };
	struct stream *a, *b, *pa, *pb;
	(void)state;

	pa = side("127.0.0.31", "PCMU", 700, "pa.wav");
	pb = side("127.0.0.32", "opus", 1100, "pb.wav");
	a = side("127.0.0.30", "PCMU,opus", 500, "we.wav");
	b = side("127.0.0.30", "PCMU,opus", 500, "we.wav");
	negotiate(a, pa);
	negotiate(b, pb);
	loop_spin(1500);

	assert_int_equal(stream_join(a, 7), 0);
	assert_int_equal(stream_join(b, 7), 0);
	loop_spin(2500);

	/* muted for one of them; then one leaves */
	stream_set_mute(a, true);
	loop_spin(2000);
	assert_int_equal(stream_join(b, 0), 0);
	stream_set_mute(a, false);
	loop_spin(1800);

	a = mem_deref(a);
	b = mem_deref(b);
	mem_deref(pa);
	mem_deref(pb);
	loop_spin(150);

	/* two calls, not joined: each hears us, we hear both */
	check("pa.wav", 0.3, 1.3, (const unsigned[]){ 1, 0, 0 });
	check("pb.wav", 0.3, 1.3, (const unsigned[]){ 1, 0, 0 });
	check("we.wav", 0.3, 1.3, all);
	/* joined */
	check("pa.wav", 1.9, 3.8, (const unsigned[]){ 1, 0, 1 });
	check("pb.wav", 1.9, 3.8, (const unsigned[]){ 1, 1, 0 });
	check("we.wav", 1.9, 3.8, all);
	/* muted towards one: the others are heard by it all the same */
	check("pa.wav", 4.4, 5.8, (const unsigned[]){ 0, 0, 1 });
	check("pb.wav", 4.4, 5.8, (const unsigned[]){ 1, 1, 0 });
	/* apart again */
	check("pa.wav", 6.5, 7.6, (const unsigned[]){ 1, 0, 0 });
	check("pb.wav", 6.5, 7.6, (const unsigned[]){ 1, 0, 0 });
	check("we.wav", 6.5, 7.6, all);
}


/* Another loudspeaker and microphone in the middle of a call */
static void test_change(void **state)
{
	struct media_config conf;
	char sink[300];
	struct stream *a, *b;
	(void)state;

	b = side("127.0.0.31", "PCMU", 700, "pb.wav");
	a = side("127.0.0.30", "PCMU", 500, "one.wav");
	negotiate(a, b);
	loop_spin(1500);

	memset(&conf, 0, sizeof(conf));
	(void)re_snprintf(sink, sizeof(sink), "file,%s/two.wav", dir);
	conf.source = "tone,1100";
	conf.sink = sink;
	assert_int_equal(media_configure(&conf), 0);
	media_follow();
	loop_spin(1500);

	mem_deref(a);
	mem_deref(b);
	loop_spin(150);

	check("one.wav", 0.3, 1.4, (const unsigned[]){ 0, 1, 0 });
	check("two.wav", 0.2, 1.4, (const unsigned[]){ 0, 0, 1 });
}


static int group_setup(void **state)
{
	int err;
	(void)state;

	str_ncpy(dir, "/tmp/offhook-bridge-XXXXXX", sizeof(dir));
	if (!mkdtemp(dir))
		return -1;

	err = libre_init();
	if (!err)
		err = built_load();

	return err || !codec_find("PCMU") ? -1 : 0;
}


static int group_teardown(void **state)
{
	static const char *const files[] = {
		"pa.wav", "pb.wav", "we.wav", "one.wav", "two.wav"
	};
	char file[300];
	struct memstat st;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		(void)re_snprintf(file, sizeof(file), "%s/%s", dir,
				  files[i]);
		(void)unlink(file);
	}
	(void)rmdir(dir);

	media_close();
	modules_close();
	tmr_debug();
	libre_close();
	mem_debug();

	return !mem_get_stat(&st) && st.blocks_cur ? -1 : 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conference),
		cmocka_unit_test(test_change),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
