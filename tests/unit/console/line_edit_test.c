/**
 * @file line_edit_test.c  Typing, by grapheme, with history and paste
 */
#include "console/line_edit.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/text.h"


/* Keys by their names, parted by blanks; "'text" is typed as it is */
static enum line_result press(struct line_edit *le, const char *keys)
{
	enum line_result r = LINE_UNUSED;
	char name[128];

	while (*keys) {
		size_t n = strcspn(keys, " "), i = 1;

		memcpy(name, keys, n);
		name[n] = '\0';
		if (name[0] == '\'' && n > 1) {
			while (i < n) {
				uint32_t cp;

				i += text_decode(&cp, name + i, n - i);
				r = line_edit_key(le, cp);
			}
		}
		else {
			key_code key = !strcmp(name, "Paste") ?
				(key_code)K_PASTE_START :
				!strcmp(name, "PasteEnd") ?
				(key_code)K_PASTE_END : key_parse(name);

			assert_int_not_equal(key, KEY_NONE);
			r = line_edit_key(le, key);
		}
		keys += n + (keys[n] == ' ');
	}

	return r;
}


static void is(struct line_edit *le, const char *before, const char *after)
{
	char want[512];

	(void)snprintf(want, sizeof(want), "%s%s", before, after);
	assert_string_equal(line_edit_text(le), want);
	assert_int_equal(line_edit_pos(le), strlen(before));
}


