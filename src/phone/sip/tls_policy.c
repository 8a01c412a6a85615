/**
 * @file tls_policy.c  Which TLS server is believed (RFC 5922)
 *
 * OpenSSL checks the chain and asks verify_handler() about each link; at
 * the end certificate the name is compared there, by hand, because a SIP
 * certificate may carry its domain as a URI (sip:example.org) and because
 * two names are good: the account's domain and the server the user typed.
 * Both were typed by the user, neither came from DNS. libre keeps no seat
 * for us on its connections, so the policy hangs on the SSL_CTX.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "common/log.h"
#include "common/text.h"
#include "tls_policy.h"

enum { NAMES_MAX = 4, DEPTH_MAX = 10, PIN_SIZE = 32 };

struct tls_policy {
	struct tls *tls;
	char *domain;
	char *server;
	char *expected;          /* Host of the next call, direct        */
	uint8_t pin[PIN_SIZE];
	bool pinned;
	struct tls_cert cert;    /* As the last server showed it         */
	char reason[256];
	bool verified;
};

static int ctx_index = -1;

static void destructor(void *arg)
{
	struct tls_policy *tp = arg;

	/* a connection may outlive us inside libre */
	if (tp->tls)
		(void)SSL_CTX_set_ex_data(tls_openssl_context(tp->tls),
					  ctx_index, NULL);
	mem_deref(tp->tls);
	mem_deref(tp->domain);
	mem_deref(tp->server);
	mem_deref(tp->expected);
}

static struct tls_policy *policy(const SSL *ssl)
{
	return ssl ? SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ctx_index) :
		NULL;
}

static bool is_ip(const char *host)
{
	struct sa sa;

	return 0 == sa_set_str(&sa, host, 0);
}

static void say(struct tls_policy *tp, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (re_vsnprintf(tp->reason, sizeof(tp->reason), fmt, ap) < 0)
		tp->reason[sizeof(tp->reason) - 1] = '\0';
	va_end(ap);

	warning("sip: tls: %s\n", tp->reason);
}

/* RFC 5922 7.1: a URI with a user part names no domain */
static bool uri_names(const GENERAL_NAME *gn, const char *host)
{
	const char *p = (const char *)ASN1_STRING_get0_data(gn->d.ia5);
	size_t len = (size_t)ASN1_STRING_length(gn->d.ia5);
	size_t hl = strlen(host);

	if (len == hl + 4 && !strncasecmp(p, "sip:", 4))
		p += 4;
	else if (len == hl + 5 && !strncasecmp(p, "sips:", 5))
		p += 5;
	else
		return false;

	return !strncasecmp(p, host, hl);
}

static bool cert_names_uri(X509 *cert, const char *host)
{
	GENERAL_NAMES *names;
	bool found = false;
	int i;

	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *gn = sk_GENERAL_NAME_value(names, i);

		found = gn->type == GEN_URI && uri_names(gn, host);
	}
	GENERAL_NAMES_free(names);

	return found;
}

static bool cert_names(X509 *cert, const char *host)
{
	if (!host)
		return false;
	if (is_ip(host))
		return 1 == X509_check_ip_asc(cert, host, 0);

	return cert_names_uri(cert, host) ||
		1 == X509_check_host(cert, host, 0,
				     X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
				     NULL);
}

static size_t add_name(char *buf, size_t size, size_t pos, const char *p,
		       size_t len)
{
	char *text = text_clean(p, len, TEXT_NAME);
	int n;

	if (!text || pos >= size)
		n = 0;
	else
		n = re_snprintf(buf + pos, size - pos, "%s%s",
				pos ? ", " : "", text);
	free(text);

	return n > 0 ? pos + (size_t)n : pos;
}

