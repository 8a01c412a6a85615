/**
 * @file cpim_write.c  message/cpim (RFC 3862): the envelope is written
 *
 * Names are cleaned, everything else must be printable ASCII: nothing that
 * is written can end its line and begin another header.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "cpim.h"


/* Nothing in it that would end a line or an address */
static bool is_safe(const char *s, char lowest, const char *but)
{
	for (; s && *s; s++) {
		if (*s < lowest || *s >= 0x7f || strchr(but, *s))
			return false;
	}

	return true;
}


/* A name in quotes; controls went with the cleaning */
static int print_name(struct re_printf *pf, const char *name)
{
	const char *p;
	char *clean;
	int err;

	if (!str_isset(name))
		return 0;

	clean = text_clean(name, strlen(name), TEXT_NAME);
	if (!clean)
		return ENOMEM;

	err = re_hprintf(pf, "\"");
	for (p = clean; *p && !err; p++) {
		if (*p == '"' || *p == '\\')
			err = pf->vph("\\", 1, pf->arg);
		if (!err)
			err = pf->vph(p, 1, pf->arg);
	}
	free(clean);

	return err ? err : re_hprintf(pf, "\" ");
}


static int print_notify(struct re_printf *pf, const unsigned *notify)
{
	static const char *const v[] = {
		"positive-delivery", "negative-delivery", "display",
		"processing"
	};
	const char *comma = "";
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(v) / sizeof(v[0]) && !err; i++) {
		if (!(*notify & 1u << i))
			continue;
		err = re_hprintf(pf, "%s%s", comma, v[i]);
		comma = ", ";
	}

	return err;
}


static int write_subject(struct mbuf *mb, const char *subject)
{
	char *clean;
	int err;

	clean = text_clean(subject, strlen(subject), TEXT_NAME);
	if (!clean)
		return ENOMEM;
	err = mbuf_printf(mb, "Subject: %s\r\n", clean);
	free(clean);

	return err;
}


int cpim_encode(struct mbuf *mb, const struct cpim *c)
{
	bool id, notify;
	int err;

	if (!mb || !c || !str_isset(c->from_uri) || !str_isset(c->to_uri) ||
	    (c->len && !c->body))
		return EINVAL;
	if (!is_safe(c->from_uri, 0x21, "<>\"") ||
	    !is_safe(c->to_uri, 0x21, "<>\"") ||
	    !is_safe(c->message_id, 0x20, "") ||
	    !is_safe(c->ctype, 0x20, "") ||
	    !is_safe(c->charset, 0x21, ";\"") ||
	    !is_safe(c->disposition, 0x20, ""))
		return EINVAL;

	id = str_isset(c->message_id);
	notify = (c->notify & 0xf) != 0;

	err  = mbuf_printf(mb, "From: %H<%s>\r\n", print_name, c->from_name,
			   c->from_uri);
	err |= mbuf_printf(mb, "To: %H<%s>\r\n", print_name, c->to_name,
			   c->to_uri);
	if (c->time > 0)
		err |= mbuf_printf(mb, "DateTime: %H\r\n", cpim_time_print,
				   &c->time);
	if (str_isset(c->subject))
		err |= write_subject(mb, c->subject);
	if (id || notify)
		err |= mbuf_write_str(mb, "NS: imdn "
				      "<urn:ietf:params:imdn>\r\n");
	if (id)
		err |= mbuf_printf(mb, "imdn.Message-ID: %s\r\n",
				   c->message_id);
	if (notify)
		err |= mbuf_printf(mb, "imdn.Disposition-Notification: "
				   "%H\r\n", print_notify, &c->notify);

	err |= mbuf_printf(mb, "\r\nContent-Type: %s",
			   str_isset(c->ctype) ? c->ctype : "text/plain");
	if (str_isset(c->charset))
		err |= mbuf_printf(mb, "; charset=%s", c->charset);
	if (str_isset(c->disposition))
		err |= mbuf_printf(mb, "\r\nContent-Disposition: %s",
				   c->disposition);
	err |= mbuf_printf(mb, "\r\nContent-Length: %zu\r\n\r\n", c->len);
	err |= mbuf_write_mem(mb, c->body, c->len);

	return err ? ENOMEM : 0;
}
