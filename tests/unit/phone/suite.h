/**
 * @file suite.h  libre around a group of tests
 *
 *   if (suite_open()) return 1;
 *   return suite_close(cmocka_run_group_tests(...));
 */
#ifndef OFFHOOK_TEST_SUITE_H
#define OFFHOOK_TEST_SUITE_H

static inline int suite_open(void)
{
	return libre_init();
}

/* What is still there is told; failed is what becomes of main() */
static inline int suite_close(int failed)
{
	tmr_debug();
	libre_close();
	mem_debug();

	return failed;
}

#endif
