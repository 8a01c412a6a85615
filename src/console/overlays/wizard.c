/**
 * @file wizard.c  A new account in four steps
 *
 * Who you are, which server, how it sounds, how it looks. Every step has
 * defaults and can be left; the account exists as soon as its registration
 * was tried, and what is corrected afterwards changes it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "console/form.h"
#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"
#include "console/secret.h"
#include "console/settings.h"
#include "console/themes.h"
#include "console/words.h"

enum { WIDTH = 72, HEIGHT = 15, STEPS = 4, TEXT_MAX = 256 };

/** Fields and buttons */
enum {
	F_ADDRESS, F_PASSWORD, F_NAME, F_SERVER, F_TRANSPORT, F_MEDIA, F_CA,
	F_SOURCE, F_SINK, F_THEME, F_BACK, F_NEXT, F_TRY, F_SOUND, F_SKIP,
	F_MAX
};

struct wizard {
	struct form form;
	int step;               /* 0 to 3                              */
	char text[F_THEME][TEXT_MAX];
	struct theme_list themes;
	char theme[64];         /* as it was                           */
	json_t *devices;
	json_int_t account;     /* it exists already, 0: not yet       */
	bool busy;              /* a test is under way                 */
	bool next;              /* go on when it has worked            */
	bool first;
};

static const struct overlay wizard_overlay;

static const char *const titles[STEPS] = {
	N_("Step 1 of 4: who you are"), N_("Step 2 of 4: server"),
	N_("Step 3 of 4: sound"), N_("Step 4 of 4: colours and keys")
};

static const char *const transports[] = { N_("by DNS"), "TLS", "TCP", "UDP",
					  NULL };
static const char *const medias[] = { "prefer", "require", "e2e", "off",
				      NULL };


static struct wizard *of(struct console *c)
{
	return overlay_state(c, &wizard_overlay);
}


/* ---- steps --------------------------------------------------------------*/
static void words(struct form *f, const char *const list[], const char *value)
{
	size_t i;

	for (i = 0; list[i]; i++)
		form_word(f, list[i], value);
}


static void step_who(struct wizard *w)
{
	struct form *f = &w->form;

	form_text(f, F_ADDRESS, FIELD_TEXT, "SIP address", w->text[F_ADDRESS],
		  "as alice@example.org");
	form_text(f, F_PASSWORD, FIELD_SECRET, "Password",
		  w->text[F_PASSWORD], "empty: none, or it is known already");
	form_text(f, F_NAME, FIELD_TEXT, "Your name", w->text[F_NAME],
		  "what others see; may stay empty");
	form_button(f, F_NEXT, "Next", "on to the server");
	form_button(f, F_SKIP, "Later", "no account now; :account new comes "
		    "back here");
}


static void step_server(struct wizard *w)
{
	struct form *f = &w->form;

	form_text(f, F_SERVER, FIELD_TEXT, "Server", w->text[F_SERVER],
		  "empty: found by DNS; or HOST or HOST:PORT");
	form_choice(f, F_TRANSPORT, "Transport",
		    "how the server is spoken to; TLS is encrypted");
	words(f, transports, w->text[F_TRANSPORT]);
	form_choice(f, F_MEDIA, "Media", "least protection of a call; "
		    "require: servers may listen, e2e: nobody");
	words(f, medias, w->text[F_MEDIA]);
	form_text(f, F_CA, FIELD_TEXT, "CA file", w->text[F_CA],
		  "who signs the server's certificate; empty: the system's");
	form_button(f, F_BACK, "Back", NULL);
	form_button(f, F_NEXT, "Next", "save, register, and on to the sound");
	form_button(f, F_TRY, "Test registration", "save and register, stay "
		    "here");
}


static void device_words(struct form *f, const json_t *devices,
			 const char *ability, const char *value)
{
	json_t *d;
	size_t i;
	char buf[TEXT_MAX];

	if (*value)
		form_word(f, value, value);
	json_array_foreach(devices, i, d) {
		if (!obj_bool(d, ability))
			continue;
		(void)snprintf(buf, sizeof(buf), "%.60s,%.180s",
			       obj_str(d, "driver"), obj_str(d, "device"));
		form_word(f, buf, value);
	}
}


