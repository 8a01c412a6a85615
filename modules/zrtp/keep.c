/**
 * @file keep.c  What lasts beyond a call, on its way to the disk
 *
 * The media loop sends pointers through a pipe, the main loop writes what
 * they point to; neither waits for the other. libre's mqueue does the same,
 * but forgets at its end what was not read yet: the last call's secrets,
 * when the phone is ended right after it.
 */
#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static struct {
	struct zrtp_cache *cache;
	int pipe[2];
	bool open;
} kept;


static void cache_open(const char *dir)
{
	int err;

	if (!str_cmp(zrtp_cache_dir(kept.cache), dir))
		return;

	/* Without the file calls are encrypted, but nobody is known again */
	kept.cache = mem_deref(kept.cache);
	err = zrtp_cache_open(&kept.cache, dir);
	if (err)
		module_log("zrtp: %s: %m\n", dir, err);
}


static void write_rows(struct zrtp_rows *rows)
{
	int err;

	cache_open(rows->dir);
	err = zrtp_cache_save(kept.cache, rows);
	if (err)
		module_log("zrtp: secrets cannot be kept: %m\n", err);

	mem_deref(rows);
}


static void pipe_handler(int flags, void *arg)
{
	struct zrtp_rows *rows;
	(void)flags;
	(void)arg;

	while (read(kept.pipe[0], &rows, sizeof(rows)) == sizeof(rows))
		write_rows(rows);
}


static int pipe_open(void)
{
	int err;

	if (kept.open)
		return 0;

	if (pipe2(kept.pipe, O_NONBLOCK | O_CLOEXEC))
		return errno;

	err = fd_listen(kept.pipe[0], FD_READ, pipe_handler, NULL);
	if (err) {
		(void)close(kept.pipe[0]);
		(void)close(kept.pipe[1]);
		return err;
	}
	kept.open = true;

	return 0;
}


struct zrtp_cache *zrtp_keep_open(const char *dir)
{
	int err;

	if (!str_isset(dir))
		return NULL;

	err = pipe_open();
	if (err) {
		module_log("zrtp: pipe: %m\n", err);
		return NULL;
	}
	cache_open(dir);

	return kept.cache;
}


void zrtp_keep(struct zrtp_rows *rows)
{
	if (write(kept.pipe[1], &rows, sizeof(rows)) != sizeof(rows))
		mem_deref(rows);
}


void zrtp_keep_close(void)
{
	if (kept.open) {
		pipe_handler(0, NULL);
		fd_close(kept.pipe[0]);
		(void)close(kept.pipe[0]);
		(void)close(kept.pipe[1]);
		kept.open = false;
	}
	kept.cache = mem_deref(kept.cache);
}
