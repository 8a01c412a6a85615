/**
 * @file log_file.c  The file of the log: appended to, turned over
 *
 * A line is written whole or it is told that it was not. After one that was
 * torn the next begins on a line of its own. NAME becomes NAME.1 when it is
 * full; where that fails it goes on for as much again.
 */
#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 4 << 20 };


static int open_path(struct log_file *lf)
{
	struct stat st;
	int fd, err;

	fd = open(lf->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
		  O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return errno;

	if (fstat(fd, &st)) {
		err = errno;
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err = EINVAL;
		goto out;
	}
	if (fchmod(fd, 0600)) {
		err = errno;
		goto out;
	}

	lf->fd = fd;
	lf->size = (uint64_t)st.st_size;

	return 0;

 out:
	(void)close(fd);

	return err;
}


/* Turn the file over; where that fails the old one goes on for a while */
static void turn_over(struct log_file *lf)
{
	char old[PATHS_MAX + 2];
	int fd = lf->fd;

	(void)snprintf(old, sizeof(old), "%s.1", lf->path);

	lf->size = 0;
	if (rename(lf->path, old))
		return;

	if (open_path(lf)) {
		(void)rename(old, lf->path);
		return;
	}

	(void)close(fd);
}


int log_file_open(struct log_file *lf, const char *path)
{
	if (strlen(path) >= sizeof(lf->path))
		return ENAMETOOLONG;

	memcpy(lf->path, path, strlen(path) + 1);
	lf->torn = false;

	return open_path(lf);
}


void log_file_close(struct log_file *lf)
{
	(void)close(lf->fd);
	lf->fd = -1;
}


bool log_file_write(struct log_file *lf, const char *line, size_t len)
{
	size_t done = 0;

	if (lf->size + len > FILE_MAX_BYTES)
		turn_over(lf);

	if (lf->torn) {
		if (write(lf->fd, "\n", 1) != 1)
			return false;
		lf->torn = false;
		++lf->size;
	}

	while (done < len) {
		ssize_t n = write(lf->fd, line + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			lf->torn = done > 0;
			return false;
		}
		done += (size_t)n;
		lf->size += (size_t)n;
	}

	return true;
}
