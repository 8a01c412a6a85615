/**
 * @file mask.c  A SIP message without its secrets
 *
 * Header lines go, unfolded, through the redaction of the log. A body is
 * shown only if its type is on a short list of signalling; there whole
 * values that are keys become stars, byte for byte. What is not understood
 * is masked: better one body too many than one secret.
 */
#include "mask.h"

#include <ctype.h>
#include <strings.h>

#include "common/log.h"
#include "trace.h"

static const char *const shown[] = {
	"application/sdp", "application/simple-message-summary",
	"application/dialog-info+xml", "application/pidf+xml",
	"application/reginfo+xml", "application/rlmi+xml",
	"application/resource-lists+xml", "application/trickle-ice-sdpfrag",
	"application/media_control+xml", "message/sipfrag"
};

/** A key in a line of SDP: what announces it, and what ends it */
static const struct key {
	const char *name;
	const char *end;
	bool anywhere;           /**< Else only at the line's beginning   */
} keys[] = {
	{ "inline:", " \t|;", true },
	{ "a=key-mgmt:", "", false },
	{ "a=ice-pwd:", "", false },
	{ "k=", "", false },
	{ "authorization:", "", true },   /* of a message in a message */
};


static const char *find(const char *p, size_t len, const char *name)
{
	size_t n = strlen(name), i;

	/* the names are in lower case */
	for (i = 0; i + n <= len; i++) {
		if ((p[i] | 0x20) == name[0] && !strncasecmp(p + i, name, n))
			return p + i;
	}

	return NULL;
}


static void stars(char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != '\r' && p[i] != '\n')
			p[i] = '*';
	}
}


static void mask_line(char *p, size_t len)
{
	size_t i;

	for (i = 0; i < RE_ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];
		size_t n = strlen(key->name), off = 0;

		while (off < len) {
			const char *at = find(p + off, key->anywhere ?
					      len - off : MIN(n, len),
					      key->name);
			size_t from, to;

			if (!at)
				break;
			from = to = (size_t)(at - p) + n;
			while (to < len && p[to] &&
			       !strchr(key->end, p[to]))
				++to;
			stars(p + from, to - from);
			off = key->anywhere ? to + 1 : len;
		}
	}
}


static bool is_shown(const char *head, size_t len)
{
	struct pl type, encoding;
	size_t i, n;

	if (!trace_header(&encoding, head, len, "Content-Encoding", 'e') ||
	    trace_header(&type, head, len, "Content-Type", 'c'))
		return false;

	for (n = 0; n < type.l && !strchr("; \t", type.p[n]); n++)
		;
	type.l = n;

	for (i = 0; i < RE_ARRAY_SIZE(shown); i++) {
		if (!pl_strcasecmp(&type, shown[i]))
			return true;
	}

	return false;
}


static void mask_body(char *p, size_t len, bool show)
{
	char *end = p + len;

	if (!show) {
		stars(p, len);
		return;
	}

	while (p < end) {
		char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);

		if (n && p[n - 1] == '\r')
			--n;
		mask_line(p, n);
		p = nl ? nl + 1 : end;
	}
}


/* Bytes of a header with the lines it is folded over, newline included */
static size_t header_len(const char *p, size_t len)
{
	size_t n = 0;

	do {
		const char *nl = memchr(p + n, '\n', len - n);

		n = nl ? (size_t)(nl + 1 - p) : len;
	}
	while (n < len && (p[n] == ' ' || p[n] == '\t'));

	return n;
}


/* A header that holds a secret comes out on one line */
static int write_header(struct mbuf *mb, const char *p, size_t len)
{
	char *line, *redacted = NULL;
	size_t i;
	int err;

	line = mem_alloc(len + 1, NULL);
	if (!line)
		return ENOMEM;

	for (i = 0; i < len; i++) {
		bool fold = p[i] == '\r' || p[i] == '\n' || !p[i];

		line[i] = fold ? ' ' : p[i];
	}
	line[len] = '\0';

	err = str_dup(&redacted, line);
	if (err)
		goto out;

	log_redact(redacted);
	if (!strcmp(line, redacted)) {
		err = mbuf_write_mem(mb, (const uint8_t *)p, len);
		goto out;
	}

	i = strlen(redacted);
	while (i && isspace((unsigned char)redacted[i - 1]))
		--i;
	err  = mbuf_write_mem(mb, (const uint8_t *)redacted, i);
	err |= mbuf_write_str(mb, "\r\n");

 out:
	mem_secclean(line, len);
	mem_deref(line);
	mem_deref(redacted);

	return err;
}


int mask_message(struct mbuf *mb, const char *buf, size_t len)
{
	size_t pos = 0, body;
	int err = 0;

	if (!mb || !buf)
		return EINVAL;

	while (pos < len && !err) {
		size_t n = header_len(buf + pos, len - pos);
		bool empty = buf[pos] == '\n' ||
			(buf[pos] == '\r' && pos + 1 < len &&
			 buf[pos + 1] == '\n');

		if (empty) {
			n = buf[pos] == '\n' ? 1 : 2;
			err = mbuf_write_mem(mb, (const uint8_t *)buf + pos,
					     n);
			pos += n;
			break;
		}
		err = write_header(mb, buf + pos, n);
		pos += n;
	}
	if (err || pos == len)
		return err;

	body = mb->end;
	err = mbuf_write_mem(mb, (const uint8_t *)buf + pos, len - pos);
	if (!err)
		mask_body((char *)mb->buf + body, len - pos,
			  is_shown(buf, pos));

	return err;
}
