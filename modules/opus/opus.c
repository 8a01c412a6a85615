/**
 * @file opus.c  Opus audio codec (RFC 6716, RFC 7587)
 *
 * Config:   none
 * Requires: libopus
 *
 * One channel at 48 kHz, 32 kbit/s unless the net wants less, in-band FEC
 * for the loss that is to be expected, packets of 10 to 120 ms. While
 * packets do get lost no bits are spent above 8 kHz, where FEC has none.
 * What the peer writes in its fmtp about what it wants to get is kept to,
 * within reason. A lost packet is decoded from the FEC of the next one if
 * that is here, else made up by the decoder.
 */
#include <errno.h>
#include <string.h>

#include <opus.h>
#include <re.h>

#include "module.h"

enum {
	SRATE       = 48000,
	BITRATE     = 32000,
	BITRATE_TWO = 64000,   /**< Two channels                          */
	BITRATE_MIN = 6000,
	BITRATE_MAX = 510000,
	FRAME_MAX   = SRATE * 60 / 1000,
	COMPLEXITY  = 5,       /**< Enough for speech, half the CPU of 10 */
	LOSS_NONE   = 5,       /**< Percent: as good as nothing is lost   */
	LOSS_MAX    = 10,      /**< With more, libopus takes too much     */
	DTX_LEN     = 2        /**< Longest packet that says nothing      */
};

struct codec_enc {
	OpusEncoder *enc;
	unsigned channels;
	bool dtx;
};

struct codec_dec {
	OpusDecoder *dec;
	unsigned channels;
	int16_t fecv[];      /**< FRAME_MAX of each channel           */
};


static void enc_destructor(void *arg)
{
	struct codec_enc *enc = arg;

	if (enc->enc)
		opus_encoder_destroy(enc->enc);
}


static void dec_destructor(void *arg)
{
	struct codec_dec *dec = arg;

	if (dec->dec)
		opus_decoder_destroy(dec->dec);
}


static uint32_t fmtp_u32(const char *fmtp, const char *name, uint32_t dflt)
{
	struct pl pl, val;

	pl_set_str(&pl, fmtp ? fmtp : "");

	return fmt_param_get(&pl, name, &val) && val.l && val.l < 8 ?
		pl_u32(&val) : dflt;
}


/* RFC 7587 6.1: what the peer can play */
static opus_int32 bandwidth(uint32_t rate)
{
	if (rate <= 8000)
		return OPUS_BANDWIDTH_NARROWBAND;
	if (rate <= 12000)
		return OPUS_BANDWIDTH_MEDIUMBAND;
	if (rate <= 16000)
		return OPUS_BANDWIDTH_WIDEBAND;
	if (rate <= 24000)
		return OPUS_BANDWIDTH_SUPERWIDEBAND;

	return OPUS_BANDWIDTH_FULLBAND;
}


/* What is above 8 kHz is coded once and has no FEC; libopus would rather
   have that than FEC. And of what is left it gives the more to the copy the
   more is lost, so that with 15 % and more, lost or not, all is worse */
static void set_fec(OpusEncoder *enc, bool fec, uint32_t loss,
		    opus_int32 band)
{
	if (fec && loss > LOSS_NONE && band > OPUS_BANDWIDTH_WIDEBAND)
		band = OPUS_BANDWIDTH_WIDEBAND;
	if (loss > LOSS_MAX)
		loss = LOSS_MAX;

	(void)opus_encoder_ctl(enc, OPUS_SET_MAX_BANDWIDTH(band));
	(void)opus_encoder_ctl(enc, OPUS_SET_INBAND_FEC(fec));
	(void)opus_encoder_ctl(enc, OPUS_SET_PACKET_LOSS_PERC(
				       fec ? (opus_int32)loss : 0));
}


static int enc_update(struct codec_enc **encp, const struct codec *codec,
		      const struct codec_enc_param *prm, const char *fmtp)
{
	uint32_t bitrate = prm->bitrate ? prm->bitrate : codec->bitrate;
	const uint32_t max = fmtp_u32(fmtp, "maxaveragebitrate", BITRATE_MAX);
	const uint32_t rate = fmtp_u32(fmtp, "maxplaybackrate", SRATE);
	const uint32_t loss = prm->loss;
	const bool fec = loss && fmtp_u32(fmtp, "useinbandfec", 0);
	struct codec_enc *enc = *encp;
	int err = 0;

	if (!enc) {
		enc = mem_zalloc(sizeof(*enc), enc_destructor);
		if (!enc)
			return ENOMEM;

		enc->channels = codec->channels;
		enc->enc = opus_encoder_create(SRATE, codec->channels,
					       OPUS_APPLICATION_VOIP, &err);
		if (err != OPUS_OK || !enc->enc) {
			mem_deref(enc);
			return ENOMEM;
		}
		*encp = enc;
	}

	if (bitrate > max)
		bitrate = max;
	if (bitrate < BITRATE_MIN)
		bitrate = BITRATE_MIN;

	enc->dtx = prm->dtx || fmtp_u32(fmtp, "usedtx", 0);

	(void)opus_encoder_ctl(enc->enc, OPUS_SET_COMPLEXITY(COMPLEXITY));
	(void)opus_encoder_ctl(enc->enc,
			       OPUS_SET_BITRATE((opus_int32)bitrate));
	set_fec(enc->enc, fec, loss, bandwidth(rate));
	(void)opus_encoder_ctl(enc->enc,
			       OPUS_SET_VBR(!fmtp_u32(fmtp, "cbr", 0)));
	(void)opus_encoder_ctl(enc->enc, OPUS_SET_DTX(enc->dtx));
	(void)opus_encoder_ctl(enc->enc,
			       OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));

	return 0;
}