/* The names a certificate is for, to be read by people */
static void cert_print(X509 *cert, char *buf, size_t size)
{
	GENERAL_NAMES *names;
	size_t pos = 0;
	int i, n = 0;

	buf[0] = '\0';
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (i = 0; n < NAMES_MAX && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *gn = sk_GENERAL_NAME_value(names, i);

		if (gn->type != GEN_DNS && gn->type != GEN_URI)
			continue;
		pos = add_name(buf, size, pos, (const char *)
			       ASN1_STRING_get0_data(gn->d.ia5),
			       (size_t)ASN1_STRING_length(gn->d.ia5));
		++n;
	}
	GENERAL_NAMES_free(names);

	if (!n) {
		char cn[128];
		int len = X509_NAME_get_text_by_NID(
			X509_get_subject_name(cert), NID_commonName, cn,
			sizeof(cn));

		if (len > 0)
			(void)add_name(buf, size, 0, cn, (size_t)len);
	}
	if (!buf[0])
		(void)re_snprintf(buf, size, "nobody");
}

static void issuer_print(X509 *cert, char *buf, size_t size)
{
	char cn[128];
	int len;

	buf[0] = '\0';
	len = cert ? X509_NAME_get_text_by_NID(X509_get_issuer_name(cert),
					       NID_commonName, cn,
					       sizeof(cn)) : -1;
	if (len > 0)
		(void)add_name(buf, size, 0, cn, (size_t)len);
	else
		(void)re_snprintf(buf, size, "unnamed");
}

static void date_print(const ASN1_TIME *t, char *buf, size_t size)
{
	struct tm tm;

	if (!t || !ASN1_TIME_to_tm(t, &tm) ||
	    !strftime(buf, size, "%Y-%m-%d", &tm))
		(void)re_snprintf(buf, size, "an unknown day");
}

static void explain(struct tls_policy *tp, X509_STORE_CTX *sc)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(sc);
	int code = X509_STORE_CTX_get_error(sc);
	char text[160];

	switch (code) {

	case X509_V_ERR_CERT_HAS_EXPIRED:
		date_print(cert ? X509_get0_notAfter(cert) : NULL, text,
			   sizeof(text));
		say(tp, "The server's certificate expired on %s", text);
		break;

	case X509_V_ERR_CERT_NOT_YET_VALID:
		date_print(cert ? X509_get0_notBefore(cert) : NULL, text,
			   sizeof(text));
		say(tp, "The server's certificate is not valid before %s",
		    text);
		break;

	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		issuer_print(cert, text, sizeof(text));
		say(tp, "The server's certificate was issued by an authority"
		    " that is not known here (%s)", text);
		break;

	default:
		say(tp, "The server's certificate is not valid: %s",
		    X509_verify_cert_error_string(code));
		break;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;

	return -1;
}

static bool pin_read(uint8_t *pin, const char *hex)
{
	size_t n;

	for (n = 0; n < PIN_SIZE; n++) {
		int hi, lo;

		if (*hex == ':' && n)
			++hex;
		hi = hex_digit(*hex);
		lo = hi < 0 ? -1 : hex_digit(hex[1]);
		if (lo < 0)
			return false;
		pin[n] = (uint8_t)(hi << 4 | lo);
		hex += 2;
	}

	return !*hex;
}

bool tls_pin_valid(const char *pin)
{
	uint8_t buf[PIN_SIZE];

	return pin && pin_read(buf, pin);
}

/* Keep what it says, for whoever must decide about it */
static void cert_note(struct tls_policy *tp, X509 *cert,
		      const uint8_t *digest)
{
	struct tls_cert *c = &tp->cert;
	size_t i;

	memset(c, 0, sizeof(*c));
	cert_print(cert, c->names, sizeof(c->names));
	issuer_print(cert, c->issuer, sizeof(c->issuer));
	date_print(X509_get0_notBefore(cert), c->from, sizeof(c->from));
	date_print(X509_get0_notAfter(cert), c->until, sizeof(c->until));
	for (i = 0; i < PIN_SIZE; i++)
		(void)re_snprintf(c->sha256 + 3 * i,
				  sizeof(c->sha256) - 3 * i, "%02X",
				  digest[i]);
	for (i = 1; i < PIN_SIZE; i++)
		c->sha256[3 * i - 1] = ':';
}