static void step_sound(struct wizard *w)
{
	struct form *f = &w->form;

	form_choice(f, F_SOURCE, "Audio in", "the microphone");
	device_words(f, w->devices, "capture", w->text[F_SOURCE]);
	form_choice(f, F_SINK, "Audio out", "the loudspeaker");
	device_words(f, w->devices, "playback", w->text[F_SINK]);
	form_button(f, F_BACK, "Back", NULL);
	form_button(f, F_NEXT, "Next", "on to colours");
	form_button(f, F_SOUND, "Test", "records 3 seconds, then plays them");
}


static void step_look(struct wizard *w)
{
	struct form *f = &w->form;
	size_t i;

	form_choice(f, F_THEME, "Theme", "Space or arrows: see it at once");
	for (i = 0; i < w->themes.n; i++)
		form_word(f, w->themes.v[i], w->theme);
	form_button(f, F_BACK, "Back", NULL);
	form_button(f, F_NEXT, "Finish", "? shows all keys, : all commands");
}


static void step_open(struct wizard *w, int step)
{
	static void (*const steps[STEPS])(struct wizard *) = {
		step_who, step_server, step_sound, step_look
	};
	char status[sizeof(w->form.status)];
	enum role role = w->form.status_role;

	(void)snprintf(status, sizeof(status), "%s", w->form.status);
	form_clear(&w->form);
	w->step = step;
	steps[step](w);
	form_status(&w->form, role, "%s", status);
}


/* What was typed, so that it is there again on the way back */
static void step_keep(struct wizard *w)
{
	int id;

	for (id = 0; id < F_THEME; id++) {
		if (form_field(&w->form, id))
			(void)snprintf(w->text[id], TEXT_MAX, "%s",
				       form_value(&w->form, id));
	}
}


/* ---- asking the phone ---------------------------------------------------*/
static void failed(struct wizard *w, const char *text)
{
	w->busy = w->next = false;
	form_status(&w->form, ROLE_ERROR, "%s", text);
}


static void lookup_reply(int err, json_t *result, const char *text, void *arg)
{
	struct wizard *w = of(arg);
	char said[512];
	(void)text;

	/* An older phone does not know this question: DNS is asked later */
	if (err || !w || w->step != 1 || *form_value(&w->form, F_SERVER) ||
	    w->busy)
		return;
	form_status(&w->form, obj_bool(result, "found") ? ROLE_INFO :
		    ROLE_WARN, "%s", i18n_phone(obj_str(result, "text"), said,
					       sizeof(said)));
	console_changed(arg);
}


static void test_reply(int err, json_t *result, const char *text, void *arg)
{
	struct wizard *w = of(arg);
	const char *state = obj_str(result, "state");
	char said[512];

	if (!w)
		return;
	console_changed(arg);
	w->busy = false;
	if (err) {
		failed(w, text);
		return;
	}
	if (!strcmp(state, "failed")) {
		failed(w, i18n_phone(obj_str(json_object_get(
				result, "reason"), "text"), said,
				     sizeof(said)));
		return;
	}

	form_status(&w->form, ROLE_ONLINE, "%s: %s by %s",
		    obj_str(result, "address"), words_state(state),
		    obj_str(result, "transport"));
	if (w->next)
		step_open(w, 2);
	w->next = false;
}


static void save_reply(int err, json_t *result, const char *text, void *arg)
{
	struct wizard *w = of(arg);

	if (!w)
		return;
	console_changed(arg);
	if (err) {
		failed(w, text);
		return;
	}

	w->account = obj_int(result, "id");
	form_status(&w->form, ROLE_WARN, "registering ...");
	if (console_request(arg, "account.test", json_pack("{s:I}", "account",
			    w->account), test_reply, arg))
		failed(w, "the phone is away");
}


static void set(json_t *params, const char *key, const char *value)
{
	json_object_set_new(params, key, json_string(value));
}


/* HOST, HOST:PORT or a whole SIP URI, and the transport */
static void server_uri(const struct wizard *w, char *buf, size_t size)
{
	const char *server = w->text[F_SERVER];
	const char *tp = w->text[F_TRANSPORT];
	char domain[TEXT_MAX];
	bool auto_tp = !*tp || !strcmp(tp, transports[0]);

	buf[0] = '\0';
	if (!strncmp(server, "sip:", 4) || !strncmp(server, "sips:", 5)) {
		(void)snprintf(buf, size, "%s", server);
		return;
	}
	if (!*server && auto_tp)
		return;

	/* A transport alone goes to the domain */
	if (!*server) {
		const char *at = strchr(w->text[F_ADDRESS], '@');

		(void)snprintf(domain, sizeof(domain), "%s", at ? at + 1 : "");
		server = domain;
	}
	(void)snprintf(buf, size, "sip:%.200s%s%s", server, auto_tp ? "" :
		       ";transport=", auto_tp ? "" : !strcmp(tp, "TLS") ?
		       "tls" : !strcmp(tp, "TCP") ? "tcp" : "udp");
}


