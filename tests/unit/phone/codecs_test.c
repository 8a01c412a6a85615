/**
 * @file codecs_test.c  Each codec of the modules: there and back, and what
 *                      a hostile peer might send
 *
 * The sound that comes out is compared with what went in at the best
 * delay; how much noise a codec may add is written down for each.
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

#include "phone/module/loader.h"
#include "phone/module/registry.h"

#include "built.h"

enum { SECONDS = 2, RATE_MAX = 48000, ROOM = 5760, PACKET = 1400 };

/** What is expected of a codec, and how long a packet of 20 ms may be */
static const struct expect {
	const char *name;
	double snr;              /**< dB, at least; 0: it only sounds alike */
	size_t min, max;         /**< Bytes                                 */
} expectv[] = {
	{ "PCMU", 35, 160, 160 },
	{ "PCMA", 35, 160, 160 },
	{ "G722", 35, 160, 160 },
	{ "L16/16000", 90, 640, 640 },
	{ "L16/8000", 90, 320, 320 },
	{ "GSM", 15, 33, 33 },
	{ "G729", 0, 20, 20 },
	{ "speex/16000", 0, 30, 80 },
	{ "speex/8000", 0, 20, 40 },
	{ "AMR-WB", 0, 60, 64 },
	{ "AMR", 0, 32, 33 },
	{ "opus", 0, 20, 200 },
};


/* A voice that moves: pitch, loudness and colour */
static void voice(int16_t *v, size_t n, uint32_t srate, size_t from)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const double t = (double)(from + i) / srate;
		const double loud = pow(0.5 + 0.5 * sin(2 * M_PI * 2.9 * t),
					2) + 0.02;
		const double bright = 0.5 + 0.5 * sin(2 * M_PI * 1.7 * t);
		/* from 120 to 160 Hz and back, three times in 2 s */
		const double a = 2 * M_PI * 140 * t -
			20 / 1.5 * cos(2 * M_PI * 1.5 * t);

		v[i] = (int16_t)(loud * (3000 * sin(a) + 5000 * sin(2 * a) +
					 3000 * sin(4 * a + 1) +
					 3000 * bright * sin(9 * a + 2) +
					 2000 * bright * sin(14 * a)));
	}
}


/* dB of a over a - b at the best delay of b up to 30 ms */
static double snr(const int16_t *a, const int16_t *b, size_t n,
		  uint32_t srate)
{
	const size_t most = srate * 3 / 100;
	double best = -100;
	size_t d, i;

	for (d = 0; d < most; d++) {
		double aa = 1, ab = 0, bb = 1, db;

		for (i = srate / 4; i + d < n; i++) {
			aa += (double)a[i] * a[i];
			ab += (double)a[i] * b[i + d];
			bb += (double)b[i + d] * b[i + d];
		}
		/* loudness apart: what of b is not a */
		db = 10 * log10(ab * ab / (aa * bb - ab * ab + aa));
		if (ab > 0 && db > best)
			best = db;
	}

	return best;
}


/* Loudness in steps of 10 ms, of all or of what changes fast */
static size_t envelope(float *env, const int16_t *v, size_t n,
		       uint32_t srate, bool fast)
{
	const size_t step = srate / 100, lag = srate / 8000;
	size_t i, k;

	for (i = 1; (i + 1) * step <= n; i++) {
		float sum = 0;

		for (k = i * step; k < (i + 1) * step; k++) {
			const float x = fast ? (float)(v[k] - v[k - lag]) :
				v[k];

			sum += x * x;
		}
		env[i - 1] = log10f(sum / (float)step + 20000);
	}

	return i - 1;
}


/* How alike are they, heard from some way off? Best of 60 ms of delay */
static double likeness(const int16_t *a, const int16_t *b, size_t n,
		       uint32_t srate, bool fast)
{
	static float ea[SECONDS * 100], eb[SECONDS * 100];
	double best = 0;
	size_t d, i, len;

	len = envelope(ea, a, n, srate, fast);
	(void)envelope(eb, b, n, srate, fast);

	for (d = 0; d < 6; d++) {
		double sa = 0, sb = 0, aa = 0, ab = 0, bb = 0, m;

		for (i = 20; i + d < len; i++) {
			sa += ea[i];
			sb += eb[i + d];
			aa += ea[i] * ea[i];
			ab += ea[i] * eb[i + d];
			bb += eb[i + d] * eb[i + d];
		}
		m = (double)(len - d - 20);
		ab -= sa * sb / m;
		aa -= sa * sa / m;
		bb -= sb * sb / m;
		if (ab / sqrt(aa * bb) > best)
			best = ab / sqrt(aa * bb);
	}

	return best;
}


