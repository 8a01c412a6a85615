/**
 * @file cpim_fuzz.c  Any envelope; what was read can be written
 */
#include "common/text.h"
#include "fuzz.h"
#include "phone/chat/cpim.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cpim *c = NULL, *back = NULL;
	struct mbuf *mb;

	if (cpim_decode(&c, data, len))
		return 0;

	PROMISE(c->body >= data && c->body + c->len <= data + len);
	PROMISE(text_is_utf8(c->from_name, strlen(c->from_name)));
	PROMISE(text_is_utf8(c->subject, strlen(c->subject)));
	PROMISE(!strpbrk(c->message_id, "\r\n\x1b"));

	mb = mbuf_alloc(512);
	PROMISE(mb);
	if (c->from_uri[0] && c->to_uri[0] &&
	    !cpim_encode(mb, c) && !cpim_decode(&back, mb->buf, mb->end)) {
		PROMISE(!strcmp(back->from_uri, c->from_uri));
		PROMISE(!strcmp(back->message_id, c->message_id));
		PROMISE(back->notify == c->notify);
		PROMISE(back->len == c->len);
	}
	mem_deref(mb);
	mem_deref(back);
	mem_deref(c);

	return 0;
}
