/**
 * @file account.c  The fields of an account
 *
 * Only what was changed is sent; a password that is not typed stays what it
 * is, for the phone never tells it.
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
#include "console/words.h"

enum { WIDTH = 72 };

enum {
	F_ADDRESS, F_NAME, F_SERVER, F_USER, F_PASSWORD, F_COMMAND, F_CA,
	F_LISTEN, F_DIRECT, F_AUTO, F_ENABLED, F_SAVE, F_TRY, F_REMOVE,
	F_CANCEL, F_FIELDS = F_SAVE
};

/** Field by field: what the RPC calls it */
static const struct {
	const char *key, *label, *help;
	enum field_kind kind;
} fields[F_FIELDS] = {
	{ "address", N_("SIP address"), N_("as alice@example.org"),
	  FIELD_TEXT },
	{ "name", N_("Your name"), N_("what others see"), FIELD_TEXT },
	{ "server", N_("Server"),
	  N_("empty: by DNS; or sip:HOST:PORT;transport=tls"), FIELD_TEXT },
	{ "user", N_("Login"), N_("empty: the address's name"), FIELD_TEXT },
	{ "password", N_("Password"), N_("empty: as it is"), FIELD_SECRET },
	{ "password_command", N_("or command"),
	  N_("its first line is the password; empty: as it is"), FIELD_TEXT },
	{ "ca", N_("CA file"),
	  N_("who signs the server's certificate; empty: the system's"),
	  FIELD_TEXT },
	{ "listen", N_("Listen"), N_("HOST:PORT to be called at; empty: any"),
	  FIELD_TEXT },
	{ "direct", N_("Direct"), N_("no server: listens and calls by itself"),
	  FIELD_CHOICE },
	{ "auto_answer", N_("Auto answer"),
	  N_("every call is answered at once"), FIELD_CHOICE },
	{ "enabled", N_("Enabled"), N_("off: it is kept, but not used"),
	  FIELD_CHOICE }
};

struct account_form {
	struct form form;
	json_int_t id;
	char address[128];
	bool busy;
};

static const struct overlay account_overlay;


static struct account_form *of(struct console *c)
{
	return overlay_state(c, &account_overlay);
}


static void fill(struct account_form *af, const json_t *a)
{
	struct form *f = &af->form;
	int i;

	form_clear(f);
	for (i = 0; i < F_FIELDS; i++) {
		if (fields[i].kind == FIELD_CHOICE)
			form_switch(f, i, fields[i].label,
				    obj_bool(a, fields[i].key),
				    fields[i].help);
		else
			form_text(f, i, fields[i].kind, fields[i].label,
				  i == F_LISTEN ? obj_str(a, "listen_set") :
				  obj_str(a, fields[i].key), fields[i].help);
	}
	form_button(f, F_SAVE, "Save", NULL);
	form_button(f, F_TRY, "Save and test", "saves, then registers");
	form_button(f, F_REMOVE, "Remove", "asks before");
	form_button(f, F_CANCEL, "Cancel", NULL);
}


static void list_reply(int err, json_t *result, const char *text, void *arg)
{
	struct account_form *af = of(arg);
	json_t *a;
	size_t i;

	if (!af)
		return;
	console_changed(arg);
	if (err) {
		form_status(&af->form, ROLE_ERROR, "%s", text);
		return;
	}
	json_array_foreach(result, i, a) {
		if (obj_int(a, "id") == af->id)
			fill(af, a);
	}
}


static void verdict(struct account_form *af, int err, const json_t *a,
		    const char *text)
{
	const char *state = obj_str(a, "state");
	char said[512];

	af->busy = false;
	if (err)
		form_status(&af->form, ROLE_ERROR, "%s", text);
	else if (!strcmp(state, "failed"))
		form_status(&af->form, ROLE_ERROR, "%s", i18n_phone(obj_str(
				    json_object_get(a, "reason"), "text"),
				    said, sizeof(said)));
	else
		form_status(&af->form, ROLE_ONLINE, N_("%s: %s by %s"),
			    obj_str(a, "address"), words_state(state),
			    obj_str(a, "transport"));
}


static void test_reply(int err, json_t *result, const char *text, void *arg)
{
	struct account_form *af = of(arg);

	if (!af)
		return;
	verdict(af, err, result, text);
	console_changed(arg);
}


