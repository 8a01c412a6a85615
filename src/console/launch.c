/**
 * @file launch.c  Start the phone when none answers
 *
 * offhookd is looked for beside this program, then in PATH. It puts itself
 * into the background; what it says before that (a wrong line in the config
 * file, say) comes through a pipe and is what the user reads if it ends
 * instead of listening.
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "i18n.h"

enum {
	START_MS = 10000,       /* longest wait for the socket   */
	STEP_MS  = 4,           /* between two tries             */
	REAP_MS  = 1000
};

struct starting {
	pid_t pid;
	int fd;                 /* what it says                  */
	char said[1024];
	size_t len;
};


int launch_bindir(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *slash;

	if (n < 0)
		return errno;

	buf[n] = '\0';
	slash = strrchr(buf, '/');
	if (!slash)
		return ENOENT;
	*slash = '\0';

	return 0;
}


/* In the child: become offhookd */
static void become_phone(const char *profile, int fd)
{
	char path[PATH_MAX], bin[PATH_MAX - 16];
	char *argv[4] = { path, NULL, NULL, NULL };
	char opt[] = "--profile";
	sigset_t none;
	int null, n;

	if (profile) {
		argv[1] = opt;
		argv[2] = strdup(profile);
	}

	/* An own session: ^C at this terminal is not meant for the phone */
	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);

	null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		if (null > STDERR_FILENO)
			(void)close(null);
	}
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);

	if (!launch_bindir(bin, sizeof(bin))) {
		n = snprintf(path, sizeof(path), "%s/offhookd", bin);
		if (n > 0 && (size_t)n < sizeof(path))
			(void)execv(path, argv);
	}
	(void)snprintf(path, sizeof(path), "offhookd");
	(void)execvp(path, argv);

	(void)dprintf(STDERR_FILENO, _("offhookd cannot be started: %s; it "
		      "belongs beside offhook or into PATH\n"),
		      strerror(errno));
	_exit(127);
}


static int phone_spawn(struct starting *st, const char *profile)
{
	int fds[2];

	memset(st, 0, sizeof(*st));
	st->fd = -1;
	if (pipe2(fds, O_CLOEXEC))
		return errno;

	st->pid = fork();
	if (st->pid < 0) {
		int err = errno;

		(void)close(fds[0]);
		(void)close(fds[1]);
		return err;
	}

	if (st->pid == 0)
		become_phone(profile, fds[1]);

	(void)close(fds[1]);
	st->fd = fds[0];
	(void)fcntl(st->fd, F_SETFL, O_NONBLOCK);

	return 0;
}


/* Keep what it says; up to ms milliseconds */
static void phone_listen(struct starting *st, int ms)
{
	struct pollfd p = { st->fd, POLLIN, 0 };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0 || st->fd < 0)
		return;

	n = read(st->fd, st->said + st->len, sizeof(st->said) - 1 - st->len);
	if (n > 0) {
		st->len += (size_t)n;
		if (st->len >= sizeof(st->said) - 1)
			st->len = 0;
	}
	else if (n == 0 || errno != EAGAIN) {
		(void)close(st->fd);
		st->fd = -1;
	}
}


/* The last line of what was said is the reason */
static void last_line(struct starting *st, char *why, size_t size)
{
	char said[512], *line;

	st->said[st->len] = '\0';
	while (st->len && st->said[st->len - 1] == '\n')
		st->said[--st->len] = '\0';

	line = strrchr(st->said, '\n');
	line = line ? line + 1 : st->said;
	(void)snprintf(why, size, "%s",
		       *line ? i18n_phone(line, said, sizeof(said)) :
		       _("the phone ended without a word: see its log, or run "
			 "offhookd --foreground"));
}


static int wait_for_socket(struct client *c, struct starting *st, char *why,
			   size_t size)
{
	bool running = true;
	int ms, err, status;

	for (ms = 0; ms < START_MS; ms += STEP_MS) {

		err = client_connect(c);
		if (!err)
			return 0;

		phone_listen(st, STEP_MS);

		/* It goes to the background: 0 is no failure */
		if (running && waitpid(st->pid, &status, WNOHANG) == st->pid) {
			running = false;
			if (!WIFEXITED(status) || WEXITSTATUS(status)) {
				phone_listen(st, 100);
				last_line(st, why, size);
				return ECHILD;
			}
		}
	}

	(void)snprintf(why, size, "%s", _("the phone was started, but does "
		       "not answer: see its log, or run offhookd "
		       "--foreground"));

	return ETIMEDOUT;
}


int launch_phone(struct client *c, const char *profile, int start, char *why,
		 size_t size)
{
	struct starting st = { .fd = -1 };
	int err, i;

	err = client_connect(c);
	if (client_is_remote(c)) {
		/* The link is good when the phone at its end has answered;
		   ssh may ask for a password until then */
		if (!err && !client_call(c, "phone.status", NULL, NULL))
			return 0;
		(void)snprintf(why, size, "%s", err == EINVAL ?
			       _("--host: this is no name of a host") :
			       _("the phone over there cannot be reached: is "
				 "offhook installed there, and does ssh get "
				 "in?"));
		return err ? err : ECONNREFUSED;
	}
	if (!err)
		return 0;

	if (err != ENOENT && err != ECONNREFUSED) {
		(void)snprintf(why, size, _("the phone's socket: %s"),
			       strerror(err));
		return err;
	}
	if (!start) {
		(void)snprintf(why, size, "%s", _("no phone is running: "
			       "offhook starts one"));
		return ENOENT;
	}

	err = phone_spawn(&st, profile);
	if (err) {
		(void)snprintf(why, size,
			       _("offhookd cannot be started: %s"),
			       strerror(err));
		return err;
	}

	err = wait_for_socket(c, &st, why, size);

	/* What went to the background leaves its starter to be reaped */
	for (i = 0; !err && i < REAP_MS / STEP_MS &&
	     waitpid(st.pid, NULL, WNOHANG) == 0; i++)
		(void)poll(NULL, 0, STEP_MS);
	if (st.fd >= 0)
		(void)close(st.fd);

	return err;
}
