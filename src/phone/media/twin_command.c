/**
 * @file twin_command.c  What the main loop tells a twin
 *
 * Every command is a message: what it brings is copied here, carried over
 * by the mailbox and done on the media loop. One that nobody read any more
 * gives back what it brought.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loop.h"
#include "recorder.h"
#include "twin_priv.h"

struct apply {
	struct twin *tw;
	struct twin_state st;
	bool keyed;                  /**< keys is set                   */
	struct twin_keys keys;
};

struct confirm {
	struct twin *tw;
	bool same;
};

struct moving {
	struct twin *tw;
	struct rtpflow_socks socks;
};

struct digits {
	struct twin *tw;
	char text[DTMF_MAX + 1];
	bool tones;
};

struct ending {
	struct twin *tw;
};

struct record {
	struct twin *tw;
	struct recording *rec;
};


/* ---- on the media loop ---- */

static int start_new(struct twin *tw, const struct media_agreed *ag,
		     const struct twin_keys *keys)
{
	int err;

	err = sender_update(tw->tx, ag);
	if (!err)
		err = receiver_update(tw->rx, ag);
	if (err) {
		warning("media: codec %s: %m\n", ag->tx.codec->name, err);
		return err;
	}

	tw->srate = ag->tx.codec->srate;
	tw->channels = ag->tx.codec->channels;
	quality_rates(&tw->quality, ag->tx.codec->clock_rate,
		      ag->tx.codec->clock_rate);
	rtpflow_target(tw->flow, &ag->rtp, ag->rtcp, ag->mux);
	if (keys)
		err = keying_start(tw->keying, keys->mc, keys->job,
				   keys->fresh);

	return err ? err : rtpflow_attach(tw->flow);
}


static void apply_handler(void *data)
{
	struct apply *ap = data;
	struct twin *tw = ap->tw;
	const struct media_agreed *ag = &ap->st.agreed;
	const bool played = tw->play;

	tw->st = ap->st;
	if (!ag->tx.codec)
		return;

	if (tw->st.renegotiated &&
	    start_new(tw, ag, ap->keyed ? &ap->keys : NULL))
		return;

	tw->send = ag->send && !tw->st.hold;
	tw->play = ag->recv && !tw->st.hold;
	if (tw->play != played) {
		receiver_flush(tw->rx);
		tw->quiet_since = loop_now();
		tw->silent = false;
	}

	twin_devices(tw);
	if (tw->send && !tw->begun && twin_is_card(tw->st.source, true))
		twin_send_silence(tw, loop_now());
	tw->begun = tw->begun || tw->send;
	ticker_start(&tw->second, true, twin_second, tw);
}


static void moving_handler(void *data)
{
	struct moving *m = data;
	const int err = rtpflow_move(m->tw->flow, &m->socks);

	if (err)
		warning("media: cannot go to %J: %m\n", &m->socks.laddr, err);
}


static void digits_handler(void *data)
{
	struct digits *d = data;

	if (d->tones)
		(void)sender_tones(d->tw->tx, d->text);
	else
		(void)sender_dtmf(d->tw->tx, d->text);
}


static void confirm_handler(void *data)
{
	struct confirm *c = data;

	keying_confirm(c->tw->keying, c->same);
}


static void record_handler(void *data)
{
	struct record *r = data;

	recording_end(r->tw->rec);
	r->tw->rec = r->rec;
	r->rec = NULL;
}


static void ending_handler(void *data)
{
	struct ending *e = data;
	struct twin *tw = e->tw;

	if (tw->second.le.list)
		twin_send_report(tw, true, loop_now());

	e->tw = mem_deref(tw);
}


/* ---- on the main loop ---- */

static void apply_destructor(void *arg)
{
	struct apply *ap = arg;

	mem_deref(ap->keys.job);
}


int twin_apply(struct twin *tw, const struct twin_state *state,
	       const struct twin_keys *keys)
{
	struct apply *ap;

	ap = tw && state ? mem_zalloc(sizeof(*ap), apply_destructor) : NULL;
	if (!ap) {
		if (keys)
			mem_deref(keys->job);
		return tw && state ? ENOMEM : EINVAL;
	}

	ap->tw = tw;
	ap->st = *state;
	ap->keyed = keys != NULL;
	if (keys)
		ap->keys = *keys;

	return loop_post(apply_handler, ap);
}


int twin_move(struct twin *tw, bool handed, struct sa *laddr, uint16_t min,
	      uint16_t max)
{
	struct rtpflow_socks socks;
	struct moving *m;
	int err;

	if (!tw || !laddr)
		return EINVAL;

	err = rtpflow_bind(&socks, laddr, min, max);
	if (err)
		return err;
	if (!handed)
		return rtpflow_move(tw->flow, &socks);

	m = mem_zalloc(sizeof(*m), NULL);
	if (!m) {
		rtpflow_socks_close(&socks);
		return ENOMEM;
	}

	m->tw = tw;
	m->socks = socks;
	err = loop_post(moving_handler, m);
	if (err)
		rtpflow_socks_close(&socks);

	return err;
}


int twin_dtmf(struct twin *tw, const char *digits, bool tones)
{
	struct digits *d;

	if (!tw || !digits || strlen(digits) > DTMF_MAX)
		return EINVAL;

	d = mem_zalloc(sizeof(*d), NULL);
	if (!d)
		return ENOMEM;

	d->tw = tw;
	d->tones = tones;
	str_ncpy(d->text, digits, sizeof(d->text));

	return loop_post(digits_handler, d);
}


int twin_confirm(struct twin *tw, bool same)
{
	struct confirm *c;

	if (!tw)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), NULL);
	if (!c)
		return ENOMEM;

	c->tw = tw;
	c->same = same;

	return loop_post(confirm_handler, c);
}


/* A message that nobody read any more ends what it brought */
static void record_destructor(void *arg)
{
	struct record *r = arg;

	recording_end(r->rec);
}


int twin_record(struct twin *tw, struct recording *rec)
{
	struct record *r = mem_zalloc(sizeof(*r), record_destructor);

	if (!r) {
		recording_end(rec);
		return ENOMEM;
	}

	r->tw = tw;
	r->rec = rec;

	return loop_post(record_handler, r);
}


/* A message that nobody read any more takes the twin along */
static void ending_destructor(void *arg)
{
	struct ending *e = arg;

	mem_deref(e->tw);
}


void twin_end(struct twin *tw)
{
	struct ending *e = mem_zalloc(sizeof(*e), ending_destructor);

	if (!e)
		return;

	e->tw = tw;
	(void)loop_post(ending_handler, e);
}
