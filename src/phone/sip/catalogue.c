/**
 * @file catalogue.c  Every failure: what it means, and what to do next
 *
 * The first row that fits counts, so the row of a context stands before
 * that of all contexts. docs/failures.md is this table, and a test keeps
 * the two the same. IANA's SIP response codes from 300 on are all here.
 */
#include "catalogue.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/re_compat.h"

#define CALL     CATALOGUE_CALL
#define REGISTER CATALOGUE_REGISTER
#define MESSAGE  CATALOGUE_MESSAGE
#define EVENT    CATALOGUE_EVENT
#define ANY      CATALOGUE_ANY

#define AGAIN    "Try again later."
#define ADDRESS  "Check the address."
#define OPERATOR "Ask who runs the server; `offhook trace` shows what was " \
	"said."
#define NETWORK  "Check the network; the phone tries again by itself."
#define PASSWORD "Set the password again: `offhook account edit`."
#define LEAVE    "Leave a message instead: `offhook msg`."
#define CODECS   "Allow more codecs (`codecs`) or another encryption " \
	"(`security.minimum`) and call again."

static const struct catalogue_entry entries[] = {

	/* 3xx: another address */
	{ ANY, 300, 0, "There is more than one address to choose from",
	  "Ask which address to use." },
	{ ANY, 301, 0, "The address has changed for good",
	  "Ask for the new address and change the contact." },
	{ ANY, 302, 0, "Reachable at another address for now",
	  "Call the address that is named, if you trust it." },
	{ ANY, 305, 0, "This must go through another server",
	  "Set the server of the account to that one." },
	{ ANY, 380, 0, "Not possible this way, but in another",
	  OPERATOR },

	/* 4xx: refused */
	{ ANY, 400, 0, "The server did not understand the request",
	  OPERATOR },
	{ ANY, 401, 0, "The server refused the password", PASSWORD },
	{ ANY, 402, 0, "The server asks for payment",
	  "Top up the account at your provider." },
	{ REGISTER, 403, 0, "The server refuses this account or its "
	  "password", "Check address, login (`--user`) and password of the "
	  "account; after many wrong passwords a server may lock it." },
	{ ANY, 403, 0, "The server does not allow this",
	  "Check that the account may call this number, and that it is "
	  "registered." },
	{ REGISTER, 404, 0, "The server does not know this account",
	  "Check the account's address and server." },
	{ EVENT, 404, 0, "There is nothing to watch at this address",
	  ADDRESS },
	{ ANY, 404, 0, "There is no such user", ADDRESS },
	{ REGISTER, 405, 0, "This server registers nobody",
	  "Set the registrar of your provider as the account's server." },
	{ ANY, 405, 0, "The other side cannot do this", "" },
	{ MESSAGE, 406, 0, "The other side cannot take this message", "" },
	{ ANY, 406, 0, "The other side cannot take this call", CODECS },
	{ ANY, 407, 0, "The server refused the password", PASSWORD },
	{ REGISTER, 408, 0, "No answer: the server does not reply",
	  NETWORK },
	{ ANY, 408, 0, "No answer: the other side cannot be reached",
	  AGAIN },
	{ ANY, 409, 0, "The request conflicts with another one", AGAIN },
	{ ANY, 410, 0, "This address is no longer in use",
	  "Ask for the new address and change the contact." },
	{ ANY, 412, 0, "What was to be changed has changed meanwhile",
	  AGAIN },
	{ ANY, 413, 0, "Too large for the other side",
	  "Send less at once." },
	{ ANY, 414, 0, "The address is too long for the server", ADDRESS },
	{ CALL, 415, 0, "The other side does not understand this kind of "
	  "content", CODECS },
	{ ANY, 415, 0, "The other side does not understand this kind of "
	  "message", "Send plain text." },
	{ ANY, 416, 0, "The server does not understand this kind of address",
	  "Use an address that begins with sip:." },
	{ ANY, 417, 0, "The server does not know this kind of priority",
	  OPERATOR },
	{ ANY, 420, 0, "The other side lacks something the request needs",
	  OPERATOR },
	{ ANY, 421, 0, "The server asks for something this phone lacks",
	  OPERATOR },
	{ ANY, 422, 0, "The server wants longer times between refreshes",
	  AGAIN },
	{ ANY, 423, 0, "The server wants a longer registration",
	  "Raise `sip.expires`." },
	{ ANY, 424, 0, "The server does not believe the place that was told",
	  OPERATOR },
	{ ANY, 425, 0, "The server did not understand the place that was "
	  "told", OPERATOR },
	{ ANY, 428, 0, "The server wants a signed identity",
	  "Call through your provider's server: it signs." },
	{ ANY, 429, 0, "The server does not know who asks for the transfer",
	  OPERATOR },
	{ ANY, 430, 0, "The connection to the server is gone", NETWORK },
	{ ANY, 433, 0, "Calls without a name are not taken",
	  "Call without hiding your address." },
	{ ANY, 436, 0, "The signed identity cannot be checked", OPERATOR },
	{ ANY, 437, 0, "The certificate of the signed identity is not known",
	  OPERATOR },
	{ ANY, 438, 0, "The signed identity is not valid", OPERATOR },
	{ ANY, 439, 0, "The server's first hop cannot keep the connection",
	  OPERATOR },
	{ ANY, 440, 0, "The request would have gone to too many places",
	  OPERATOR },
	{ ANY, 469, 0, "The other side does not take this kind of notice",
	  "" },
	{ ANY, 470, 0, "The other side must agree first",
	  "Ask the other side to allow it." },
	{ REGISTER, 480, 0, "The server cannot register you right now",
	  AGAIN },
	{ ANY, 480, 0, "Not reachable right now", LEAVE },
	{ ANY, 481, 0, "The other side does not know this call (any more)",
	  "Call again." },
	{ ANY, 482, 0, "The request went round in circles", OPERATOR },
	{ ANY, 483, 0, "The request went through too many servers",
	  OPERATOR },
	{ ANY, 484, 0, "The address is not complete",
	  "Dial the whole number, with area code." },
	{ ANY, 485, 0, "The address means more than one user",
	  "Use a more exact address." },
	{ ANY, 486, 0, "Busy: the other side is in another call",
	  "Try again later, or write: `offhook msg`." },
	{ ANY, 487, 0, "The call was cancelled", "" },
	{ MESSAGE, 488, 0, "The other side cannot take this kind of message",
	  "Send plain text." },
	{ ANY, 488, 0, "No codec or encryption in common", CODECS },
	{ ANY, 489, 0, "The other side does not offer this information",
	  "" },
	{ ANY, 491, 0, "Both sides changed the call at once: try again",
	  "Try again." },
	{ ANY, 493, 0, "The other side could not decrypt the request",
	  OPERATOR },
	{ ANY, 494, 0, "The server asks for a protection that was not agreed",
	  "Use TLS: `--server \"sip:HOST;transport=tls\"`." },

	/* 5xx: the server's fault */
	{ ANY, 500, 0, "The server has a fault", AGAIN },
	{ ANY, 501, 0, "The server cannot do this", "" },
	{ ANY, 502, 0, "The server got no sense from the next server",
	  AGAIN },
	{ ANY, 503, 0, "The server is overloaded or down for maintenance",
	  "The phone tries again by itself; ask your provider if it lasts." },
	{ ANY, 504, 0, "The server got no answer from the next server",
	  AGAIN },
	{ ANY, 505, 0, "The server speaks another version of SIP",
	  OPERATOR },
	{ ANY, 513, 0, "Too large for the server", "Send less at once." },
	{ ANY, 555, 0, "The server does not know this kind of push notice",
	  OPERATOR },
	{ ANY, 580, 0, "The other side's conditions for the call were not "
	  "met", CODECS },

	/* 6xx: refused everywhere */
	{ ANY, 600, 0, "Busy: the other side is in another call",
	  "Try again later, or write: `offhook msg`." },
	{ ANY, 603, 0, "The other side declined the call", LEAVE },
	{ ANY, 604, 0, "There is no such user anywhere", ADDRESS },
	{ ANY, 606, 0, "No codec or encryption in common", CODECS },
	{ ANY, 607, 0, "The other side does not want this call", "" },
	{ ANY, 608, 0, "The call was refused by a filter on its way",
	  "Ask your provider why; Call-Info of the answer may name a "
	  "contact: `offhook trace`." },

	/* the network */
	{ ANY, 0, ECONNREFUSED,
	  "The server refuses connections (is it running?)",
	  "Check server and port of the account." },
	{ ANY, 0, ETIMEDOUT, "No answer: the server does not reply",
	  "Check server and transport of the account, and the firewall on "
	  "the way." },
	{ ANY, 0, EHOSTUNREACH, "The server cannot be reached from here",
	  NETWORK },
	{ ANY, 0, ENETUNREACH, "There is no network, or no way to the server",
	  NETWORK },
	{ ANY, 0, ENETDOWN, "The network is down", NETWORK },
	{ ANY, 0, ECONNRESET, "The connection to the server was lost",
	  NETWORK },
	{ ANY, 0, EPIPE, "The connection to the server was lost", NETWORK },
	{ ANY, 0, ECONNABORTED, "The connection was closed", NETWORK },
	{ ANY, 0, ENOTCONN, "There is no connection to the server",
	  NETWORK },
	{ ANY, 0, EADDRINUSE, "Another program listens there already",
	  "Choose another port: `offhook account edit --listen`." },
	{ ANY, 0, EDESTADDRREQ, "The server's name cannot be found (DNS)",
	  "Check the name, and /etc/resolv.conf." },
	{ ANY, 0, ENOENT, "The server's name cannot be found (DNS)",
	  "Check the name, and /etc/resolv.conf." },
	{ ANY, 0, EPROTONOSUPPORT,
	  "This account has no transport that reaches the server",
	  "Set one: `--server \"sip:HOST;transport=tcp\"`." },
	{ ANY, 0, ENOSYS, "This kind of address cannot be reached",
	  ADDRESS },
	{ ANY, 0, EINVAL, "The address is not valid", ADDRESS },
	{ ANY, 0, EPROTO, "The other side broke the protocol", OPERATOR },
	{ ANY, 0, EBADMSG, "The other side sent something that makes no "
	  "sense", OPERATOR },
	{ ANY, 0, EMSGSIZE, "Too large to be sent", "Send less at once." },
	{ ANY, 0, ENOMEM, "Out of memory", "End some calls or programs." },
	{ ANY, 0, EAUTH, "The server refused the password", PASSWORD },

	/* DNS */
	{ ANY, 0, 0, "The name * cannot be found*",
	  "Check the name, and /etc/resolv.conf." },

	/* TLS */
	{ ANY, 0, 0, "The server's certificate expired on *",
	  "Ask who runs the server to renew it; check the clock of this "
	  "machine." },
	{ ANY, 0, 0, "The server's certificate is not valid before *",
	  "Check the clock of this machine." },
	{ ANY, 0, 0, "The server's certificate was issued by an authority *",
	  "Name the authority's file, if you trust it: `offhook account "
	  "edit --ca FILE`." },
	{ ANY, 0, 0, "The server's certificate is for *",
	  "Check the account's address: the certificate must be for its "
	  "domain. Somebody may pretend to be the server." },
	{ ANY, 0, 0, "The server's certificate *",
	  "Ask who runs the server." },
	{ ANY, 0, 0, "The server shows another certificate *",
	  "Ask who runs the server whether it was changed. Somebody may "
	  "pretend to be the server." },
	{ ANY, 0, 0, "The server refused the secure connection*",
	  "Ask who runs the server which TLS it speaks: at least 1.2 is "
	  "needed." },

	/* logging in */
	{ ANY, 0, 0, "Someone asks for the password of *",
	  "Set `--realm` of the account, if this is your provider." },
	{ ANY, 0, 0, "The server asks for a kind of login *", OPERATOR },
	{ ANY, 0, 0, "The server asks for a weaker login *", OPERATOR },
	{ ANY, 0, 0, "The server asks for a password *", PASSWORD },
	{ ANY, 0, 0, "The password *",
	  "Mend the password of the account: `offhook account edit`." },

	/* sound and encryption of a call */
	{ CALL, 0, 0, "No codec is available*",
	  "Run `offhook doctor`: it knows which codecs there are." },
	{ CALL, 0, 0, "No port is free for the sound*",
	  "Widen `media.ports`, or end other calls." },
	{ CALL, 0, 0, "The sound of the call could not be set up",
	  "Run `offhook doctor`; see `offhook devices`." },
	{ CALL, 0, 0, "This call must be encrypted*",
	  "Run `offhook doctor`: it counts the plugins. Lower "
	  "`security.minimum` only if others may listen." },
	{ CALL, 0, 0, "The call was not encrypted*",
	  "Ask the other side to allow encryption. Lower "
	  "`security.minimum` only if others may listen." },
	{ CALL, 0, 0, "The other side refused every encrypted offer*",
	  "Ask the other side to allow encryption. Lower "
	  "`security.minimum` only if others may listen." },
	{ CALL, 0, 0, "The other side does not encrypt*",
	  "Ask the other side to allow encryption. Lower "
	  "`security.minimum` only if others may listen." },
	{ CALL, 0, 0, "The words of this device have never been compared*",
	  "Call with `security.minimum` at e2e and compare the words: "
	  "`offhook sas`." },
	{ CALL, 0, 0, "Somebody may be in the middle*",
	  "Call again from another network, and compare the words." },
	{ CALL, 0, 0, "The other side is gone*", "Call again." },
	{ CALL, 0, 0, "The call broke", "Call again." },
	{ CALL, 0, 0, "The change of the call failed", "Try again." },
};


