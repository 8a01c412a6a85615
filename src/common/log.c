/**
 * @file log.c  The phone's log: to a file, structured, secrets redacted
 *
 * The thread that opened the log is the only one that writes. Any other
 * thread formats its line, pushes it on a lock-free stack and wakes the main
 * loop by mqueue when the stack was empty; the main loop takes the whole
 * stack and writes it in order. What the disk does not take is dropped and
 * counted, and the count is written as soon as there is room again.
 *
 * fd 2 becomes a pipe that ends here too, so that what libraries print does
 * not meet a terminal and is cleaned as everything else is. The pipe does
 * not block: who prints more than it holds loses it.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/re_compat.h"
#include "log_file.h"
#include "text.h"


enum {
	LINE_MAX_BYTES = 4000,         /* of one entry, before cleaning   */
	PENDING_MAX    = 1024,         /* lines of other threads in wait  */
};


/** A line on its way from another thread to the main loop */
struct pending {
	struct pending *next;
	struct timespec ts;
	enum log_level level;
	char text[];
};


static struct {
	atomic_bool open;
	atomic_int level;
	pthread_t owner;
	struct log_file file;
	uint64_t lost;                  /* lines the disk did not take    */
	int term;                       /* the original stderr, -1: none  */
	bool foreground;
	int err_pipe;                   /* read end of fd 2, -1: none     */
	char err_buf[1024];             /* an unfinished line from there  */
	size_t err_len;
	struct mqueue *mq;
	_Atomic(struct pending *) pending;
	atomic_uint pendingc;
	atomic_uint overrun;            /* lines there was no room for    */
} lg = {
	.level = LOGL_INFO, .term = -1, .err_pipe = -1,
};


/* ---- a line ------------------------------------------------------------ */

/** A print backend that keeps the beginning and drops the rest */
struct bounded {
	char *buf;
	size_t size, len;
	bool cut;
};


static int bounded_print(const char *p, size_t size, void *arg)
{
	struct bounded *b = arg;
	size_t room = b->size - 1 - b->len;

	if (size > room) {
		size = room;
		b->cut = true;
	}
	memcpy(b->buf + b->len, p, size);
	b->len += size;

	return 0;
}


/* Format into buf, redact, drop the newline at the end */
static void format(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct bounded b = {buf, size, 0, false};
	size_t i;

	(void)re_vhprintf(fmt, ap, bounded_print, &b);

	/* A NUL out of a %b must not hide what follows it */
	for (i = 0; i < b.len; i++) {
		if (!buf[i])
			buf[i] = ' ';
	}

	while (b.len && (buf[b.len - 1] == '\n' || buf[b.len - 1] == '\r'))
		--b.len;
	buf[b.len] = '\0';
	if (b.cut && b.len >= 3)
		memcpy(buf + b.len - 3, "...", 3);

	/* Now, while a header line still ends with its newline */
	log_redact(buf);
}


static const char *level_name(enum log_level level)
{
	switch (level) {

	case LOGL_DEBUG:   return "DEBUG";
	case LOGL_INFO:    return "INFO";
	case LOGL_WARNING: return "WARNING";
	case LOGL_ERROR:   return "ERROR";
	}

	return "?";
}


/* The whole line as it goes to the file, NULL if out of memory */
static char *compose(const struct timespec *ts, enum log_level level,
		     const char *text, size_t *lenp)
{
	char *clean = text_clean(text, strlen(text), TEXT_LINE), *line = NULL;
	char when[32];
	struct tm tm;
	int n;

	if (!clean)
		return NULL;

	/* Again: cleaning may have joined what was parted by a zero-width
	   character */
	log_redact(clean);

	if (!localtime_r(&ts->tv_sec, &tm) ||
	    !strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm))
		when[0] = '\0';

	n = asprintf(&line, "%s.%03ld %s %s\n", when,
		     ts->tv_nsec / 1000000, level_name(level), clean);
	free(clean);
	if (n < 0)
		return NULL;

	*lenp = (size_t)n;

	return line;
}


