/**
 * @file payload.h  What is in an RTP packet of AMR (RFC 4867)
 *
 * Frames are kept as in AMR files (RFC 4867 5.3): one byte with type and
 * quality, then the speech bits, filled up to whole bytes.
 */
#ifndef OFFHOOK_AMR_PAYLOAD_H
#define OFFHOOK_AMR_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AMR_FRAMES  = 12,        /**< Most in a packet: 240 ms             */
	AMR_BYTES   = 61,        /**< Longest frame: wide band, 23.85      */
	AMR_NO_DATA = 15,        /**< Type of a frame that is not there    */
	AMR_LOST    = 14         /**< ... and was lost (wide band only)    */
};

struct amr_frame {
	uint8_t type;
	bool good;
	uint8_t buf[AMR_BYTES];
};

struct amr_payload {
	uint8_t cmr;             /**< Mode the sender wants to get, 15: any */
	size_t n;
	struct amr_frame framev[AMR_FRAMES];
};

/** Speech bits of a frame type; 0: none, -1: there is no such type */
int amr_bits(bool wide, uint8_t type);

/**
 * Read a packet
 *
 * @param wide   AMR-WB
 * @param align  octet-align=1, else bandwidth-efficient
 *
 * @return 0 if success, otherwise errorcode (EBADMSG)
 */
int amr_read(struct amr_payload *pl, bool wide, bool align,
	     const uint8_t *buf, size_t len);

/**
 * Write a packet; frames' buf as the encoders give it
 *
 * @param lenp  In: room; out: bytes
 *
 * @return 0 if success, otherwise errorcode (EINVAL, ENOMEM: no room)
 */
int amr_write(const struct amr_payload *pl, bool wide, bool align,
	      uint8_t *buf, size_t *lenp);

#endif
