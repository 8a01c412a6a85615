/**
 * @file agreement.h  Which way of agreeing on keys a stream takes
 *
 * Main loop. The caller's ladder says what may be used and what is best.
 */
#ifndef OFFHOOK_AGREEMENT_H
#define OFFHOOK_AGREEMENT_H

#include "phone/module/module.h"

#include "stream.h"

struct agreement;

/**
 * @param ap    Result, free with mem_deref() (wipes what is secret)
 * @param sec   What may be used, and how; strings are copied by the modules
 * @param ssrc  Ours
 */
int agreement_alloc(struct agreement **ap, const struct stream_security *sec,
		    uint32_t ssrc);

/** Write into our offer (every way there is), or our answer (the one) */
int agreement_encode(struct agreement *a, bool offer, crypto_attr_h *h,
		     void *arg);

/**
 * What the peer's SDP says
 *
 * @return 0: agreed, or clear and that is allowed; ENOKEY: keys are
 *         demanded, by them or by us, and none can be agreed on; EPROTO:
 *         what is there makes no sense; EACCES: weaker than before, or
 *         somebody else
 */
int agreement_decode(struct agreement *a, const struct crypto_sdp *sdp);

/** May this way be agreed on: does every offer show it? */
bool agreement_shows(const struct agreement *a, const char *way);

/** The way that was taken, NULL: clear */
const struct media_crypto *agreement_way(const struct agreement *a);

/** Keys are nearly used up: the next offer brings others */
void agreement_renew(struct agreement *a);

/** The way that was taken led nowhere: clear, if that is allowed */
void agreement_drop(struct agreement *a);

/** For the media loop; *jobp NULL: clear */
int agreement_job(struct agreement *a, struct crypto_job **jobp);

#endif
