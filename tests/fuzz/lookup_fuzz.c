/**
 * @file lookup_fuzz.c  libFuzzer: any answer of a name server
 *
 * The first byte chooses what was asked for.
 */
#include "phone/sip/lookup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t typev[] = {
		DNS_TYPE_A, DNS_TYPE_AAAA, DNS_TYPE_SRV, DNS_TYPE_NAPTR,
	};
	const uint16_t type = typev[size ? data[0] & 3 : 0];
	enum lookup_fault fault = LOOKUP_OK;
	struct list rrl = LIST_INIT;
	struct mbuf *mb;
	bool cut = false;

	mb = mbuf_alloc(512 + size);
	if (!mb)
		return 0;

	/* our question, as an answer that goes on with their bytes */
	(void)lookup_encode(mb, 1, "sip.example", type);
	mb->buf[2] |= 0x80;
	if (size > 2) {
		mb->buf[3] = data[1];
		mb->buf[7] = data[2] & 15;
		(void)mbuf_write_mem(mb, data + 3, size - 3);
	}
	mb->pos = 0;
	if (!lookup_decode(&fault, &cut, &rrl, mb, 1, "sip.example", type) &&
	    fault == LOOKUP_OK && list_isempty(&rrl))
		__builtin_trap();

	lookup_flush(&rrl);
	mem_deref(mb);

	return 0;
}
