/**
 * @file phone/main.c  offhookd: the phone
 *
 * Starts, listens to signals, ends. The terminal is left at once: the
 * parent waits only until the socket answers or a sentence says why not.
 * SIGHUP, SIGTERM and SIGINT end calls with BYE, de-register, flush; a
 * second one ends at once. Signals come through a signalfd, because libre's
 * loop would go on over EINTR.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/re_compat.h"
#include "phone/config.h"
#include "phone/hooks.h"
#include "phone/phone.h"
#include "phone/rpc/server.h"

enum {
	LOCK_MS      = 5000, /* how long the one before may take to end */
	LOCK_STEP_MS = 10,
};

struct options {
	const char *profile;
	bool foreground;
};

static struct phone phone;
static int signal_fd = -1;
static int lock_fd = -1;
static struct tmr flush_tmr;


/* ---- end -----------------------------------------------------------------*/

static void end_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


/* De-registered: give the last answers a moment to leave */
static void stopped_handler(void *arg)
{
	(void)arg;
	tmr_start(&flush_tmr, 20, end_handler, NULL);
}


static void stop(void)
{
	if (phone.closing) {
		re_cancel();
		return;
	}

	info("main: ending\n");
	phone_stop(&phone, stopped_handler, NULL);
}


static void signal_handler(int flags, void *arg)
{
	struct signalfd_siginfo si;

	(void)flags;
	(void)arg;

	if (read(signal_fd, &si, sizeof(si)) != sizeof(si))
		return;

	info("main: signal %u\n", si.ssi_signo);
	stop();
}


static int catch_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);

	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		return errno;

	return fd_listen(signal_fd, FD_READ, signal_handler, NULL);
}


/* ---- begin ---------------------------------------------------------------*/

/* No core, no ptrace by the user's other programs: passwords and keys live
 * in this memory. A sanitizer needs ptrace for its leak check. */
static void protect_memory(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}


/* Sockets of many accounts and calls: as many as the system lets us have */
static int allow_descriptors(void)
{
	struct rlimit lim;

	if (!getrlimit(RLIMIT_NOFILE, &lim) && lim.rlim_cur < RE_FDS_MAX) {
		lim.rlim_cur = lim.rlim_max < RE_FDS_MAX ? lim.rlim_max :
			RE_FDS_MAX;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
	}

	return fd_setsize(RE_FDS_MAX);
}


/* A phone that is ending has taken its socket away and holds the lock for
 * some milliseconds more: who quits and starts again gets the new one */
static int wait_for_lock(int fd, const char *socket)
{
	int i;

	for (i = 0; i < LOCK_MS / LOCK_STEP_MS; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK)
			return errno;
		if (!access(socket, F_OK))
			break;
		(void)poll(NULL, 0, LOCK_STEP_MS);
	}

	return EBUSY;
}


/* One phone a profile: the lock goes with the process, whatever its end */
static int lock_profile(const struct paths *paths)
{
	char path[PATHS_MAX], pid[16];
	int n, err;

	err = paths_join(path, sizeof(path), paths->run, "pid");
	if (err)
		return err;

	lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_fd < 0)
		return errno;

	err = wait_for_lock(lock_fd, paths->socket);
	if (err)
		return err;

	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(lock_fd, 0) || pwrite(lock_fd, pid, (size_t)n, 0) != n)
		return errno;

	return 0;
}


static enum log_level log_level_of(const char *name)
{
	switch (name[0]) {
	case 'd':
		return LOGL_DEBUG;
	case 'w':
		return LOGL_WARNING;
	case 'e':
		return LOGL_ERROR;
	default:
		return LOGL_INFO;
	}
}


