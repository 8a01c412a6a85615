/**
 * @file notify_test.c  What notifications say: waiting messages, dialogs
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/xml.h"
#include "phone/sip/dialog_info.h"
#include "phone/sip/message_summary.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "<?xml version=\"1.0\"?>" \
	"<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" "
#define FULL(v) HEAD "version=\"" v "\" state=\"full\" entity=\"sip:a@b\">"
#define PART(v) HEAD "version=\"" v "\" state=\"partial\" entity=\"x\">"
#define END "</dialog-info>"
#define DIALOG(id, dir, state) "<dialog id=\"" id "\" direction=\"" dir \
	"\"><state>" state "</state></dialog>"


/* ---- RFC 3842 ------------------------------------------------------------*/

static void test_summary(void **state)
{
	static const struct {
		const char *body;
		bool waiting, counted;
		uint32_t fresh, old, urgent;
		const char *account;
	} v[] = {
		/* RFC 3842 5.2 */
		{ "Messages-Waiting: yes\r\n"
		  "Message-Account: sip:alice@vmail.example.com\r\n"
		  "Voice-Message: 2/8 (0/2)\r\n", true, true, 2, 8, 0,
		  "sip:alice@vmail.example.com" },
		{ "messages-waiting:no", false, false, 0, 0, 0, "" },
		{ "Messages-Waiting:\tYES\nvoice-message:1/0", true, true, 1,
		  0, 0, "" },
		/* more urgent ones than there are: at most all of them */
		{ "Messages-Waiting: yes\r\nVoice-Message: 2/0 (7/0)\r\n",
		  true, true, 2, 0, 2, "" },
		/* numbers that are none, an address that is none */
		{ "Messages-Waiting: yes\r\nVoice-Message: -1/99999999999999"
		  " (a/b)\r\nMessage-Account: tel:*97\r\n", true, false, 0,
		  0, 0, "" },
		{ "Messages-Waiting: yes\r\nVoice-Message: 1/2 (1/2) x\r\n",
		  true, false, 0, 0, 0, "" },
		{ "Messages-Waiting: yes\r\n"
		  "Message-Account: sip:a@b>\r\n", true, false, 0, 0, 0, "" },
		{ "Messages-Waiting: no\r\nFax-Message: 3/3\r\n\r\nTo: x\r\n",
		  false, false, 0, 0, 0, "" },
	};
	struct message_summary ms;
	size_t i;
	(void)state;

	for (i = 0; i < N(v); i++) {
		assert_int_equal(message_summary_decode(&ms, v[i].body,
							strlen(v[i].body)),
				 0);
		assert_int_equal(ms.waiting, v[i].waiting);
		assert_int_equal(ms.counted, v[i].counted);
		assert_int_equal(ms.fresh, v[i].fresh);
		assert_int_equal(ms.old, v[i].old);
		assert_int_equal(ms.urgent, v[i].urgent);
		assert_string_equal(ms.account, v[i].account);
	}
}


static void test_summary_bad(void **state)
{
	static const char *const v[] = {
		"", "\r\n", "Messages-Waiting", "Messages-Waiting: maybe",
		"Messages-Waiting: yesno", "Voice-Message: 1/1", ":::",
		": yes", "\0\0\0",
	};
	struct message_summary ms;
	char body[512];
	FILE *f;
	size_t i, n;
	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(message_summary_decode(&ms, v[i],
							strlen(v[i])),
				 EBADMSG);

	f = fopen("tests/data/msg/mwi-bad.body", "rb");
	assert_non_null(f);
	n = fread(body, 1, sizeof(body), f);
	(void)fclose(f);
	assert_true(n > 0);
	assert_int_equal(message_summary_decode(&ms, body, n), EBADMSG);
}


/* ---- RFC 4235 ------------------------------------------------------------*/

static int take(struct dialog_info *di, const char *s)
{
	return dialog_info_decode(di, s, strlen(s));
}


