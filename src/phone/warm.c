/**
 * @file warm.c  Loads what a call needs while nobody waits for it
 *
 * A call that comes first has whatever it needs loaded while it waits. So
 * that it needs not, one thing a turn is loaded in moments when the loop has
 * nothing to do, the small ones first. Opus, G.711 and two ways to agree on
 * keys are kilobytes; libraries of G.722, ZRTP, SRTP and sound take
 * megabytes and tens of milliseconds, which a phone that only waits does
 * without until there is a console.
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
	const char *setting;
	bool attended;
};

static const struct need needv[] = {
	{ "codec",        "opus,PCMU", NULL,           false },
	{ "media_crypto", "sdes",      NULL,           false },
	{ "media_crypto", "dtls-srtp", NULL,           false },
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


/* Load the first of these that is not; false: they all are */
static bool need_one(const struct need *n)
{
	const char *p = n->name ? n->name :
		config_get(warm.config, n->setting);

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
