/**
 * @file gsm.c  GSM 06.10 full rate audio codec (RFC 3551 4.5.8)
 *
 * Config:   none
 * Requires: libgsm
 *
 * 33 bytes for each 20 ms; a packet may hold several of them.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <gsm.h>
#include <re.h>

#include "module.h"

enum { FRAME = 160, BYTES = sizeof(gsm_frame) };

struct codec_enc {
	gsm g;
};

struct codec_dec {
	gsm g;
};


static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (enc->g)
		gsm_destroy(enc->g);
}


static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (dec->g)
		gsm_destroy(dec->g);
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

	enc->g = gsm_create();
	if (!enc->g) {
		mem_deref(enc);
		return ENOMEM;
	}
	*encp = enc;

	return 0;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	const size_t n = sampc / FRAME;
	gsm_signal frame[FRAME];
	size_t i;

	if (!n || sampc % FRAME)
		return EINVAL;
	if (*lenp < n * BYTES)
		return ENOMEM;

	for (i = 0; i < n; i++) {
		memcpy(frame, sampv + i * FRAME, sizeof(frame));
		gsm_encode(enc->g, frame, buf + i * BYTES);
	}
	*lenp = n * BYTES;

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

	dec->g = gsm_create();
	if (!dec->g) {
		mem_deref(dec);
		return ENOMEM;
	}
	*decp = dec;

	return 0;
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	const size_t n = len / BYTES;
	gsm_frame frame;
	size_t i;

	if (!n || len % BYTES || n * FRAME > *sampc)
		return EBADMSG;

	for (i = 0; i < n; i++) {
		memcpy(frame, buf + i * BYTES, sizeof(frame));
		if (gsm_decode(dec->g, frame, sampv + i * FRAME))
			return EBADMSG;
	}
	*sampc = n * FRAME;

	return 0;
}


static struct codec codec = {
	.name = "GSM", .pt = "3", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, .channels = 1,
	.enc_update = enc_update, .encode = encode, .dec_alloc = dec_alloc,
	.decode = decode,
};


static int module_init(void)
{
	return codec_register(&codec);
}


static int module_close(void)
{
	codec_unregister(&codec);
	return 0;
}


OFFHOOK_MODULE("gsm", "codec", module_init, module_close);
