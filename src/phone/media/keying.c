/**
 * @file keying.c  Agreeing on keys on the media loop
 *
 * Gives the run of a module what it needs, its packets and its time, and
 * takes what it makes: keys go to the flow at once, before anybody is told.
 * The module says when it wants no more ticks; then this costs nothing.
 */
#include <errno.h>
#include <string.h>

#include "common/log.h"

#include "keying.h"
#include "loop.h"
#include "srtp_flow.h"

struct keying {
	struct rtpflow *flow;
	keying_event_h *h;
	void *arg;
	const struct media_crypto *mc;
	struct crypto_run *run;
	struct ticker tick;
	uint64_t wanted;             /**< When that was told last        */
};

enum { WANTED_AGAIN = 500000, ZRTP_MIN = 28 };


static void destructor(void *arg)
{
	struct keying *k = arg;

	ticker_stop(&k->tick);
	mem_deref(k->run);
}


static int send_handler(enum crypto_part part, struct mbuf *mb, void *arg)
{
	struct keying *k = arg;

	return rtpflow_send_other(k->flow, part, mb);
}


static void keys_handler(const struct crypto_keys *keys, void *arg)
{
	struct keying *k = arg;

	(void)srtp_flow_keys(rtpflow_srtp(k->flow), keys);
}


static void event_handler(enum crypto_event ev,
			  const struct crypto_info *info, void *arg)
{
	struct keying *k = arg;

	k->h(ev, info, k->arg);
}


static void tick_handler(uint64_t now, void *arg)
{
	struct keying *k = arg;

	if (!k->mc->tick(k->run, now)) {
		ticker_stop(&k->tick);
		k->h(CRYPTO_CHANGED, NULL, k->arg);
	}
}


/* The module may have something to wait for now */
static void ask_tick(struct keying *k)
{
	if (k->run && k->mc->tick && k->mc->tick(k->run, loop_now()))
		ticker_start(&k->tick, false, tick_handler, k);
}


/* RFC 6189 5: what no other packet begins with */
static bool is_zrtp(const struct mbuf *mb)
{
	const uint8_t *p = mbuf_buf(mb);

	return mbuf_get_left(mb) >= ZRTP_MIN && p[0] == 0x10 &&
		!memcmp(p + 4, "ZRTP", 4);
}


/* The peer would like to agree on keys, and SDP said nothing of it */
static void wanted(struct keying *k)
{
	static const struct crypto_info none;
	const uint64_t now = loop_now();

	if (k->wanted && now - k->wanted < WANTED_AGAIN)
		return;

	k->wanted = now;
	k->h(CRYPTO_WANTED, &none, k->arg);
}


static void other_handler(enum crypto_part part, struct mbuf *mb, void *arg)
{
	struct keying *k = arg;

	if (!k->run && is_zrtp(mb))
		wanted(k);

	if (k->run && k->mc->input && k->mc->input(k->run, part, mb))
		ask_tick(k);
}


int keying_alloc(struct keying **kp, struct rtpflow *flow,
		 keying_event_h *h, void *arg)
{
	struct keying *k;

	if (!kp || !flow || !h)
		return EINVAL;

	k = mem_zalloc(sizeof(*k), destructor);
	if (!k)
		return ENOMEM;

	k->flow = flow;
	k->h = h;
	k->arg = arg;
	rtpflow_set_other(flow, other_handler, k);

	*kp = k;

	return 0;
}


int keying_start(struct keying *k, const struct media_crypto *mc,
		 struct crypto_job *job, bool fresh)
{
	const struct crypto_handlers h = {
		send_handler, keys_handler, event_handler, k
	};
	int err;

	if (!k)
		return EINVAL;

	if (!mc || mc != k->mc || fresh) {
		ticker_stop(&k->tick);
		k->run = mem_deref(k->run);
		srtp_flow_require(rtpflow_srtp(k->flow), false);
	}
	k->mc = mc;
	if (!mc)
		return 0;

	srtp_flow_require(rtpflow_srtp(k->flow), true);
	err = mc->start(&k->run, job, &h);
	if (err)
		warning("media: %s: %m\n", mc->name, err);
	else
		ask_tick(k);

	return err;
}


bool keying_busy(const struct keying *k)
{
	return k && k->tick.le.list;
}


void keying_confirm(struct keying *k, bool same)
{
	if (k && k->run && k->mc->confirm)
		k->mc->confirm(k->run, same);
}