static void save(struct console *c, struct wizard *w, bool next)
{
	json_t *params = json_object();
	char server[TEXT_MAX + 32];
	int err;

	if (w->busy) {
		json_decref(params);
		return;
	}

	server_uri(w, server, sizeof(server));
	set(params, "address", w->text[F_ADDRESS]);
	set(params, "name", w->text[F_NAME]);
	set(params, "server", server);
	set(params, "ca", w->text[F_CA]);
	if (*w->text[F_PASSWORD])
		set(params, "password", w->text[F_PASSWORD]);
	if (w->account)
		json_object_set_new(params, "account",
				    json_integer(w->account));

	w->busy = true;
	w->next = next;
	form_status(&w->form, ROLE_WARN, "saving ...");
	(void)console_request(c, "config.set", json_pack("{s:s, s:s}", "key",
			      "security.minimum", "value", w->text[F_MEDIA]),
			      NULL, NULL);
	err = console_request(c, w->account ? "account.edit" : "account.add",
			      params, save_reply, c);
	if (err)
		failed(w, "the phone is away");
}


static void sound_reply(int err, json_t *result, const char *text, void *arg)
{
	struct wizard *w = of(arg);

	if (!w)
		return;
	console_changed(arg);
	w->busy = false;
	if (err)
		failed(w, text);
	else
		form_status(&w->form, obj_bool(result, "heard") ? ROLE_ONLINE :
			    ROLE_WARN, "%s",
			    i18n_text(obj_str(result, "text")));
}


static void config_set(struct console *c, const char *key, const char *value)
{
	if (*value)
		(void)console_request(c, "config.set", json_pack(
					      "{s:s, s:s}", "key", key,
					      "value", value), NULL, NULL);
}


static void sound_test(struct console *c, struct wizard *w)
{
	if (w->busy)
		return;

	config_set(c, "audio.source", w->text[F_SOURCE]);
	config_set(c, "audio.sink", w->text[F_SINK]);
	w->busy = true;
	form_status(&w->form, ROLE_WARN, "speak now: 3 seconds are recorded, "
		    "then you hear them");
	if (console_request(c, "audio.test", NULL, sound_reply, c))
		failed(w, "the phone is away");
}


static void devices_reply(int err, json_t *result, const char *text,
			  void *arg)
{
	struct wizard *w = of(arg);
	(void)text;

	if (err || !w)
		return;
	json_decref(w->devices);
	w->devices = json_incref(result);
	if (w->step == 2 && !w->busy) {
		step_keep(w);
		step_open(w, 2);
	}
	console_changed(arg);
}


static void config_reply(int err, json_t *result, const char *text, void *arg)
{
	static const struct {
		const char *key;
		int field;
	} keys[] = {
		{ "audio.source", F_SOURCE }, { "audio.sink", F_SINK },
		{ "security.minimum", F_MEDIA }
	};
	struct wizard *w = of(arg);
	json_t *row;
	size_t i, j;
	(void)text;

	if (err || !w)
		return;
	step_keep(w);
	json_array_foreach(result, i, row) {
		for (j = 0; j < sizeof(keys) / sizeof(keys[0]); j++) {
			if (!strcmp(obj_str(row, "key"), keys[j].key))
				(void)snprintf(w->text[keys[j].field],
					       TEXT_MAX, "%s",
					       obj_str(row, "value"));
		}
	}

	/* Who types fast is further on already */
	if (w->step == 1 || w->step == 2)
		step_open(w, w->step);
	console_changed(arg);
}


/* ---- keys ---------------------------------------------------------------*/
static void to_server(struct console *c, struct wizard *w)
{
	const char *at = strchr(w->text[F_ADDRESS], '@');

	if (!at || at == w->text[F_ADDRESS] || !at[1]) {
		form_status(&w->form, ROLE_ERROR, "an address is "
			    "NAME@DOMAIN, as alice@example.org");
		form_focus_on(&w->form, F_ADDRESS);
		return;
	}

	form_status(&w->form, ROLE_DIM, "%s", "");
	step_open(w, 1);
	(void)console_request(c, "account.lookup", json_pack("{s:s}",
			      "address", w->text[F_ADDRESS]), lookup_reply, c);
}


