/**
 * @file presence_test.c  Presence documents, and what answers to PUBLISH mean
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "phone/sip/pidf.h"
#include "phone/sip/publish.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DOC(s) "<?xml version=\"1.0\"?>\n<presence " \
	"xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:a@b\">" s \
	"</presence>"
#define OPEN "<tuple id=\"t\"><status><basic>open</basic></status></tuple>"
#define CLOSED "<tuple id=\"u\"><status><basic> closed\n</basic></status>" \
	"</tuple>"
#define DOES(s) "<dm:person id=\"p\"><rpid:activities>" s \
	"</rpid:activities></dm:person>"


/* ---- RFC 3863, RFC 4480 --------------------------------------------------*/

static void test_states(void **state)
{
	static const struct {
		const char *body;
		enum presence_state state;
		const char *note;
	} v[] = {
		{ DOC(OPEN), PRESENCE_ONLINE, "" },
		{ DOC(CLOSED), PRESENCE_OFFLINE, "" },
		{ DOC(""), PRESENCE_OFFLINE, "" },
		{ "<presence/>", PRESENCE_OFFLINE, "" },
		/* one device of two is enough */
		{ DOC(CLOSED OPEN), PRESENCE_ONLINE, "" },
		{ DOC(OPEN CLOSED), PRESENCE_ONLINE, "" },
		{ DOC(OPEN DOES("<rpid:away/>")), PRESENCE_AWAY, "" },
		{ DOC(OPEN DOES("<rpid:on-the-phone/>")), PRESENCE_BUSY, "" },
		{ DOC(OPEN DOES("<rpid:meal/><rpid:meeting/>")),
		  PRESENCE_BUSY, "" },
		{ DOC(OPEN DOES("<rpid:dancing/>")), PRESENCE_ONLINE, "" },
		/* not there, whatever it says */
		{ DOC(CLOSED DOES("<rpid:busy/>")), PRESENCE_OFFLINE, "" },
		/* a person, and nobody says where */
		{ DOC(DOES("<rpid:away/>")), PRESENCE_AWAY, "" },
		/* older phones: inside of the status */
		{ DOC("<tuple id='t'><status><basic>open</basic><activities>"
		      "<vacation/></activities></status></tuple>"),
		  PRESENCE_AWAY, "" },
		/* the word outside of <activities> means nothing */
		{ DOC(OPEN "<away/>"), PRESENCE_ONLINE, "" },
		{ DOC(OPEN DOES("<rpid:other>busy</rpid:other>") "<busy/>"),
		  PRESENCE_ONLINE, "" },
		{ DOC("<tuple id='t'><status><basic>OPEN</basic></status>"
		      "</tuple>"), PRESENCE_OFFLINE, "" },
		{ DOC(OPEN "<note>\n  at &lt;home&gt; \n</note>"
		      "<note>second</note>"), PRESENCE_ONLINE,
		  "at <home>" },
	};
	struct pidf pd;
	size_t i;
	(void)state;

	for (i = 0; i < N(v); i++) {
		memset(&pd, 0xff, sizeof(pd));
		assert_int_equal(pidf_decode(&pd, v[i].body,
					     strlen(v[i].body)), 0);
		assert_int_equal(pd.state, v[i].state);
		assert_string_equal(pd.note, v[i].note);
	}
}


static void test_hostile(void **state)
{
	static const char *const v[] = {
		"", "x", "<presence", "<presence>", "<a/>",
		"<x><presence/></x>",
		DOC(OPEN "<note>&e;</note>") "<more/>",
		"<!DOCTYPE p [<!ENTITY e 'x'>]><presence>&e;</presence>",
		DOC("<tuple>"), DOC("<![CDATA[x]]>"), "<presence>\xff</presence>",
	};
	struct pidf pd = { PRESENCE_AWAY, "as it was" };
	char body[4096], note[PIDF_NOTE + 1];
	size_t i, n;
	FILE *f;
	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(pidf_decode(&pd, v[i], strlen(v[i])),
				 EBADMSG);

	f = fopen("tests/data/msg/pidf-bomb.body", "rb");
	assert_non_null(f);
	n = fread(body, 1, sizeof(body), f);
	(void)fclose(f);
	assert_int_equal(pidf_decode(&pd, body, n), EBADMSG);

	assert_int_equal(pd.state, PRESENCE_AWAY);
	assert_string_equal(pd.note, "as it was");

	/* a note that is too long is none; all else still counts */
	memset(note, 'x', PIDF_NOTE);
	note[PIDF_NOTE] = '\0';
	assert_true(re_snprintf(body, sizeof(body), "<presence><note>%s"
				"</note>" OPEN "</presence>", note) > 0);
	assert_int_equal(pidf_decode(&pd, body, strlen(body)), 0);
	assert_int_equal(pd.state, PRESENCE_ONLINE);
	assert_string_equal(pd.note, "");

	assert_int_equal(pidf_decode(NULL, "", 0), EINVAL);
	assert_int_equal(pidf_decode(&pd, NULL, 0), EINVAL);
}


