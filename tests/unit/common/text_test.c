/**
 * @file text_test.c  Cleaning, measuring and cutting of text from outside
 *
 * Besides the tables of cases, every byte string of up to two bytes and
 * every code point is put through the cleaner and the promise of text.h is
 * checked on what comes out. OFFHOOK_CORPUS names a folder with more.
 */
#include "common/text.h"

#include <dirent.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#define FAMILY "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"

#define N(a) (sizeof(a) / sizeof((a)[0]))


/* The promise of text_clean(), checked on its result */
static void assert_clean(const char *s, enum text_kind kind)
{
	size_t len = strlen(s), i = 0;
	unsigned marks = 0;

	assert_true(text_is_utf8(s, len));

	while (i < len) {
		uint32_t cp;

		i += text_decode(&cp, s + i, len - i);

		if (cp == '\n' && kind == TEXT_BODY) {
			marks = 0;
			continue;
		}

		assert_true(cp >= 0x20);
		assert_false(cp >= 0x7f && cp <= 0x9f);
		assert_false(cp >= 0x202a && cp <= 0x202e);
		assert_false(cp >= 0x2066 && cp <= 0x2069);
		assert_false(cp == 0x200e || cp == 0x200f || cp == 0x061c);
		assert_false(cp == 0x200b || cp == 0xfeff);
		assert_false(cp == 0x2028 || cp == 0x2029);

		if (kind == TEXT_NAME) {
			assert_false(cp >= 0xe0000 && cp <= 0xe0fff);
			assert_false(cp == 0x200c || cp == 0x200d);
			marks = cp >= 0x300 && cp < 0x370 ? marks + 1 : 0;
			assert_true(marks <= 4);
		}
	}
}


static void clean_all_kinds(const char *s, size_t len)
{
	static const enum text_kind kinds[] = {
		TEXT_NAME, TEXT_LINE, TEXT_BODY
	};
	size_t i;

	for (i = 0; i < N(kinds); i++) {
		char *a = text_clean(s, len, kinds[i]), *b;

		assert_non_null(a);
		assert_clean(a, kinds[i]);

		b = text_clean(a, strlen(a), kinds[i]);
		assert_string_equal(a, b);
		free(a);
		free(b);
	}
}


static void check_cuts(const char *s)
{
	size_t len = strlen(s), off, next, steps = 0, cols;
	size_t all = text_width(s);

	for (off = 0; off < len; off = next) {
		next = text_next(s, off);
		assert_true(next > off && next <= len);
		assert_int_equal(text_prev(s, next), off);
		++steps;
	}
	for (off = len; off; off = text_prev(s, off))
		--steps;
	assert_int_equal(steps, 0);

	for (cols = 0; cols < all + 2 && cols < 200; cols++) {
		size_t want, n = text_fit(s, cols, &want);

		assert_true(n <= len && want <= cols);
		assert_true(n == 0 || n == len ||
			    text_next(s, text_prev(s, n)) == n);
	}
	assert_int_equal(text_fit(s, all, NULL), len);
}


static void decode_good(void **state)
{
	uint32_t cp, back;
	char buf[4];

	(void)state;

	for (cp = 0; cp <= 0x10ffff; cp++) {
		size_t n = text_encode(buf, cp);

		assert_int_equal(text_decode(&back, buf, n), n);
		assert_int_equal(back, cp >= 0xd800 && cp <= 0xdfff ? 0xfffd
								    : cp);
	}

	text_encode(buf, 0x110000);
	text_decode(&back, buf, 4);
	assert_int_equal(back, 0xfffd);
}


static void decode_bad(void **state)
{
	static const struct {
		const char *s;
		size_t used;
	} v[] = {
		{"\xc0\xaf", 1},         {"\xc1\xbf", 1},
		{"\xe0\x80\x9b", 1},     {"\xe0\x9f\xbf", 1},
		{"\xf0\x80\x80\x80", 1}, {"\xf0\x8f\xbf\xbf", 1},
		{"\xed\xa0\xbd", 1},     {"\xf4\x90\x80\x80", 1},
		{"\xf8\x88\x80\x80\x80", 1}, {"\xfe", 1}, {"\xff", 1},
		{"\x80", 1},             {"\xbf\xbf", 1},
		{"\xc3", 1},             {"\xe2\x82", 2},
		{"\xf0\x9f\x98", 3},     {"\xe2\x82" "A", 2},
		{"\xc3" "A", 1},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		uint32_t cp = 0;

		assert_int_equal(text_decode(&cp, v[i].s, strlen(v[i].s)),
				 v[i].used);
		assert_int_equal(cp, 0xfffd);
		assert_false(text_is_utf8(v[i].s, strlen(v[i].s)));
	}

	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("\xef\xbf\xbd", 3));
	assert_true(text_is_utf8("M\xc3\xbcller", 7));
}


