/**
 * @file digest_fuzz.c  libFuzzer: any bytes as a challenge
 *
 * What is echoed into our request must not be able to end a header line.
 */
#include <string.h>

#include "phone/sip/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(const struct digest_challenge *ch)
{
	static const struct pl met = PL("REGISTER");
	static const struct pl uri = PL("sip:example.org");
	char ha1[DIGEST_HEX], resp[DIGEST_HEX];
	struct mbuf *mb = mbuf_alloc(512);

	if (mb && !digest_ha1(ha1, ch, "alice", "secret") &&
	    !digest_response(resp, ch, ha1, &met, &uri, "c", 1) &&
	    !digest_print(mb, ch, "alice", &uri, resp, "c", 1)) {
		if (memchr(mb->buf, '\r', mb->end) ||
		    memchr(mb->buf, '\n', mb->end))
			__builtin_trap();
	}

	mem_deref(mb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct digest_challenge *ch = NULL;
	struct pl pl;

	pl.p = (const char *)data;
	pl.l = size;
	if (size && !digest_challenge_parse(&ch, &pl))
		answer(ch);
	mem_deref(ch);

	return 0;
}
