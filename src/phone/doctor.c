/**
 * @file doctor.c  What is wrong and how to mend it
 *
 * Each check is a function that says good or bad in one sentence; a bad
 * one tells what to do. Nothing is changed and nothing is sent.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "phone/account/account.h"
#include "phone/config.h"
#include "phone/media/check.h"
#include "phone/module/registry.h"
#include "phone/phone.h"


static void check_config(const struct phone *ph, doctor_h *h, void *arg)
{
	size_t i, n = config_error_count(ph->config);

	for (i = 0; i < n; i++)
		h("settings", false, config_error(ph->config, i), arg);

	if (!n)
		h("settings", true, "offhook.conf is good", arg);
}


static void check_files(const struct phone *ph, doctor_h *h, void *arg)
{
	char path[PATHS_MAX];
	char text[PATHS_MAX + 64];

	if (paths_join(path, sizeof(path), ph->paths.config, "accounts"))
		return;

	if (paths_is_loose(path)) {
		(void)re_snprintf(text, sizeof(text),
				  "%s can be read by others: chmod 600 it",
				  path);
		h("secrets", false, text, arg);
	}
	else
		h("secrets", true, "nobody else can read the accounts", arg);
}


static void check_plugins(doctor_h *h, void *arg)
{
	char text[128];
	uint32_t codecs = list_count(codec_list());
	uint32_t drivers = list_count(audio_driver_list());

	(void)re_snprintf(text, sizeof(text),
			  "%u codecs and %u audio drivers are loaded", codecs,
			  drivers);
	if (!codecs || !drivers)
		h("plugins", false,
		  "no codec or no audio driver is loaded: see modules.path "
		  "and the log", arg);
	else
		h("plugins", true, text, arg);
}


static void check_sound(doctor_h *h, void *arg)
{
	char why[256], text[320];
	bool ok = true;
	unsigned i;

	for (i = 0; i < SOUND_PURPOSES; i++) {
		const enum sound_for what = (enum sound_for)i;

		if (!sound_check(what, why, sizeof(why)))
			continue;
		/* the same twice, if it rings where one talks */
		if (what == SOUND_RING &&
		    !strcmp(sound_device(what),
			    sound_device(SOUND_LOUDSPEAKER)))
			continue;

		ok = false;
		(void)re_snprintf(text, sizeof(text), "%s: \"%s\": %s",
				  sound_for_name(what), sound_device(what),
				  why);
		h("sound", false, text, arg);
	}

	if (ok)
		h("sound", true, "microphone and loudspeaker are there", arg);
}


static void check_codecs(const struct phone *ph, doctor_h *h, void *arg)
{
	char why[256], text[384];
	struct le *le;

	if (codecs_check(config_get(ph->config, "codecs"), why, sizeof(why)))
		h("codecs", false, why, arg);

	LIST_FOREACH(accounts_list(ph->accounts), le)
	{
		const struct account *acc = le->data;

		if (!codecs_check(account_conf(acc)->codecs, why,
				  sizeof(why)))
			continue;
		(void)re_snprintf(text, sizeof(text), "%s: %s",
				  account_address(acc), why);
		h("codecs", false, text, arg);
	}
}


static void check_store(const struct phone *ph, doctor_h *h, void *arg)
{
	h("store", ph->db != NULL,
	  ph->db ? "the call log and the messages are kept"
		 : "the database cannot be opened: see the log", arg);
}


static void check_accounts(const struct phone *ph, doctor_h *h, void *arg)
{
	char text[512];
	struct le *le;
	bool any = false;

	LIST_FOREACH(accounts_list(ph->accounts), le)
	{
		const struct account *acc = le->data;
		bool ok = account_state(acc) != ACCOUNT_FAILED;

		any = true;
		(void)re_snprintf(text, sizeof(text), "%s is %s%s%s",
				  account_address(acc),
				  account_state_name(acc),
				  *account_reason(acc) ? ": " : "",
				  account_reason(acc));
		h("account", ok, text, arg);
	}

	if (!any)
		h("account", false,
		  "there is none yet: offhook account add ADDRESS", arg);
}


void doctor_run(const struct phone *ph, doctor_h *h, void *arg)
{
	if (!ph || !h)
		return;

	check_config(ph, h, arg);
	check_files(ph, h, arg);
	check_plugins(h, arg);
	check_codecs(ph, h, arg);
	check_sound(h, arg);
	check_store(ph, h, arg);
	check_accounts(ph, h, arg);
}
