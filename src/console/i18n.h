/**
 * @file i18n.h  What people read, in their language
 *
 * English is the id of a text. Where something is said (cmd_print, cmd_fail,
 * console_message, form_*, confirm_open, notice_open, hints of the key bar)
 * the function that says it translates what it was given; elsewhere `_()`
 * does, and N_() marks what stands in a table. Without a catalogue, and in
 * the C locale, everything is English.
 */
#ifndef OFFHOOK_I18N_H
#define OFFHOOK_I18N_H

#include <stddef.h>

/** A literal that is translated later, where it is shown */
#define N_(text) (text)

/** A literal that is translated here */
#define _(text) i18n_text(text)

/** One of two texts that are the same only in English */
#define C_(context, text) i18n_context(context "\004" text, text)

/**
 * Take the locale of the environment and find the catalogues
 *
 * A locale that is not generated on this machine becomes C.UTF-8 with the
 * language it names: who comes by ssh is still understood.
 */
void i18n_init(void);

/** The same with the catalogues of a folder */
void i18n_open(const char *dir);

/** Translation of a text, or the text; "" stays "" */
const char *i18n_text(const char *text) __attribute__((format_arg(1)));

/** Translation of C_(); key is gettext's for a context and a text */
const char *i18n_context(const char *key, const char *text);

/** Translation by number: the text of one, or of many */
const char *i18n_plural(const char *one, const char *many, long long n)
	__attribute__((format_arg(1), format_arg(2)));

/**
 * Translation of a sentence that came from the phone
 *
 * Sentences with something in them (an address, a date) are found by the
 * patterns of phone_words.c.
 *
 * @param text  As the phone said it
 * @param buf   Place for a sentence that has to be put together
 *
 * @return A text of the catalogue, buf, or text itself
 */
const char *i18n_phone(const char *text, char *buf, size_t size);

/** The same as a new string (free() it); NULL only if memory is out */
char *i18n_phone_dup(const char *text);

/** Pattern i of the phone's sentences, `%s` for what differs; NULL at end */
const char *i18n_pattern(size_t i);

#endif
