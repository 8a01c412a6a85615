/**
 * @file screening_test.c  Who may ring: the table of rules
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "phone/call/screening.h"

#define BOB "sip:bob@example.org"

static const struct screening_rules open_house = {
	.anonymous = true, .waiting = true, .block = "", .answer = "",
	.forward_always = "", .forward_busy = "", .ringing_max = 3,
	.burst_max = 6,
};

static const struct screening_caller bob = { .uri = BOB, .contact = "" };


static void test_match(void **state)
{
	static const struct {
		const char *patterns, *uri, *contact;
		bool fits;
	} v[] = {
		{ "", BOB, "", false },
		{ "bob@example.org", BOB, "", true },
		{ "sip:bob@example.org", BOB, "", true },
		{ "BOB@Example.ORG", BOB, "", true },
		{ "bob", BOB, "", true },
		{ "bo", BOB, "", false },
		{ "*@example.org", BOB, "", true },
		{ "*@example.com", BOB, "", false },
		{ "*@example.org", "sip:eve@example.org.evil.test", "",
		  false },
		{ "+49190*", "sip:+491901234@carrier.test;user=phone", "",
		  true },
		{ "+49190*", "sip:+49191@carrier.test", "", false },
		{ "b?b", BOB, "", true },
		{ "b?", BOB, "", false },
		{ " alice , bob ", BOB, "", true },
		{ "Bob Example", BOB, "Bob Example", true },
		{ "bob ex*", BOB, "Bob Example", true },
		{ "Bob Example", BOB, "", false },
		{ "*", BOB, "", true },
		{ "**b**", BOB, "", true },
		{ "bob@127.0.0.1", "sip:bob@127.0.0.1:5080", "", true },
		{ "bob@127.0.0.1:5080", "sip:bob@127.0.0.1:5080", "", true },
		{ ",,,", BOB, "", false },
	};
	size_t i;
	(void)state;

	for (i = 0; i < RE_ARRAY_SIZE(v); i++) {
		bool fits = screening_match(v[i].patterns, v[i].uri,
					    v[i].contact);

		if (fits != v[i].fits)
			print_error("row %zu: %s\n", i, v[i].patterns);
		assert_int_equal(fits, v[i].fits);
	}
}


static enum screening_verdict judge(const struct screening_rules *r,
				    const struct screening_caller *c,
				    uint16_t scode)
{
	struct screening_result res = screening_judge(r, c);

	if (res.verdict == SCREENING_REFUSE)
		assert_int_equal(res.scode, scode);

	return res.verdict;
}


static void test_refused(void **state)
{
	struct screening_rules r = open_house;
	struct screening_caller c = bob;
	(void)state;

	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);

	r.block = "bob";
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);
	r = open_house;
	r.dnd = true;
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);
	assert_true(screening_judge(&r, &c).missed);

	r = open_house;
	r.contacts_only = true;
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);
	assert_false(screening_judge(&r, &c).missed);
	c.contact = "Bob";
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);

	r = open_house;
	c = bob;
	c.anonymous = true;
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);
	r.anonymous = false;
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);
}


/* All of who is not wanted look the same from outside */
static void test_too_much(void **state)
{
	struct screening_rules r = open_house;
	struct screening_caller c = bob;
	(void)state;

	c.ringing = 2;
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);
	c.ringing = 3;
	assert_int_equal(judge(&r, &c, 486), SCREENING_REFUSE);
	assert_null(screening_judge(&r, &c).why);

	c = bob;
	c.burst = 6;
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);
	c.burst = 7;
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);
	assert_null(screening_judge(&r, &c).why);

	c = bob;
	c.up = 1;
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);
	r.waiting = false;
	assert_int_equal(judge(&r, &c, 486), SCREENING_REFUSE);
}


static void test_forward(void **state)
{
	struct screening_rules r = open_house;
	struct screening_caller c = bob;
	(void)state;

	r.forward_always = "sip:office@example.org";
	assert_int_equal(judge(&r, &c, 0), SCREENING_FORWARD);
	assert_string_equal(screening_judge(&r, &c).target,
			    "sip:office@example.org");
	/* the blocked are not sent to somebody else */
	r.block = "bob";
	assert_int_equal(judge(&r, &c, 480), SCREENING_REFUSE);

	r = open_house;
	r.forward_busy = "sip:desk@example.org";
	assert_int_equal(judge(&r, &c, 0), SCREENING_RING);
	c.up = 1;
	assert_int_equal(judge(&r, &c, 0), SCREENING_FORWARD);
}


/* S-6: listed, asked for, and vouched for by our server over TLS */
static void test_answer(void **state)
{
	unsigned i;
	(void)state;

	for (i = 0; i < 16; i++) {
		struct screening_rules r = open_house;
		struct screening_caller c = bob;

		c.asks_answer = i & 1;
		c.trusted_path = i & 2;
		c.up = i & 8 ? 1 : 0;
		r.answer = i & 4 ? "carol, bob" : "carol";
		assert_int_equal(judge(&r, &c, 0), i == 7 ?
				 SCREENING_ANSWER : SCREENING_RING);
	}
}


static void test_count(void **state)
{
	static struct screening_sources s;
	uint64_t now = 1000000;
	unsigned i;
	(void)state;

	for (i = 1; i <= 5; i++)
		assert_int_equal(screening_count(&s, BOB, now), i);
	assert_int_equal(screening_count(&s, "sip:carol@x", now), 1);
	/* one less each ten seconds */
	assert_int_equal(screening_count(&s, BOB, now + 20000), 4);
	assert_int_equal(screening_count(&s, BOB, now + 3600000), 1);
	(void)screening_count(&s, BOB, now + 3600000);
	screening_forget(&s, BOB);
	assert_int_equal(screening_count(&s, BOB, now + 3600000), 1);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
