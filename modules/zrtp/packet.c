/**
 * @file packet.c  ZRTP packets, looked at before the library sees them
 *
 * bzrtp believes the length that a message states of itself, not the one
 * of the datagram, and reads some fields before it has looked at either. So
 * nothing reaches it whose lengths do not agree, or that is too short for
 * its type. What its API does not tell of a Hello (ZID, client, flags) is
 * read here as well.
 *
 * RFC 6189 5: header 12 bytes, message, CRC 4 bytes; a message begins with
 * 0x505a, its length in words and its type in 8 characters.
 */
#include "packet.h"

#include <errno.h>
#include <string.h>

enum {
	HEADER       = 12,
	CRC          = 4,
	MESSAGE      = 12,               /* preamble, length, type       */
	SMALLEST     = HEADER + MESSAGE + CRC,
	HELLO_CLIENT = HEADER + MESSAGE + 4,
	HELLO_ZID    = HELLO_CLIENT + ZRTP_CLIENT + 32,
	HELLO_FLAGS  = HELLO_ZID + ZRTP_ZID,
	HELLO_FIXED  = HELLO_FLAGS + 4 + 8 + CRC,
	FLAG_MITM    = 0x20,
	ALGORITHMS   = 7
};


bool zrtp_packet_is(const uint8_t *p, size_t len)
{
	return p && len >= HEADER && p[0] >> 4 == 1 &&
		!memcmp(p + 4, "ZRTP", 4);
}


/* RFC 6189 5.2: five counts, four bytes for each name they count */
static bool hello_length_ok(const uint8_t *p, size_t len)
{
	const unsigned hc = p[HELLO_FLAGS + 1] & 0xf;
	const unsigned cc = p[HELLO_FLAGS + 2] >> 4;
	const unsigned ac = p[HELLO_FLAGS + 2] & 0xf;
	const unsigned kc = p[HELLO_FLAGS + 3] >> 4;
	const unsigned sc = p[HELLO_FLAGS + 3] & 0xf;

	if (hc > ALGORITHMS || cc > ALGORITHMS || ac > ALGORITHMS ||
	    kc > ALGORITHMS || sc > ALGORITHMS)
		return false;

	return len == HELLO_FIXED + 4 * (hc + cc + ac + kc + sc);
}


static int hello_read(struct zrtp_packet *pkt, const uint8_t *p, size_t len)
{
	size_t i;

	if (len < HELLO_FIXED || !hello_length_ok(p, len))
		return EBADMSG;

	memcpy(pkt->zid, p + HELLO_ZID, ZRTP_ZID);
	pkt->mitm = p[HELLO_FLAGS] & FLAG_MITM;

	/* What a peer calls itself ends up on a screen */
	for (i = 0; i < ZRTP_CLIENT; i++) {
		const uint8_t c = p[HELLO_CLIENT + i];

		if (!c)
			break;
		pkt->client[i] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	while (i && pkt->client[i - 1] == ' ')
		--i;
	pkt->client[i] = '\0';

	return 0;
}


/* RFC 6189 5.4 to 5.15: bytes of a message without and with what varies */
static bool length_ok(const uint8_t *type, size_t len)
{
	static const struct {
		const char *type;
		size_t min, max;
	} v[] = {
		{ "Commit  ", 100, 116 }, { "DHPart1 ", 84, 1024 },
		{ "DHPart2 ", 84, 1024 }, { "Confirm1", 76, 76 },
		{ "Confirm2", 76, 76 },   { "Ping    ", 24, 24 },
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (!memcmp(type, v[i].type, 8))
			return len >= v[i].min && len <= v[i].max;
	}

	return true;
}


int zrtp_packet_read(struct zrtp_packet *pkt, const uint8_t *p, size_t len)
{
	size_t words;

	if (!pkt || !zrtp_packet_is(p, len) || len < SMALLEST ||
	    len > ZRTP_PACKET_MAX)
		return EBADMSG;

	if (p[HEADER] != 0x50 || p[HEADER + 1] != 0x5a)
		return EBADMSG;

	words = (size_t)p[HEADER + 2] << 8 | p[HEADER + 3];
	if (HEADER + 4 * words + CRC != len)
		return EBADMSG;

	memset(pkt, 0, sizeof(*pkt));
	p += HEADER + 4;

	if (!length_ok(p, 4 * words))
		return EBADMSG;

	if (!memcmp(p, "Hello   ", 8)) {
		pkt->type = ZRTP_HELLO;
		return hello_read(pkt, p - HEADER - 4, len);
	}
	if (!memcmp(p, "GoClear ", 8))
		pkt->type = ZRTP_GOCLEAR;

	return 0;
}
