/**
 * @file assoc.c  One DTLS association (RFC 6347, 5764)
 *
 * OpenSSL does the protocol; datagrams go in and out through a BIO of our
 * own, so that each write stays one datagram. The peer proves who it is by
 * the certificate whose fingerprint was in the SDP and by nothing else: it
 * is compared while the handshake runs, so that with anybody else there is
 * never a finished one. A handshake that ends without a protection profile
 * is a failure (RFC 5764 4.1).
 */
#include <errno.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "assoc.h"

enum {
	MTU          = 1200,
	DATAGRAM_MAX = 2048,
	FIRST_US     = 100000,       /**< Until a flight is repeated     */
	LAST_US      = 1000000
};

static const char offered[] = "SRTP_AEAD_AES_256_GCM:"
	"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

/* A client that has nothing better gets this */
static const char accepted[] = "SRTP_AEAD_AES_256_GCM:"
	"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:"
	"SRTP_AES128_CM_SHA1_32";

static const struct {
	unsigned long id;
	enum srtp_suite suite;
	size_t key, salt;
} profiles[] = {
	{ SRTP_AEAD_AES_256_GCM, SRTP_AES_256_GCM, 32, 12 },
	{ SRTP_AEAD_AES_128_GCM, SRTP_AES_128_GCM, 16, 12 },
	{ SRTP_AES128_CM_SHA1_80, SRTP_AES_CM_128_HMAC_SHA1_80, 16, 14 },
	{ SRTP_AES128_CM_SHA1_32, SRTP_AES_CM_128_HMAC_SHA1_32, 16, 14 },
};

struct assoc {
	SSL *ssl;
	struct assoc_handlers h;
	struct fingerprint peer;
	const uint8_t *in;           /**< The datagram that is read      */
	size_t in_len;
	struct mbuf *mb;             /**< The datagram that is written   */
	bool wrong;
	bool over;                   /**< endh was called                */
};

static struct {
	SSL_CTX *ctx;
	BIO_METHOD *bio;
	struct fingerprint own;
} g;


/* ---- datagrams in and out ---- */

static int bio_write(BIO *bio, const char *p, int len)
{
	struct assoc *a = BIO_get_data(bio);

	if (!a || len <= 0)
		return -1;

	a->mb->pos = a->mb->end = 0;
	if (mbuf_write_mem(a->mb, (const uint8_t *)p, (size_t)len))
		return -1;
	a->mb->pos = 0;

	/* what cannot be sent now is a lost packet */
	(void)a->h.sendh(a->mb, a->h.arg);

	return len;
}


static int bio_read(BIO *bio, char *p, int len)
{
	struct assoc *a = BIO_get_data(bio);
	size_t n;

	BIO_clear_retry_flags(bio);
	if (!a || !a->in || len <= 0) {
		BIO_set_retry_read(bio);
		return -1;
	}

	n = a->in_len < (size_t)len ? a->in_len : (size_t)len;
	memcpy(p, a->in, n);
	a->in = NULL;

	return (int)n;
}


static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	(void)bio;
	(void)num;
	(void)ptr;

	switch (cmd) {

	case BIO_CTRL_FLUSH:
		return 1;

	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return MTU;

	default:
		return 0;
	}
}


static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}


static BIO_METHOD *bio_method(void)
{
	const int type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK;
	BIO_METHOD *m = BIO_meth_new(type, "datagrams");

	if (!m)
		return NULL;

	if (!BIO_meth_set_write(m, bio_write) ||
	    !BIO_meth_set_read(m, bio_read) ||
	    !BIO_meth_set_ctrl(m, bio_ctrl) ||
	    !BIO_meth_set_create(m, bio_create)) {
		BIO_meth_free(m);
		return NULL;
	}

	return m;
}


/* ---- our certificate ---- */

static bool digest(struct fingerprint *fp, const X509 *cert)
{
	const EVP_MD *md = fp->hash == FINGERPRINT_SHA512 ? EVP_sha512() :
		fp->hash == FINGERPRINT_SHA384 ? EVP_sha384() : EVP_sha256();
	unsigned n = sizeof(fp->md);

	if (!X509_digest(cert, md, fp->md, &n))
		return false;
	fp->len = n;

	return true;
}


/* P-256, for thirty days: it lives as long as the phone runs. The name
 * tells nothing about anybody. */
