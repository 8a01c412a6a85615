/**
 * @file call_record.c  Recording a call
 *
 * Names the file, in a folder that only its owner can read: when it was,
 * and with whom. What a peer calls itself never becomes a path: all but a
 * few characters are replaced.
 */
#include "call.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "call_priv.h"
#include "common/log.h"
#include "phone/config.h"

enum { PATH_ROOM = 1024, PEER_MAX = 64, NAMES = 100 };


/* "sip:bob@example.org:5060;transport=tls" is bob@example.org */
static void peer_clean(char *buf, size_t size, const char *uri)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@+-_.";
	const char *colon = strchr(uri, ':');
	size_t i, n;

	if (colon)
		uri = colon + 1;
	n = strcspn(uri, ":;?>");
	for (i = 0; i < n && i + 1 < size && i < PEER_MAX; i++)
		buf[i] = uri[i] && strchr(ok, uri[i]) ? uri[i] : '_';
	buf[i] = '\0';

	if (!i || buf[0] == '.')
		(void)re_snprintf(buf, size, "unknown");
}


/* The folder of the setting, else one beside the call log */
static int folder_make(char *buf, size_t size, const struct calls *cs)
{
	const char *set = config_get(cs->config, "record.folder");
	int n;

	n = *set ? re_snprintf(buf, size, "%s", set) :
		re_snprintf(buf, size, "%s/recordings", cs->dir);
	if (n < 0)
		return ENAMETOOLONG;

	if (mkdir(buf, 0700) < 0 && errno != EEXIST)
		return errno;

	return 0;
}


/* A name that no file has yet */
static int file_name(char *buf, size_t size, const struct call *call,
		     const char *format)
{
	char folder[PATH_ROOM], peer[PEER_MAX + 1], when[32];
	const time_t now = time(NULL);
	struct tm tm;
	unsigned i;
	int err;

	err = folder_make(folder, sizeof(folder), call->cs);
	if (err)
		return err;

	peer_clean(peer, sizeof(peer), call_peer_uri(call));
	if (!localtime_r(&now, &tm) ||
	    !strftime(when, sizeof(when), "%Y-%m-%d_%H-%M-%S", &tm))
		return EINVAL;

	for (i = 1; i < NAMES; i++) {
		int n = i == 1 ?
			re_snprintf(buf, size, "%s/%s_%s.%s", folder, when,
				    peer, format) :
			re_snprintf(buf, size, "%s/%s_%s-%u.%s", folder, when,
				    peer, i, format);

		if (n < 0)
			return ENAMETOOLONG;
		/* the one before may not be on the disk yet */
		if (access(buf, F_OK) < 0 &&
		    str_cmp(buf, call_record_file(call)))
			return 0;
	}

	return EEXIST;
}


static int record_start(struct call *call, const char **why)
{
	const char *format = config_get(call->cs->config, "record.format");
	char path[PATH_ROOM];
	int err;

	err = file_name(path, sizeof(path), call, format);
	if (err) {
		warning("call %u: recording: %m\n", call->id, err);
		*why = "The folder of recordings cannot be written to: see "
		       "record.folder";
		return err;
	}

	err = stream_record(call->stream, path, format);
	if (err) {
		*why = err == ENOTSUP ? "The plugin that writes sound files "
					"(sndfile) is missing" :
		       err == EPROTO ? "There is no sound to record yet" :
				       "The recording cannot begin";
		return err;
	}

	call->record_file = mem_deref(call->record_file);

	return str_dup(&call->record_file, path);
}


int call_record(struct call *call, bool on, const char **why)
{
	int err = 0;

	if (call->state == CALL_ENDED) {
		*why = "This call has ended";
		return ENOTCONN;
	}
	if (on == call_recording(call))
		return 0;

	if (on)
		err = record_start(call, why);
	else
		(void)stream_record(call->stream, NULL, NULL);

	if (!err) {
		info("call %u: recording %s\n", call->id, on ? "on" : "off");
		call_changed(call);
	}

	return err;
}


/* The disk is full, the folder is gone */
void call_record_failed(struct call *call, int err)
{
	(void)re_snprintf(call->notice, sizeof(call->notice),
			  "The recording ended: %m", err);
	warning("call %u: %s\n", call->id, call->notice);
	call_changed(call);
}


bool call_recording(const struct call *call)
{
	return call->state != CALL_ENDED && stream_recording(call->stream);
}


const char *call_record_file(const struct call *call)
{
	return call->record_file ? call->record_file : "";
}