static void test_lamps(void **state)
{
	static const struct {
		const char *dialogs;
		enum lamp lamp;
	} v[] = {
		{ "", LAMP_FREE },
		{ DIALOG("a", "recipient", "early"), LAMP_RINGING },
		{ DIALOG("a", "recipient", "proceeding"), LAMP_RINGING },
		{ DIALOG("a", "initiator", "early"), LAMP_BUSY },
		{ DIALOG("a", "initiator", "trying"), LAMP_BUSY },
		{ DIALOG("a", "recipient", "confirmed"), LAMP_BUSY },
		{ DIALOG("a", "recipient", "terminated"), LAMP_FREE },
		{ "<dialog id='a'><state event='x'> confirmed\n</state>"
		  "<local><identity>sip:x@y</identity></local></dialog>",
		  LAMP_BUSY },
		{ DIALOG("a", "initiator", "confirmed")
		  DIALOG("b", "recipient", "early"), LAMP_RINGING },
		/* no id, no state, a state nobody knows: no dialog */
		{ "<dialog><state>early</state></dialog>", LAMP_FREE },
		{ "<dialog id='a'/>", LAMP_FREE },
		{ DIALOG("a", "recipient", "nonsense"), LAMP_FREE },
		{ "<other><dialog id='a'><state>early</state></dialog>"
		  "</other>", LAMP_FREE },
	};
	struct dialog_info di;
	char body[2048];
	size_t i;
	(void)state;

	memset(&di, 0, sizeof(di));
	assert_int_equal(dialog_info_lamp(&di), LAMP_UNKNOWN);
	for (i = 0; i < N(v); i++) {
		memset(&di, 0, sizeof(di));
		(void)snprintf(body, sizeof(body), FULL("0") "%s" END,
			       v[i].dialogs);
		assert_int_equal(take(&di, body), 0);
		assert_int_equal(dialog_info_lamp(&di), v[i].lamp);
	}
	assert_string_equal(lamp_name(LAMP_RINGING), "ringing");
}


static void test_partial(void **state)
{
	struct dialog_info di;
	(void)state;

	memset(&di, 0, sizeof(di));
	/* nothing is known yet: a part says nothing */
	assert_int_equal(take(&di, PART("3") END), ESTALE);
	assert_int_equal(take(&di, FULL("3") DIALOG("a", "initiator",
						    "confirmed") END), 0);
	assert_int_equal(take(&di, PART("4") DIALOG("b", "recipient",
						    "early") END), 0);
	assert_int_equal(di.n, 2);
	assert_int_equal(take(&di, PART("4") END), EALREADY);
	assert_int_equal(take(&di, FULL("2") END), EALREADY);
	assert_int_equal(take(&di, PART("6") END), ESTALE);
	assert_int_equal(di.version, 4);
	assert_int_equal(take(&di, PART("5") DIALOG("a", "", "terminated")
			      DIALOG("b", "recipient", "confirmed") END), 0);
	assert_int_equal(di.n, 1);
	assert_string_equal(di.v[0].id, "b");
	assert_int_equal(dialog_info_lamp(&di), LAMP_BUSY);
	/* one that breaks off changes nothing */
	assert_int_equal(take(&di, FULL("9") DIALOG("c", "", "early")),
			 EBADMSG);
	assert_int_equal(di.version, 5);
	assert_int_equal(di.n, 1);
}


static void test_pickup(void **state)
{
	static const char body[] = FULL("1")
		"<dialog id='1' call-id='c1@h' local-tag='lt' "
		"remote-tag='rt' direction='recipient'><state>early</state>"
		"<remote><identity>sip:who@h</identity>"
		"<target uri='sip:alice@192.0.2.1:5060'/></remote></dialog>"
		END;
	static const char odd[] = FULL("2")
		"<dialog id='1' call-id='c;x=1' direction='recipient'>"
		"<state>early</state></dialog>"
		"<dialog id='2' call-id='c' direction='recipient'>"
		"<state>early</state><remote><target uri='sip:a@b&gt;x'/>"
		"<identity>sip:who@h</identity></remote></dialog>" END;
	const struct dialog_entry *e;
	struct dialog_info di;
	(void)state;

	memset(&di, 0, sizeof(di));
	assert_null(dialog_info_ringing(&di));
	assert_int_equal(take(&di, body), 0);
	e = dialog_info_ringing(&di);
	assert_non_null(e);
	assert_string_equal(e->callid, "c1@h");
	assert_string_equal(e->local_tag, "lt");
	assert_string_equal(e->remote_tag, "rt");
	assert_string_equal(e->remote, "sip:alice@192.0.2.1:5060");

	/* what cannot stand in a header is no name of a call */
	assert_int_equal(take(&di, odd), 0);
	assert_int_equal(di.n, 1);
	e = dialog_info_ringing(&di);
	assert_string_equal(e->id, "2");
	assert_string_equal(e->remote, "sip:who@h");
}


