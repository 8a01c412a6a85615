/**
 * @file dialog_info.c  What calls somebody has (RFC 4235)
 *
 * Stands on the strict XML reader. A dialog without an id or with a text
 * that is too long is none; more than sixteen nobody has at once.
 */
#include "dialog_info.h"

#include "common/table.h"
#include "common/xml.h"
#include "target.h"

static const struct table_name state_names[] = {
	{ "terminated", DIALOG_TERMINATED },
	{ "trying", DIALOG_TRYING },
	{ "proceeding", DIALOG_PROCEEDING },
	{ "early", DIALOG_EARLY },
	{ "confirmed", DIALOG_CONFIRMED },
	{ NULL, 0 },
};

static const struct table_name lamp_names[] = {
	{ "unknown", LAMP_UNKNOWN },
	{ "free", LAMP_FREE },
	{ "ringing", LAMP_RINGING },
	{ "busy", LAMP_BUSY },
	{ NULL, 0 },
};

/** Where in a document we are */
struct reader {
	struct xml xml;
	struct dialog_info *di;
	struct dialog_entry e;
	bool stated;             /**< <state> was there                   */
	bool bad;                /**< This dialog is none                 */
	bool remote;             /**< Inside of <remote>                  */
	char text[DIALOG_INFO_URI];
	bool texted;
};

const char *lamp_name(enum lamp lamp)
{
	return table_name(lamp_names, (int)lamp);
}

static int attr(const struct xml *xml, const char *name, char *buf,
		size_t size)
{
	struct pl val;

	buf[0] = '\0';
	if (xml_attr(xml, name, &val))
		return 0;

	return xml_text(buf, size, &val);
}

static int number(const struct xml *xml, const char *name, uint32_t *np)
{
	struct pl val;
	size_t i;

	if (xml_attr(xml, name, &val) || !val.l || val.l > 9)
		return EBADMSG;
	for (i = 0; i < val.l; i++) {
		if (val.p[i] < '0' || val.p[i] > '9')
			return EBADMSG;
	}
	*np = pl_u32(&val);

	return 0;
}

/* Of an identifier that goes into a Replaces header */
static bool is_token(const char *s)
{
	for (; *s; s++) {
		if ((uint8_t)*s <= ' ' || (uint8_t)*s >= 0x7f ||
		    strchr("\"<>;,", *s))
			return false;
	}

	return true;
}

/* RFC 4235 4.1: the root */
static int open_root(struct reader *r, bool *fullp)
{
	uint32_t version;
	char state[16];
	int err;

	if (pl_strcmp(&r->xml.name, "dialog-info"))
		return EBADMSG;
	err = number(&r->xml, "version", &version);
	if (!err)
		err = attr(&r->xml, "state", state, sizeof(state));
	if (err)
		return EBADMSG;

	*fullp = !strcmp(state, "full");
	if (!*fullp && strcmp(state, "partial"))
		return EBADMSG;

	if (r->di->known && version <= r->di->version)
		return EALREADY;
	if (!*fullp && (!r->di->known || version != r->di->version + 1))
		return ESTALE;
	r->di->version = version;

	return 0;
}

static void open_dialog(struct reader *r)
{
	const struct xml *xml = &r->xml;
	struct dialog_entry *e = &r->e;
	char dir[16];
	int err;

	memset(e, 0, sizeof(*e));
	r->stated = r->bad = false;
	err  = attr(xml, "id", e->id, sizeof(e->id));
	err |= attr(xml, "call-id", e->callid, sizeof(e->callid));
	err |= attr(xml, "local-tag", e->local_tag, sizeof(e->local_tag));
	err |= attr(xml, "remote-tag", e->remote_tag, sizeof(e->remote_tag));
	err |= attr(xml, "direction", dir, sizeof(dir));
	e->recipient = !strcmp(dir, "recipient");
	r->bad = err || !e->id[0] || !is_token(e->callid) ||
		!is_token(e->local_tag) || !is_token(e->remote_tag);
}

