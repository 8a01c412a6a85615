/**
 * @file i18n.c  Catalogues: libc's gettext
 *
 * Built catalogues lie beside the program in its build tree, installed ones
 * in PREFIX/share/locale. Text is UTF-8 inside, whatever the terminal takes.
 */
#include "i18n.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/paths.h"
#include "launch.h"

#define DOMAIN "offhook"


/* The locale that is wished for, as setlocale() looks for it */
static const char *wished(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES",
					     "LANG" };
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]);
		if (value && *value)
			return value;
	}

	return "";
}


/* As far as the language goes: ru_RU.UTF-8 is ru_RU */
static void language_of(char *buf, size_t size, const char *locale)
{
	size_t n = strcspn(locale, ".@");

	if (n >= size)
		n = size - 1;
	memcpy(buf, locale, n);
	buf[n] = '\0';
}


static void locale_init(void)
{
	const char *asked = getenv("LANGUAGE");
	char language[32];

	if (setlocale(LC_ALL, ""))
		return;

	language_of(language, sizeof(language), wished());
	if (setlocale(LC_ALL, "C.UTF-8") && *language && !(asked && *asked))
		(void)setenv("LANGUAGE", language, 1);
}


void i18n_open(const char *dir)
{
	locale_init();
	(void)bindtextdomain(DOMAIN, dir);
	(void)bind_textdomain_codeset(DOMAIN, "UTF-8");
}


void i18n_init(void)
{
	char bin[PATH_MAX - 32], path[PATH_MAX];
	const char *dir = OFFHOOK_LOCALEDIR;

	/* The tree it was built in, then where it was installed */
	if (!launch_bindir(bin, sizeof(bin)) &&
	    ((!paths_join(path, sizeof(path), bin, "locale") &&
	      !access(path, X_OK)) ||
	     (!paths_join(path, sizeof(path), bin, "../share/locale") &&
	      !access(path, X_OK))))
		dir = path;
	i18n_open(dir);
}


const char *i18n_text(const char *text)
{
	return text && *text ? dgettext(DOMAIN, text) : text;
}


const char *i18n_context(const char *key, const char *text)
{
	const char *own = dgettext(DOMAIN, key);

	return own == key ? text : own;
}


const char *i18n_plural(const char *one, const char *many, long long n)
{
	return dngettext(DOMAIN, one, many,
			 (unsigned long)(n < 0 ? -n : n));
}
