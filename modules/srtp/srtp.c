/**
 * @file srtp.c  SRTP and SRTCP by libsrtp2 (RFC 3711, 6188, 7714)
 *
 * One libsrtp session a direction, for whatever SSRC comes: a stream that
 * is new gets its state once its first packet was found genuine. RTCP has
 * the tag of the suite, but for the two suites of 32 bit it has 80
 * (RFC 4568 6.2). Some peers send 32 there, so what comes is tried both
 * ways and what fitted last is tried first.
 *
 * Config:   none
 * Requires: libsrtp2
 */
#include <errno.h>
#include <string.h>
#include <srtp2/srtp.h>

#include "module.h"

enum {
	RTP_MIN    = 12,
	RTCP_MIN   = 8,
	INDEX_SIZE = 4,          /**< Behind each SRTCP packet           */
	WINDOW     = 256         /**< Packets back that may come late    */
};

typedef void (policy_h)(srtp_crypto_policy_t *pol);

/* libsrtp has this one as a macro only */
static void policy_cm_128_80(srtp_crypto_policy_t *pol)
{
	srtp_crypto_policy_set_rtp_default(pol);
}


enum { SUITES = 6 };

static const struct suite {
	enum srtp_suite id;
	size_t key_len;          /* With the salt */
	size_t rtp_tag, rtcp_tag;
	policy_h *rtp, *rtcp;
	policy_h *rtcp_short;    /* What some send, NULL: nobody */
} suites[SUITES] = {
	{ SRTP_AES_256_GCM, 44, 16, 16,
	  srtp_crypto_policy_set_aes_gcm_256_16_auth,
	  srtp_crypto_policy_set_aes_gcm_256_16_auth, NULL },
	{ SRTP_AES_128_GCM, 28, 16, 16,
	  srtp_crypto_policy_set_aes_gcm_128_16_auth,
	  srtp_crypto_policy_set_aes_gcm_128_16_auth, NULL },
	{ SRTP_AES_256_CM_HMAC_SHA1_80, 46, 10, 10,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, NULL },
	{ SRTP_AES_CM_128_HMAC_SHA1_80, 30, 10, 10, policy_cm_128_80,
	  policy_cm_128_80, NULL },
	{ SRTP_AES_256_CM_HMAC_SHA1_32, 46, 4, 10,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
	  srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32 },
	{ SRTP_AES_CM_128_HMAC_SHA1_32, 30, 4, 10,
	  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, policy_cm_128_80,
	  srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32 },
};

struct srtp_ctx {
	const struct suite *suite;
	srtp_t sess;
	srtp_t rtcp;             /**< With the short tag, or NULL        */
	bool short_first;
	bool mki;                /**< Packets name their key             */
};


static const struct suite *suite_find(enum srtp_suite id)
{
	size_t i;

	for (i = 0; i < SUITES; i++) {
		if (suites[i].id == id)
			return &suites[i];
	}

	return NULL;
}


static int error(srtp_err_status_t st)
{
	switch (st) {

	case srtp_err_status_ok:
		return 0;

	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return EALREADY;

	case srtp_err_status_auth_fail:
	case srtp_err_status_cipher_fail:
		return EAUTH;

	case srtp_err_status_alloc_fail:
		return ENOMEM;

	case srtp_err_status_key_expired:
		return EKEYEXPIRED;

	default:
		return EBADMSG;
	}
}


static void destructor(void *arg)
{
	struct srtp_ctx *ctx = arg;

	/* libsrtp wipes what it was given */
	if (ctx->sess)
		(void)srtp_dealloc(ctx->sess);
	if (ctx->rtcp)
		(void)srtp_dealloc(ctx->rtcp);
}


static int session_make(srtp_t *sess, policy_h *rtp, policy_h *rtcp,
			const uint8_t *key, const struct srtp_mki *mki,
			bool send)
{
	srtp_master_key_t master, *masters = &master;
	srtp_policy_t pol;

	memset(&pol, 0, sizeof(pol));
	rtp(&pol.rtp);
	rtcp(&pol.rtcp);
	pol.ssrc.type = send ? ssrc_any_outbound : ssrc_any_inbound;
	pol.window_size = WINDOW;
	if (mki) {
		master.key = (uint8_t *)(uintptr_t)key;
		master.mki_id = (uint8_t *)(uintptr_t)mki->id;
		master.mki_size = (unsigned)mki->len;
		pol.keys = &masters;
		pol.num_master_keys = 1;
	}
	else {
		pol.key = (uint8_t *)(uintptr_t)key;
	}

	return error(srtp_create(sess, &pol));
}


