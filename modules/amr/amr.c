/**
 * @file amr.c  AMR and AMR-WB audio codecs (RFC 4867)
 *
 * Config:   none
 * Requires: opencore-amr, vo-amrwbenc
 *
 * The codecs of mobile telephony. Each is offered twice, with octet-align=1
 * and without, and the peer takes the one it can do. The mode we send in is
 * the highest that the peer's mode-set, our bit rate and the peer's mode
 * request (CMR) allow; we request a lower one while its packets get lost.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <opencore-amrnb/interf_dec.h>
#include <opencore-amrnb/interf_enc.h>
#include <opencore-amrwb/dec_if.h>
#include <re.h>
#include <vo-amrwbenc/enc_if.h>

#include "module.h"
#include "payload.h"

enum {
	PTIME   = 20,
	FRAME_MAX = 320,
	NB_MODE = 7,             /**< 12.2 kbit/s                        */
	WB_MODE = 8,             /**< 23.85 kbit/s                       */
	NB_LESS = 4,             /**< 7.4 kbit/s                         */
	WB_LESS = 2,             /**< 12.65 kbit/s                       */
	CMR_ANY = 15,
	OUT_MAX = 64             /**< What an encoder gives at most      */
};

struct codec_enc {
	void *st;
	bool wide, align;
	bool dtx;
	uint8_t mode, cmr;
	struct amr_payload pl;
};

struct codec_dec {
	void *st;
	bool wide, align;
	uint8_t cmr;             /**< As last requested                  */
	struct amr_payload pl;
};


static bool is_wide(const struct codec *codec)
{
	return codec->srate == 16000;
}


static size_t frame_size(bool wide)
{
	return wide ? 320 : 160;
}


static bool aligned(const char *fmtp)
{
	struct pl pl, val;

	pl_set_str(&pl, fmtp ? fmtp : "");

	return fmt_param_get(&pl, "octet-align", &val) &&
		!pl_strcmp(&val, "1");
}


/* What changes how a packet is laid out has to be the same on both sides;
   of that we have octet-align alone */
static bool fmtp_match(const char *local, const char *remote)
{
	static const char *const others[] = { "crc", "robust-sorting" };
	struct pl pl, val;
	size_t i;

	pl_set_str(&pl, remote ? remote : "");
	for (i = 0; i < RE_ARRAY_SIZE(others); i++) {
		if (fmt_param_get(&pl, others[i], &val) &&
		    pl_strcmp(&val, "0"))
			return false;
	}
	if (fmt_param_get(&pl, "interleaving", &val))
		return false;

	return aligned(local) == aligned(remote);
}


/* ---- send ---- */

static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (!enc->st)
		return;
	if (enc->wide)
		E_IF_exit(enc->st);
	else
		Encoder_Interface_exit(enc->st);
}


/* mode-set=0,2,4: bits of what the peer can take, all if it does not say */
static unsigned mode_set(const char *fmtp)
{
	struct pl pl, val;
	unsigned set = 0;
	size_t i;

	pl_set_str(&pl, fmtp ? fmtp : "");
	if (!fmt_param_get(&pl, "mode-set", &val))
		return ~0U;

	for (i = 0; i < val.l; i++) {
		if (val.p[i] >= '0' && val.p[i] <= '8')
			set |= 1U << (val.p[i] - '0');
	}

	return set ? set : ~0U;
}


static uint32_t mode_rate(bool wide, uint8_t mode)
{
	return (uint32_t)amr_bits(wide, mode) * (1000 / PTIME);
}


static uint8_t mode_choose(bool wide, uint32_t bitrate, const char *fmtp)
{
	const uint8_t last = wide ? WB_MODE : NB_MODE;
	const unsigned set = mode_set(fmtp);
	uint8_t best = 0, mode;
	bool any = false;

	for (mode = 0; mode <= last; mode++) {
		const uint32_t rate = mode_rate(wide, mode);

		if (!(set >> mode & 1))
			continue;
		if (!any || !bitrate || rate <= bitrate)
			best = mode;
		any = true;
	}

	return best;
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	struct codec_enc *enc;

	if (!encp || !codec || !prm)
		return EINVAL;

	/* whether it may pause is said at the beginning */
	enc = *encp;
	if (!enc || enc->dtx != prm->dtx) {
		enc = mem_zalloc(sizeof(*enc), enc_destructor);
		if (!enc)
			return ENOMEM;

		enc->wide = is_wide(codec);
		enc->align = aligned(codec->fmtp);
		enc->dtx = prm->dtx;
		enc->st = enc->wide ? E_IF_init() :
			Encoder_Interface_init(prm->dtx);
		if (!enc->st) {
			mem_deref(enc);
			return ENOMEM;
		}
		mem_deref(*encp);
		*encp = enc;
	}

	enc->mode = mode_choose(enc->wide, prm->bitrate, fmtp);
	enc->cmr = !prm->ask_less ? CMR_ANY :
		enc->wide ? WB_LESS : NB_LESS;

	return 0;
}


