/**
 * @file imdn_fuzz.c  Any receipt, and the XML reader below it
 */
#include "common/xml.h"
#include "fuzz.h"
#include "phone/chat/imdn.h"


static void walk(const char *s, size_t len)
{
	enum xml_event ev = XML_TEXT;
	unsigned depth = 0;
	struct xml xml;
	int err;

	err = xml_init(&xml, s, len);
	while (!err && ev != XML_END) {
		err = xml_next(&xml, &ev);
		if (err)
			break;
		if (ev == XML_OPEN)
			++depth;
		else if (ev == XML_CLOSE)
			--depth;
		PROMISE(depth == xml.depth && depth <= XML_DEPTH_MAX);
	}
	PROMISE(err || !depth);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct imdn in, out;
	struct mbuf *mb;

	walk((const char *)data, len);

	if (imdn_decode(&in, (const char *)data, len) ||
	    in.status == IMDN_OTHER)
		return 0;

	mb = mbuf_alloc(512);
	PROMISE(mb);
	PROMISE(!imdn_encode(mb, &in));
	PROMISE(!imdn_decode(&out, (const char *)mb->buf, mb->end));
	PROMISE(!strcmp(in.message_id, out.message_id));
	PROMISE(in.status == out.status);
	mem_deref(mb);

	return 0;
}
