/**
 * @file console_run.c  The console: start, loop, end
 *
 * One poll() for the terminal, the phone and signals. There is no timer but
 * the clock's minute and, while something rings or the phone is away, the
 * next second: a screen on which nothing happens costs nothing. A terminal
 * that is gone ends the console at once, without a byte to it; the phone and
 * its calls go on.
 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "i18n.h"
#include "launch.h"
#include "line_edit.h"
#include "screen.h"

enum {
	HISTORY_LINES = 500,
	RETRY_MS = 500,
	REMOTE_RETRY_MS = 3000, /* ssh takes longer to fail            */
	SLOW_MS = 2000,         /* an answer that takes so long is told */
	RESIZE_MS = 20,         /* a burst of size changes is one       */
	STORM_MS = 100,         /* and a storm is drawn this often      */
	KEYS_ROUND = 256,       /* then signals and the phone have a turn */
	SIGNALS = 16
};

static int sig_pipe[2] = { -1, -1 };


static void on_signal(int sig)
{
	char c = (char)sig;
	int err = errno;

	/* Stuck in a write to a terminal that does not read: SIGALRM's
	   default ends the program then */
	if (sig == SIGHUP || sig == SIGTERM)
		(void)alarm(1);
	if (sig == SIGCONT)
		screen_continued();
	if (write(sig_pipe[1], &c, 1) < 0)
		errno = err;
	errno = err;
}


static int signals_open(void)
{
	static const int sigs[] = { SIGWINCH, SIGHUP, SIGTERM, SIGCONT,
				    SIGINT };
	struct sigaction sa;
	size_t i;

	if (pipe2(sig_pipe, O_NONBLOCK | O_CLOEXEC))
		return errno;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);

	return 0;
}


/* ---- the phone ----------------------------------------------------------*/
static uint64_t retry_ms(const struct console *c)
{
	return c->remote.host ? REMOTE_RETRY_MS : RETRY_MS;
}


static void phone_lost(struct console *c)
{
	c->retry_at = console_now() + retry_ms(c);
	c->call = c->ring_id = 0;
	c->chat.id = 0;
	model_reset(c->model);
	list_refresh(c);
	c->slow = c->linked = false;
	if (c->remote.host)
		console_message(c, ROLE_WARN, "the link to %s is lost: trying "
				"again; what is typed stays",
				c->remote.host);
	else
		console_message(c, ROLE_WARN, "the phone has ended: waiting "
				"for it (:start starts it again)");
}


static void phone_retry(struct console *c)
{
	if (client_connect(c->client)) {
		c->retry_at = console_now() + retry_ms(c);
		return;
	}
	c->retry_at = 0;
	if (!c->remote.host)
		console_message(c, ROLE_INFO, "the phone is back");
	sync_start(c);
}


/* A link that hangs is told, and so is its end */
static void slow_check(struct console *c)
{
	bool slow = client_is_connected(c->client) &&
		client_waits(c->client) > SLOW_MS;

	if (slow == c->slow)
		return;
	c->slow = slow;
	if (slow)
		console_message(c, ROLE_WARN, "the phone does not answer: "
				"waiting for it");
	else if (client_is_connected(c->client))
		console_message(c, ROLE_INFO, "the phone answers again");
}


/* ---- the loop -----------------------------------------------------------*/
static void signals_read(struct console *c)
{
	char sigs[SIGNALS];
	ssize_t n, i;

	while ((n = read(sig_pipe[0], sigs, sizeof(sigs))) > 0) {
		for (i = 0; i < n; i++) {
			switch (sigs[i]) {

			case SIGHUP:
				c->lost = true;
				break;
			case SIGTERM:
			case SIGINT:
				(void)alarm(2);
				c->done = true;
				break;
			case SIGWINCH:
				if (!c->resized)
					c->resized_at = console_now();
				c->resized = true;
				break;
			case SIGCONT:
				if (c->linear)
					(void)linear_open(c);
				else
					screen_resume();
				c->dirty = true;
				break;
			}
		}
	}
}


/* A flood of keys, as of a file that is pasted, is taken in rounds: a phone
   that rings or a SIGTERM does not wait for its end */
