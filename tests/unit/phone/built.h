/**
 * @file built.h  Where the build is, and its modules loaded, for tests
 *
 * A test program is B/tests/phone/NAME, so the modules are in B/modules.
 * Wherever it is started from, it finds those it was built with.
 */
#ifndef OFFHOOK_TEST_BUILT_H
#define OFFHOOK_TEST_BUILT_H

/* The folder B, or what is beside it: up is 3 for B, 4 for its parent */
static inline int built_path(char *buf, size_t size, int up, const char *file)
{
	char exe[256], *slash;
	const ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	int i;

	if (n < 0)
		return -1;
	exe[n] = '\0';

	for (i = 0; i < up; i++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return -1;
		*slash = '\0';
	}

	return re_snprintf(buf, size, "%s/%s", exe, file) < 0 ? -1 : 0;
}


/* All modules of the build */
static inline int built_load(void)
{
	char modules[300];

	if (built_path(modules, sizeof(modules), 3, "modules"))
		return -1;

	return modules_load(modules) ? -1 : 0;
}


/* For cmocka, as they are */
static inline int built_setup(void **state)
{
	(void)state;

	return built_load();
}


static inline int built_teardown(void **state)
{
	(void)state;

	modules_close();
	mem_debug();

	return 0;
}

#endif
