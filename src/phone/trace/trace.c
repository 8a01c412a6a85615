/**
 * @file trace.c  What went over the wire as SIP, kept for a while
 *
 * Two lists, calls and the rest, each oldest first, share one budget of
 * bytes. The rest may fill half of it: a night of refreshed registrations
 * or a scanner's flood does not push out the call that failed yesterday.
 * Numbers of calls are kept beside the messages, so that a ladder is found
 * by what people know of a call after its session has gone.
 */
#include "trace.h"

#include <sys/time.h>

#include "mask.h"
#include "phone/events.h"

enum {
	NAMES_MAX = 256,
	CALLID_MAX = 256
};

/** What people call a Call-ID */
struct name {
	struct le le;
	uint32_t call;
	int64_t entry;
	char *callid;
};

static struct {
	struct list msgl[2];     /**< struct trace_msg: rest, calls       */
	size_t bytes[2];
	size_t max;
	uint64_t id;
	struct list namel;       /**< struct name, oldest first           */
} ring;


/* ---- the ring ------------------------------------------------------------*/

static void scan(struct trace_msg *msg)
{
	static const char *const others[] = {
		"REGISTER", "OPTIONS", "MESSAGE", "SUBSCRIBE", "PUBLISH",
		"NOTIFY"
	};
	struct pl via, num, met;
	size_t i;

	(void)trace_header(&msg->callid, msg->buf, msg->len, "Call-ID", 'i');
	if (!trace_header(&via, msg->buf, msg->len, "Via", 'v'))
		(void)re_regex(via.p, via.l, "branch=[^;, \t]+",
			       &msg->branch);
	if (msg->callid.l > CALLID_MAX)
		msg->callid.l = CALLID_MAX;
	if (trace_header(&msg->cseq, msg->buf, msg->len, "CSeq", '\0') ||
	    re_regex(msg->cseq.p, msg->cseq.l, "[0-9]+[ \t]+[^ \t\r\n]+",
		     &num, NULL, &met))
		return;

	msg->call = true;
	for (i = 0; i < RE_ARRAY_SIZE(others); i++)
		msg->call = msg->call && pl_strcasecmp(&met, others[i]);
}


static void msg_destructor(void *arg)
{
	struct trace_msg *msg = arg;

	if (msg->le.list)
		ring.bytes[msg->call] -= sizeof(*msg) + msg->len;
	list_unlink(&msg->le);
}


static void drop_oldest(bool call)
{
	mem_deref(list_ledata(list_head(&ring.msgl[call])));
}


static void make_room(void)
{
	while (ring.bytes[0] > ring.max / 2)
		drop_oldest(false);

	while (ring.bytes[0] + ring.bytes[1] > ring.max)
		drop_oldest(ring.bytes[1] != 0);
}