/* The log's level stands in the settings, so they are read first */
static int open_log(const struct options *opt)
{
	char path[PATHS_MAX];
	int err;

	err = paths_join(path, sizeof(path), phone.paths.config,
			 "offhook.conf");
	if (!err)
		err = config_open(&phone.config, path);
	if (!err)
		err = paths_join(path, sizeof(path), phone.paths.state,
				 "offhook.log");
	if (err)
		return err;

	return log_open(path,
			log_level_of(config_get(phone.config, "log.level")),
			opt->foreground);
}


/* Everything up to the loop; why is a sentence on error */
static int start(const struct options *opt, const char **why)
{
	int err;

	*why = "The profile's path is not usable";
	err = paths_init(&phone.paths, opt->profile);
	if (err)
		return err;

	*why = "The profile's folders cannot be made";
	err = paths_make(&phone.paths);
	if (err)
		return err;

	*why = "A phone runs with this profile already";
	err = lock_profile(&phone.paths);
	if (err)
		return err;

	*why = "The phone could not start";
	err = libre_init();
	if (!err)
		err = allow_descriptors();
	if (err)
		return err;

	err = open_log(opt);
	if (!err)
		err = catch_signals();
	if (err)
		return err;

	phone.profile = opt->profile;
	phone.quith = stop;
	err = phone_open(&phone);
	if (err)
		return err;

	*why = "The socket for consoles cannot be opened";

	err = hooks_open(&phone);

	return err ? err : rpc_open(&phone);
}


static int run(const struct options *opt, int ready_fd)
{
	const char *why = NULL;
	char text[256];
	int err;

	protect_memory();

	err = start(opt, &why);
	if (err) {
		int n = snprintf(text, sizeof(text), "%s: %s\n", why,
				 strerror(err));

		if (ready_fd >= 0)
			(void)!write(ready_fd, text, (size_t)n);
		else
			(void)fprintf(stderr, "offhookd: %s", text);
	}
	if (ready_fd >= 0)
		(void)close(ready_fd);

	if (!err) {
		info("main: offhookd %s is ready\n", OFFHOOK_VERSION);
		err = re_main(NULL);
		info("main: end\n");
	}

	rpc_close();
	hooks_close();
	phone_close(&phone);
	tmr_cancel(&flush_tmr);
	if (signal_fd >= 0) {
		fd_close(signal_fd);
		(void)close(signal_fd);
	}
	log_close();
	tmr_debug();
	libre_close();
	mem_debug();

	return err ? 1 : 0;
}


/* Leave the terminal; the parent waits for the word "ready" (an end of file)
 * or prints the sentence that came instead */
static int daemonize(const struct options *opt)
{
	char text[256];
	int fdv[2], null;
	ssize_t n;
	pid_t pid;

	if (pipe2(fdv, O_CLOEXEC))
		return 1;

	pid = fork();
	if (pid < 0) {
		perror("offhookd");
		return 1;
	}

	if (pid > 0) {
		(void)close(fdv[1]);
		n = read(fdv[0], text, sizeof(text) - 1);
		if (n <= 0)
			return 0;
		text[n] = '\0';
		(void)fprintf(stderr, "offhookd: %s", text);
		return 1;
	}

	(void)close(fdv[0]);
	(void)setsid();
	null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		if (null > 2)
			(void)close(null);
	}

	return run(opt, fdv[1]);
}


static void usage(FILE *f)
{
	(void)fputs("usage: offhookd [--profile DIR] [--foreground]\n"
		    "\n"
		    "The phone. `offhook` starts it by itself.\n"
		    "\n"
		    "  --profile DIR   keep everything below DIR\n"
		    "  --foreground    stay, for systemd or to look at\n"
		    "  --version       print the version\n"
		    "  --help          print this\n", f);
}


int main(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "profile", required_argument, NULL, 'p' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options opt = { NULL, false };
	int c;

	(void)umask(077);

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			opt.profile = optarg;
			break;
		case 'f':
			opt.foreground = true;
			break;
		case 'v':
			(void)puts("offhookd " OFFHOOK_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}

	return opt.foreground ? run(&opt, -1) : daemonize(&opt);
}