static void edit_test_reply(int err, json_t *result, const char *text,
			    void *arg)
{
	struct account_form *af = of(arg);
	(void)result;

	if (!af)
		return;
	console_changed(arg);
	if (err) {
		verdict(af, err, NULL, text);
		return;
	}
	form_status(&af->form, ROLE_WARN, "registering ...");
	if (console_request(arg, "account.test", json_pack("{s:I}", "account",
			    af->id), test_reply, arg))
		verdict(af, ECONNRESET, NULL, "the phone is away");
}


static void edit_reply(int err, json_t *result, const char *text, void *arg)
{
	struct account_form *af = of(arg);
	(void)result;

	if (!af)
		return;
	if (err) {
		verdict(af, err, NULL, text);
		console_changed(arg);
		return;
	}
	console_message(arg, ROLE_INFO, "saved: %s", af->address);
	overlay_close_this(arg, &account_overlay);
}


static void save(struct console *c, struct account_form *af,
		 client_reply_h *h)
{
	json_t *params = json_pack("{s:I}", "account", af->id);
	int i;

	if (af->busy) {
		json_decref(params);
		return;
	}
	for (i = 0; i < F_FIELDS; i++) {
		const char *value = form_value(&af->form, i);

		if (!form_changed(&af->form, i))
			continue;
		json_object_set_new(params, fields[i].key,
				    fields[i].kind == FIELD_CHOICE ?
				    json_boolean(!strcmp(value, "yes")) :
				    json_string(value));
	}
	af->busy = true;
	form_status(&af->form, ROLE_WARN, "saving ...");
	if (console_request(c, "account.edit", params, h, c))
		verdict(af, ECONNRESET, NULL, "the phone is away");
}


static void ask_remove(struct console *c, const struct account_form *af)
{
	char text[256], command[64];

	(void)snprintf(text, sizeof(text), _("Remove %s?"), af->address);
	(void)snprintf(command, sizeof(command), "account remove %lld",
		       (long long)af->id);
	overlay_close(c);
	confirm_open(c, "Remove account", text);
	confirm_add(c, 'y', "yes, remove it", command);
	confirm_add(c, 'n', "no", "");
}


static bool account_key(struct console *c, void *state, key_code key)
{
	struct account_form *af = state;
	enum form_result r = form_key(&af->form, key);

	if (r == FORM_LEAVE) {
		overlay_close(c);
		return true;
	}
	if (r != FORM_PRESSED)
		return true;

	switch (form_focus(&af->form)) {

	case F_SAVE:
		save(c, af, edit_reply);
		break;
	case F_TRY:
		save(c, af, edit_test_reply);
		break;
	case F_REMOVE:
		ask_remove(c, af);
		break;
	default:
		overlay_close(c);
		break;
	}

	return true;
}


static void account_draw(const struct scene *s, void *state)
{
	const struct account_form *af = state;
	struct rect r = overlay_rect(form_rows(&af->form) + 5, WIDTH);
	struct rect in = { r.y + 1, r.x + 2, r.h - 2, r.w - 4 };
	char title[160];
	(void)s;

	if (r.h < 4)
		return;
	(void)snprintf(title, sizeof(title), _("Account %s"), af->address);
	screen_box(&r, title);
	form_draw(&af->form, &in);
}


static void account_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct account_form *v = state;
	(void)s;

	form_line(&v->form, buf, size);
}


static void account_close(void *state)
{
	struct account_form *af = state;

	form_clear(&af->form);
	free(af);
}


static const struct hint account_hints[] = {
	{ "=Tab", N_("Next field") }, { "=Space", N_("Choose") },
	{ "=Enter", N_("Go") }, { "=Esc", N_("Cancel") }, { NULL, NULL }
};

static const struct overlay account_overlay = {
	.name = "account", .draw = account_draw, .key = account_key,
	.close = account_close, .line = account_line,
	.hints = account_hints, .text = true
};


void account_form_open(struct console *c, int64_t id)
{
	const struct m_account *a = model_account(console_model(c), id);
	struct account_form *af = calloc(1, sizeof(*af));

	if (!af || !a) {
		free(af);
		return;
	}

	af->id = id;
	(void)snprintf(af->address, sizeof(af->address), "%s", a->address);
	if (overlay_open(c, &account_overlay, af))
		return;
	(void)console_request(c, "account.list", NULL, list_reply, c);
}
