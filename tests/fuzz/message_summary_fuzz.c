/**
 * @file message_summary_fuzz.c  Any message-summary
 */
#include "fuzz.h"
#include "phone/sip/message_summary.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_summary ms;

	if (message_summary_decode(&ms, (const char *)data, len))
		return 0;

	PROMISE(ms.fresh <= SUMMARY_MAX && ms.old <= SUMMARY_MAX);
	PROMISE(ms.urgent <= ms.fresh && ms.urgent_old <= ms.old);
	PROMISE(!strpbrk(ms.account, "\r\n<>\" "));

	return 0;
}
