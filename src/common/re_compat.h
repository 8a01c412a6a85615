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
#include <re.h>
#include <rem.h>

#endif