static int refuse(struct tls_policy *tp, X509_STORE_CTX *sc, int code)
{
	str_ncpy(tp->cert.reason, tp->reason, sizeof(tp->cert.reason));
	X509_STORE_CTX_set_error(sc, code);

	return 0;
}

static int verify_pin(struct tls_policy *tp, X509_STORE_CTX *sc,
		      const uint8_t *digest)
{
	if (!CRYPTO_memcmp(digest, tp->pin, PIN_SIZE)) {
		tp->cert.pinned = true;
		X509_STORE_CTX_set_error(sc, X509_V_OK);
		return 1;
	}

	if (!tp->reason[0])
		say(tp, "The server shows another certificate than the one"
		    " that was pinned for this account: look at it with"
		    " \"account cert\" before you pin the new one");

	return refuse(tp, sc, X509_V_ERR_APPLICATION_VERIFICATION);
}

static int verify_name(struct tls_policy *tp, X509_STORE_CTX *sc, X509 *cert)
{
	if (cert_names(cert, tp->domain) || cert_names(cert, tp->server) ||
	    cert_names(cert, tp->expected))
		return 1;

	say(tp, "The server's certificate is for %s, not for %s",
	    tp->cert.names, tp->expected ? tp->expected : tp->domain);

	return refuse(tp, sc, X509_V_ERR_HOSTNAME_MISMATCH);
}

static int verify_handler(int ok, X509_STORE_CTX *sc)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		sc, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_policy *tp = policy(ssl);
	X509 *leaf = X509_STORE_CTX_get0_cert(sc);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (!tp || !leaf || !X509_digest(leaf, EVP_sha256(), digest, &len))
		return 0;

	if (!tp->cert.names[0])
		cert_note(tp, leaf, digest);

	if (tp->pinned)
		return verify_pin(tp, sc, digest);

	if (!ok) {
		if (!tp->reason[0])
			explain(tp, sc);
		return refuse(tp, sc, X509_STORE_CTX_get_error(sc));
	}

	if (X509_STORE_CTX_get_error_depth(sc))
		return 1;

	return verify_name(tp, sc, leaf);
}

static void handshake_start(struct tls_policy *tp, SSL *ssl)
{
	const char *sni = tp->server && !is_ip(tp->server) ? tp->server :
		tp->domain;

	/* whoever calls us shows no certificate, and need not */
	if (SSL_is_server(ssl)) {
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
		return;
	}

	if (tp->expected)
		sni = tp->expected;
	tp->verified = false;
	tp->reason[0] = '\0';
	memset(&tp->cert, 0, sizeof(tp->cert));

	/* RFC 6066 3: names only */
	if (!is_ip(sni) &&
	    !SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		(void)SSL_set_tlsext_host_name(ssl, sni);
}

static void info_handler(const SSL *ssl, int where, int ret)
{
	struct tls_policy *tp = policy(ssl);

	if (!tp)
		return;

	if (SSL_is_server(ssl) && SSL_get_state(ssl) != TLS_ST_BEFORE)
		return;

	/* TLS 1.3 tells of a new start for each ticket after the first */
	if ((where & SSL_CB_HANDSHAKE_START) && !SSL_is_init_finished(ssl)) {
		if (SSL_get_state(ssl) == TLS_ST_BEFORE)
			handshake_start(tp, (SSL *)ssl);
	}
	else if (where & SSL_CB_HANDSHAKE_DONE) {
		tp->verified = SSL_get_verify_result(ssl) == X509_V_OK;
		tp->reason[0] = '\0';
	}
	else if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
		 !tp->reason[0] && SSL_in_init(ssl)) {
		say(tp, "The server refused the secure connection: %s",
		    SSL_alert_desc_string_long(ret));
	}
}

