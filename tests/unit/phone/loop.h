/**
 * @file loop.h  Run the loop until something is true, for tests
 */
#ifndef OFFHOOK_TEST_LOOP_H
#define OFFHOOK_TEST_LOOP_H

static struct tmr loop_tmr, loop_step;
static bool (*loop_cond)(void);
static bool loop_late;

static void loop_stop(void *arg)
{
	loop_late = arg != NULL;
	re_cancel();
}

static void loop_look(void *arg)
{
	(void)arg;

	if (loop_cond())
		re_cancel();
	else
		tmr_start(&loop_step, 1, loop_look, NULL);
}

/* At most so long; fails the test if it does not come true */
static inline void loop_until(bool (*cond)(void), uint64_t ms)
{
	loop_late = false;
	loop_cond = cond;
	tmr_start(&loop_tmr, ms, loop_stop, &loop_late);
	tmr_start(&loop_step, 0, loop_look, NULL);
	(void)re_main(NULL);
	tmr_cancel(&loop_tmr);
	tmr_cancel(&loop_step);
	assert_false(loop_late);
}

/* Let the loop do what is due */
static inline void loop_spin(uint64_t ms)
{
	tmr_start(&loop_tmr, ms, loop_stop, NULL);
	(void)re_main(NULL);
	tmr_cancel(&loop_tmr);
}

#endif
