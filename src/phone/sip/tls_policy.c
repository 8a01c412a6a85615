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

enum { NAMES_MAX = 4, DEPTH_MAX = 10 };

struct tls_policy {
	struct tls *tls;
	char *domain;
	char *server;
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

static int verify_handler(int ok, X509_STORE_CTX *sc)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		sc, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_policy *tp = policy(ssl);
	char names[160];
	X509 *cert;

	if (!tp)
		return 0;

	if (!ok) {
		if (!tp->reason[0])
			explain(tp, sc);
		return 0;
	}

	if (X509_STORE_CTX_get_error_depth(sc))
		return 1;

	cert = X509_STORE_CTX_get_current_cert(sc);
	if (cert_names(cert, tp->domain) || cert_names(cert, tp->server))
		return 1;

	cert_print(cert, names, sizeof(names));
	say(tp, "The server's certificate is for %s, not for %s", names,
	    tp->domain);
	X509_STORE_CTX_set_error(sc, X509_V_ERR_HOSTNAME_MISMATCH);

	return 0;
}

static void handshake_start(struct tls_policy *tp, SSL *ssl)
{
	const char *sni = tp->server && !is_ip(tp->server) ? tp->server :
		tp->domain;

	tp->verified = false;
	tp->reason[0] = '\0';

	/* RFC 6066 3: names only */
	if (!SSL_is_server(ssl) && !is_ip(sni) &&
	    !SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
		(void)SSL_set_tlsext_host_name(ssl, sni);
}

static void info_handler(const SSL *ssl, int where, int ret)
{
	struct tls_policy *tp = policy(ssl);

	if (!tp)
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

int tls_policy_alloc(struct tls_policy **tpp, const struct pl *domain,
		     const struct pl *server, const char *ca_file)
{
	struct tls_policy *tp;
	SSL_CTX *ctx;
	int err;

	if (!tpp || !domain)
		return EINVAL;

	if (ctx_index < 0)
		ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL,
						     NULL);

	tp = mem_zalloc(sizeof(*tp), destructor);
	if (!tp)
		return ENOMEM;

	err = pl_strdup(&tp->domain, domain);
	if (!err && pl_isset(server))
		err = pl_strdup(&tp->server, server);
	if (!err)
		err = tls_alloc(&tp->tls, TLS_METHOD_SSLV23, NULL, NULL);
	if (err)
		goto out;

	ctx = tls_openssl_context(tp->tls);
	err = load_cas(ctx, ca_file);
	if (err)
		goto out;

	(void)SSL_CTX_set_ex_data(ctx, ctx_index, tp);
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, verify_handler);
	SSL_CTX_set_verify_depth(ctx, DEPTH_MAX);
	SSL_CTX_set_info_callback(ctx, info_handler);

 out:
	if (err)
		mem_deref(tp);
	else
		*tpp = tp;

	return err;
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
