/**
 * @file pcap.c  Kept messages as a pcap file for Wireshark and its like
 *
 * The file's numbers are little-endian, those of packets and of the tags of
 * an exported PDU (Wireshark's epan/exported_pdu.h) network order.
 */
#include "pcap.h"

#include <arpa/inet.h>

enum {
	SNAPLEN = 262144,
	IP4_HDR = 20, IP6_HDR = 40, UDP_HDR = 8, PROTO_UDP = 17, TTL = 64,
	TAG_END = 0, TAG_PROTO_NAME = 12, TAG_IP4_SRC = 20, TAG_IP4_DST = 21,
	TAG_IP6_SRC = 22, TAG_IP6_DST = 23, TAG_PORT_TYPE = 24,
	TAG_SRC_PORT = 25, TAG_DST_PORT = 26,
	PORT_TCP = 2, PORT_UDP = 3
};


static int u16(struct mbuf *mb, uint16_t v)
{
	return mbuf_write_u16(mb, htons(v));
}


static int u32(struct mbuf *mb, uint32_t v)
{
	return mbuf_write_u32(mb, htonl(v));
}


/* Little-endian on any machine */
static int le32(struct mbuf *mb, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8),
			       (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	return mbuf_write_mem(mb, b, sizeof(b));
}


static int addr(struct mbuf *mb, const struct sa *sa)
{
	uint8_t in6[16];

	if (sa_af(sa) == AF_INET)
		return u32(mb, sa_in(sa));

	sa_in6(sa, in6);

	return mbuf_write_mem(mb, in6, sizeof(in6));
}


/* RFC 1071 */
static uint32_t sum(uint32_t acc, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		acc += (uint32_t)p[i] << 8 | p[i + 1];
	if (i < len)
		acc += (uint32_t)p[i] << 8;

	return acc;
}


static uint16_t checksum(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);

	return (uint16_t)~acc;
}


static void patch16(struct mbuf *mb, size_t pos, uint16_t v)
{
	mb->buf[pos] = (uint8_t)(v >> 8);
	mb->buf[pos + 1] = (uint8_t)v;
}


static int ip4_header(struct mbuf *mb, const struct trace_msg *msg,
		      size_t len)
{
	const size_t pos = mb->pos;
	int err;

	err  = u16(mb, 0x4500);
	err |= u16(mb, (uint16_t)(IP4_HDR + len));
	err |= u32(mb, 0x00004000);             /* do not fragment */
	err |= u16(mb, TTL << 8 | PROTO_UDP);
	err |= u16(mb, 0);
	err |= addr(mb, &msg->src);
	err |= addr(mb, &msg->dst);
	if (!err)
		patch16(mb, pos + 10, checksum(sum(0, mb->buf + pos,
						   IP4_HDR)));

	return err;
}


static int ip6_header(struct mbuf *mb, const struct trace_msg *msg,
		      size_t len)
{
	int err;

	err  = u32(mb, 0x60000000);
	err |= u16(mb, (uint16_t)len);
	err |= u16(mb, PROTO_UDP << 8 | TTL);
	err |= addr(mb, &msg->src);
	err |= addr(mb, &msg->dst);

	return err;
}


static int packet(struct mbuf *mb, const struct trace_msg *msg)
{
	const bool v4 = sa_af(&msg->src) == AF_INET;
	const size_t len = UDP_HDR + msg->len;
	const size_t addrs = v4 ? 8 : 32;
	size_t udp;
	uint16_t ck;
	int err;

	err = v4 ? ip4_header(mb, msg, len) : ip6_header(mb, msg, len);
	udp = mb->pos;
	err |= u16(mb, sa_port(&msg->src));
	err |= u16(mb, sa_port(&msg->dst));
	err |= u16(mb, (uint16_t)len);
	err |= u16(mb, 0);
	err |= mbuf_write_mem(mb, (const uint8_t *)msg->buf, msg->len);
	if (err)
		return err;

	/* RFC 768, 8200 8.1: addresses, protocol and length count too */
	ck = checksum(sum(sum((uint32_t)(PROTO_UDP + len),
			      mb->buf + udp - addrs, addrs), mb->buf + udp,
			  len));
	patch16(mb, udp + 6, ck ? ck : 0xffff);

	return 0;
}


static int tag(struct mbuf *mb, uint16_t type, uint16_t len)
{
	return u16(mb, type) | u16(mb, len);
}


static int tag_addr(struct mbuf *mb, const struct sa *sa, uint16_t tag4,
		    uint16_t tag6)
{
	const bool v4 = sa_af(sa) == AF_INET;

	return tag(mb, v4 ? tag4 : tag6, v4 ? 4 : 16) | addr(mb, sa);
}


static int pdu(struct mbuf *mb, const struct trace_msg *msg)
{
	int err;

	err  = tag(mb, TAG_PROTO_NAME, 4);      /* padded to 4 bytes */
	err |= mbuf_write_mem(mb, (const uint8_t *)"sip", 4);
	err |= tag_addr(mb, &msg->src, TAG_IP4_SRC, TAG_IP6_SRC);
	err |= tag_addr(mb, &msg->dst, TAG_IP4_DST, TAG_IP6_DST);
	err |= tag(mb, TAG_PORT_TYPE, 4);
	err |= u32(mb, msg->tp == SIP_TRANSP_UDP ? PORT_UDP : PORT_TCP);
	err |= tag(mb, TAG_SRC_PORT, 4);
	err |= u32(mb, sa_port(&msg->src));
	err |= tag(mb, TAG_DST_PORT, 4);
	err |= u32(mb, sa_port(&msg->dst));
	err |= tag(mb, TAG_END, 0);
	err |= mbuf_write_mem(mb, (const uint8_t *)msg->buf, msg->len);

	return err;
}


enum pcap_link pcap_link_of(const struct trace_msg *msg)
{
	return msg && !msg->note && msg->tp == SIP_TRANSP_TLS ?
		PCAP_UPPER_PDU : PCAP_RAW;
}


int pcap_header(struct mbuf *mb, enum pcap_link link)
{
	int err;

	if (!mb)
		return EINVAL;

	err  = le32(mb, 0xa1b2c3d4);
	err |= le32(mb, 2 | 4 << 16);           /* version 2.4 */
	err |= le32(mb, 0);
	err |= le32(mb, 0);
	err |= le32(mb, SNAPLEN);
	err |= le32(mb, (uint32_t)link);

	return err;
}


int pcap_record(struct mbuf *mb, enum pcap_link link,
		const struct trace_msg *msg)
{
	size_t pos, len;
	int err;

	if (!mb || !msg || msg->note)
		return EINVAL;

	err  = le32(mb, (uint32_t)(msg->time / 1000000));
	err |= le32(mb, (uint32_t)(msg->time % 1000000));
	pos = mb->pos;
	err |= le32(mb, 0);
	err |= le32(mb, 0);
	err |= link == PCAP_RAW ? packet(mb, msg) : pdu(mb, msg);
	if (err)
		return err;

	len = mb->pos - pos - 8;
	mb->pos = pos;
	err  = le32(mb, (uint32_t)len);
	err |= le32(mb, (uint32_t)(len + (msg->size > msg->len ?
					  msg->size - msg->len : 0)));
	mb->pos = mb->end;

	return err;
}
