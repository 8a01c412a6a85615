/**
 * @file session_hdr_test.c  Header values of sessions
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/session_hdr.h"

static struct pl text(const char *s)
{
	struct pl pl;

	pl_set_str(&pl, s);

	return pl;
}

static void is(const struct pl *pl, const char *s)
{
	assert_int_equal(pl_strcmp(pl, s), 0);
}

static void test_expires(void **state)
{
	static const char *const badv[] = { "", "x", "0", "-1", "1800x",
		"99999999999", ";refresher=uac" };
	struct session_expires se;
	struct pl pl;
	size_t i;
	(void)state;

	pl = text("1800");
	assert_int_equal(session_expires_decode(&se, &pl), 0);
	assert_int_equal(se.secs, 1800);
	assert_int_equal(se.refresher, REFRESHER_NONE);
	pl = text("90 ; Refresher = UAC ; x");
	assert_int_equal(session_expires_decode(&se, &pl), 0);
	assert_int_equal(se.secs, 90);
	assert_int_equal(se.refresher, REFRESHER_UAC);
	pl = text("4000;refresher=uas");
	assert_int_equal(session_expires_decode(&se, &pl), 0);
	assert_int_equal(se.refresher, REFRESHER_UAS);

	for (i = 0; i < RE_ARRAY_SIZE(badv); i++) {
		pl = text(badv[i]);
		assert_int_equal(session_expires_decode(&se, &pl), EBADMSG);
	}
}

static void test_rack(void **state)
{
	static const char *const badv[] = { "", "1", "1 2", "a 2 INVITE",
		"1 99999999999 INVITE" };
	struct rack r;
	struct pl pl = text("776656 1 INVITE");
	size_t i;
	(void)state;

	assert_int_equal(rack_decode(&r, &pl), 0);
	assert_int_equal(r.rseq, 776656);
	assert_int_equal(r.cseq, 1);
	is(&r.met, "INVITE");
	for (i = 0; i < RE_ARRAY_SIZE(badv); i++) {
		pl = text(badv[i]);
		assert_int_equal(rack_decode(&r, &pl), EBADMSG);
	}
}

static void test_replaces(void **state)
{
	static const char *const badv[] = { "", "a", "a;to-tag=1",
		"a;from-tag=1", ";to-tag=1;from-tag=2" };
	struct replaces r;
	struct pl pl = text("98732@s.test ;from-tag=r33 ; to-tag=f44");
	size_t i;
	(void)state;

	assert_int_equal(replaces_decode(&r, &pl), 0);
	is(&r.callid, "98732@s.test");
	is(&r.from_tag, "r33");
	is(&r.to_tag, "f44");
	assert_false(r.early_only);
	pl = text("1;to-tag=2;from-tag=3;early-only");
	assert_int_equal(replaces_decode(&r, &pl), 0);
	assert_true(r.early_only);
	for (i = 0; i < RE_ARRAY_SIZE(badv); i++) {
		pl = text(badv[i]);
		assert_int_equal(replaces_decode(&r, &pl), EBADMSG);
	}
}

static void test_reason(void **state)
{
	struct reason_hdr r;
	struct pl pl = text("SIP;cause=200;text=\"Call completed; elsewhere\"");
	(void)state;

	assert_int_equal(reason_decode(&r, &pl), 0);
	is(&r.protocol, "SIP");
	assert_int_equal(r.cause, 200);
	is(&r.text, "Call completed; elsewhere");
	pl = text("Q.850;cause=16");
	assert_int_equal(reason_decode(&r, &pl), 0);
	assert_int_equal(r.cause, 16);
	pl = text("SIP;cause=99999");
	assert_int_equal(reason_decode(&r, &pl), EBADMSG);
	pl = text("");
	assert_int_equal(reason_decode(&r, &pl), EBADMSG);
}

static void test_refer_to(void **state)
{
	static const struct {
		const char *val, *uri, *replaces;
		int err;
	} v[] = {
		{ "<sip:carol@example.org>", "sip:carol@example.org", NULL,
		  0 },
		{ "sip:carol@example.org", "sip:carol@example.org", NULL, 0 },
		{ "\"C\" <sip:carol@h.test;transport=tcp;method=INVITE>",
		  "sip:carol@h.test;transport=tcp", NULL, 0 },
		{ "<sip:c@h.test?Replaces=1%40h%3Bto-tag%3D2%3Bfrom-tag%3D3"
		  "&Route=x>", "sip:c@h.test", "1@h;to-tag=2;from-tag=3", 0 },
		{ "<sip:c@h.test?Subject=x>", "sip:c@h.test", NULL, 0 },
		{ "<sip:c@h.test?Replaces=1%0D%0AX:%20y>", NULL, NULL,
		  EBADMSG },
		{ "<sip:c@h.test?Replaces=nothing>", NULL, NULL, EBADMSG },
		{ "<sip:c@h.test;method=BYE>", NULL, NULL, ENOTSUP },
		{ "<tel:+4912345>", NULL, NULL, EBADMSG },
		{ "<http://h.test/>", NULL, NULL, ENOTSUP },
		{ "", NULL, NULL, EBADMSG },
	};
	struct refer_to rt;
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++) {
		struct pl pl = text(v[i].val);
		int err = refer_to_decode(&rt, &pl);

		if (v[i].err) {
			if (!err)
				print_error("%s\n", v[i].val);
			assert_int_not_equal(err, 0);
			assert_null(rt.uri);
			assert_null(rt.replaces);
			continue;
		}
		assert_int_equal(err, 0);
		assert_string_equal(rt.uri, v[i].uri);
		if (v[i].replaces)
			assert_string_equal(rt.replaces, v[i].replaces);
		else
			assert_null(rt.replaces);
		mem_deref(rt.uri);
		mem_deref(rt.replaces);
	}
}

static void test_small(void **state)
{
	char buf[64];
	(void)state;

	assert_int_equal(sipfrag_code("SIP/2.0 180 Ringing", 19), 180);
	assert_int_equal(sipfrag_code("SIP/2.0 200", 11), 200);
	assert_int_equal(sipfrag_code("SIP/2.0 20", 10), 0);
	assert_int_equal(sipfrag_code("SIP/2.0 999 X", 13), 0);
	assert_int_equal(sipfrag_code(NULL, 0), 0);
	(void)re_snprintf(buf, sizeof(buf), "%H", header_escape,
			  "a@b;to-tag=1");
	assert_string_equal(buf, "a%40b%3Bto-tag%3D1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expires),
		cmocka_unit_test(test_rack),
		cmocka_unit_test(test_replaces),
		cmocka_unit_test(test_reason),
		cmocka_unit_test(test_refer_to),
		cmocka_unit_test(test_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
