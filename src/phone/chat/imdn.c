/**
 * @file imdn.c  message/imdn+xml (RFC 5438): a receipt for a message
 *
 * imdn / message-id, datetime, and one of three notifications / status /
 * an empty element that is the status. Anything else in it is skipped; an
 * id that stands twice, or none, makes the receipt void.
 */
#include "imdn.h"

#include "common/xml.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cpim.h"

/** Where the reader is */
struct place {
	struct imdn *imdn;
	struct pl notification;   /* delivery-, display-, processing-    */
	bool in_status;
	bool have_status;
	bool have_id;
};


static bool is_id(const char *s)
{
	for (; *s; s++) {
		if (*s < 0x20 || *s >= 0x7f)
			return false;
	}

	return true;
}


/* RFC 5438 11.1.2: the status says little without what it is of */
static enum imdn_status status_of(const struct pl *notification,
				  const struct pl *status)
{
	static const struct {
		const char *notification, *status;
		enum imdn_status value;
	} v[] = {
		{"delivery-notification",   "delivered", IMDN_DELIVERED},
		{"delivery-notification",   "failed",    IMDN_FAILED},
		{"delivery-notification",   "error",     IMDN_FAILED},
		{"display-notification",    "displayed", IMDN_DISPLAYED},
		{"processing-notification", "processed", IMDN_PROCESSED},
		{"processing-notification", "stored",    IMDN_PROCESSED},
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (!pl_strcmp(notification, v[i].notification) &&
		    !pl_strcmp(status, v[i].status))
			return v[i].value;
	}

	return IMDN_OTHER;
}


/* Text of an element that has nothing else in it, and its end */
static int read_text(struct xml *xml, char *buf, size_t size)
{
	enum xml_event ev;
	struct pl text = PL_INIT;
	int err;

	buf[0] = '\0';
	err = xml_next(xml, &ev);
	if (!err && ev == XML_TEXT) {
		text = xml->text;
		err = xml_text(buf, size, &text);
		if (!err)
			err = xml_next(xml, &ev);
	}
	if (!err && ev != XML_CLOSE)
		err = EBADMSG;

	return err;
}


static int read_id(struct place *pl, struct xml *xml)
{
	int err;

	if (pl->have_id)
		return EBADMSG;

	err = read_text(xml, pl->imdn->message_id,
			sizeof(pl->imdn->message_id));
	if (err)
		return err;

	pl->have_id = pl->imdn->message_id[0] && is_id(pl->imdn->message_id);

	return pl->have_id ? 0 : EBADMSG;
}


static int read_time(struct place *pl, struct xml *xml)
{
	char buf[64];
	struct pl val;
	int err;

	err = read_text(xml, buf, sizeof(buf));
	if (err)
		return err;
	pl_set_str(&val, buf);
	pl->imdn->time = cpim_time_decode(&val);

	return 0;
}


static int opened(struct place *pl, struct xml *xml)
{
	switch (xml->depth) {

	case 1:
		return pl_strcmp(&xml->name, "imdn") ? EBADMSG : 0;

	case 2:
		if (!pl_strcmp(&xml->name, "message-id"))
			return read_id(pl, xml);
		if (!pl_strcmp(&xml->name, "datetime"))
			return read_time(pl, xml);
		pl->notification = xml->name;
		break;

	case 3:
		pl->in_status = !pl_strcmp(&xml->name, "status");
		break;

	case 4:
		if (pl->in_status && !pl->have_status) {
			pl->imdn->status = status_of(&pl->notification,
						     &xml->name);
			pl->have_status = true;
		}
		break;
	}

	return 0;
}


int imdn_decode(struct imdn *imdn, const char *s, size_t len)
{
	struct place pl;
	struct xml xml;
	int err;

	if (!imdn || !s)
		return EINVAL;

	memset(imdn, 0, sizeof(*imdn));
	memset(&pl, 0, sizeof(pl));
	pl.imdn = imdn;

	err = xml_init(&xml, s, len);

	while (!err) {
		enum xml_event ev;

		err = xml_next(&xml, &ev);
		if (err || ev == XML_END)
			break;
		if (ev == XML_OPEN)
			err = opened(&pl, &xml);
		else if (ev == XML_CLOSE && xml.depth == 2)
			pl.in_status = false;
	}

	if (!err && (!pl.have_id || !pl.have_status))
		err = EBADMSG;

	return err;
}


int imdn_encode(struct mbuf *mb, const struct imdn *imdn)
{
	static const struct {
		const char *notification, *status;
	} v[] = {
		[IMDN_PROCESSED] = {"processing", "processed"},
		[IMDN_DELIVERED] = {"delivery", "delivered"},
		[IMDN_DISPLAYED] = {"display", "displayed"},
		[IMDN_FAILED]    = {"delivery", "failed"},
	};
	int64_t when;

	if (!mb || !imdn || !imdn->message_id[0] ||
	    !is_id(imdn->message_id) || imdn->status <= IMDN_OTHER ||
	    imdn->status > IMDN_FAILED)
		return EINVAL;

	/* RFC 5438 7.2.1.1: datetime is that of the message */
	when = imdn->time > 0 ? imdn->time : (int64_t)time(NULL);

	return mbuf_printf(mb, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
			   "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">"
			   "<message-id>%H</message-id>"
			   "<datetime>%H</datetime>"
			   "<%s-notification><status><%s/></status>"
			   "</%s-notification></imdn>",
			   xml_escape, imdn->message_id,
			   cpim_time_print, &when,
			   v[imdn->status].notification,
			   v[imdn->status].status,
			   v[imdn->status].notification);
}
