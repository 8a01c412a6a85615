/**
 * @file re_compat.h  libre and librem, whatever version is installed
 *
 * The one place that may know which libre this is. Debian 12 has libre 1.1
 * with librem beside it; from 2.0 on librem is part of libre. The headers
 * need HAVE_INTTYPES_H, HAVE_STDBOOL_H and HAVE_INET6 (the Makefile sets
 * them: HAVE_INET6 changes the members of struct sa).
 */
#ifndef OFFHOOK_RE_COMPAT_H
#define OFFHOOK_RE_COMPAT_H

#include <sys/types.h>
#include <sys/socket.h>
#include <string.h>

/* libre's JSON decoder is not used, and two of its names are jansson's */
#define JSON_STRING RE_JSON_STRING
#define JSON_NULL   RE_JSON_NULL
#include <re.h>
#include <rem.h>
#undef JSON_STRING
#undef JSON_NULL

/* Names that came after 1.1 */
#ifndef RE_ARRAY_SIZE
#define RE_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#ifndef LIST_FOREACH_SAFE
#define LIST_FOREACH_SAFE(list, le, n)                                       \
	for ((le) = list_head(list); (le) && ((n) = (le)->next, 1); (le) = (n))
#endif

/* Descriptors that a loop can watch; libre's own limit of 1,024 ends at 200
   accounts or 400 calls */
enum { RE_FDS_MAX = 4096 };

/* libre exports these and keeps them out of its headers */
int sip_dialog_encode(struct mbuf *mb, struct sip_dialog *dlg, uint32_t cseq,
		      const char *met);
const struct uri *sip_dialog_route(const struct sip_dialog *dlg);
const char *sip_dialog_uri(const struct sip_dialog *dlg);

#ifndef mem_secclean
/** Wipe memory so that the compiler cannot leave it out */
#define mem_secclean(data, size) explicit_bzero((data), (size))
#endif

#endif