static void keep(struct trace_msg *msg)
{
	struct timeval tv;

	(void)gettimeofday(&tv, NULL);
	msg->time = (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
	msg->id = ++ring.id;

	ring.bytes[msg->call] += sizeof(*msg) + msg->len;
	list_append(&ring.msgl[msg->call], &msg->le, msg);
	event_publish(EVENT_TRACE, msg);
	make_room();
}


static struct trace_msg *msg_alloc(const char *account, const char *buf,
				   size_t len)
{
	struct trace_msg *msg;

	msg = mem_zalloc(sizeof(*msg) + len + 1, msg_destructor);
	if (!msg)
		return NULL;

	msg->len = msg->size = len;
	memcpy(msg->buf, buf, len);
	str_ncpy(msg->account, account ? account : "",
		 sizeof(msg->account));

	return msg;
}


void trace_add(const char *account, bool tx, enum sip_transp tp,
	       const struct sa *src, const struct sa *dst,
	       const uint8_t *pkt, size_t len)
{
	struct trace_msg *msg = NULL;
	struct mbuf *mb;

	if (!ring.max || !pkt || !src || !dst)
		return;

	/* CRLF that keeps a connection open (RFC 5626 3.5.1) */
	if (len <= 4)
		return;

	mb = mbuf_alloc(MIN(len, (size_t)TRACE_MESSAGE) + 64);
	if (!mb)
		return;

	if (!mask_message(mb, (const char *)pkt,
			  MIN(len, (size_t)TRACE_MESSAGE)))
		msg = msg_alloc(account, (char *)mb->buf, mb->end);
	mem_deref(mb);
	if (!msg)
		return;

	msg->tx = tx;
	msg->tp = tp;
	msg->src = *src;
	msg->dst = *dst;
	msg->size = len;
	scan(msg);
	keep(msg);
}


void trace_note(const char *account, const char *callid, const char *text)
{
	struct trace_msg *msg = NULL;
	char *buf = NULL;
	size_t len;

	if (!ring.max || !callid || !text)
		return;

	/* the Call-ID stands behind the end of the sentence */
	len = strlen(text);
	if (re_sdprintf(&buf, "%s|%s", text, callid))
		return;

	buf[len] = '\0';
	msg = msg_alloc(account, buf, len + 1 + strlen(callid));
	mem_deref(buf);
	if (!msg)
		return;

	msg->note = true;
	msg->len = msg->size = len;
	msg->callid.p = msg->buf + len + 1;
	msg->callid.l = strlen(callid);
	msg->call = trace_call(&msg->callid, NULL) != 0;
	keep(msg);
}


void trace_apply(const char *callid, uint64_t after, trace_h *h, void *arg)
{
	struct le *a = list_head(&ring.msgl[0]);
	struct le *b = list_head(&ring.msgl[1]);

	while (a || b) {
		const struct trace_msg *ma = list_ledata(a), *msg;
		const struct trace_msg *mb = list_ledata(b);

		if (ma && (!mb || ma->id < mb->id)) {
			msg = ma;
			a = a->next;
		}
		else if (mb) {
			msg = mb;
			b = b->next;
		}
		else {
			break;
		}

		if (msg->id <= after ||
		    (callid && pl_strcmp(&msg->callid, callid)))
			continue;
		if (h(msg, arg))
			break;
	}
}


/* ---- names of calls ------------------------------------------------------*/

static void name_destructor(void *arg)
{
	struct name *name = arg;

	list_unlink(&name->le);
	mem_deref(name->callid);
}


static struct name *name_of(const struct pl *callid)
{
	struct le *le;

	for (le = list_tail(&ring.namel); le; le = le->prev) {
		struct name *name = le->data;

		if (!pl_strcmp(callid, name->callid))
			return name;
	}

	return NULL;
}


static struct name *name_make(const char *callid)
{
	struct name *name;
	struct pl pl;

	if (!ring.max || !str_isset(callid) || strlen(callid) > CALLID_MAX)
		return NULL;

	pl_set_str(&pl, callid);
	name = name_of(&pl);
	if (name)
		return name;

	name = mem_zalloc(sizeof(*name), name_destructor);
	if (!name || str_dup(&name->callid, callid))
		return mem_deref(name);

	if (list_count(&ring.namel) >= NAMES_MAX)
		mem_deref(list_ledata(list_head(&ring.namel)));
	list_append(&ring.namel, &name->le, name);

	return name;
}


void trace_name_call(const char *callid, uint32_t call)
{
	struct name *name = name_make(callid);

	if (name)
		name->call = call;
}


void trace_name_entry(const char *callid, int64_t entry)
{
	struct name *name = name_make(callid);

	if (name)
		name->entry = entry;
}


const char *trace_callid(uint32_t call, int64_t entry)
{
	struct le *le;

	for (le = list_tail(&ring.namel); le; le = le->prev) {
		const struct name *name = le->data;

		if ((call && name->call == call) ||
		    (entry && name->entry == entry))
			return name->callid;
	}

	return NULL;
}


uint32_t trace_call(const struct pl *callid, int64_t *entryp)
{
	const struct name *name = name_of(callid);

	if (entryp)
		*entryp = name ? name->entry : 0;

	return name ? name->call : 0;
}


/* ---- on and off ----------------------------------------------------------*/

void trace_clear(void)
{
	while (!list_isempty(&ring.msgl[0]))
		drop_oldest(false);
	while (!list_isempty(&ring.msgl[1]))
		drop_oldest(true);
}


void trace_open(size_t bytes)
{
	ring.max = bytes;
	make_room();
	if (!bytes)
		list_flush(&ring.namel);
}


void trace_close(void)
{
	trace_open(0);
}


bool trace_is_on(void)
{
	return ring.max != 0;
}


size_t trace_bytes(void)
{
	return ring.bytes[0] + ring.bytes[1];
}
