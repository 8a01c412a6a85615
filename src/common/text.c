/**
 * @file text.c  Text from outside: clean it, measure it, cut it
 *
 * One decoder (text_utf8.c) stands below everything, so that what the cleaner
 * has seen is what the width is counted of. The cleaner decides code point by
 * code point and only adds what is safe to print; a run of marks is bounded,
 * for terminals and eyes alike. Columns are the sum of wcwidth() over code
 * points, because curses counts so too; cuts happen at grapheme clusters.
 * Almost all text is ASCII: each function has a short way for it.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <utf8proc.h>


#define DOTTED_CIRCLE 0x25ccu

/* What text_clean() answers for a code point that is to go */
#define DROP UINT32_MAX

enum {
	TAB_SPACES = 4,
	MARKS_NAME = 4,     /* combining marks in a row, in a name       */
	MARKS_TEXT = 16,    /* marks and zero-width ones, anywhere else  */
};


static bool is_ascii_print(char c)
{
	return c >= 0x20 && c < 0x7f;
}


/* Never shown to anybody, wherever it stands */
static bool is_forbidden(uint32_t cp)
{
	return  (cp >= 0x202a && cp <= 0x202e) ||  /* bidi embeddings     */
		(cp >= 0x2066 && cp <= 0x206f) ||  /* isolates, shaping   */
		(cp >= 0xfff9 && cp <= 0xfffb) ||  /* interlinear         */
		cp == 0x200e || cp == 0x200f ||    /* LRM, RLM            */
		cp == 0x061c ||                    /* ALM                 */
		cp == 0x200b || cp == 0xfeff ||    /* ZWSP, BOM           */
		cp == 0xe0001;                     /* language tag        */
}


/* Takes no room and so can tell two names apart that look the same */
static bool is_invisible(uint32_t cp)
{
	return  cp == 0x00ad ||                    /* soft hyphen         */
		cp == 0x034f ||                    /* grapheme joiner     */
		cp == 0x115f || cp == 0x1160 ||    /* Hangul fillers      */
		cp == 0x3164 || cp == 0xffa0 ||
		cp == 0x17b4 || cp == 0x17b5 ||    /* Khmer inherent      */
		(cp >= 0x180b && cp <= 0x180f) ||  /* Mongolian selectors */
		(cp >= 0x2060 && cp <= 0x2065) ||  /* invisible operators */
		cp == 0x200c || cp == 0x200d ||    /* ZWNJ, ZWJ           */
		(cp >= 0xfe00 && cp <= 0xfe0f) ||  /* variation selectors */
		(cp >= 0x1d173 && cp <= 0x1d17a) ||  /* musical       */
		(cp >= 0xe0000 && cp <= 0xe01ef);  /* tags, selectors     */
}


static bool is_mark(utf8proc_category_t cat)
{
	return cat == UTF8PROC_CATEGORY_MN || cat == UTF8PROC_CATEGORY_MC ||
		cat == UTF8PROC_CATEGORY_ME;
}


/* What a control character becomes; '\t' is seen to by the caller */
static uint32_t clean_control(uint32_t cp, enum text_kind kind)
{
	if (cp == '\n')
		return kind == TEXT_BODY ? '\n' : ' ';
	if (cp < 0x20)
		return 0x2400 + cp;
	if (cp == 0x7f)
		return 0x2421;

	return TEXT_REPLACEMENT;
}


/*
 * What a code point beyond ASCII becomes: itself, another one, or DROP.
 * marks counts the marks that stand in a row before it.
 */
static uint32_t clean_wide(uint32_t cp, enum text_kind kind, unsigned *marks)
{
	utf8proc_category_t cat;
	bool mark;

	if (cp <= 0x9f || cp == TEXT_REPLACEMENT) {
		*marks = 0;
		return TEXT_REPLACEMENT;
	}

	if (is_forbidden(cp) || (kind == TEXT_NAME && is_invisible(cp)))
		return DROP;

	if (cp == 0x2028 || cp == 0x2029) {
		*marks = 0;
		return kind == TEXT_BODY ? '\n' : ' ';
	}

	cat = utf8proc_category((utf8proc_int32_t)cp);
	mark = is_mark(cat);

	if (mark || cat == UTF8PROC_CATEGORY_CF || is_invisible(cp)) {
		unsigned max = kind == TEXT_NAME ? MARKS_NAME : MARKS_TEXT;

		if (*marks >= max)
			return DROP;
		++*marks;
		return cp;
	}

	*marks = 0;

	/* Unassigned ones and noncharacters have no width anybody knows */
	if (cat == UTF8PROC_CATEGORY_CN || cat == UTF8PROC_CATEGORY_CS)
		return TEXT_REPLACEMENT;

	return cp;
}


