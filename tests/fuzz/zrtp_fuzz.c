/**
 * @file zrtp_fuzz.c  Any packet, before and as libbzrtp gets it
 */
#include "../../modules/zrtp/packet.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct zrtp_packet pkt;
	uint8_t *p = malloc(len ? len : 1);
	size_t i;

	/* at the end of its own block, so that reading on is seen */
	PROMISE(p);
	memcpy(p, data, len);
	if (!zrtp_packet_read(&pkt, p, len)) {
		PROMISE(zrtp_packet_is(p, len));
		PROMISE(len >= 28 && len % 4 == 0);
		for (i = 0; pkt.client[i]; i++)
			PROMISE(pkt.client[i] >= 0x20 &&
				pkt.client[i] < 0x7f);
		PROMISE(i <= ZRTP_CLIENT);
	}
	free(p);

	return 0;
}
