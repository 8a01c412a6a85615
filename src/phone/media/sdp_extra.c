/**
 * @file sdp_extra.c  What an audio line has besides its codecs
 *
 * `red` is a format of its own whose fmtp names the payload type that it
 * repeats, one for each clock rate there is; it is written anew before each
 * offer or answer, since payload types follow the peer's. Redundancy goes
 * out only for the codec that the peer named in its own.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "cn.h"
#include "loop.h"
#include "sdp_extra.h"

enum { PTIME_LOW = 10, PTIME_TOP = 120 };

static const char red_name[] = "red";
static const char cn_name[] = "CN";
static const char xr_value[] = "voip-metrics";


static bool is_red(const struct sdp_format *fmt)
{
	return !str_casecmp(fmt->name, red_name);
}


static bool is_cn(const struct sdp_format *fmt)
{
	return fmt->pt == CN_PT && !fmt->data;
}


/* The first codec of a clock rate that is in use on our side */
static const struct sdp_format *codec_of(const struct sdp_media *m,
					 uint32_t rate)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		const struct sdp_format *fmt = le->data;

		if (fmt->sup && fmt->data && fmt->srate == rate)
			return fmt;
	}

	return NULL;
}


static int red_add(struct sdp_media *m, uint32_t rate, sdp_pt_free_h *pt_free)
{
	const struct sdp_format *codec = codec_of(m, rate);
	const int pt = codec ? pt_free(m) : -1;
	char id[8];

	if (pt < 0)
		return 0;

	(void)re_snprintf(id, sizeof(id), "%d", pt);

	return sdp_format_add(NULL, m, false, id, red_name, rate, codec->ch,
			      NULL, NULL, NULL, false, "%s/%s", codec->id,
			      codec->id);
}


int sdp_extra_add(struct sdp_media *m, sdp_pt_free_h *pt_free)
{
	char id[8];
	int err = 0;

	if (codec_of(m, 8000)) {
		(void)re_snprintf(id, sizeof(id), "%d", CN_PT);
		err = sdp_format_add(NULL, m, false, id, cn_name, 8000, 1,
				     NULL, NULL, NULL, false, NULL);
	}
	if (!err)
		err = red_add(m, 48000, pt_free);
	if (!err)
		err = red_add(m, 8000, pt_free);
	if (!err)
		err = sdp_media_set_lattr(m, true, "maxptime", "%u",
					  PTIME_TOP);
	if (!err)
		err = sdp_media_set_lattr(m, true, "rtcp-xr", "%s", xr_value);

	return err;
}


int sdp_extra_refresh(struct sdp_media *m)
{
	struct le *le;
	int err = 0;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		struct sdp_format *fmt = le->data;
		const struct sdp_format *codec;

		if (!is_red(fmt) || !fmt->sup)
			continue;

		codec = codec_of(m, fmt->srate);
		if (codec)
			err |= sdp_format_set_params(fmt, "%s/%s", codec->id,
						     codec->id);
		else
			fmt->sup = false;
	}

	return err;
}


/* Does "111/111" name the payload type? Nothing said is a yes */
static bool red_names(const struct sdp_format *fmt, uint8_t pt)
{
	struct pl rest, num;

	if (!str_isset(fmt->params))
		return true;

	pl_set_str(&rest, fmt->params);
	while (!re_regex(rest.p, rest.l, "[0-9]+", &num)) {
		if (pl_u32(&num) == pt)
			return true;
		pl_advance(&rest, num.p + num.l - rest.p);
	}

	return false;
}


static uint32_t attr_ms(const struct sdp_media *m, const char *name)
{
	const char *val = sdp_media_rattr(m, name);
	struct pl pl;

	if (!str_isset(val))
		return 0;

	/* "20" or, of some, "20.0" */
	pl_set_str(&pl, val);
	pl.l = strspn(val, "0123456789");

	return pl.l && pl.l < 6 ? pl_u32(&pl) : 0;
}


void sdp_extra_agree(const struct sdp_media *m, struct media_agreed *ag)
{
	const char *xr = sdp_media_rattr(m, "rtcp-xr");
	size_t n = 0;
	struct le *le;

	ag->red_tx = ag->red_rxv[0] = ag->red_rxv[1] = -1;

	LIST_FOREACH(sdp_media_format_lst(m, false), le) {
		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || fmt->pt < 0 || fmt->pt > 127)
			continue;

		if (is_red(fmt) && ag->red_tx < 0 &&
		    fmt->srate == ag->tx.codec->clock_rate &&
		    red_names(fmt, ag->tx.pt))
			ag->red_tx = fmt->pt;
		if (is_cn(fmt))
			ag->cn_tx = ag->tx.codec->clock_rate == 8000;
	}

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		const struct sdp_format *fmt = le->data;

		if (!fmt->sup)
			continue;
		if (is_red(fmt) && n < ARRAY_SIZE(ag->red_rxv))
			ag->red_rxv[n++] = fmt->pt;
		if (is_cn(fmt))
			ag->cn_rx = true;
	}

	/* RFC 4566 6: what the peer would like, and the most it takes */
	ag->ptime = attr_ms(m, "ptime");
	ag->maxptime = attr_ms(m, "maxptime");
	if (ag->maxptime && ag->maxptime < PTIME_LOW)
		ag->maxptime = PTIME_LOW;
	if (ag->ptime < PTIME_LOW || ag->ptime > PTIME_TOP)
		ag->ptime = LOOP_PTIME;
	if (ag->maxptime && ag->ptime > ag->maxptime)
		ag->ptime = ag->maxptime;

	ag->xr = xr && strstr(xr, xr_value);
}
