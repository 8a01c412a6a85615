/**
 * @file red.h  Redundant audio data (RFC 2198)
 *
 * Pure.
 */
#ifndef OFFHOOK_RED_H
#define OFFHOOK_RED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RED_BLOCKS  = 5,         /**< At most in a packet, with the newest */
	RED_DEPTH   = 2,         /**< Older ones that we send              */
	RED_PAYLOAD = 600        /**< Longer ones are not repeated, bytes  */
};

struct red_block {
	uint8_t pt;
	uint32_t offset;         /**< Before the timestamp of the packet   */
	const uint8_t *buf;
	size_t len;
};

/**
 * Take a payload apart
 *
 * @param blockv  RED_BLOCKS of them, the newest last
 * @param blockc  How many there are
 *
 * @return 0 if success, otherwise errorcode (EBADMSG)
 */
int red_decode(struct red_block *blockv, size_t *blockc, const uint8_t *buf,
	       size_t len);

/** What was sent last, to be sent again */
struct red_tx {
	struct {
		uint8_t pt;
		uint32_t ts;
		size_t len;      /**< 0: nothing                           */
		uint8_t buf[RED_PAYLOAD];
	} v[RED_DEPTH];
	unsigned pos;            /**< Of the newest                        */
};

/**
 * Put a packet together and remember its newest part
 *
 * @param red    What was sent before
 * @param depth  So many older ones at most, 0 to RED_DEPTH
 * @param pt,ts  Payload type and timestamp of the newest
 * @param pay    Its payload
 * @param len    Its length
 * @param buf    Where to
 * @param room   How much that takes
 *
 * @return Length, 0: no room
 */
size_t red_encode(struct red_tx *red, unsigned depth, uint8_t pt, uint32_t ts,
		  const uint8_t *pay, size_t len, uint8_t *buf, size_t room);

/** Only remember: it went without redundancy */
void red_note(struct red_tx *red, uint8_t pt, uint32_t ts, const uint8_t *pay,
	      size_t len);

/** Forget: what follows is another stream */
void red_reset(struct red_tx *red);

#endif
