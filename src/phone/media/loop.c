/**
 * @file loop.c  The media thread, its loop and its clock
 *
 * A second libre loop in a thread of its own, started with the first stream
 * or tone and then kept. Its clock is one timerfd with absolute times, so
 * that a late wake-up does not move the next one; it runs only while a
 * ticker wants it, every 20 ms for a fast one, every second if there are
 * only slow ones. Idle means asleep in epoll. The thread asks for real-time
 * priority and does without it where that is refused.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "common/log.h"

#include "loop.h"

enum {
	FAST_US  = LOOP_PTIME * 1000,
	SLOW_US  = 1000 * 1000,
	CATCH_UP = 10,               /**< Ticks made up for after a stall */
	MOVE_US  = 200,              /**< A tick moves by, others see it  */
	RT_PRIO  = 10
};

static struct {
	/* main loop */
	bool running;
	pthread_t thread;
	struct mailbox *box;         /**< To the media loop      */
	struct mailbox *back;        /**< To the main loop       */

	/* media loop */
	struct list tickers;
	struct ticker *cursor;       /**< Next to be called      */
	int fd;                      /**< timerfd, -1: none      */
	uint64_t due;                /**< Next tick, us          */
	uint64_t period;             /**< us, 0: stopped         */
	uint32_t sooner;             /**< us it has to move      */
} lp = { .fd = -1 };


uint64_t loop_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}


static void clock_set(uint64_t first, uint64_t period)
{
	struct itimerspec it;

	memset(&it, 0, sizeof(it));
	if (period) {
		it.it_value.tv_sec = (time_t)(first / 1000000);
		it.it_value.tv_nsec = (long)(first % 1000000) * 1000;
		it.it_interval.tv_sec = (time_t)(period / 1000000);
		it.it_interval.tv_nsec = (long)(period % 1000000) * 1000;
	}

	lp.due = first;
	lp.period = period;
	if (timerfd_settime(lp.fd, TFD_TIMER_ABSTIME, &it, NULL) < 0)
		warning("media: clock: %m\n", errno);
}


/* Run as fast as the fastest ticker wants, not at all without one */
static void clock_update(void)
{
	uint64_t period = 0;
	struct le *le;

	LIST_FOREACH(&lp.tickers, le) {
		const struct ticker *t = le->data;

		if (!t->slow) {
			period = FAST_US;
			break;
		}
		period = SLOW_US;
	}

	if (period == lp.period)
		return;
	lp.sooner = 0;

	/* sound begins at once, not a tick later */
	clock_set(period == FAST_US ? loop_now() :
		  period ? loop_now() + period : 0, period);
}


static void tick(uint64_t now)
{
	struct le *le = list_head(&lp.tickers);

	/* a handler may stop any ticker, also the next one */
	while (le) {
		struct ticker *t = le->data;

		lp.cursor = le->next ? le->next->data : NULL;

		if (!t->slow) {
			t->h(now, t->arg);
		}
		else if (now + FAST_US / 2 >= t->next) {
			t->next = now + SLOW_US;
			t->h(now, t->arg);
		}

		le = lp.cursor ? &lp.cursor->le : NULL;
	}
	lp.cursor = NULL;
}


/* Packets come when the peer sends them; right after that is when one wants
   to be called */
static void tick_move(void)
{
	const uint32_t step = lp.sooner < MOVE_US ? lp.sooner : MOVE_US;

	if (!step || lp.period != FAST_US)
		return;

	lp.sooner -= step;
	clock_set(lp.due - step, FAST_US);
}


static void tick_handler(int flags, void *arg)
{
	uint64_t n;
	(void)flags;
	(void)arg;

	if (read(lp.fd, &n, sizeof(n)) != sizeof(n) || !lp.period)
		return;

	/* What a stall left undone is made up for, so that timestamps and
	   real time stay together; a longer sleep is skipped. */
	lp.due += n * lp.period;
	if (n > CATCH_UP)
		n = CATCH_UP;

	while (n-- && lp.period)
		tick(loop_now());

	tick_move();
}


void ticker_start(struct ticker *t, bool slow, ticker_h *h, void *arg)
{
	if (!t || !h)
		return;

	t->h = h;
	t->arg = arg;
	if (t->le.list && t->slow == slow)
		return;

	t->slow = slow;
	t->next = loop_now() + SLOW_US;
	if (!t->le.list)
		list_append(&lp.tickers, &t->le, t);

	clock_update();
}


void ticker_stop(struct ticker *t)
{
	if (!t || !t->le.list)
		return;

	if (lp.cursor == t)
		lp.cursor = t->le.next ? t->le.next->data : NULL;

	list_unlink(&t->le);
	clock_update();
}


void loop_sooner(uint32_t us)
{
	unsigned fast = 0;
	struct le *le;

	if (!us)
		return;

	LIST_FOREACH(&lp.tickers, le) {
		const struct ticker *t = le->data;

		fast += !t->slow;
	}
	if (fast == 1 && us < FAST_US)
		lp.sooner = us;
}


int loop_report(mailbox_h *h, void *data)
{
	return mailbox_post(lp.back, h, data);
}


/* Real-time if allowed; threads that a sound library starts get none */
static void ask_priority(void)
{
	struct sched_param prm = { .sched_priority = RT_PRIO };

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &prm) < 0)
		debug("media: no real-time priority: %m\n", errno);
}


static void *media_thread(void *arg)
{
	struct mailbox *box = arg;
	int err;

	err = re_thread_init();
	if (!err)
		err = fd_setsize(RE_FDS_MAX);
	if (err) {
		warning("media: thread: %m\n", err);
		return NULL;
	}

	ask_priority();

	lp.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	err = lp.fd < 0 ? errno : fd_listen(lp.fd, FD_READ, tick_handler,
					    NULL);
	if (!err)
		err = mailbox_listen(box);
	if (!err)
		err = re_main(NULL);
	if (err)
		warning("media: loop: %m\n", err);

	mailbox_ignore(box);
	if (lp.fd >= 0) {
		fd_close(lp.fd);
		(void)close(lp.fd);
	}
	lp.fd = -1;
	lp.period = 0;
	re_thread_close();

	return NULL;
}


static int thread_start(void)
{
	sigset_t all, old;
	int err;

	err = mailbox_alloc(&lp.box);
	if (err)
		return err;

	/* signals are the main thread's */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&lp.thread, NULL, media_thread, lp.box);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);

	if (err)
		lp.box = mem_deref(lp.box);
	else
		lp.running = true;

	return err;
}


int loop_init(void)
{
	int err;

	if (lp.back)
		return 0;

	err = mailbox_alloc(&lp.back);
	if (!err)
		err = mailbox_listen(lp.back);
	if (err)
		lp.back = mem_deref(lp.back);

	return err;
}


int loop_start(void)
{
	int err;

	if (lp.running)
		return 0;

	err = loop_init();

	return err ? err : thread_start();
}


int loop_post(mailbox_h *h, void *data)
{
	const int err = loop_start();

	if (err) {
		mem_deref(data);
		return err;
	}

	return mailbox_post(lp.box, h, data);
}


bool loop_running(void)
{
	return lp.running;
}


static void quit_handler(void *data)
{
	(void)data;
	re_cancel();
}


void loop_stop(void)
{
	if (!lp.running)
		return;

	(void)mailbox_post(lp.box, quit_handler, NULL);
	(void)pthread_join(lp.thread, NULL);
	lp.running = false;
	lp.box = mem_deref(lp.box);
}


void loop_close(void)
{
	loop_stop();
	lp.back = mem_deref(lp.back);
}
