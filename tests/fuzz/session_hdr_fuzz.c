/**
 * @file session_hdr_fuzz.c  Any value of the headers that sessions read
 */
#include <string.h>

#include "fuzz.h"
#include "phone/sip/session_hdr.h"


/* A slice lies in what it was cut from */
static void inside(const struct pl *part, const struct pl *all)
{
	PROMISE(!part->l || (part->p >= all->p &&
			     part->p + part->l <= all->p + all->l));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct pl val = { (const char *)data, len };
	struct session_expires se;
	struct refer_to rt;
	struct reason_hdr reason;
	struct replaces rep;
	struct rack rack;
	struct pl pl;

	if (!session_expires_decode(&se, &val))
		PROMISE(se.secs > 0);
	if (!rack_decode(&rack, &val))
		inside(&rack.met, &val);
	if (!replaces_decode(&rep, &val)) {
		PROMISE(rep.callid.l);
		inside(&rep.callid, &val);
		inside(&rep.to_tag, &val);
		inside(&rep.from_tag, &val);
	}
	if (!reason_decode(&reason, &val)) {
		PROMISE(reason.cause <= 999);
		inside(&reason.text, &val);
	}
	if (hdr_param(&val, "tag", &pl))
		inside(&pl, &val);
	(void)sipfrag_code(val.p, val.l);

	if (!refer_to_decode(&rt, &val)) {
		PROMISE(rt.uri && hdr_safe(rt.uri));
		PROMISE(!strpbrk(rt.uri, "<>\" "));
		PROMISE(!rt.replaces || hdr_safe(rt.replaces));
	}
	mem_deref(rt.uri);
	mem_deref(rt.replaces);

	return 0;
}