/* Clean into buf, which holds 4 * len + 4 bytes; bytes written */
static size_t clean(char *buf, const char *s, size_t len, enum text_kind kind)
{
	bool bol = true;    /* nothing before it that a mark could sit on */
	unsigned marks = 0;
	size_t i = 0, o = 0;

	while (i < len) {
		uint32_t cp;

		if (is_ascii_print(s[i])) {
			buf[o++] = s[i++];
			bol = false;
			marks = 0;
			continue;
		}

		if (s[i] == '\r' && i + 1 < len && s[i + 1] == '\n') {
			++i;
			continue;
		}

		if (s[i] == '\t') {
			size_t n = kind == TEXT_BODY ? TAB_SPACES : 1;

			memset(buf + o, ' ', n);
			o += n;
			++i;
			bol = false;
			marks = 0;
			continue;
		}

		i += text_decode(&cp, s + i, len - i);
		if (cp < 0x80) {
			cp = clean_control(cp, kind);
			marks = 0;
		}
		else
			cp = clean_wide(cp, kind, &marks);

		if (cp == DROP)
			continue;

		/* A mark with no base would sit on what the screen shows
		   before this text */
		if (bol && marks)
			o += text_encode(buf + o, DOTTED_CIRCLE);

		o += text_encode(buf + o, cp);
		bol = cp == '\n';
	}

	return o;
}


char *text_clean(const char *s, size_t len, enum text_kind kind)
{
	char *buf, *fit;
	size_t n = 0;

	if (!s)
		len = 0;

	while (n < len && is_ascii_print(s[n]))
		++n;

	if (n == len) {
		buf = malloc(len + 1);
		if (!buf)
			return NULL;
		if (len)
			memcpy(buf, s, len);
		buf[len] = '\0';
		return buf;
	}

	if (len > SIZE_MAX / 4 - 8)
		return NULL;

	/* One byte becomes at most a picture of 3 bytes or 4 spaces; the
	   4 more are for one dotted circle and the end */
	buf = malloc(4 * len + 4);
	if (!buf)
		return NULL;

	n = clean(buf, s, len, kind);
	buf[n] = '\0';

	fit = realloc(buf, n + 1);

	return fit ? fit : buf;
}


/* Visible and harmless in an escape sequence, a file name, an argument */
static bool is_plain(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 0x20 && cp < 0x7f;

	/* The pictures that text_clean() made of controls */
	if (cp >= 0x2400 && cp <= 0x2421)
		return false;

	switch (utf8proc_category((utf8proc_int32_t)cp)) {

	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;

	default:
		return true;
	}
}


char *text_plain(const char *s, size_t len, size_t cols)
{
	char *str = text_clean(s, len, TEXT_NAME);
	size_t i = 0, o = 0, n;

	if (!str)
		return NULL;

	/* In place: what stays is never longer than what was */
	n = strlen(str);
	while (i < n) {
		uint32_t cp;
		size_t used = text_decode(&cp, str + i, n - i);

		if (is_plain(cp)) {
			memmove(str + o, str + i, used);
			o += used;
		}
		i += used;
	}
	str[o] = '\0';

	str[text_fit(str, cols, NULL)] = '\0';

	return str;
}


static bool is_ascii(const char *s)
{
	while (*s && (uint8_t)*s < 0x80)
		++s;

	return !*s;
}


