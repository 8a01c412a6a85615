/**
 * @file reason.c  What a SIP code or an error means, in one plain sentence
 *
 * Codes that people meet have a sentence of ours; of the rest the server's
 * own phrase is quoted, cleaned, because it may know better than we do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/re_compat.h"
#include "common/text.h"
#include "reason.h"

static const struct {
	uint16_t scode;
	const char *text;
} codev[] = {
	{ 400, "The server did not understand the request" },
	{ 401, "The server refused the password" },
	{ 402, "The server asks for payment" },
	{ 403, "The server does not allow this" },
	{ 404, "There is no such user" },
	{ 405, "The other side cannot do this" },
	{ 406, "The other side cannot take this call" },
	{ 407, "The server refused the password" },
	{ 408, "No answer: the other side cannot be reached" },
	{ 410, "This address is no longer in use" },
	{ 413, "Too large for the other side" },
	{ 415, "The other side does not understand this kind of content" },
	{ 416, "The server does not understand this kind of address" },
	{ 420, "The other side lacks something the request needs" },
	{ 423, "The server wants a longer registration" },
	{ 480, "Not reachable right now" },
	{ 481, "The other side does not know this call (any more)" },
	{ 482, "The request went round in circles" },
	{ 483, "The request went through too many servers" },
	{ 484, "The address is not complete" },
	{ 485, "The address means more than one user" },
	{ 486, "Busy: the other side is in another call" },
	{ 487, "The call was cancelled" },
	{ 488, "No codec or encryption in common" },
	{ 489, "The other side does not offer this information" },
	{ 491, "Both sides changed the call at once: try again" },
	{ 493, "The other side could not decrypt the request" },
	{ 500, "The server has a fault" },
	{ 501, "The server cannot do this" },
	{ 502, "The server got no sense from the next server" },
	{ 503, "The server is overloaded or down for maintenance" },
	{ 504, "The server got no answer from the next server" },
	{ 505, "The server speaks another version of SIP" },
	{ 513, "Too large for the server" },
	{ 580, "The other side's conditions for the call were not met" },
	{ 600, "Busy: the other side is in another call" },
	{ 603, "The other side declined the call" },
	{ 604, "There is no such user anywhere" },
	{ 606, "No codec or encryption in common" },
	{ 607, "The other side does not want this call" },
	{ 608, "The call was refused by a filter on its way" },
};

static const struct {
	int err;
	const char *text;
} errv[] = {
	{ ECONNREFUSED, "The server refuses connections (is it running?)" },
	{ ETIMEDOUT,    "No answer: the server does not reply" },
	{ EHOSTUNREACH, "The server cannot be reached from here" },
	{ ENETUNREACH,  "There is no network, or no way to the server" },
	{ ENETDOWN,     "The network is down" },
	{ ECONNRESET,   "The connection to the server was lost" },
	{ EPIPE,        "The connection to the server was lost" },
	{ ECONNABORTED, "The connection was closed" },
	{ ENOTCONN,     "There is no connection to the server" },
	{ EDESTADDRREQ, "The server's name cannot be found (DNS)" },
	{ ENOENT,       "The server's name cannot be found (DNS)" },
	{ EPROTONOSUPPORT,
	  "This account has no transport that reaches the server" },
	{ ENOSYS,       "This kind of address cannot be reached" },
	{ EINVAL,       "The address is not valid" },
	{ EPROTO,       "The other side broke the protocol" },
	{ EBADMSG,      "The other side sent something that makes no sense" },
	{ EMSGSIZE,     "Too large to be sent" },
	{ ENOMEM,       "Out of memory" },
	{ EAUTH,        "The server refused the password" },
};

static const char *code_text(uint16_t scode)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codev); i++) {
		if (codev[i].scode == scode)
			return codev[i].text;
	}

	return NULL;
}

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
	size_t i;

	if (tls && *tls) {
		str_ncpy(buf, tls, size);
		return;
	}

	for (i = 0; i < ARRAY_SIZE(errv); i++) {
		if (errv[i].err == err) {
			str_ncpy(buf, errv[i].text, size);
			return;
		}
	}

	(void)re_snprintf(buf, size, "%m", err);
	buf[size - 1] = '\0';
}

void reason_text(char *buf, size_t size, int err, uint16_t scode,
		 const char *phrase, const char *tls)
{
	const char *text;
	char *clean = NULL;

	if (!buf || !size)
		return;

	buf[0] = '\0';

	if (err) {
		error_text(buf, size, err, tls);
		return;
	}

	text = code_text(scode);
	if (text || scode < 300) {
		str_ncpy(buf, text ? text : "", size);
		return;
	}

	if (phrase && *phrase)
		clean = text_clean(phrase, strnlen(phrase, 120), TEXT_NAME);

	(void)re_snprintf(buf, size, "%s (%u%s%s)", class_text(scode), scode,
			  clean ? " " : "", clean ? clean : "");
	buf[size - 1] = '\0';
	free(clean);
}