static void keys_read(struct console *c, short revents)
{
	key_code key;
	int n = 0;

	if (revents & (POLLERR | POLLNVAL)) {
		c->lost = true;
		return;
	}

	if (c->linear) {
		linear_read(c);
		return;
	}

	c->more_keys = true;
	while (!c->done && !c->lost && n < KEYS_ROUND) {
		if (screen_key(&key)) {
			c->more_keys = false;
			break;
		}
		n++;
		console_key(c, key);
	}

	/* Readable, and nothing to read: the terminal has gone */
	if (!n && (revents & (POLLIN | POLLHUP))) {
		struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
		char byte;

		if (poll(&p, 1, 0) == 1 && ((p.revents & POLLHUP) ||
		    ((p.revents & POLLIN) &&
		     read(STDIN_FILENO, &byte, 1) == 0)))
			c->lost = true;
	}
}


/* Milliseconds to the next thing that only time brings */
static int next_timeout(const struct console *c)
{
	struct timespec ts;
	uint64_t now = console_now();
	int ms;

	if (c->more_keys)
		return 0;
	if (c->resized)
		return RESIZE_MS;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (c->ring_id && ring_overlay(c))
		ms = 1000 - (int)(ts.tv_nsec / 1000000);
	else
		ms = (int)(60 - ts.tv_sec % 60) * 1000 -
			(int)(ts.tv_nsec / 1000000);
	ms += 5;

	if (client_waits(c->client) && ms > SLOW_MS / 2)
		ms = SLOW_MS / 2;
	if (c->dirty && screen_wait() && screen_wait() < ms)
		ms = screen_wait();
	if (c->retry_at) {
		int left = c->retry_at > now ? (int)(c->retry_at - now) : 0;

		if (left < ms)
			ms = left;
	}

	return ms;
}


static void loop_round(struct console *c)
{
	struct pollfd p[3] = {
		{ sig_pipe[0], POLLIN, 0 },
		{ c->eof ? -1 : STDIN_FILENO, POLLIN, 0 },
		{ client_fd(c->client), client_poll_events(c->client), 0 }
	};
	bool quiet;
	int n;

	n = poll(p, 3, next_timeout(c));
	if (n < 0)
		return;
	quiet = n == 0 && !c->more_keys;

	signals_read(c);
	if (c->lost || c->done)
		return;

	if (c->resized &&
	    (quiet || console_now() - c->resized_at >= STORM_MS)) {
		c->resized = false;
		if (!c->linear)
			screen_resize();
		c->dirty = true;
	}
	else if (quiet && !client_waits(c->client))
		c->dirty = true;
	slow_check(c);
	if (c->retry_at && console_now() >= c->retry_at)
		phone_retry(c);

	if (p[1].revents || c->more_keys)
		keys_read(c, p[1].revents);
	if (p[2].revents && client_is_connected(c->client) &&
	    client_handle(c->client, p[2].revents))
		phone_lost(c);
	else if (!client_is_connected(c->client) && !c->retry_at && !c->done)
		phone_lost(c);
}


/* A burst of keys is drawn as where it ends, and a flood now and then */
static bool draw_due(const struct console *c)
{
	if (!c->dirty || c->resized || screen_wait())
		return false;

	return !c->more_keys || console_now() - c->drawn_at >= STORM_MS;
}


static void loop(struct console *c)
{
	while (!c->done && !c->lost) {
		if (draw_due(c)) {
			c->dirty = false;
			c->drawn_at = console_now();
			if (c->linear)
				linear_draw(c);
			else
				console_draw(c);
			c->dirty |= screen_behind();
		}
		loop_round(c);
	}
}


/* ---- start and end ------------------------------------------------------*/

/* What libraries say to stderr must not meet the screen */
static void stderr_capture(const struct console *c)
{
	char path[PATHS_MAX];
	int fd;

	if (paths_join(path, sizeof(path), c->paths.state, "console.log"))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)dup2(fd, STDERR_FILENO);
		(void)close(fd);
	}
}


static void history_file(const struct console *c, const char *name,
			 struct history *h, bool save)
{
	char path[PATHS_MAX];

	if (!h || paths_join(path, sizeof(path), c->paths.state, name))
		return;
	(void)(save ? history_save(h, path) : history_load(h, path));
}


static int fail(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));


static int fail(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "offhook: ");
	va_start(ap, fmt);
	(void)vfprintf(stderr, i18n_text(fmt), ap);
	va_end(ap);
	(void)fprintf(stderr, "\n");

	return 1;
}