static void test_hostile(void **state)
{
	static const char *const v[] = {
		"", "x", "<dialog-info/>", "<a/>", HEAD "/>",
		HEAD "version='-1' state='full'/>",
		HEAD "version='1' state='half'/>",
		HEAD "version='1'/>", HEAD "state='full'/>",
		HEAD "version='99999999999' state='full'/>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]>" FULL("1") "&b;" END,
		FULL("1") "<dialog id='a", FULL("1") "<dialog id='a'>" END,
	};
	static char body[8192];
	struct dialog_info di, was;
	size_t i, n;
	FILE *f;
	(void)state;

	memset(&di, 0, sizeof(di));
	assert_int_equal(take(&di, FULL("0") DIALOG("a", "", "confirmed")
			      END), 0);
	was = di;
	for (i = 0; i < N(v); i++) {
		assert_int_equal(take(&di, v[i]), EBADMSG);
		assert_memory_equal(&di, &was, sizeof(di));
	}

	f = fopen("tests/data/msg/dialoginfo-bad.body", "rb");
	assert_non_null(f);
	n = fread(body, 1, sizeof(body), f);
	(void)fclose(f);
	assert_true(n > 1000);
	assert_int_equal(dialog_info_decode(&di, body, n), EBADMSG);
	assert_memory_equal(&di, &was, sizeof(di));

	/* an id without end, then far too many */
	n = (size_t)snprintf(body, sizeof(body), FULL("1")
			     "<dialog id='%0200d'><state>early</state>"
			     "</dialog>" END, 1);
	assert_int_equal(dialog_info_decode(&di, body, n), 0);
	assert_int_equal(di.n, 0);

	n = (size_t)snprintf(body, sizeof(body), FULL("2"));
	for (i = 0; i < 100; i++)
		n += (size_t)snprintf(body + n, sizeof(body) - n,
				      "<dialog id='%zu'><state>early</state>"
				      "</dialog>", i);
	n += (size_t)snprintf(body + n, sizeof(body) - n, END);
	assert_int_equal(dialog_info_decode(&di, body, n), 0);
	assert_int_equal(di.n, DIALOG_INFO_MAX);
}


/* ---- attributes of the XML reader ----------------------------------------*/

static void test_attr(void **state)
{
	static const char body[] =
		"<a x='1' y = \"two\" n:x='3' ><b/></a>";
	enum xml_event ev;
	struct xml xml;
	struct pl val;
	(void)state;

	assert_int_equal(xml_init(&xml, body, strlen(body)), 0);
	assert_int_equal(xml_next(&xml, &ev), 0);
	assert_int_equal(xml_attr(&xml, "x", &val), 0);
	assert_int_equal(pl_strcmp(&val, "1"), 0);
	assert_int_equal(xml_attr(&xml, "y", &val), 0);
	assert_int_equal(pl_strcmp(&val, "two"), 0);
	assert_int_equal(xml_attr(&xml, "n:x", &val), 0);
	assert_int_equal(pl_strcmp(&val, "3"), 0);
	assert_int_equal(xml_attr(&xml, "z", &val), ENOENT);
	assert_int_equal(xml_next(&xml, &ev), 0);
	assert_int_equal(xml_attr(&xml, "x", &val), ENOENT);
	assert_int_equal(xml_attr(NULL, "x", &val), EINVAL);
}


int main(void)
{
	const struct CMUnitTest testv[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_summary_bad),
		cmocka_unit_test(test_lamps),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_pickup),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_attr),
	};
	int rc = cmocka_run_group_tests(testv, NULL, NULL);

	mem_debug();

	return rc;
}