static double loudness(const int16_t *v, size_t n)
{
	double e = 1;
	size_t i;

	for (i = 0; i < n; i++)
		e += (double)v[i] * v[i];

	return 10 * log10(e);
}


static void round_trip(const struct codec *c, const struct expect *ex,
		       uint32_t ptime)
{
	const struct codec_enc_param prm = { .ptime = ptime };
	static int16_t in[SECONDS * RATE_MAX], out[SECONDS * RATE_MAX + ROOM];
	const size_t frame = c->srate * ptime / 1000;
	const size_t total = SECONDS * c->srate / frame * frame;
	struct codec_enc *enc = NULL;
	struct codec_dec *dec = NULL;
	uint8_t buf[PACKET];
	size_t pos, got = 0;
	double db;

	assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
	assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
	assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
	voice(in, total, c->srate, 0);

	for (pos = 0; pos < total; pos += frame) {
		size_t len = sizeof(buf), n = ROOM;

		assert_int_equal(c->encode(enc, buf, &len, in + pos, frame),
				 0);
		assert_in_range(len, ex->min, ex->max * ptime / 20 + 8);
		assert_int_equal(c->decode(dec, out + got, &n, buf, len), 0);
		assert_int_equal(n, frame);
		got += n;
	}
	mem_deref(enc);
	mem_deref(dec);

	assert_int_equal(got, total);
	db = snr(in, out, total, c->srate);
	print_message("%s/%u %s, %u ms: %.1f dB, %.3f, %.3f, loud %.1f\n",
		      c->name, c->clock_rate, c->fmtp ? c->fmtp : "", ptime,
		      db, likeness(in, out, total, c->srate, false),
		      likeness(in, out, total, c->srate, true),
		      loudness(out, total) - loudness(in, total));
	if (ex->snr > 0)
		assert_true(db > ex->snr);
	assert_true(likeness(in, out, total, c->srate, false) > 0.97);
	assert_true(likeness(in, out, total, c->srate, true) > 0.95);
	assert_true(fabs(loudness(out, total) - loudness(in, total)) < 2);
}


static const struct expect *expect_of(const struct codec *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expectv); i++) {
		if (codec_named(c, expectv[i].name))
			return &expectv[i];
	}

	fail_msg("nothing is known of %s", c->name);

	return NULL;
}


/* Every codec there is has a row here, and every row a codec */
static void test_round_trip(void **state)
{
	size_t n = 0;
	struct le *le;
	(void)state;

	LIST_FOREACH(codec_list(), le) {
		const struct codec *c = le->data;
		const struct expect *ex = expect_of(c);

		round_trip(c, ex, 20);
		if (ex->max * 2 <= PACKET)
			round_trip(c, ex, 40);
		if (ex->max * 3 <= PACKET && strcmp(c->name, "opus"))
			round_trip(c, ex, 60);
		++n;
	}

	assert_true(n >= ARRAY_SIZE(expectv));
}


/* Cut short, changed, too long, random: an error or a sound, no more */
static void test_hostile(void **state)
{
	const struct codec_enc_param prm = { .ptime = 20 };
	struct le *le;
	(void)state;

	srand(7);
	LIST_FOREACH(codec_list(), le) {
		const struct codec *c = le->data;
		const size_t frame = c->srate / 50;
		struct codec_enc *enc = NULL;
		struct codec_dec *dec = NULL;
		/* of its own, so that a sanitizer sees a byte too many */
		int16_t *out = mem_alloc(ROOM * sizeof(*out), NULL);
		int16_t in[960];
		uint8_t good[PACKET];
		size_t len = sizeof(good), i, n;

		assert_non_null(out);
		assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
		assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
		voice(in, frame, c->srate, 0);
		assert_int_equal(c->encode(enc, good, &len, in, frame), 0);

		for (i = 0; i < 3000; i++) {
			const size_t cut = i < len ? i :
				(size_t)rand() % sizeof(good);
			uint8_t *buf = mem_alloc(cut + 1, NULL);
			size_t k;

			assert_non_null(buf);
			for (k = 0; k < cut; k++)
				buf[k] = i < 1000 && k < len ? good[k] :
					(uint8_t)rand();
			if (cut && i % 3 == 1)
				buf[(size_t)rand() % cut] ^=
					(uint8_t)(1 << rand() % 8);

			n = ROOM;
			if (!c->decode(dec, out, &n, buf, cut))
				assert_in_range(n, 0, ROOM);

			/* no room for what it says */
			n = 10;
			if (!c->decode(dec, out, &n, buf, cut))
				assert_in_range(n, 0, 10);
			mem_deref(buf);
		}

		n = frame;
		if (c->conceal) {
			assert_int_equal(c->conceal(dec, out, &n, NULL, 0),
					 0);
			assert_int_equal(n, frame);
		}

		/* room for a packet that is too small is said so */
		len = 1;
		if (c->encode(enc, good, &len, in, frame) == 0)
			assert_true(len <= 1);

		mem_deref(out);
		mem_deref(enc);
		mem_deref(dec);
	}
}


