/**
 * @file reason.h  What a SIP code or an error means, in one plain sentence
 */
#ifndef OFFHOOK_REASON_H
#define OFFHOOK_REASON_H

#include <stddef.h>
#include <stdint.h>

/**
 * Sentence for a final answer or an error
 *
 * @param buf    Result, e.g. "Busy: the other side is in another call"
 * @param size   Its size
 * @param err    0 or errorcode; wins over scode
 * @param scode  SIP status code
 * @param phrase Reason phrase of the answer (cleaned here) or NULL
 * @param tls    stack_tls_reason(), used when err is a failed handshake
 */
void reason_text(char *buf, size_t size, int err, uint16_t scode,
		 const char *phrase, const char *tls);

/** The same in a context: enum catalogue_context of catalogue.h */
void reason_in(char *buf, size_t size, unsigned context, int err,
	       uint16_t scode, const char *phrase, const char *tls);

#endif