static void encode_frame(struct codec_enc *enc, struct amr_frame *f,
			 const int16_t *sampv)
{
	uint8_t out[OUT_MAX] = { 0 };
	int16_t in[FRAME_MAX];
	int n;

	memcpy(in, sampv, frame_size(enc->wide) * sizeof(*in));
	n = enc->wide ? E_IF_encode(enc->st, enc->mode, in, out, enc->dtx) :
		Encoder_Interface_Encode(enc->st, (enum Mode)enc->mode, in,
					 out, 0);

	f->type = n > 0 ? out[0] >> 3 & 15 : AMR_NO_DATA;
	f->good = true;
	if (amr_bits(enc->wide, f->type) < 0)
		f->type = AMR_NO_DATA;
	memcpy(f->buf, out, sizeof(f->buf));
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	const size_t frame = frame_size(enc->wide), n = sampc / frame;
	bool any = false;
	size_t i;

	if (!n || sampc % frame || n > AMR_FRAMES)
		return EINVAL;

	enc->pl.cmr = enc->cmr;
	enc->pl.n = n;
	for (i = 0; i < n; i++) {
		struct amr_frame *f = &enc->pl.framev[i];

		encode_frame(enc, f, sampv + i * frame);
		any = any || f->type != AMR_NO_DATA;
	}

	if (!any) {
		*lenp = 0;
		return 0;
	}

	return amr_write(&enc->pl, enc->wide, enc->align, buf, lenp);
}


/* ---- receive ---- */

static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (!dec->st)
		return;
	if (dec->wide)
		D_IF_exit(dec->st);
	else
		Decoder_Interface_exit(dec->st);
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	struct codec_dec *dec;
	(void)fmtp;

	if (!decp || !codec)
		return EINVAL;

	dec = mem_zalloc(sizeof(*dec), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->wide = is_wide(codec);
	dec->cmr = CMR_ANY;
	dec->align = aligned(codec->fmtp);
	dec->st = dec->wide ? D_IF_init() : Decoder_Interface_init();
	if (!dec->st) {
		mem_deref(dec);
		return ENOMEM;
	}
	*decp = dec;

	return 0;
}


static void decode_frame(struct codec_dec *dec, const uint8_t *frame,
			 bool bad, int16_t *sampv)
{
	if (dec->wide)
		D_IF_decode(dec->st, frame, sampv, bad);
	else
		Decoder_Interface_Decode(dec->st, frame, sampv, bad);
}


static int decode(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		  const uint8_t *buf, size_t len)
{
	const size_t frame = frame_size(dec->wide);
	size_t i;
	int err;

	err = amr_read(&dec->pl, dec->wide, dec->align, buf, len);
	if (err)
		return err;
	if (dec->pl.n * frame > *sampc)
		return EBADMSG;
	dec->cmr = dec->pl.cmr;

	for (i = 0; i < dec->pl.n; i++) {
		const struct amr_frame *f = &dec->pl.framev[i];

		decode_frame(dec, f->buf, !f->good || f->type >= AMR_LOST,
			     sampv + i * frame);
	}
	*sampc = dec->pl.n * frame;

	return 0;
}


static int conceal(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		   const uint8_t *next, size_t len)
{
	static const uint8_t none[AMR_BYTES] = { AMR_NO_DATA << 3 };
	const size_t frame = frame_size(dec->wide), n = *sampc / frame;
	size_t i;
	(void)next;
	(void)len;

	for (i = 0; i < n; i++)
		decode_frame(dec, none, true, sampv + i * frame);
	*sampc = n * frame;

	return n ? 0 : EBADMSG;
}


/* RFC 4867 4.3.1: a request holds until the next; what is no mode is none */
static uint32_t wish(const struct codec_dec *dec)
{
	if (dec->cmr > (dec->wide ? WB_MODE : NB_MODE))
		return 0;

	return mode_rate(dec->wide, dec->cmr);
}


#define AMR(name_, rate, fmtp_) {                                            \
	.name = name_, .clock_rate = rate, .sdp_channels = 1,                \
	.srate = rate, .channels = 1, .fmtp = fmtp_, .whole = true,          \
	.fmtp_match = fmtp_match,                                            \
	.enc_update = enc_update, .encode = encode,                          \
	.dec_alloc = dec_alloc, .decode = decode, .conceal = conceal,        \
	.wish = wish,                                                        \
}

static struct codec amrv[] = {
	AMR("AMR-WB", 16000, "octet-align=1"),
	AMR("AMR-WB", 16000, NULL),
	AMR("AMR", 8000, "octet-align=1"),
	AMR("AMR", 8000, NULL),
};


static int module_init(void)
{
	size_t i;
	int err = 0;

	for (i = 0; i < RE_ARRAY_SIZE(amrv) && !err; i++)
		err = codec_register(&amrv[i]);

	return err;
}


static int module_close(void)
{
	size_t i;

	for (i = RE_ARRAY_SIZE(amrv); i-- > 0; )
		codec_unregister(&amrv[i]);

	return 0;
}


OFFHOOK_MODULE_OF("amr", "codec", "AMR AMR-WB", module_init,
		  module_close);