static void open_element(struct reader *r)
{
	const struct pl *name = &r->xml.name;
	char uri[DIALOG_INFO_URI];

	r->texted = false;
	if (r->xml.depth == 2 && !pl_strcmp(name, "dialog"))
		open_dialog(r);
	else if (r->xml.depth == 3)
		r->remote = !pl_strcmp(name, "remote");
	else if (r->xml.depth == 4 && r->remote &&
		 !pl_strcmp(name, "target") &&
		 !attr(&r->xml, "uri", uri, sizeof(uri)) &&
		 !target_check(uri))
		str_ncpy(r->e.remote, uri, sizeof(r->e.remote));
}

static struct dialog_entry *find(struct dialog_info *di, const char *id)
{
	size_t i;

	for (i = 0; i < di->n; i++) {
		if (!strcmp(di->v[i].id, id))
			return &di->v[i];
	}

	return NULL;
}

static void close_dialog(struct reader *r)
{
	struct dialog_info *di = r->di;
	struct dialog_entry *e;

	if (r->bad || !r->stated)
		return;

	e = find(di, r->e.id);
	if (r->e.state == DIALOG_TERMINATED) {
		if (e)
			*e = di->v[--di->n];
		return;
	}
	if (!e && di->n < DIALOG_INFO_MAX)
		e = &di->v[di->n++];
	if (e)
		*e = r->e;
}

/* XML_CLOSE: the element is not in depth any more */
static void close_element(struct reader *r)
{
	const struct pl *name = &r->xml.name;
	int state;

	if (r->xml.depth == 1 && !pl_strcmp(name, "dialog"))
		close_dialog(r);
	else if (r->xml.depth == 2 && !pl_strcmp(name, "state") &&
		 r->texted) {
		r->stated = !table_value(state_names, r->text, &state);
		r->e.state = (enum dialog_state)state;
	}
	else if (r->xml.depth == 3 && r->remote && r->texted &&
		 !pl_strcmp(name, "identity") && !r->e.remote[0] &&
		 !target_check(r->text))
		str_ncpy(r->e.remote, r->text, sizeof(r->e.remote));
	r->texted = false;
}

static void take_text(struct reader *r)
{
	struct pl text = r->xml.text;

	while (text.l && strchr(" \t\r\n", *text.p))
		pl_advance(&text, 1);
	while (text.l && strchr(" \t\r\n", text.p[text.l - 1]))
		--text.l;
	if (text.l)
		r->texted = !xml_text(r->text, sizeof(r->text), &text);
}

static int decode(struct reader *r)
{
	enum xml_event ev = XML_TEXT;
	bool full = false;
	int err;

	for (;;) {
		err = xml_next(&r->xml, &ev);
		if (err || ev == XML_END)
			return err;

		if (ev == XML_TEXT) {
			take_text(r);
		}
		else if (ev == XML_CLOSE) {
			close_element(r);
		}
		else if (r->xml.depth > 1) {
			open_element(r);
		}
		else {
			err = open_root(r, &full);
			if (err)
				return err;
			if (full)
				r->di->n = 0;
		}
	}
}

int dialog_info_decode(struct dialog_info *di, const char *body, size_t len)
{
	struct dialog_info *next;
	struct reader *r;
	int err;

	if (!di || !body)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), NULL);
	next = mem_alloc(sizeof(*next), NULL);
	if (!r || !next) {
		err = ENOMEM;
		goto out;
	}

	/* on a copy: a document that breaks off changes nothing */
	*next = *di;
	r->di = next;
	err = xml_init(&r->xml, body, len);
	if (!err)
		err = decode(r);
	if (err && err != EALREADY && err != ESTALE)
		err = EBADMSG;
	if (!err) {
		next->known = true;
		*di = *next;
	}

 out:
	mem_deref(r);
	mem_deref(next);

	return err;
}

enum lamp dialog_info_lamp(const struct dialog_info *di)
{
	if (!di || !di->known)
		return LAMP_UNKNOWN;
	if (dialog_info_ringing(di))
		return LAMP_RINGING;

	return di->n ? LAMP_BUSY : LAMP_FREE;
}

const struct dialog_entry *dialog_info_ringing(const struct dialog_info *di)
{
	size_t i;

	for (i = 0; di && i < di->n; i++) {
		if (di->v[i].recipient &&
		    di->v[i].state != DIALOG_CONFIRMED)
			return &di->v[i];
	}

	return NULL;
}