struct clean_case {
	enum text_kind kind;
	const char *in;
	const char *out;
};


static const struct clean_case cleanv[] = {
	{TEXT_LINE, "plain text", "plain text"},
	{TEXT_LINE, "", ""},
	{TEXT_NAME, "J\xc3\xb6rg \xe6\xbc\xa2", "J\xc3\xb6rg \xe6\xbc\xa2"},
	{TEXT_LINE, "a\nb\tc\r\nd", "a b c d"},
	{TEXT_BODY, "a\nb\tc\r\nd", "a\nb    c\nd"},
	{TEXT_BODY, "a\rb", "a\xe2\x90\x8d" "b"},
	{TEXT_LINE, "\x1b[31mx", "\xe2\x90\x9b[31mx"},
	{TEXT_LINE, "\x7f\x07", "\xe2\x90\xa1\xe2\x90\x87"},
	{TEXT_LINE, "\xc2\x9b" "31m", "\xef\xbf\xbd" "31m"},
	{TEXT_LINE, "\x9b" "31m", "\xef\xbf\xbd" "31m"},
	{TEXT_LINE, "\xc0\x9b[2J", "\xef\xbf\xbd\xef\xbf\xbd[2J"},
	{TEXT_LINE, "abc\xe2\x82", "abc\xef\xbf\xbd"},
	{TEXT_NAME, "bob\xe2\x80\xae" "fdp.exe", "bobfdp.exe"},
	{TEXT_NAME, "\xe2\x81\xa6x\xe2\x81\xa9", "x"},
	{TEXT_NAME, "bo\xe2\x80\x8b" "b\xef\xbb\xbf", "bob"},
	{TEXT_NAME, "bo\xe2\x80\x8d" "b", "bob"},
	{TEXT_LINE, "bo\xe2\x80\x8d" "b", "bo\xe2\x80\x8d" "b"},
	{TEXT_NAME, "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf",
		    "\xf0\x9f\x8f\xb4"},
	{TEXT_LINE, "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf",
		    "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf"},
	{TEXT_NAME, "\xcc\x80x", "\xe2\x97\x8c\xcc\x80x"},
	{TEXT_NAME, "h\xcc\x80\xcc\x96\xcc\xa1\xcc\xb4\xcd\x87\xcc\x80i",
		    "h\xcc\x80\xcc\x96\xcc\xa1\xcc\xb4i"},
	{TEXT_LINE, "a\xe2\x80\xa8" "b", "a b"},
	{TEXT_BODY, "a\xe2\x80\xa8" "b", "a\nb"},
	{TEXT_LINE, "\xf3\xa0\xbf\xbf", "\xef\xbf\xbd"},
	{TEXT_LINE, "\xef\xbf\xbf", "\xef\xbf\xbd"},
	{TEXT_LINE, "\xed\xa0\xbd\xed\xb8\x80",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};


static void clean_table(void **state)
{
	char *s;
	size_t i;

	(void)state;

	for (i = 0; i < N(cleanv); i++) {
		const struct clean_case *c = &cleanv[i];

		s = text_clean(c->in, strlen(c->in), c->kind);
		assert_non_null(s);
		assert_string_equal(s, c->out);
		free(s);
		clean_all_kinds(c->in, strlen(c->in));
	}

	s = text_clean("a\0b", 3, TEXT_LINE);
	assert_string_equal(s, "a\xe2\x90\x80" "b");
	free(s);

	s = text_clean(NULL, 7, TEXT_LINE);
	assert_string_equal(s, "");
	free(s);
}


static void clean_every_input(void **state)
{
	char buf[8];
	unsigned a, b;
	uint32_t cp;

	(void)state;

	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			buf[0] = (char)a;
			buf[1] = (char)b;
			clean_all_kinds(buf, 2);
		}
	}

	for (cp = 0; cp <= 0x10ffff; cp += cp < 0x3000 ? 1 : 37) {
		size_t n = text_encode(buf, cp);

		clean_all_kinds(buf, n);
	}
}


