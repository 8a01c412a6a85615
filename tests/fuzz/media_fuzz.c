/**
 * @file media_fuzz.c  Redundant payloads, comfort noise, extended reports
 */
#include "common/re_compat.h"

#include "phone/media/cn.h"
#include "phone/media/red.h"
#include "phone/media/rtcp_xr.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct red_block b[RED_BLOCKS];
	struct cn cn = { .seed = 1 };
	struct xr_voip v;
	struct mbuf mb = { 0 };
	int16_t pcm[160];
	uint8_t *p = malloc(len ? len : 1);
	size_t n = 0, i;

	/* at the end of its own block, so that reading on is seen */
	PROMISE(p);
	memcpy(p, data, len);

	if (!red_decode(b, &n, p, len)) {
		PROMISE(n >= 1 && n <= RED_BLOCKS);
		for (i = 0; i < n; i++)
			PROMISE(b[i].buf >= p &&
				b[i].buf + b[i].len <= p + len);
	}

	cn_decode(&cn, p, len);
	cn_fill(&cn, pcm, 160);

	mb.buf = p;
	mb.size = mb.end = len;
	if (!xr_decode(&v, &mb, len > 8 ? p[8] : 0))
		PROMISE(v.mos_cq <= 5 && v.r <= 127);
	PROMISE(mb.pos == 0 && mb.end == len);
	free(p);

	return 0;
}
