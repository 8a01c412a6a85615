/**
 * @file pidf_fuzz.c  Any presence document; what was understood of it can be
 * told again
 */
#include "common/text.h"
#include "fuzz.h"
#include "phone/sip/pidf.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pidf pd = { PRESENCE_AWAY, "was" }, back;
	struct mbuf *mb;

	if (pidf_decode(&pd, (const char *)data, len)) {
		PROMISE(pd.state == PRESENCE_AWAY && !strcmp(pd.note, "was"));
		return 0;
	}

	PROMISE(pd.state > PRESENCE_UNKNOWN && pd.state <= PRESENCE_OFFLINE);
	PROMISE(strlen(pd.note) < PIDF_NOTE);
	PROMISE(text_is_utf8(pd.note, strlen(pd.note)));

	mb = mbuf_alloc(512);
	PROMISE(mb && !pidf_encode(mb, "sip:a@b", "t", &pd, false));
	PROMISE(!pidf_decode(&back, (const char *)mb->buf, mb->end));
	PROMISE(back.state == pd.state);
	mem_deref(mb);

	return 0;
}
