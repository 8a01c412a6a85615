/**
 * @file amr_test.c  What is in a packet of AMR, and what is asked for in it
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

#include "../../../modules/amr/payload.c"


/* Something to encode */
static void voice(int16_t *v, uint32_t srate)
{
	size_t i;

	for (i = 0; i < srate / 50; i++)
		v[i] = (int16_t)(6000 * sin(2 * M_PI * 150 * (double)i /
					    srate));
}


/* RFC 4867: both layouts, any number of frames, nothing lost on the way */
static void test_amr_payload(void **state)
{
	unsigned wide, align, n, type;
	(void)state;

	srand(3);
	for (wide = 0; wide < 2; wide++)
	for (align = 0; align < 2; align++)
	for (type = 0; type < 16; type++)
	for (n = 1; n <= AMR_FRAMES; n++) {
		struct amr_payload a = { .cmr = 15, .n = n }, b;
		uint8_t buf[AMR_FRAMES * 64];
		const int bits = amr_bits(wide, (uint8_t)type);
		size_t len = sizeof(buf), i, cut;

		for (i = 0; i < n; i++) {
			struct amr_frame *f = &a.framev[i];
			int k;

			f->type = (uint8_t)type;
			f->good = rand() % 2;
			f->buf[0] = (uint8_t)(type << 3 | f->good << 2);
			for (k = 0; k < bits; k++)
				if (rand() % 2)
					f->buf[1 + k / 8] |= (uint8_t)
						(0x80 >> k % 8);
		}
		if (bits < 0) {
			assert_int_equal(amr_write(&a, wide, align, buf,
						   &len), EINVAL);
			continue;
		}

		assert_int_equal(amr_write(&a, wide, align, buf, &len), 0);
		assert_int_equal(amr_read(&b, wide, align, buf, len),
				 len < 2 ? EBADMSG : 0);
		if (len < 2)
			continue;
		assert_int_equal(b.n, n);
		assert_int_equal(b.cmr, 15);
		assert_memory_equal(a.framev, b.framev, sizeof(a.framev));

		for (cut = 0; cut < len; cut++) {
			size_t room = cut;

			assert_int_equal(amr_read(&b, wide, align, buf, cut),
					 EBADMSG);
			assert_int_equal(amr_write(&a, wide, align, buf,
						   &room), ENOMEM);
		}
	}

	/* the example of RFC 4867 4.4.5.1: one frame of AMR 5.9, aligned */
	{
		static const uint8_t pkt[] = { 0xf0, 0x14, 1, 2, 3, 4, 5, 6,
			7, 8, 9, 10, 11, 12, 13, 14, 0xfc };
		struct amr_payload pl;

		assert_int_equal(amr_read(&pl, false, true, pkt,
					  sizeof(pkt)), 0);
		assert_int_equal(pl.n, 1);
		assert_int_equal(pl.framev[0].type, 2);
		assert_true(pl.framev[0].good);
		assert_int_equal(pl.framev[0].buf[1], 1);
	}
}


/* The peer's mode-set and our bit rate choose the mode of AMR */
static void test_amr_mode(void **state)
{
	static const struct {
		const char *name, *fmtp;
		uint32_t bitrate;
		unsigned mode;
	} v[] = {
		{ "AMR", NULL, 0, 7 },
		{ "AMR", "mode-set=0,2,4; octet-align=1", 0, 4 },
		{ "AMR", "mode-set=0,2,4", 6000, 2 },
		{ "AMR", "mode-set=3,5", 1000, 3 },
		{ "AMR", "mode-set=;", 4800, 0 },
		{ "AMR-WB", NULL, 0, 8 },
		{ "AMR-WB", "mode-set=0,1,2", 0, 2 },
		{ "AMR-WB", NULL, 13000, 2 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		const struct codec_enc_param prm = {
			.ptime = 20, .bitrate = v[i].bitrate
		};
		const struct codec *c = codec_find(v[i].name);
		struct codec_enc *enc = NULL;
		struct amr_payload pl;
		int16_t in[320];
		uint8_t buf[100];
		size_t len = sizeof(buf);

		if (!c)
			skip();
		voice(in, c->srate);
		assert_int_equal(c->enc_update(&enc, c, &prm, v[i].fmtp), 0);
		assert_int_equal(c->encode(enc, buf, &len, in,
					   c->srate / 50), 0);
		assert_int_equal(amr_read(&pl, c->srate == 16000, true, buf,
					  len), 0);
		assert_int_equal(pl.framev[0].type, v[i].mode);
		mem_deref(enc);
	}
}


/* What the peer's packets ask for, and what ours ask of it */
static void test_amr_request(void **state)
{
	static const struct {
		const char *name;
		unsigned less;
		uint32_t slow, fast;
	} v[] = {
		{ "AMR", 4, 4750, 12200 }, { "AMR-WB", 2, 6600, 23850 },
	};
	struct codec_enc_param prm = { .ptime = 20 };
	size_t i;
	(void)state;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		const struct codec *c = codec_find(v[i].name);
		const bool wide = c && c->srate == 16000;
		struct codec_enc *enc = NULL;
		struct codec_dec *dec = NULL;
		struct amr_payload pl;
		int16_t in[320], out[320];
		uint8_t buf[100];
		size_t len = sizeof(buf), n = ARRAY_SIZE(out);

		if (!c)
			skip();
		voice(in, c->srate);
		assert_int_equal(c->dec_alloc(&dec, c, NULL), 0);
		assert_int_equal(c->wish(dec), 0);

		prm.ask_less = true;
		assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
		assert_int_equal(c->encode(enc, buf, &len, in,
					   c->srate / 50), 0);
		assert_int_equal(amr_read(&pl, wide, true, buf, len), 0);
		assert_int_equal(pl.cmr, v[i].less);
		assert_int_equal(c->decode(dec, out, &n, buf, len), 0);
		assert_in_range(c->wish(dec), v[i].slow + 1, v[i].fast - 1);

		/* the least and the most there is, and no mode at all */
		buf[0] = 0x00;
		n = ARRAY_SIZE(out);
		assert_int_equal(c->decode(dec, out, &n, buf, len), 0);
		assert_in_range(c->wish(dec), v[i].slow, v[i].slow + 100);
		buf[0] = wide ? 0x90 : 0x80;
		n = ARRAY_SIZE(out);
		assert_int_equal(c->decode(dec, out, &n, buf, len), 0);
		assert_int_equal(c->wish(dec), 0);

		/* it is followed */
		prm.ask_less = false;
		prm.bitrate = v[i].slow + 100;
		assert_int_equal(c->enc_update(&enc, c, &prm, NULL), 0);
		len = sizeof(buf);
		assert_int_equal(c->encode(enc, buf, &len, in,
					   c->srate / 50), 0);
		assert_int_equal(amr_read(&pl, wide, true, buf, len), 0);
		assert_int_equal(pl.framev[0].type, 0);
		assert_int_equal(pl.cmr, 15);
		mem_deref(enc);
		mem_deref(dec);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amr_payload),
		cmocka_unit_test(test_amr_mode),
		cmocka_unit_test(test_amr_request),
	};

	return cmocka_run_group_tests(tests, built_setup, built_teardown);
}
