/**
 * @file settings.c  The table of settings
 *
 * A setting is one row: its name, what it is if nobody says, a line of help
 * and a check that answers with what is wrong. Everything that lists,
 * documents or completes settings reads this table.
 */
#include "config.h"

#include <string.h>

#include "phone/media/media.h"
#include "phone/secure/label.h"
#include "phone/watch/presence.h"


/* ---- checks --------------------------------------------------------------*/

static const char *check_bool(const char *v)
{
	return !strcmp(v, "true") || !strcmp(v, "false")
		       ? NULL
		       : "must be true or false";
}


/* A driver that has but one device goes by its name: "null" */
static const char *check_device(const char *v)
{
	size_t n = strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n && (v[n] == ',' || !v[n])
		       ? NULL
		       : "must be \"driver,device\", "
			 "for example alsa,default";
}


static const char *check_device_or_empty(const char *v)
{
	return *v ? check_device(v) : NULL;
}


static const char *check_address(const char *v)
{
	struct sa sa;

	return !*v || !sa_set_str(&sa, v, 0) ? NULL
					     : "must be an IP address";
}


static bool number(const char *s, size_t len, uint32_t *np)
{
	struct pl pl = { s, len };
	size_t i;

	if (!len || len > 9)
		return false;

	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
	}

	*np = pl_u32(&pl);

	return true;
}


static const char *check_ports(const char *v)
{
	static const char bad[] = "must be two ports, MIN-MAX, from 1024 to "
				  "65535 and at least 4 apart";
	const char *dash = strchr(v, '-');
	uint32_t min, max;

	if (!dash || !number(v, (size_t)(dash - v), &min) ||
	    !number(dash + 1, strlen(dash + 1), &max))
		return bad;

	return min >= 1024 && max <= 65535 && min + 4 <= max ? NULL : bad;
}


static const char *check_list(const char *v)
{
	return *v ? NULL : "must name at least one";
}


static const char *check_record(const char *v)
{
	return !strcmp(v, "wav") || !strcmp(v, "flac") || !strcmp(v, "opus")
		       ? NULL
		       : "must be wav, flac or opus";
}


static const char *check_volume(const char *v)
{
	uint32_t n;

	return number(v, strlen(v), &n) && n <= 400
		       ? NULL
		       : "must be percent from 0 to 400";
}


/* name=number, parted by semicolons */
static const char *check_opus(const char *v)
{
	static const char *const names[] = {
		"maxplaybackrate", "maxaveragebitrate", "stereo", "cbr",
		"useinbandfec", "usedtx", "minptime", "sprop-stereo",
		"sprop-maxcapturerate"
	};

	while (*v) {
		const size_t len = strcspn(v, ";"), name = strcspn(v, "=");
		bool known = false;
		uint32_t n;
		size_t i;

		for (i = 0; i < RE_ARRAY_SIZE(names); i++)
			known |= strlen(names[i]) == name &&
				!strncmp(names[i], v, name);
		if (!known || name >= len ||
		    !number(v + name + 1, len - name - 1, &n))
			return "must be like useinbandfec=1;cbr=0: see "
			       "offhook.conf(5)";
		v += len;
		v += *v == ';';
	}

	return NULL;
}


static const char *check_tones(const char *v)
{
	static char why[128];
	const char *p = tone_countries();
	const size_t len = strlen(v);

	for (; *p; p += strcspn(p, " "), p += *p == ' ') {
		if (len == strcspn(p, " ") && !strncmp(p, v, len))
			return NULL;
	}
	(void)re_snprintf(why, sizeof(why), "must be one of: %s",
			  tone_countries());

	return why;
}


static const char *check_minimum(const char *v)
{
	return minimum_valid(v) ? NULL :
		"must be off, prefer, require, e2e or verified";
}


static const char *check_level(const char *v)
{
	return !strcmp(v, "debug") || !strcmp(v, "info") ||
			       !strcmp(v, "warning") || !strcmp(v, "error")
		       ? NULL
		       : "must be debug, info, warning or error";
}


static const char *check_path(const char *v)
{
	return !*v || *v == '/' ? NULL : "must be an absolute path";
}


static const char *check_ring(const char *v)
{
	uint32_t n;

	return number(v, strlen(v), &n) && n >= 5 && n <= 600
		       ? NULL
		       : "must be seconds from 5 to 600";
}


static const char *check_expires(const char *v)
{
	uint32_t n;

	return number(v, strlen(v), &n) && n >= 60 && n <= 86400
		       ? NULL
		       : "must be seconds from 60 to 86400";
}


static const char *check_size(const char *v)
{
	uint32_t n;

	return number(v, strlen(v), &n) && n <= 65536
		       ? NULL
		       : "must be kB from 0 to 65536";
}


/* 0, or what RFC 4028 allows */
static const char *check_timer(const char *v)
{
	uint32_t n;

	return number(v, strlen(v), &n) &&
			       (!n || (n >= 90 && n <= 86400))
		       ? NULL
		       : "must be 0 or seconds from 90 to 86400";
}


static const char *check_reliable(const char *v)
{
	return !strcmp(v, "supported") || !strcmp(v, "require") ||
			       !strcmp(v, "off")
		       ? NULL
		       : "must be supported, require or off";
}


static const char *check_transfers(const char *v)
{
	return !strcmp(v, "ask") || !strcmp(v, "allow") ||
			       !strcmp(v, "deny")
		       ? NULL
		       : "must be ask, allow or deny";
}


