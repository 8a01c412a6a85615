/**
 * @file spawn.c  Run a program of the user's with a text to read
 *
 * The text stands in a file without a name, so that nothing is written while
 * somebody may not read. The program is started by a child that ends at
 * once: there is nothing to wait for and no zombie.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

enum { WORDS = 32 };


static int text_file(int *fdp, const char *text)
{
	size_t len = strlen(text);
	int fd = memfd_create("text", MFD_CLOEXEC);

	if (fd < 0)
		return errno;

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			(void)close(fd);
			return EIO;
		}
		text += n;
		len -= (size_t)n;
	}
	(void)lseek(fd, 0, SEEK_SET);
	*fdp = fd;

	return 0;
}


/* In the child of the child */
static void become(char *argv[], int fd)
{
	static const int sigs[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP,
				    SIGWINCH, SIGCONT };
	sigset_t none;
	size_t i;
	int null;

	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], SIG_DFL);

	null = open("/dev/null", O_WRONLY);
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	(void)execvp(argv[0], argv);
	_exit(127);
}


int spawn_text(const char *line, const char *text)
{
	char *argv[WORDS] = { NULL }, *buf = strdup(line);
	int fd = -1, err;
	pid_t pid;

	if (!buf)
		return ENOMEM;
	err = command_split(buf, argv, WORDS) > 0 ? text_file(&fd, text) :
		EINVAL;
	if (err) {
		free(buf);
		return err;
	}

	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become(argv, fd);
		_exit(pid < 0 ? 1 : 0);
	}
	err = pid < 0 ? errno : 0;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	(void)close(fd);
	free(buf);

	return err;
}
