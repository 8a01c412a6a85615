/**
 * @file demo.c  `offhook demo`: something to talk to, without an account
 *
 * Two phones in a temporary folder: a partner that answers, sends back what
 * it hears and answers chat lines, and one for the user, who gets a console
 * on it. The console is a child; this process outlives it in any case, ends
 * both phones and removes the folder.
 */
#include "demo.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "common/paths.h"
#include "console.h"
#include "i18n.h"
#include "launch.h"

enum {
	QUIT_MS = 8000,         /* for a phone to end by itself         */
	REMOVE_TRIES = 40,
	CHILD_MS = 2000,        /* for the console                      */
	CHILD_LOOK_MS = 1000    /* if its end was missed                */
};

/** One of the two phones */
struct demo_phone {
	struct client *client;
	char profile[128];
	pid_t pid;
};

struct demo {
	char dir[64];
	struct demo_phone partner, user;
	char target[160];       /* where the partner listens            */
	char speech[PATH_MAX];  /* sample, "" with a sound card         */
};

static volatile sig_atomic_t stop_sig;
static volatile sig_atomic_t child_pid;


static void on_signal(int sig)
{
	stop_sig = sig;
	if (child_pid > 0)
		(void)kill((pid_t)child_pid, sig);
}


static void signals_catch(void)
{
	static const int sigs[] = { SIGHUP, SIGTERM, SIGINT, SIGQUIT };
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &sa, NULL);
}


/* ---- the phones ---------------------------------------------------------*/
static bool phone_start(struct cmd *cmd, const struct demo *d,
			struct demo_phone *p, const char *name)
{
	struct paths paths;
	json_t *st = NULL;
	char why[512];

	(void)snprintf(p->profile, sizeof(p->profile), "%s/%s", d->dir, name);
	if (paths_init(&paths, p->profile) ||
	    client_open(&p->client, paths.socket, NULL, NULL)) {
		(void)cmd_fail(cmd, "the folder %s cannot be used", d->dir);
		return false;
	}
	if (launch_phone(p->client, p->profile, 1, why, sizeof(why))) {
		(void)cmd_fail(cmd, "%s", why);
		return false;
	}

	/* Known now, for the case that it does not end when asked */
	if (!client_call(p->client, "phone.status", NULL, &st))
		p->pid = (pid_t)obj_int(st, "pid");
	json_decref(st);

	return true;
}


static void phone_stop(struct demo_phone *p)
{
	struct timespec a, b;
	int left = QUIT_MS;

	if (!p->client)
		return;

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	(void)client_request(p->client, "phone.quit", NULL, NULL, NULL);
	while (client_is_connected(p->client) && left > 0) {
		(void)client_wait(p->client, left);
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		left = QUIT_MS - (int)((b.tv_sec - a.tv_sec) * 1000 +
				       (b.tv_nsec - a.tv_nsec) / 1000000);
	}
	if (client_is_connected(p->client) && p->pid > 1)
		(void)kill(p->pid, SIGKILL);

	client_close(p->client);
	p->client = NULL;
}


static bool ask(struct cmd *cmd, struct demo_phone *p, const char *method,
		json_t *params, json_t **resultp)
{
	if (!client_call(p->client, method, params, resultp))
		return true;

	(void)cmd_fail(cmd, "%s: %s", method, client_error(p->client));

	return false;
}


static bool config(struct cmd *cmd, struct demo_phone *p, const char *key,
		   const char *value)
{
	return ask(cmd, p, "config.set", json_pack("{s:s, s:s}", "key", key,
						   "value", value), NULL);
}


/* A direct account. Each phone has a loopback address of its own and thus
   the default port, so that an address without a port leads back to it; they
   come from the process id, so that two demos do not meet */
static bool account(struct cmd *cmd, struct demo_phone *p, const char *user,
		    bool answers, char *listen, size_t size)
{
	unsigned id = (unsigned)getpid();
	char address[64], host[32], at[48];
	json_t *a = NULL;
	bool ok;

	(void)snprintf(host, sizeof(host), "127.%u.%u.%u",
		       64 + (id >> 14) % 128, 1 + (id >> 7) % 128,
		       1 + id % 126 + (answers ? 0 : 127));
	(void)snprintf(address, sizeof(address), "%s@%s", user, host);
	(void)snprintf(at, sizeof(at), "%s:5060", host);
	ok = ask(cmd, p, "account.add",
		 json_pack("{s:s, s:b, s:s, s:b}", "address", address,
			   "direct", 1, "listen", at,
			   "auto_answer", (int)answers), &a);
	if (ok)
		(void)snprintf(listen, size, "sip:%s", address);
	json_decref(a);

	return ok;
}


/* ---- sound --------------------------------------------------------------*/
static bool sound_card(void)
{
	DIR *dir = opendir("/dev/snd");
	bool capture = false, playback = false;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		size_t n = strlen(e->d_name);

		if (strncmp(e->d_name, "pcm", 3) || n < 4)
			continue;
		capture |= e->d_name[n - 1] == 'c';
		playback |= e->d_name[n - 1] == 'p';
	}
	if (dir)
		(void)closedir(dir);

	return capture && playback;
}


/* The sample lies in the tree or where it was installed */
static bool find_speech(char *buf, size_t size)
{
	static const char *const places[] = {
		"../share/speech.wav", "../share/offhook/speech.wav"
	};
	char bin[PATH_MAX - 64], path[PATH_MAX];
	size_t i;

	for (i = 0; !launch_bindir(bin, sizeof(bin)) &&
	     i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", bin, places[i]);
		if (realpath(path, buf) && !access(buf, R_OK))
			return true;
	}

	(void)snprintf(buf, size, "%s/speech.wav", OFFHOOK_DATADIR);

	return !access(buf, R_OK);
}


