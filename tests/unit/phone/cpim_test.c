/**
 * @file cpim_test.c  Envelopes as Linphone sends them, and hostile ones
 */
#include "phone/chat/cpim.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/text.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DATA "tests/data/msg/"


static struct cpim *decode(const char *s)
{
	struct cpim *c = NULL;

	assert_int_equal(cpim_decode(&c, s, strlen(s)), 0);
	assert_non_null(c);

	return c;
}


static int decode_file(struct cpim **cp, char **bufp, const char *name)
{
	char path[256];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s%s", DATA, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	*bufp = malloc(1 << 16);
	assert_non_null(*bufp);
	n = fread(*bufp, 1, 1 << 16, f);
	(void)fclose(f);

	return cpim_decode(cp, *bufp, n);
}


static void message(void **state)
{
	struct cpim *c = decode(
		"From: \"Alice \\\"A\\\" Example\" <sip:alice@sip.test;gr=u:2>"
		"\r\n"
		"To: <sip:focus@sip.test;conf-id=cd9c4>\r\n"
		"DateTime: 2026-11-22T11:23:06Z\r\n"
		"NS: imdn <urn:ietf:params:imdn>\r\n"
		"imdn.Message-ID: tXGPLrlRzWWV\r\n"
		"imdn.Disposition-Notification: positive-delivery, "
		"negative-delivery, display\r\n"
		"\r\n"
		"Content-Type: Text/Plain; charset=\"UTF-8\"\r\n"
		"Content-Length: 25\r\n"
		"\r\n"
		"Hello Bob, this is secret");

	(void)state;

	assert_string_equal(c->from_uri, "sip:alice@sip.test;gr=u:2");
	assert_string_equal(c->from_name, "Alice \"A\" Example");
	assert_string_equal(c->to_uri, "sip:focus@sip.test;conf-id=cd9c4");
	assert_string_equal(c->to_name, "");
	assert_string_equal(c->subject, "");
	assert_int_equal(c->time, 1795346586);
	assert_string_equal(c->message_id, "tXGPLrlRzWWV");
	assert_int_equal(c->notify, CPIM_POSITIVE_DELIVERY |
				    CPIM_NEGATIVE_DELIVERY | CPIM_DISPLAY);
	assert_string_equal(c->ctype, "text/plain");
	assert_string_equal(c->charset, "utf-8");
	assert_int_equal(c->len, 25);
	assert_memory_equal(c->body, "Hello Bob, this is secret", 25);
	mem_deref(c);
}


static void receipt(void **state)
{
	struct cpim *c = decode(
		"From: <sip:bob@sip.test>\r\n"
		"To: <sip:alice@sip.test>\r\n"
		"DateTime: 2026-11-22T11:23:07Z\r\n"
		"\r\n"
		"Content-Disposition: notification\r\n"
		"Content-Type: message/imdn+xml\r\n"
		"\r\n"
		"<imdn/>");

	(void)state;

	assert_string_equal(c->ctype, "message/imdn+xml");
	assert_string_equal(c->disposition, "notification");
	assert_string_equal(c->message_id, "");
	assert_int_equal(c->notify, 0);
	assert_int_equal(c->len, 7);
	mem_deref(c);
}


