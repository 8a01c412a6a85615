/**
 * @file g722.c  G.722 audio codec (RFC 3551 4.5.2)
 *
 * Config:   none
 * Requires: spandsp
 *
 * Speech of 7 kHz in 64 kbit/s, two samples a byte. An error in RFC 1890
 * that is kept for ever says its RTP clock is 8000 Hz; the sound has 16000.
 */
#include <errno.h>
#include <stdint.h>

#include <re.h>
#include <spandsp/telephony.h>
#include <spandsp/g722.h>

#include "module.h"

enum { BITRATE = 64000 };

struct codec_enc {
	g722_encode_state_t *st;
};

struct codec_dec {
	g722_decode_state_t *st;
};


static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (enc->st)
		(void)g722_encode_free(enc->st);
}


static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (dec->st)
		(void)g722_decode_free(dec->st);
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	struct codec_enc *enc;
	(void)codec;
	(void)prm;
	(void)fmtp;

	if (!encp)
		return EINVAL;
	if (*encp)
		return 0;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->st = g722_encode_init(NULL, BITRATE, 0);
	if (!enc->st) {
		mem_deref(enc);
		return ENOMEM;
	}
	*encp = enc;

	return 0;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	int n;

	if (*lenp < sampc / 2)
		return ENOMEM;

	n = g722_encode(enc->st, buf, sampv, (int)sampc);
	if (n <= 0)
		return EPROTO;
	*lenp = (size_t)n;

	return 0;
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	struct codec_dec *dec;
	(void)codec;
	(void)fmtp;

	if (!decp)
		return EINVAL;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->st = g722_decode_init(NULL, BITRATE, 0);
	if (!dec->st) {
		mem_deref(dec);
		return ENOMEM;
	}
	*decp = dec;

	return 0;
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	int n;

	if (!len || len > *sampc / 2)
		return EBADMSG;

	n = g722_decode(dec->st, sampv, buf, (int)len);
	if (n < 0)
		return EBADMSG;
	*sampc = (size_t)n;

	return 0;
}


static struct codec g722 = {
	.name = "G722", .pt = "9", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 16000, .channels = 1, .frame_ms = 10,
	.enc_update = enc_update, .encode = encode, .dec_alloc = dec_alloc,
	.decode = decode,
};


static int module_init(void)
{
	return codec_register(&g722);
}


static int module_close(void)
{
	codec_unregister(&g722);
	return 0;
}


OFFHOOK_MODULE("g722", "codec", module_init, module_close);
