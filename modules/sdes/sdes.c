/**
 * @file sdes.c  Keys in SDP (RFC 4568)
 *
 * The offer has one line and one key for each suite; the answer names one
 * of them and brings the other direction's key. A key once made stays ours:
 * a new negotiation goes on with it, and so does the count of packets under
 * it. Only when it is nearly used up an offer brings others, which hold from
 * the answer on. The peer may bring a new one at any time.
 * Whoever reads the SDP reads the keys, so nothing is offered where the
 * signalling itself is not encrypted.
 *
 * Config:   none
 * Requires: nothing
 */
#include <errno.h>
#include <string.h>

#include "module.h"
#include "sdes_line.h"

enum { SUITES = 6, LINES_MAX = 32, VALUE_MAX = 160 };

struct crypto_neg {
	uint8_t keyv[SUITES][SDES_KEY_MAX];   /**< Ours, by sdes_rank() */
	uint8_t nextv[SUITES][SDES_KEY_MAX];  /**< Those to come        */
	bool renewing;
	struct sdes_line peer;                /**< What was agreed on   */
	bool agreed;
};

struct crypto_job {
	enum srtp_suite suite;
	size_t len;
	uint64_t lifetime;                    /**< Packets              */
	struct srtp_mki mki;                  /**< Of the peer's key    */
	uint8_t tx[SDES_KEY_MAX], rx[SDES_KEY_MAX];
};

struct crypto_run {
	struct crypto_job now;
	bool keyed;
};


/* ---- main loop ---- */

static void neg_destructor(void *arg)
{
	explicit_bzero(arg, sizeof(struct crypto_neg));
}


static int neg_alloc(struct crypto_neg **negp,
		     const struct crypto_param *prm)
{
	struct crypto_neg *neg;

	if (!negp || !prm)
		return EINVAL;

	neg = mem_zalloc(sizeof(*neg), neg_destructor);
	if (!neg)
		return ENOMEM;

	rand_bytes(&neg->keyv[0][0], sizeof(neg->keyv));

	*negp = neg;

	return 0;
}


static void renew(struct crypto_neg *neg)
{
	if (!neg || neg->renewing)
		return;

	rand_bytes(&neg->nextv[0][0], sizeof(neg->nextv));
	neg->renewing = true;
}


static int write_line(const struct crypto_neg *neg, bool offer,
		      enum srtp_suite suite, uint32_t tag, crypto_attr_h *h,
		      void *arg)
{
	const unsigned rank = sdes_rank(suite);
	struct sdes_line line;
	char value[VALUE_MAX];
	int err;

	memset(&line, 0, sizeof(line));
	line.tag = tag;
	line.suite = suite;
	line.key_len = sdes_key_len(suite);
	memcpy(line.key, offer && neg->renewing ? neg->nextv[rank] :
	       neg->keyv[rank], line.key_len);

	err = sdes_line_encode(value, sizeof(value), &line);
	if (!err)
		err = h(false, "crypto", value, arg);

	explicit_bzero(value, sizeof(value));
	explicit_bzero(&line, sizeof(line));

	return err;
}


static int encode(struct crypto_neg *neg, bool offer, crypto_attr_h *h,
		  void *arg)
{
	uint32_t i;
	int err = 0;

	if (!neg || !h)
		return EINVAL;

	if (!offer)
		return neg->agreed ? write_line(neg, false, neg->peer.suite,
						neg->peer.tag, h, arg) :
			EPROTO;

	for (i = 0; i < SDES_OFFERED && !err; i++)
		err = write_line(neg, true, sdes_offered[i], i + 1, h, arg);

	return err;
}


/* The best line of an offer; of an answer the one there is */
static int pick(struct sdes_line *best, const struct crypto_sdp *sdp)
{
	struct sdes_line line;
	const char *value;
	unsigned n, lines = 0;
	bool found = false;

	for (n = 0; n < LINES_MAX; n++) {
		value = sdp->attr(sdp, "crypto", n);
		if (!value)
			break;

		++lines;
		if (sdes_line_decode(&line, value))
			continue;

		if (!found || sdes_rank(line.suite) < sdes_rank(best->suite))
			*best = line;
		found = true;
	}
	explicit_bzero(&line, sizeof(line));

	if (!lines)
		return ENOENT;
	if (!found)
		return ENOTSUP;

	/* 5.1.2: an answer has one */
	return !sdp->offer && lines > 1 ? EPROTO : 0;
}


