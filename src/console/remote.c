/**
 * @file remote.c  A phone on another machine, by ssh
 *
 * ssh runs `offhook relay` there, which hands its standard input and output
 * to that machine's socket: no port is opened and no path has to be known.
 * ssh itself finds out that a link is dead and ends.
 */
#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "settings.h"

enum { WORDS = 40, LINE = 1024 };


void remote_init(struct remote *r, const struct paths *paths,
		 const char *host, const char *profile)
{
	memset(r, 0, sizeof(*r));
	r->host = host;
	r->profile = profile;
	(void)settings_peek(paths, "remote.command", r->command,
			    sizeof(r->command));
}


bool remote_is_host(const char *host)
{
	const char *p;

	if (!host || !*host || *host == '-')
		return false;
	for (p = host; *p; p++) {
		if (*p <= ' ' || *p > '~' || strchr("'\"\\$`;&|<>()", *p))
			return false;
	}

	return true;
}


/* For the shell over there */
static bool quoted(char *buf, size_t size, const char *text)
{
	size_t n = 0;

	buf[n++] = '\'';
	for (; *text; text++) {
		if (*text == '\'' || n + 3 > size)
			return false;
		buf[n++] = *text;
	}
	buf[n++] = '\'';
	buf[n] = '\0';

	return true;
}


static void become_ssh(char *argv[], int fd)
{
	static const int sigs[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP,
				    SIGWINCH, SIGCONT };
	sigset_t none;
	size_t i;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], SIG_DFL);
	(void)signal(SIGINT, SIG_IGN);  /* ^C is the console's */
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)execvp(argv[0], argv);
	(void)dprintf(STDERR_FILENO, "offhook: %s: %s\n", argv[0],
		      strerror(errno));
	_exit(127);
}


/* Program, options, host, and what is run there; false: too long */
static bool words(const struct remote *r, bool again, char *line,
		  char *argv[])
{
	static char option[] = "-oBatchMode=yes", host[256];
	static char offhook[] = "offhook", relay[] = "relay";
	static char profile[PATH_MAX + 16], opt[] = "--profile";
	int n;

	(void)snprintf(line, LINE, "%s", *r->command ? r->command :
		       "ssh -T -oServerAliveInterval=5 "
		       "-oServerAliveCountMax=3");
	n = command_split(line, argv, WORDS - 8);
	if (n < 1)
		return false;
	if (again && !*r->command)
		argv[n++] = option;
	(void)snprintf(host, sizeof(host), "%s", r->host);
	argv[n++] = host;
	argv[n++] = offhook;
	if (r->profile) {
		if (!quoted(profile, sizeof(profile), r->profile))
			return false;
		argv[n++] = opt;
		argv[n++] = profile;
	}
	argv[n++] = relay;
	argv[n] = NULL;

	return true;
}


int remote_connect(int *fdp, bool again, void *arg)
{
	const struct remote *r = arg;
	char line[LINE], *argv[WORDS] = { NULL };
	int fds[2], err = 0;
	pid_t pid;

	if (!fdp || !r || !remote_is_host(r->host) ||
	    !words(r, again, line, argv))
		return EINVAL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return errno;

	/* The child of a child: nobody has to wait for it */
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become_ssh(argv, fds[1]);
		_exit(pid < 0 ? 1 : 0);
	}
	if (pid < 0)
		err = errno;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	(void)close(fds[1]);
	if (!err && fcntl(fds[0], F_SETFL, O_NONBLOCK))
		err = errno;
	if (err)
		(void)close(fds[0]);
	else
		*fdp = fds[0];

	return err;
}
