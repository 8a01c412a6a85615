/**
 * @file mos.c  How good a call sounds
 *
 * The E-model adds up impairments on a scale R of 0 to 93.2 and maps what
 * is left to the 1 to 4.5 of an opinion score. Used here: delay (Id) and
 * codec with loss (Ie-eff); all else at G.107's default. An estimate for
 * a screen, not a measurement of speech.
 */
#include "mos.h"

#include <strings.h>

static const float R_BEST = 93.2f;

/** Impairment factor and robustness against loss, G.113 appendix I */
static const struct codec_quality {
	const char *codec;
	float ie;        /**< Impairment without loss */
	float bpl;       /**< Packet-loss robustness  */
} codecs[] = {
	{ "PCMU", 0.0f, 25.1f },     /* and whatever is not named */
	{ "opus", 0.0f, 20.0f },
	{ "G722", 13.0f, 10.0f },
	{ "GSM", 20.0f, 10.0f },
	{ "G729", 11.0f, 19.0f },
	{ "speex", 11.0f, 15.0f },
	{ "AMR", 5.0f, 10.0f },
	{ "AMR-WB", 7.0f, 13.0f },
};


float mos_rating(const char *codec, float loss, float burst, float delay_ms)
{
	const struct codec_quality *q = &codecs[0];
	float id, ie, r;
	unsigned i;

	for (i = 0; codec && i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (!strcasecmp(codec, codecs[i].codec))
			q = &codecs[i];
	}

	/* G.107 (3-27), the usual piecewise form */
	id = 0.024f * delay_ms;
	if (delay_ms > 177.3f)
		id += 0.11f * (delay_ms - 177.3f);

	/* (3-29): losses in a row are worse than single ones */
	if (burst < 1)
		burst = 1;
	ie = q->ie + (95.0f - q->ie) * loss / (loss / burst + q->bpl);

	r = R_BEST - id - ie;

	return r > 0 ? r : 0;
}


float mos_of_rating(float r)
{
	if (r <= 0.0f)
		return 1.0f;

	r = 1.0f + 0.035f * r + r * (r - 60.0f) * (100.0f - r) * 7e-6f;

	return r < 1.0f ? 1.0f : r > 4.5f ? 4.5f : r;
}


float mos_estimate(const char *codec, float loss, float delay_ms)
{
	return mos_of_rating(mos_rating(codec, loss, 1, delay_ms));
}
