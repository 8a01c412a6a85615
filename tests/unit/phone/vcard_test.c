/**
 * @file vcard_test.c  vCards as other programs write them, and worse
 */
#include "phone/contact/vcard.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DATA "tests/data/vcard"


static struct vcard *decode(const char *s)
{
	struct vcard *vc = NULL;

	assert_int_equal(vcard_decode(&vc, s, strlen(s)), 0);
	assert_non_null(vc);

	return vc;
}


static char *print(const struct vcard *vc)
{
	char *s = NULL;

	assert_int_equal(re_sdprintf(&s, "%H", vcard_print, vc), 0);

	return s;
}


/* Lines of what is printed obey RFC 6350 3.2 */
static void check_lines(const char *s)
{
	while (*s) {
		const char *end = strstr(s, "\r\n");

		assert_non_null(end);
		assert_true(end - s <= 75 ||
			    memmem(s, (size_t)(end - s), "QUOTED", 6));
		s = end + 2;
	}
}


static void good(void **state)
{
	struct vcard *vc = decode(
		"BEGIN:VCARD\r\n"
		"VERSION:4.0\r\n"
		"FN:Alice\r\n"
		"item1.IMPP;PREF=1:sip:alice@x.test\r\n"
		"impp:sip:alice@y.test\r\n"
		"NOTE:one\\, two\\; three\\nfour\\\\five\r\n"
		"X-A;P=\"a:b\":v:w\r\n"
		"END:VCARD\r\n");

	(void)state;

	assert_string_equal(vcard_value(vc, "fn", 0), "Alice");
	assert_string_equal(vcard_value(vc, "IMPP", 0), "sip:alice@x.test");
	assert_string_equal(vcard_value(vc, "IMPP", 1), "sip:alice@y.test");
	assert_null(vcard_value(vc, "IMPP", 2));
	assert_string_equal(vcard_value(vc, "NOTE", 0),
			    "one, two; three\nfour\\five");
	assert_string_equal(vcard_value(vc, "X-A", 0), "v:w");
	assert_null(vcard_value(vc, "ITEM1", 0));
	assert_null(vcard_value(NULL, "FN", 0));
	mem_deref(vc);
}


static void odd_but_good(void **state)
{
	static const struct {
		const char *in;
		const char *fn;
	} v[] = {
		{"\xef\xbb\xbf" "BEGIN:VCARD\nFN:bom\nEND:VCARD\n", "bom"},
		{"\n\nbegin:vcard\nfn:lower\nend:vcard", "lower"},
		{"BEGIN:VCARD \r\nFN:space\r\nEND:VCARD\r\n", "space"},
		{"BEGIN:VCARD\nFN:fol\n ded\n\t too\nEND:VCARD\n",
		 "folded too"},
		{"BEGIN:VCARD\nFN:\xc3\n \xbc\nEND:VCARD\n", "\xc3\xbc"},
		{"BEGIN:VCARD\nFN:no end", "no end"},
		{"BEGIN:VCARD\nFN:\nEND:VCARD\n", ""},
		{"BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:"
		 "J=C3=B6r=\ng=20X\nEND:VCARD\n", "J\xc3\xb6rg X"},
		{"BEGIN:VCARD\nFN;QUOTED-PRINTABLE:a=00b=G1=4\nEND:VCARD\n",
		 "a=00b=G1=4"},
		{"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:inner\nEND:VCARD\n"
		 "FN:outer\nEND:VCARD\n", "outer"},
		{"BEGIN:VCARD\nFN:first\nEND:VCARD\n"
		 "BEGIN:VCARD\nFN:second\nEND:VCARD\n", "first"},
		{"BEGIN:VCARD\nFN:trailing\\\nEND:VCARD\n", "trailing\\"},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		struct vcard *vc = decode(v[i].in);

		assert_string_equal(vcard_value(vc, "FN", 0), v[i].fn);
		mem_deref(vc);
	}
}