/* ---- writing ------------------------------------------------------------ */

/* A terminal that does not read is not waited for */
static void term_write(const char *line, size_t len)
{
	struct pollfd pfd = {.fd = lg.term, .events = POLLOUT};

	if (lg.term < 0 || poll(&pfd, 1, 0) != 1 ||
	    !(pfd.revents & POLLOUT))
		return;

	if (write(lg.term, line, len) < 0)
		return;
}


static void emit(const struct timespec *ts, enum log_level level,
		 const char *text);


/* Say once what was lost, now that there is room */
static void emit_lost(void)
{
	uint64_t lost = lg.lost + atomic_exchange(&lg.overrun, 0);
	struct timespec ts;
	char text[64];

	if (!lost)
		return;

	lg.lost = 0;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	(void)snprintf(text, sizeof(text), "log: %llu lines were lost",
		       (unsigned long long)lost);
	emit(&ts, LOGL_WARNING, text);

	/* No room after all: the line that tells it is not one itself */
	if (lg.lost)
		lg.lost = lost;
}


/* Write one entry; main loop only */
static void emit(const struct timespec *ts, enum log_level level,
		 const char *text)
{
	size_t len;
	char *line = compose(ts, level, text, &len);

	if (!line) {
		++lg.lost;
		return;
	}

	if (lg.foreground)
		term_write(line, len);

	if (!log_file_write(&lg.file, line, len))
		++lg.lost;
	else if (lg.lost || atomic_load(&lg.overrun))
		emit_lost();

	free(line);
}


/* ---- other threads ----------------------------------------------------- */

static void push_pending(const struct timespec *ts, enum log_level level,
			 const char *text)
{
	size_t size = strlen(text) + 1;
	struct pending *pd, *head;

	if (atomic_fetch_add(&lg.pendingc, 1) >= PENDING_MAX)
		goto lost;

	pd = malloc(sizeof(*pd) + size);
	if (!pd)
		goto lost;

	pd->ts = *ts;
	pd->level = level;
	memcpy(pd->text, text, size);

	head = atomic_load(&lg.pending);
	do {
		pd->next = head;
	} while (!atomic_compare_exchange_weak(&lg.pending, &head, pd));

	/* Only who finds it empty wakes: the queue's pipe cannot fill up */
	if (!head)
		(void)mqueue_push(lg.mq, 0, NULL);

	return;

 lost:
	atomic_fetch_sub(&lg.pendingc, 1);
	atomic_fetch_add(&lg.overrun, 1);
}


static void take_pending(void)
{
	struct pending *pd = atomic_exchange(&lg.pending, NULL), *list = NULL;

	while (pd) {
		struct pending *next = pd->next;

		pd->next = list;
		list = pd;
		pd = next;
	}

	while (list) {
		struct pending *next = list->next;

		emit(&list->ts, list->level, list->text);
		atomic_fetch_sub(&lg.pendingc, 1);
		free(list);
		list = next;
	}

	if (atomic_load(&lg.overrun))
		emit_lost();
}


static void mqueue_handler(int id, void *data, void *arg)
{
	(void)id;
	(void)data;
	(void)arg;

	take_pending();
}


/* ---- stderr ------------------------------------------------------------ */

static void err_line(void)
{
	char text[sizeof(lg.err_buf) + 16];
	struct timespec ts;

	if (!lg.err_len)
		return;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	(void)snprintf(text, sizeof(text), "stderr: %.*s", (int)lg.err_len,
		       lg.err_buf);
	lg.err_len = 0;

	if (LOGL_INFO >= atomic_load(&lg.level)) {
		log_redact(text);
		emit(&ts, LOGL_INFO, text);
	}
}


static void err_feed(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] == '\n') {
			err_line();
			continue;
		}
		if (lg.err_len == sizeof(lg.err_buf))
			err_line();
		lg.err_buf[lg.err_len++] = p[i] ? p[i] : ' ';
	}
}