static void test_there_and_back(void **state)
{
	enum presence_state st;
	(void)state;

	for (st = PRESENCE_ONLINE; st <= PRESENCE_OFFLINE; st++) {
		struct mbuf *mb = mbuf_alloc(64);
		struct pidf pd = { st, "<&\"'> b\xc3\xbcro" }, back;

		assert_int_equal(pidf_encode(mb, "sip:a&b@c", "t1", &pd,
					     st == PRESENCE_BUSY), 0);
		assert_int_equal(pidf_decode(&back, (char *)mb->buf,
					     mb->end), 0);
		assert_int_equal(back.state, st);
		assert_string_equal(back.note, pd.note);
		assert_int_equal(!re_regex((char *)mb->buf, mb->end,
					   "on-the-phone"),
				 st == PRESENCE_BUSY);
		assert_int_equal(re_regex((char *)mb->buf, mb->end,
					  "sip:a&amp;b@c"), 0);
		mem_deref(mb);
	}
	assert_int_equal(pidf_encode(NULL, "x", "t", NULL, false), EINVAL);
}


static void test_names(void **state)
{
	enum presence_state st = PRESENCE_BUSY;
	(void)state;

	assert_string_equal(presence_name(PRESENCE_AWAY), "away");
	assert_string_equal(presence_name((enum presence_state)77),
			    "unknown");
	assert_int_equal(presence_value("offline", &st), 0);
	assert_int_equal(st, PRESENCE_OFFLINE);
	assert_int_equal(presence_value("gone", &st), ENOENT);
	assert_int_equal(presence_value(NULL, &st), EINVAL);
}


/* ---- RFC 3903 ------------------------------------------------------------*/

static void test_next(void **state)
{
	static const struct {
		uint16_t scode;
		bool tagged, etag;
		uint32_t min;
		bool hurried;
		enum publish_next next;
	} v[] = {
		{ 200, false, true, 0, false, PUBLISH_DONE },
		{ 200, true, true, 0, true, PUBLISH_DONE },
		{ 200, false, false, 0, false, PUBLISH_LATER },
		{ 412, true, false, 0, false, PUBLISH_ANEW },
		/* 412 to what named no tag, or twice: not at once again */
		{ 412, false, false, 0, false, PUBLISH_LATER },
		{ 412, true, false, 0, true, PUBLISH_LATER },
		{ 423, false, false, 7200, false, PUBLISH_LONGER },
		{ 423, false, false, 7200, true, PUBLISH_LATER },
		{ 423, false, false, 0, false, PUBLISH_LATER },
		{ 423, false, false, 1800, false, PUBLISH_LATER },
		{ 423, false, false, 4000000000u, false, PUBLISH_LATER },
		{ 405, false, false, 0, false, PUBLISH_NEVER },
		{ 489, true, false, 0, false, PUBLISH_NEVER },
		{ 403, false, false, 0, false, PUBLISH_NEVER },
		{ 404, false, false, 0, false, PUBLISH_NEVER },
		{ 503, true, false, 0, false, PUBLISH_LATER },
		{ 480, false, false, 0, false, PUBLISH_LATER },
		{ 302, false, false, 0, false, PUBLISH_LATER },
	};
	size_t i;
	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(publish_next(v[i].scode, v[i].tagged,
					      v[i].etag, 1800, v[i].min,
					      v[i].hurried), v[i].next);
}


static void test_etag(void **state)
{
	static const char *const bad[] = {
		"", " ", "a b", "a\r\nVia: x", "\"q\"", "a;b", "<a>", "a,b",
		"\x7f", "\xc3\xa4"
	};
	char longest[256];
	struct pl pl;
	size_t i;
	(void)state;

	for (i = 0; i < N(bad); i++) {
		pl_set_str(&pl, bad[i]);
		assert_false(publish_etag_valid(&pl));
	}
	pl_set_str(&pl, "a.1669-2+x%y!z*~`'_");
	assert_true(publish_etag_valid(&pl));

	memset(longest, 'x', sizeof(longest));
	pl.p = longest;
	pl.l = 127;
	assert_true(publish_etag_valid(&pl));
	pl.l = 128;
	assert_false(publish_etag_valid(&pl));
	assert_false(publish_etag_valid(NULL));
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_etag),
	};
	int rc = cmocka_run_group_tests(testv, NULL, NULL);

	mem_debug();

	return rc;
}
