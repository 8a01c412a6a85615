/**
 * @file srtp_flow.c  What may pass a stream's sockets, and protected how
 *
 * A gate with two positions. Open: everything passes as it is. Shut: only
 * what a key covers passes, in either direction; until there is a key
 * that is nothing at all. There is no third position in which some packets
 * are protected and others are not.
 */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "phone/module/registry.h"

#include "srtp_flow.h"

/** The contexts of one part; both parts may have the same */
struct pair {
	struct srtp_ctx *tx, *rx;
};

struct srtp_flow {
	bool required;
	struct pair rtp, rtcp;
	struct srtp_flow_stats stats;
};


static void pair_reset(struct pair *p)
{
	p->tx = mem_deref(p->tx);
	p->rx = mem_deref(p->rx);
}


static void destructor(void *arg)
{
	struct srtp_flow *f = arg;

	pair_reset(&f->rtp);
	pair_reset(&f->rtcp);
}


int srtp_flow_alloc(struct srtp_flow **fp)
{
	struct srtp_flow *f;

	if (!fp)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	*fp = f;

	return 0;
}


void srtp_flow_require(struct srtp_flow *f, bool on)
{
	if (!f || f->required == on)
		return;

	f->required = on;
	pair_reset(&f->rtp);
	pair_reset(&f->rtcp);
}


bool srtp_flow_required(const struct srtp_flow *f)
{
	return f && f->required;
}


static int make(struct srtp_ctx **ctxp, enum srtp_suite suite,
		const uint8_t *key, size_t len, bool send)
{
	const struct srtp_engine *engine = srtp_engine_get();

	*ctxp = NULL;
	if (!key)
		return 0;

	return engine ? engine->alloc(ctxp, suite, key, len, send) : ENOSYS;
}


static void put(struct pair *p, struct srtp_ctx *tx, struct srtp_ctx *rx)
{
	if (tx) {
		mem_deref(p->tx);
		p->tx = mem_ref(tx);
	}
	if (rx) {
		mem_deref(p->rx);
		p->rx = mem_ref(rx);
	}
}


int srtp_flow_keys(struct srtp_flow *f, const struct crypto_keys *keys)
{
	struct srtp_ctx *tx = NULL, *rx = NULL;
	int err;

	if (!f || !keys)
		return EINVAL;

	err = make(&tx, keys->suite, keys->tx, keys->tx_len, true);
	if (!err)
		err = make(&rx, keys->suite, keys->rx, keys->rx_len, false);
	if (!err) {
		f->required = true;
		if (keys->parts & CRYPTO_RTP)
			put(&f->rtp, tx, rx);
		if (keys->parts & CRYPTO_RTCP)
			put(&f->rtcp, tx, rx);
	}
	else {
		warning("media: %s: %m\n", srtp_suite_name(keys->suite), err);
	}

	mem_deref(tx);
	mem_deref(rx);

	return err;
}


static const struct pair *pair_of(const struct srtp_flow *f,
				  enum crypto_part part)
{
	return part == CRYPTO_RTCP ? &f->rtcp : &f->rtp;
}


bool srtp_flow_open(const struct srtp_flow *f, enum crypto_part part)
{
	return f && (!f->required || pair_of(f, part)->tx);
}


bool srtp_flow_in(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb)
{
	const struct srtp_engine *engine = srtp_engine_get();
	struct srtp_ctx *rx;
	int err;

	if (!f || !f->required)
		return f != NULL;

	rx = pair_of(f, part)->rx;
	if (!rx || !engine) {
		++f->stats.clear;
		return false;
	}

	err = part == CRYPTO_RTCP ? engine->unprotect_rtcp(rx, mb) :
		engine->unprotect(rx, mb);
	if (err == EALREADY)
		++f->stats.replayed;
	else if (err)
		++f->stats.forged;

	return !err;
}


int srtp_flow_out(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb)
{
	const struct srtp_engine *engine = srtp_engine_get();
	struct srtp_ctx *tx;

	if (!f)
		return EINVAL;
	if (!f->required)
		return 0;

	tx = pair_of(f, part)->tx;
	if (!tx || !engine)
		return EACCES;

	return part == CRYPTO_RTCP ? engine->protect_rtcp(tx, mb) :
		engine->protect(tx, mb);
}


const struct srtp_flow_stats *srtp_flow_stats(const struct srtp_flow *f)
{
	static const struct srtp_flow_stats none;

	return f ? &f->stats : &none;
}
