/**
 * @file codec_test.c  Codecs of the modules, and concealment
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

#include "phone/media/level.h"
#include "phone/media/plc.h"
#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"

enum { FRAMES = 100, SAMPLES_MAX = 5760 };

static const struct codec_enc_param prm = { .ptime = 20 };


/* A sound with a pitch, 20 ms at a time */
static void voice(int16_t *v, size_t n, uint32_t srate, unsigned frame)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const double t = (double)(frame * n + i) / srate;

		v[i] = (int16_t)(6000 * sin(2 * M_PI * 150 * t) +
				 3000 * sin(2 * M_PI * 300 * t + 1) +
				 2000 * sin(2 * M_PI * 750 * t + 2));
	}
}


static double energy(const int16_t *v, size_t n)
{
	double e = 0;
	size_t i;

	for (i = 0; i < n; i++)
		e += (double)v[i] * v[i];

	return e / (double)n;
}


/* Signal to noise in dB of a whole round through the codec */
static double snr(const char *name)
{
	const struct codec *c = codec_find(name);
	int16_t in[960], out[SAMPLES_MAX];
	struct codec_enc *enc = NULL;
	struct codec_dec *dec = NULL;
	double sig = 1, noise = 1;
	uint8_t buf[1500];
	unsigned k;
	size_t i;

	assert_non_null(c);
	assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
	assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);

	for (k = 0; k < FRAMES; k++) {
		const size_t n = c->srate / 50;
		size_t len = sizeof(buf), outc = SAMPLES_MAX;

		voice(in, n, c->srate, k);
		assert_int_equal(c->encode(enc, buf, &len, in, n), 0);
		assert_in_range(len, 1, 400);
		assert_int_equal(c->decode(dec, out, &outc, buf, len), 0);
		assert_int_equal(outc, n);
		for (i = 0; i < n; i++) {
			sig += (double)in[i] * in[i];
			noise += (double)(in[i] - out[i]) *
				(in[i] - out[i]);
		}
	}
	mem_deref(enc);
	mem_deref(dec);

	return 10 * log10(sig / noise);
}


static void test_g711(void **state)
{
	(void)state;

	assert_true(snr("PCMU") > 35);
	assert_true(snr("PCMA") > 35);
}


/* The table of ITU-T G.711: known bytes both ways, every value close */
static void test_g711_values(void **state)
{
	static const struct {
		const char *name;
		uint8_t byte;
		int16_t sample;
	} v[] = {
		{ "PCMU", 0xff, 0 },      { "PCMU", 0x7f, 0 },
		{ "PCMU", 0x80, 32124 },  { "PCMU", 0x00, -32124 },
		{ "PCMU", 0xef, 132 },    { "PCMU", 0x9f, 8316 },
		{ "PCMA", 0xd5, 8 },      { "PCMA", 0x55, -8 },
		{ "PCMA", 0xaa, 32256 },  { "PCMA", 0x2a, -32256 },
		{ "PCMA", 0xc5, 264 },    { "PCMA", 0x80, 5504 },
	};
	const struct codec *c;
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		int16_t s;
		size_t n = 1;

		c = codec_find(v[i].name);
		assert_non_null(c);
		assert_int_equal(c->decode(NULL, &s, &n, &v[i].byte, 1), 0);
		assert_int_equal(s, v[i].sample);
	}

	for (i = 0; i < 2; i++) {
		int s;

		c = codec_find(i ? "PCMA" : "PCMU");
		for (s = -32768; s <= 32767; s++) {
			const int16_t in = (int16_t)s;
			int16_t out;
			uint8_t b;
			size_t len = 1, n = 1;

			assert_int_equal(c->encode(NULL, &b, &len, &in, 1),
					 0);
			assert_int_equal(c->decode(NULL, &out, &n, &b, 1),
					 0);
			assert_in_range(abs(out - s), 0,
					16 + abs(s) / 25 +
					(abs(s) > 32000 ? 700 : 0));
		}
	}
}


