/**
 * @file tls_test.c  Which TLS server is believed: real handshakes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/re_compat.h"
#include "phone/sip/registration.h"
#include "phone/sip/stack.h"
#include "loop.h"
#include "sip_server.h"
#include "suite.h"

enum { DAY = 24 * 3600 };

static char dir[] = "/tmp/offhook-tls-XXXXXX";
static char ca_path[64], other_path[64], cert_path[64];
static EVP_PKEY *ca_key, *other_key;
static X509 *ca_cert, *other_cert;

static struct server server;
static struct tls *server_tls;
static struct stack *stack;
static struct registration *reg;

static EVP_PKEY *make_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_non_null(key);

	return key;
}

static void add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

/* A certificate valid from..to seconds from now; san NULL: an authority */
static X509 *make_cert(EVP_PKEY *key, const char *cn, const char *san,
		       long from, long to, X509 *issuer, EVP_PKEY *ikey)
{
	static long serial = 1;
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	(void)X509_set_version(cert, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), from);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), to);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					 (const unsigned char *)cn, -1, -1,
					 0);
	(void)X509_set_issuer_name(cert, issuer ?
				   X509_get_subject_name(issuer) : name);
	(void)X509_set_pubkey(cert, key);
	add_ext(cert, issuer ? issuer : cert, NID_basic_constraints,
		san ? "CA:FALSE" : "critical,CA:TRUE");
	if (san && *san)
		add_ext(cert, issuer ? issuer : cert, NID_subject_alt_name,
			san);
	assert_true(X509_sign(cert, ikey ? ikey : key, EVP_sha256()) > 0);

	return cert;
}

static void write_pem(const char *path, X509 *cert, EVP_PKEY *key)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	if (key)
		assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0,
						      NULL, NULL), 1);
	assert_int_equal(PEM_write_X509(f, cert), 1);
	assert_int_equal(fclose(f), 0);
}

static int group_setup(void **state)
{
	(void)state;

	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(ca_path, sizeof(ca_path), "%s/ca.pem", dir);
	(void)snprintf(other_path, sizeof(other_path), "%s/other.pem", dir);
	(void)snprintf(cert_path, sizeof(cert_path), "%s/cert.pem", dir);

	ca_key = make_key();
	ca_cert = make_cert(ca_key, "Test CA", NULL, -DAY, DAY, NULL, NULL);
	write_pem(ca_path, ca_cert, NULL);
	other_key = make_key();
	other_cert = make_cert(other_key, "Other CA", NULL, -DAY, DAY, NULL,
			       NULL);
	write_pem(other_path, other_cert, NULL);

	return 0;
}

static int group_teardown(void **state)
{
	(void)state;

	X509_free(ca_cert);
	X509_free(other_cert);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(other_key);
	(void)unlink(ca_path);
	(void)unlink(other_path);
	(void)unlink(cert_path);

	return rmdir(dir);
}

static int teardown(void **state)
{
	(void)state;

	reg = mem_deref(reg);
	stack = mem_deref(stack);
	if (server.sip)
		server_stop(&server);
	server_tls = mem_deref(server_tls);
	loop_spin(1);

	return 0;
}

static void serve(const char *cn, const char *san, long from, long to,
		  bool self)
{
	EVP_PKEY *key = make_key();
	X509 *cert;

	cert = self ? make_cert(key, cn, san, from, to, NULL, NULL) :
		make_cert(key, cn, san, from, to, ca_cert, ca_key);
	write_pem(cert_path, cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);

	assert_int_equal(tls_alloc(&server_tls, TLS_METHOD_SSLV23, cert_path,
				   NULL), 0);
	server_start(&server, "127.0.0.41", server_tls);
}

static bool settled(void)
{
	return registration_state(reg) == REGISTRATION_OK ||
		registration_state(reg) == REGISTRATION_FAILED;
}

static enum registration_state outcome(const char *aor, const char *ca)
{
	struct stack_handlers h = { .arg = NULL };
	struct stack_config conf = { .aor = aor, .ca_file = ca };
	char uri[64];

