/**
 * @file agreement.c  Which way of agreeing on keys a stream takes
 *
 * An offer shows every way the ladder allows; of what came back, or came
 * in, the highest rung that both know is taken. A rung is made when it is
 * first needed: somebody who offers no encryption waits for none. Once a
 * call is answered the way can only go up: to a lower rung or to none is
 * refused, whatever the ladder would allow a new call.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "agreement.h"

struct rung {
	const char *name;
	const struct media_crypto *mc;       /**< NULL: not needed yet   */
	struct crypto_neg *neg;
};

struct agreement {
	struct rung rungv[STREAM_LADDER];
	size_t rungc;
	struct rung *taken;          /**< NULL: clear                    */
	bool required;
	enum media_profile profile;
	struct crypto_param prm;
	char *own_uri, *peer_uri, *dir;
};

/* What speaks of a way in SDP */
static const struct mark {
	const char *way, *attr;
} marks[] = {
	{ "sdes", "crypto" },
	{ "dtls-srtp", "fingerprint" },
	{ "zrtp", "zrtp-hash" },
};


static void destructor(void *arg)
{
	struct agreement *a = arg;
	size_t i;

	for (i = 0; i < a->rungc; i++)
		mem_deref(a->rungv[i].neg);
	mem_deref(a->own_uri);
	mem_deref(a->peer_uri);
	mem_deref(a->dir);
}


static int copy(const char **strp, char **bufp, const char *s)
{
	int err = s ? str_dup(bufp, s) : 0;

	*strp = *bufp;

	return err;
}


int agreement_alloc(struct agreement **ap, const struct stream_security *sec,
		    uint32_t ssrc)
{
	struct agreement *a;
	size_t i;
	int err;

	if (!ap || !sec)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->required = sec->required;
	a->profile = sec->profile;
	a->prm.ssrc = ssrc;
	a->prm.signalling_tls = sec->signalling_tls;
	a->prm.caller = sec->caller;
	err = copy(&a->prm.own_uri, &a->own_uri, sec->own_uri);
	err |= copy(&a->prm.peer_uri, &a->peer_uri, sec->peer_uri);
	err |= copy(&a->prm.dir, &a->dir, sec->dir);

	for (i = 0; i < STREAM_LADDER && sec->ladder[i]; i++) {
		if (srtp_engine_known() && media_crypto_known(sec->ladder[i]))
			a->rungv[a->rungc++].name = sec->ladder[i];
	}

	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


/* ENOENT: its module is of no use */
static int rung_make(const struct agreement *a, struct rung *r)
{
	int err;

	if (r->neg)
		return 0;

	r->mc = media_crypto_find(r->name);
	if (!r->mc)
		return ENOENT;

	err = r->mc->alloc(&r->neg, &a->prm);
	if (err)
		warning("media: %s: %m\n", r->name, err);

	return err;
}


static bool is_named(const struct rung *r, const struct crypto_sdp *sdp)
{
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(marks); i++) {
		if (!strcmp(marks[i].way, r->name))
			return sdp->attr(sdp, marks[i].attr, 0) != NULL;
	}

	return true;
}


int agreement_encode(struct agreement *a, bool offer, crypto_attr_h *h,
		     void *arg)
{
	size_t i;
	int err = 0;

	if (!a)
		return EINVAL;

	if (!offer)
		return a->taken ? a->taken->mc->encode(a->taken->neg, false,
						       h, arg) : 0;

	/* Nothing is offered that could not be kept */
	if (a->rungc && !srtp_engine_get())
		a->rungc = 0;

	for (i = 0; i < a->rungc && !err; i++) {
		struct rung *r = &a->rungv[i];

		err = rung_make(a, r);
		if (err == ENOENT)
			err = 0;
		else if (!err && r->mc->profiles & (unsigned)a->profile)
			err = r->mc->encode(r->neg, true, h, arg);
	}
	return err;
}


/* Nothing was agreed on: may it be so? */
static int clear(struct agreement *a, const struct crypto_sdp *sdp, int why)
{
	if (sdp->up && a->taken)
		return EACCES;
	if (why == EPROTO)
		return EPROTO;
	if (a->required || sdp->profile != PROFILE_AVP)
		return ENOKEY;

	a->taken = NULL;

	return 0;
}


int agreement_decode(struct agreement *a, const struct crypto_sdp *sdp)
{
	size_t i, last;
	int err, why = 0;

	if (!a || !sdp)
		return EINVAL;

	/* up and protected: nothing below the rung we stand on */
	last = sdp->up && a->taken ? (size_t)(a->taken - a->rungv) + 1 :
		a->rungc;

	for (i = 0; i < last; i++) {
		struct rung *r = &a->rungv[i];

		if (!is_named(r, sdp) || rung_make(a, r) ||
		    !(r->mc->profiles & (unsigned)sdp->profile))
			continue;

		err = r->mc->decode(r->neg, sdp);
		if (!err) {
			a->taken = r;
			a->profile = sdp->profile;
			return 0;
		}
		if (err == EACCES)
			return EACCES;
		if (err != ENOENT)
			debug("media: %s: %m\n", r->mc->name, err);
		if (err == EPROTO)
			why = EPROTO;
	}

	return clear(a, sdp, why);
}


bool agreement_shows(const struct agreement *a, const char *way)
{
	size_t i;

	for (i = 0; a && way && i < a->rungc; i++) {
		if (!strcmp(a->rungv[i].name, way))
			return true;
	}

	return false;
}


const struct media_crypto *agreement_way(const struct agreement *a)
{
	return a && a->taken ? a->taken->mc : NULL;
}


int agreement_job(struct agreement *a, struct crypto_job **jobp)
{
	if (!a || !jobp)
		return EINVAL;

	*jobp = NULL;
	if (!a->taken)
		return 0;

	return srtp_engine_get() ? a->taken->mc->agree(jobp, a->taken->neg) :
		ENOSYS;
}


void agreement_renew(struct agreement *a)
{
	if (a && a->taken && a->taken->mc->renew)
		a->taken->mc->renew(a->taken->neg);
}


void agreement_drop(struct agreement *a)
{
	if (a && !a->required)
		a->taken = NULL;
}
