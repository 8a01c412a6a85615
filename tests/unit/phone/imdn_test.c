/**
 * @file imdn_test.c  Receipts, and the small XML reader below them
 */
#include "phone/chat/imdn.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xml.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DATA "tests/data/msg"

#define XMLDECL "<?xml version=\"1.0\" encoding=\"UTF-8\" " \
	"standalone=\"no\" ?>"
#define IMDN "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
#define ID "<message-id>a</message-id>"
#define STATUS "<delivery-notification><status><delivered/></status>" \
	"</delivery-notification>"


static void good(void **state)
{
	static const struct {
		const char *s;
		const char *id;
		enum imdn_status status;
		int64_t time;
	} v[] = {
		{XMLDECL IMDN "<message-id>tXGPLrlRzWWV</message-id>"
		 "<datetime>2026-11-22T11:23:06Z</datetime>" STATUS "</imdn>",
		 "tXGPLrlRzWWV", IMDN_DELIVERED, 1795346586},
		{XMLDECL IMDN "<message-id>t</message-id>"
		 "<display-notification><status><displayed/></status>"
		 "</display-notification></imdn>", "t", IMDN_DISPLAYED, 0},
		{"\xef\xbb\xbf <!-- hi -->\r\n<i:imdn xmlns:i='x' >\n"
		 " <i:message-id >x&amp;&lt;y</i:message-id >\n <i:subject>s"
		 "</i:subject>\n <i:delivery-notification>\n  <i:status>\n"
		 "   <i:failed />\n  </i:status>\n"
		 " </i:delivery-notification>\n</i:imdn>\n", "x&<y",
		 IMDN_FAILED, 0},
		{"<imdn>" ID "<delivery-notification><status><error/></status>"
		 "</delivery-notification></imdn>", "a", IMDN_FAILED, 0},
		{"<imdn>" ID "<display-notification><status><error/></status>"
		 "</display-notification></imdn>", "a", IMDN_OTHER, 0},
		{"<imdn>" ID "<processing-notification><status><stored/>"
		 "</status></processing-notification></imdn>", "a",
		 IMDN_PROCESSED, 0},
		{"<imdn>" ID "<display-notification><status><delivered/>"
		 "</status></display-notification></imdn>", "a",
		 IMDN_OTHER, 0},
		{"<imdn><datetime>rubbish</datetime>" STATUS ID "</imdn>",
		 "a", IMDN_DELIVERED, 0},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		struct imdn m;

		assert_int_equal(imdn_decode(&m, v[i].s, strlen(v[i].s)), 0);
		assert_string_equal(m.message_id, v[i].id);
		assert_int_equal(m.status, v[i].status);
		assert_int_equal(m.time, v[i].time);
	}
}


static void bad(void **state)
{
	static const char *const v[] = {
		"", "x", "<imdn>", "<imdn/>", "<imdn>" ID "</imdn>",
		"<imdn>" STATUS "</imdn>",
		"<imdn>" ID ID STATUS "</imdn>",
		"<imdn><message-id></message-id>" STATUS "</imdn>",
		"<imdn><message-id>a\x01</message-id>" STATUS "</imdn>",
		"<imdn><message-id>\xc3\xa4</message-id>" STATUS "</imdn>",
		"<imdn><message-id>a<b/></message-id>" STATUS "</imdn>",
		"<imdn><message-id>&e;</message-id>" STATUS "</imdn>",
		"<imdn><message-id>&#65;</message-id>" STATUS "</imdn>",
		"<imdn><message-id>&</message-id>" STATUS "</imdn>",
		"<imdn><message-id><![CDATA[a]]></message-id>" STATUS
		"</imdn>",
		"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
		"<imdn>" ID STATUS "</imdn>",
		"<other>" ID STATUS "</other>",
		"<imdn>" ID STATUS "</imdm>",
		"<imdn>" ID STATUS "</imdn><imdn/>",
		"<imdn>" ID STATUS "</imdn>x",
		"x<imdn>" ID STATUS "</imdn>",
		"<imdn a>" ID STATUS "</imdn>",
		"<imdn a=b>" ID STATUS "</imdn>",
		"<imdn a='<'>" ID STATUS "</imdn>",
		"<imdn a='1'b='2'>" ID STATUS "</imdn>",
		"<imdn a='1>" ID STATUS "</imdn>",
		"<imdn / >" ID STATUS "</imdn>",
		"< imdn>" ID STATUS "</imdn>",
		"<1imdn>" ID STATUS "</1imdn>",
		"<imdn>" ID STATUS "</imdn", "<imdn>" ID STATUS "</",
		"<imdn>" ID STATUS "<", "<imdn><!-- " ID STATUS "</imdn>",
		"<?xml <imdn>" ID STATUS "</imdn>",
		"<imdn>" ID STATUS "\xff</imdn>",
	};
	struct imdn m;
	char *big;
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(imdn_decode(&m, v[i], strlen(v[i])),
				 EBADMSG);

	assert_int_equal(imdn_decode(&m, "<imdn>\0", 7), EBADMSG);
	assert_int_equal(imdn_decode(&m, NULL, 1), EINVAL);

	/* depth and size */
	big = malloc(100000);
	assert_non_null(big);
	for (i = 0; i < 99999; i += 3)
		memcpy(big + i, "<a>", 3);
	assert_int_equal(imdn_decode(&m, big, 60000), EBADMSG);
	memcpy(big, "<imdn>", 6);
	assert_int_equal(imdn_decode(&m, big, 60000), EBADMSG);
	assert_int_equal(imdn_decode(&m, big, 99999), EMSGSIZE);

	/* an id that is too long */
	(void)snprintf(big, 100000, "<imdn><message-id>%0300d</message-id>"
		       STATUS "</imdn>", 1);
	assert_int_equal(imdn_decode(&m, big, strlen(big)), EMSGSIZE);
	free(big);
}