static void odd_but_good(void **state)
{
	struct cpim *c;

	(void)state;

	/* LF only, another prefix, no MIME headers, an empty body */
	c = decode("from: Bob <im:b@x>\nTo: x\nNS: r <urn:ietf:params:imdn>\n"
		   "r.message-id: 77\nr.Disposition-Notification: "
		   "display,, nonsense , processing\n folded: no\n\n\n");
	assert_string_equal(c->from_uri, "im:b@x");
	assert_string_equal(c->from_name, "Bob");
	assert_string_equal(c->to_uri, "");
	assert_string_equal(c->message_id, "77");
	assert_int_equal(c->notify, CPIM_DISPLAY | CPIM_PROCESSING);
	assert_string_equal(c->ctype, "text/plain");
	assert_int_equal(c->len, 0);
	mem_deref(c);

	/* escapes and what they must not smuggle in */
	c = decode("From: \"\\u001b]0;x\\u0007\\u202e\\u00e4\\u\" <im:a@x>\n"
		   "To: <im:b@x>\nSubject: a\\nb\\\\c\x1b\xff\n\n\nx");
	assert_string_equal(c->from_name, "\xe2\x90\x9b]0;x\xe2\x90\x87"
					  "\xc3\xa4u");
	assert_string_equal(c->subject, "a b\\c\xe2\x90\x9b\xef\xbf\xbd");
	mem_deref(c);

	/* addresses that are none count as absent */
	c = decode("From: <sip:a b@x>\nTo: <sip:b@x\x7f>\n"
		   "imdn.Message-ID: a\x1b\n\n\nx");
	assert_string_equal(c->from_uri, "");
	assert_string_equal(c->to_uri, "");
	assert_string_equal(c->message_id, "");
	mem_deref(c);
}


static void nested(void **state)
{
	static const char head[] =
		"From: <im:a@x>\r\nTo: <im:b@x>\r\n\r\n"
		"Content-Type: message/cpim\r\n\r\n";
	char buf[1024] = "";
	struct cpim *c = NULL;
	unsigned depth;
	size_t len = 0;

	(void)state;

	for (depth = 0; depth < 6; depth++) {
		int err;

		(void)snprintf(buf + len, sizeof(buf) - len,
			       "From: <im:inner@x>\r\n\r\n\r\nbody");
		err = cpim_decode(&c, buf, strlen(buf));
		assert_int_equal(err, depth < 4 ? 0 : ELOOP);
		if (!err) {
			assert_string_equal(c->from_uri, "im:inner@x");
			assert_int_equal(c->len, 4);
			c = mem_deref(c);
		}
		memcpy(buf + len, head, sizeof(head) - 1);
		len += sizeof(head) - 1;
	}
}


static void bad(void **state)
{
	static const char *const v[] = {
		"", "x", "\r\n\r\n", "From: <im:a@x>", "From: <im:a@x>\r\n",
		"From: <im:a@x>\r\n\r\n", "From: <im:a@x>\r\n\r\nContent-Type",
		"Subject: x\r\n\r\nContent-Type: text/plain\r\n\r\nx",
	};
	struct cpim *c = NULL;
	char *big;
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(cpim_decode(&c, v[i], strlen(v[i])),
				 EBADMSG);
	assert_int_equal(cpim_decode(&c, NULL, 1), EINVAL);
	assert_int_equal(cpim_decode(NULL, "x", 1), EINVAL);

	big = calloc(1, 300 << 10);
	assert_non_null(big);
	assert_int_equal(cpim_decode(&c, big, 300 << 10), EMSGSIZE);
	for (i = 0; i < 200; i++)
		memcpy(big + 5 * i, "From:\n", 6);
	assert_int_equal(cpim_decode(&c, big, 1000), EBADMSG);
	for (i = 0; i < 200; i++)
		memcpy(big + 6 * i, "From:\n", 6);
	assert_int_equal(cpim_decode(&c, big, 1200), EMSGSIZE);
	free(big);

	assert_int_equal(cpim_decode(&c, "From: <a>\n\nContent-Transfer-"
				     "Encoding: base64\n\neA==", 52),
			 ENOTSUP);
	assert_null(c);
}


static void files(void **state)
{
	static const struct {
		const char *name;
		int err;
	} v[] = {
		{"cpim-date-bad.body", 0}, {"cpim-date-future.body", 0},
		{"cpim-escape.body", 0}, {"cpim-fold.body", 0},
		{"cpim-nested-50.body", ELOOP},
		{"cpim-nocontent.body", EBADMSG},
		{"cpim-nohdr.body", EBADMSG},
		{"imdn-request.body", 0}, {"imdn-id-sql.body", 0},
		{"imdn-id-long.body", 0}, {"imdn-reply-to-imdn.body", 0},
		{"imdn-xxe.body", EBADMSG},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		struct cpim *c = NULL;
		char *buf;
		int err = decode_file(&c, &buf, v[i].name);

		assert_int_equal(err, v[i].err);
		if (!err && strstr(v[i].name, "date"))
			assert_int_equal(c->time, 0);
		if (!err && strstr(v[i].name, "id-long"))
			assert_string_equal(c->message_id, "");
		if (!err && strstr(v[i].name, "id-sql"))
			assert_string_equal(c->message_id,
					    "x'; DROP TABLE messages;--");
		mem_deref(c);
		free(buf);
	}
}


