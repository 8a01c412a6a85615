/**
 * @file rpc/audio.c  The methods audio.*
 */
#include "json.h"
#include "params.h"
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


const struct rpc_method rpc_audio_methods[] = {
	{ "audio.devices", "", "Drivers and their devices", devices_method },
	{ NULL, NULL, NULL, NULL },
};
