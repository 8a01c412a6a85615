/**
 * @file lookup.h  One question to the name servers
 *
 * Own, because libre's DNS client believes whoever answers, keeps one port
 * for life and does without TCP. The records themselves are read by libre.
 * Main loop.
 */
#ifndef OFFHOOK_LOOKUP_H
#define OFFHOOK_LOOKUP_H

#include "common/re_compat.h"

struct lookup;
struct nameservers;

/** What came of a question */
enum lookup_fault {
	LOOKUP_OK,               /**< There are records                   */
	LOOKUP_NONE,             /**< No such name, or none of that type  */
	LOOKUP_FAILED,           /**< The server could not find out       */
	LOOKUP_GARBLED,          /**< The answer makes no sense           */
	LOOKUP_SILENT,           /**< Nobody answers                      */
	LOOKUP_UNSET             /**< No name server is configured        */
};

/**
 * The answer; called once, from the loop
 *
 * @param rrl  Records of the answer (struct dnsrr by le_priv), of the type
 *             that was asked for and others; borrowed; empty unless OK
 */
typedef void (lookup_h)(enum lookup_fault fault, const struct list *rrl,
			void *arg);

/**
 * The name servers of this machine, read from a file as resolv.conf(5)
 *
 * @param nsp   Object, mem_deref()
 * @param file  NULL: /etc/resolv.conf
 */
int nameservers_alloc(struct nameservers **nsp, const char *file);

/** Read the file again if it changed; true if the servers are others now */
bool nameservers_follow(struct nameservers *ns);

/** How many there are */
size_t nameservers_count(const struct nameservers *ns);

/**
 * Ask
 *
 * @param lp    Question; mem_deref() and h is not called
 * @param ns    Name servers, referenced
 * @param name  Domain name
 * @param type  DNS_TYPE_A, DNS_TYPE_SRV, ...
 * @param h     Called with the answer, after at most 5 s
 */
int lookup_ask(struct lookup **lp, struct nameservers *ns, const char *name,
	       uint16_t type, lookup_h *h, void *arg);

/** A question on the wire: header and one question */
int lookup_encode(struct mbuf *mb, uint16_t id, const char *name,
		  uint16_t type);

/**
 * Read an answer
 *
 * @param faultp  What it says
 * @param cutp    Set if it was cut off: ask again by TCP
 * @param rrl     Records are appended to it; lookup_flush() frees them
 * @param mb      Answer, from its position on
 *
 * @return 0, EBADMSG: no answer to this question, look no further at it
 */
int lookup_decode(enum lookup_fault *faultp, bool *cutp, struct list *rrl,
		  struct mbuf *mb, uint16_t id, const char *name,
		  uint16_t type);

void lookup_flush(struct list *rrl);

#endif
