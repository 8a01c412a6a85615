/**
 * @file sdes_fuzz.c  Lines about keys that a peer's SDP brings
 *
 * a=crypto (modules/sdes) and a=fingerprint (modules/dtls_srtp): what is
 * read is whole, and what is written from it reads the same.
 */
#include <re.h>

#include "../../modules/dtls_srtp/fingerprint.h"
#include "../../modules/sdes/sdes_line.h"
#include "fuzz.h"


static void crypto(const char *s)
{
	struct sdes_line line, again;
	char text[256];

	if (sdes_line_decode(&line, s))
		return;

	PROMISE(line.key_len == sdes_key_len(line.suite));
	PROMISE(line.mki_len <= sizeof(line.mki));
	PROMISE(!line.lifetime || line.lifetime >= SDES_LIFE_MIN);
	PROMISE(!sdes_line_encode(text, sizeof(text), &line));
	PROMISE(!sdes_line_decode(&again, text));
	PROMISE(again.tag == line.tag && again.suite == line.suite);
	PROMISE(!memcmp(again.key, line.key, line.key_len));
}


static void fingerprint(const char *s)
{
	struct fingerprint fp, again;
	char text[FINGERPRINT_TEXT];

	if (fingerprint_decode(&fp, s))
		return;

	PROMISE(fp.len >= 32 && fp.len <= sizeof(fp.md));
	fingerprint_encode(text, sizeof(text), &fp);
	PROMISE(!fingerprint_decode(&again, text));
	PROMISE(fingerprint_equal(&fp, &again));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *s = malloc(len + 1);

	if (!s)
		return 0;
	memcpy(s, data, len);
	s[len] = '\0';

	crypto(s);
	fingerprint(s);
	(void)setup_decode(s);
	free(s);

	return 0;
}
