/**
 * @file theme_test.c  Themes: reading, errors, fewer colours
 */
#include "console/theme.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/offhook-theme-XXXXXX";
static char why[512];


static int load(struct theme *t, const char *name, const char *text)
{
	const char *dirs[] = { dir, NULL };
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s.theme", dir, name);
	if (text) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(text, f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	why[0] = '\0';

	return theme_load(t, name, dirs, why, sizeof(why));
}


static void styles(void **state)
{
	struct theme t;
	struct style st;
	(void)state;

	assert_int_equal(load(&t, "a", "# comment\n[theme]\nname = A\n"
			      "background = light\n\n[roles]\n"
			      "text = #d0d0d0 default\n"
			      "select = - 24 bold underline\n"
			      "error = bright-red blue\n"
			      "[roles.16]\nselect = white blue\n"
			      "[roles.mono]\nselect = - - dim\n"), 0);
	assert_string_equal(t.name, "A");
	assert_string_equal(t.background, "light");

	st = theme_style(&t, ROLE_SELECT, 256);
	assert_int_equal(st.fg, 252);
	assert_int_equal(st.bg, 24);
	assert_int_equal(st.attr, ATTR_BOLD | ATTR_UNDERLINE);

	st = theme_style(&t, ROLE_SELECT, 1 << 24);
	assert_int_equal(st.fg, 0xd0d0d0);

	st = theme_style(&t, ROLE_SELECT, 16);
	assert_int_equal(st.fg, 7);
	assert_int_equal(st.bg, 4);
	assert_int_equal(st.attr, 0);

	st = theme_style(&t, ROLE_ERROR, 256);
	assert_int_equal(st.fg, 9);
	st = theme_style(&t, ROLE_ERROR, 8);
	assert_int_equal(st.fg, 1);

	st = theme_style(&t, ROLE_SELECT, 0);
	assert_int_equal(st.fg, -1);
	assert_int_equal(st.attr, ATTR_DIM);

	/* What is not said comes from text; mono keeps what must be told */
	st = theme_style(&t, ROLE_BUSY, 256);
	assert_int_equal(st.fg, 252);
	st = theme_style(&t, ROLE_BAR, 0);
	assert_int_equal(st.attr, ATTR_REVERSE);
}


static void inherits(void **state)
{
	struct theme t;
	(void)state;

	assert_int_equal(load(&t, "base", "[roles]\ntext = red default\n"
			      "dim = green default\n"), 0);
	assert_int_equal(load(&t, "child", "[theme]\ninherits = base\n"
			      "[roles]\ndim = blue default\n"), 0);
	assert_int_equal(theme_style(&t, ROLE_TEXT, 256).fg, 1);
	assert_int_equal(theme_style(&t, ROLE_DIM, 256).fg, 4);

	/* In a circle it ends */
	(void)load(&t, "loop", "[theme]\ninherits = loop\n");
	assert_int_equal(load(&t, "orphan", "[theme]\ninherits = none\n"),
			 ENOENT);
}


static void errors(void **state)
{
	static const struct {
		const char *text, *want;
	} v[] = {
		{ "a = b\n", "line 1" },
		{ "[roles]\n\ntext = red\nno.such = red\n", "line 4" },
		{ "[roles]\ntext = #12345 default\n", "line 2" },
		{ "[roles]\ntext = #12345g default\n", "line 2" },
		{ "[roles]\ntext = 256 default\n", "0 to 255" },
		{ "[roles]\ntext = -1 default\n", "line 2" },
		{ "[roles]\ntext = 99999999999999999999 -\n", "line 2" },
		{ "[roles]\ntext = pink default\n", "no such colour" },
		{ "[roles]\ntext = red default blinking\n", "attribute" },
		{ "[roles]\ntext =\n", "line 2" },
		{ "[colours]\n", "section" },
		{ "[theme]\nauthor = me\n", "line 2" },
		{ "[theme]\nbackground = blue\n", "dark, light or any" },
		{ "[roles]\nnonsense\n", "KEY = VALUE" },
	};
	struct theme t;
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(load(&t, "bad", v[i].text), EINVAL);
		assert_non_null(strstr(why, v[i].want));
		assert_non_null(strstr(why, "bad.theme line"));
		/* and it can be used nevertheless */
		assert_int_equal(theme_style(&t, ROLE_SELECT, 0).attr,
				 ATTR_REVERSE);
	}

	assert_int_equal(load(&t, "missing", NULL), ENOENT);
	assert_int_equal(theme_style(&t, ROLE_SELECT, 0).attr, ATTR_REVERSE);
}


static void long_line(void **state)
{
	static char text[4096];
	struct theme t;
	(void)state;

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "[roles]\n#", 9);
	memcpy(text + sizeof(text) - 20, "\ntext = red default", 20);
	assert_int_equal(load(&t, "long", text), EINVAL);
	assert_non_null(strstr(why, "line 2"));
	assert_int_equal(theme_style(&t, ROLE_TEXT, 256).fg, 1);
}


/* Those that are shipped have no wrong line and name every role */
static void shipped(void **state)
{
	static const char *const names[] = { "dark", "light", "contrast",
					     "ansi", "mono" };
	static const char *const dirs[] = { "themes", "../themes", NULL };
	struct theme t;
	size_t i;
	int role;
	(void)state;

	if (access("themes/dark.theme", R_OK))
		skip();
	for (i = 0; i < 5; i++) {
		assert_int_equal(theme_load(&t, names[i], dirs, why,
					    sizeof(why)), 0);
		assert_string_equal(t.name, names[i]);
		for (role = 0; i < 4 && role < ROLE_MAX; role++)
			assert_true(t.roles[role].set);
	}
}


static int setup(void **state)
{
	(void)state;

	return mkdtemp(dir) ? 0 : -1;
}


static int teardown(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];
	(void)state;

	while (d && (e = readdir(d))) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		(void)unlink(path);
	}
	if (d)
		(void)closedir(d);

	return rmdir(dir);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(styles),
		cmocka_unit_test(inherits),
		cmocka_unit_test(errors),
		cmocka_unit_test(long_line),
		cmocka_unit_test(shipped),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
