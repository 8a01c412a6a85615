/**
 * @file dtls_srtp.c  Keys by a DTLS handshake beside the sound (RFC 5763)
 *
 * The SDP says whose certificate it will be and who speaks first; the
 * handshake itself runs on the stream's own ports. With RTCP on the RTP
 * port there is one association, otherwise a second one for the RTCP port.
 * Keys that are in use stay until better ones have been agreed on.
 *
 * Config:   none
 * Requires: OpenSSL
 */
#include <errno.h>
#include <string.h>

#include "module.h"
#include "assoc.h"

enum { LINES_MAX = 16, PARTS = 2, PATIENCE_US = 10000000 };

struct crypto_neg {
	SSL_CTX *ctx;                /**< The module's                   */
	struct fingerprint own, peer;
	enum setup role;             /**< Ours: ACTIVE or PASSIVE        */
	bool mux;
	bool agreed;
};

struct crypto_job {
	SSL_CTX *ctx;
	struct fingerprint peer;
	bool active;
	bool mux;
};

/** An association and, while it is renewed, the one to come */
struct side {
	struct crypto_run *run;
	enum crypto_part part;
	struct assoc *now, *next;
	uint64_t since;              /**< When it began, 0: not noted    */
	bool up;
	bool fine;                   /**< What is to come has come       */
};

struct crypto_run {
	struct crypto_job job;
	struct crypto_handlers h;
	struct side sidev[PARTS];    /**< RTP, RTCP                      */
	bool failed;
	char details[256];
	char peer_id[2 * FINGERPRINT_MAX + 1];
};


/* ---- main loop: SDP ---- */

static int neg_alloc(struct crypto_neg **negp,
		     const struct crypto_param *prm)
{
	struct crypto_neg *neg;
	(void)prm;

	if (!negp)
		return EINVAL;

	neg = mem_zalloc(sizeof(*neg), NULL);
	if (!neg)
		return ENOMEM;

	neg->ctx = assoc_ctx(&neg->own);
	if (!neg->ctx) {
		mem_deref(neg);
		return ENOMEM;
	}

	*negp = neg;

	return 0;
}


static int encode(struct crypto_neg *neg, bool offer, crypto_attr_h *h,
		  void *arg)
{
	char text[FINGERPRINT_TEXT];
	int err;

	if (!neg || !h)
		return EINVAL;
	if (!offer && !neg->agreed)
		return EPROTO;

	fingerprint_encode(text, sizeof(text), &neg->own);
	err = h(false, "fingerprint", text, arg);
	if (!err)
		err = h(false, "setup", offer ? "actpass" :
			neg->role == SETUP_ACTIVE ? "active" : "passive",
			arg);

	return err;
}


/* The strongest that is said */
static int pick(struct fingerprint *best, const struct crypto_sdp *sdp)
{
	struct fingerprint fp;
	const char *value;
	unsigned n;
	int err = 0;

	memset(best, 0, sizeof(*best));
	for (n = 0; n < LINES_MAX; n++) {
		value = sdp->attr(sdp, "fingerprint", n);
		if (!value)
			break;

		err = fingerprint_decode(&fp, value);
		if (!err && fp.hash > best->hash)
			*best = fp;
	}

	if (!n)
		return ENOENT;

	return best->hash != FINGERPRINT_NONE ? 0 :
		err == EBADMSG ? EPROTO : ENOTSUP;
}


/* RFC 5763 5: who begins. An answer to actpass may be either; what was
 * agreed earlier stays if it can. */
static int role_pick(const struct crypto_neg *neg,
		     const struct crypto_sdp *sdp, enum setup *role)
{
	const char *value = sdp->attr(sdp, "setup", 0);
	const enum setup peer = setup_decode(value ? value : "");

	switch (peer) {

	case SETUP_ACTIVE:
		*role = SETUP_PASSIVE;
		return 0;

	case SETUP_PASSIVE:
		*role = SETUP_ACTIVE;
		return 0;

	case SETUP_ACTPASS:
		if (!sdp->offer)
			return EPROTO;
		*role = neg->agreed ? neg->role : SETUP_ACTIVE;
		return 0;

	default:
		return value ? ENOTSUP : ENOENT;
	}
}


