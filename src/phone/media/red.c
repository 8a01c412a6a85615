/**
 * @file red.c  Redundant audio data (RFC 2198)
 *
 * Each packet carries the payloads of one or two packets before it again.
 * A header of four octets stands for each older one (marker bit, payload
 * type, how much earlier, how long), one octet for the newest, then come
 * the payloads in the same order.
 */
#include "red.h"

#include <errno.h>
#include <string.h>

enum {
	OFFSET_MAX = (1 << 14) - 1,
	LENGTH_MAX = (1 << 10) - 1
};


int red_decode(struct red_block *blockv, size_t *blockc, const uint8_t *buf,
	       size_t len)
{
	size_t pos = 0, n = 0, need = 0, i;

	while (pos < len && (buf[pos] & 0x80)) {
		if (n == RED_BLOCKS - 1 || len - pos < 4)
			return EBADMSG;

		blockv[n].pt = buf[pos] & 0x7f;
		blockv[n].offset = (uint32_t)buf[pos + 1] << 6 |
			buf[pos + 2] >> 2;
		blockv[n].len = (size_t)(buf[pos + 2] & 3) << 8 |
			buf[pos + 3];
		need += blockv[n].len;
		++n;
		pos += 4;
	}
	if (pos == len)
		return EBADMSG;

	blockv[n].pt = buf[pos++] & 0x7f;
	blockv[n].offset = 0;
	if (need > len - pos)
		return EBADMSG;
	blockv[n].len = len - pos - need;
	++n;

	for (i = 0; i < n; i++) {
		blockv[i].buf = buf + pos;
		pos += blockv[i].len;
	}
	*blockc = n;

	return 0;
}


void red_note(struct red_tx *red, uint8_t pt, uint32_t ts, const uint8_t *pay,
	      size_t len)
{
	red->pos = (red->pos + 1) % RED_DEPTH;
	red->v[red->pos].pt = pt;
	red->v[red->pos].ts = ts;
	red->v[red->pos].len = len <= RED_PAYLOAD ? len : 0;
	if (red->v[red->pos].len)
		memcpy(red->v[red->pos].buf, pay, len);
}


void red_reset(struct red_tx *red)
{
	size_t i;

	for (i = 0; i < RED_DEPTH; i++)
		red->v[i].len = 0;
}


/* The older one that is back places before the newest; NULL: not fit */
static int older(const struct red_tx *red, unsigned back, uint32_t ts,
		 size_t room)
{
	const unsigned i = (red->pos + RED_DEPTH + 1 - back) % RED_DEPTH;
	const uint32_t offset = ts - red->v[i].ts;

	if (!red->v[i].len || red->v[i].len > LENGTH_MAX || !offset ||
	    offset > OFFSET_MAX || red->v[i].len + 4 > room)
		return -1;

	return (int)i;
}


size_t red_encode(struct red_tx *red, unsigned depth, uint8_t pt, uint32_t ts,
		  const uint8_t *pay, size_t len, uint8_t *buf, size_t room)
{
	int pick[RED_DEPTH];
	size_t n = 0, pos = 0, left, i;
	unsigned back;

	if (room < len + 1)
		return 0;
	left = room - len - 1;

	for (back = depth < RED_DEPTH ? depth : RED_DEPTH; back; back--) {
		const int k = older(red, back, ts, left);

		if (k < 0)
			continue;
		left -= red->v[k].len + 4;
		pick[n++] = k;
	}

	for (i = 0; i < n; i++) {
		const uint32_t offset = ts - red->v[pick[i]].ts;
		const size_t l = red->v[pick[i]].len;

		buf[pos++] = 0x80 | red->v[pick[i]].pt;
		buf[pos++] = (uint8_t)(offset >> 6);
		buf[pos++] = (uint8_t)((offset & 0x3f) << 2 | l >> 8);
		buf[pos++] = (uint8_t)l;
	}
	buf[pos++] = pt & 0x7f;

	for (i = 0; i < n; i++) {
		memcpy(buf + pos, red->v[pick[i]].buf, red->v[pick[i]].len);
		pos += red->v[pick[i]].len;
	}
	memcpy(buf + pos, pay, len);
	red_note(red, pt, ts, pay, len);

	return pos + len;
}
