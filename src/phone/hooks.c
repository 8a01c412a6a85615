/**
 * @file hooks.c  Programs of the user's that hear of events
 *
 * The phone runs them, so that they work without a console. It never waits:
 * the event stands in a file without a name that is the program's standard
 * input, no shell is in between, and what is started is bounded in number
 * and in time. A call says a new state, not its figures every second.
 */
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "phone/events.h"
#include "phone/phone.h"
#include "phone/rpc/notify.h"

enum {
	HOOKS_MAX = 8,          /* at once; more are left out    */
	HOOK_MS = 10 * 1000,    /* then it is ended              */
	REAP_MS = 200,
	CALLS_KEPT = 16
};

/** A program that runs */
struct hook {
	pid_t pid;              /* 0: none                       */
	uint64_t until;
};

static struct {
	struct phone *ph;
	struct event_listener *listener;
	struct tmr tmr;
	struct hook v[HOOKS_MAX];
	bool full;              /* it was said already           */
	struct {
		json_int_t id;
		char what[64];
	} calls[CALLS_KEPT];    /* what was told of a call last  */
	size_t at;
} hooks;

extern char **environ;


static void reap(void *arg)
{
	uint64_t now = tmr_jiffies();
	bool any = false;
	size_t i;
	(void)arg;

	for (i = 0; i < HOOKS_MAX; i++) {
		struct hook *h = &hooks.v[i];

		if (h->pid && waitpid(h->pid, NULL, WNOHANG))
			h->pid = 0;
		if (!h->pid)
			continue;
		any = true;
		/* With what it started itself */
		if (now >= h->until)
			(void)kill(-h->pid, SIGKILL);
	}
	if (any)
		tmr_start(&hooks.tmr, REAP_MS, reap, NULL);
	else
		hooks.full = false;
}


/* The user's own, and nobody else can change it */
static bool usable(const char *file)
{
	struct stat st;

	if (stat(file, &st) || !S_ISREG(st.st_mode) || access(file, X_OK))
		return false;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return true;

	warning("hooks: %s: others can change it: not run\n", file);

	return false;
}


static int text_file(const char *text)
{
	struct iovec iov[2] = {
		{ (void *)(uintptr_t)text, strlen(text) },
		{ (char[]){ '\n' }, 1 }
	};
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (writev(fd, iov, 2) != (ssize_t)(iov[0].iov_len + 1) ||
	    lseek(fd, 0, SEEK_SET)) {
		(void)close(fd);
		return -1;
	}

	return fd;
}


static int start(pid_t *pidp, const char *file, const char *name,
		 const char *text)
{
	char path[PATHS_MAX], word[64];
	char *argv[3] = { path, word, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t set;
	int fd = text_file(text), err;

	if (fd < 0)
		return errno;
	str_ncpy(path, file, sizeof(path));
	str_ncpy(word, name, sizeof(word));

	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawn_file_actions_adddup2(&fa, fd, STDIN_FILENO);
	(void)posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO,
					       "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addopen(&fa, STDERR_FILENO,
					       "/dev/null", O_WRONLY, 0);

	/* The phone's handlers and its group are not the hook's */
	(void)sigfillset(&set);
	(void)posix_spawnattr_setsigdefault(&attr, &set);
	(void)sigemptyset(&set);
	(void)posix_spawnattr_setsigmask(&attr, &set);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF |
				       POSIX_SPAWN_SETSIGMASK |
				       POSIX_SPAWN_SETPGROUP);

	err = posix_spawn(pidp, file, &fa, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)close(fd);

	return err;
}


static void run(const char *file, const char *name, const char *text)
{
	size_t i;
	int err;

	for (i = 0; i < HOOKS_MAX && hooks.v[i].pid; i++)
		;
	if (i == HOOKS_MAX) {
		if (!hooks.full)
			warning("hooks: %d run already: %s is left out\n",
				HOOKS_MAX, name);
		hooks.full = true;
		return;
	}

	err = start(&hooks.v[i].pid, file, name, text);
	if (err) {
		hooks.v[i].pid = 0;
		warning("hooks: %s: %m\n", file, err);
		return;
	}
	hooks.v[i].until = tmr_jiffies() + HOOK_MS;
	tmr_start(&hooks.tmr, REAP_MS, reap, NULL);
}


/* Is that more about the call than new figures? */
static bool call_news(const json_t *params)
{
	const json_int_t id = json_integer_value(json_object_get(params,
								 "id"));
	const char *state = json_string_value(json_object_get(params,
							      "state"));
	const char *label = json_string_value(json_object_get(params,
							      "label"));
	char what[sizeof(hooks.calls[0].what)];
	size_t i;

	(void)re_snprintf(what, sizeof(what), "%s %s %d", state, label,
			  json_is_true(json_object_get(params, "muted")));
	for (i = 0; i < CALLS_KEPT && hooks.calls[i].id != id; i++)
		;
	if (i < CALLS_KEPT && !strcmp(hooks.calls[i].what, what))
		return false;
	if (i == CALLS_KEPT)
		i = hooks.at++ % CALLS_KEPT;
	hooks.calls[i].id = id;
	str_ncpy(hooks.calls[i].what, what, sizeof(hooks.calls[i].what));

	return true;
}


static void event_handler(const struct event *ev, void *arg)
{
	char folder[PATHS_MAX], file[PATHS_MAX];
	const char *name;
	json_t *obj;
	char *text;
	(void)arg;

	if (ev->type == EVENT_TRACE ||
	    paths_join(folder, sizeof(folder), hooks.ph->paths.config,
		       "hooks") || access(folder, X_OK))
		return;

	obj = notify_event(hooks.ph, ev);
	name = json_string_value(json_object_get(obj, "method"));
	if (name && !paths_join(file, sizeof(file), folder, name) &&
	    usable(file) && (ev->type != EVENT_CALL ||
			     call_news(json_object_get(obj, "params")))) {
		text = json_dumps(obj, JSON_COMPACT);
		if (text)
			run(file, name, text);
		free(text);
	}
	json_decref(obj);
}


int hooks_open(struct phone *ph)
{
	memset(&hooks, 0, sizeof(hooks));
	hooks.ph = ph;

	return event_listen(&hooks.listener, event_handler, NULL);
}


void hooks_close(void)
{
	hooks.listener = mem_deref(hooks.listener);
	tmr_cancel(&hooks.tmr);
}