static void clean_floods(void **state)
{
	static const char *const unit[] = {
		"\xcc\x80", "\xe2\x80\x8d", "\xef\xb8\x8f", "\xe2\x81\xa7",
		"\xf3\xa0\x81\xa1", "\xe0\xbe\x90", "\x07", "\xc2\x9b",
		"\xef\xbb\xbf", "\n", "\t",
	};
	enum { COUNT = 20000 };
	size_t i, k;

	(void)state;

	for (i = 0; i < N(unit); i++) {
		size_t n = strlen(unit[i]);
		char *s = malloc(n * COUNT + 1), *c;

		assert_non_null(s);
		for (k = 0; k < COUNT; k++)
			memcpy(s + n * k, unit[i], n);
		s[n * COUNT] = '\0';

		clean_all_kinds(s, n * COUNT);
		c = text_clean(s, n * COUNT, TEXT_NAME);
		assert_true(text_fit(c, 10, NULL) <= 64);
		free(c);
		free(s);
	}
}


static void plain(void **state)
{
	static const struct {
		const char *in;
		size_t cols;
		const char *out;
	} v[] = {
		{"hello", 80, "hello"},
		{"hello", 3, "hel"},
		{"a\x1b]0;x\x07", 80, "a]0;x"},
		{"a\xc2\x9d" "b", 80, "a\xef\xbf\xbd" "b"},
		{"a\nb", 80, "a b"},
		{"\xee\x80\x80x", 80, "x"},
		{"\xe6\xbc\xa2\xe6\xbc\xa2", 3, "\xe6\xbc\xa2"},
		{"abc", 0, ""},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		char *s = text_plain(v[i].in, strlen(v[i].in), v[i].cols);

		assert_string_equal(s, v[i].out);
		free(s);
	}
}


static void fold(void **state)
{
	static const struct {
		const char *s, *part;
		bool has;
	} v[] = {
		{"Alice", "LIC", true}, {"Alice", "", true},
		{"Alice", "lix", false}, {"", "x", false},
		{"J\xc3\x96RG", "j\xc3\xb6", true},
		{"Jo\xcc\x88rg", "J\xc3\x96R", true},       /* NFD, NFC */
		{"\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "\xd0\x92\xd0\x90",
		 true},
		{"Stra\xc3\x9f" "e", "STRASSE", true},
		{"bad \xff BYTES", "bytes", true},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		char *f = text_fold(v[i].part);

		assert_non_null(f);
		assert_int_equal(text_contains(v[i].s, f), v[i].has);
		free(f);
	}
}


/* The short way of text_contains() against the long one: each character, and
   each ASCII letter that it may fold to */
static void fold_of_each_character(void **state)
{
	uint32_t cp;
	(void)state;

	for (cp = 0x80; cp < 0x110000; cp++) {
		char s[8] = "", part[2] = "";
		char *f, *p;
		size_t n = 0;

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		if (cp >= 0x10000)
			s[n++] = (char)(0xf0 | cp >> 18);
		if (cp >= 0x800)
			s[n] = (char)(n ? 0x80 | (cp >> 12 & 63) :
				      0xe0 | cp >> 12), n++;
		s[n] = (char)(n ? 0x80 | (cp >> 6 & 63) : 0xc0 | cp >> 6);
		s[n + 1] = (char)(0x80 | (cp & 63));

		f = text_fold(s);
		assert_non_null(f);
		for (p = f; *p; p++) {
			part[0] = *p;
			if (!(*p & 0x80))
				assert_true(text_contains(s, part));
		}
		free(f);
	}
	assert_false(text_contains("J\xc3\xb6rg", "x"));
	assert_true(text_contains("Gro\xc3\x9f", "ss"));
}


