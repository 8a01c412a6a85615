/**
 * @file words.h  The short authentication string as words
 */
#ifndef OFFHOOK_ZRTP_WORDS_H
#define OFFHOOK_ZRTP_WORDS_H

#include <stddef.h>

enum { ZRTP_B32 = 4, ZRTP_WORDS_MAX = 32 };

/**
 * The PGP words of a base32 string: both are the first bits of one value,
 * 20 of them in four letters, 16 in two words (RFC 6189 5.1.6)
 *
 * @param buf   Result, "stopwatch Wichita"
 * @param b32   Four letters
 *
 * @return 0, EINVAL: not four letters of that alphabet, EOVERFLOW
 */
int zrtp_words(char *buf, size_t size, const char *b32);

#endif