static void bad(void **state)
{
	struct vcard *vc = NULL;
	struct mbuf *mb = mbuf_alloc(2 << 20);
	unsigned i;

	(void)state;

	assert_int_equal(vcard_decode(&vc, "", 0), EBADMSG);
	assert_int_equal(vcard_decode(&vc, "FN:x\n", 5), EBADMSG);
	assert_int_equal(vcard_decode(&vc, "BEGIN:VCARD\nFN:\0x", 17),
			 EBADMSG);
	assert_int_equal(vcard_decode(&vc, NULL, 1), EINVAL);

	/* a card inside that never ends */
	assert_int_equal(vcard_decode(&vc, "BEGIN:VCARD\nBEGIN:VCARD\n"
				      "FN:x\n", 29), EBADMSG);

	(void)mbuf_write_str(mb, "BEGIN:VCARD\n");
	for (i = 0; i < 1001; i++)
		(void)mbuf_write_str(mb, "TEL:1\n");
	assert_int_equal(vcard_decode(&vc, (char *)mb->buf, mb->end),
			 EMSGSIZE);

	(void)mbuf_fill(mb, 'x', (1 << 20) + 1 - mb->end);
	assert_int_equal(vcard_decode(&vc, (char *)mb->buf, mb->end),
			 EMSGSIZE);
	assert_null(vc);
	mem_deref(mb);
}


static void kept_as_it_was(void **state)
{
	static const char card[] =
		"BEGIN:VCARD\r\n"
		"VERSION:3.0\r\n"
		"N:Example;Anna;;;\r\n"
		"FN:Anna Example\r\n"
		"item1.TEL;type=pref:+49 (30) 1234-567\r\n"
		"item1.X-ABLabel:_$!<Mobile>!$_\r\n"
		"no colon here at all\r\n"
		":no name\r\n"
		"X-UNKNOWN;FOO=\"a:b;c\":kept\\:too\r\n"
		"END:VCARD\r\n";
	struct vcard *vc = decode(card);
	char *s = print(vc);

	(void)state;

	assert_string_equal(s, card);
	mem_deref(s);
	mem_deref(vc);
}


static void set(void **state)
{
	static const char *const fn[] = {"New; Name, \\ and\nmore"};
	static const char *const impp[] = {
		"sip:new@example.org;transport=tcp", "sip:keep@example.org"
	};
	static const char *const tel[] = {"tel:+4930123", "sip:1@x"};
	struct vcard *vc = decode("BEGIN:VCARD\nVERSION:4.0\nFN:Old\n"
				  "IMPP;PREF=1:sip:keep@example.org\nX-A:a\n"
				  "IMPP:sip:gone@example.org\nEND:VCARD\n");
	char *s;

	(void)state;

	assert_int_equal(vcard_set(vc, "FN", fn, 1), 0);
	assert_int_equal(vcard_set(vc, "IMPP", impp, 2), 0);
	assert_int_equal(vcard_set(vc, "TEL", tel, 2), 0);
	assert_int_equal(vcard_set(vc, "NONE", NULL, 0), 0);
	assert_int_equal(vcard_set(vc, "FN", NULL, 1), EINVAL);
	assert_string_equal(vcard_value(vc, "FN", 0), fn[0]);
	assert_string_equal(vcard_value(vc, "IMPP", 0), impp[0]);

	s = print(vc);
	assert_string_equal(s,
		"BEGIN:VCARD\r\n"
		"VERSION:4.0\r\n"
		"FN:New\\; Name\\, \\\\ and\\nmore\r\n"
		"IMPP:sip:new@example.org;transport=tcp\r\n"
		"IMPP;PREF=1:sip:keep@example.org\r\n"
		"X-A:a\r\n"
		"TEL;VALUE=uri:tel:+4930123\r\n"
		"TEL;VALUE=uri:sip:1@x\r\n"
		"END:VCARD\r\n");
	mem_deref(s);

	assert_int_equal(vcard_set(vc, "IMPP", NULL, 0), 0);
	assert_null(vcard_value(vc, "IMPP", 0));
	mem_deref(vc);
}


