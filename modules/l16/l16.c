/**
 * @file l16.c  Uncompressed sound (RFC 3551 4.5.11)
 *
 * Config:   none
 * Requires: nothing
 *
 * Two bytes a sample, network order. No state, so encoder and decoder are
 * empty objects. For a fast network, or where each loss of a codec counts.
 */
#include <errno.h>
#include <stdint.h>

#include <re.h>

#include "module.h"

struct codec_enc {
	uint8_t unused;
};

struct codec_dec {
	uint8_t unused;
};


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	(void)codec;
	(void)prm;
	(void)fmtp;

	if (!encp)
		return EINVAL;
	if (!*encp)
		*encp = mem_zalloc(sizeof(**encp), NULL);

	return *encp ? 0 : ENOMEM;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	size_t i;
	(void)enc;

	if (*lenp < 2 * sampc)
		return ENOMEM;

	for (i = 0; i < sampc; i++) {
		buf[2 * i] = (uint8_t)((uint16_t)sampv[i] >> 8);
		buf[2 * i + 1] = (uint8_t)sampv[i];
	}
	*lenp = 2 * sampc;

	return 0;
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	(void)codec;
	(void)fmtp;

	if (!decp)
		return EINVAL;

	*decp = mem_zalloc(sizeof(**decp), NULL);

	return *decp ? 0 : ENOMEM;
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	size_t i;
	(void)dec;

	/* what the network sends may be odd, or longer than the room */
	if (!len || len & 1 || len / 2 > *sampc)
		return EBADMSG;

	for (i = 0; i < len / 2; i++)
		sampv[i] = (int16_t)((uint16_t)buf[2 * i] << 8 |
				     buf[2 * i + 1]);
	*sampc = len / 2;

	return 0;
}


#define L16(rate) {                                                          \
	.name = "L16", .clock_rate = rate, .sdp_channels = 1,                \
	.srate = rate, .channels = 1, .frame_ms = 10, .ptime_max = 40,       \
	.enc_update = enc_update, .encode = encode,                          \
	.dec_alloc = dec_alloc, .decode = decode,                            \
}

/* 20 ms at 48 kHz would not fit into one packet */
static struct codec l16v[] = { L16(16000), L16(8000) };


static int module_init(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < RE_ARRAY_SIZE(l16v) && !err; i++)
		err = codec_register(&l16v[i]);

	return err;
}


static int module_close(void)
{
	size_t i;

	for (i = RE_ARRAY_SIZE(l16v); i-- > 0; )
		codec_unregister(&l16v[i]);

	return 0;
}


OFFHOOK_MODULE("l16", "codec", module_init, module_close);
