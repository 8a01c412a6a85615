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


/* "microphone, ring": what a device is chosen for */
static void chosen(const json_t *d, char *buf, size_t size)
{
	json_t *list = json_object_get(d, "for"), *o;
	size_t i, n = 0;

	buf[0] = '\0';
	json_array_foreach(list, i, o) {
		const char *name = json_string_value(o);
		int k = snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
				 !strcmp(name, "ring") ? _("ring") :
				 i18n_text(name));

		if (k < 0 || (size_t)k >= size - n)
			return;
		n += (size_t)k;
	}
}


static int show_devices(struct cmd *cmd, json_t *list)
{
	char use[128], said[512];
	json_t *d;
	size_t i;

	json_array_foreach(list, i, d) {
		const char *problem = obj_str(d, "problem");
		const char *text = obj_str(d, "text");
		bool in = obj_bool(d, "capture");
		bool out = obj_bool(d, "playback");

		chosen(d, use, sizeof(use));
		cmd_print(cmd, "%c %s,%s  %s%s%s", *use ? '*' : ' ',
			  obj_str(d, "driver"), obj_str(d, "device"),
			  in ? _("microphone") : "", in && out ? "+" : "",
			  out ? _("loudspeaker") : "");

		/* On a screen a name to be copied has a row of its own */
		cmd_print(cmd, "%s%s%s%s%s%s%s\n", cmd->console &&
			  (*text || *use || *problem) ? "\n    " : "  ",
			  text, *use ? "  [" : "", use, *use ? "]" : "",
			  *problem ? "  " : "",
			  i18n_phone(problem, said, sizeof(said)));
	}

	return CMD_OK;
}


static int show_choice(struct cmd *cmd, json_t *result)
{
	char said[512];

	if (obj_bool(result, "ok"))
		return CMD_OK;

	return cmd_fail(cmd, "it is set, but cannot be used now: %s",
			i18n_phone(obj_str(result, "problem"), said,
				   sizeof(said)));
}


/* [microphone|loudspeaker|ring DEVICE] */
static int cmd_devices(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || (argc != 1 && argc != 3))
		return CMD_USAGE;
	if (argc == 1)
		return cmd_rpc(cmd, "audio.devices", NULL, show_devices);

	return cmd_rpc(cmd, "audio.choose", json_pack("{s:s, s:s}", "of",
						      argv[1], "device",
						      argv[2]), show_choice);
}


static int show_test(struct cmd *cmd, json_t *result)
{
	char said[512];

	cmd_print(cmd, "%s\n", i18n_phone(obj_str(result, "text"), said,
					  sizeof(said)));

	return obj_bool(result, "heard") ? CMD_OK : CMD_FAILED;
}


/* test [microphone|loudspeaker|ring] */
static int cmd_audio(struct cmd *cmd, int argc, char *argv[])
{
	const char *of;

	if (cmd_options(cmd, &argc, argv, NULL) || argc < 2 || argc > 3 ||
	    strcmp(argv[1], "test"))
		return CMD_USAGE;

	of = argc > 2 ? argv[2] : NULL;
	if (!cmd->json && (!of || !strcmp(of, "microphone")))
		cmd_print(cmd, of ? N_("say something\n") :
			  N_("say something, then listen\n"));

	return cmd_rpc(cmd, "audio.test", of ? json_pack("{s:s}", "of", of) :
		       NULL, show_test);
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
	{ "devices", "[microphone|loudspeaker|ring DEVICE]",
	  N_("list the sound devices, or choose one"), cmd_devices, CMD_BOTH,
	  0, COMPLETE_NONE },
	{ "audio", "test [microphone|loudspeaker|ring]",
	  N_("record a little, then play it; or try one device"), cmd_audio,
	  CMD_BOTH, 0, COMPLETE_NONE },
	{ "volume", "[+|-|N|+N|-N]", N_("volume of the loudspeaker, percent"),
	  cmd_volume, CMD_BOTH, 0, COMPLETE_NONE },
	{ "mic", "[+|-|N|+N|-N]", N_("volume of the microphone, percent"),
	  cmd_mic, CMD_BOTH, 0, COMPLETE_NONE },
	{ "record", "[CALL] [on|off]", N_("record the call, or no more"),
	  cmd_record, CMD_BOTH, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
