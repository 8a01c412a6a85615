/**
 * @file text_utf8.c  Code points to bytes and back
 *
 * Whatever bytes come, decoding goes on: each step takes at least one byte
 * and gives U+FFFD for what is no UTF-8.
 */
#include "text.h"

#include <string.h>


/*
 * Decode one sequence; a bad one gives U+FFFD for its longest part that
 * could have been the beginning of a good one (Unicode 3.9, table 3-8)
 */
size_t text_decode(uint32_t *cp, const char *s, size_t len)
{
	uint8_t lead, lo = 0x80, hi = 0xbf;
	size_t n, i;
	uint32_t c;

	if (!len) {
		*cp = TEXT_REPLACEMENT;
		return 1;
	}

	lead = (uint8_t)s[0];
	if (lead < 0x80) {
		*cp = lead;
		return 1;
	}

	*cp = TEXT_REPLACEMENT;

	if (lead >= 0xc2 && lead <= 0xdf) {
		n = 2;
		c = lead & 0x1f;
	}
	else if ((lead & 0xf0) == 0xe0) {
		n = 3;
		c = lead & 0x0f;
		if (lead == 0xe0)
			lo = 0xa0;      /* overlong   */
		else if (lead == 0xed)
			hi = 0x9f;      /* surrogates */
	}
	else if (lead >= 0xf0 && lead <= 0xf4) {
		n = 4;
		c = lead & 0x07;
		if (lead == 0xf0)
			lo = 0x90;      /* overlong   */
		else if (lead == 0xf4)
			hi = 0x8f;      /* > U+10FFFF */
	}
	else
		return 1;

	for (i = 1; i < n; i++) {
		uint8_t b;

		if (i >= len)
			return i;
		b = (uint8_t)s[i];
		if (b < lo || b > hi)
			return i;
		c = c << 6 | (b & 0x3f);
		lo = 0x80;
		hi = 0xbf;
	}

	*cp = c;

	return n;
}


size_t text_encode(char *buf, uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = TEXT_REPLACEMENT;

	if (cp < 0x80) {
		buf[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		buf[0] = (char)(0xc0 | cp >> 6);
		buf[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		buf[0] = (char)(0xe0 | cp >> 12);
		buf[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		buf[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}

	buf[0] = (char)(0xf0 | cp >> 18);
	buf[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	buf[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	buf[3] = (char)(0x80 | (cp & 0x3f));

	return 4;
}


bool text_is_utf8(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		size_t n = text_decode(&cp, s + i, len - i);

		/* U+FFFD itself is three bytes and well-formed */
		if (cp == TEXT_REPLACEMENT &&
		    (n != 3 || memcmp(s + i, "\xef\xbf\xbd", 3)))
			return false;
		i += n;
	}

	return true;
}
