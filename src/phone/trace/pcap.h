/**
 * @file pcap.h  Kept messages as a pcap file for Wireshark and its like
 *
 * Pure. What went over UDP or TCP is written as an IP packet with a UDP
 * datagram in it, what went over TLS, decrypted, as an exported PDU (there
 * are no packets it could be). A file has one link type: exported PDUs as
 * soon as it is to hold TLS.
 */
#ifndef OFFHOOK_PCAP_H
#define OFFHOOK_PCAP_H

#include "trace.h"

enum pcap_link {
	PCAP_RAW = 101,          /**< LINKTYPE_RAW: IPv4 or IPv6          */
	PCAP_UPPER_PDU = 252     /**< LINKTYPE_WIRESHARK_UPPER_PDU        */
};

/** The link type a file needs that holds this message */
enum pcap_link pcap_link_of(const struct trace_msg *msg);

/** Write the file's header (microseconds, little-endian) */
int pcap_header(struct mbuf *mb, enum pcap_link link);

/** Write one record; a note is none: EINVAL */
int pcap_record(struct mbuf *mb, enum pcap_link link,
		const struct trace_msg *msg);

#endif