	(void)re_snprintf(uri, sizeof(uri), "sip:%J;transport=tls",
			  &server.tls);
	conf.server = uri;
	assert_int_equal(stack_alloc(&stack, &conf, &h), 0);
	assert_int_equal(registration_alloc(&reg, stack, 600, NULL, NULL), 0);
	assert_int_equal(registration_start(reg), 0);
	loop_until(settled, 5000);

	return registration_state(reg);
}

static void good(const char *aor)
{
	assert_int_equal(outcome(aor, ca_path), REGISTRATION_OK);
	assert_true(stack_tls_verified(stack));
	assert_string_equal(stack_tls_reason(stack), "");
	assert_int_equal(server.tp, SIP_TRANSP_TLS);
	assert_int_equal(stack_transp(stack), SIP_TRANSP_TLS);
}

static void refused(const char *aor, const char *ca, const char *word)
{
	assert_int_equal(outcome(aor, ca), REGISTRATION_FAILED);
	assert_false(stack_tls_verified(stack));
	print_message("  %s\n", registration_reason(reg));
	assert_non_null(strstr(registration_reason(reg), word));
	assert_int_equal(server.reqs, 0);
}

static void test_good(void **state)
{
	(void)state;
	serve("x", "DNS:example.org", -DAY, DAY, false);
	good("sip:alice@example.org");
}

/* RFC 5922 7.1: the domain as a SIP URI */
static void test_uri(void **state)
{
	(void)state;
	serve("x", "URI:sip:example.org,DNS:host7.example.net", -DAY, DAY,
	      false);
	good("sip:alice@example.org");
}

/* The server the user typed may name itself */
static void test_server_name(void **state)
{
	(void)state;
	serve("x", "IP:127.0.0.41", -DAY, DAY, false);
	good("sip:alice@example.org");
}

static void test_ip_domain(void **state)
{
	(void)state;
	serve("x", "IP:127.0.0.41", -DAY, DAY, false);
	good("sip:alice@127.0.0.41");
}

static void test_wrong_host(void **state)
{
	(void)state;
	serve("x", "DNS:evil.example,URI:sip:bob@example.org", -DAY, DAY,
	      false);
	refused("sip:alice@example.org", ca_path,
		"for evil.example, sip:bob@example.org, not for example.org");
}

static void test_hostile_name(void **state)
{
	(void)state;
	serve("\033]0;x\007", "", -DAY, DAY, false);
	refused("sip:alice@example.org", ca_path, "not for example.org");
	assert_null(strchr(registration_reason(reg), '\033'));
}

static void test_unknown_ca(void **state)
{
	(void)state;
	serve("x", "DNS:example.org", -DAY, DAY, false);
	refused("sip:alice@example.org", other_path, "not known here");
}

static void test_self_signed(void **state)
{
	(void)state;
	serve("example.org", "DNS:example.org", -DAY, DAY, true);
	refused("sip:alice@example.org", ca_path, "not known here");
}

static void test_expired(void **state)
{
	(void)state;
	serve("x", "DNS:example.org", -10 * DAY, -DAY, false);
	refused("sip:alice@example.org", ca_path, "expired on 2");
}

static void test_not_yet(void **state)
{
	(void)state;
	serve("x", "DNS:example.org", 5 * DAY, 10 * DAY, false);
	refused("sip:alice@example.org", ca_path, "not valid before 2");
}

static void test_ca_missing(void **state)
{
	struct stack_config conf = {
		.aor = "sip:alice@example.org",
		.server = "sip:127.0.0.41;transport=tls",
		.ca_file = "/nonexistent/ca.pem",
	};
	(void)state;

	assert_int_equal(stack_alloc(&stack, &conf, NULL), ENOENT);
	assert_null(stack);
}

#define T(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest testv[] = {
		T(test_good), T(test_uri), T(test_server_name),
		T(test_ip_domain), T(test_wrong_host), T(test_hostile_name),
		T(test_unknown_ca), T(test_self_signed), T(test_expired),
		T(test_not_yet), T(test_ca_missing),
	};

	if (suite_open())
		return 1;

	return suite_close(cmocka_run_group_tests(testv, group_setup,
						  group_teardown));
}