/* A key that comes back to us would encrypt both ways the same */
static bool is_ours(const struct crypto_neg *neg,
		    const struct sdes_line *line)
{
	const unsigned rank = sdes_rank(line->suite);

	return !mem_seccmp(line->key, neg->keyv[rank], line->key_len) ||
		(neg->renewing && !mem_seccmp(line->key, neg->nextv[rank],
					      line->key_len));
}


static int decode(struct crypto_neg *neg, const struct crypto_sdp *sdp)
{
	struct sdes_line line;
	int err;

	if (!neg || !sdp)
		return EINVAL;

	memset(&line, 0, sizeof(line));
	err = pick(&line, sdp);

	/* 5.1.3: the answer's tag says which of ours it means */
	if (!err && !sdp->offer &&
	    (line.tag < 1 || line.tag > SDES_OFFERED ||
	     sdes_offered[line.tag - 1] != line.suite))
		err = EPROTO;

	if (!err && is_ours(neg, &line))
		err = EPROTO;

	if (!err) {
		neg->peer = line;
		neg->agreed = true;
	}

	/* our offer was answered: what it brought holds */
	if (!err && !sdp->offer && neg->renewing) {
		memcpy(neg->keyv, neg->nextv, sizeof(neg->keyv));
		neg->renewing = false;
	}
	explicit_bzero(&line, sizeof(line));

	return err;
}


static void job_destructor(void *arg)
{
	explicit_bzero(arg, sizeof(struct crypto_job));
}


static int agree(struct crypto_job **jobp, struct crypto_neg *neg)
{
	struct crypto_job *job;

	if (!jobp || !neg || !neg->agreed)
		return EINVAL;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	job->suite = neg->peer.suite;
	job->len = neg->peer.key_len;
	job->lifetime = neg->peer.lifetime;
	job->mki.len = neg->peer.mki_len;
	memcpy(job->mki.id, neg->peer.mki, neg->peer.mki_len);
	memcpy(job->tx, neg->keyv[sdes_rank(job->suite)], job->len);
	memcpy(job->rx, neg->peer.key, job->len);

	*jobp = job;

	return 0;
}


/* ---- media loop ---- */

static void run_destructor(void *arg)
{
	explicit_bzero(arg, sizeof(struct crypto_run));
}


static void tell(const struct crypto_run *run,
		 const struct crypto_handlers *h)
{
	char details[128];
	const struct crypto_info info = { .details = details };

	(void)re_snprintf(details, sizeof(details),
			  "Keys: in the call's signalling (SDES)\n"
			  "Sound: %s", srtp_suite_name(run->now.suite));
	h->eventh(CRYPTO_SECURE, &info, h->arg);
}


/* A key that stays keeps its count of packets: it is not given again */
static int start(struct crypto_run **runp, struct crypto_job *job,
		 const struct crypto_handlers *h)
{
	struct crypto_keys keys;
	struct crypto_run *run;
	bool same;

	if (!runp || !job || !h)
		return EINVAL;

	if (!*runp)
		*runp = mem_zalloc(sizeof(**runp), run_destructor);
	run = *runp;
	if (!run)
		return ENOMEM;

	memset(&keys, 0, sizeof(keys));
	keys.suite = job->suite;
	keys.parts = CRYPTO_RTP | CRYPTO_RTCP;
	/* the line speaks of the peer's own key; who enforces it for both
	   is content, too */
	keys.lifetime = job->lifetime;
	keys.rx_mki = job->mki.len ? &job->mki : NULL;

	same = run->keyed && run->now.suite == job->suite;
	if (!same || mem_seccmp(run->now.tx, job->tx, job->len)) {
		keys.tx = job->tx;
		keys.tx_len = job->len;
	}
	if (!same || mem_seccmp(run->now.rx, job->rx, job->len) ||
	    run->now.mki.len != job->mki.len ||
	    memcmp(run->now.mki.id, job->mki.id, job->mki.len)) {
		keys.rx = job->rx;
		keys.rx_len = job->len;
	}

	run->now = *job;
	run->keyed = true;
	if (keys.tx || keys.rx) {
		h->keysh(&keys, h->arg);
		tell(run, h);
	}

	return 0;
}


static struct media_crypto sdes = {
	.name = "sdes",
	.profiles = PROFILE_AVP | PROFILE_SAVP,
	.alloc = neg_alloc,
	.encode = encode,
	.decode = decode,
	.renew = renew,
	.agree = agree,
	.start = start,
};


static int module_init(void)
{
	return media_crypto_register(&sdes);
}


static int module_close(void)
{
	media_crypto_unregister(&sdes);
	return 0;
}


OFFHOOK_MODULE("sdes", "media_crypto", module_init, module_close);
