/**
 * @file stream.c  The RTP side of a call: the handle on the main loop
 *
 * Negotiates, keeps the last figures and commands the twin on the media
 * loop. Reports of the twin name the stream by its number, so that one
 * that comes after the end of a stream finds nobody and is dropped.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "agreement.h"
#include "card.h"
#include "dtmf.h"
#include "loop.h"
#include "media_priv.h"
#include "recorder.h"
#include "sdp.h"
#include "stream.h"
#include "twin.h"

struct stream {
	struct le le;
	uint32_t id;
	uint32_t ssrc;
	stream_event_h *eventh;
	void *arg;

	struct media_sdp *sdp;
	struct agreement *agreement;     /**< NULL: never protected      */
	bool fresh;              /**< The agreement is another one       */
	struct twin *twin;
	bool handed;             /**< The twin is the media loop's       */
	struct twin_state st;
	struct tmr tmr;          /**< Load sound drivers             */
	bool agreed;
	bool hold;               /**< Ours                               */
	bool hold_sent;          /**< The last SDP we sent said so       */
	bool remote_hold;
	bool recording;
	struct sa laddr;         /**< Of RTP                             */
	struct stream_figures fig;
};

static struct list streams = LIST_INIT;
static uint32_t last_id;


/* Commands and the end of the twin, whoever has it */
static void twin_drop(struct stream *s)
{
	if (s->handed)
		twin_end(s->twin);
	else
		mem_deref(s->twin);

	s->twin = NULL;
}


static void stream_destructor(void *arg)
{
	struct stream *s = arg;

	tmr_cancel(&s->tmr);
	list_unlink(&s->le);
	twin_drop(s);
	mem_deref(s->sdp);
	mem_deref(s->agreement);
}


static struct stream *find(uint32_t id)
{
	struct le *le;

	LIST_FOREACH(&streams, le) {
		struct stream *s = le->data;

		if (s->id == id)
			return s;
	}

	return NULL;
}


static void report_handler(void *data)
{
	const struct twin_report *r = data;
	struct stream *s = find(r->id);
	struct stream_event_data ev;

	if (!s)
		return;

	memset(&ev, 0, sizeof(ev));
	ev.digit = r->digit;
	ev.text = r->text;
	ev.err = r->err;
	ev.crypto = &r->crypto;

	if (r->ev == STREAM_FIGURES)
		s->fig = r->fig;
	if (r->ev == STREAM_RECORD && s->recording)
		(void)stream_record(s, NULL, NULL);

	if (s->eventh)
		s->eventh(s, r->ev, &ev, s->arg);
}


/* The address set, else the one SIP uses, else that of the default route */
static int local_address(struct sa *laddr, const struct sa *sip)
{
	const struct media_settings *conf = media_settings();

	if (conf->address[0])
		return sa_set_str(laddr, conf->address, 0);

	if (sip && sa_isset(sip, SA_ADDR) && !sa_is_any(sip)) {
		*laddr = *sip;
		sa_set_port(laddr, 0);
		return 0;
	}

	if (!net_default_source_addr_get(AF_INET, laddr))
		return 0;

	return sa_set_str(laddr, "127.0.0.1", 0);
}


/* While it rings nobody waits for the drivers of the sound */
static void load_handler(void *arg)
{
	const struct stream *s = arg;

	device_load(s->st.source);
	device_load(s->st.sink);
}


