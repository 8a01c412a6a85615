/**
 * @file address.c  A SIP address as people keep and compare it
 *
 * RFC 3261 19.1.4 says when two URIs are the same; people go by less:
 * user and host. What could make a call go elsewhere than it looks
 * (headers, method, maddr) is left out.
 */
#include "address.h"

#include <ctype.h>
#include <string.h>

#include "common/re_compat.h"


static bool is_default_port(const struct uri *uri, bool tls)
{
	return !uri->port || uri->port == (tls ? SIP_PORT_TLS : SIP_PORT);
}


/* What ends an address on the wire or has no place in one (RFC 3261 25.1) */
static bool is_odd(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text >= 0x7f ||
		    strchr("<>\"\\^`{|}", *text))
			return true;
	}

	return false;
}


static int make(char **urip, const char *text, bool one_device,
		const char **why)
{
	struct pl pl, tp = PL_INIT, gr = PL_INIT;
	char port[8] = "", *p;
	struct uri uri;
	bool secure, v6;
	int err;

	if (!urip || !text)
		return EINVAL;

	if (why)
		*why = "This is not an address that can be called";

	pl_set_str(&pl, text);
	if (is_odd(text) || uri_decode(&uri, &pl) || !pl_isset(&uri.host))
		return EINVAL;

	secure = !pl_strcasecmp(&uri.scheme, "sips");
	if (!secure && pl_strcasecmp(&uri.scheme, "sip")) {
		if (why)
			*why = "Only sip: addresses can be called";
		return EINVAL;
	}

	if (!msg_param_decode(&uri.params, "transport", &tp) &&
	    !pl_strcasecmp(&tp, "udp"))
		tp.l = 0;
	if (!is_default_port(&uri, secure || !pl_strcasecmp(&tp, "tls")))
		(void)re_snprintf(port, sizeof(port), ":%u", uri.port);

	if (one_device)
		(void)msg_param_decode(&uri.params, "gr", &gr);

	v6 = uri.af == AF_INET6;
	err = re_sdprintf(urip, "%s:%r%s%s%r%s%s%s%r%s%r",
			  secure ? "sips" : "sip", &uri.user,
			  pl_isset(&uri.user) ? "@" : "", v6 ? "[" : "",
			  &uri.host, v6 ? "]" : "", port,
			  pl_isset(&tp) ? ";transport=" : "", &tp,
			  pl_isset(&gr) ? ";gr=" : "", &gr);
	if (err)
		return err;

	/* The user is told by case, the host is not */
	p = *urip + (secure ? 5 : 4) + uri.user.l;
	for (; *p && *p != ';'; p++)
		*p = (char)tolower((unsigned char)*p);

	return 0;
}


int address_clean(char **urip, const char *text, const char **why)
{
	return make(urip, text, false, why);
}


int address_target(char **urip, const char *text, const char **why)
{
	return make(urip, text, true, why);
}