static void depth(void **state)
{
	unsigned n;

	(void)state;

	for (n = 62; n < 67; n++) {
		enum xml_event ev = XML_TEXT;
		struct xml xml;
		char buf[1024];
		size_t len = 0;
		unsigned i;
		int err;

		for (i = 0; i < n; i++, len += 3)
			memcpy(buf + len, "<a>", 3);
		for (i = 0; i < n; i++, len += 4)
			memcpy(buf + len, "</a>", 4);

		err = xml_init(&xml, buf, len);
		while (!err && ev != XML_END)
			err = xml_next(&xml, &ev);
		assert_int_equal(err, n <= XML_DEPTH_MAX ? 0 : EBADMSG);
	}
}


static void encode(void **state)
{
	static const enum imdn_status v[] = {
		IMDN_PROCESSED, IMDN_DELIVERED, IMDN_DISPLAYED, IMDN_FAILED
	};
	struct mbuf *mb = mbuf_alloc(64);
	struct imdn in, out;
	size_t i;

	(void)state;

	memset(&in, 0, sizeof(in));
	in.time = 1795346586;
	str_ncpy(in.message_id, "a<&>\"'b", sizeof(in.message_id));

	for (i = 0; i < N(v); i++) {
		mbuf_rewind(mb);
		in.status = v[i];
		assert_int_equal(imdn_encode(mb, &in), 0);
		assert_int_equal(imdn_decode(&out, (char *)mb->buf, mb->end),
				 0);
		assert_string_equal(out.message_id, in.message_id);
		assert_int_equal(out.status, in.status);
		assert_int_equal(out.time, in.time);
	}

	in.status = IMDN_OTHER;
	assert_int_equal(imdn_encode(mb, &in), EINVAL);
	in.status = IMDN_DELIVERED;
	in.message_id[0] = '\n';
	assert_int_equal(imdn_encode(mb, &in), EINVAL);
	in.message_id[0] = '\0';
	assert_int_equal(imdn_encode(mb, &in), EINVAL);
	mem_deref(mb);
}


/* Whatever is in the folder: an answer, and no harm */
static void files(void **state)
{
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	(void)state;

	d = opendir(DATA);
	assert_non_null(d);
	while ((de = readdir(d)) != NULL) {
		char path[512], *buf;
		struct imdn m;
		size_t len;
		FILE *f;
		int err;

		if (de->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), DATA "/%s", de->d_name);
		f = fopen(path, "rb");
		assert_non_null(f);
		buf = malloc(1 << 16);
		assert_non_null(buf);
		len = fread(buf, 1, 1 << 16, f);
		(void)fclose(f);
		err = imdn_decode(&m, buf, len);
		if (!strcmp(de->d_name, "imdn-foreign-id.body")) {
			assert_int_equal(err, 0);
			assert_string_equal(m.message_id, "somebody-elses");
		}
		else
			assert_int_not_equal(err, 0);
		free(buf);
		++n;
	}
	(void)closedir(d);
	assert_true(n > 10);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(depth),
		cmocka_unit_test(encode),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
