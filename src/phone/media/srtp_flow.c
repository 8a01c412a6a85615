/**
 * @file srtp_flow.c  What may pass a stream's sockets, and protected how
 *
 * A gate with two positions. Open: everything passes as it is. Shut: only
 * what a key covers passes, in either direction; until there is a key
 * that is nothing at all. There is no third position in which some packets
 * are protected and others are not.
 *
 * Packets are counted, because a key is good for only so many (RFC 3711
 * 9.2, RFC 4568 6.1). With one that is used up nothing more is sent. What
 * the peer sends with a key of its own beyond that is its business.
 */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "phone/module/registry.h"

#include "srtp_flow.h"

/** A context and how much it is used */
struct half {
	struct srtp_ctx *ctx;
	uint64_t packets;
	uint64_t lifetime;       /**< Packets it is good for             */
	bool told;               /**< ... that it nears its end          */
};

/** The contexts of one part; both parts may have the same */
struct pair {
	struct half tx, rx;
};

struct srtp_flow {
	bool required;
	struct pair rtp, rtcp;
	struct srtp_flow_stats stats;
};


enum { LEFT_MIN = 128 };         /* Packets */

/** RFC 3711 9.2: at most so many packets a key */
static const uint64_t rtp_most = (uint64_t)1 << 48;
static const uint64_t rtcp_most = (uint64_t)1 << 31;


static void pair_reset(struct pair *p)
{
	mem_deref(p->tx.ctx);
	mem_deref(p->rx.ctx);
	memset(p, 0, sizeof(*p));
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
		const uint8_t *key, size_t len, const struct srtp_mki *mki,
		bool send)
{
	const struct srtp_engine *engine = srtp_engine_get();

	*ctxp = NULL;
	if (!key)
		return 0;

	return engine ? engine->alloc(ctxp, suite, key, len, mki, send) :
		ENOSYS;
}


static void put(struct half *h, struct srtp_ctx *ctx, uint64_t lifetime)
{
	if (!ctx)
		return;

	mem_deref(h->ctx);
	memset(h, 0, sizeof(*h));
	h->ctx = mem_ref(ctx);
	h->lifetime = lifetime;
}


static void pair_put(struct pair *p, struct srtp_ctx *tx,
		     struct srtp_ctx *rx, uint64_t lifetime)
{
	put(&p->tx, tx, lifetime);
	put(&p->rx, rx, lifetime);
}


int srtp_flow_keys(struct srtp_flow *f, const struct crypto_keys *keys)
{
	struct srtp_ctx *tx = NULL, *rx = NULL;
	uint64_t life;
	int err;

	if (!f || !keys)
		return EINVAL;

	life = keys->lifetime ? keys->lifetime : rtp_most;
	err = make(&tx, keys->suite, keys->tx, keys->tx_len, NULL, true);
	if (!err)
		err = make(&rx, keys->suite, keys->rx, keys->rx_len,
			   keys->rx_mki, false);
	if (!err) {
		f->required = true;
		if (keys->parts & CRYPTO_RTP)
			pair_put(&f->rtp, tx, rx, life);
		if (keys->parts & CRYPTO_RTCP)
			pair_put(&f->rtcp, tx, rx,
				 life < rtcp_most ? life : rtcp_most);
	}
	else {
		warning("media: %s: %m\n", srtp_suite_name(keys->suite), err);
	}

	mem_deref(tx);
	mem_deref(rx);

	return err;
}


static struct pair *pair_of(struct srtp_flow *f, enum crypto_part part)
{
	return part == CRYPTO_RTCP ? &f->rtcp : &f->rtp;
}


bool srtp_flow_open(const struct srtp_flow *f, enum crypto_part part)
{
	return f && (!f->required || (part == CRYPTO_RTCP ? f->rtcp.tx.ctx :
				      f->rtp.tx.ctx));
}


/* An eighth of its life is left, and no less than some seconds */
static bool worn(struct half *h)
{
	const uint64_t eighth = h->lifetime / 8;
	const uint64_t left = eighth < LEFT_MIN ? LEFT_MIN : eighth;

	if (!h->ctx || h->told || h->packets + left < h->lifetime)
		return false;

	h->told = true;

	return true;
}


bool srtp_flow_worn(struct srtp_flow *f)
{
	struct half *const v[] = {
		&f->rtp.tx, &f->rtp.rx, &f->rtcp.tx, &f->rtcp.rx
	};
	bool any = false;
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++)
		any |= worn(v[i]);

	return any;
}


static bool used_up(const struct half *h)
{
	return h->ctx && h->packets >= h->lifetime;
}


bool srtp_flow_expired(const struct srtp_flow *f)
{
	return f && (used_up(&f->rtp.tx) || used_up(&f->rtcp.tx));
}


bool srtp_flow_in(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb)
{
	const struct srtp_engine *engine = srtp_engine_get();
	struct half *rx;
	int err;

	if (!f || !f->required)
		return f != NULL;

	rx = &pair_of(f, part)->rx;
	if (!rx->ctx || !engine) {
		++f->stats.clear;
		return false;
	}

	err = part == CRYPTO_RTCP ? engine->unprotect_rtcp(rx->ctx, mb) :
		engine->unprotect(rx->ctx, mb);
	if (!err)
		++rx->packets;
	else if (err == EALREADY)
		++f->stats.replayed;
	else
		++f->stats.forged;

	return !err;
}


int srtp_flow_out(struct srtp_flow *f, enum crypto_part part,
		  struct mbuf *mb)
{
	const struct srtp_engine *engine = srtp_engine_get();
	struct half *tx;

	if (!f)
		return EINVAL;
	if (!f->required)
		return 0;

	tx = &pair_of(f, part)->tx;
	if (!tx->ctx || !engine)
		return EACCES;
	if (used_up(tx))
		return EKEYEXPIRED;

	++tx->packets;

	return part == CRYPTO_RTCP ? engine->protect_rtcp(tx->ctx, mb) :
		engine->protect(tx->ctx, mb);
}


const struct srtp_flow_stats *srtp_flow_stats(const struct srtp_flow *f)
{
	static const struct srtp_flow_stats none;

	return f ? &f->stats : &none;
}