int stream_alloc(struct stream **sp, const struct sa *sip,
		 stream_event_h *h, void *arg)
{
	const struct media_settings *conf = media_settings();
	struct stream *s;
	struct sa laddr;
	int err;

	if (!sp)
		return EINVAL;

	err = local_address(&laddr, sip);
	if (err)
		return err;

	s = mem_zalloc(sizeof(*s), stream_destructor);
	if (!s)
		return ENOMEM;

	s->id = ++last_id;
	s->eventh = h;
	s->arg = arg;
	str_ncpy(s->st.source, conf->source, sizeof(s->st.source));
	str_ncpy(s->st.sink, conf->sink, sizeof(s->st.sink));
	list_append(&streams, &s->le, s);

	err = twin_alloc(&s->twin, s->id, &laddr, conf->port_min,
			 conf->port_max, report_handler);
	if (err) {
		warning("media: no port for sound at %j: %m\n", &laddr, err);
		goto out;
	}

	s->ssrc = twin_ssrc(s->twin);
	sa_set_port(&laddr, twin_port(s->twin));
	s->laddr = laddr;
	err = media_sdp_alloc(&s->sdp, &laddr, conf->codecs);
	if (err)
		goto out;

	(void)loop_start();
	tmr_start(&s->tmr, 0, load_handler, s);

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


static int write_handler(bool offer, crypto_attr_h *h, void *h_arg,
			 void *arg)
{
	const struct stream *s = arg;

	return agreement_encode(s->agreement, offer, h, h_arg);
}


static int check_handler(const struct crypto_sdp *sdp, void *arg)
{
	const struct stream *s = arg;

	return agreement_decode(s->agreement, sdp);
}


int stream_set_security(struct stream *s, const struct stream_security *sec)
{
	struct agreement *a;
	int err;

	if (!s || !sec)
		return EINVAL;

	err = agreement_alloc(&a, sec, s->ssrc);
	if (err)
		return err;

	mem_deref(s->agreement);
	s->agreement = a;
	s->fresh = true;

	return media_sdp_set_crypto(s->sdp, sec->profile, write_handler,
				    check_handler, s);
}


void stream_set_up(struct stream *s)
{
	if (s)
		media_sdp_set_up(s->sdp);
}


bool stream_shows(const struct stream *s, const char *way)
{
	return s && agreement_shows(s->agreement, way);
}


const char *stream_crypto_way(const struct stream *s)
{
	const struct media_crypto *mc = s && s->agreed ?
		agreement_way(s->agreement) : NULL;

	return mc ? mc->name : "";
}


int stream_confirm(struct stream *s, bool same)
{
	if (!s || !s->handed || !s->twin)
		return EINVAL;

	return twin_confirm(s->twin, same);
}


bool stream_demands_keys(const struct mbuf *desc)
{
	return media_sdp_demands_keys(desc);
}


int stream_move(struct stream *s, const struct sa *sip)
{
	const struct media_settings *conf = media_settings();
	struct sa laddr;
	int err;

	if (!s)
		return EINVAL;

	err = local_address(&laddr, sip);
	if (!err)
		err = twin_move(s->twin, s->handed, &laddr, conf->port_min,
				conf->port_max);
	if (err)
		return err;

	return media_sdp_move(s->sdp, &laddr);
}


int stream_set_codecs(struct stream *s, const char *codecs)
{
	struct media_sdp *sdp;
	int err;

	if (!s || !str_isset(codecs) || s->agreed)
		return EINVAL;

	err = media_sdp_alloc(&sdp, &s->laddr, codecs);
	if (err)
		return err;

	mem_deref(s->sdp);
	s->sdp = sdp;

	return 0;
}


int stream_encode(struct stream *s, struct mbuf **descp, bool offer)
{
	if (!s)
		return EINVAL;

	s->hold_sent = s->hold;

	return media_sdp_encode(s->sdp, descp, offer, s->hold);
}


int stream_decode(struct stream *s, struct mbuf *desc, bool offer)
{
	struct media_agreed ag;
	int err;

	if (!s || !desc)
		return EINVAL;

	err = media_sdp_decode(s->sdp, desc, offer, s->hold, &ag);
	if (err)
		return err;

	s->st.agreed = ag;
	s->st.renegotiated = true;
	s->agreed = true;

	/* an answer to our own hold does not say what the peer wants */
	if (offer || !s->hold_sent)
		s->remote_hold = !ag.send;

	return 0;
}


static int apply(struct stream *s)
{
	const bool keyed = s->agreement && s->st.renegotiated;
	struct twin_keys keys;
	int err;

	if (!s->twin)
		return ESHUTDOWN;

	memset(&keys, 0, sizeof(keys));
	if (keyed) {
		keys.mc = agreement_way(s->agreement);
		keys.fresh = s->fresh;
		err = agreement_job(s->agreement, &keys.job);
		if (err)
			return err;
	}

	load_handler(s);
	s->st.hold = s->hold;
	err = twin_apply(s->twin, &s->st, keyed ? &keys : NULL);
	if (!err) {
		s->fresh = s->fresh && !keyed;
		s->handed = true;
		s->st.renegotiated = false;
	}

	return err;
}


void stream_renew(struct stream *s)
{
	if (s)
		agreement_renew(s->agreement);
}


int stream_set_clear(struct stream *s)
{
	if (!s || !s->agreement || !s->handed)
		return EINVAL;

	agreement_drop(s->agreement);
	s->st.renegotiated = true;

	return apply(s);
}


int stream_start(struct stream *s)
{
	if (!s)
		return EINVAL;
	if (!s->agreed)
		return EPROTO;

	return apply(s);
}


void stream_set_hold(struct stream *s, bool hold)
{
	if (!s || s->hold == hold)
		return;

	s->hold = hold;

	/* Silence comes at once, sound when the peer has agreed */
	if (hold && s->handed)
		(void)apply(s);
}


bool stream_remote_hold(const struct stream *s)
{
	return s && s->remote_hold;
}


void stream_set_mute(struct stream *s, bool mute)
{
	if (!s || s->st.mute == mute)
		return;

	s->st.mute = mute;
	if (s->handed)
		(void)apply(s);
}


/* On the thread that writes: the stream hears of it on the main loop */
static void record_error(uint32_t id, int err)
{
	struct twin_report *r = mem_zalloc(sizeof(*r), NULL);

	if (!r)
		return;

	r->id = id;
	r->ev = STREAM_RECORD;
	r->err = err;
	(void)loop_report(report_handler, r);
}


int stream_record(struct stream *s, const char *path, const char *format)
{
	struct recording *rec = NULL;
	uint32_t srate;
	int err;

	if (!s || (path && !format))
		return EINVAL;
	if (!s->handed || !s->twin || !s->agreed)
		return EPROTO;

	if (path) {
		srate = s->st.agreed.tx.codec->srate;
		err = recording_start(&rec, s->id, path, format, srate,
				      record_error);
		if (err)
			return err;
	}

	s->recording = path != NULL;

	return twin_record(s->twin, rec);
}


bool stream_recording(const struct stream *s)
{
	return s && s->recording;
}


int stream_join(struct stream *s, uint32_t conference)
{
	if (!s)
		return EINVAL;
	if (s->st.conference == conference)
		return 0;

	s->st.conference = conference;

	return s->handed ? apply(s) : 0;
}


/* The settings changed: running calls follow */
void streams_devices(const char *source, const char *sink)
{
	struct le *le;

	LIST_FOREACH(&streams, le) {
		struct stream *s = le->data;

		if (!str_cmp(s->st.source, source) &&
		    !str_cmp(s->st.sink, sink))
			continue;

		str_ncpy(s->st.source, source, sizeof(s->st.source));
		str_ncpy(s->st.sink, sink, sizeof(s->st.sink));
		if (s->handed)
			(void)apply(s);
	}
}


static bool digits_good(const char *digits)
{
	for (; *digits; digits++) {
		if (dtmf_code(*digits) < 0)
			return false;
	}

	return true;
}


int stream_send_dtmf(struct stream *s, const char *digits)
{
	if (!s || !str_isset(digits) || !digits_good(digits))
		return EINVAL;

	if (!s->handed || !s->twin || s->st.agreed.dtmf_tx < 0)
		return ENOTSUP;

	return twin_dtmf(s->twin, digits, false);
}


int stream_send_tones(struct stream *s, const char *digits)
{
	if (!s || !str_isset(digits) || !digits_good(digits))
		return EINVAL;

	if (!s->handed || !s->twin)
		return ENOTSUP;

	return twin_dtmf(s->twin, digits, true);
}


const char *stream_codec(const struct stream *s)
{
	return s && s->agreed ? s->st.agreed.tx.codec->name : "";
}


uint32_t stream_codec_rate(const struct stream *s)
{
	return s && s->agreed ? s->st.agreed.tx.codec->clock_rate : 0;
}


const struct stream_figures *stream_figures(const struct stream *s)
{
	static const struct stream_figures none;

	return s ? &s->fig : &none;
}


int stream_capabilities(struct mbuf **descp)
{
	struct media_sdp *sdp;
	struct sa laddr;
	int err;

	if (!descp)
		return EINVAL;

	(void)sa_set_str(&laddr, "0.0.0.0", 0);
	err = media_sdp_alloc(&sdp, &laddr, media_settings()->codecs);
	if (err)
		return err;

	err = media_sdp_encode(sdp, descp, true, false);
	mem_deref(sdp);

	return err;
}


void streams_close(void)
{
	struct le *le;

	LIST_FOREACH(&streams, le)
		twin_drop(le->data);
}
