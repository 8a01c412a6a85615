/**
 * @file warm.c  Loads what a call needs while nobody waits for it
 *
 * A call that comes first has whatever it needs loaded while it waits. So
 * that it needs not, one thing a turn is loaded in moments when the loop has
 * nothing to do, the small ones first. Opus, G.711, two ways to agree on
 * keys and sound without a sound card are kilobytes; libraries of G.722,
 * ZRTP, SRTP and sound cards take megabytes and tens of milliseconds, which
 * a phone that only waits does without until there is a console.
 */
#include "warm.h"

#include <string.h>

#include "common/re_compat.h"
#include "phone/config.h"
#include "phone/module/loader.h"

enum { TURN_MS = 20 };

struct need {
	const char *kind;
	const char *name;        /* names; NULL: those in the setting */
	const char *setting;     /* with names: only what it begins with */
	bool attended;
};

#define SMALL "file,pipe,null,tone,loop"

static const struct need needv[] = {
	{ "codec",        "opus,PCMU", NULL,           false },
	{ "media_crypto", "sdes",      NULL,           false },
	{ "media_crypto", "dtls-srtp", NULL,           false },
	{ "audio_driver", SMALL,       "audio.source", false },
	{ "audio_driver", SMALL,       "audio.sink",   false },
	{ "codec",        NULL,        "codecs",       true },
	{ "audio_driver", NULL,        "audio.source", true },
	{ "audio_driver", NULL,        "audio.sink",   true },
	{ "media_crypto", "zrtp",      NULL,           true },
	{ "srtp",         "srtp",      NULL,           true },
};

static struct {
	struct tmr tmr;
	const struct config *config;
	bool attended;
} warm;


/* Is the first word of a setting one of these? */
static bool begins_with_one(const char *setting, const char *names)
{
	const size_t len = strcspn(setting, ",");
	const char *p;

	for (p = names; len && *p; p += strspn(p, ",")) {
		const size_t n = strcspn(p, ",");

		if (n == len && !strncmp(p, setting, n))
			return true;
		p += n;
	}

	return false;
}


/* Load the first of these that is not; false: they all are */
static bool need_one(const struct need *n)
{
	const char *set = n->setting ?
		config_get(warm.config, n->setting) : NULL;
	const char *p = n->name ? n->name : set;

	if (n->name && set)
		return begins_with_one(set, n->name) &&
			modules_need(n->kind, set);
	if (!p)
		return false;

	for (p += strspn(p, ", "); *p; p += strspn(p, ", ")) {
		if (modules_need(n->kind, p))
			return true;
		p += strcspn(p, ", ");
	}

	return false;
}


static void turn_handler(void *arg)
{
	size_t i;
	(void)arg;

	for (i = 0; i < RE_ARRAY_SIZE(needv); i++) {
		if (needv[i].attended && !warm.attended)
			continue;
		if (need_one(&needv[i])) {
			tmr_start(&warm.tmr, TURN_MS, turn_handler, NULL);
			return;
		}
	}
}


void warm_start(const struct config *config, bool attended)
{
	warm.config = config;
	warm.attended |= attended;
	if (!tmr_isrunning(&warm.tmr))
		tmr_start(&warm.tmr, TURN_MS, turn_handler, NULL);
}


void warm_stop(void)
{
	tmr_cancel(&warm.tmr);
}