unsigned catalogue_context(const char *met, size_t len)
{
	static const struct {
		const char *met;
		unsigned context;
	} contexts[] = {
		{ "REGISTER", REGISTER }, { "MESSAGE", MESSAGE },
		{ "SUBSCRIBE", EVENT }, { "PUBLISH", EVENT },
		{ "INVITE", CALL },
	};
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(contexts); i++) {
		if (len == strlen(contexts[i].met) &&
		    !strncasecmp(met, contexts[i].met, len))
			return contexts[i].context;
	}

	return CALL;
}


const struct catalogue_entry *catalogue_at(size_t i)
{
	return i < RE_ARRAY_SIZE(entries) ? &entries[i] : NULL;
}


const struct catalogue_entry *catalogue_code(unsigned context,
					     uint16_t scode)
{
	size_t i;

	for (i = 0; scode && i < RE_ARRAY_SIZE(entries); i++) {
		if (entries[i].scode == scode &&
		    (entries[i].contexts & context))
			return &entries[i];
	}

	return NULL;
}


const struct catalogue_entry *catalogue_error(int err)
{
	size_t i;

	for (i = 0; err && i < RE_ARRAY_SIZE(entries); i++) {
		if (entries[i].err == err)
			return &entries[i];
	}

	return NULL;
}


/* `*` stands for any text, also for none */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		}
		else if (*pattern == *text) {
			++pattern;
			++text;
		}
		else if (star) {
			pattern = star;
			text = ++from;
		}
		else {
			return false;
		}
	}

	return !pattern[strspn(pattern, "*")];
}


const char *catalogue_advice(uint16_t scode, const char *text)
{
	const struct catalogue_entry *e;
	size_t i;

	for (i = 0; text && *text && i < RE_ARRAY_SIZE(entries); i++) {
		e = &entries[i];
		if ((!scode || !e->scode || e->scode == scode) &&
		    matches(e->text, text))
			return e->advice;
	}

	return "";
}