char *text_fold(const char *s)
{
	utf8proc_uint8_t *dst = NULL;
	char *out;
	size_t i;

	if (!s)
		s = "";

	if (!is_ascii(s)) {
		(void)utf8proc_map((const utf8proc_uint8_t *)s, 0, &dst,
				   UTF8PROC_NULLTERM | UTF8PROC_STABLE |
				   UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
		if (dst)
			return (char *)dst;
	}

	/* ASCII, or no UTF-8: then byte by byte */
	out = strdup(s);
	for (i = 0; out && out[i]; i++) {
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] = (char)(out[i] + ('a' - 'A'));
	}

	return out;
}


/* The few letters that fold or compose to ASCII, by their first two bytes:
   ß, dotted I, long s, Kelvin, ligatures and the like */
static bool folds_to_ascii(const char *s)
{
	static const char pairs[][3] = {
		"\xc3\x9f", "\xc4\xb0", "\xc5\x89", "\xc5\xbf", "\xc7\xb0",
		"\xcd\xbe", "\xe1\xba", "\xe1\xbf", "\xe2\x84", "\xef\xac"
	};
	size_t i;

	for (; *s; s++) {
		if ((uint8_t)*s < 0x80)
			continue;
		for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
			if (s[0] == pairs[i][0] && s[1] == pairs[i][1])
				return true;
		}
	}

	return false;
}


bool text_contains(const char *s, const char *folded)
{
	char *f;
	bool has;

	if (!s || !folded)
		return false;

	/* Without the work of folding wherever that cannot matter: a log of
	   a hundred thousand rows is searched with each key */
	if (is_ascii(folded)) {
		has = strcasestr(s, folded) != NULL;
		if (is_ascii(s) || (!has && !folds_to_ascii(s)))
			return has;
	}

	f = text_fold(s);
	has = f && strstr(f, folded);
	free(f);

	return has;
}


int text_cp_width(uint32_t cp)
{
	int w;

	if (cp < 0x7f)
		return cp >= 0x20;

	w = wcwidth((wchar_t)cp);

	return w < 0 ? 0 : w;
}


/* Columns of the bytes [s, s + len) */
static size_t width(const char *s, size_t len)
{
	size_t i = 0, cols = 0;

	while (i < len) {
		uint32_t cp;

		i += text_decode(&cp, s + i, len - i);
		cols += (size_t)text_cp_width(cp);
	}

	return cols;
}


size_t text_width(const char *s)
{
	size_t n = 0;

	if (!s)
		return 0;

	while (is_ascii_print(s[n]))
		++n;

	return s[n] ? n + width(s + n, strlen(s + n)) : n;
}


/* May two bytes in a row be parted without a look at what is around? */
static bool is_easy_break(char a, char b)
{
	return (uint8_t)a < 0x80 && (uint8_t)b < 0x80 &&
		!(a == '\r' && b == '\n');
}


/* Bytes of the sequence at s, which is terminated by NUL */
static size_t decode0(uint32_t *cp, const char *s)
{
	return text_decode(cp, s, strnlen(s, 4));
}


size_t text_next(const char *s, size_t off)
{
	utf8proc_int32_t state = 0;
	uint32_t a, b;

	if (!s || !s[off])
		return off;

	if (is_easy_break(s[off], s[off + 1]))
		return off + 1;

	off += decode0(&a, s + off);

	while (s[off]) {
		size_t n = decode0(&b, s + off);

		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)a,
						     (utf8proc_int32_t)b,
						     &state))
			break;
		off += n;
		a = b;
	}

	return off;
}


size_t text_prev(const char *s, size_t off)
{
	size_t start, next;

	if (!s || !off)
		return 0;

	/* Clusters can only be told going forward: go back to a place that
	   surely is a border, then step */
	start = off - 1;
	while (start > 0 && !is_easy_break(s[start - 1], s[start]))
		--start;

	while ((next = text_next(s, start)) < off && next > start)
		start = next;

	return start;
}


size_t text_fit(const char *s, size_t cols, size_t *wantp)
{
	size_t off = 0, used = 0;

	while (s && s[off]) {
		size_t next, w;

		if (is_ascii_print(s[off]) && (uint8_t)s[off + 1] < 0x80) {
			next = off + 1;
			w = 1;
		}
		else {
			next = text_next(s, off);
			w = width(s + off, next - off);
		}

		if (used + w > cols)
			break;
		used += w;
		off = next;
	}

	if (wantp)
		*wantp = used;

	return off;
}