/* What is added must not become part of the line before it */
static void added_apart(void **state)
{
	static const char *const headv[] = {
		"N;ENCODING=QUOTED-PRINTABLE:x=07=\n=41=Z=\n", "\n \n", "\n  \n",
		"FN:x\\\n",
	};
	static const char *const uriv[] = {"sip:a@b"};
	size_t i;

	(void)state;

	for (i = 0; i < N(headv); i++) {
		struct vcard *vc, *back;
		char card[128], *s;

		(void)snprintf(card, sizeof(card),
			       "BEGIN:VCARD\n%sEND:VCARD\n", headv[i]);
		vc = decode(card);
		assert_int_equal(vcard_set(vc, "IMPP", uriv, 1), 0);
		s = print(vc);
		back = decode(s);
		assert_string_equal(vcard_value(back, "IMPP", 0), "sip:a@b");
		mem_deref(back);
		mem_deref(s);
		mem_deref(vc);
	}
}


static void made_new(void **state)
{
	static const char *const tel[] = {"tel:+49"};
	struct vcard *vc = NULL;
	char *s;

	(void)state;

	assert_int_equal(vcard_alloc(&vc, ""), EINVAL);
	assert_int_equal(vcard_alloc(&vc, "urn:uuid:1"), 0);
	s = print(vc);
	assert_string_equal(s, "BEGIN:VCARD\r\nVERSION:4.0\r\n"
			       "UID:urn:uuid:1\r\nEND:VCARD\r\n");
	mem_deref(s);
	mem_deref(vc);

	/* Version 3.0 has no telephone URIs */
	vc = decode("BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n");
	assert_int_equal(vcard_set(vc, "TEL", tel, 1), 0);
	assert_string_equal(vcard_value(vc, "TEL", 0), "+49");
	mem_deref(vc);
}


static void folded(void **state)
{
	const char *v;
	char text[700];
	struct vcard *vc, *back;
	size_t start, i;
	char *s;

	(void)state;

	/* Umlauts at every distance from the fold */
	for (start = 0; start < 4; start++) {
		for (i = 0; i < start; i++)
			text[i] = 'x';
		for (; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\xf0\x9f\x98\x80", 4);
		text[i] = '\0';
		v = text;

		assert_int_equal(vcard_alloc(&vc, "u"), 0);
		assert_int_equal(vcard_set(vc, "FN", &v, 1), 0);
		s = print(vc);
		check_lines(s);
		back = decode(s);
		assert_string_equal(vcard_value(back, "FN", 0), text);
		mem_deref(back);
		mem_deref(s);
		mem_deref(vc);
	}
}


static void data_files(void **state)
{
	struct dirent *de;
	DIR *d = opendir(DATA);
	unsigned n = 0;

	(void)state;

	assert_non_null(d);
	while ((de = readdir(d)) != NULL) {
		struct vcard *vc = NULL, *back = NULL;
		char file[512], *buf, *a, *b;
		size_t len;
		FILE *f;
		int err;

		if (de->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", DATA, de->d_name);
		f = fopen(file, "rb");
		assert_non_null(f);
		buf = malloc(2 << 20);
		len = fread(buf, 1, 2 << 20, f);
		(void)fclose(f);

		err = vcard_decode(&vc, buf, len);
		free(buf);
		++n;
		if (err)
			continue;

		/* Written and read again it is the same */
		a = print(vc);
		check_lines(a);
		assert_int_equal(vcard_decode(&back, a, strlen(a)), 0);
		b = print(back);
		assert_string_equal(a, b);
		mem_deref(a);
		mem_deref(b);
		mem_deref(back);
		mem_deref(vc);
	}
	(void)closedir(d);
	assert_true(n >= 8);
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
		cmocka_unit_test(good),
		cmocka_unit_test(odd_but_good),
		cmocka_unit_test(bad),
		cmocka_unit_test(kept_as_it_was),
		cmocka_unit_test(set),
		cmocka_unit_test(added_apart),
		cmocka_unit_test(made_new),
		cmocka_unit_test(folded),
		cmocka_unit_test(data_files),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