static X509 *certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name;
	bool ok;

	if (!cert)
		return NULL;

	name = X509_get_subject_name(cert);
	ok = X509_set_version(cert, 2) &&
		ASN1_INTEGER_set(X509_get_serialNumber(cert),
				 (long)(rand_u32() >> 1)) &&
		X509_gmtime_adj(X509_getm_notBefore(cert), -86400L) &&
		X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * 30) &&
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					   (const unsigned char *)"phone",
					   -1, -1, 0) &&
		X509_set_issuer_name(cert, name) &&
		X509_set_pubkey(cert, key) &&
		X509_sign(cert, key, EVP_sha256());
	if (!ok) {
		X509_free(cert);
		return NULL;
	}

	return cert;
}


/* The whole of the peer's authentication */
static int verify(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store,
				SSL_get_ex_data_X509_STORE_CTX_idx());
	struct assoc *a = SSL_get_app_data(ssl);
	const X509 *cert = X509_STORE_CTX_get0_cert(store);
	struct fingerprint fp;
	(void)arg;

	memset(&fp, 0, sizeof(fp));
	fp.hash = a->peer.hash;
	if (cert && digest(&fp, cert) && fingerprint_equal(&fp, &a->peer))
		return 1;

	a->wrong = true;
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);

	return 0;
}


static bool ctx_set_up(SSL_CTX *ctx, EVP_PKEY *key, X509 *cert)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
			   SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
	SSL_CTX_set_read_ahead(ctx, 1);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU |
				  SSL_OP_NO_TICKET |
				  SSL_OP_NO_RENEGOTIATION);

	return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) &&
		SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:"
					"ECDHE+AES:!aNULL") &&
		SSL_CTX_use_certificate(ctx, cert) &&
		SSL_CTX_use_PrivateKey(ctx, key);
}


SSL_CTX *assoc_ctx(struct fingerprint *own)
{
	EVP_PKEY *key;
	X509 *cert;

	if (!g.ctx) {
		key = EVP_EC_gen("P-256");
		cert = key ? certificate(key) : NULL;
		g.own.hash = FINGERPRINT_SHA256;
		g.bio = bio_method();
		g.ctx = SSL_CTX_new(DTLS_method());
		if (!g.ctx || !g.bio || !cert || !digest(&g.own, cert) ||
		    !ctx_set_up(g.ctx, key, cert))
			assoc_ctx_close();

		X509_free(cert);
		EVP_PKEY_free(key);
	}

	if (g.ctx)
		*own = g.own;

	return g.ctx;
}


void assoc_ctx_close(void)
{
	SSL_CTX_free(g.ctx);
	BIO_meth_free(g.bio);
	memset(&g, 0, sizeof(g));
}


/* ---- the handshake ---- */

static void destructor(void *arg)
{
	struct assoc *a = arg;

	SSL_free(a->ssl);
	mem_deref(a->mb);
}


static unsigned timer(SSL *ssl, unsigned us)
{
	(void)ssl;

	return !us ? FIRST_US : us * 2 < LAST_US ? us * 2 : LAST_US;
}


