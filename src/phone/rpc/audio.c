/**
 * @file rpc/audio.c  The methods audio.*
 */
#include "json.h"
#include "params.h"
#include "phone/config.h"
#include "phone/media/check.h"
#include "phone/media/sound_test.h"
#include "phone/module/registry.h"
#include "phone/phone.h"

enum { VOLUME_MAX = 400 };

struct collect {
	json_t *list;
	const struct audio_driver *driver;
	bool found[SOUND_PURPOSES];
};


/* Is this device the one of a setting? "pulse," is the default one */
static bool is_device(const char *setting, const char *driver,
		      const char *device)
{
	const size_t n = strlen(driver);

	if (strncmp(setting, driver, n) || (setting[n] && setting[n] != ','))
		return false;

	setting += n + (setting[n] ? 1 : 0);
	if (!*setting)
		return !*device || !strcmp(device, "default");

	return !strcmp(setting, device);
}


/* What it is set for, and what is wrong with that */
static void purposes(struct collect *col, json_t *row, const char *driver,
		     const char *device)
{
	json_t *names = json_array();
	char why[256] = "";
	unsigned i;

	for (i = 0; i < SOUND_PURPOSES; i++) {
		const enum sound_for what = (enum sound_for)i;

		if (!is_device(sound_device(what), driver, device))
			continue;
		col->found[i] = true;
		(void)json_array_append_new(
			names, json_string(sound_for_name(what)));
		if (!why[0])
			(void)sound_check(what, why, sizeof(why));
	}
	(void)json_object_set_new(row, "for", names);
	(void)json_object_set_new(row, "problem", json_line(why));
}


static void device_handler(const char *device, const char *text,
			   bool capture, bool playback, void *arg)
{
	struct collect *col = arg;
	json_t *row = json_pack("{s:s, s:o, s:o, s:b, s:b}", "driver",
				col->driver->name, "device",
				json_line(device), "text", json_line(text),
				"capture", capture, "playback", playback);

	purposes(col, row, col->driver->name, device);
	(void)json_array_append_new(col->list, row);
}


/* What is set but in nobody's list: a file, or what is not there */
static void unlisted(struct collect *col)
{
	unsigned i;

	for (i = 0; i < SOUND_PURPOSES; i++) {
		const char *set = sound_device((enum sound_for)i);
		const size_t n = strcspn(set, ",");
		char driver[64];
		json_t *row;

		if (col->found[i] || n >= sizeof(driver))
			continue;
		memcpy(driver, set, n);
		driver[n] = '\0';
		set += n + (set[n] ? 1 : 0);
		row = json_pack("{s:o, s:o, s:s, s:b, s:b}", "driver",
				json_line(driver), "device", json_line(set),
				"text", "", "capture", i == SOUND_MICROPHONE,
				"playback", i != SOUND_MICROPHONE);
		purposes(col, row, driver, set);
		(void)json_array_append_new(col->list, row);
	}
}


static void devices_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	struct collect col = { json_array(), NULL, { false } };
	struct le *le;
	(void)ph;
	(void)params;

	LIST_FOREACH(audio_driver_list(), le)
	{
		col.driver = le->data;
		if (col.driver->devices)
			(void)col.driver->devices(device_handler, &col);
		else
			device_handler("", "", col.driver->source,
				       col.driver->sink, &col);
	}
	unlisted(&col);

	rpc_reply(req, col.list);
}


/* SOUND_NONE if it does not say; false after an error was told */
static bool param_purpose(struct rpc_request *req, json_t *params,
			  enum sound_for *whatp)
{
	const char *of = param_str(params, "of");

	*whatp = sound_for_find(of);
	if (!of || *whatp != SOUND_NONE)
		return true;

	rpc_fail(req, RPC_PARAMS,
		 "of: must be microphone, loudspeaker or ring");

	return false;
}


static void choose_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	const char *device = param_str(params, "device");
	char why[320], text[400];
	enum sound_for what;
	int err;

	if (!param_purpose(req, params, &what))
		return;
	if (what == SOUND_NONE || !device) {
		(void)param_missing(req, device ? "of" : "device");
		return;
	}

	if (phone_set(ph, sound_for_key(what), device, why, sizeof(why))) {
		(void)re_snprintf(text, sizeof(text), "\"%s\": %s", device,
				  why);
		rpc_fail(req, RPC_FAILED, text);
		return;
	}

	err = sound_check(what, why, sizeof(why));
	rpc_reply(req, json_pack("{s:s, s:o, s:b, s:o}", "of",
				 sound_for_name(what), "device",
				 json_line(sound_device(what)), "ok", !err,
				 "problem", json_line(why)));
}


