/**
 * @file rtcp_xr.c  Extended reports: VoIP metrics (RFC 3611 4.7)
 *
 * Bursts are told from gaps as in RFC 3611 A.2: sixteen packets in a row
 * that were all there end a burst. The reader goes through a compound by
 * its lengths and believes none of them further than the datagram goes.
 */
#include "rtcp_xr.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
	GMIN        = 16,
	BT_VOIP     = 7,
	VOIP_WORDS  = 8,
	VOIP_BYTES  = 4 + 4 * VOIP_WORDS,
	PLC_BETTER  = 3,         /**< RX config: enhanced concealment ...  */
	JBA_ADAPT   = 3,         /**< ... and an adaptive buffer           */
	JB_RATE     = 5
};


void xr_note(struct xr_burst *b, enum xr_fate fate)
{
	++b->all;

	if (fate == XR_PLAYED) {
		++b->since;
		return;
	}

	if (fate == XR_LOST)
		++b->lost;
	else
		++b->discarded;

	if (b->since >= GMIN || b->all == 1) {
		if (b->run == 1)
			++b->c14;
		else
			++b->c13;
		b->run = 1;
		b->c11 += b->since;
	}
	else {
		++b->run;
		if (!b->since) {
			++b->c33;
		}
		else {
			++b->c23;
			b->c22 += b->since - 1;
		}
	}
	b->since = 0;
}


float xr_burst_ratio(const struct xr_burst *b)
{
	const uint32_t lost = b->lost + b->discarded;
	const uint32_t runs = lost > b->c33 ? lost - b->c33 : 0;
	float ratio;

	if (!runs || !b->all)
		return 1;

	ratio = (float)lost / (float)runs *
		(1 - (float)lost / (float)b->all);

	return ratio < 1 ? 1 : ratio > 8 ? 8 : ratio;
}


void xr_voip_burst(struct xr_voip *v, const struct xr_burst *b,
		   uint32_t ptime)
{
	const float all = b->all ? (float)b->all : 1;
	const float c31 = (float)b->c13, c32 = (float)b->c23;
	const float total = (float)b->c11 + (float)b->c14 +
		2 * (float)b->c13 + (float)b->c22 + 2 * (float)b->c23 +
		(float)b->c33;
	float p32 = 0, p23 = 1;

	v->loss = (float)b->lost / all;
	v->discard = (float)b->discarded / all;

	if (c31 + c32 + (float)b->c33 > 0)
		p32 = c32 / (c31 + c32 + (float)b->c33);
	if (b->c22 + b->c23)
		p23 = 1 - (float)b->c22 / (float)(b->c22 + b->c23);

	v->burst_density = b->lost + b->discarded && p23 + p32 > 0 ?
		p23 / (p23 + p32) : 0;
	v->gap_density = b->c11 + b->c14 ?
		(float)b->c14 / (float)(b->c11 + b->c14) : 0;
	if (b->c13) {
		const float m = (float)ptime / (float)b->c13;

		v->gap_ms = (uint32_t)((float)(b->c11 + b->c14 + b->c13) * m);
		v->burst_ms = (uint32_t)(total * m);
		v->burst_ms -= v->gap_ms < v->burst_ms ? v->gap_ms :
			v->burst_ms;
	}
	else {
		v->gap_ms = b->all * ptime;
	}
}


static uint8_t share(float x)
{
	return x <= 0 ? 0 : x >= 1 ? 255 : (uint8_t)(x * 256);
}


static uint8_t mos10(float mos)
{
	return mos < 1 ? XR_UNKNOWN : (uint8_t)lroundf(mos * 10);
}


static uint16_t cap16(uint32_t ms)
{
	return htons(ms > 65535 ? 65535 : (uint16_t)ms);
}


