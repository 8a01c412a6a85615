/**
 * @file rpc/audio.c  The methods audio.*
 */
#include "json.h"
#include "params.h"
#include "phone/media/sound_test.h"
#include "phone/module/registry.h"
#include "phone/phone.h"

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
			device_handler("", "", col.driver->capture_open,
				       col.driver->playback_open, &col);
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


const struct rpc_method rpc_audio_methods[] = {
	{ "audio.devices", "", "Drivers and their devices", devices_method },
	{ "audio.test", "",
	  "Record 3 seconds, play them, and tell how loud they were",
	  test_method },
	{ NULL, NULL, NULL, NULL },
};