/** A test under way */
struct trial {
	struct rpc_request *req;
	enum sound_for what;
};


static void trial_destructor(void *arg)
{
	struct trial *t = arg;

	mem_deref(t->req);
}


static const char *verdict(enum sound_for what, bool heard)
{
	if (what == SOUND_LOUDSPEAKER)
		return "A tone was played: you should have heard it";
	if (what == SOUND_RING)
		return "It rang: you should have heard it";
	if (!heard)
		return "Nothing was heard: is the microphone muted, or "
			"another one chosen?";

	return what == SOUND_MICROPHONE ? "The microphone heard something" :
		"Recorded and played: you should have heard yourself";
}


static void test_handler(float level, const char *text, void *arg)
{
	struct trial *t = arg;
	const bool heard = level > 0.2f && !*text;

	rpc_reply(t->req, json_pack("{s:b, s:f, s:o}", "heard", heard,
				    "level", (double)level, "text",
				    json_line(*text ? text :
					      verdict(t->what, heard))));
	mem_deref(t);
}


static void test_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	enum { TEST_MS = 3000 };
	enum sound_for what;
	struct trial *t;
	int err;
	(void)ph;

	if (!param_purpose(req, params, &what))
		return;

	t = mem_zalloc(sizeof(*t), trial_destructor);
	if (!t) {
		rpc_fail(req, RPC_FAILED, "Out of memory");
		return;
	}
	t->req = mem_ref(req);
	t->what = what;
	err = sound_test_start(TEST_MS, what, test_handler, t);
	if (!err)
		return;

	rpc_fail(req, RPC_FAILED, err == EALREADY ?
		 "A sound test is under way" : err == ENOTSUP ?
		 "Nothing rings there: it is no sound card" :
		 "The sound test cannot start");
	mem_deref(t);
}


/* Percent of one end, kept as a setting */
static int volume_set(struct phone *ph, const char *of, json_t *params,
		      json_int_t value, char *why, size_t size)
{
	const char *key = !str_cmp(of, "mic") ? "audio.mic" : "audio.volume";
	char text[16];

	if (value < -VOLUME_MAX)
		value = -VOLUME_MAX;
	if (value > VOLUME_MAX)
		value = VOLUME_MAX;
	if (param_bool(params, "add", false))
		value += (json_int_t)config_u32(ph->config, key);
	if (value < 0)
		value = 0;
	if (value > VOLUME_MAX)
		value = VOLUME_MAX;

	(void)re_snprintf(text, sizeof(text), "%d", (int)value);

	return phone_set(ph, key, text, why, size);
}


static void volume_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	const json_t *value = json_object_get(params, "value");
	const char *of = param_str(params, "of");
	char why[256];

	if (of && str_cmp(of, "mic") && str_cmp(of, "volume")) {
		rpc_fail(req, RPC_PARAMS, "of: must be volume or mic");
		return;
	}
	if (value && !json_is_integer(value)) {
		rpc_fail(req, RPC_PARAMS, "value: must be a number");
		return;
	}
	if (value && volume_set(ph, of ? of : "volume", params,
				json_integer_value(value), why,
				sizeof(why))) {
		rpc_fail(req, RPC_FAILED, why);
		return;
	}

	rpc_reply(req, json_pack("{s:i, s:i}", "volume",
				 (int)config_u32(ph->config, "audio.volume"),
				 "mic",
				 (int)config_u32(ph->config, "audio.mic")));
}


const struct rpc_method rpc_audio_methods[] = {
	{ "audio.volume", "of?, value?, add?", "{volume, mic}",
	  "Volume of the loudspeaker, or of the microphone (of: "
	  "mic), in percent; with add so much more or less", volume_method },
	{ "audio.choose", "of, device", "{of, device, ok, problem}",
	  "Use a device as microphone, loudspeaker or ring from now on; "
	  "ring may be \"\": the loudspeaker", choose_method },
	{ "audio.devices", "", "[{driver, device, text, capture, playback, "
	  "for: [of], problem}]",
	  "Drivers and their devices; for: what they are chosen for, and "
	  "what is wrong with that", devices_method },
	{ "audio.test", "of?", "{heard, level, text}",
	  "Record 3 seconds, play them, and tell how loud they were; or "
	  "only of microphone, loudspeaker or ring", test_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
