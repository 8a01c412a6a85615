/**
 * @file command_audio.c  Commands about sound: devices, volume, recordings
 *
 * Volume is a setting of the phone, so that it is the same in every console
 * and after the next start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"

enum { VOLUME_STEP = 10 };


static int show_devices(struct cmd *cmd, json_t *list)
{
	json_t *d;
	size_t i;

	json_array_foreach(list, i, d)
		cmd_print(cmd, "%s,%s  %s%s%s  %s\n", obj_str(d, "driver"),
			  obj_str(d, "device"),
			  obj_bool(d, "capture") ? _("microphone") : "",
			  obj_bool(d, "capture") && obj_bool(d, "playback") ?
			  "+" : "",
			  obj_bool(d, "playback") ? _("loudspeaker") : "",
			  obj_str(d, "text"));

	return CMD_OK;
}


static int cmd_devices(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "audio.devices", NULL, show_devices);
}


static int show_test(struct cmd *cmd, json_t *result)
{
	cmd_print(cmd, "%s\n", i18n_text(obj_str(result, "text")));

	return obj_bool(result, "heard") ? CMD_OK : CMD_FAILED;
}


static int cmd_audio(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 2 ||
	    strcmp(argv[1], "test"))
		return CMD_USAGE;

	if (!cmd->json)
		cmd_print(cmd, "say something, then listen\n");

	return cmd_rpc(cmd, "audio.test", NULL, show_test);
}


static int show_volume(struct cmd *cmd, json_t *result)
{
	cmd_print(cmd, "loudspeaker %lld %%, microphone %lld %%\n",
		  (long long)obj_int(result, "volume"),
		  (long long)obj_int(result, "mic"));

	return CMD_OK;
}


/* "+10", "-10" or "80" */
static int level(struct cmd *cmd, int argc, char *argv[], const char *key)
{
	json_t *params;
	json_int_t n;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 2)
		return CMD_USAGE;
	if (argc < 2)
		return cmd_rpc(cmd, "audio.volume", NULL, show_volume);

	if (!strcmp(argv[1], "+") || !strcmp(argv[1], "-"))
		n = argv[1][0] == '+' ? VOLUME_STEP : -VOLUME_STEP;
	else if (cmd_integer(argv[1] + (argv[1][0] == '+' ||
					argv[1][0] == '-'), &n))
		return CMD_USAGE;
	else if (argv[1][0] == '-')
		n = -n;

	params = argv[1][0] == '+' || argv[1][0] == '-' ?
		json_pack("{s:s, s:I, s:b}", "of", key, "value", n, "add",
			  1) :
		json_pack("{s:s, s:I}", "of", key, "value", n);

	return cmd_rpc(cmd, "audio.volume", params, show_volume);
}


static int cmd_volume(struct cmd *cmd, int argc, char *argv[])
{
	return level(cmd, argc, argv, "volume");
}


static int cmd_mic(struct cmd *cmd, int argc, char *argv[])
{
	return level(cmd, argc, argv, "mic");
}


static int show_record(struct cmd *cmd, json_t *call)
{
	cmd_print(cmd, obj_bool(call, "recording") ?
		  N_("recording to %s\n") : N_("recorded to %s\n"),
		  obj_str(call, "recording_file"));

	return CMD_OK;
}


/* [CALL] [on|off] */
static int cmd_record(struct cmd *cmd, int argc, char *argv[])
{
	const char *word;
	json_t *params;
	int on = -1;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 3)
		return CMD_USAGE;

	word = argv[argc - 1];
	if (argc > 1 && (!strcmp(word, "on") || !strcmp(word, "off"))) {
		on = !strcmp(word, "on");
		--argc;
	}
	if (argc > 2)
		return CMD_USAGE;

	params = cmd_call_params(cmd, argc, argv, CMD_CALL_SELECTED);
	if (!params)
		return CMD_FAILED;
	if (on >= 0)
		(void)json_object_set_new(params, "on", json_boolean(on));

	return cmd_rpc(cmd, "call.record", params, show_record);
}


const struct command command_audio_table[] = {
	{ "devices", "", N_("list the sound devices"), cmd_devices, CMD_BOTH,
	  0, COMPLETE_NONE },
	{ "audio", "test", N_("record a little, then play it"), cmd_audio,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "volume", "[+|-|N|+N|-N]", N_("volume of the loudspeaker, percent"),
	  cmd_volume, CMD_BOTH, 0, COMPLETE_NONE },
	{ "mic", "[+|-|N|+N|-N]", N_("volume of the microphone, percent"),
	  cmd_mic, CMD_BOTH, 0, COMPLETE_NONE },
	{ "record", "[CALL] [on|off]", N_("record the call, or no more"),
	  cmd_record, CMD_BOTH, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
