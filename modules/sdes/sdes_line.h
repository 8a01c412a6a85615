/**
 * @file sdes_line.h  One a=crypto line (RFC 4568)
 */
#ifndef SDES_LINE_H
#define SDES_LINE_H

#include <stdint.h>
#include <re.h>

enum {
	SDES_KEY_MAX  = 46,
	SDES_TAG_MAX  = 999999999,
	SDES_MKI_MAX  = 16,
	SDES_LIFE_MIN = 256      /**< Packets; less is no offer         */
};

struct sdes_line {
	uint32_t tag;
	enum srtp_suite suite;
	uint8_t key[SDES_KEY_MAX];   /**< Key and salt; wipe when done  */
	size_t key_len;
	uint64_t lifetime;           /**< Packets, 0: not said          */
	uint8_t mki[SDES_MKI_MAX];   /**< What its packets name it by   */
	size_t mki_len;              /**< 0: they do not                */
};

/** Suites that are offered, in this order */
#define SDES_OFFERED 4
extern const enum srtp_suite sdes_offered[SDES_OFFERED];

/** Bytes of key and salt, 0: suite is unknown */
size_t sdes_key_len(enum srtp_suite suite);

/**
 * How much a suite is worth to us: the smaller the better
 */
unsigned sdes_rank(enum srtp_suite suite);

/**
 * Read the value of an a=crypto attribute
 *
 * @return 0 if success, otherwise errorcode (EBADMSG: makes no sense,
 *         ENOTSUP: a suite, a parameter or a key we cannot use)
 */
int sdes_line_decode(struct sdes_line *line, const char *value);

/** Write one; buf is wiped by whoever owns it */
int sdes_line_encode(char *buf, size_t size, const struct sdes_line *line);

#endif