static void console_free(struct console *c)
{
	size_t i;

	typing_stop(c);
	while (c->overlayc)
		overlay_close(c);
	client_close(c->client);
	model_free(c->model);
	keymap_free(c->keymap);
	history_free(c->commands);
	history_free(c->dials);
	json_decref(c->config);
	json_decref(c->secret_params);
	free(c->secret_method);
	for (i = 0; i < PANEL_MAX; i++)
		free(c->filter[i]);
	free(c->rows);
	free(c->row_key);
	free(c->chat.peer.uri);
	free(c->chat.peer.name);
	free(c->chat.peer.contact);
	free(c->chat.draft);
	free(c->unheard);
	said_clear(&c->said);
	free(c->last_dialled);
}


static int console_init(struct console *c, const struct console_options *opt)
{
	char why[512];
	int err;

	if (!opt->linear && (!isatty(STDIN_FILENO) ||
			     !isatty(STDOUT_FILENO)))
		return fail("the console needs a terminal: offhook --help "
			    "lists what works without");

	c->profile = opt->profile;
	c->demo = opt->demo;
	c->linear = opt->linear;
	c->single = -1;
	settings_init(&c->prefs);

	if (opt->panel) {
		enum panel panel;

		if (panel_find(opt->panel, &panel)) {
			(void)fail("no panel \"%s\": contacts, calls, log, "
				   "chat, status or trace", opt->panel);
			return 2;
		}
		c->focus = panel;
		c->single = (int)panel;
	}

	err = paths_init(&c->paths, opt->profile);
	if (!err)
		err = paths_make(&c->paths);
	if (err)
		return fail("the profile's folder cannot be used: %s",
			    strerror(err));

	c->model = model_alloc();
	c->keymap = keymap_alloc();
	c->commands = history_alloc(HISTORY_LINES);
	c->dials = history_alloc(HISTORY_LINES);
	if (!c->model || !c->keymap || !c->commands || !c->dials ||
	    client_open(&c->client, c->paths.socket, sync_event, c))
		return fail("out of memory");

	if (opt->host) {
		remote_init(&c->remote, &c->paths, opt->host, opt->profile);
		client_set_connect(c->client, remote_connect, &c->remote);
	}
	history_file(c, "history", c->commands, false);
	history_file(c, "dialled", c->dials, false);

	if (launch_phone(c->client, opt->profile, 1, why, sizeof(why)))
		return fail("%s", why);

	return 0;
}


static void theme_choose(struct console *c, const char *name, bool mono)
{
	if (name && theme_show(c, name))
		return;
	if (*c->theme.name && !name)
		return;

	if (mono || screen_colors() < 8)
		(void)theme_show(c, "mono");
	else
		(void)theme_show(c, screen_light_background() == 1 ?
				    "light" : "dark");
}


static int screen_start(struct console *c, const struct console_options *opt)
{
	const char *no_color = getenv("NO_COLOR");
	bool mono = no_color && *no_color;
	int err;

	/* What -t asks for is colour asked for */
	if (opt->theme && strcmp(opt->theme, "mono"))
		mono = false;

	err = screen_open(mono);
	if (err)
		return fail("the terminal type \"%s\" is not known here: try "
			    "TERM=xterm", getenv("TERM") ? getenv("TERM") :
			    "");

	console_config(c);
	theme_choose(c, opt->theme, mono);

	return 0;
}


static int linear_start(struct console *c)
{
	c->prefs.title = false;
	if (linear_open(c))
		return fail("the terminal cannot be read");
	console_config(c);

	return 0;
}


int console_run(const struct console_options *opt)
{
	static struct console console;
	struct console *c = &console;
	int rc;

	memset(c, 0, sizeof(*c));
	rc = console_init(c, opt);
	if (!rc)
		rc = signals_open() ? fail("no signals") : 0;
	if (!rc)
		rc = c->linear ? linear_start(c) : screen_start(c, opt);
	if (rc) {
		console_free(c);
		return rc;
	}
	if (!c->linear)
		stderr_capture(c);
	if (opt->hello && !*c->message)
		console_message(c, ROLE_INFO, "%s", i18n_text(opt->hello));

	sync_start(c);
	list_refresh(c);
	c->dirty = true;
	loop(c);

	if (c->lost)
		screen_lost();
	screen_close();
	linear_close();
	history_file(c, "history", c->commands, true);
	history_file(c, "dialled", c->dials, true);
	rc = c->exit_code;
	console_free(c);

	return rc;
}
