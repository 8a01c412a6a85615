/**
 * @file dialog_info_fuzz.c  Any dialog-info, after a good one
 */
#include "fuzz.h"
#include "phone/sip/dialog_info.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char good[] =
		"<dialog-info version='0' state='full'><dialog id='a'>"
		"<state>confirmed</state></dialog></dialog-info>";
	struct dialog_info di, was;
	const struct dialog_entry *e;

	memset(&di, 0, sizeof(di));
	PROMISE(!dialog_info_decode(&di, good, strlen(good)));
	PROMISE(dialog_info_lamp(&di) == LAMP_BUSY);
	was = di;

	if (dialog_info_decode(&di, (const char *)data, len)) {
		PROMISE(!memcmp(&di, &was, sizeof(di)));
		return 0;
	}

	PROMISE(di.known && di.n <= DIALOG_INFO_MAX);
	PROMISE(dialog_info_lamp(&di) != LAMP_UNKNOWN);
	e = dialog_info_ringing(&di);
	/* what goes into a Replaces header ends neither it nor its line */
	if (e)
		PROMISE(!strpbrk(e->callid, "\r\n;\"<>") &&
			!strpbrk(e->local_tag, "\r\n;\"<>") &&
			!strpbrk(e->remote_tag, "\r\n;\"<>") &&
			!strpbrk(e->remote, "\r\n<>\" "));

	return 0;
}
