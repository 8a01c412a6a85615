/**
 * @file text.h  Text from outside: clean it, measure it, cut it
 *
 * Everything that came from the network, a file or a user passes
 * text_clean() before it meets a terminal, a log or a file of ours.
 * Knows neither libre nor curses; pure functions, any thread.
 */
#ifndef OFFHOOK_TEXT_H
#define OFFHOOK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What stands for bytes that are no text, U+FFFD */
#define TEXT_REPLACEMENT 0xfffdu

/* ---- text_utf8.c ---- */
/**
 * Decode one UTF-8 sequence
 *
 * @param cp   Code point; U+FFFD if the bytes are no valid UTF-8
 * @param s    Bytes
 * @param len  Number of bytes, at least 1
 *
 * @return Bytes used, at least 1
 */
size_t text_decode(uint32_t *cp, const char *s, size_t len);

/**
 * Encode one code point as UTF-8
 *
 * @param buf  At least 4 bytes
 * @param cp   Code point; what is none becomes U+FFFD
 *
 * @return Bytes written, 1 to 4; no NUL is added
 */
size_t text_encode(char *buf, uint32_t cp);

bool text_is_utf8(const char *s, size_t len);

/* ---- text.c ---- */
/** What text_clean() lets through */
enum text_kind {
	TEXT_NAME,      /**< One line, no zero-width or tag characters,
			     at most 4 combining marks in a row        */
	TEXT_LINE,      /**< One line: newline and tab become a space  */
	TEXT_BODY       /**< Newline stays, tab becomes spaces         */
};

/**
 * Clean text from outside so that it can be shown
 *
 * Bad UTF-8 becomes U+FFFD; C0 and DEL become their control picture
 * (U+2400...), C1 becomes U+FFFD; bidi controls (U+202A..E, U+2066..9,
 * U+200E/F, U+061C), U+200B and U+FEFF go; a line never ends inside an
 * unclosed embedding because none is left.
 *
 * @param s     Text, need not be terminated
 * @param len   Its bytes
 * @param kind  What may stay
 *
 * @return New string (free() it), NULL only if memory is out
 */
char *text_clean(const char *s, size_t len, enum text_kind kind);

/**
 * The stricter form for escape sequences, file names and argv: no control,
 * no ESC, no BEL, printable only, at most cols columns
 *
 * @return New string (free() it), NULL only if memory is out
 */
char *text_plain(const char *s, size_t len, size_t cols);

/**
 * The form in which two texts that differ only in case, or in how an accent
 * is written, are the same bytes
 *
 * @return New string (free() it), NULL only if memory is out
 */
char *text_fold(const char *s);

/** Does s hold the text, given by text_fold(), without regard to case? */
bool text_contains(const char *s, const char *folded);

/** Columns of one code point: 0, 1 or 2 (libc's wcwidth; below 0 is 0) */
int text_cp_width(uint32_t cp);

/** Columns of a UTF-8 string */
size_t text_width(const char *s);

/**
 * Bytes of the longest beginning of s that fits into cols columns, cut at a
 * grapheme cluster
 *
 * @param s      UTF-8 string
 * @param cols   Columns there are
 * @param wantp  If not NULL: columns that beginning takes
 *
 * @return Bytes
 */
size_t text_fit(const char *s, size_t cols, size_t *wantp);

/** Byte offset of the next grapheme cluster after off (or the end) */
size_t text_next(const char *s, size_t off);

/** Byte offset of the grapheme cluster before off (or 0) */
size_t text_prev(const char *s, size_t off);

#endif