static const char *check_target(const char *v)
{
	return !*v || !strncmp(v, "sip:", 4) || !strncmp(v, "sips:", 5)
		       ? NULL
		       : "must be a SIP address like sip:bob@example.org, "
			 "or empty";
}


static const char *check_presence(const char *v)
{
	return presence_choice_valid(v) ? NULL :
		"must be auto, off, online, away, busy or offline";
}


static const char *check_note(const char *v)
{
	return strlen(v) < PIDF_NOTE ? NULL : "is too long";
}


static const struct config_setting settings[] = {
	{ "audio.source", "alsa,default",
	  "microphone: driver,device (alsa,default  pulse,  pipewire,  "
	  "pipe,/path  file,/path.wav  null,  tone,440  loop,)",
	  check_device },
	{ "audio.sink", "alsa,default",
	  "loudspeaker: driver,device (alsa,default  pulse,  pipewire,  "
	  "pipe,/path  file,/path.wav  null,  loop,)", check_device },
	{ "audio.echo", "true",
	  "take the loudspeaker's echo out of the microphone", check_bool },
	{ "audio.gain", "false",
	  "bring what one says to the same loudness", check_bool },
	{ "audio.mic", "100", "volume of the microphone, percent",
	  check_volume },
	{ "audio.noise", "true", "take steady noise out of the microphone",
	  check_bool },
	{ "audio.ring", "",
	  "where it rings: driver,device; empty: the loudspeaker",
	  check_device_or_empty },
	{ "call.anonymous", "true", "callers who hide their address may ring",
	  check_bool },
	{ "call.answer_for", "",
	  "who is answered without a key if it asks for that: addresses or "
	  "contacts, * stands for anything; only over verified TLS", NULL },
	{ "call.block", "",
	  "who may not ring: addresses, numbers or contacts, parted by "
	  "commas; * stands for anything", NULL },
	{ "call.confirm", "00,+,0900",
	  "numbers that a transfer always asks about, by how they begin",
	  NULL },
	{ "call.contacts_only", "false", "only contacts may ring",
	  check_bool },
	{ "call.dnd", "false", "do not disturb: nobody may ring",
	  check_bool },
	{ "call.reliable", "supported",
	  "confirmed ringing (100rel): supported, require or off",
	  check_reliable },
	{ "audio.volume", "100", "volume of the loudspeaker, percent",
	  check_volume },
	{ "call.ring", "60", "seconds an incoming call rings", check_ring },
	{ "call.session_timer", "1800",
	  "seconds after which both sides check that a call is alive; 0: "
	  "never asked for", check_timer },
	{ "call.transfers", "ask",
	  "a peer that wants you to call somebody else: ask, allow or deny",
	  check_transfers },
	{ "call.waiting", "true", "a second call may ring", check_bool },
	{ "chat.echo", "false",
	  "send every chat line back to its sender (test partner)",
	  check_bool },
	{ "codecs", "opus,G722,PCMU,PCMA",
	  "codecs in the order they are offered (opus  G722  PCMU  PCMA  L16  "
	  "GSM  G729  speex  AMR  AMR-WB; speex/8000 for one rate)",
	  check_list },
	{ "contacts.lamps", "true",
	  "watch the calls of contacts that are marked so", check_bool },
	{ "forward.always", "",
	  "send all calls on to this SIP address; empty: none",
	  check_target },
	{ "forward.busy", "", "send calls on while another one is up",
	  check_target },
	{ "forward.no_answer", "", "send calls on that nobody answers",
	  check_target },
	{ "codecs.opus", "useinbandfec=1;minptime=10",
	  "how peers are to send Opus, as in SDP: maxplaybackrate, "
	  "maxaveragebitrate, stereo (play it), sprop-stereo (send it), cbr, "
	  "useinbandfec, usedtx, minptime",
	  check_opus },
	{ "log.level", "info", "debug, info, warning or error", check_level },
	{ "media.address", "",
	  "local address of RTP; empty: that of the account", check_address },
	{ "media.ports", "20000-20998", "ports of RTP, MIN-MAX",
	  check_ports },
	{ "modules.path", "", "folder of plugins; empty: the installed one",
	  check_path },
	{ "presence.calls", "true", "show yourself as busy during a call",
	  check_bool },
	{ "presence.note", "", "a line for those who see how you are",
	  check_note },
	{ "presence.state", "auto",
	  "how you are: online, away, busy or offline; auto: online, where "
	  "the server asks for it; off: tell nobody, ask for nobody",
	  check_presence },
	{ "record.folder", "",
	  "folder of recorded calls; empty: recordings, beside the call log",
	  check_path },
	{ "record.format", "flac", "of recorded calls: wav, flac or opus",
	  check_record },
	{ "security.minimum", "prefer",
	  "least protection of a call: off, prefer, require, e2e, verified",
	  check_minimum },
	{ "sip.expires", "3600", "seconds a registration is asked for",
	  check_expires },
	{ "trace.size", "512",
	  "kB of SIP messages that are kept for `offhook trace`; 0: none",
	  check_size },
	{ "tones", "eu",
	  "country whose tones one hears: eu  at  au  br  ch  cn  de  es  fr  "
	  "in  it  jp  nl  pl  ru  se  uk  us", check_tones },
	{ NULL, NULL, NULL, NULL }
};


const struct config_setting *config_settings(void)
{
	return settings;
}


size_t config_setting_count(void)
{
	return RE_ARRAY_SIZE(settings) - 1;
}


const struct config_setting *config_setting_find(const char *key)
{
	const struct config_setting *s;

	for (s = settings; s->key; s++) {
		if (!strcmp(s->key, key))
			return s;
	}

	return NULL;
}