static int encode(struct codec_enc *enc, uint8_t *buf, size_t *lenp,
		  const int16_t *sampv, size_t sampc)
{
	const int frames = (int)(sampc / enc->channels);
	const opus_int32 n = opus_encode(enc->enc, sampv, frames, buf,
					 (opus_int32)*lenp);

	if (n < 0)
		return EPROTO;

	/* nothing worth sending (only said so with DTX) */
	*lenp = enc->dtx && n <= DTX_LEN ? 0 : (size_t)n;

	return 0;
}


static int dec_alloc(struct codec_dec **decp, const struct codec *codec,
		     const char *fmtp)
{
	struct codec_dec *dec;
	int err = 0;
	(void)fmtp;

	dec = mem_zalloc(sizeof(*dec) + (size_t)codec->channels * FRAME_MAX *
			 sizeof(*dec->fecv), dec_destructor);
	if (!dec)
		return ENOMEM;

	dec->channels = codec->channels;
	dec->dec = opus_decoder_create(SRATE, codec->channels, &err);
	if (err != OPUS_OK || !dec->dec) {
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

	/* no payload would mean "lost" to libopus */
	if (!len)
		return EBADMSG;

	n = opus_decode(dec->dec, buf, (opus_int32)len, sampv,
			(int)(*sampc / dec->channels), 0);
	if (n < 0)
		return EBADMSG;

	*sampc = (size_t)n * dec->channels;

	return 0;
}


/* The frame before this packet as the packet has it, if it does: the end of
   it, where the beginning was made up before the packet came. libopus gives
   a frame whole or makes it up. */
static int from_next(struct codec_dec *dec, int16_t *sampv, int want,
		     const uint8_t *next, size_t len)
{
	const int whole = opus_packet_get_samples_per_frame(next, SRATE);
	int n;

	if (want >= whole)
		return opus_decode(dec->dec, next, (opus_int32)len, sampv,
				   want, 1);
	if (whole > FRAME_MAX)
		return OPUS_BAD_ARG;

	n = opus_decode(dec->dec, next, (opus_int32)len, dec->fecv, whole,
			1);
	if (n < want)
		return OPUS_INVALID_PACKET;
	memcpy(sampv, dec->fecv + (size_t)(n - want) * dec->channels,
	       (size_t)want * dec->channels * sizeof(*sampv));

	return want;
}


static int conceal(struct codec_dec *dec, int16_t *sampv, size_t *sampc,
		   const uint8_t *next, size_t len)
{
	/* libopus counts in steps of 2.5 ms */
	const int want = (int)(*sampc / dec->channels / (SRATE / 400) *
			       (SRATE / 400));
	int n = -1;

	if (next && len)
		n = from_next(dec, sampv, want, next, len);
	if (n < 0)
		n = opus_decode(dec->dec, NULL, 0, sampv, want, 0);
	if (n < 0)
		return EBADMSG;

	*sampc = (size_t)n * dec->channels;

	return 0;
}


/* The same text in the same place: the media loop may have its address */
static char fmtp_own[256] = "useinbandfec=1;minptime=10";


static int configure(const char *fmtp)
{
	if (strlen(fmtp) >= sizeof(fmtp_own))
		return EINVAL;

	if (strcmp(fmtp_own, fmtp))
		str_ncpy(fmtp_own, fmtp, sizeof(fmtp_own));

	return 0;
}


static const struct codec *form(const struct codec *codec, bool send,
				const char *local, const char *remote);


#define OPUS(channels_, bitrate_) {                                          \
	.name = "opus", .clock_rate = SRATE, .sdp_channels = 2,              \
	.srate = SRATE, .channels = channels_,                               \
	.fmtp = fmtp_own, .configure = configure, .bitrate = bitrate_,       \
	.whole = true, .form = form,                                         \
	.enc_update = enc_update, .encode = encode, .dec_alloc = dec_alloc,  \
	.decode = decode, .conceal = conceal,                                \
}

static struct codec opus = OPUS(1, BITRATE);
static const struct codec opus_two = OPUS(2, BITRATE_TWO);


/* RFC 7587 6.1: "stereo" is what one wants to get, "sprop-stereo" what one
   may send. The peer need not say the latter to send stereo. */
static const struct codec *form(const struct codec *codec, bool send,
				const char *local, const char *remote)
{
	const bool two = send ? fmtp_u32(local, "sprop-stereo", 0) &&
		fmtp_u32(remote, "stereo", 0) : fmtp_u32(local, "stereo", 0);

	return two ? &opus_two : codec;
}


static int module_init(void)
{
	return codec_register(&opus);
}


static int module_close(void)
{
	codec_unregister(&opus);
	return 0;
}


OFFHOOK_MODULE("opus", "codec", module_init, module_close);
