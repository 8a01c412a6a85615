/**
 * @file policy_test.c  What is offered and accepted, over all circumstances
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "phone/secure/policy.h"

#define NONE POLICY_KEYS(KEYS_NONE)
#define SDES POLICY_KEYS(KEYS_SDES)
#define DTLS POLICY_KEYS(KEYS_DTLS_SRTP)
#define ZRTP POLICY_KEYS(KEYS_ZRTP)
#define ALL (SDES | DTLS | ZRTP)


/* The offers of a call, as a table */
static void test_offers(void **state)
{
	static const struct {
		enum minimum minimum;
		bool tls;
		unsigned have;
		bool met;
		struct policy_offer v[POLICY_OFFERS];
	} t[] = {
		{ MINIMUM_OFF, true, ALL, true, {{ POLICY_AVP, NONE }} },
		{ MINIMUM_PREFER, true, ALL, false,
		  {{ POLICY_AVP, NONE | ALL },
		   { POLICY_TLS_SAVP, DTLS | ZRTP },
		   { POLICY_SAVP, SDES | ZRTP }} },
		/* on clear signalling keys are the last resort */
		{ MINIMUM_PREFER, false, ALL, false,
		  {{ POLICY_AVP, NONE | DTLS | ZRTP },
		   { POLICY_TLS_SAVP, DTLS | ZRTP },
		   { POLICY_SAVP, SDES | ZRTP }} },
		{ MINIMUM_PREFER, true, SDES, false,
		  {{ POLICY_AVP, NONE | SDES }, { POLICY_SAVP, SDES }} },
		{ MINIMUM_PREFER, true, ZRTP, true,
		  {{ POLICY_AVP, NONE | ZRTP }} },
		{ MINIMUM_PREFER, true, 0, false, {{ POLICY_AVP, NONE }} },
		/* nobody rings in vain */
		{ MINIMUM_REQUIRE, true, ALL, false,
		  {{ POLICY_TLS_SAVP, DTLS | ZRTP },
		   { POLICY_SAVP, SDES | ZRTP }} },
		{ MINIMUM_REQUIRE, false, ALL, false,
		  {{ POLICY_TLS_SAVP, DTLS | ZRTP }} },
		{ MINIMUM_REQUIRE, true, SDES, false,
		  {{ POLICY_SAVP, SDES }} },
		{ MINIMUM_REQUIRE, false, SDES, false, {{ 0, 0 }} },
		/* but who has nothing but ZRTP, and who is known to have it */
		{ MINIMUM_REQUIRE, true, ZRTP, false,
		  {{ POLICY_AVP, ZRTP }} },
		{ MINIMUM_REQUIRE, false, ZRTP | SDES, false,
		  {{ POLICY_AVP, ZRTP }} },
		{ MINIMUM_REQUIRE, true, ALL, true,
		  {{ POLICY_AVP, ALL }, { POLICY_TLS_SAVP, DTLS | ZRTP },
		   { POLICY_SAVP, SDES | ZRTP }} },
		{ MINIMUM_REQUIRE, true, DTLS, true,
		  {{ POLICY_TLS_SAVP, DTLS }} },
		{ MINIMUM_E2E, true, ALL, false, {{ POLICY_AVP, ZRTP }} },
		{ MINIMUM_E2E, true, SDES | DTLS, true, {{ 0, 0 }} },
		{ MINIMUM_VERIFIED, false, ALL, true,
		  {{ POLICY_AVP, ZRTP }} },
	};
	size_t i, k, n;
	(void)state;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct policy p = { t[i].minimum, t[i].tls, t[i].have,
					  t[i].met };
		struct policy_offer v[POLICY_OFFERS];

		n = policy_offers(&p, v);
		for (k = 0; k < n; k++) {
			assert_int_equal(v[k].profile, t[i].v[k].profile);
			assert_int_equal(v[k].keys, t[i].v[k].keys);
		}
		assert_true(k == POLICY_OFFERS || !t[i].v[k].keys);
		assert_int_equal(n == 0, policy_refusal(&p) != NULL);
	}
}


/* Promises that hold whatever the circumstances */
static void test_promises(void **state)
{
	int minimum, tls, demanded, met;
	unsigned have;
	(void)state;

	for (minimum = 0; minimum <= MINIMUM_VERIFIED; minimum++)
	for (tls = 0; tls < 2; tls++)
	for (demanded = 0; demanded < 2; demanded++)
	for (met = 0; met < 2; met++)
	for (have = 0; have <= ALL; have += 2) {
		const struct policy p = { (enum minimum)minimum, tls, have,
					  met };
		const unsigned got = policy_accepts(&p, demanded);
		struct policy_offer v[POLICY_OFFERS];
		const size_t n = policy_offers(&p, v);
		size_t i;

		/* nothing that is not there */
		assert_int_equal(got & ~(have | NONE), 0);
		/* who demands keys does not get an answer without */
		if (demanded)
			assert_int_equal(got & NONE, 0);
		/* keys anybody can read never pass for encryption */
		if (minimum >= MINIMUM_REQUIRE && !tls)
			assert_int_equal(got & SDES, 0);
		if (minimum >= MINIMUM_REQUIRE) {
			assert_int_equal(got & NONE, 0);
			assert_true(policy_requires(&p));
		}
		if (minimum >= MINIMUM_E2E)
			assert_int_equal(got & ~ZRTP, 0);

		for (i = 0; i < n; i++) {
			assert_int_equal(v[i].keys & ~(have | NONE), 0);
			if (minimum >= MINIMUM_REQUIRE)
				assert_int_equal(v[i].keys & NONE, 0);
			if (v[i].profile == POLICY_AVP && !tls)
				assert_int_equal(v[i].keys & SDES, 0);
			/* a profile without the way it stands for is none */
			if (v[i].profile == POLICY_TLS_SAVP)
				assert_int_not_equal(v[i].keys & DTLS, 0);
			if (v[i].profile == POLICY_SAVP)
				assert_int_not_equal(v[i].keys & SDES, 0);
			if (v[i].profile == POLICY_AVP &&
			    minimum == MINIMUM_REQUIRE && !met)
				assert_int_equal(v[i].keys, ZRTP);
		}
	}
}


static void test_verdict(void **state)
{
	int minimum, label;
	(void)state;

	for (minimum = 0; minimum <= MINIMUM_VERIFIED; minimum++)
	for (label = 0; label <= LABEL_BROKEN; label++) {
			const char *why = policy_verdict((enum minimum)minimum,
						 (enum label)label);

			assert_int_equal(!why,
				 minimum_allows((enum minimum)minimum,
						(enum label)label));
			assert_true(*policy_unmet((enum minimum)minimum));
		}
}


/* The nearer word counts; what is no word is the strictest */
static void test_minimum(void **state)
{
	(void)state;

	assert_int_equal(policy_minimum("prefer", "", NULL), MINIMUM_PREFER);
	assert_int_equal(policy_minimum("prefer", "e2e", NULL), MINIMUM_E2E);
	assert_int_equal(policy_minimum("e2e", "off", ""), MINIMUM_OFF);
	assert_int_equal(policy_minimum("off", "off", "require"),
			 MINIMUM_REQUIRE);
	assert_int_equal(policy_minimum("e2e", "e2e", "off"), MINIMUM_OFF);
	assert_int_equal(policy_minimum("off", NULL, "e2ee"),
			 MINIMUM_VERIFIED);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_promises),
		cmocka_unit_test(test_verdict),
		cmocka_unit_test(test_minimum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
