/**
 * @file codec_fuzz.c  The decoders of the codec modules
 *
 * The first byte says which codec, then come packets, each behind its
 * length. A byte of length 0 is a lost packet.
 */
#include <string.h>

#include "phone/module/module.h"

#include "fuzz.h"

enum { CODECS = 24, ROOM = 5760 };

static struct codec *codecv[CODECS];
static unsigned codecc;


int codec_register(struct codec *codec)
{
	if (codecc < CODECS)
		codecv[codecc++] = codec;

	return 0;
}


void codec_unregister(struct codec *codec)
{
	(void)codec;
}


void module_announce(const struct offhook_module *mod)
{
	(void)mod->init();
}


/* A decoder of its own for each run, so that a finding can be repeated */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int16_t out[ROOM];
	const struct codec *c;
	struct codec_dec *dec = NULL;
	unsigned i;
	size_t n;

	if (!size || !codecc)
		return 0;

	i = data[0] % codecc;
	c = codecv[i];
	if (c->dec_alloc(&dec, c, c->fmtp))
		return 0;

	for (++data, --size; size > 0;) {
		const size_t len = *data < size ? *data : size - 1;
		uint8_t *packet = mem_alloc(len + 1, NULL);

		++data;
		--size;
		if (!packet)
			break;
		memcpy(packet, data, len);

		n = ROOM;
		if (!len && c->conceal) {
			n = c->srate / 50;
			(void)c->conceal(dec, out, &n, NULL, 0);
		}
		else {
			(void)c->decode(dec, out, &n, packet, len);
		}
		if (n > ROOM)
			__builtin_trap();

		mem_deref(packet);
		data += len;
		size -= len;
	}
	mem_deref(dec);

	return 0;
}
