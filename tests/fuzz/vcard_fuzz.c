/**
 * @file vcard_fuzz.c  Any card: read, asked, changed, written, read again
 */
#include "phone/contact/vcard.h"
#include "fuzz.h"


/* What is left out when a value is written */
#define CONTROLS \
	"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0d\x0e\x0f\x10\x11\x12" \
	"\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"


static char *print(const struct vcard *vc)
{
	char *s = NULL;

	PROMISE(!re_sdprintf(&s, "%H", vcard_print, vc));

	return s;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const namev[] = {
		"FN", "N", "TEL", "IMPP", "X-SIP", "ORG", "NOTE", "PHOTO"
	};
	static const char *const uriv[] = {"sip:a@b", "tel:+1"};
	struct vcard *vc = NULL, *back = NULL;
	char *a, *b;
	size_t i, k;

	if (vcard_decode(&vc, (const char *)data, len))
		return 0;

	a = print(vc);
	PROMISE(!vcard_decode(&back, a, strlen(a)));
	b = print(back);
	PROMISE(!strcmp(a, b));

	for (k = 0; k < sizeof(namev) / sizeof(namev[0]); k++) {
		const char *v, *w;

		for (i = 0; (v = vcard_value(vc, namev[k], i)); i++) {
			w = vcard_value(back, namev[k], i);
			PROMISE(w && !strcmp(v, w));
		}
	}
	for (k = 0; k < sizeof(namev) / sizeof(namev[0]); k++) {
		const char *v = vcard_value(vc, namev[k], 0);

		PROMISE(!v || !vcard_set(back, "X-NEW", &v, 1));
		PROMISE(!v || !strcmp(vcard_value(back, "X-NEW", 0), v) ||
			strpbrk(v, CONTROLS));
	}
	mem_deref(a);
	mem_deref(b);
	back = mem_deref(back);

	if (!vcard_set(vc, "IMPP", uriv, 2)) {
		PROMISE(!strcmp(vcard_value(vc, "IMPP", 1), "tel:+1"));
		a = print(vc);
		if (!vcard_decode(&back, a, strlen(a)))
			PROMISE(!strcmp(vcard_value(back, "IMPP", 0),
					"sip:a@b"));
		mem_deref(a);
		mem_deref(back);
	}
	mem_deref(vc);

	return 0;
}
