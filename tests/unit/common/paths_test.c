/**
 * @file paths_test.c  Where a profile keeps its things
 */
#include "common/paths.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64];


static void profile(void **state)
{
	static struct paths p;
	static char deep[200];
	char cwd[PATHS_MAX], want[PATHS_MAX + 16];

	(void)state;

	assert_int_equal(paths_init(&p, "/some/profile"), 0);
	assert_string_equal(p.config, "/some/profile/config");
	assert_string_equal(p.data, "/some/profile/data");
	assert_string_equal(p.state, "/some/profile/state");
	assert_string_equal(p.run, "/some/profile/run");
	assert_string_equal(p.socket, "/some/profile/run/sock");

	assert_int_equal(chdir(top), 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(paths_init(&p, "rel"), 0);
	(void)snprintf(want, sizeof(want), "%s/rel/config", cwd);
	assert_string_equal(p.config, want);

	assert_int_equal(paths_init(&p, ""), EINVAL);
	assert_int_equal(paths_init(NULL, "/x"), EINVAL);

	memset(deep, 'd', sizeof(deep) - 1);
	deep[0] = '/';
	assert_int_equal(paths_init(&p, deep), ENAMETOOLONG);
}


static void xdg(void **state)
{
	static struct paths p;

	(void)state;

	(void)setenv("HOME", "/home/bob", 1);
	(void)setenv("XDG_CONFIG_HOME", "/cfg", 1);
	(void)setenv("XDG_DATA_HOME", "relative/is/ignored", 1);
	(void)unsetenv("XDG_STATE_HOME");
	(void)setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);

	assert_int_equal(paths_init(&p, NULL), 0);
	assert_string_equal(p.config, "/cfg/offhook");
	assert_string_equal(p.data, "/home/bob/.local/share/offhook");
	assert_string_equal(p.state, "/home/bob/.local/state/offhook");
	assert_string_equal(p.run, "/run/user/7/offhook");
	assert_string_equal(p.socket, "/run/user/7/offhook/sock");

	(void)unsetenv("XDG_RUNTIME_DIR");
	assert_int_equal(paths_init(&p, NULL), 0);
	assert_string_equal(p.run, "/home/bob/.local/state/offhook/run");

	(void)unsetenv("HOME");
	assert_int_equal(paths_init(&p, NULL), ENOENT);
}


static void make(void **state)
{
	static struct paths p;
	char name[128];
	struct stat st;

	(void)state;

	(void)snprintf(name, sizeof(name), "%s/a/b", top);
	assert_int_equal(paths_init(&p, name), 0);
	assert_int_equal(paths_make(&p), 0);
	assert_int_equal(paths_make(&p), 0);
	assert_int_equal(stat(p.run, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0700);
}


static void write_whole(void **state)
{
	char file[128], buf[16] = "";
	struct dirent *de;
	struct stat st;
	unsigned n = 0;
	FILE *f;
	DIR *d;

	(void)state;

	(void)snprintf(file, sizeof(file), "%s/a/file", top);
	assert_int_equal(paths_write(file, "old", 3), 0);
	assert_int_equal(paths_write(file, "newer", 5), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(paths_is_loose(file));
	assert_int_equal(chmod(file, 0640), 0);
	assert_true(paths_is_loose(file));

	f = fopen(file, "r");
	assert_non_null(f);
	assert_non_null(fgets(buf, sizeof(buf), f));
	(void)fclose(f);
	assert_string_equal(buf, "newer");

	(void)snprintf(file, sizeof(file), "%s/none/file", top);
	assert_int_equal(paths_write(file, "x", 1), ENOENT);

	/* nothing temporary is left behind */
	(void)snprintf(file, sizeof(file), "%s/a", top);
	d = opendir(file);
	assert_non_null(d);
	while ((de = readdir(d)) != NULL)
		n += strncmp(de->d_name, "file.", 5) == 0;
	(void)closedir(d);
	assert_int_equal(n, 0);
}


static void join(void **state)
{
	char buf[8];

	(void)state;

	assert_string_equal(paths_name("/a/b/c.conf"), "c.conf");
	assert_string_equal(paths_name("c.conf"), "c.conf");
	assert_int_equal(paths_join(buf, sizeof(buf), "/a", "bcde"), 0);
	assert_string_equal(buf, "/a/bcde");
	assert_int_equal(paths_join(buf, sizeof(buf), "/a", "bcdef"),
			 ENAMETOOLONG);
}


static int setup(void **state)
{
	(void)state;
	(void)snprintf(top, sizeof(top), "/tmp/offhook-paths-XXXXXX");

	return mkdtemp(top) ? 0 : -1;
}


static int teardown(void **state)
{
	static const char *const name[] = {
		"a/b/config", "a/b/data", "a/b/state", "a/b/run", "a/b",
		"a/file", "a", ""
	};
	char file[128];
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		(void)snprintf(file, sizeof(file), "%s/%s", top, name[i]);
		(void)remove(file);
	}

	return 0;
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile),
		cmocka_unit_test(xdg),
		cmocka_unit_test(make),
		cmocka_unit_test(write_whole),
		cmocka_unit_test(join),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
