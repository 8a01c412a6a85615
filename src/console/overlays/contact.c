/**
 * @file contact.c  A contact's fields
 *
 * A name and one line for each address, with one to spare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/form.h"
#include "console/i18n.h"
#include "console/overlay.h"
#include "console/screen.h"

enum { WIDTH = 66, ADDRESSES = 12 };

/** Fields; addresses are F_ADDRESS + i */
enum { F_NAME, F_SAVE, F_CANCEL, F_ADDRESS };

struct contact_form {
	struct form form;
	char *id;               /* NULL: a new one */
	size_t addresses;
};

static const struct overlay contact_overlay;


static void save_reply(int err, json_t *result, const char *text, void *arg)
{
	struct contact_form *cf = overlay_state(arg, &contact_overlay);
	(void)result;

	if (!cf)
		return;
	if (err) {
		form_status(&cf->form, ROLE_ERROR, "%s", text);
		console_changed(arg);
		return;
	}
	console_message(arg, ROLE_INFO, "saved: %s", form_value(&cf->form,
								F_NAME));
	overlay_close_this(arg, &contact_overlay);
}


static void save(struct console *c, struct contact_form *cf)
{
	json_t *uris = json_array(), *params;
	const char *name = form_value(&cf->form, F_NAME), *uri;
	size_t i;

	for (i = 0; i < cf->addresses; i++) {
		uri = form_value(&cf->form, F_ADDRESS + (int)i);
		if (*uri)
			json_array_append_new(uris, json_string(uri));
	}

	params = json_pack("{s:s, s:o}", "name", name, "uris", uris);
	if (cf->id)
		json_object_set_new(params, "contact", json_string(cf->id));
	if (console_request(c, cf->id ? "contact.edit" : "contact.add",
			    params, save_reply, c))
		form_status(&cf->form, ROLE_ERROR, "the phone is away");
}


static bool contact_key(struct console *c, void *state, key_code key)
{
	struct contact_form *cf = state;
	enum form_result r = form_key(&cf->form, key);

	if (r == FORM_LEAVE || (r == FORM_PRESSED &&
				form_focus(&cf->form) == F_CANCEL))
		overlay_close(c);
	else if (r == FORM_PRESSED)
		save(c, cf);

	return true;
}


static void contact_draw(const struct scene *s, void *state)
{
	const struct contact_form *cf = state;
	struct rect r = overlay_rect(form_rows(&cf->form) + 5, WIDTH);
	struct rect in = { r.y + 1, r.x + 2, r.h - 2, r.w - 4 };
	(void)s;

	if (r.h < 4)
		return;
	screen_box(&r, cf->id ? _("Contact") : _("New contact"));
	form_draw(&cf->form, &in);
}


static void contact_line(const struct scene *s, void *state, char *buf,
			size_t size)
{
	const struct contact_form *v = state;
	(void)s;

	form_line(&v->form, buf, size);
}


static void contact_close(void *state)
{
	struct contact_form *cf = state;

	form_clear(&cf->form);
	free(cf->id);
	free(cf);
}


static const struct hint contact_hints[] = {
	{ "=Tab", N_("Next field") }, { "=Enter", N_("Go") },
	{ "=Esc", N_("Cancel") }, { NULL, NULL }
};

static const struct overlay contact_overlay = {
	.name = "contact", .draw = contact_draw, .key = contact_key,
	.close = contact_close, .line = contact_line,
	.hints = contact_hints, .text = true
};


void contact_form_open(struct console *c, const struct m_contact *contact,
		       const char *name, const char *uri)
{
	struct contact_form *cf = calloc(1, sizeof(*cf));
	size_t i, n = contact ? contact->uric : *uri ? 1 : 0;

	if (!cf)
		return;
	if (n >= ADDRESSES) {
		console_message(c, ROLE_ERROR, "more addresses than this form "
				"has: :contact edit takes them all");
		free(cf);
		return;
	}

	cf->id = contact ? strdup(contact->id) : NULL;
	cf->addresses = n + 1;
	form_text(&cf->form, F_NAME, FIELD_TEXT, N_("Name"), contact ?
		  contact->name : name, NULL);
	for (i = 0; i <= n; i++)
		form_text(&cf->form, F_ADDRESS + (int)i, FIELD_TEXT, i ?
			  N_("Another") : N_("Address"), i == n ? NULL :
			  contact ? contact->uris[i] : uri, "a SIP address or "
			  "a number; the first is the one that is called");
	form_button(&cf->form, F_SAVE, "Save", NULL);
	form_button(&cf->form, F_CANCEL, "Cancel", NULL);
	(void)overlay_open(c, &contact_overlay, cf);
}
