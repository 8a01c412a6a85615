/**
 * @file speex.c  Speex audio codec, narrow and wide band (RFC 5574)
 *
 * Config:   none
 * Requires: libspeex
 *
 * For peers that were there before Opus. Frames of 20 ms, one after the
 * other in a packet, of a length that only their bits tell.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <re.h>
#include <speex/speex.h>

#include "module.h"

enum { QUALITY = 8, COMPLEXITY = 3, PACKET_MAX = 1400 };

struct codec_enc {
	void *st;
	SpeexBits bits;
	size_t frame;            /**< Samples                            */
};

struct codec_dec {
	void *st;
	bool wide;
	SpeexBits bits;
	size_t frame;
};


static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (enc->st)
		speex_encoder_destroy(enc->st);
	speex_bits_destroy(&enc->bits);
}


static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (dec->st)
		speex_decoder_destroy(dec->st);
	speex_bits_destroy(&dec->bits);
}


static const SpeexMode *mode_of(const struct codec *codec)
{
	return speex_lib_get_mode(codec->srate > 8000 ? SPEEX_MODEID_WB :
				  SPEEX_MODEID_NB);
}


/* RFC 5574 3.1: does the peer want variable bit rate, or pauses? */
static int fmtp_on(const char *fmtp, const char *name)
{
	struct pl pl, val;

	pl_set_str(&pl, fmtp ? fmtp : "");

	return fmt_param_get(&pl, name, &val) && !pl_strcasecmp(&val, "on");
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	spx_int32_t quality = QUALITY, complexity = COMPLEXITY, frame = 0;
	spx_int32_t vbr = fmtp_on(fmtp, "vbr"), rate, dtx;
	struct codec_enc *enc;

	if (!encp || !codec || !prm)
		return EINVAL;

	enc = *encp;
	if (!enc) {
		enc = mem_zalloc(sizeof(*enc), enc_destructor);
		if (!enc)
			return ENOMEM;

		speex_bits_init(&enc->bits);
		enc->st = speex_encoder_init(mode_of(codec));
		if (!enc->st) {
			mem_deref(enc);
			return ENOMEM;
		}
		*encp = enc;
	}

	dtx = prm->dtx;
	(void)speex_encoder_ctl(enc->st, SPEEX_GET_FRAME_SIZE, &frame);
	(void)speex_encoder_ctl(enc->st, SPEEX_SET_COMPLEXITY, &complexity);
	(void)speex_encoder_ctl(enc->st, SPEEX_SET_QUALITY, &quality);
	(void)speex_encoder_ctl(enc->st, SPEEX_SET_VBR, &vbr);
	(void)speex_encoder_ctl(enc->st, SPEEX_SET_VAD, &dtx);
	(void)speex_encoder_ctl(enc->st, SPEEX_SET_DTX, &dtx);
	if (prm->bitrate) {
		rate = (spx_int32_t)prm->bitrate;
		(void)speex_encoder_ctl(enc->st, SPEEX_SET_BITRATE, &rate);
	}
	enc->frame = (size_t)frame;

	return 0;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	spx_int16_t frame[640];
	bool sound = false;
	size_t i;
	int n;

	if (!sampc || sampc % enc->frame || enc->frame > 640)
		return EINVAL;

	speex_bits_reset(&enc->bits);
	for (i = 0; i < sampc; i += enc->frame) {
		memcpy(frame, sampv + i, enc->frame * sizeof(*frame));
		if (speex_encode_int(enc->st, frame, &enc->bits))
			sound = true;
	}

	/* (only with pauses left out) */
	if (!sound) {
		*lenp = 0;
		return 0;
	}

	(void)speex_bits_insert_terminator(&enc->bits);
	if ((size_t)speex_bits_nbytes(&enc->bits) > *lenp)
		return ENOMEM;
	n = speex_bits_write(&enc->bits, (char *)buf, (int)*lenp);
	if (n <= 0)
		return EPROTO;
	*lenp = (size_t)n;

	return 0;
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	struct codec_dec *dec;
	spx_int32_t frame = 0, on = 1;
	(void)fmtp;

	if (!decp || !codec)
		return EINVAL;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->wide = codec->srate > 8000;
	speex_bits_init(&dec->bits);
	dec->st = speex_decoder_init(mode_of(codec));
	if (!dec->st) {
		mem_deref(dec);
		return ENOMEM;
	}
	(void)speex_decoder_ctl(dec->st, SPEEX_SET_ENH, &on);
	(void)speex_decoder_ctl(dec->st, SPEEX_GET_FRAME_SIZE, &frame);
	dec->frame = (size_t)frame;
	*decp = dec;

	return 0;
}


