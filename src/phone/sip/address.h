/**
 * @file address.h  A SIP address as people keep and compare it
 */
#ifndef OFFHOOK_ADDRESS_H
#define OFFHOOK_ADDRESS_H

/**
 * The plain form of a SIP URI: scheme:user@host:port;transport=x, the host
 * in lower case, no default port, nothing else. Two URIs of one person
 * come out the same; URI headers, method and maddr never pass.
 *
 * @param urip  New string (mem_deref)
 * @param text  URI, from a person or from the wire
 * @param why   If not NULL: set to a sentence on error
 *
 * @return 0 if success, otherwise errorcode (EINVAL: not sip: or sips:)
 */
int address_clean(char **urip, const char *text, const char **why);

/** The same of an address to be called once: it keeps the parameter gr,
 *  which names one device of a person (RFC 5627) */
int address_target(char **urip, const char *text, const char **why);

#endif