static void times(void **state)
{
	static const struct {
		const char *s;
		int64_t time;
	} v[] = {
		{"1970-01-01T00:00:01Z", 1},
		{"2026-11-22T11:23:06Z", 1795346586},
		{"2026-11-22t12:23:06.123+01:00", 1795346586},
		{"2026-11-22T06:53:06-04:30", 1795346586},
		{"2026-11-22T11:23:06", 0}, {"2026-11-22", 0}, {"", 0},
		{"2026-13-22T11:23:06Z", 0}, {"2026-11-22T25:23:06Z", 0},
		{"9999-01-01T00:00:00Z", 0}, {"99999-99-99T99:99:99+99:99", 0},
		{"2026-11-22T11:23:06Zx", 0}, {"2026-11-22T11:23:06+1:00", 0},
		{"-026-11-22T11:23:06Z", 0},
	};
	int64_t t = 1795346586;
	char buf[32];
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		struct pl pl;

		pl_set_str(&pl, v[i].s);
		assert_int_equal(cpim_time_decode(&pl), v[i].time);
	}
	assert_int_equal(cpim_time_decode(NULL), 0);

	(void)re_snprintf(buf, sizeof(buf), "%H", cpim_time_print, &t);
	assert_string_equal(buf, "2026-11-22T11:23:06Z");
}


static void encode(void **state)
{
	struct cpim m = {
		.from_uri = "sip:a@x", .from_name = "A \"q\" \\ \x1b\r\nX",
		.to_uri = "sip:b@x", .time = 1795346586, .subject = "s\nt",
		.message_id = "id1",
		.notify = CPIM_POSITIVE_DELIVERY | CPIM_DISPLAY,
		.ctype = "text/plain", .charset = "utf-8",
		.body = (const uint8_t *)"\xc3\xa4\r\nb", .len = 5,
	};
	struct mbuf *mb = mbuf_alloc(64);
	struct cpim *c = NULL;

	(void)state;

	assert_int_equal(cpim_encode(mb, &m), 0);
	assert_int_equal(cpim_decode(&c, mb->buf, mb->end), 0);
	assert_string_equal(c->from_uri, "sip:a@x");
	assert_string_equal(c->from_name, "A \"q\" \\ \xe2\x90\x9b X");
	assert_string_equal(c->subject, "s t");
	assert_int_equal(c->time, m.time);
	assert_string_equal(c->message_id, "id1");
	assert_int_equal(c->notify, m.notify);
	assert_string_equal(c->charset, "utf-8");
	assert_int_equal(c->len, 5);
	assert_memory_equal(c->body, m.body, 5);
	mem_deref(c);

	m.to_uri = "sip:b@x>\r\nEvil: <x";
	assert_int_equal(cpim_encode(mb, &m), EINVAL);
	m.to_uri = "sip:b@x";
	m.message_id = "a\r\nb";
	assert_int_equal(cpim_encode(mb, &m), EINVAL);
	m.message_id = NULL;
	m.ctype = "text/plain\r\n\r\n";
	assert_int_equal(cpim_encode(mb, &m), EINVAL);
	m.ctype = NULL;
	m.from_uri = "";
	assert_int_equal(cpim_encode(mb, &m), EINVAL);
	mem_deref(mb);
}


static int teardown(void **state)
{
	(void)state;
	mem_debug();

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message),
		cmocka_unit_test(receipt),
		cmocka_unit_test(odd_but_good),
		cmocka_unit_test(nested),
		cmocka_unit_test(bad),
		cmocka_unit_test(files),
		cmocka_unit_test(times),
		cmocka_unit_test(encode),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
