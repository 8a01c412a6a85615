/**
 * @file agreement.c  Which way of agreeing on keys a stream takes
 *
 * An offer shows every way the ladder allows; of what came back, or came
 * in, the highest rung that both know is taken. Once a call is answered the
 * way can only go up: to a lower rung or to none is refused, whatever the
 * ladder would allow a new call.
 */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "phone/module/registry.h"

#include "agreement.h"

struct rung {
	const struct media_crypto *mc;
	struct crypto_neg *neg;
};

struct agreement {
	struct rung rungv[STREAM_LADDER];
	size_t rungc;
	const struct rung *taken;    /**< NULL: clear                    */
	bool required;
	enum media_profile profile;
};


static void destructor(void *arg)
{
	struct agreement *a = arg;
	size_t i;

	for (i = 0; i < a->rungc; i++)
		mem_deref(a->rungv[i].neg);
}


int agreement_alloc(struct agreement **ap, const struct stream_security *sec,
		    uint32_t ssrc)
{
	struct crypto_param prm;
	struct agreement *a;
	size_t i;
	int err = 0;

	if (!ap || !sec)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->required = sec->required;
	a->profile = sec->profile;
	memset(&prm, 0, sizeof(prm));
	prm.own_uri = sec->own_uri;
	prm.peer_uri = sec->peer_uri;
	prm.dir = sec->dir;
	prm.ssrc = ssrc;
	prm.signalling_tls = sec->signalling_tls;
	prm.caller = sec->caller;

	for (i = 0; i < STREAM_LADDER && sec->ladder[i]; i++) {
		struct rung *r = &a->rungv[a->rungc];

		r->mc = srtp_engine_get() ? media_crypto_find(sec->ladder[i])
			: NULL;
		if (!r->mc)
			continue;

		err = r->mc->alloc(&r->neg, &prm);
		if (err) {
			warning("media: %s: %m\n", r->mc->name, err);
			break;
		}
		++a->rungc;
	}

	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
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

	for (i = 0; i < a->rungc && !err; i++) {
		const struct rung *r = &a->rungv[i];

		if (r->mc->profiles & (unsigned)a->profile)
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
		const struct rung *r = &a->rungv[i];

		if (!(r->mc->profiles & (unsigned)sdp->profile))
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


const struct media_crypto *agreement_way(const struct agreement *a)
{
	return a && a->taken ? a->taken->mc : NULL;
}


int agreement_job(struct agreement *a, struct crypto_job **jobp)
{
	if (!a || !jobp)
		return EINVAL;

	*jobp = NULL;

	return a->taken ? a->taken->mc->agree(jobp, a->taken->neg) : 0;
}


void agreement_drop(struct agreement *a)
{
	if (a && !a->required)
		a->taken = NULL;
}
