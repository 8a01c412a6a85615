/**
 * @file glue.c  libpulse on the loop of libre
 *
 * libpulse brings no loop that it would insist on: it asks whoever uses it
 * for descriptors to be watched, timers, and work for a little later. These
 * three are made of fd_listen and tmr, so that the sound server needs no
 * thread. An event may free itself, or another one, while it is called;
 * its memory stays until the call is over, and `dead` says so.
 */
#include <errno.h>
#include <string.h>
#include <sys/time.h>

#include <re.h>

#include "glue.h"

struct pa_io_event {
	int fd;
	bool listening;
	bool dead;
	pa_io_event_cb_t cb;
	pa_io_event_destroy_cb_t destroy;
	void *arg;
};

struct pa_time_event {
	struct tmr tmr;
	struct timeval tv;
	bool dead;
	pa_time_event_cb_t cb;
	pa_time_event_destroy_cb_t destroy;
	void *arg;
};

struct pa_defer_event {
	struct tmr tmr;
	bool on;
	bool dead;
	pa_defer_event_cb_t cb;
	pa_defer_event_destroy_cb_t destroy;
	void *arg;
};


/* ---- descriptors ---- */

static void io_destructor(void *arg)
{
	struct pa_io_event *e = arg;

	if (e->listening)
		fd_close(e->fd);
}


static void io_handler(int flags, void *arg)
{
	struct pa_io_event *e = arg;
	int ev = 0;

	if (flags & FD_READ)
		ev |= PA_IO_EVENT_INPUT;
	if (flags & FD_WRITE)
		ev |= PA_IO_EVENT_OUTPUT;
	if (flags & FD_EXCEPT)
		ev |= PA_IO_EVENT_HANGUP | PA_IO_EVENT_ERROR;

	mem_ref(e);
	e->cb(glue_api(), e, e->fd, (pa_io_event_flags_t)ev, e->arg);
	mem_deref(e);
}


static void io_enable(pa_io_event *e, pa_io_event_flags_t ev)
{
	int flags = 0;

	if (e->dead)
		return;

	if (ev & PA_IO_EVENT_INPUT)
		flags |= FD_READ;
	if (ev & PA_IO_EVENT_OUTPUT)
		flags |= FD_WRITE;
	if (ev & (PA_IO_EVENT_HANGUP | PA_IO_EVENT_ERROR))
		flags |= FD_EXCEPT;

	if (!flags) {
		if (e->listening)
			fd_close(e->fd);
		e->listening = false;
		return;
	}

	e->listening = !fd_listen(e->fd, flags, io_handler, e);
}


static pa_io_event *io_new(pa_mainloop_api *api, int fd,
			   pa_io_event_flags_t ev, pa_io_event_cb_t cb,
			   void *arg)
{
	pa_io_event *e = mem_zalloc(sizeof(*e), io_destructor);
	(void)api;

	if (!e)
		return NULL;

	e->fd = fd;
	e->cb = cb;
	e->arg = arg;
	io_enable(e, ev);

	return e;
}


static void io_free(pa_io_event *e)
{
	if (e->listening)
		fd_close(e->fd);
	e->listening = false;
	e->dead = true;
	if (e->destroy)
		e->destroy(glue_api(), e, e->arg);
	mem_deref(e);
}


static void io_set_destroy(pa_io_event *e, pa_io_event_destroy_cb_t cb)
{
	e->destroy = cb;
}


/* ---- timers ---- */

static void time_destructor(void *arg)
{
	pa_time_event *e = arg;

	tmr_cancel(&e->tmr);
}


static void time_handler(void *arg)
{
	pa_time_event *e = arg;

	mem_ref(e);
	e->cb(glue_api(), e, &e->tv, e->arg);
	mem_deref(e);
}


/* libpulse gives the time of day to foreign loops */
static void time_restart(pa_time_event *e, const struct timeval *tv)
{
	struct timeval now;
	int64_t ms;

	if (e->dead)
		return;
	if (!tv) {
		tmr_cancel(&e->tmr);
		return;
	}

	e->tv = *tv;
	(void)gettimeofday(&now, NULL);
	ms = ((int64_t)tv->tv_sec - now.tv_sec) * 1000 +
		((int64_t)tv->tv_usec - now.tv_usec) / 1000;
	tmr_start(&e->tmr, ms > 0 ? (uint64_t)ms : 0, time_handler, e);
}


static pa_time_event *time_new(pa_mainloop_api *api,
			       const struct timeval *tv,
			       pa_time_event_cb_t cb, void *arg)
{
	pa_time_event *e = mem_zalloc(sizeof(*e), time_destructor);
	(void)api;

	if (!e)
		return NULL;

	tmr_init(&e->tmr);
	e->cb = cb;
	e->arg = arg;
	time_restart(e, tv);

	return e;
}


static void time_free(pa_time_event *e)
{
	tmr_cancel(&e->tmr);
	e->dead = true;
	if (e->destroy)
		e->destroy(glue_api(), e, e->arg);
	mem_deref(e);
}


static void time_set_destroy(pa_time_event *e, pa_time_event_destroy_cb_t cb)
{
	e->destroy = cb;
}


/* ---- a little later ---- */

static void defer_destructor(void *arg)
{
	pa_defer_event *e = arg;

	tmr_cancel(&e->tmr);
}


static void defer_handler(void *arg)
{
	pa_defer_event *e = arg;

	mem_ref(e);
	e->cb(glue_api(), e, e->arg);
	if (!e->dead && e->on)
		tmr_start(&e->tmr, 0, defer_handler, e);
	mem_deref(e);
}


static void defer_enable(pa_defer_event *e, int on)
{
	if (e->dead)
		return;

	e->on = on;
	if (!on)
		tmr_cancel(&e->tmr);
	else if (!tmr_isrunning(&e->tmr))
		tmr_start(&e->tmr, 0, defer_handler, e);
}


static pa_defer_event *defer_new(pa_mainloop_api *api,
				 pa_defer_event_cb_t cb, void *arg)
{
	pa_defer_event *e = mem_zalloc(sizeof(*e), defer_destructor);
	(void)api;

	if (!e)
		return NULL;

	tmr_init(&e->tmr);
	e->cb = cb;
	e->arg = arg;
	defer_enable(e, 1);

	return e;
}


static void defer_free(pa_defer_event *e)
{
	tmr_cancel(&e->tmr);
	e->dead = true;
	if (e->destroy)
		e->destroy(glue_api(), e, e->arg);
	mem_deref(e);
}


static void defer_set_destroy(pa_defer_event *e,
			      pa_defer_event_destroy_cb_t cb)
{
	e->destroy = cb;
}


static void quit(pa_mainloop_api *api, int retval)
{
	(void)api;
	(void)retval;
}


pa_mainloop_api *glue_api(void)
{
	static pa_mainloop_api api = {
		.io_new = io_new, .io_enable = io_enable,
		.io_free = io_free, .io_set_destroy = io_set_destroy,
		.time_new = time_new, .time_restart = time_restart,
		.time_free = time_free,
		.time_set_destroy = time_set_destroy,
		.defer_new = defer_new, .defer_enable = defer_enable,
		.defer_free = defer_free,
		.defer_set_destroy = defer_set_destroy,
		.quit = quit,
	};

	return &api;
}
