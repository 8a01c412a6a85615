/**
 * @file rpc/audio.c  The methods audio.*
 */
#include "json.h"
#include "params.h"
#include "phone/config.h"
#include "phone/events.h"
#include "phone/media/sound_test.h"
#include "phone/module/registry.h"
#include "phone/phone.h"

enum { VOLUME_MAX = 400 };

struct collect {
	json_t *list;
	const struct audio_driver *driver;
};


static void device_handler(const char *device, const char *text,
			   bool capture, bool playback, void *arg)
{
	struct collect *col = arg;

	(void)json_array_append_new(
		col->list,
		json_pack("{s:s, s:o, s:o, s:b, s:b}", "driver",
			  col->driver->name, "device", json_line(device),
			  "text", json_line(text), "capture", capture,
			  "playback", playback));
}


static void devices_method(struct phone *ph, struct rpc_request *req,
			   json_t *params)
{
	struct collect col = { json_array(), NULL };
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

	rpc_reply(req, col.list);
}


static void test_handler(float level, const char *text, void *arg)
{
	struct rpc_request *req = arg;
	bool heard = level > 0.2f && !*text;

	if (!*text)
		text = heard ? "Recorded and played: you should have heard "
			       "yourself" :
			       "Nothing was heard: is the microphone muted, "
			       "or another one chosen?";
	rpc_reply(req, json_pack("{s:b, s:f, s:o}", "heard", heard, "level",
				 (double)level, "text", json_line(text)));
	mem_deref(req);
}


static void test_method(struct phone *ph, struct rpc_request *req,
			json_t *params)
{
	enum { TEST_MS = 3000 };
	int err;
	(void)ph;
	(void)params;

	err = sound_test_start(TEST_MS, test_handler, mem_ref(req));
	if (!err)
		return;

	rpc_fail(req, RPC_FAILED, err == EALREADY ?
		 "A sound test is under way" : "The sound test cannot start");
	mem_deref(req);
}


/* Percent of one end, kept as a setting */
static int volume_set(struct phone *ph, const char *of, json_t *params,
		      json_int_t value, const char **why)
{
	const char *key = !str_cmp(of, "mic") ? "audio.mic" : "audio.volume";
	char text[16];
	int err;

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
	err = config_set(ph->config, key, text, why);
	if (!err) {
		phone_apply_audio(ph);
		event_publish_text(EVENT_CONFIG, key);
	}

	return err;
}


static void volume_method(struct phone *ph, struct rpc_request *req,
			  json_t *params)
{
	const json_t *value = json_object_get(params, "value");
	const char *of = param_str(params, "of"), *why = NULL;

	if (of && str_cmp(of, "mic") && str_cmp(of, "volume")) {
		rpc_fail(req, RPC_PARAMS, "of: must be volume or mic");
		return;
	}
	if (value && !json_is_integer(value)) {
		rpc_fail(req, RPC_PARAMS, "value: must be a number");
		return;
	}
	if (value && volume_set(ph, of ? of : "volume", params,
				json_integer_value(value), &why)) {
		rpc_fail(req, RPC_FAILED, why ? why :
			 "The volume cannot be set");
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
	{ "audio.devices", "", "[{driver, device, text, capture, playback}]",
	  "Drivers and their devices", devices_method },
	{ "audio.test", "", "{heard, level, text}",
	  "Record 3 seconds, play them, and tell how loud they were",
	  test_method },
	{ NULL, NULL, NULL, NULL, NULL },
};
