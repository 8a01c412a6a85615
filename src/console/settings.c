/**
 * @file settings.c  Settings of the console and its file
 *
 * A setting is one row: its name, what it can be, a line of help and two
 * functions. The settings overlay, completion, `:set` and the man page's
 * check read this table.
 */
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "i18n.h"
#include "screen.h"

enum { SPEED_MIN = 50, SPEED_MAX = 4000000 };

/** A setting */
struct setting {
	const char *name, *values, *help;
	void (*get)(const struct console *c, char *buf, size_t size);

	/** EINVAL: not with that value */
	int (*set)(struct console *c, const char *value);
};


/* ---- values -------------------------------------------------------------*/
static void put(char *buf, size_t size, const char *value)
{
	(void)snprintf(buf, size, "%s", value);
}


/* The place of a value among words; -1: it is none of them */
static int word_at(const char *const words[], const char *value)
{
	int i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(words[i], value))
			return i;
	}

	return -1;
}


static int on_off(const char *value, bool *onp)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return EINVAL;
	*onp = !strcmp(value, "on");

	return 0;
}


static const char *on_word(bool on)
{
	return on ? "on" : "off";
}


/* A command that is run: nothing in it that would end a line */
static int copy_text(char *to, size_t size, const char *value)
{
	if (strlen(value) >= size || strpbrk(value, "\r\n"))
		return EINVAL;
	put(to, size, value);

	return 0;
}


static void get_theme(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->theme.name);
}


static int set_theme(struct console *c, const char *value)
{
	return theme_show(c, value) ? 0 : EINVAL;
}


static void get_borders(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.ascii || !screen_utf8() ? "ascii" : "line");
}


static int set_borders(struct console *c, const char *value)
{
	static const char *const words[] = { "line", "ascii", NULL };
	int i = word_at(words, value);

	if (i < 0)
		return EINVAL;
	c->prefs.ascii = i == 1;
	screen_ascii(c->prefs.ascii);

	return 0;
}


static void get_emoji(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.emoji_raw ? "raw" : "simple");
}


static int set_emoji(struct console *c, const char *value)
{
	static const char *const words[] = { "simple", "raw", NULL };
	int i = word_at(words, value);

	if (i < 0)
		return EINVAL;
	c->prefs.emoji_raw = i == 1;
	screen_emoji(c->prefs.emoji_raw);

	return 0;
}


static void get_cursor(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.cursor_selection ? "selection" : "typing");
}


static int set_cursor(struct console *c, const char *value)
{
	static const char *const words[] = { "typing", "selection", NULL };
	int i = word_at(words, value);

	if (i < 0)
		return EINVAL;
	c->prefs.cursor_selection = i == 1;
	screen_cursor_always(c->prefs.cursor_selection);

	return 0;
}


static void get_speed(const struct console *c, char *buf, size_t size)
{
	if (c->prefs.speed)
		(void)snprintf(buf, size, "%d", c->prefs.speed);
	else
		put(buf, size, "auto");
}


static int set_speed(struct console *c, const char *value)
{
	char *end;
	long n;

	if (!strcmp(value, "auto")) {
		n = 0;
	}
	else {
		n = strtol(value, &end, 10);
		if (*end || n < SPEED_MIN || n > SPEED_MAX)
			return EINVAL;
	}
	c->prefs.speed = (int)n;
	screen_speed(c->prefs.speed);
	screen_redraw();

	return 0;
}


static void get_mouse(const struct console *c, char *buf, size_t size)
{
	put(buf, size, on_word(c->prefs.mouse));
}


static int set_mouse(struct console *c, const char *value)
{
	int err = on_off(value, &c->prefs.mouse);

	if (!err)
		screen_mouse(c->prefs.mouse);

	return err;
}


static void get_links(const struct console *c, char *buf, size_t size)
{
	put(buf, size, on_word(c->prefs.links));
}


static int set_links(struct console *c, const char *value)
{
	int err = on_off(value, &c->prefs.links);

	if (!err)
		screen_links(c->prefs.links);

	return err;
}


static void get_title(const struct console *c, char *buf, size_t size)
{
	put(buf, size, on_word(c->prefs.title));
}


static int set_title(struct console *c, const char *value)
{
	return on_off(value, &c->prefs.title);
}


static void get_bell(const struct console *c, char *buf, size_t size)
{
	attention_print(buf, size, c->prefs.attention.bells);
}


static int set_bell(struct console *c, const char *value)
{
	return attention_parse(&c->prefs.attention.bells, value);
}


static void get_notify(const struct console *c, char *buf, size_t size)
{
	put(buf, size, attention_how_name(c->prefs.attention.how));
}


static int set_notify(struct console *c, const char *value)
{
	return attention_how_parse(&c->prefs.attention.how, value);
}


