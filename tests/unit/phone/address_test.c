/**
 * @file address_test.c  The plain form of SIP addresses
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/re_compat.h"
#include "phone/sip/address.h"


static void test_plain_form(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "sip:Bob@Example.ORG", "sip:Bob@example.org" },
		{ "sip:bob@example.org:5060", "sip:bob@example.org" },
		{ "sip:bob@example.org:5061", "sip:bob@example.org:5061" },
		{ "sip:bob@example.org:5061;transport=tls",
		  "sip:bob@example.org;transport=tls" },
		{ "sips:bob@example.org:5061", "sips:bob@example.org" },
		{ "sip:bob@h;transport=UDP;x=y", "sip:bob@h" },
		{ "sip:bob@h;maddr=127.0.0.9;method=BYE", "sip:bob@h" },
		{ "sip:bob@h?Replaces=x", "sip:bob@h" },
		{ "sip:127.0.0.5:5070", "sip:127.0.0.5:5070" },
		{ "sip:bob@[::1]:5070", "sip:bob@[::1]:5070" },
		{ "tel:+4930", NULL },
		{ "http://example.org", NULL },
		{ "sip:<a@b>", NULL },
		{ "sip:a b@c", NULL },
		{ "sip:a\r\nVia: x@c", NULL },
		{ "sip:\xc3\xa9@c", NULL },
		{ "sip:", NULL },
		{ "", NULL },
	};
	const char *why;
	char *out;
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(rows); i++) {
		out = NULL;
		why = NULL;
		if (!rows[i].out) {
			assert_int_equal(address_clean(&out, rows[i].in,
						       &why), EINVAL);
			assert_non_null(why);
			continue;
		}
		assert_int_equal(address_clean(&out, rows[i].in, &why), 0);
		assert_string_equal(out, rows[i].out);
		mem_deref(out);
	}
}


/* One device of a person, where a call has to reach that one */
static void test_target(void **state)
{
	static const char gruu[] = "sip:Bob@H;x=y;gr=urn:uuid:f81d-4fae";
	char *out = NULL;
	(void)state;

	assert_int_equal(address_target(&out, gruu, NULL), 0);
	assert_string_equal(out, "sip:Bob@h;gr=urn:uuid:f81d-4fae");
	out = mem_deref(out);
	assert_int_equal(address_clean(&out, gruu, NULL), 0);
	assert_string_equal(out, "sip:Bob@h");
	out = mem_deref(out);
	assert_int_equal(address_target(&out, "sip:b@h;method=BYE;gr", NULL),
			 0);
	assert_string_equal(out, "sip:b@h");
	mem_deref(out);
	assert_int_equal(address_target(&out, "sip:b@h;gr=a>b", NULL),
			 EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_form),
		cmocka_unit_test(test_target),
	};
	int err = cmocka_run_group_tests(tests, NULL, NULL);

	mem_debug();

	return err;
}