int assoc_alloc(struct assoc **ap, SSL_CTX *ctx, bool active,
		const struct fingerprint *peer,
		const struct assoc_handlers *h)
{
	struct assoc *a;
	BIO *bio;
	int err = ENOMEM;

	if (!ap || !ctx || !peer || !h || !h->sendh || !h->endh)
		return EINVAL;

	a = mem_zalloc(sizeof(*a), destructor);
	if (!a)
		return ENOMEM;

	a->h = *h;
	a->peer = *peer;
	a->mb = mbuf_alloc(DATAGRAM_MAX);
	a->ssl = SSL_new(ctx);
	bio = BIO_new(g.bio);
	if (!a->mb || !a->ssl || !bio) {
		BIO_free(bio);
		goto out;
	}

	BIO_set_data(bio, a);
	SSL_set_bio(a->ssl, bio, bio);
	SSL_set_app_data(a->ssl, a);
	(void)SSL_set_mtu(a->ssl, MTU);
	DTLS_set_timer_cb(a->ssl, timer);

	/* 0 is success here */
	if (SSL_set_tlsext_use_srtp(a->ssl, active ? offered : accepted))
		goto out;

	if (active)
		SSL_set_connect_state(a->ssl);
	else
		SSL_set_accept_state(a->ssl);
	err = 0;

 out:
	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


static void peer_key(char *buf, size_t size, SSL *ssl)
{
	X509 *cert = SSL_get1_peer_certificate(ssl);
	EVP_PKEY *key = cert ? X509_get0_pubkey(cert) : NULL;
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;

	(void)re_snprintf(buf, size, "%s %d bit", type ? type : "?",
			  key ? EVP_PKEY_get_bits(key) : 0);
	X509_free(cert);
}


/* RFC 5764 4.2: client key, server key, client salt, server salt */
static int export(struct assoc *a, struct assoc_result *res)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	const SRTP_PROTECTION_PROFILE *prof;
	uint8_t block[2 * ASSOC_KEY_MAX];
	size_t i, key, salt;

	prof = SSL_get_selected_srtp_profile(a->ssl);
	if (!prof)
		return ENOENT;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (profiles[i].id == prof->id)
			break;
	}
	if (i == sizeof(profiles) / sizeof(profiles[0]))
		return ENOENT;

	key = profiles[i].key;
	salt = profiles[i].salt;
	res->suite = profiles[i].suite;
	res->len = key + salt;

	if (SSL_export_keying_material(a->ssl, block, 2 * res->len, label,
				       sizeof(label) - 1, NULL, 0, 0) != 1)
		return EPROTO;

	memcpy(res->client, block, key);
	memcpy(res->server, block + key, key);
	memcpy(res->client + key, block + 2 * key, salt);
	memcpy(res->server + key, block + 2 * key + salt, salt);
	explicit_bzero(block, sizeof(block));

	return 0;
}


static void end(struct assoc *a, enum assoc_end what,
		const struct assoc_result *res, const char *text)
{
	a->over = true;
	a->h.endh(what, res, text, a->h.arg);
}


static void finished(struct assoc *a)
{
	struct assoc_result res;

	memset(&res, 0, sizeof(res));
	if (export(a, &res)) {
		end(a, ASSOC_FAILED, NULL, "the other side knows DTLS, but "
		    "no way to protect sound by it");
	}
	else {
		str_ncpy(res.version, SSL_get_version(a->ssl),
			 sizeof(res.version));
		str_ncpy(res.cipher, SSL_get_cipher_name(a->ssl),
			 sizeof(res.cipher));
		peer_key(res.peer_key, sizeof(res.peer_key), a->ssl);
		end(a, ASSOC_UP, &res, NULL);
	}
	explicit_bzero(&res, sizeof(res));
}


static void failed(struct assoc *a)
{
	const unsigned long e = ERR_peek_last_error();
	const char *why = e ? ERR_reason_error_string(e) : NULL;

	if (a->wrong)
		end(a, ASSOC_WRONG_PEER, NULL, NULL);
	else
		end(a, ASSOC_FAILED, NULL, why ? why : "DTLS failed");
	ERR_clear_error();
}


static void step(struct assoc *a)
{
	char junk[64];
	int n, e;

	ERR_clear_error();

	if (SSL_is_init_finished(a->ssl)) {
		/* repeats the last flight if the peer asks; no data is ours */
		while (SSL_read(a->ssl, junk, sizeof(junk)) > 0)
			;
		ERR_clear_error();
		return;
	}

	n = SSL_do_handshake(a->ssl);
	if (n == 1) {
		if (!a->over)
			finished(a);
		return;
	}

	e = SSL_get_error(a->ssl, n);
	if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE &&
	    !a->over)
		failed(a);
}


void assoc_input(struct assoc *a, const uint8_t *p, size_t len)
{
	if (!a || !p || (a->over && !SSL_is_init_finished(a->ssl)))
		return;

	a->in = p;
	a->in_len = len;
	step(a);
	a->in = NULL;
}


bool assoc_tick(struct assoc *a)
{
	if (!a || a->over)
		return false;

	/* the client's first flight begins here */
	if (SSL_get_state(a->ssl) == TLS_ST_BEFORE && !SSL_is_server(a->ssl))
		step(a);
	else if (DTLSv1_handle_timeout(a->ssl) < 0 && !a->over)
		failed(a);

	return !a->over;
}


bool assoc_is_hello(const uint8_t *p, size_t len)
{
	/* handshake, epoch 0, ClientHello (RFC 6347 4.1, 4.2.2) */
	return len > 25 && p[0] == 22 && p[1] == 0xfe && !p[3] && !p[4] &&
		p[13] == 1;
}