static bool user_sound(struct cmd *cmd, struct demo *d)
{
	char source[PATH_MAX + 16];

	if (sound_card())
		return true;

	if (find_speech(d->speech, sizeof(d->speech)))
		(void)snprintf(source, sizeof(source), "file,%s,repeat",
			       d->speech);
	else
		(void)snprintf(source, sizeof(source), "tone,440");

	return config(cmd, &d->user, "audio.source", source) &&
		config(cmd, &d->user, "audio.sink", "null,");
}


/* ---- together -----------------------------------------------------------*/
static bool setup(struct cmd *cmd, struct demo *d)
{
	const char *tmp = getenv("TMPDIR");
	char own[160];
	json_t *uris;

	/* A socket's name is short, and so must be the folder's */
	if (!tmp || *tmp != '/' || strlen(tmp) > 30)
		tmp = "/tmp";
	(void)snprintf(d->dir, sizeof(d->dir), "%s/offhook-demo-XXXXXX", tmp);
	if (!mkdtemp(d->dir)) {
		(void)cmd_fail(cmd, "%s: %s", d->dir, strerror(errno));
		d->dir[0] = '\0';
		return false;
	}

	if (!phone_start(cmd, d, &d->partner, "partner") ||
	    !config(cmd, &d->partner, "audio.source", "loop,") ||
	    !config(cmd, &d->partner, "audio.sink", "loop,") ||
	    !config(cmd, &d->partner, "chat.echo", "true") ||
	    !account(cmd, &d->partner, "echo", true, d->target,
		     sizeof(d->target)))
		return false;

	if (!phone_start(cmd, d, &d->user, "you") || !user_sound(cmd, d) ||
	    !account(cmd, &d->user, "you", false, own, sizeof(own)))
		return false;

	uris = json_pack("[s]", d->target);

	return ask(cmd, &d->user, "contact.add",
		   json_pack("{s:s, s:o}", "name", "Echo test", "uris", uris),
		   NULL);
}


static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)remove(path);

	return 0;
}


/* A phone that closed its socket still closes its files */
static void folder_remove(const char *dir)
{
	int i;

	for (i = 0; i < REMOVE_TRIES && !access(dir, F_OK); i++) {
		if (i)
			(void)poll(NULL, 0, 50);
		(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
}


static void teardown(struct demo *d)
{
	phone_stop(&d->user);
	phone_stop(&d->partner);
	if (*d->dir)
		folder_remove(d->dir);
}


static void on_child(int sig)
{
	(void)sig;              /* only to interrupt */
}


/* Wait for the console; one that does not end when told to is killed. The
   partner has its word meanwhile */
static int child_wait(struct demo *d, pid_t pid)
{
	uint64_t told = 0;
	int status = 0;

	for (;;) {
		pid_t got = waitpid(pid, &status, WUNTRACED | WNOHANG);

		if (got == pid && !WIFSTOPPED(status))
			break;
		if (got < 0 && errno != EINTR)
			return CMD_FAILED;
		if (stop_sig && !told) {
			told = console_now();
			(void)kill(pid, SIGTERM);
		}
		else if (told && console_now() - told > CHILD_MS) {
			(void)kill(pid, SIGKILL);
		}
		if (client_is_connected(d->partner.client))
			(void)client_wait(d->partner.client, CHILD_LOOK_MS);
		else
			(void)poll(NULL, 0, CHILD_LOOK_MS);
	}

	return WIFEXITED(status) ? WEXITSTATUS(status) : CMD_FAILED;
}


static int with_console(struct demo *d)
{
	struct console_options opt = { .profile = d->user.profile,
				       .demo = true };
	struct sigaction sa;
	pid_t pid;
	int rc;

	opt.hello = !*d->speech ?
		N_("Enter calls the echo test: you hear yourself") :
		N_("Enter calls the echo test. No sound card: a sample speaks "
		   "for you");

	demo_partner_watch(d->partner.client);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_child;
	(void)sigaction(SIGCHLD, &sa, NULL);

	pid = fork();
	if (pid < 0)
		return CMD_FAILED;
	if (pid == 0) {
		rc = console_run(&opt);
		(void)fflush(NULL);
		_exit(rc);
	}

	child_pid = (sig_atomic_t)pid;
	rc = child_wait(d, pid);
	child_pid = 0;

	return rc;
}


static int cmd_demo(struct cmd *cmd, int argc, char *argv[])
{
	struct demo *d;
	int rc = CMD_FAILED;

	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	d = calloc(1, sizeof(*d));
	if (!d)
		return cmd_fail(cmd, "out of memory");

	signals_catch();
	if (setup(cmd, d) && !stop_sig) {
		if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
			rc = with_console(d);
		}
		else {
			if (*d->speech)
				(void)printf(_("no sound card: the speech "
					     "sample %s is the microphone\n"),
					     d->speech);
			rc = demo_auto(d->user.client, d->partner.client,
				       d->target);
		}
	}

	teardown(d);
	free(d);

	return stop_sig ? 128 + (int)stop_sig : rc;
}


const struct command command_demo_table[] = {
	{ "demo", "", N_("a test partner and a console: no account and no "
	  "sound card needed"), cmd_demo, CMD_SHELL | CMD_LOCAL, 0,
	  COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
