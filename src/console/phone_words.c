/**
 * @file phone_words.c  Sentences of the phone that have something in them
 *
 * The phone speaks English, and its sentences are the ids of the catalogue.
 * Where one names an address, a date or another sentence, the pattern below
 * takes it apart; the parts are put into the translation. Where two patterns
 * fit, the first counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"

enum { PARTS = 4, PART = 256, DEEP = 2 };

static const char *const patterns[] = {
	N_("%s can be read by others: chmod 600 it"),
	N_("%s codecs and %s audio drivers are loaded"),
	N_("A call from %s was refused: %s"),
	N_("A message from %s could not be taken: %s"),
	N_("Another program listens at %s already"),
	N_("DNS names no SIP server for %s: the host of that name is asked"),
	N_("Ended by the other side: %s"),
	N_("It cannot be heard ringing: %s"),
	N_("It rings at the loudspeaker: %s"),
	N_("No keys were agreed on: %s"),
	N_("Someone asks for the password of \"%s\", which is not this "
	   "account's server: not answered"),
	N_("Takes the place of the call with %s"),
	N_("The account's codecs: %s"),
	N_("The account's %s %s"),
	N_("The call could not be written to the log: %s"),
	N_("The call log and the messages cannot be opened (%s): nothing "
	   "will be kept"),
	N_("The call of %s was answered by itself"),
	N_("The contacts cannot be opened: %s"),
	N_("The name %s cannot be found: %s"),
	N_("The parameter \"%s\" is missing or wrong"),
	N_("The plugins in %s cannot be loaded: %s"),
	N_("The recording ended: %s"),
	N_("The server refused the secure connection: %s"),
	N_("The server's certificate expired on %s"),
	N_("The server's certificate is for %s, not for %s"),
	N_("The server's certificate is not valid before %s"),
	N_("The server's certificate is not valid: %s"),
	N_("The server's certificate was issued by an authority that is not "
	   "known here (%s)"),
	N_("The transfer failed: %s"),
	N_("There is no method %s: see phone.describe"),
	N_("This device was verified on %s, but the other side does not "
	   "remember it. Compare the words before you trust this call"),
	N_("Transfer to %s begins"),
	N_("Transfer to %s: %s"),
	N_("You are being transferred to %s"),
	N_("You verified this person on %s, but this call is not encrypted "
	   "end to end. Somebody on the way may have seen to that"),
	N_("You verified this person on %s, but this is another device, or "
	   "somebody in the middle. Compare the words before you trust this "
	   "call"),
	N_("cannot be a loudspeaker: there are %s"),
	N_("cannot be a microphone: there are %s"),
	N_("must be one of: %s"),
	N_("there is no codec \"%s\": there are %s"),
	N_("there is no such sound driver: there are %s"),
	/* whole ones that the phone puts together */
	N_("it has no address that can be used (DNS)"),
	N_("it does not exist (DNS)"),
	/* what a setting must be stands behind its name */
	"%s: %s"
};


const char *i18n_pattern(size_t i)
{
	return i < sizeof(patterns) / sizeof(patterns[0]) ? patterns[i] :
		NULL;
}


/* Take text apart by a pattern; how many parts, -1: it does not fit */
static int take_apart(char parts[PARTS][PART], const char *pattern,
		      const char *text)
{
	const char *stop, *end;
	size_t lit, len;
	int n = 0;

	for (;;) {
		stop = strstr(pattern, "%s");
		lit = stop ? (size_t)(stop - pattern) : strlen(pattern);
		if (strncmp(pattern, text, lit))
			return -1;
		text += lit;
		if (!stop)
			return *text ? -1 : n;
		pattern = stop + 2;

		/* As much as stands before what follows in the pattern */
		stop = strstr(pattern, "%s");
		lit = stop ? (size_t)(stop - pattern) : strlen(pattern);
		if (!stop) {
			len = strlen(text);
			if (len < lit)
				return -1;
			end = text + len - lit;
		}
		else {
			for (end = text; *end && strncmp(end, pattern, lit);
			     end++)
				;
		}
		len = (size_t)(end - text);
		if (n == PARTS || len >= PART)
			return -1;
		memcpy(parts[n], text, len);
		parts[n++][len] = '\0';
		text = end;
	}
}


static const char *translate(const char *text, char *buf, size_t size,
			     int deep);


/* The translation may have its parts in another order: %2$s */
static void put_together(char *buf, size_t size, const char *fmt,
			 char parts[PARTS][PART], int n, int deep)
{
	size_t at = 0;
	char own[512];
	int next = 0;

	while (*fmt && at + 1 < size) {
		const char *part = NULL;

		if (fmt[0] == '%' && fmt[1] == 's') {
			part = next < n ? parts[next++] : "";
			fmt += 2;
		}
		else if (fmt[0] == '%' && fmt[1] >= '1' && fmt[1] <= '4' &&
			 fmt[2] == '$' && fmt[3] == 's') {
			part = fmt[1] - '0' <= n ? parts[fmt[1] - '1'] : "";
			fmt += 4;
		}
		if (!part) {
			buf[at++] = *fmt++;
			continue;
		}
		part = translate(part, own, sizeof(own), deep + 1);
		at += (size_t)snprintf(buf + at, size - at, "%s", part);
		if (at >= size)
			at = size - 1;
	}
	buf[at] = '\0';
}


static const char *translate(const char *text, char *buf, size_t size,
			     int deep)
{
	const char *own = i18n_text(text);
	char parts[PARTS][PART];
	size_t i;
	int n;

	if (own != text || deep > DEEP)
		return own;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		own = i18n_text(patterns[i]);
		n = take_apart(parts, patterns[i], text);
		/* Nothing to say differently: let it be */
		if (n <= 0 || (own == patterns[i] && strcmp(own, "%s: %s")))
			continue;
		put_together(buf, size, own, parts, n, deep);
		return buf;
	}

	return text;
}


const char *i18n_phone(const char *text, char *buf, size_t size)
{
	return text && *text ? translate(text, buf, size, 0) : text;
}


char *i18n_phone_dup(const char *text)
{
	char buf[1024];

	return strdup(i18n_phone(text, buf, sizeof(buf)));
}