/* A made-up frame is a sound like the one before, and fades */
static void test_conceal(void **state)
{
	const struct codec_enc_param prm = { .ptime = 20 };
	struct le *le;
	(void)state;

	LIST_FOREACH(codec_list(), le) {
		const struct codec *c = le->data;
		const size_t frame = c->srate / 50;
		struct codec_enc *enc = NULL;
		struct codec_dec *dec = NULL;
		int16_t in[960], out[ROOM];
		double e = 0, last = 0;
		uint8_t buf[PACKET];
		size_t len, n, i;
		unsigned k;

		if (!c->conceal)
			continue;

		assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
		assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
		for (k = 0; k < 50; k++) {
			len = sizeof(buf);
			n = ROOM;
			voice(in, frame, c->srate, k * frame);
			assert_int_equal(c->encode(enc, buf, &len, in, frame),
					 0);
			assert_int_equal(c->decode(dec, out, &n, buf, len),
					 0);
		}
		for (i = 0; i < frame; i++)
			last += (double)out[i] * out[i];

		for (k = 0; k < 30; k++) {
			n = frame;
			assert_int_equal(c->conceal(dec, out, &n, NULL, 0),
					 0);
			assert_int_equal(n, frame);
			for (e = 0, i = 0; i < n; i++)
				e += (double)out[i] * out[i];
			if (!k) {
				print_message("%s: %.1f dB of %.1f\n", c->name,
					      10 * log10(e + 1),
					      10 * log10(last + 1));
				assert_true(e > last / 20);
			}
		}
		print_message("%s/%u: after 600 ms %.1f dB\n", c->name,
			      c->clock_rate, 10 * log10(e / last + 1e-9));
		assert_true(e < last / 4);

		mem_deref(enc);
		mem_deref(dec);
	}
}


/* Silence is left out where that was asked for, and comes back as silence */
static void test_pauses(void **state)
{
	static const char *const names[] = { "G729", "AMR", "AMR-WB",
					     "speex/8000", "opus" };
	const struct codec_enc_param prm = { .ptime = 20, .dtx = true };
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const struct codec *c = codec_find(names[i]);
		static const int16_t none[960];
		struct codec_enc *enc = NULL;
		struct codec_dec *dec = NULL;
		size_t len, n, bytes = 0, sent = 0;
		int16_t out[ROOM];
		uint8_t buf[PACKET];
		unsigned k;

		if (!c)
			continue;

		assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
		assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
		for (k = 0; k < 100; k++) {
			len = sizeof(buf);
			assert_int_equal(c->encode(enc, buf, &len, none,
						   c->srate / 50), 0);
			bytes += len;
			sent += len > 0;
			n = ROOM;
			if (len)
				assert_int_equal(c->decode(dec, out, &n, buf,
							   len), 0);
		}
		print_message("%s: %u packets, %u bytes of 2 s of silence\n",
			      names[i], (unsigned)sent, (unsigned)bytes);
		assert_true(sent < 60);
		mem_deref(enc);
		mem_deref(dec);
	}

	/* annexb=no: each frame is whole */
	if (codec_find("G729")) {
		const struct codec *c = codec_find("G729");
		static const int16_t none[160];
		struct codec_enc *enc = NULL;
		uint8_t buf[PACKET];
		unsigned k;

		assert_int_equal(c->enc_update(&enc, c, &prm, "annexb=no"),
				 0);
		for (k = 0; k < 50; k++) {
			size_t len = sizeof(buf);

			assert_int_equal(c->encode(enc, buf, &len, none,
						   160), 0);
			assert_int_equal(len, 20);
		}
		mem_deref(enc);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_conceal),
		cmocka_unit_test(test_pauses),
	};

	return cmocka_run_group_tests(tests, built_setup, built_teardown);
}
