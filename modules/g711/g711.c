/**
 * @file g711.c  G.711 audio codec, mu-law and A-law (RFC 3551 4.5.14)
 *
 * Config:   none
 * Requires: nothing
 *
 * Decoding is a table made at start. Encoding finds segment and step where
 * a float has them: in its exponent and the highest bits of its mantissa.
 * That has no branch, so the compiler takes several samples at once.
 */
#include <errno.h>
#include <stdint.h>

#include <re.h>

#include "module.h"

enum {
	ULAW_BIAS  = 0x84,
	ULAW_CLIP  = 32635,
	FLOAT_MANT = 23,         /**< Bits of a mantissa, IEEE 754 */
	FLOAT_BIAS = 127         /**< Of its exponent              */
};

struct codec_enc { int unused; };
struct codec_dec { int unused; };

static int16_t ulaw_table[256];
static int16_t alaw_table[256];


/* The segment counts from the one whose highest bit is `first` */
static inline int32_t segment_and_step(int32_t v, int first)
{
	union { float f; int32_t i; } u = { .f = (float)v };

	return (u.i >> (FLOAT_MANT - 4)) - ((FLOAT_BIAS + first) << 4);
}


static inline uint8_t ulaw_encode(int16_t s)
{
	const int32_t sign = s < 0 ? 0x80 : 0;
	int32_t v = s < 0 ? -(int32_t)s : s;

	v = v > ULAW_CLIP ? ULAW_CLIP : v;

	return (uint8_t)~(sign | segment_and_step(v + ULAW_BIAS, 7));
}


static int16_t ulaw_decode(uint8_t u)
{
	int v;

	u = (uint8_t)~u;
	v = (((u & 0x0f) << 3) + ULAW_BIAS) << (u >> 4 & 7);
	v -= ULAW_BIAS;

	return (int16_t)(u & 0x80 ? -v : v);
}


static inline uint8_t alaw_encode(int16_t s)
{
	const int32_t sign = s < 0 ? 0 : 0x80;
	const int32_t v = (s < 0 ? ~(int32_t)s : s) >> 4;    /* 11 bits */
	const int32_t a = v < 16 ? v : segment_and_step(v, 3);

	return (uint8_t)((a | sign) ^ 0x55);
}


static int16_t alaw_decode(uint8_t a)
{
	int v, seg;

	a ^= 0x55;
	seg = a >> 4 & 7;
	v = ((a & 0x0f) << 4) + 8;
	if (seg)
		v = (v + 0x100) << (seg - 1);

	return (int16_t)(a & 0x80 ? v : -v);
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	(void)codec;
	(void)prm;
	(void)fmtp;

	if (!*encp)
		*encp = mem_zalloc(sizeof(**encp), NULL);

	return *encp ? 0 : ENOMEM;
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	(void)codec;
	(void)fmtp;

	*decp = mem_zalloc(sizeof(**decp), NULL);

	return *decp ? 0 : ENOMEM;
}


static int pcmu_encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		       const int16_t *sampv, size_t sampc)
{
	size_t i;
	(void)enc;

	if (*lenp < sampc)
		return ENOSPC;

	for (i = 0; i < sampc; i++)
		buf[i] = ulaw_encode(sampv[i]);
	*lenp = sampc;

	return 0;
}


static int pcma_encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		       const int16_t *sampv, size_t sampc)
{
	size_t i;
	(void)enc;

	if (*lenp < sampc)
		return ENOSPC;

	for (i = 0; i < sampc; i++)
		buf[i] = alaw_encode(sampv[i]);
	*lenp = sampc;

	return 0;
}


static int table_decode(const int16_t *table, int16_t *sampv, size_t *sampc,
			const uint8_t *buf, size_t len)
{
	size_t i;

	if (*sampc < len)
		return ENOSPC;

	for (i = 0; i < len; i++)
		sampv[i] = table[buf[i]];
	*sampc = len;

	return 0;
}


static int pcmu_decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		       const uint8_t *buf, size_t len)
{
	(void)dec;
	return table_decode(ulaw_table, sampv, sampc, buf, len);
}


static int pcma_decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		       const uint8_t *buf, size_t len)
{
	(void)dec;
	return table_decode(alaw_table, sampv, sampc, buf, len);
}


static struct codec pcmu = {
	.name = "PCMU", .pt = "0", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, .channels = 1, .frame_ms = 10,
	.enc_update = enc_update,
	.encode = pcmu_encode, .dec_alloc = dec_alloc, .decode = pcmu_decode,
};

static struct codec pcma = {
	.name = "PCMA", .pt = "8", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, .channels = 1, .frame_ms = 10,
	.enc_update = enc_update,
	.encode = pcma_encode, .dec_alloc = dec_alloc, .decode = pcma_decode,
};


static int module_init(void)
{
	int err, i;

	for (i = 0; i < 256; i++) {
		ulaw_table[i] = ulaw_decode((uint8_t)i);
		alaw_table[i] = alaw_decode((uint8_t)i);
	}

	err = codec_register(&pcmu);
	if (err)
		return err;

	err = codec_register(&pcma);
	if (err)
		codec_unregister(&pcmu);

	return err;
}


static int module_close(void)
{
	codec_unregister(&pcma);
	codec_unregister(&pcmu);
	return 0;
}


OFFHOOK_MODULE_OF("g711", "codec", "PCMU PCMA", module_init,
		  module_close);
