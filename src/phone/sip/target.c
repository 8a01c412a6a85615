/**
 * @file target.c  Addresses that users type, taken apart
 *
 * Pure but for the question by which address of ours a host is reached.
 * The walk from a name to addresses is resolver.h.
 */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "target.h"

static bool scheme_ok(const struct uri *uri)
{
	return !pl_strcasecmp(&uri->scheme, "sip") ||
		!pl_strcasecmp(&uri->scheme, "sips");
}

/* A name, an IPv4 or an IPv6 address; RFC 3261 25.1 hostport, and "_" */
static bool host_ok(const struct uri *uri)
{
	size_t i;

	for (i = 0; i < uri->host.l; i++) {
		char c = uri->host.p[i];

		if (!isalnum((uint8_t)c) && !strchr(".-_", c) &&
		    !(c == ':' && uri->af == AF_INET6))
			return false;
	}

	return i > 0;
}

int target_check(const char *uri)
{
	struct uri u;
	struct pl pl;
	const char *p;

	if (!uri || str_len(uri) > 1024)
		return EINVAL;

	for (p = uri; *p; p++) {
		uint8_t c = (uint8_t)*p;

		if (c <= ' ' || c == 0x7f || strchr("<>\"\\", c))
			return EINVAL;
	}

	pl_set_str(&pl, uri);
	if (uri_decode(&u, &pl) || !scheme_ok(&u) || !host_ok(&u))
		return EINVAL;

	/* RFC 3261 19.1.5: headers in a URI are somebody else's wishes */
	return pl_isset(&u.headers) ? EINVAL : 0;
}

enum sip_transp target_transp(const struct uri *uri)
{
	static const enum sip_transp tpv[] = {
		SIP_TRANSP_UDP, SIP_TRANSP_TCP, SIP_TRANSP_TLS
	};
	struct pl val;
	size_t i;

	if (!uri)
		return SIP_TRANSP_NONE;
	if (!pl_strcasecmp(&uri->scheme, "sips"))
		return SIP_TRANSP_TLS;
	if (msg_param_decode(&uri->params, "transport", &val))
		return SIP_TRANSP_NONE;

	for (i = 0; i < ARRAY_SIZE(tpv); i++) {
		if (!pl_strcasecmp(&val, sip_transp_name(tpv[i])))
			return tpv[i];
	}

	return SIP_TRANSP_NONE;
}

static int host_print(struct re_printf *pf, const struct uri *uri)
{
	int err;

	if (uri->af == AF_INET6)
		err = re_hprintf(pf, "[%r]", &uri->host);
	else
		err = re_hprintf(pf, "%r", &uri->host);
	if (uri->port)
		err |= re_hprintf(pf, ":%u", uri->port);

	return err;
}

int target_hop(char **strp, const struct uri *uri, enum sip_transp tp)
{
	const char *param = "";

	if (!strp || !uri || !pl_isset(&uri->host))
		return EINVAL;

	if (tp == SIP_TRANSP_UDP)
		param = ";transport=udp";
	else if (tp != SIP_TRANSP_NONE)
		param = sip_transp_param(tp);

	return re_sdprintf(strp, "sip:%H%s", host_print, uri, param);
}

int target_bare(char **strp, const struct uri *uri)
{
	if (!strp || !uri || !pl_isset(&uri->host))
		return EINVAL;

	return re_sdprintf(strp, "%r:%r%s%H", &uri->scheme, &uri->user,
			   pl_isset(&uri->user) ? "@" : "", host_print, uri);
}

/* A connected UDP socket sends nothing, but knows its way */
static int route_to(struct sa *laddr, const struct sa *dst)
{
	socklen_t len;
	int fd, err = 0;

	fd = socket(sa_af(dst), SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	sa_init(laddr, sa_af(dst));
	len = laddr->len;
	if (connect(fd, &dst->u.sa, dst->len) ||
	    getsockname(fd, &laddr->u.sa, &len))
		err = errno;
	else
		sa_set_port(laddr, 0);
	(void)close(fd);

	return err;
}

int target_laddr(struct sa *laddr, const struct pl *host)
{
	struct sa dst;

	if (!laddr)
		return EINVAL;

	if (pl_isset(host) && !sa_set(&dst, host, SIP_PORT))
		return route_to(laddr, &dst);

	return target_laddr_af(laddr, AF_INET);
}

int target_laddr_af(struct sa *laddr, int af)
{
	struct sa dst;

	if (!laddr)
		return EINVAL;

	/* TEST-NET-1 and the like: some address outside, only the route is
	   asked for (RFC 5737, RFC 3849) */
	if (!sa_set_str(&dst, af == AF_INET6 ? "2001:db8::1" : "192.0.2.1",
			SIP_PORT) && !route_to(laddr, &dst))
		return 0;

	if (sa_set_str(&dst, af == AF_INET6 ? "::1" : "127.0.0.1", SIP_PORT))
		return EINVAL;

	/* is there IPv6 at all? */
	return route_to(laddr, &dst);
}
