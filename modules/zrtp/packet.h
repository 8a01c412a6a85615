/**
 * @file packet.h  ZRTP packets, looked at before the library sees them
 */
#ifndef OFFHOOK_ZRTP_PACKET_H
#define OFFHOOK_ZRTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZRTP_ZID = 12, ZRTP_CLIENT = 16, ZRTP_PACKET_MAX = 3072 };

enum zrtp_message {
	ZRTP_OTHER,              /**< Known, and nothing to us here       */
	ZRTP_HELLO,
	ZRTP_GOCLEAR
};

/** What we need to know of a packet ourselves */
struct zrtp_packet {
	enum zrtp_message type;
	uint8_t zid[ZRTP_ZID];           /**< Of a Hello                  */
	char client[ZRTP_CLIENT + 1];    /**< Of a Hello, printable ASCII */
	bool mitm;                       /**< Of a Hello: the M flag      */
};

/** Is it for ZRTP, and not RTP, DTLS or STUN? (RFC 6189 5) */
bool zrtp_packet_is(const uint8_t *p, size_t len);

/**
 * Look at a packet
 *
 * @param pkt  Filled in
 *
 * @return 0, or EBADMSG: no packet that the library may be given
 */
int zrtp_packet_read(struct zrtp_packet *pkt, const uint8_t *p, size_t len);

#endif