static void test_opus(void **state)
{
	const struct codec *c = codec_find("opus");
	struct codec_enc *enc = NULL;
	struct codec_dec *dec = NULL;
	int16_t in[960], out[SAMPLES_MAX];
	uint8_t buf[2][1500];
	size_t len[2], n;
	double e = 0;
	unsigned k;
	(void)state;

	if (!c)
		skip();

	/* bit/s as asked for, and the limit of the peer */
	for (k = 0; k < 3; k++) {
		static const char *const fmtp[] = {
			NULL, "maxaveragebitrate=12000;useinbandfec=1",
			"maxplaybackrate=8000; cbr=1; stereo=0"
		};
		size_t sum = 0;
		unsigned i;

		assert_int_equal(c->enc_update(&enc, c, &prm, fmtp[k]), 0);
		for (i = 0; i < FRAMES; i++) {
			len[0] = sizeof(buf[0]);
			voice(in, 960, 48000, i);
			assert_int_equal(c->encode(enc, buf[0], &len[0], in,
						   960), 0);
			sum += len[0];
		}
		assert_in_range(sum * 4, k == 1 ? 8000 : 20000,
				k == 1 ? 16000 : 48000);
	}
	enc = mem_deref(enc);

	/* a lost packet is made up from the next one */
	assert_int_equal(c->enc_update(&enc, c, &prm, "useinbandfec=1"), 0);
	assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
	for (k = 0; k < FRAMES; k++) {
		len[k % 2] = sizeof(buf[0]);
		voice(in, 960, 48000, k);
		assert_int_equal(c->encode(enc, buf[k % 2], &len[k % 2], in,
					   960), 0);
		if (k % 10 == 9)
			continue;
		if (k % 10 == 0 && k) {
			n = 960;
			assert_int_equal(c->conceal(dec, out, &n, buf[0],
						    len[0]), 0);
			assert_int_equal(n, 960);
			e += energy(out, n);
		}
		n = SAMPLES_MAX;
		assert_int_equal(c->decode(dec, out, &n, buf[k % 2],
					   len[k % 2]), 0);
		assert_int_equal(n, 960);
	}
	assert_true(e / 9 > energy(in, 960) / 4);

	/* what is no packet is an error, not a crash */
	n = SAMPLES_MAX;
	assert_int_equal(c->decode(dec, out, &n, buf[0], 0), EBADMSG);
	memset(buf[0], 0xff, sizeof(buf[0]));
	n = SAMPLES_MAX;
	assert_int_equal(c->decode(dec, out, &n, buf[0], 300), EBADMSG);
	n = 960;
	assert_int_equal(c->conceal(dec, out, &n, NULL, 0), 0);

	mem_deref(enc);
	mem_deref(dec);
}


/* With loss every loud packet has its copy in the next one, however much is
   lost and at each bit rate that has room for it */
static void test_opus_fec(void **state)
{
	static const uint32_t ratev[] = { 24000, 32000 };
	static const uint32_t lossv[] = { 10, 20, 30 };
	const struct codec *c = codec_find("opus");
	uint8_t buf[1500];
	int16_t in[960];
	unsigned i, j, k, n, told;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(ratev) * ARRAY_SIZE(lossv); i++) {
		const struct codec_enc_param some = {
			.bitrate = ratev[i % 2], .ptime = 20,
			.loss = lossv[i / 2]
		};
		struct codec_enc *enc = NULL;

		assert_int_equal(c->enc_update(&enc, c, &some,
					       "useinbandfec=1"), 0);
		for (j = k = told = 0; k < FRAMES; k++) {
			size_t len = sizeof(buf);

			/* syllables: what goes on and on is no speech */
			voice(in, 960, 48000, k);
			for (n = 0; n < 960; n++)
				in[n] = (int16_t)(in[n] / (1 << k % 10));
			assert_int_equal(c->encode(enc, buf, &len, in, 960),
					 0);
			/* RFC 6716 3.1: SILK up to 8 kHz; 4.2.3: after the
			   bit for speech comes the one for such a copy */
			assert_in_range(buf[0] >> 3, 0, 11);
			told += len > 2 && (buf[1] & 0x40);
			j += len > 2;
		}
		assert_int_equal(j, FRAMES);
		assert_in_range(told, FRAMES / 2, FRAMES);
		mem_deref(enc);
	}
}


/* What is left of a lost frame of which the beginning was made up is the end
   of what the next packet has of it, not made up, too */
static void test_opus_rest(void **state)
{
	static const size_t restv[] = { 960, 480, 120 };
	const struct codec *c = codec_find("opus");
	const struct codec_enc_param lossy = {
		.bitrate = 24000, .ptime = 20, .loss = 20
	};
	static uint8_t buf[FRAMES][1500];
	static int16_t in[960], whole[960], out[960];
	size_t len[FRAMES], n, i, k;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(restv); i++) {
		struct codec_enc *enc = NULL;
		struct codec_dec *dec = NULL;

		assert_int_equal(c->enc_update(&enc, c, &lossy,
					       "useinbandfec=1"), 0);
		assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
		for (k = 0; k < FRAMES; k++) {
			len[k] = sizeof(buf[k]);
			voice(in, 960, 48000, (unsigned)k);
			assert_int_equal(c->encode(enc, buf[k], &len[k], in,
						   960), 0);
			n = 960;
			if (k + 2 < FRAMES)
				assert_int_equal(c->decode(dec, out, &n,
							   buf[k], len[k]),
						 0);
		}
		n = restv[i];
		assert_int_equal(c->conceal(dec, out, &n, buf[FRAMES - 1],
					    len[FRAMES - 1]), 0);
		assert_int_equal(n, restv[i]);
		if (!i)
			memcpy(whole, out, sizeof(whole));
		assert_memory_equal(out, whole + 960 - n, n * 2);
		mem_deref(enc);
		mem_deref(dec);
	}
}


