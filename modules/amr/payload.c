/**
 * @file payload.c  What is in an RTP packet of AMR (RFC 4867 4.3, 4.4)
 *
 * A mode request, a table of contents, then the speech of each entry. With
 * octet-align=1 every part begins at a byte, else all follow one another
 * bit by bit. One reader and one writer of bits serve both: aligned is
 * the same with padding.
 */
#include <errno.h>
#include <string.h>

#include "payload.h"

struct bits {
	uint8_t *w;
	const uint8_t *r;
	size_t pos, end;         /**< Bits                        */
};


int amr_bits(bool wide, uint8_t type)
{
	static const int16_t nb[16] = {
		95, 103, 118, 134, 148, 159, 204, 244, 39,
		-1, -1, -1, -1, -1, -1, 0
	};
	static const int16_t wb[16] = {
		132, 177, 253, 285, 317, 365, 397, 461, 477, 40,
		-1, -1, -1, -1, 0, 0
	};

	return type > 15 ? -1 : wide ? wb[type] : nb[type];
}


/* Up to 8 bits; the caller made sure that they are there */
static uint8_t take(struct bits *b, unsigned n)
{
	unsigned v = 0;

	while (n--) {
		v = v << 1 | (b->r[b->pos / 8] >> (7 - b->pos % 8) & 1);
		++b->pos;
	}

	return (uint8_t)v;
}


static void give(struct bits *b, uint8_t v, unsigned n)
{
	while (n--) {
		const uint8_t bit = (uint8_t)(1 << (7 - b->pos % 8));

		if (v >> n & 1)
			b->w[b->pos / 8] |= bit;
		++b->pos;
	}
}


static void align_to_byte(struct bits *b)
{
	b->pos = (b->pos + 7) / 8 * 8;
}


static bool left(const struct bits *b, size_t n)
{
	return b->end - b->pos >= n;
}


static int read_contents(struct amr_payload *pl, struct bits *b, bool wide,
			 bool align)
{
	bool more = true;

	while (more) {
		struct amr_frame *f = &pl->framev[pl->n];

		if (pl->n >= AMR_FRAMES || !left(b, align ? 8 : 6))
			return EBADMSG;

		more = take(b, 1);
		f->type = take(b, 4);
		f->good = take(b, 1);
		if (align)
			(void)take(b, 2);
		if (amr_bits(wide, f->type) < 0)
			return EBADMSG;
		++pl->n;
	}

	return 0;
}


static int read_speech(struct amr_frame *f, struct bits *b, bool wide,
		       bool align)
{
	unsigned n = (unsigned)amr_bits(wide, f->type);
	uint8_t *p = f->buf;

	*p++ = (uint8_t)(f->type << 3 | (f->good ? 4 : 0));
	if (!left(b, n))
		return EBADMSG;

	for (; n >= 8; n -= 8)
		*p++ = take(b, 8);
	if (n)
		*p = (uint8_t)(take(b, n) << (8 - n));
	if (align)
		align_to_byte(b);

	return 0;
}


int amr_read(struct amr_payload *pl, bool wide, bool align,
	     const uint8_t *buf, size_t len)
{
	struct bits b = { .r = buf, .end = len * 8 };
	size_t i;
	int err;

	if (!pl || !buf || len < 2)
		return EBADMSG;

	memset(pl, 0, sizeof(*pl));
	pl->cmr = take(&b, 4);
	if (align)
		align_to_byte(&b);

	err = read_contents(pl, &b, wide, align);
	for (i = 0; i < pl->n && !err; i++)
		err = read_speech(&pl->framev[i], &b, wide, align);

	return err;
}


/* Bits of the whole packet */
static size_t total(const struct amr_payload *pl, bool wide, bool align)
{
	size_t i, n = align ? 8 : 4;

	for (i = 0; i < pl->n; i++) {
		const int bits = amr_bits(wide, pl->framev[i].type);

		if (bits < 0)
			return 0;
		n += align ? 8 + (size_t)(bits + 7) / 8 * 8 :
			6 + (size_t)bits;
	}

	return n;
}


static void write_speech(const struct amr_frame *f, struct bits *b,
			 bool wide, bool align)
{
	unsigned n = (unsigned)amr_bits(wide, f->type);
	const uint8_t *p = f->buf + 1;

	for (; n >= 8; n -= 8)
		give(b, *p++, 8);
	if (n)
		give(b, (uint8_t)(*p >> (8 - n)), n);
	if (align)
		align_to_byte(b);
}


int amr_write(const struct amr_payload *pl, bool wide, bool align,
	      uint8_t *buf, size_t *lenp)
{
	struct bits b = { .w = buf };
	size_t i, n;

	if (!pl || !buf || !lenp || !pl->n || pl->n > AMR_FRAMES)
		return EINVAL;

	n = total(pl, wide, align);
	if (!n)
		return EINVAL;
	if ((n + 7) / 8 > *lenp)
		return ENOMEM;

	*lenp = (n + 7) / 8;
	memset(buf, 0, *lenp);
	give(&b, pl->cmr, 4);
	if (align)
		align_to_byte(&b);

	for (i = 0; i < pl->n; i++) {
		const struct amr_frame *f = &pl->framev[i];

		give(&b, i + 1 < pl->n, 1);
		give(&b, f->type, 4);
		give(&b, f->good, 1);
		if (align)
			align_to_byte(&b);
	}
	for (i = 0; i < pl->n; i++)
		write_speech(&pl->framev[i], &b, wide, align);

	return 0;
}