static int decode(struct crypto_neg *neg, const struct crypto_sdp *sdp)
{
	struct fingerprint fp;
	enum setup role = SETUP_NONE;
	int err;

	if (!neg || !sdp)
		return EINVAL;

	err = pick(&fp, sdp);
	if (!err)
		err = role_pick(neg, sdp, &role);
	if (err)
		return err;

	/* somebody else in the middle of a call */
	if (sdp->up && neg->agreed && !fingerprint_equal(&fp, &neg->peer))
		return EACCES;

	neg->peer = fp;
	neg->role = role;
	neg->mux = sdp->mux;
	neg->agreed = true;

	return 0;
}


static int agree(struct crypto_job **jobp, struct crypto_neg *neg)
{
	struct crypto_job *job;

	if (!jobp || !neg || !neg->agreed)
		return EINVAL;

	job = mem_zalloc(sizeof(*job), NULL);
	if (!job)
		return ENOMEM;

	job->ctx = neg->ctx;
	job->peer = neg->peer;
	job->active = neg->role == SETUP_ACTIVE;
	job->mux = neg->mux;

	*jobp = job;

	return 0;
}


/* ---- media loop: the handshake ---- */

static void run_destructor(void *arg)
{
	struct crypto_run *run = arg;
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		mem_deref(run->sidev[i].now);
		mem_deref(run->sidev[i].next);
	}
}


static int send_handler(struct mbuf *mb, void *arg)
{
	const struct side *s = arg;

	return s->run->h.sendh(s->part, mb, s->run->h.arg);
}


static void give_keys(const struct side *s, const struct assoc_result *res)
{
	const struct crypto_run *run = s->run;
	struct crypto_keys keys;

	memset(&keys, 0, sizeof(keys));
	keys.suite = res->suite;
	keys.parts = run->job.mux ? CRYPTO_RTP | CRYPTO_RTCP : s->part;
	keys.tx = run->job.active ? res->client : res->server;
	keys.rx = run->job.active ? res->server : res->client;
	keys.tx_len = keys.rx_len = res->len;

	run->h.keysh(&keys, run->h.arg);
}


static void tell(struct crypto_run *run, enum crypto_event ev,
		 const char *alarm, const char *text)
{
	const struct crypto_info info = {
		.details = run->details[0] ? run->details : NULL,
		.peer_id = run->peer_id[0] ? run->peer_id : NULL,
		.alarm = alarm,
		.text = text,
	};

	run->h.eventh(ev, &info, run->h.arg);
}


static void note(struct crypto_run *run, const struct assoc_result *res)
{
	size_t i;

	(void)re_snprintf(run->details, sizeof(run->details),
			  "Keys: DTLS-SRTP, %s\n"
			  "Handshake: %s\n"
			  "Certificate of the other side: %s\n"
			  "Sound: %s", res->version, res->cipher,
			  res->peer_key, srtp_suite_name(res->suite));

	for (i = 0; i < run->job.peer.len; i++)
		(void)re_snprintf(run->peer_id + 2 * i, 3, "%02x",
				  run->job.peer.md[i]);
}


static bool all_up(const struct crypto_run *run)
{
	return run->sidev[0].up && (run->job.mux || run->sidev[1].up);
}


static void end_handler(enum assoc_end what, const struct assoc_result *res,
			const char *text, void *arg)
{
	struct side *s = arg;
	struct crypto_run *run = s->run;
	const bool had = s->up;
	char line[256];

	switch (what) {

	case ASSOC_UP:
		s->up = s->fine = true;
		give_keys(s, res);
		note(run, res);
		if (all_up(run))
			tell(run, CRYPTO_SECURE, NULL, NULL);
		break;

	case ASSOC_WRONG_PEER:
		/* the keys there are go on; the alarm does not wait */
		run->failed |= !had;
		tell(run, CRYPTO_ALARM, "fingerprint",
		     "The certificate is not the one that was announced: "
		     "somebody may be in the middle");
		if (!had)
			tell(run, CRYPTO_FAILED, NULL, "No keys were agreed "
			     "on: the certificate is a wrong one");
		break;

	case ASSOC_FAILED:
		if (had)
			break;
		run->failed = true;
		(void)re_snprintf(line, sizeof(line),
				  "No keys were agreed on: %s", text);
		tell(run, CRYPTO_FAILED, NULL, line);
		break;
	}
}


