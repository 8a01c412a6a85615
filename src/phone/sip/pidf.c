/**
 * @file pidf.c  How somebody is: presence documents (RFC 3863, RFC 4480)
 *
 * Stands on the strict XML reader. Whether somebody is there is said by
 * <basic> of a <tuple>, what keeps them from answering by the elements of
 * <activities>, wherever those stand: RFC 4480 puts them into the person,
 * older phones into the tuple. Busy outweighs away; who is not there at all
 * is offline, whatever else is said.
 */
#include "pidf.h"

#include <string.h>

#include "common/table.h"
#include "common/xml.h"

static const struct table_name names[] = {
	{ "unknown", PRESENCE_UNKNOWN },
	{ "online", PRESENCE_ONLINE },
	{ "away", PRESENCE_AWAY },
	{ "busy", PRESENCE_BUSY },
	{ "offline", PRESENCE_OFFLINE },
	{ NULL, 0 },
};

/* RFC 4480 3.2, and what it means for who wants to call */
static const struct table_name activities[] = {
	{ "appointment", PRESENCE_BUSY },
	{ "away", PRESENCE_AWAY },
	{ "breakfast", PRESENCE_AWAY },
	{ "busy", PRESENCE_BUSY },
	{ "dinner", PRESENCE_AWAY },
	{ "holiday", PRESENCE_AWAY },
	{ "in-transit", PRESENCE_AWAY },
	{ "meal", PRESENCE_AWAY },
	{ "meeting", PRESENCE_BUSY },
	{ "on-the-phone", PRESENCE_BUSY },
	{ "performance", PRESENCE_BUSY },
	{ "permanent-absence", PRESENCE_AWAY },
	{ "presentation", PRESENCE_BUSY },
	{ "sleeping", PRESENCE_AWAY },
	{ "steering", PRESENCE_BUSY },
	{ "travel", PRESENCE_AWAY },
	{ "vacation", PRESENCE_AWAY },
	{ "worship", PRESENCE_BUSY },
	{ NULL, 0 },
};

/** Where in a document we are, and what it said so far */
struct reader {
	struct xml xml;
	char text[PIDF_NOTE];    /**< Of the element that is open         */
	bool texted;
	bool open, closed;       /**< A <basic> said so                   */
	bool away, busy;
	unsigned activities;     /**< Depth of <activities>, 0: outside   */
	char note[PIDF_NOTE];
};


const char *presence_name(enum presence_state state)
{
	return state <= PRESENCE_OFFLINE ? table_name(names, (int)state) :
		names[0].name;
}


int presence_value(const char *name, enum presence_state *statep)
{
	int value, err;

	if (!name || !statep)
		return EINVAL;

	err = table_value(names, name, &value);
	if (!err)
		*statep = (enum presence_state)value;

	return err;
}


static void take_activity(struct reader *r)
{
	char name[32];
	int value;

	if (pl_strcpy(&r->xml.name, name, sizeof(name)) ||
	    table_value(activities, name, &value))
		return;

	r->busy |= value == PRESENCE_BUSY;
	r->away |= value == PRESENCE_AWAY;
}


static void open_element(struct reader *r)
{
	r->texted = false;
	if (r->activities)
		take_activity(r);
	else if (!pl_strcmp(&r->xml.name, "activities"))
		r->activities = r->xml.depth;
}


/* Space around it belongs to the layout of the document */
static char *trimmed(char *s)
{
	size_t len;

	s += strspn(s, " \t\r\n");
	len = strlen(s);
	while (len && strchr(" \t\r\n", s[len - 1]))
		s[--len] = '\0';

	return s;
}


/* XML_CLOSE: the element is not in depth any more */
static void close_element(struct reader *r)
{
	const struct pl *name = &r->xml.name;
	const char *text = r->texted ? trimmed(r->text) : "";

	if (r->activities > r->xml.depth)
		r->activities = 0;

	if (!pl_strcmp(name, "basic")) {
		r->open |= !strcmp(text, "open");
		r->closed |= !strcmp(text, "closed");
	}
	else if (!pl_strcmp(name, "note") && *text && !r->note[0]) {
		str_ncpy(r->note, text, sizeof(r->note));
	}
	r->texted = false;
}


static int decode(struct reader *r)
{
	enum xml_event ev;
	int err;

	for (;;) {
		err = xml_next(&r->xml, &ev);
		if (err || ev == XML_END)
			return err;

		if (ev == XML_TEXT)
			r->texted = !xml_text(r->text, sizeof(r->text),
					      &r->xml.text);
		else if (ev == XML_CLOSE)
			close_element(r);
		else if (r->xml.depth > 1)
			open_element(r);
		else if (pl_strcmp(&r->xml.name, "presence"))
			return EBADMSG;
	}
}


/* RFC 3863 4.1.4: a document without a tuple tells of nobody there */
static enum presence_state conclude(const struct reader *r)
{
	if (!r->open)
		return r->closed || !(r->busy || r->away) ?
			PRESENCE_OFFLINE :
			r->busy ? PRESENCE_BUSY : PRESENCE_AWAY;
	if (r->busy)
		return PRESENCE_BUSY;

	return r->away ? PRESENCE_AWAY : PRESENCE_ONLINE;
}


int pidf_decode(struct pidf *pd, const char *body, size_t len)
{
	struct reader *r;
	int err;

	if (!pd || !body)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), NULL);
	if (!r)
		return ENOMEM;

	err = xml_init(&r->xml, body, len);
	if (!err)
		err = decode(r);
	if (err) {
		err = EBADMSG;
	}
	else {
		pd->state = conclude(r);
		str_ncpy(pd->note, r->note, sizeof(pd->note));
	}
	mem_deref(r);

	return err;
}


static const char *activity_of(enum presence_state state, bool call)
{
	if (state == PRESENCE_AWAY)
		return "<rpid:away/>";
	if (state == PRESENCE_BUSY)
		return call ? "<rpid:on-the-phone/>" : "<rpid:busy/>";

	return "";
}


int pidf_encode(struct mbuf *mb, const char *entity, const char *id,
		const struct pidf *pd, bool call)
{
	const char *activity;
	int err;

	if (!mb || !entity || !id || !pd)
		return EINVAL;

	activity = activity_of(pd->state, call);
	err = mbuf_printf(mb,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
		" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
		" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\""
		" entity=\"%H\">\r\n"
		"<tuple id=\"%s\"><status><basic>%s</basic></status>"
		"<contact>%H</contact>",
		xml_escape, entity, id,
		pd->state == PRESENCE_OFFLINE ? "closed" : "open",
		xml_escape, entity);
	if (pd->note[0])
		err |= mbuf_printf(mb, "<note>%H</note>", xml_escape,
				   pd->note);
	err |= mbuf_write_str(mb, "</tuple>\r\n");
	if (*activity)
		err |= mbuf_printf(mb, "<dm:person id=\"p%s\">"
				   "<rpid:activities>%s</rpid:activities>"
				   "</dm:person>\r\n", id, activity);

	return err | mbuf_write_str(mb, "</presence>\r\n");
}