static void edits(void **state)
{
	static const struct {
		const char *keys, *before, *after;
	} v[] = {
		{ "'abc", "abc", "" },
		{ "'abc Left", "ab", "c" },
		{ "'abc C-a", "", "abc" },
		{ "'abc Home Right", "a", "bc" },
		{ "'abc Home End", "abc", "" },
		{ "'abc Backspace", "ab", "" },
		{ "'abc C-h", "ab", "" },
		{ "'abc Home Delete", "", "bc" },
		{ "'abc Home C-d", "", "bc" },
		{ "'abc C-a C-k", "", "" },
		{ "'abc C-u", "", "" },
		{ "'abc C-u C-y C-y", "abcabc", "" },
		{ "'one Space 'two C-w", "one ", "" },
		{ "'one Space 'two Space C-w", "one ", "" },
		{ "'sip:bob@host C-w", "", "" },
		{ "'one.two M-Backspace", "one.", "" },
		{ "'one Space 'two M-b", "one ", "two" },
		{ "'one Space 'two M-b M-b", "", "one two" },
		{ "'one Space 'two Home M-f", "one", " two" },
		{ "'one Space 'two Home M-d", "", " two" },
		{ "'abc C-t", "acb", "" },
		{ "'abc Left C-t", "acb", "" },
		{ "'äöü Left", "äö", "ü" },
		{ "'äöü Backspace", "äö", "" },
		{ "'了解 Backspace", "了", "" },
		{ "'了解 Home C-f", "了", "解" },
		{ "Left Right Home End Backspace Delete C-w C-k C-t", "", "" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct line_edit *le = line_edit_alloc(NULL, 0);

		(void)press(le, v[i].keys);
		is(le, v[i].before, v[i].after);
		line_edit_free(le);
	}
}


/* A cluster is one step: a letter with marks, a joined family, a flag */
static void clusters(void **state)
{
	static const char *const v[] = {
		"e\xcc\x81", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
		"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct line_edit *le = line_edit_alloc(NULL, 0);

		line_edit_set(le, v[i]);
		(void)press(le, "'x Left Left");
		assert_int_equal(line_edit_pos(le), 0);
		(void)press(le, "Right");
		assert_int_equal(line_edit_pos(le), strlen(v[i]));
		(void)press(le, "Backspace");
		is(le, "", "x");
		line_edit_free(le);
	}
}


static void results(void **state)
{
	struct line_edit *le = line_edit_alloc(NULL, 0);
	(void)state;

	assert_int_equal(press(le, "'a"), LINE_CHANGED);
	assert_int_equal(press(le, "Left"), LINE_MOVED);
	assert_int_equal(press(le, "Enter"), LINE_ACCEPT);
	assert_int_equal(press(le, "Esc"), LINE_LEAVE);
	assert_int_equal(press(le, "C-g"), LINE_LEAVE);
	assert_int_equal(press(le, "C-c"), LINE_LEAVE);
	assert_int_equal(press(le, "Tab"), LINE_COMPLETE);
	assert_int_equal(press(le, "S-Tab"), LINE_COMPLETE_BACK);
	assert_int_equal(press(le, "F9"), LINE_UNUSED);
	assert_int_equal(press(le, "PgUp"), LINE_UNUSED);
	assert_int_equal(press(le, "M-z"), LINE_UNUSED);
	assert_int_equal(press(le, "M-Enter"), LINE_UNUSED);
	is(le, "", "a");
	line_edit_free(le);
}


static void paste(void **state)
{
	struct line_edit *le = line_edit_alloc(NULL, 0);
	(void)state;

	/* Nothing in it accepts, leaves, completes or goes into history */
	assert_int_equal(press(le, "Paste 'one Enter 'two Tab 'x Esc C-c "
			       "C-u M-e Up PasteEnd"), LINE_MOVED);
	is(le, "one two x", "");
	assert_int_equal(press(le, "Enter"), LINE_ACCEPT);
	line_edit_free(le);

	le = line_edit_alloc(NULL, LINE_MULTI);
	(void)press(le, "Paste 'a Enter 'b PasteEnd M-Enter 'c");
	is(le, "a\nb\nc", "");
	line_edit_free(le);
}


static void literal(void **state)
{
	struct line_edit *le = line_edit_alloc(NULL, 0);
	(void)state;

	(void)press(le, "C-v C-c C-v 'a C-v Enter");
	is(le, "a", "");
	line_edit_free(le);
}


static void history_moves(void **state)
{
	struct history *h = history_alloc(3);
	struct line_edit *le;
	(void)state;

	history_add(h, "zero");
	history_add(h, "one");
	history_add(h, "one");
	history_add(h, "");
	history_add(h, "set Password hunter2");
	history_add(h, "two");
	history_add(h, "three");
	assert_int_equal(history_count(h), 3);
	assert_string_equal(history_at(h, 0), "one");
	assert_null(history_at(h, 3));

	le = line_edit_alloc(h, 0);
	(void)press(le, "'draft Up");
	is(le, "three", "");
	(void)press(le, "Up Up Up C-p");
	is(le, "one", "");
	(void)press(le, "Down Down C-n Down");
	is(le, "draft", "");
	line_edit_free(le);

	/* A password field has none */
	le = line_edit_alloc(h, LINE_SECRET);
	(void)press(le, "'x Up C-r");
	is(le, "x", "");
	line_edit_free(le);
	history_free(h);
}


static void search(void **state)
{
	struct history *h = history_alloc(10);
	struct line_edit *le;
	(void)state;

	history_add(h, "call bob");
	history_add(h, "msg bob hello");
	history_add(h, "theme light");

	le = line_edit_alloc(h, 0);
	(void)press(le, "'dr C-r 'bob");
	assert_string_equal(line_edit_search(le), "bob");
	is(le, "msg bob hello", "");
	(void)press(le, "C-r");
	is(le, "call bob", "");
	(void)press(le, "C-r");
	is(le, "call bob", "");
	assert_int_equal(press(le, "Esc"), LINE_CHANGED);
	is(le, "dr", "");
	assert_null(line_edit_search(le));
	assert_int_equal(press(le, "C-r 'light Enter"), LINE_ACCEPT);
	is(le, "theme light", "");
	line_edit_free(le);
	history_free(h);
}


static void history_file(void **state)
{
	char dir[] = "/tmp/offhook-test-XXXXXX", file[64];
	struct history *a = history_alloc(10), *b = history_alloc(10);
	struct stat st;
	(void)state;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/history", dir);
	assert_int_not_equal(history_load(b, file), 0);
	history_add(a, "call bob");
	history_add(a, "msg bob grüße");
	assert_int_equal(history_save(a, file), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(history_load(b, file), 0);
	assert_int_equal(history_count(b), 2);
	assert_string_equal(history_at(b, 1), "msg bob grüße");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
	history_free(a);
	history_free(b);
}


/* The cursor is always inside, whatever the width */
static void views(void **state)
{
	static const char *const v[] = {
		"", "a", "hello world, a long line of text", "了解了解了解了解",
		"äöüäöüäöü", "e\xcc\x81" "e\xcc\x81" "e\xcc\x81"
	};
	size_t i, cols, start, cursor;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct line_edit *le = line_edit_alloc(NULL, 0);

		line_edit_set(le, v[i]);
		for (;;) {
			for (cols = 1; cols < 20; cols++) {
				line_edit_view(le, cols, &start, &cursor);
				assert_true(cursor < cols);
				assert_true(start <= line_edit_pos(le));
			}
			if (!line_edit_pos(le))
				break;
			(void)press(le, "Left");
		}
		line_edit_free(le);
	}
}


/* The cursor stands behind what is in front of it, in columns */
static void view_cursor(void **state)
{
	static const struct {
		const char *text;
		size_t cols, start, cursor;
	} v[] = {
		{ "abcdef", 20, 0, 6 }, { "abcdef", 4, 3, 3 },
		{ "äöü", 20, 0, 3 }, { "了解", 20, 0, 4 }, { "a了b", 20, 0, 4 },
		{ "e\xcc\x81" "x", 20, 0, 2 },
	};
	size_t i, start, cursor;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct line_edit *le = line_edit_alloc(NULL, 0);

		line_edit_set(le, v[i].text);
		line_edit_view(le, v[i].cols, &start, &cursor);
		assert_int_equal(start, v[i].start);
		assert_int_equal(cursor, v[i].cursor);
		line_edit_free(le);
	}
}


static void replace(void **state)
{
	struct line_edit *le = line_edit_alloc(NULL, 0);
	(void)state;

	line_edit_set(le, "call bo now");
	line_edit_replace(le, 5, 7, "\"Bob Miller\"");
	is(le, "call \"Bob Miller\"", " now");
	line_edit_replace(le, 9, 3, "no");
	line_edit_replace(le, 0, 999, "no");
	is(le, "call \"Bob Miller\"", " now");
	line_edit_free(le);
}


static void long_line(void **state)
{
	struct line_edit *le = line_edit_alloc(NULL, 0);
	size_t i;
	(void)state;

	for (i = 0; i < 70000; i++)
		(void)line_edit_key(le, 'x');
	assert_true(strlen(line_edit_text(le)) < 65536);
	line_edit_free(le);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(clusters),
		cmocka_unit_test(results),
		cmocka_unit_test(paste),
		cmocka_unit_test(literal),
		cmocka_unit_test(history_moves),
		cmocka_unit_test(search),
		cmocka_unit_test(history_file),
		cmocka_unit_test(views),
		cmocka_unit_test(view_cursor),
		cmocka_unit_test(replace),
		cmocka_unit_test(long_line),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");

	return cmocka_run_group_tests(tests, NULL, NULL);
}