static int ctx_alloc(struct srtp_ctx **ctxp, enum srtp_suite id,
		     const uint8_t *key, size_t len,
		     const struct srtp_mki *mki, bool send)
{
	const struct suite *suite = suite_find(id);
	struct srtp_ctx *ctx;
	int err;

	if (!suite)
		return ENOTSUP;
	if (!ctxp || !key || len != suite->key_len ||
	    (mki && (!mki->len || mki->len > sizeof(mki->id))))
		return EINVAL;

	ctx = mem_zalloc(sizeof(*ctx), destructor);
	if (!ctx)
		return ENOMEM;

	ctx->suite = suite;
	ctx->mki = mki != NULL;
	err = session_make(&ctx->sess, suite->rtp, suite->rtcp, key, mki,
			   send);
	if (!err && !send && suite->rtcp_short)
		err = session_make(&ctx->rtcp, suite->rtp,
				   suite->rtcp_short, key, mki, send);

	if (err)
		mem_deref(ctx);
	else
		*ctxp = ctx;

	return err;
}


typedef srtp_err_status_t (packet_h)(srtp_t sess, void *p, int *len,
				     unsigned mki);

static srtp_err_status_t rtp_out(srtp_t sess, void *p, int *len,
				 unsigned mki)
{
	return srtp_protect_mki(sess, p, len, mki, 0);
}


static srtp_err_status_t rtcp_out(srtp_t sess, void *p, int *len,
				  unsigned mki)
{
	return srtp_protect_rtcp_mki(sess, p, len, mki, 0);
}


/* One packet in place; min: what it must have at least */
static int packet(const struct srtp_ctx *ctx, srtp_t sess, packet_h *h,
		  struct mbuf *mb, size_t min)
{
	int len = (int)mbuf_get_left(mb);
	int err;

	if (mbuf_get_left(mb) < min || mbuf_get_left(mb) > UINT16_MAX)
		return EBADMSG;

	err = error(h(sess, mbuf_buf(mb), &len, ctx->mki));
	if (!err)
		mb->end = mb->pos + (size_t)len;

	return err;
}


static int room(struct mbuf *mb)
{
	const size_t need = mb->end + SRTP_TRAILER;

	return mb->size < need ? mbuf_resize(mb, need) : 0;
}


static int protect(struct srtp_ctx *ctx, struct mbuf *mb)
{
	int err = room(mb);

	return err ? err : packet(ctx, ctx->sess, rtp_out, mb, RTP_MIN);
}


static int unprotect(struct srtp_ctx *ctx, struct mbuf *mb)
{
	return packet(ctx, ctx->sess, srtp_unprotect_mki, mb,
		      RTP_MIN + ctx->suite->rtp_tag);
}


static int protect_rtcp(struct srtp_ctx *ctx, struct mbuf *mb)
{
	int err = room(mb);

	return err ? err : packet(ctx, ctx->sess, rtcp_out, mb, RTCP_MIN);
}


static int unprotect_rtcp(struct srtp_ctx *ctx, struct mbuf *mb)
{
	const size_t tag = ctx->rtcp ? ctx->suite->rtp_tag :
		ctx->suite->rtcp_tag;
	const size_t min = RTCP_MIN + INDEX_SIZE + tag;
	int err, other;

	if (!ctx->rtcp)
		return packet(ctx, ctx->sess, srtp_unprotect_rtcp_mki, mb,
			      min);

	/* A tag that does not fit leaves the packet as it was. Read with the
	   wrong length all else is wrong, too: no error is a sure sign */
	err = packet(ctx, ctx->short_first ? ctx->rtcp : ctx->sess,
		     srtp_unprotect_rtcp_mki, mb, min);
	if (!err)
		return 0;

	other = packet(ctx, ctx->short_first ? ctx->sess : ctx->rtcp,
		       srtp_unprotect_rtcp_mki, mb, min);
	if (other)
		return err;

	ctx->short_first = !ctx->short_first;

	return 0;
}


static struct srtp_engine engine = {
	.name = "libsrtp2",
	.alloc = ctx_alloc,
	.protect = protect,
	.unprotect = unprotect,
	.protect_rtcp = protect_rtcp,
	.unprotect_rtcp = unprotect_rtcp,
};


static int module_init(void)
{
	int err = error(srtp_init());

	return err ? err : srtp_engine_register(&engine);
}


static int module_close(void)
{
	srtp_engine_unregister(&engine);
	(void)srtp_shutdown();
	return 0;
}


OFFHOOK_MODULE("srtp", "srtp", module_init, module_close);