static void finish(struct console *c, struct wizard *w)
{
	char theme[THEME_NAME];
	int err = 0;

	(void)snprintf(theme, sizeof(theme), "%s", form_value(&w->form,
							      F_THEME));
	if (form_changed(&w->form, F_THEME) && theme_show(c, theme))
		err = settings_save(c, "theme");
	overlay_close_this(c, &wizard_overlay);
	if (err)
		console_message(c, ROLE_ERROR, "console.conf: %s",
				strerror(err));
	else
		console_message(c, ROLE_INFO, "? shows the keys, d dials, : "
				"is the command line");
}


static void press(struct console *c, struct wizard *w)
{
	int button = form_focus(&w->form);

	step_keep(w);
	switch (button) {

	case F_BACK:
		if (!w->busy)
			step_open(w, w->step - 1);
		break;
	case F_TRY:
		save(c, w, false);
		break;
	case F_SOUND:
		sound_test(c, w);
		break;
	case F_SKIP:
		overlay_close(c);
		break;
	case F_NEXT:
		if (w->step == 0)
			to_server(c, w);
		else if (w->step == 1)
			save(c, w, true);
		else if (w->step == 2) {
			config_set(c, "audio.source", w->text[F_SOURCE]);
			config_set(c, "audio.sink", w->text[F_SINK]);
			form_status(&w->form, ROLE_DIM, "%s", "");
			step_open(w, 3);
		}
		else
			finish(c, w);
		break;
	default:
		break;
	}
}


static bool wizard_key(struct console *c, void *state, key_code key)
{
	struct wizard *w = state;

	switch (form_key(&w->form, key)) {

	case FORM_PRESSED:
		press(c, w);
		break;
	case FORM_CHANGED:
		if (form_focus(&w->form) == F_THEME)
			theme_show(c, form_value(&w->form, F_THEME));
		break;
	case FORM_LEAVE:
		if (w->step == 3)
			theme_show(c, w->theme);
		overlay_close(c);
		console_message(c, ROLE_INFO, ":account new comes back here");
		break;
	case FORM_NOTHING:
		break;
	}

	return true;
}


/* ---- open and draw ------------------------------------------------------*/
static void wizard_draw(const struct scene *s, void *state)
{
	const struct wizard *w = state;
	struct rect r = overlay_rect(HEIGHT, WIDTH), in;
	(void)s;

	if (r.h < 5)
		return;

	screen_box(&r, _("New account"));
	(void)screen_put(r.y + 1, r.x + 2, r.w - 4, ROLE_OVERLAY_TITLE,
			 i18n_text(titles[w->step]));
	in.y = r.y + (r.h > 10 ? 3 : 2);
	in.x = r.x + 2;
	in.w = r.w - 4;
	in.h = r.y + r.h - 1 - in.y;
	form_draw(&w->form, &in);
}


static void wizard_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct wizard *v = state;
	(void)s;

	form_line(&v->form, buf, size);
}


static void wizard_close(void *state)
{
	struct wizard *w = state;

	form_clear(&w->form);
	json_decref(w->devices);
	secret_wipe(w->text, sizeof(w->text));
	free(w);
}


static const struct hint wizard_hints[] = {
	{ "=Tab", N_("Next field") }, { "=Space", N_("Choose") },
	{ "=Enter", N_("Go") }, { "=Esc", N_("Cancel") }, { NULL, NULL }
};

static const struct overlay wizard_overlay = {
	.name = "wizard", .draw = wizard_draw, .key = wizard_key,
	.close = wizard_close, .line = wizard_line,
	.hints = wizard_hints, .text = true
};


void wizard_open(struct console *c, bool first)
{
	struct wizard *w = calloc(1, sizeof(*w));

	if (!w)
		return;

	w->first = first;
	(void)snprintf(w->text[F_MEDIA], TEXT_MAX, "%s", medias[0]);
	theme_list(c, &w->themes);
	(void)snprintf(w->theme, sizeof(w->theme), "%s", theme_now(c));
	step_open(w, 0);
	if (first)
		form_status(&w->form, ROLE_INFO, "Welcome. This takes a "
			    "minute; Esc leaves it for later.");
	if (overlay_open(c, &wizard_overlay, w))
		return;

	(void)console_request(c, "config.list", NULL, config_reply, c);
	(void)console_request(c, "audio.devices", NULL, devices_reply, c);
}