/* Two channels if both ends say so, and each stays on its side */
static void test_opus_two(void **state)
{
	static const char both[] = "stereo=1;sprop-stereo=1";
	const struct codec *c = codec_find("opus"), *two;
	int16_t one[960], in[1920], out[2 * SAMPLES_MAX];
	struct codec_enc *enc = NULL;
	struct codec_dec *dec = NULL;
	double left = 0, right = 0;
	uint8_t buf[1500];
	size_t len, n, i;
	unsigned k;
	(void)state;

	if (!c)
		skip();

	/* sent if we may and it is wanted, played if we want it */
	two = c->form(c, true, both, both);
	assert_int_equal(two->channels, 2);
	assert_ptr_equal(c->form(c, true, both, "stereo=0"), c);
	assert_ptr_equal(c->form(c, true, both, NULL), c);
	assert_ptr_equal(c->form(c, true, "stereo=1", both), c);
	assert_ptr_equal(c->form(c, true, NULL, both), c);
	assert_ptr_equal(c->form(c, false, both, NULL), two);
	assert_ptr_equal(c->form(c, false, "sprop-stereo=1", both), c);

	assert_int_equal(two->enc_update(&enc, two, &prm, both), 0);
	assert_int_equal(two->dec_alloc(&dec, two, NULL), 0);
	for (k = 0; k < FRAMES; k++) {
		voice(one, 960, 48000, k);
		for (i = 0; i < 960; i++) {
			in[2 * i] = 0;
			in[2 * i + 1] = one[i];
		}
		len = sizeof(buf);
		assert_int_equal(two->encode(enc, buf, &len, in, 1920), 0);
		n = RE_ARRAY_SIZE(out);
		if (k % 10 == 9) {
			/* a lost one has both sides, too */
			n = 1920;
			assert_int_equal(two->conceal(dec, out, &n, NULL, 0),
					 0);
			assert_int_equal(n, 1920);
			continue;
		}
		assert_int_equal(two->decode(dec, out, &n, buf, len), 0);
		assert_int_equal(n, 1920);
		for (i = 0; i < 960; i++) {
			left += (double)out[2 * i] * out[2 * i];
			right += (double)out[2 * i + 1] * out[2 * i + 1];
		}
	}
	assert_true(right > energy(one, 960) * 960 * FRAMES / 2);
	assert_true(left < right / 30);
	mem_deref(enc);
	mem_deref(dec);

	/* what was sent in stereo is played by who has one channel */
	dec = NULL;
	n = SAMPLES_MAX;
	assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
	assert_int_equal(c->decode(dec, out, &n, buf, len), 0);
	assert_int_equal(n, 960);
	mem_deref(dec);
}


/* A made-up frame goes on with the pitch and then fades */
static void test_plc(void **state)
{
	static const uint32_t rates[] = { 8000, 16000, 48000 };
	int16_t v[960], want[960];
	size_t r, n, i;
	(void)state;

	for (r = 0; r < ARRAY_SIZE(rates); r++) {
		double dot = 0, a = 1, b = 1;
		struct plc *plc;
		unsigned k;

		n = rates[r] / 50;
		assert_int_equal(plc_alloc(&plc, rates[r]), 0);
		for (k = 0; k < 10; k++) {
			voice(v, n, rates[r], k);
			plc_good(plc, v, n);
		}

		plc_fill(plc, v, n);
		voice(want, n, rates[r], 10);
		for (i = 0; i < n / 2; i++) {
			dot += (double)v[i] * want[i];
			a += (double)v[i] * v[i];
			b += (double)want[i] * want[i];
		}
		assert_true(dot / sqrt(a * b) > 0.9);

		for (k = 0; k < 5; k++)
			plc_fill(plc, v, n);
		assert_int_equal(level_peak(v, n), 0);

		/* what is good passes, after a short blend */
		voice(v, n, rates[r], 14);
		memcpy(want, v, sizeof(v));
		plc_good(plc, v, n);
		assert_memory_equal(v + n / 4, want + n / 4,
				    (n - n / 4) * sizeof(*v));
		assert_true(abs(v[0]) < 200);
		mem_deref(plc);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_g711),
		cmocka_unit_test(test_g711_values),
		cmocka_unit_test(test_opus),
		cmocka_unit_test(test_opus_fec),
		cmocka_unit_test(test_opus_rest),
		cmocka_unit_test(test_opus_two),
		cmocka_unit_test(test_plc),
	};

	return cmocka_run_group_tests(tests, built_setup, built_teardown);
}
