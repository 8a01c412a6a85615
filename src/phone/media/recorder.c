/**
 * @file recorder.c  Both sides of a call in one file
 *
 * Between the media loop and the thread that writes there is a ring for
 * each recording, with one writer and one reader and no lock. The two sides
 * come at different moments, so each waits in a short queue for the other;
 * a side that does not come is silence. If the disk is slower than the
 * sound for seconds, sound is lost, not the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "common/log.h"
#include "phone/module/registry.h"

#include "mixer.h"
#include "recorder.h"
#include "resampler.h"

enum {
	SIDES     = 2,
	BLOCKS    = 50,              /**< In a second                     */
	RING_SECS = 4,
	APART     = 10,              /**< Blocks a side may wait          */
	WAKE      = 10,              /**< Blocks between two wake-ups     */
	PIECE     = 4096             /**< Samples written at once         */
};

struct side {
	uint32_t srate;              /**< Of what comes                   */
	struct resampler *rs;
	size_t n;                    /**< Samples that wait               */
	int16_t buf[(APART + 2) * MIXER_FRAMES];
};

struct recording {
	/* set before the thread knows it */
	struct recording *next;      /**< The thread's list               */
	uint32_t id;
	char *path;
	const struct audio_file *format;
	uint32_t srate;
	recording_error_h *errorh;
	size_t size;                 /**< Of the ring, samples            */
	int16_t *ring;

	_Atomic size_t head;         /**< Samples ever put, by the loop   */
	_Atomic size_t tail;         /**< ... and taken, by the thread    */
	atomic_bool done;            /**< The loop has let go of it       */

	/* media loop */
	struct side sidev[SIDES];
	unsigned blocks;
	bool lost;

	/* thread */
	struct audio_file_st *st;
	bool opened, broken;
};

static struct {
	bool running;
	pthread_t thread;
	pthread_mutex_t mutex;       /**< Of fresh and quit               */
	struct recording *fresh;     /**< Not yet in the thread's list    */
	bool quit;
	sem_t sem;
} rc = { .mutex = PTHREAD_MUTEX_INITIALIZER };


/* ---- the thread ---- */

static void rec_free(struct recording *rec)
{
	free(rec->path);
	free(rec->ring);
	free(rec);
}


static void rec_broken(struct recording *rec, int err)
{
	rec->broken = true;
	rec->errorh(rec->id, err);
}


static void rec_open(struct recording *rec)
{
	int fd, err;

	rec->opened = true;
	fd = open(rec->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
		  O_NOFOLLOW, 0600);
	if (fd < 0) {
		rec_broken(rec, errno);
		return;
	}

	err = rec->format->open(&rec->st, fd, rec->srate, SIDES);
	if (err)
		rec_broken(rec, err);
}


/* Write what is there */
static void rec_drain(struct recording *rec)
{
	const size_t head = atomic_load_explicit(&rec->head,
						 memory_order_acquire);
	size_t tail = atomic_load_explicit(&rec->tail, memory_order_relaxed);

	while (tail != head) {
		const size_t at = tail % rec->size;
		size_t n = head - tail;
		int err = 0;

		if (n > rec->size - at)
			n = rec->size - at;
		if (n > PIECE)
			n = PIECE;
		if (!rec->broken)
			err = rec->format->write(rec->st, rec->ring + at, n);
		if (err)
			rec_broken(rec, err);

		tail += n;
		atomic_store_explicit(&rec->tail, tail,
				      memory_order_release);
	}
}


/* Returns false when it is over and gone */
static bool rec_serve(struct recording *rec)
{
	const bool done = atomic_load(&rec->done);

	if (!rec->opened)
		rec_open(rec);
	rec_drain(rec);
	if (!done)
		return true;

	if (rec->st && rec->format->close(rec->st) && !rec->broken)
		rec_broken(rec, EIO);
	rec_free(rec);

	return false;
}


static bool fresh_take(struct recording **list)
{
	bool quit;

	(void)pthread_mutex_lock(&rc.mutex);
	while (rc.fresh) {
		struct recording *rec = rc.fresh;

		rc.fresh = rec->next;
		rec->next = *list;
		*list = rec;
	}
	quit = rc.quit;
	(void)pthread_mutex_unlock(&rc.mutex);

	return quit;
}


static void *recorder_thread(void *arg)
{
	struct recording *list = NULL;
	bool quit = false;
	(void)arg;

	while (!quit || list) {
		struct recording **rp = &list;

		while (sem_wait(&rc.sem) && errno == EINTR)
			;
		quit = fresh_take(&list);

		while (*rp) {
			struct recording *rec = *rp;
			struct recording *next = rec->next;

			/* at the end of the phone nobody else lets go */
			if (quit)
				atomic_store(&rec->done, true);
			if (rec_serve(rec))
				rp = &rec->next;
			else
				*rp = next;
		}
	}

	return NULL;
}


