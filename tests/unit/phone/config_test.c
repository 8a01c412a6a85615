/**
 * @file config_test.c  Settings: values, errors with line numbers, writing
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "phone/config.h"

static char file[] = "/tmp/offhook-config-XXXXXX";


static void put(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}


static char *get(char *buf, size_t size)
{
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return buf;
}


static void test_defaults(void **state)
{
	const struct config_setting *s;
	struct config *c = NULL;
	(void)state;

	put("");
	assert_int_equal(config_open(&c, file), 0);
	assert_int_equal(config_error_count(c), 0);

	for (s = config_settings(); s->key; s++) {
		assert_string_equal(config_get(c, s->key), s->def);
		assert_non_null(s->help);
		/* a default must pass its own check */
		assert_null(s->check ? s->check(s->def) : NULL);
	}
	assert_null(config_get(c, "no.such"));
	mem_deref(c);
}


static void test_errors_have_lines(void **state)
{
	struct config *c = NULL;
	(void)state;

	put("# comment\n"
	    "codecs = PCMU\n"
	    "no equal sign\n"
	    "colour = red\n"
	    "media.ports = 1-2\n"
	    "call.ring = 30");
	assert_int_equal(config_open(&c, file), 0);
	assert_int_equal(config_error_count(c), 3);
	assert_non_null(strstr(config_error(c, 0), ":3: "));
	assert_non_null(strstr(config_error(c, 1), ":4: "));
	assert_non_null(strstr(config_error(c, 2), ":5: "));

	/* What is good counts, what is bad falls back */
	assert_string_equal(config_get(c, "codecs"), "PCMU");
	assert_string_equal(config_get(c, "media.ports"), "20000-20998");
	assert_int_equal(config_u32(c, "call.ring"), 30);
	mem_deref(c);
}


static void test_set_keeps_lines(void **state)
{
	struct config *c = NULL;
	const char *why = NULL;
	char buf[512];
	(void)state;

	put("# mine\ncodecs = opus\n\n# end\n");
	assert_int_equal(config_open(&c, file), 0);
	assert_int_equal(config_set(c, "codecs", "PCMA,opus", &why), 0);
	assert_int_equal(config_set(c, "chat.echo", "true", &why), 0);
	assert_string_equal(get(buf, sizeof(buf)),
			    "# mine\ncodecs = PCMA,opus\n\n# end\n"
			    "chat.echo = true\n");
	assert_true(config_bool(c, "chat.echo"));

	assert_int_equal(config_set(c, "chat.echo", "perhaps", &why),
			 EINVAL);
	assert_non_null(why);
	assert_int_equal(config_set(c, "x", "y", &why), ENOENT);
	assert_int_equal(config_set(c, "codecs", "a\nchat.echo = false",
				    &why), EINVAL);
	mem_deref(c);
}


static void test_hostile(void **state)
{
	struct config *c = NULL;
	char *big = malloc(200000);
	(void)state;

	assert_non_null(big);
	memset(big, 'x', 199999);
	big[199999] = '\0';
	put(big);
	assert_int_equal(config_open(&c, file), 0);
	assert_int_equal(config_error_count(c), 1);
	c = mem_deref(c);
	free(big);

	put("codecs = a\033[2Jb\nchat.echo = \xff\n\x1b]0;x\x07 = y\n");
	assert_int_equal(config_open(&c, file), 0);
	assert_true(config_error_count(c) >= 2);
	assert_null(strchr(config_error(c, 0), '\033'));
	assert_null(strchr(config_error(c, 1), '\033'));
	mem_deref(c);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_errors_have_lines),
		cmocka_unit_test(test_set_keeps_lines),
		cmocka_unit_test(test_hostile),
	};
	int fd = mkstemp(file);
	int err;

	(void)close(fd);
	err = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(file);
	mem_debug();

	return err;
}
