/**
 * @file secret.c  Where a password comes from
 *
 * A password never stands in argv or the environment. A file that others
 * may read is refused, as ssh does. A command (pass, secret-tool, gpg) may
 * take its time, ask in a window of its own: it runs beside the loop, and
 * its output is read as it comes.
 */
#include "secret.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/paths.h"

enum {
	SECRET_MAX = 1024,
	COMMAND_TIMEOUT = 60 * 1000
};

struct secret {
	struct tmr tmr;
	pid_t pid;
	int fd;
	size_t len;
	char buf[SECRET_MAX];
	secret_h *h;
	void *arg;
};

extern char **environ;


char *secret_free(char *pass)
{
	if (pass) {
		mem_secclean(pass, strlen(pass));
		mem_deref(pass);
	}

	return NULL;
}


/* The first line, as a string; NULL if there is none */
static char *first_line(char *buf, size_t len)
{
	char *nl;

	buf[len] = '\0';
	nl = strpbrk(buf, "\r\n");
	if (nl)
		*nl = '\0';

	return *buf ? buf : NULL;
}


int secret_read(char **passp, const char *file, const char **whyp)
{
	char buf[SECRET_MAX + 1];
	ssize_t n;
	int fd, err;

	if (!passp || !file || !whyp)
		return EINVAL;

	if (paths_is_loose(file)) {
		*whyp = "The password file can be read by others: "
			"chmod 600 it";
		return EPERM;
	}

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		*whyp = "The password file cannot be read";
		return errno;
	}

	n = read(fd, buf, SECRET_MAX);
	(void)close(fd);

	if (n <= 0 || !first_line(buf, (size_t)n)) {
		*whyp = "The password file is empty";
		err = ENOENT;
	}
	else
		err = str_dup(passp, buf);

	mem_secclean(buf, sizeof(buf));

	return err;
}


static void secret_destructor(void *arg)
{
	struct secret *s = arg;

	tmr_cancel(&s->tmr);
	if (s->fd >= 0) {
		fd_close(s->fd);
		(void)close(s->fd);
	}
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	mem_secclean(s->buf, sizeof(s->buf));
}


/* End of the command: reap it, tell, free */
static void finish(struct secret *s, const char *why)
{
	secret_h *h = s->h;
	const char *pass = NULL;
	int status = 0;

	if (!why) {
		(void)waitpid(s->pid, &status, 0);
		s->pid = 0;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			why = "The password command failed";
		else {
			pass = first_line(s->buf, s->len);
			if (!pass)
				why = "The password command printed nothing";
		}
	}

	s->h = NULL;
	if (h)
		h(pass, why, s->arg);
}


static void read_handler(int flags, void *arg)
{
	struct secret *s = arg;
	ssize_t n;

	(void)flags;

	n = read(s->fd, s->buf + s->len, sizeof(s->buf) - 1 - s->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;

	if (n > 0) {
		s->len += (size_t)n;
		if (s->len < sizeof(s->buf) - 1)
			return;
		finish(s, "The password command printed too much");
		return;
	}

	fd_close(s->fd);
	(void)close(s->fd);
	s->fd = -1;
	finish(s, NULL);
}


static void timeout_handler(void *arg)
{
	finish(arg, "The password command did not end within a minute");
}


static int spawn_command(pid_t *pidp, const char *command, int out)
{
	char sh[] = "sh", c[] = "-c";
	char *copy = NULL;
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none;
	int err;

	err = str_dup(&copy, command);
	if (err)
		return err;

	(void)sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, out, 1);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);

	err = posix_spawn(pidp, "/bin/sh", &fa, &at,
			  (char *[]){ sh, c, copy, NULL }, environ);

	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	mem_deref(copy);

	return err;
}


int secret_run(struct secret **sp, const char *command, secret_h *h,
	       void *arg)
{
	struct secret *s;
	int fdv[2], err;

	if (!sp || !command || !h)
		return EINVAL;

	if (pipe2(fdv, O_CLOEXEC | O_NONBLOCK))
		return errno;

	s = mem_zalloc(sizeof(*s), secret_destructor);
	if (!s) {
		(void)close(fdv[0]);
		(void)close(fdv[1]);
		return ENOMEM;
	}

	s->fd = fdv[0];
	s->h = h;
	s->arg = arg;

	err = spawn_command(&s->pid, command, fdv[1]);
	(void)close(fdv[1]);
	if (err)
		goto out;

	err = fd_listen(s->fd, FD_READ, read_handler, s);
	if (err)
		goto out;

	tmr_start(&s->tmr, COMMAND_TIMEOUT, timeout_handler, s);

 out:
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}