static int thread_start(void)
{
	sigset_t all, old;
	int err;

	if (rc.running)
		return 0;
	if (sem_init(&rc.sem, 0, 0) < 0)
		return errno;

	rc.quit = false;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&rc.thread, NULL, recorder_thread, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);

	if (err)
		(void)sem_destroy(&rc.sem);
	else
		rc.running = true;

	return err;
}


/* ---- main loop ---- */

int recording_start(struct recording **recp, uint32_t id, const char *path,
		    const char *format, uint32_t srate,
		    recording_error_h *errorh)
{
	struct recording *rec;
	int err;

	if (!recp || !path || !format || !srate || srate % BLOCKS ||
	    srate / BLOCKS > MIXER_FRAMES || !errorh)
		return EINVAL;

	if (!audio_file_find(format))
		return ENOTSUP;

	err = thread_start();
	if (err)
		return err;

	/* not of libre: it is freed by another thread */
	rec = calloc(1, sizeof(*rec));
	if (!rec)
		return ENOMEM;

	rec->id = id;
	rec->format = audio_file_find(format);
	rec->srate = srate;
	rec->errorh = errorh;
	rec->size = (size_t)srate * SIDES * RING_SECS;
	rec->ring = calloc(rec->size, sizeof(*rec->ring));
	rec->path = strdup(path);
	if (!rec->ring || !rec->path) {
		rec_free(rec);
		return ENOMEM;
	}

	(void)pthread_mutex_lock(&rc.mutex);
	rec->next = rc.fresh;
	rc.fresh = rec;
	(void)pthread_mutex_unlock(&rc.mutex);
	(void)sem_post(&rc.sem);

	*recp = rec;

	return 0;
}


void recorder_close(void)
{
	if (!rc.running)
		return;

	(void)pthread_mutex_lock(&rc.mutex);
	rc.quit = true;
	(void)pthread_mutex_unlock(&rc.mutex);
	(void)sem_post(&rc.sem);
	(void)pthread_join(rc.thread, NULL);
	(void)sem_destroy(&rc.sem);
	rc.running = false;
}


/* ---- media loop ---- */

/* As many samples of both sides as there are of each go into the ring */
static void interleave(struct recording *rec)
{
	struct side *a = &rec->sidev[0], *b = &rec->sidev[1];
	size_t head = atomic_load_explicit(&rec->head, memory_order_relaxed);
	const size_t tail = atomic_load_explicit(&rec->tail,
						 memory_order_acquire);
	const size_t n = a->n < b->n ? a->n : b->n;
	size_t i;

	if (rec->size - (head - tail) < n * SIDES) {
		if (!rec->lost)
			warning("media: the disk is too slow for the "
				"recording\n");
		rec->lost = true;
	}
	else {
		for (i = 0; i < n; i++) {
			rec->ring[head++ % rec->size] = a->buf[i];
			rec->ring[head++ % rec->size] = b->buf[i];
		}
		atomic_store_explicit(&rec->head, head,
				      memory_order_release);
	}

	a->n -= n;
	b->n -= n;
	memmove(a->buf, a->buf + n, a->n * sizeof(*a->buf));
	memmove(b->buf, b->buf + n, b->n * sizeof(*b->buf));
}


void recording_put(struct recording *rec, enum recording_side side,
		   const int16_t *sampv, size_t sampc, uint32_t srate)
{
	struct side *s, *other;
	size_t n;

	if (!rec || srate % BLOCKS || sampc != srate / BLOCKS ||
	    sampc > MIXER_FRAMES)
		return;

	s = &rec->sidev[side];
	other = &rec->sidev[!side];
	n = rec->srate / BLOCKS;
	if (s->srate != srate) {
		s->srate = srate;
		s->rs = mem_deref(s->rs);
		if (resampler_alloc(&s->rs, srate, rec->srate, 1))
			return;
	}

	resampler_block(s->rs, s->buf + s->n, n, sampv, sampc);
	s->n += n;

	/* the other side does not come: that is silence, too */
	if (s->n >= APART * n) {
		memset(other->buf + other->n, 0,
		       (s->n - other->n) * sizeof(*other->buf));
		other->n = s->n;
	}

	interleave(rec);
	if (++rec->blocks % WAKE == 0)
		(void)sem_post(&rc.sem);
}


void recording_end(struct recording *rec)
{
	size_t i;

	if (!rec)
		return;

	for (i = 0; i < SIDES; i++)
		rec->sidev[i].rs = mem_deref(rec->sidev[i].rs);
	atomic_store(&rec->done, true);
	(void)sem_post(&rc.sem);
}
