/**
 * @file sdp_formats.c  The payload types of an audio line (RFC 3264 8.3)
 *
 * A type that the peer gave to something else is not ours any more; all
 * others keep their meaning as long as the session lasts.
 */
#include <string.h>

#include "common/re_compat.h"
#include "phone/module/registry.h"

#include "sdp_formats.h"

enum {
	PT_EVENT48  = 97,
	PT_EVENT8   = 101,
	PT_LOW      = 96,
	PT_HIGH     = 127
};

static const char event_name[] = "telephone-event";


static bool fmtp_handler(const char *params1, const char *params2,
			 void *data)
{
	const struct codec *codec = data;

	return codec && codec->fmtp_match ?
		codec->fmtp_match(params1, params2) : true;
}


static bool pt_taken(const struct sdp_media *m, int pt,
		     const struct sdp_format *but)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		const struct sdp_format *fmt = le->data;

		if (fmt != but && fmt->sup && fmt->pt == pt)
			return true;
	}

	return false;
}


int sdp_formats_pt_free(const struct sdp_media *m)
{
	int pt;

	for (pt = PT_LOW; pt <= PT_HIGH; pt++) {
		if (pt != PT_EVENT8 && pt != PT_EVENT48 &&
		    !pt_taken(m, pt, NULL))
			return pt;
	}

	return -1;
}


static int codec_add(struct sdp_media *m, const struct codec *codec)
{
	char pt[8];

	if (codec->pt)
		str_ncpy(pt, codec->pt, sizeof(pt));
	else
		(void)re_snprintf(pt, sizeof(pt), "%d",
				  sdp_formats_pt_free(m));

	return sdp_format_add(NULL, m, false, pt, codec->name,
			      codec->clock_rate, codec->sdp_channels, NULL,
			      fmtp_handler, (void *)codec, false,
			      str_isset(codec->fmtp) ? "%s" : NULL,
			      codec->fmtp);
}


/* RFC 4733 2.1: one event format for each clock rate there is */
static int events_add(struct sdp_media *m)
{
	int err = 0;

	if (sdp_media_format(m, true, NULL, -1, NULL, 48000, -1))
		err = sdp_format_add(NULL, m, false, "97", event_name, 48000,
				     1, NULL, NULL, NULL, false, "0-15");
	if (!err && sdp_media_format(m, true, NULL, -1, NULL, 8000, -1))
		err = sdp_format_add(NULL, m, false, "101", event_name, 8000,
				     1, NULL, NULL, NULL, false, "0-15");

	return err;
}


static bool codec_added(const struct sdp_media *m, const struct codec *codec)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		const struct sdp_format *fmt = le->data;

		if (fmt->data == codec)
			return true;
	}

	return false;
}


/* All that go by this name, in the order of their module */
static int codecs_add(struct sdp_media *m, const char *name, size_t *n)
{
	const struct codec *codec = NULL;
	int err = 0;

	while (!err && *n < SDP_CODECS &&
	       (codec = codec_next(name, codec)) != NULL) {
		if (codec_added(m, codec))
			continue;

		err = codec_add(m, codec);
		++*n;
	}

	return err;
}


int sdp_formats_add(struct sdp_media *m, const char *codecs)
{
	struct pl list, name;
	size_t n = 0;
	int err;

	pl_set_str(&list, codecs);

	while (!re_regex(list.p, list.l, "[^, ]+", &name)) {
		char buf[64];

		pl_advance(&list, name.p + name.l - list.p);
		(void)pl_strcpy(&name, buf, sizeof(buf));

		err = codecs_add(m, buf, &n);
		if (err)
			return err;
	}

	return n ? events_add(m) : ENOENT;
}


/*
 * A new offer offers everything again, not only what the last answer left.
 * A payload type that the peer gave to another format is not ours any more.
 */
int sdp_formats_restore(struct sdp_media *m)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		struct sdp_format *fmt = le->data;
		char *id = NULL;
		int err, pt;

		if (fmt->sup)
			continue;

		if (pt_taken(m, fmt->pt, fmt)) {
			pt = sdp_formats_pt_free(m);
			if (pt < 0)
				continue;
			err = re_sdprintf(&id, "%d", pt);
			if (err)
				return err;
			mem_deref(fmt->id);
			fmt->id = id;
			fmt->pt = pt;
		}
		fmt->sup = true;
	}

	return 0;
}


static bool is_event(const struct sdp_format *fmt)
{
	return !str_casecmp(fmt->name, event_name);
}


static bool pt_valid(const struct sdp_format *fmt)
{
	const size_t len = str_len(fmt->id);

	return len && len <= 3 && strspn(fmt->id, "0123456789") == len &&
		fmt->pt >= 0 && fmt->pt <= PT_HIGH;
}


/* The other side's format of the same codec */
static const struct sdp_format *counterpart(const struct sdp_media *m,
					    bool local,
					    const struct codec *codec)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, local), le) {
		const struct sdp_format *fmt = le->data;

		if (fmt->sup && fmt->data == codec)
			return fmt;
	}

	return NULL;
}


/* The form of a codec that both fmtps have it in, one way */
static const struct codec *form(const struct codec *codec, bool tx,
				const struct sdp_format *ours,
				const struct sdp_format *theirs)
{
	return codec->form ? codec->form(codec, tx, ours ? ours->params : NULL,
					 theirs ? theirs->params : NULL) :
		codec;
}


static void agree_tx(const struct sdp_media *m, struct media_agreed *ag,
		     const struct codec **codec)
{
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, false), le) {
		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || !pt_valid(fmt) || is_event(fmt) ||
		    !fmt->data || ag->tx.codec)
			continue;

		ag->tx.codec = form(fmt->data, true,
				    counterpart(m, true, fmt->data), fmt);
		*codec = fmt->data;
		ag->tx.pt = (uint8_t)fmt->pt;
		if (fmt->params)
			str_ncpy(ag->fmtp, fmt->params, sizeof(ag->fmtp));
	}

	if (!ag->tx.codec)
		return;

	/* the event format of the codec's clock, else what there is */
	LIST_FOREACH(sdp_media_format_lst(m, false), le) {
		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || !pt_valid(fmt) || !is_event(fmt))
			continue;

		if (ag->dtmf_tx < 0 ||
		    fmt->srate == ag->tx.codec->clock_rate) {
			ag->dtmf_tx = fmt->pt;
			ag->dtmf_rate = fmt->srate;
		}
	}
}


static void agree_rx(const struct sdp_media *m, struct media_agreed *ag,
		     const struct codec *sent)
{
	size_t n = 0;
	struct le *le;

	LIST_FOREACH(sdp_media_format_lst(m, true), le) {
		const struct sdp_format *fmt = le->data;

		if (!fmt->sup || !pt_valid(fmt))
			continue;

		if (is_event(fmt)) {
			if (n < ARRAY_SIZE(ag->dtmf_rxv))
				ag->dtmf_rxv[n++] = fmt->pt;
		}
		else if (fmt->data && ag->rxc < SDP_CODECS) {
			if (fmt->data == sent)
				ag->likely = ag->rxc;
			ag->rxv[ag->rxc].codec = form(
				fmt->data, false, fmt,
				counterpart(m, false, fmt->data));
			ag->rxv[ag->rxc].pt = (uint8_t)fmt->pt;
			++ag->rxc;
		}
	}
}


void sdp_formats_agree(const struct sdp_media *m, struct media_agreed *ag)
{
	const struct codec *sent = NULL;

	agree_tx(m, ag, &sent);
	agree_rx(m, ag, sent);
}
