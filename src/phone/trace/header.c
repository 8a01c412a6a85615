/**
 * @file trace/header.c  Values of headers in the bytes of a message
 *
 * Without a parser that could refuse the message: what is odd is what one
 * wants to see.
 */
#include "trace.h"

#include <strings.h>


static bool is_name(const char *p, const char *colon, const char *name,
		    char compact)
{
	size_t n = strlen(name);

	while (colon > p && (colon[-1] == ' ' || colon[-1] == '\t'))
		--colon;

	return ((size_t)(colon - p) == n && !strncasecmp(p, name, n)) ||
		(compact && colon - p == 1 && (*p | 0x20) == compact);
}


int trace_header(struct pl *val, const char *buf, size_t len,
		 const char *name, char compact)
{
	const char *p = buf, *end = buf + len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *colon;
		size_t n = (size_t)((nl ? nl : end) - p);

		if (n && p[n - 1] == '\r')
			--n;
		if (!n)
			break;

		colon = memchr(p, ':', n);
		if (colon && is_name(p, colon, name, compact)) {
			val->p = colon + 1;
			val->l = (size_t)(p + n - val->p);
			while (val->l && (*val->p == ' ' || *val->p == '\t'))
				pl_advance(val, 1);
			return 0;
		}
		if (!nl)
			break;
		p = nl + 1;
	}

	return ENOENT;
}