static int side_begin(struct side *s, struct assoc **ap)
{
	const struct assoc_handlers h = { send_handler, end_handler, s };
	const struct crypto_job *job = &s->run->job;

	s->since = 0;
	s->fine = false;

	return assoc_alloc(ap, job->ctx, job->active, &job->peer, &h);
}


static int run_begin(struct crypto_run *run)
{
	unsigned i;
	int err = 0;

	run->failed = false;
	for (i = 0; i < PARTS && !err; i++) {
		struct side *s = &run->sidev[i];

		s->run = run;
		s->part = i ? CRYPTO_RTCP : CRYPTO_RTP;
		s->next = mem_deref(s->next);
		if (i && run->job.mux) {
			s->now = mem_deref(s->now);
			s->up = false;
			continue;
		}
		err = side_begin(s, s->now ? &s->next : &s->now);
	}

	return err;
}


/* The same peer in the same roles: nothing to do (RFC 5763 6.6) */
static int start(struct crypto_run **runp, struct crypto_job *job,
		 const struct crypto_handlers *h)
{
	struct crypto_run *run;
	bool fresh = false;
	int err;

	if (!runp || !job || !h)
		return EINVAL;

	if (!*runp) {
		*runp = mem_zalloc(sizeof(**runp), run_destructor);
		fresh = true;
	}
	run = *runp;
	if (!run)
		return ENOMEM;

	run->h = *h;
	if (!fresh && job->active == run->job.active &&
	    job->mux == run->job.mux &&
	    fingerprint_equal(&job->peer, &run->job.peer))
		return 0;

	run->job = *job;
	err = run_begin(run);
	if (err && fresh)
		*runp = mem_deref(run);

	return err;
}


/* What is renewed takes the old one's place once it is through */
static void settle(struct side *s)
{
	if (!s->next || assoc_tick(s->next))
		return;

	if (s->fine) {
		mem_deref(s->now);
		s->now = s->next;
	}
	else {
		mem_deref(s->next);
	}
	s->next = NULL;
}


static bool input(struct crypto_run *run, enum crypto_part part,
		  struct mbuf *mb)
{
	struct side *s = &run->sidev[part == CRYPTO_RTCP ? 1 : 0];
	const uint8_t *p = mbuf_buf(mb);
	const size_t len = mbuf_get_left(mb);

	/* RFC 7983 */
	if (len < 13 || p[0] < 20 || p[0] > 63)
		return false;
	if (!s->now || run->failed)
		return true;

	/* the peer begins anew; it proves itself before anything changes */
	if (s->up && !run->job.active && !s->next && assoc_is_hello(p, len))
		(void)side_begin(s, &s->next);

	assoc_input(s->next ? s->next : s->now, p, len);
	settle(s);

	return true;
}


static bool side_tick(struct side *s, uint64_t now)
{
	if (!s->now)
		return false;
	if (!s->since)
		s->since = now;

	settle(s);
	if (s->next) {
		/* nobody finished what was begun: as it was */
		if (now - s->since > PATIENCE_US)
			s->next = mem_deref(s->next);
		return s->next != NULL;
	}

	if (s->up || !assoc_tick(s->now))
		return false;

	if (now - s->since > PATIENCE_US) {
		end_handler(ASSOC_FAILED, NULL,
			    "the other side did not answer for 10 seconds",
			    s);
		return false;
	}

	return true;
}


static bool tick(struct crypto_run *run, uint64_t now)
{
	bool busy = false;
	unsigned i;

	for (i = 0; i < PARTS && !run->failed; i++)
		busy |= side_tick(&run->sidev[i], now);

	return busy && !run->failed;
}


static struct media_crypto dtls_srtp = {
	.name = "dtls-srtp",
	.profiles = PROFILE_AVP | PROFILE_SAVP | PROFILE_TLS_SAVP,
	.handshake = true,
	.alloc = neg_alloc,
	.encode = encode,
	.decode = decode,
	.agree = agree,
	.start = start,
	.input = input,
	.tick = tick,
};


static int module_init(void)
{
	return media_crypto_register(&dtls_srtp);
}


static int module_close(void)
{
	media_crypto_unregister(&dtls_srtp);
	assoc_ctx_close();
	return 0;
}


OFFHOOK_MODULE_OF("dtls_srtp", "media_crypto", "dtls-srtp", module_init,
		  module_close);
