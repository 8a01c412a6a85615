/**
 * @file prefilter_fuzz.c  libFuzzer: any datagram through the pre-filter
 *
 * What comes out must still be what libre may parse, and a second run must
 * change nothing.
 */
#include <string.h>

#include "phone/sip/prefilter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_msg *msg = NULL;
	struct mbuf *mb, *again = NULL;

	mb = mbuf_alloc(size ? size : 1);
	if (!mb)
		return 0;

	(void)mbuf_write_mem(mb, data, size);
	mb->pos = 0;
	if (!prefilter_run(mb))
		goto out;

	again = mbuf_alloc(mb->end + 1);
	if (!again)
		goto out;
	(void)mbuf_write_mem(again, mb->buf, mb->end);
	again->pos = 0;
	if (!prefilter_run(again))
		__builtin_trap();
	if (again->end < mb->end)
		__builtin_trap();

	if (!sip_msg_decode(&msg, mb))
		mem_deref(msg);

 out:
	mem_deref(again);
	mem_deref(mb);

	return 0;
}
