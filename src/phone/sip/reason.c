/**
 * @file reason.c  What a SIP code or an error means, in one plain sentence
 *
 * What the catalogue has a sentence for gets that; of the rest the server's
 * own phrase is quoted, cleaned, because it may know better than we do.
 */
#include "reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "common/re_compat.h"
#include "common/text.h"

static const char *class_text(uint16_t scode)
{
	switch (scode / 100) {

	case 3:  return "The other side has moved to another address";
	case 4:  return "The request was refused";
	case 5:  return "The server has a fault";
	case 6:  return "The call was refused";
	default: return "";
	}
}

static void error_text(char *buf, size_t size, int err, const char *tls)
{
	const struct catalogue_entry *e = catalogue_error(err);

	if (tls && *tls)
		str_ncpy(buf, tls, size);
	else if (e)
		str_ncpy(buf, e->text, size);
	else
		(void)re_snprintf(buf, size, "%m", err);
	buf[size - 1] = '\0';
}

void reason_in(char *buf, size_t size, unsigned context, int err,
	       uint16_t scode, const char *phrase, const char *tls)
{
	const struct catalogue_entry *e;
	char *clean = NULL;

	if (!buf || !size)
		return;

	buf[0] = '\0';

	if (err) {
		error_text(buf, size, err, tls);
		return;
	}

	e = catalogue_code(context, scode);
	if (e || scode < 300) {
		str_ncpy(buf, e ? e->text : "", size);
		return;
	}

	if (phrase && *phrase)
		clean = text_clean(phrase, strnlen(phrase, 120), TEXT_NAME);

	(void)re_snprintf(buf, size, "%s (%u%s%s)", class_text(scode), scode,
			  clean ? " " : "", clean ? clean : "");
	buf[size - 1] = '\0';
	free(clean);
}

void reason_text(char *buf, size_t size, int err, uint16_t scode,
		 const char *phrase, const char *tls)
{
	reason_in(buf, size, CATALOGUE_CALL, err, scode, phrase, tls);
}
