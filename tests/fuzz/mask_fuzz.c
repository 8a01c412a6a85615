/**
 * @file mask_fuzz.c  Any bytes as a SIP message whose secrets are masked
 *
 * A password that stands in the input where one can stand must not come
 * out, whatever surrounds it.
 */
#include "fuzz.h"
#include "phone/trace/mask.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char head[] = "REGISTER sip:x SIP/2.0\r\n"
		"Authorization: Digest response=\"d41d8cd98f00b204\"\r\n";
	static const char tail[] = "\r\n\r\na=crypto:1 S inline:QUJDREVGR0g";
	static const char response[] = "d41d8cd98f00b204";
	static const char key[] = "QUJDREVGR0g";
	struct mbuf *in, *out;

	/* the fuzzer finds them and puts them where they are no secret */
	if (memmem(data, len, response, 6) || memmem(data, len, key, 6))
		return 0;

	in = mbuf_alloc(len + 256);
	out = mbuf_alloc(512);

	PROMISE(in && out);
	PROMISE(!mbuf_write_mem(in, (const uint8_t *)head, strlen(head)));
	PROMISE(!mbuf_write_mem(in, data, len));
	PROMISE(!mbuf_write_mem(in, (const uint8_t *)tail, strlen(tail)));
	PROMISE(!mask_message(out, (char *)in->buf, in->end));
	PROMISE(!memmem(out->buf, out->end, response, sizeof(response) - 1));
	PROMISE(!memmem(out->buf, out->end, key, sizeof(key) - 1));

	mbuf_rewind(out);
	PROMISE(!mask_message(out, (const char *)data, len));
	mem_deref(in);
	mem_deref(out);

	return 0;
}
