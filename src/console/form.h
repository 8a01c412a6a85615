/**
 * @file form.h  Fields to fill in: text, choices, buttons
 *
 * A form knows neither what its fields mean nor the phone: keys in, what
 * happened out. Overlays give it fields, draw it into their box and read the
 * values.
 */
#ifndef OFFHOOK_FORM_H
#define OFFHOOK_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "keys.h"
#include "layout.h"
#include "theme.h"

struct line_edit;

enum { FORM_FIELDS = 24, FORM_CHOICES = 32, FORM_LABEL = 14 };

enum field_kind { FIELD_TEXT, FIELD_SECRET, FIELD_CHOICE, FIELD_BUTTON };

struct field {
	enum field_kind kind;
	int id;                         /**< The overlay's own          */
	const char *label;              /**< Static text                */
	const char *help;               /**< One line, or NULL          */
	struct line_edit *line;         /**< TEXT and SECRET            */
	bool changed;                   /**< By the user                */
	char *choice[FORM_CHOICES];     /**< CHOICE: what to choose     */
	size_t choicec, chosen;
};

struct form {
	struct field v[FORM_FIELDS];
	size_t n, at;
	char status[256];               /**< What came of it            */
	enum role status_role;
};

/** What a key did */
enum form_result {
	FORM_NOTHING,           /**< Moved, or nothing                  */
	FORM_CHANGED,           /**< The value of the field in focus    */
	FORM_PRESSED,           /**< The button in focus                */
	FORM_LEAVE              /**< Esc                                */
};

/** Forget all fields; passwords are wiped */
void form_clear(struct form *f);

/** Add a text field; kind FIELD_TEXT or FIELD_SECRET */
void form_text(struct form *f, int id, enum field_kind kind,
	       const char *label, const char *value, const char *help);

/** Add a choice; then its words, the first is chosen */
void form_choice(struct form *f, int id, const char *label,
		 const char *help);

/** Add a word to the choice added last; chosen if it equals value */
void form_word(struct form *f, const char *word, const char *value);

/** Add yes and no */
void form_switch(struct form *f, int id, const char *label, bool on,
		 const char *help);

/** Add a button; buttons that follow each other share a row */
void form_button(struct form *f, int id, const char *label,
		 const char *help);

struct field *form_field(struct form *f, int id);

/** Text typed or word chosen; "" if there is no such field */
const char *form_value(struct form *f, int id);
bool form_changed(struct form *f, int id);

/** Id of the field in focus, -1: there are none */
int form_focus(const struct form *f);
void form_focus_on(struct form *f, int id);

/** The line below the fields */
void form_status(struct form *f, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

enum form_result form_key(struct form *f, key_code key);

/** The field in focus in one line, for a screen reader */
void form_line(const struct form *f, char *buf, size_t size);

/** Rows all fields take, without status and help */
int form_rows(const struct form *f);

/** Draw into a rectangle: fields, status, help of the field in focus */
void form_draw(const struct form *f, const struct rect *r);

#endif
