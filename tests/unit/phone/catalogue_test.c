/**
 * @file catalogue_test.c  Every failure has a sentence, and is documented
 *
 * With OFFHOOK_WRITE_DOCS=1 docs/failures.md is written instead of checked.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/catalogue.h"
#include "phone/sip/reason.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DOC "docs/failures.md"

/* IANA, Session Initiation Protocol (SIP) Parameters, Response Codes */
static const uint16_t iana[] = {
	300, 301, 302, 305, 380,
	400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414,
	415, 416, 417, 420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436,
	437, 438, 439, 440, 469, 470, 480, 481, 482, 483, 484, 485, 486, 487,
	488, 489, 491, 493, 494,
	500, 501, 502, 503, 504, 505, 513, 555, 580,
	600, 603, 604, 606, 607, 608,
};

static const unsigned contexts[] = {
	CATALOGUE_CALL, CATALOGUE_REGISTER, CATALOGUE_MESSAGE,
	CATALOGUE_EVENT
};


static void test_iana(void **state)
{
	char buf[256];
	size_t i, k;
	(void)state;

	for (i = 0; i < N(iana); i++) {
		for (k = 0; k < N(contexts); k++) {
			const struct catalogue_entry *e;

			e = catalogue_code(contexts[k], iana[i]);
			assert_non_null(e);
			assert_int_equal(e->scode, iana[i]);
			reason_in(buf, sizeof(buf), contexts[k], 0, iana[i],
				  "Phrase", NULL);
			assert_string_equal(buf, e->text);
			assert_string_equal(catalogue_advice(iana[i], buf),
					    e->advice);
		}
	}
}


static void test_context(void **state)
{
	(void)state;

	assert_int_equal(catalogue_context("REGISTER", 8),
			 CATALOGUE_REGISTER);
	assert_int_equal(catalogue_context("MESSAGE x", 7),
			 CATALOGUE_MESSAGE);
	assert_int_equal(catalogue_context("SUBSCRIBE", 9), CATALOGUE_EVENT);
	assert_int_equal(catalogue_context("BYE", 3), CATALOGUE_CALL);

	/* the same code is another thing in another place */
	assert_string_not_equal(
		catalogue_code(CATALOGUE_REGISTER, 403)->text,
		catalogue_code(CATALOGUE_CALL, 403)->text);
	assert_null(catalogue_code(CATALOGUE_CALL, 499));
	assert_null(catalogue_code(CATALOGUE_CALL, 0));
	assert_null(catalogue_error(0));
}


static void test_errors(void **state)
{
	static const int errv[] = {
		ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN,
		ECONNRESET, EPIPE, ECONNABORTED, ENOTCONN, EADDRINUSE,
		EDESTADDRREQ, ENOENT, EPROTONOSUPPORT, EPROTO, EMSGSIZE,
		ENOMEM
	};
	char buf[256];
	size_t i;
	(void)state;

	for (i = 0; i < N(errv); i++) {
		reason_text(buf, sizeof(buf), errv[i], 0, NULL, NULL);
		assert_string_equal(buf, catalogue_error(errv[i])->text);
		assert_true(*catalogue_advice(0, buf));
	}
}


/* Sentences that other files make, each with a word of its advice */
static void test_sentences(void **state)
{
	static const struct {
		const char *text, *advice;
	} v[] = {
		{ "The name sip.example.org cannot be found (DNS: No such "
		  "file or directory)", "resolv.conf" },
		{ "The server's certificate expired on 2026-01-01", "renew" },
		{ "The server's certificate is not valid before 2027-01-01",
		  "clock" },
		{ "The server's certificate was issued by an authority that "
		  "is not trusted here", "--ca" },
		{ "The server's certificate is for a.example, not for "
		  "b.example", "domain" },
		{ "The server's certificate is not valid: path length",
		  "Ask" },
		{ "The server refused the secure connection: handshake "
		  "failure", "TLS" },
		{ "Someone asks for the password of \"x\", which is not this "
		  "account's realm", "--realm" },
		{ "The server asks for a password and there is none",
		  "account edit" },
		{ "No codec is available: see the setting codecs",
		  "doctor" },
		{ "This call must be encrypted, and the plugins that can do "
		  "so are missing", "doctor" },
		{ "The other side refused every encrypted offer. If it has "
		  "nothing but ZRTP, call it with the minimum e2e",
		  "allow encryption" },
		{ "The other side does not encrypt the sound",
		  "security.minimum" },
		{ "The call was not encrypted, and security.minimum asks for "
		  "it", "Ask the other side" },
		{ "Somebody may be in the middle: the call was ended",
		  "another network" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < N(v); i++) {
		const char *advice = catalogue_advice(0, v[i].text);

		assert_non_null(strstr(advice, v[i].advice));
	}

	/* what is no failure needs no advice */
	assert_string_equal(catalogue_advice(0, "You hung up"), "");
	assert_string_equal(catalogue_advice(486, "You rejected the call"),
			    "");
	assert_string_equal(catalogue_advice(0, ""), "");
	assert_string_equal(catalogue_advice(0, NULL), "");
	/* an odd text costs no time: every star goes on from its last try */
	assert_string_equal(catalogue_advice(0, "******************"), "");
}


/* ---- the document --------------------------------------------------------*/

static const char *where(unsigned c)
{
	switch (c) {

	case CATALOGUE_CALL:     return "calls";
	case CATALOGUE_REGISTER: return "registration";
	case CATALOGUE_MESSAGE:  return "messages";
	case CATALOGUE_EVENT:    return "watching";
	default:                 return "";
	}
}


static void row(char *buf, size_t size, const struct catalogue_entry *e)
{
	char code[16] = "";

	if (e->scode)
		(void)snprintf(code, sizeof(code), "%u", e->scode);
	(void)snprintf(buf, size, "| %s | %s | %s | %s |\n", code,
		       where(e->contexts), e->text, e->advice);
}


static void write_doc(void)
{
	FILE *f = fopen(DOC, "w");
	char buf[1024];
	size_t i;

	assert_non_null(f);
	(void)fprintf(f, "# What failed, and what to do\n\n"
		      "What the phone says when something fails, in the "
		      "field `reason` of its objects: `code` the SIP code or "
		      "0,\n`text` the sentence, `advice` what to do. The "
		      "shell prints both. A code may mean something else "
		      "for\nanother thing that was tried; then `for` says "
		      "for what. `*` stands for what differs.\n\n"
		      "Codes that are not listed are told with the server's "
		      "own words.\n\n"
		      "| code | for | what it says | what to do |\n"
		      "|---|---|---|---|\n");
	for (i = 0; catalogue_at(i); i++) {
		row(buf, sizeof(buf), catalogue_at(i));
		(void)fputs(buf, f);
	}
	assert_int_equal(fclose(f), 0);
}


static void test_document(void **state)
{
	char want[1024], line[1024];
	FILE *f;
	size_t i = 0;
	(void)state;

	if (getenv("OFFHOOK_WRITE_DOCS"))
		write_doc();

	f = fopen(DOC, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "| ", 2) || !strncmp(line, "| code", 6))
			continue;
		assert_non_null(catalogue_at(i));
		row(want, sizeof(want), catalogue_at(i++));
		assert_string_equal(line, want);
	}
	assert_null(catalogue_at(i));
	(void)fclose(f);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_iana),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests(testv, NULL, NULL);
}