static void widths(void **state)
{
	static const struct {
		const char *s;
		size_t cols;
	} v[] = {
		{"", 0}, {"abc", 3}, {"J\xc3\xb6rg", 4}, {"u\xcc\x88", 1},
		{"\xe6\xbc\xa2\xe5\xad\x97", 4}, {"\xef\xbd\xb1", 1},
		{"\xef\xbc\xa1", 2}, {"\x1b[m", 2}, {"\xef\xbf\xbd", 1},
		{"\xe2\x90\x9b", 1}, {"\xf0\x9f\x98\x80", 2},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++)
		assert_int_equal(text_width(v[i].s), v[i].cols);

	assert_int_equal(text_width(NULL), 0);
	assert_int_equal(text_cp_width(0x1b), 0);
	assert_int_equal(text_cp_width(0x200d), 0);
	assert_int_equal(text_cp_width(0xffff), 0);
}


static void fit(void **state)
{
	static const struct {
		const char *s;
		size_t cols, bytes, want;
	} v[] = {
		{"hello", 3, 3, 3},
		{"hello", 9, 5, 5},
		{"", 5, 0, 0},
		{"x\xe6\xbc\xa2y", 2, 1, 1},    /* no half of it  */
		{"x\xe6\xbc\xa2y", 3, 4, 3},
		{"u\xcc\x88u\xcc\x88", 1, 3, 1},    /* mark and base  */
		{"au\xcc\x88", 1, 1, 1},
		/* a family is one cluster, or nothing */
		{FAMILY, 3, 0, 0},
		{FAMILY, 4, 11, 4},
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++) {
		size_t want = 99;

		assert_int_equal(text_fit(v[i].s, v[i].cols, &want),
				 v[i].bytes);
		assert_int_equal(want, v[i].want);
	}

	assert_int_equal(text_fit(NULL, 3, NULL), 0);
}


static void clusters(void **state)
{
	static const char *const v[] = {
		"hello", "J\xc3\xb6rg", "au\xcc\x88" "b\r\nc",
		"\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7\xe0\xa4\xbf x",
		"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab\xf0\x9f\x87"
		"\xb7\xf0\x9f\x87\xaa",
		"1\xef\xb8\x8f\xe2\x83\xa3z", "a\xcc\x80\xcc\x81",
		"\xf0\x9f\x91\xa9\xf0\x9f\x8f\xbd\xe2\x80\x8d\xf0\x9f\x9a\x80",
		"broken \xf0\x9f\x91 \xff\xfe tail \xe2",
	};
	size_t i;

	(void)state;

	for (i = 0; i < N(v); i++)
		check_cuts(v[i]);

	/* Two flags are two steps, an umlaut of two code points is one */
	assert_int_equal(text_next(v[4], 0), 8);
	assert_int_equal(text_prev(v[4], 16), 8);
	assert_int_equal(text_next("u\xcc\x88x", 0), 3);
	assert_int_equal(text_prev("u\xcc\x88", 3), 0);
	assert_int_equal(text_next("ab", 2), 2);
	assert_int_equal(text_prev("ab", 0), 0);
}


static void corpus_file(const char *file)
{
	static char buf[1 << 20];
	FILE *f = fopen(file, "rb");
	size_t n;
	char *s;

	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);

	clean_all_kinds(buf, n);

	s = text_clean(buf, n, TEXT_LINE);
	if (strlen(s) < 20000)
		check_cuts(s);
	free(s);

	s = text_plain(buf, n, 80);
	assert_true(text_width(s) <= 80);
	assert_clean(s, TEXT_NAME);
	free(s);
}


static void corpus(void **state)
{
	static const char *const dirs[] = {"utf8", "term", "msg"};
	const char *root = getenv("OFFHOOK_CORPUS");
	size_t i, n = 0;

	(void)state;

	for (i = 0; root && i < N(dirs); i++) {
		char path[4096];
		struct dirent *de;
		DIR *dir;

		(void)snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		dir = opendir(path);
		while (dir && (de = readdir(dir)) != NULL) {
			if (de->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof(path), "%s/%s/%s", root,
				       dirs[i], de->d_name);
			corpus_file(path);
			++n;
		}
		if (dir)
			(void)closedir(dir);
	}

	if (!n)
		skip();
	print_message("%zu files\n", n);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_good),
		cmocka_unit_test(decode_bad),
		cmocka_unit_test(clean_table),
		cmocka_unit_test(clean_every_input),
		cmocka_unit_test(clean_floods),
		cmocka_unit_test(plain),
		cmocka_unit_test(fold),
		cmocka_unit_test(fold_of_each_character),
		cmocka_unit_test(widths),
		cmocka_unit_test(fit),
		cmocka_unit_test(clusters),
		cmocka_unit_test(corpus),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
