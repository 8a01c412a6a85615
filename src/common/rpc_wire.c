/**
 * @file rpc_wire.c  Lines out of a byte stream
 *
 * The reader keeps one growing buffer. Lines are handed out in place, the
 * newline overwritten by NUL; what was handed out is dropped at the next
 * feed. The search for a newline goes on where the last one stopped, so a
 * long line that comes in small pieces costs no second look.
 */
#include "rpc_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>


void rpc_reader_init(struct rpc_reader *rd, size_t max)
{
	memset(rd, 0, sizeof(*rd));
	rd->max = max;
}


void rpc_reader_close(struct rpc_reader *rd)
{
	free(rd->buf);
	memset(rd, 0, sizeof(*rd));
}


int rpc_reader_feed(struct rpc_reader *rd, const char *data, size_t len)
{
	if (!rd || (!data && len))
		return EINVAL;

	if (rd->pos) {
		memmove(rd->buf, rd->buf + rd->pos, rd->len - rd->pos);
		rd->len -= rd->pos;
		rd->scan -= rd->pos;
		rd->pos = 0;
	}

	if (rd->len + len + 1 > rd->size) {
		size_t size = rd->size ? rd->size : 4096;
		char *buf;

		while (size < rd->len + len + 1)
			size *= 2;

		buf = realloc(rd->buf, size);
		if (!buf)
			return ENOMEM;

		rd->buf = buf;
		rd->size = size;
	}

	if (len)
		memcpy(rd->buf + rd->len, data, len);
	rd->len += len;

	/* Only an unfinished line can be too long: look at the last one */
	if (rd->len > rd->max &&
	    !memchr(rd->buf + rd->scan, '\n', rd->len - rd->scan))
		return EMSGSIZE;

	return 0;
}


char *rpc_reader_line(struct rpc_reader *rd, size_t *lenp)
{
	char *line, *nl;

	if (!rd || rd->scan >= rd->len)
		return NULL;

	nl = memchr(rd->buf + rd->scan, '\n', rd->len - rd->scan);
	if (!nl) {
		rd->scan = rd->len;
		return NULL;
	}

	line = rd->buf + rd->pos;
	*nl = '\0';
	if (lenp)
		*lenp = (size_t)(nl - line);

	rd->pos = (size_t)(nl - rd->buf) + 1;
	rd->scan = rd->pos;

	return line;
}
