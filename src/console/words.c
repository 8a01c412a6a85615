/**
 * @file words.c  Values as people read them
 *
 * A security label is a word before it is a colour, and an unknown one is
 * never shown as better than plain.
 */
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "i18n.h"


void words_duration(char *buf, size_t size, int64_t secs)
{
	long long s = secs > 0 ? secs : 0;

	if (s >= 3600)
		(void)snprintf(buf, size, "%lld:%02lld:%02lld", s / 3600,
			       s / 60 % 60, s % 60);
	else
		(void)snprintf(buf, size, "%lld:%02lld", s / 60, s % 60);
}


void words_when(char *buf, size_t size, int64_t t, bool full)
{
	time_t now = time(NULL), then = (time_t)t;
	struct tm a, b;
	const char *fmt = "%b'%y";

	if (!localtime_r(&now, &a) || !localtime_r(&then, &b)) {
		(void)snprintf(buf, size, "-");
		return;
	}

	if (full)
		fmt = "%Y-%m-%d %H:%M";
	else if (a.tm_year == b.tm_year && a.tm_yday == b.tm_yday)
		fmt = "%H:%M";
	else if (a.tm_year == b.tm_year)
		fmt = "%d %b";

	if (!strftime(buf, size, fmt, &b) && size)
		buf[0] = '\0';
}

void words_clock(char *buf, size_t size, double t, int digits)
{
	/* whole microseconds first: none of them is rounded up to a second
	   that has not come */
	const uint64_t us = t > 0 ? (uint64_t)(t * 1e6 + 0.5) : 0;
	time_t secs = (time_t)(us / 1000000);
	unsigned part = (unsigned)(us % 1000000);
	struct tm tm;
	char hms[16] = "";
	int i;

	if (localtime_r(&secs, &tm))
		(void)strftime(hms, sizeof(hms), "%H:%M:%S", &tm);
	for (i = digits; i < 6; i++)
		part /= 10;
	(void)snprintf(buf, size, "%s.%0*u", hms, digits, part);
}


const char *words_label(const char *label)
{
	if (!strcmp(label, "hop"))
		return "[SRTP hop]";
	if (!strcmp(label, "e2e"))
		return "[E2E ??]";
	if (!strcmp(label, "verified"))
		return "[E2E ok]";
	if (!strcmp(label, "broken"))
		return "[BROKEN]";

	return "[PLAIN]";
}


const char *words_chat_label(const char *label)
{
	return strcmp(label, "hop") ? words_label(label) : "[TLS hop]";
}


const char *words_state(const char *state)
{
	static const char *const states[] = {
		/* accounts */
		N_("registered"), N_("registering"), N_("failed"), N_("off"),
		N_("direct"),
		/* calls */
		N_("calling"), N_("ringing"), N_("early"), N_("established"),
		N_("held"), N_("remote-held"), N_("ended"),
		/* contacts */
		N_("online"), N_("away"), N_("busy"), N_("offline"),
		N_("free"), N_("unknown"),
		/* what becomes of one's own presence */
		N_("trying"), N_("active"), N_("waiting"), N_("refused"),
		/* messages */
		N_("queued"), N_("sent"), N_("delivered"), N_("received"),
		N_("read"),
		/* the network of a call */
		N_("good"), N_("lossy"), N_("narrow"), N_("poor"),
		/* rows of the call log */
		N_("answered"), N_("missed"), N_("no-answer"),
		N_("cancelled"), N_("rejected"), N_("elsewhere"),
		N_("in"), N_("out")
	};
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!strcmp(states[i], state))
			return i18n_text(state);
	}

	return state;
}


void words_pad(char *buf, size_t size, const char *text, int cols)
{
	const size_t want = (size_t)(cols < 0 ? -cols : cols);
	size_t used, n = text_fit(text, want, &used);
	const int gap = (int)(want - used);

	if (cols < 0)
		(void)snprintf(buf, size, "%*s%.*s", gap, "", (int)n, text);
	else
		(void)snprintf(buf, size, "%.*s%*s", (int)n, text, gap, "");
}


void words_address(char *buf, size_t size, const char *uri)
{
	size_t n;

	if (!strncmp(uri, "sip:", 4) || !strncmp(uri, "tel:", 4))
		uri += 4;
	else if (!strncmp(uri, "sips:", 5))
		uri += 5;

	n = strcspn(uri, ";?");
	if (n >= size)
		n = size - 1;
	memcpy(buf, uri, n);
	buf[n] = '\0';
}