/* ---- is it a packet at all? ---- */

/* Next n bits, up to 8; false at the end */
static bool bits_take(const uint8_t *buf, size_t end, size_t *pos,
		      unsigned n, unsigned *v)
{
	if (end - *pos < n)
		return false;

	for (*v = 0; n--; ++*pos)
		*v = *v << 1 | (buf[*pos / 8] >> (7 - *pos % 8) & 1);

	return true;
}


static bool bits_skip(size_t end, size_t *pos, size_t n)
{
	if (end - *pos < n)
		return false;

	*pos += n;

	return true;
}


/*
 * libspeex tells stderr of what it does not like, and the network is not
 * to be given that pen. So what it would not like is found out here: only
 * whole frames of modes there are, with one layer of wide band at most.
 */
static bool packet_valid(const uint8_t *buf, size_t len, bool is_wide)
{
	/* bits of a frame behind its mode, 0: there is none */
	static const uint16_t narrow[9] = { 0, 38, 114, 155, 215, 295, 359,
					    487, 74 };
	static const uint16_t wide[8] = { 0, 32, 108, 188, 348 };
	enum { TERMINATOR = 15, WIDE_MODES = 5, HEAD = 4 };
	const size_t end = len * 8;
	size_t pos = 0;
	unsigned layer = 0, mode = 0, layers = 2, frames = 0;

	while (bits_take(buf, end, &pos, 1, &layer)) {
		/* an empty layer is misread where narrow band is expected */
		if (layer) {
			if (!bits_take(buf, end, &pos, 3, &mode) ||
			    mode >= WIDE_MODES || (!mode && !is_wide) ||
			    layers++ || !bits_skip(end, &pos, wide[mode]))
				return false;
			continue;
		}

		if (!bits_take(buf, end, &pos, HEAD, &mode) ||
		    mode == TERMINATOR)
			break;
		if (mode >= RE_ARRAY_SIZE(narrow) ||
		    !bits_skip(end, &pos, narrow[mode]))
			return false;
		layers = 0;
		++frames;
	}

	return frames > 0;
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	const size_t room = *sampc;
	char copy[PACKET_MAX];
	size_t n = 0;

	if (!len || len > sizeof(copy) ||
	    !packet_valid(buf, len, dec->wide))
		return EBADMSG;

	memcpy(copy, buf, len);
	speex_bits_read_from(&dec->bits, copy, (int)len);

	/* less than five bits is padding */
	while (speex_bits_remaining(&dec->bits) >= 5 &&
	       n + dec->frame <= room) {
		const int err = speex_decode_int(dec->st, &dec->bits,
						 sampv + n);

		if (err == -1)
			break;
		if (err || speex_bits_remaining(&dec->bits) < 0)
			return EBADMSG;
		n += dec->frame;
	}

	*sampc = n;

	return n ? 0 : EBADMSG;
}


static int conceal(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		   const uint8_t *next, size_t len)
{
	size_t n;
	(void)next;
	(void)len;

	for (n = 0; n + dec->frame <= *sampc; n += dec->frame)
		(void)speex_decode_int(dec->st, NULL, sampv + n);
	*sampc = n;

	return n ? 0 : EBADMSG;
}


#define SPEEX(rate) {                                                        \
	.name = "speex", .clock_rate = rate, .sdp_channels = 1,              \
	.srate = rate, .channels = 1, .whole = true,                         \
	.enc_update = enc_update, .encode = encode,                          \
	.dec_alloc = dec_alloc, .decode = decode, .conceal = conceal,        \
}

static struct codec speexv[] = { SPEEX(16000), SPEEX(8000) };


static int module_init(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < RE_ARRAY_SIZE(speexv) && !err; i++)
		err = codec_register(&speexv[i]);

	return err;
}


static int module_close(void)
{
	size_t i;

	for (i = RE_ARRAY_SIZE(speexv); i-- > 0; )
		codec_unregister(&speexv[i]);

	return 0;
}


OFFHOOK_MODULE("speex", "codec", module_init, module_close);