static void err_read(int flags, void *arg)
{
	char buf[4096];
	unsigned i;

	(void)flags;
	(void)arg;

	/* Bounded: other things of the loop have their turn as well */
	for (i = 0; i < 16; i++) {
		ssize_t n = read(lg.err_pipe, buf, sizeof(buf));

		if (n <= 0)
			break;
		err_feed(buf, (size_t)n);
	}
}


static int err_capture(void)
{
	int pfd[2], err;

	lg.term = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	if (pipe2(pfd, O_CLOEXEC | O_NONBLOCK))
		return errno;

	err = fd_listen(pfd[0], FD_READ, err_read, NULL);
	if (!err && dup2(pfd[1], STDERR_FILENO) < 0) {
		err = errno;
		fd_close(pfd[0]);
	}
	if (pfd[1] != STDERR_FILENO)
		(void)close(pfd[1]);
	if (err) {
		(void)close(pfd[0]);
		return err;
	}

	lg.err_pipe = pfd[0];

	return 0;
}


static void err_restore(void)
{
	if (lg.err_pipe >= 0) {
		(void)fflush(stderr);
		err_read(0, NULL);
		err_line();
		fd_close(lg.err_pipe);
		(void)close(lg.err_pipe);
		lg.err_pipe = -1;
		if (lg.term >= 0)
			(void)dup2(lg.term, STDERR_FILENO);
		else
			(void)close(STDERR_FILENO);
	}

	if (lg.term >= 0)
		(void)close(lg.term);
	lg.term = -1;
}


/* ---- public ------------------------------------------------------------ */

int log_open(const char *path, enum log_level level, bool foreground)
{
	int err;

	if (!path)
		return EINVAL;
	if (atomic_load(&lg.open))
		return EALREADY;

	err = log_file_open(&lg.file, path);
	if (err)
		return err;

	lg.foreground = foreground;
	lg.lost = 0;

	err = mqueue_alloc(&lg.mq, mqueue_handler, NULL);
	if (err)
		goto out;
	err = err_capture();
	if (err)
		goto out;

	lg.owner = pthread_self();
	atomic_store(&lg.level, level);
	atomic_store(&lg.open, true);

 out:
	if (err) {
		err_restore();
		lg.mq = mem_deref(lg.mq);
		log_file_close(&lg.file);
	}

	return err;
}


void log_close(void)
{
	if (!atomic_load(&lg.open))
		return;

	err_restore();
	take_pending();
	atomic_store(&lg.open, false);

	lg.mq = mem_deref(lg.mq);
	log_file_close(&lg.file);
}


void log_vprintf(enum log_level level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];
	struct timespec ts;
	int saved = errno;

	/* Nobody opened a log: a tool or a test, or the end is near */
	if (!atomic_load(&lg.open)) {
		char *clean;

		if (level < LOGL_WARNING)
			return;
		format(text, sizeof(text), fmt, ap);
		clean = text_clean(text, strlen(text), TEXT_LINE);
		if (clean) {
			log_redact(clean);
			(void)fprintf(stderr, "%s\n", clean);
		}
		free(clean);
		goto out;
	}

	if ((int)level < atomic_load(&lg.level))
		return;

	format(text, sizeof(text), fmt, ap);
	(void)clock_gettime(CLOCK_REALTIME, &ts);

	if (pthread_equal(pthread_self(), lg.owner))
		emit(&ts, level, text);
	else
		push_pending(&ts, level, text);

 out:
	errno = saved;
}


void debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(LOGL_DEBUG, fmt, ap);
	va_end(ap);
}


void info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(LOGL_INFO, fmt, ap);
	va_end(ap);
}


void warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(LOGL_WARNING, fmt, ap);
	va_end(ap);
}


void error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(LOGL_ERROR, fmt, ap);
	va_end(ap);
}