/* A folder of authorities under their hashes is read when one is wanted;
   the one big file beside it would take 50 ms at once */
static bool hashed(const char *dir)
{
	const struct dirent *e;
	bool found = false;
	DIR *d = dir ? opendir(dir) : NULL;

	if (!d)
		return false;

	while (!found && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');

		found = dot && !strcmp(dot, ".0");
	}
	(void)closedir(d);

	return found;
}

static int load_system(SSL_CTX *ctx)
{
	const char *dir = getenv(X509_get_default_cert_dir_env());

	if (!dir)
		dir = X509_get_default_cert_dir();
	if (!getenv(X509_get_default_cert_file_env()) && hashed(dir))
		return SSL_CTX_set_default_verify_dir(ctx);

	return SSL_CTX_set_default_verify_paths(ctx);
}

static int load_cas(SSL_CTX *ctx, const char *ca_file)
{
	int ok;

	if (ca_file) {
		if (access(ca_file, R_OK))
			return ENOENT;
		ok = SSL_CTX_load_verify_locations(ctx, ca_file, NULL);
	}
	else {
		ok = load_system(ctx);
	}
	ERR_clear_error();

	return ok ? 0 : ENOENT;
}

static int load_own(SSL_CTX *ctx, const char *file)
{
	int ok = SSL_CTX_use_certificate_chain_file(ctx, file) == 1 &&
		SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM) == 1
		&& SSL_CTX_check_private_key(ctx) == 1;

	ERR_clear_error();

	return ok ? 0 : EKEYREJECTED;
}

static int make(struct tls_policy *tp, const struct tls_policy_conf *conf)
{
	SSL_CTX *ctx;
	int err;

	err = pl_strdup(&tp->domain, conf->domain);
	if (!err && pl_isset(conf->server))
		err = pl_strdup(&tp->server, conf->server);
	if (!err)
		err = tls_alloc(&tp->tls, TLS_METHOD_SSLV23, NULL, NULL);
	if (err)
		return err;

	if (str_isset(conf->pin)) {
		tp->pinned = true;
		if (!pin_read(tp->pin, conf->pin))
			return EINVAL;
	}

	ctx = tls_openssl_context(tp->tls);
	err = load_cas(ctx, conf->ca_file);
	if (!err && str_isset(conf->own_cert))
		err = load_own(ctx, conf->own_cert);
	if (err)
		return err;

	(void)SSL_CTX_set_ex_data(ctx, ctx_index, tp);
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, verify_handler);
	SSL_CTX_set_verify_depth(ctx, DEPTH_MAX);
	SSL_CTX_set_info_callback(ctx, info_handler);

	return 0;
}

int tls_policy_alloc(struct tls_policy **tpp,
		     const struct tls_policy_conf *conf)
{
	struct tls_policy *tp;
	int err;

	if (!tpp || !conf || !conf->domain)
		return EINVAL;

	if (ctx_index < 0)
		ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL,
						     NULL);

	tp = mem_zalloc(sizeof(*tp), destructor);
	if (!tp)
		return ENOMEM;

	err = make(tp, conf);
	if (err)
		mem_deref(tp);
	else
		*tpp = tp;

	return err;
}

void tls_policy_expect(struct tls_policy *tp, const struct pl *host)
{
	if (!tp)
		return;

	tp->expected = mem_deref(tp->expected);
	if (pl_isset(host))
		(void)pl_strdup(&tp->expected, host);
}

const struct tls_cert *tls_policy_cert(const struct tls_policy *tp)
{
	return tp && tp->cert.names[0] ? &tp->cert : NULL;
}

struct tls *tls_policy_tls(const struct tls_policy *tp)
{
	return tp ? tp->tls : NULL;
}

const char *tls_policy_reason(const struct tls_policy *tp)
{
	return tp ? tp->reason : "";
}

bool tls_policy_verified(const struct tls_policy *tp)
{
	return tp && tp->verified;
}
