/**
 * @file table_test.c  Names for enums, both ways
 */
#include "common/table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>


static const struct table_name colours[] = {
	{"red", 1}, {"green", 2}, {"blue", -3}, {NULL, 0}
};


static void names(void **state)
{
	(void)state;

	assert_string_equal(table_name(colours, 1), "red");
	assert_string_equal(table_name(colours, -3), "blue");
	assert_string_equal(table_name(colours, 0), "?");
	assert_string_equal(table_name(NULL, 1), "?");
}


static void values(void **state)
{
	int v = 77;

	(void)state;

	assert_int_equal(table_value(colours, "green", &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(table_value(colours, "Green", &v), ENOENT);
	assert_int_equal(table_value(colours, "", &v), ENOENT);
	assert_int_equal(table_value(NULL, "red", &v), ENOENT);
	assert_int_equal(v, 2);
	assert_int_equal(table_value(colours, NULL, &v), EINVAL);
	assert_int_equal(table_value(colours, "red", NULL), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