int xr_encode(struct mbuf *mb, uint32_t our_ssrc, const struct xr_voip *v)
{
	int err;

	err  = mbuf_write_u8(mb, RTCP_VERSION << 6);
	err |= mbuf_write_u8(mb, XR_PT);
	err |= mbuf_write_u16(mb, htons(1 + 1 + VOIP_WORDS));
	err |= mbuf_write_u32(mb, htonl(our_ssrc));

	err |= mbuf_write_u8(mb, BT_VOIP);
	err |= mbuf_write_u8(mb, 0);
	err |= mbuf_write_u16(mb, htons(VOIP_WORDS));
	err |= mbuf_write_u32(mb, htonl(v->ssrc));
	err |= mbuf_write_u8(mb, share(v->loss));
	err |= mbuf_write_u8(mb, share(v->discard));
	err |= mbuf_write_u8(mb, share(v->burst_density));
	err |= mbuf_write_u8(mb, share(v->gap_density));
	err |= mbuf_write_u16(mb, cap16(v->burst_ms));
	err |= mbuf_write_u16(mb, cap16(v->gap_ms));
	err |= mbuf_write_u16(mb, cap16(v->rtt_ms));
	err |= mbuf_write_u16(mb, cap16(v->end_ms));

	/* signal, noise and echo return loss: not measured */
	err |= mbuf_write_u8(mb, XR_UNKNOWN);
	err |= mbuf_write_u8(mb, XR_UNKNOWN);
	err |= mbuf_write_u8(mb, XR_UNKNOWN);
	err |= mbuf_write_u8(mb, GMIN);
	err |= mbuf_write_u8(mb, v->r);
	err |= mbuf_write_u8(mb, XR_UNKNOWN);
	err |= mbuf_write_u8(mb, mos10(v->mos_lq));
	err |= mbuf_write_u8(mb, mos10(v->mos_cq));
	err |= mbuf_write_u8(mb, PLC_BETTER << 6 | JBA_ADAPT << 4 | JB_RATE);
	err |= mbuf_write_u8(mb, 0);
	err |= mbuf_write_u16(mb, cap16(v->jb_ms));
	err |= mbuf_write_u16(mb, cap16(v->jb_max_ms));
	err |= mbuf_write_u16(mb, cap16(v->jb_abs_ms));

	return err;
}


static uint16_t u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}


static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}


static float mos_of(uint8_t octet)
{
	return octet >= 10 && octet <= 50 ? (float)octet / 10 : 0;
}


static void read_voip(struct xr_voip *v, const uint8_t *p)
{
	memset(v, 0, sizeof(*v));
	v->ssrc = u32(p + 4);
	v->loss = (float)p[8] / 256;
	v->discard = (float)p[9] / 256;
	v->burst_density = (float)p[10] / 256;
	v->gap_density = (float)p[11] / 256;
	v->burst_ms = u16(p + 12);
	v->gap_ms = u16(p + 14);
	v->rtt_ms = u16(p + 16);
	v->end_ms = u16(p + 18);
	v->r = p[24] <= 100 ? p[24] : XR_UNKNOWN;
	v->mos_lq = mos_of(p[26]);
	v->mos_cq = mos_of(p[27]);
	v->jb_ms = u16(p + 30);
	v->jb_max_ms = u16(p + 32);
	v->jb_abs_ms = u16(p + 34);
}


/* The blocks of one XR packet, after its SSRC */
static int read_blocks(struct xr_voip *v, const uint8_t *p, size_t len,
		       uint32_t ssrc)
{
	while (len >= 4) {
		const size_t size = 4 + 4 * (size_t)u16(p + 2);

		if (size > len)
			return EBADMSG;
		if (p[0] == BT_VOIP && size == VOIP_BYTES &&
		    u32(p + 4) == ssrc) {
			read_voip(v, p);
			return 0;
		}
		p += size;
		len -= size;
	}

	return ENOENT;
}


int xr_decode(struct xr_voip *v, const struct mbuf *mb, uint32_t ssrc)
{
	const uint8_t *p;
	size_t len;
	int err;

	if (!v || !mb)
		return EINVAL;

	p = mbuf_buf(mb);
	len = mbuf_get_left(mb);

	while (len >= 4) {
		const size_t size = 4 + 4 * (size_t)u16(p + 2);

		if (p[0] >> 6 != RTCP_VERSION || size > len)
			return EBADMSG;
		if (p[1] == XR_PT && size >= 8) {
			err = read_blocks(v, p + 8, size - 8, ssrc);
			if (err != ENOENT)
				return err;
		}
		p += size;
		len -= size;
	}

	return ENOENT;
}
