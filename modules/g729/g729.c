/**
 * @file g729.c  G.729 audio codec, Annexes A and B (RFC 3551 4.5.6)
 *
 * Config:   none
 * Requires: bcg729
 *
 * Ten bytes for each 10 ms at 8 kbit/s. A packet holds as many as its time
 * needs and may end with two bytes that describe silence (Annex B). We send
 * those only where the peer's fmtp has no annexb=no, which is the default
 * (RFC 4856 2.1.9), and only if pauses are to be left out at all.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <bcg729/decoder.h>
#include <bcg729/encoder.h>
#include <re.h>

#include "module.h"

enum { FRAME = 80, BYTES = 10, SID = 2 };

struct codec_enc {
	bcg729EncoderChannelContextStruct *ctx;
	bool pauses;             /**< Annex B is used                    */
};

struct codec_dec {
	bcg729DecoderChannelContextStruct *ctx;
};


static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (enc->ctx)
		closeBcg729EncoderChannel(enc->ctx);
}


static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (dec->ctx)
		closeBcg729DecoderChannel(dec->ctx);
}


/* May silence be described to somebody with this fmtp? */
static bool annexb(const char *fmtp)
{
	struct pl pl, val;

	pl_set_str(&pl, fmtp ? fmtp : "");

	return !fmt_param_get(&pl, "annexb", &val) ||
		pl_strcasecmp(&val, "no");
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	const bool pauses = prm && prm->dtx && annexb(fmtp);
	struct codec_enc *enc;
	(void)codec;

	if (!encp || !prm)
		return EINVAL;

	/* it can only be said at the beginning */
	if (*encp && (*encp)->pauses == pauses)
		return 0;

	enc = mem_zalloc(sizeof(*enc), enc_destructor);
	if (!enc)
		return ENOMEM;

	enc->pauses = pauses;
	enc->ctx = initBcg729EncoderChannel(pauses);
	if (!enc->ctx) {
		mem_deref(enc);
		return ENOMEM;
	}
	mem_deref(*encp);
	*encp = enc;

	return 0;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	const size_t n = sampc / FRAME;
	size_t i, len = 0;

	if (!n || sampc % FRAME)
		return EINVAL;
	if (*lenp < n * BYTES)
		return ENOMEM;

	for (i = 0; i < n; i++) {
		uint8_t out[BYTES], outc = 0;

		bcg729Encoder(enc->ctx, sampv + i * FRAME, out, &outc);
		if (outc > BYTES)
			return EPROTO;
		memcpy(buf + len, out, outc);
		len += outc;

		/* a description of silence ends the packet; the encoder
		   has to hear the rest all the same */
		if (outc < BYTES) {
			for (++i; i < n; i++)
				bcg729Encoder(enc->ctx, sampv + i * FRAME,
					      out, &outc);
		}
	}
	*lenp = len;

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

	dec->ctx = initBcg729DecoderChannel();
	if (!dec->ctx) {
		mem_deref(dec);
		return ENOMEM;
	}
	*decp = dec;

	return 0;
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	const size_t n = len / BYTES, sid = len % BYTES;
	uint8_t frame[BYTES];
	size_t i;

	if (!len || (sid && sid != SID) || (n + !!sid) * FRAME > *sampc)
		return EBADMSG;

	for (i = 0; i < n; i++) {
		memcpy(frame, buf + i * BYTES, BYTES);
		bcg729Decoder(dec->ctx, frame, BYTES, 0, 0, 0,
			      sampv + i * FRAME);
	}
	if (sid) {
		memcpy(frame, buf + n * BYTES, SID);
		bcg729Decoder(dec->ctx, frame, SID, 0, 1, 0,
			      sampv + n * FRAME);
	}
	*sampc = (n + !!sid) * FRAME;

	return 0;
}


static int conceal(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		   const uint8_t *next, size_t len)
{
	const size_t n = *sampc / FRAME;
	uint8_t none[BYTES] = { 0 };
	size_t i;
	(void)next;
	(void)len;

	for (i = 0; i < n; i++)
		bcg729Decoder(dec->ctx, none, 0, 1, 0, 0,
			      sampv + i * FRAME);
	*sampc = n * FRAME;

	return n ? 0 : EBADMSG;
}


static struct codec g729 = {
	.name = "G729", .pt = "18", .clock_rate = 8000, .sdp_channels = 1,
	.srate = 8000, .channels = 1, .fmtp = "annexb=yes",
	.whole = true,
	.enc_update = enc_update, .encode = encode, .dec_alloc = dec_alloc,
	.decode = decode, .conceal = conceal,
};


static int module_init(void)
{
	return codec_register(&g729);
}


static int module_close(void)
{
	codec_unregister(&g729);
	return 0;
}


OFFHOOK_MODULE("g729", "codec", module_init, module_close);