static void get_events(const struct console *c, char *buf, size_t size)
{
	attention_print(buf, size, c->prefs.attention.tells);
}


static int set_events(struct console *c, const char *value)
{
	return attention_parse(&c->prefs.attention.tells, value);
}


static void get_quiet(const struct console *c, char *buf, size_t size)
{
	attention_quiet_print(buf, size, &c->prefs.attention);
}


static int set_quiet(struct console *c, const char *value)
{
	return attention_quiet_parse(&c->prefs.attention, value);
}


static void get_notify_command(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.notify_command);
}


static int set_notify_command(struct console *c, const char *value)
{
	return copy_text(c->prefs.notify_command,
			 sizeof(c->prefs.notify_command), value);
}


static void get_clipboard(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.clipboard_command);
}


static int set_clipboard(struct console *c, const char *value)
{
	return copy_text(c->prefs.clipboard_command,
			 sizeof(c->prefs.clipboard_command), value);
}


static void get_remote(const struct console *c, char *buf, size_t size)
{
	put(buf, size, c->prefs.remote_command);
}


static int set_remote(struct console *c, const char *value)
{
	return copy_text(c->prefs.remote_command,
			 sizeof(c->prefs.remote_command), value);
}


static const struct setting settings[] = {
	{ "theme", N_("a theme's name"), N_("colours; :theme shows them"),
	  get_theme, set_theme },
	{ "borders", N_("line or ascii"),
	  N_("how separators and boxes are drawn"), get_borders, set_borders },
	{ "emoji", N_("simple or raw"),
	  N_("joined emoji: their first part, or as they came"), get_emoji,
	  set_emoji },
	{ "cursor", N_("typing or selection"), N_("where the terminal's "
	  "cursor is: in text fields only, or on the selected row too (screen "
	  "readers)"), get_cursor, set_cursor },
	{ "speed", N_("auto or bits a second, 50 to 4000000"),
	  N_("of a slow line that does not say so itself: it gets no more "
	     "than it takes"), get_speed, set_speed },
	{ "mouse", N_("on or off"),
	  N_("click selects, a second click opens, the wheel scrolls"),
	  get_mouse, set_mouse },
	{ "links", N_("on or off"),
	  N_("addresses in messages as links the terminal opens (OSC 8)"),
	  get_links, set_links },
	{ "title", N_("on or off"),
	  N_("who is on the phone, in the window's title"), get_title,
	  set_title },
	{ "bell",
	  N_("ring, message, missed, failed (with commas), all or off"),
	  N_("what rings the terminal's bell; tmux marks the window"),
	  get_bell, set_bell },
	{ "notify", N_("off, osc9, osc777, osc99 or command"),
	  N_("how the desktop is told"), get_notify, set_notify },
	{ "notify.events",
	  N_("ring, message, missed, failed (with commas), all or off"),
	  N_("what the desktop is told of"), get_events, set_events },
	{ "notify.command", N_("a program and its arguments"),
	  N_("gets the text on its standard input (notify command)"),
	  get_notify_command, set_notify_command },
	{ "quiet", N_("HH:MM-HH:MM or off"),
	  N_("hours without bell and notification"), get_quiet, set_quiet },
	{ "clipboard.command", N_("a program and its arguments, or nothing"),
	  N_("gets what is copied, instead of the terminal (OSC 52)"),
	  get_clipboard, set_clipboard },
	{ "remote.command", N_("a program and its arguments, or nothing"),
	  N_("how --host gets to the other machine, instead of ssh"),
	  get_remote, set_remote }
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };


static const struct setting *find(const char *name)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		if (!strcmp(settings[i].name, name))
			return &settings[i];
	}

	return NULL;
}


const char *settings_name(size_t i)
{
	return i < SETTINGS ? settings[i].name : NULL;
}


const char *settings_values(const char *name)
{
	const struct setting *s = find(name);

	return s ? s->values : "?";
}


const char *settings_help(const char *name)
{
	const struct setting *s = find(name);

	return s ? s->help : "?";
}


void settings_init(struct prefs *p)
{
	memset(p, 0, sizeof(*p));
	p->title = true;
	attention_init(&p->attention);
}


int settings_get(const struct console *c, const char *name, char *buf,
		 size_t size)
{
	const struct setting *s = find(name);

	if (!s)
		return ENOENT;
	s->get(c, buf, size);

	return 0;
}


int settings_set(struct console *c, const char *name, const char *value)
{
	const struct setting *s = find(name);

	return s ? s->set(c, value) : ENOENT;
}


void console_complete_settings(struct complete *cp, const char *pattern)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++)
		complete_add(cp, pattern, settings[i].name, settings[i].help);
}
