/**
 * @file inflate.c  Bodies that come compressed (Content-Encoding: deflate)
 *
 * Linphone compresses its receipts whether we said that we take it or not.
 * The result is bounded before it is made: a kilobyte can hold a megabyte.
 */
#include <string.h>
/* libre declares a crc32() of its own */
#define crc32 zlib_crc32
#include <zlib.h>
#undef crc32

#include "inflate.h"

enum { CHUNK = 4096 };

static int run(z_stream *z, struct mbuf *mb, size_t max)
{
	uint8_t out[CHUNK];
	size_t n;
	int r, err;

	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		r = inflate(z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END)
			return r == Z_MEM_ERROR ? ENOMEM : EBADMSG;

		n = sizeof(out) - z->avail_out;
		if (mb->end + n > max)
			return EMSGSIZE;
		err = mbuf_write_mem(mb, out, n);
		if (err)
			return err;
		/* all input read and nothing more comes: cut off */
		if (r == Z_OK && !n && !z->avail_in)
			return EBADMSG;
	} while (r != Z_STREAM_END);

	return 0;
}

int inflate_body(struct mbuf **mbp, const uint8_t *buf, size_t len,
		 size_t max)
{
	struct mbuf *mb;
	z_stream z;
	int err;

	if (!mbp || !buf || !len || len > UINT32_MAX)
		return EINVAL;

	mb = mbuf_alloc(CHUNK);
	if (!mb)
		return ENOMEM;

	memset(&z, 0, sizeof(z));
	z.next_in = (Bytef *)buf;
	z.avail_in = (uInt)len;
	if (inflateInit(&z) != Z_OK) {
		mem_deref(mb);
		return ENOMEM;
	}

	err = run(&z, mb, max);
	(void)inflateEnd(&z);

	mb->pos = 0;
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}
