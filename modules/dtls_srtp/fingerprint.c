/**
 * @file fingerprint.c  a=fingerprint and a=setup (RFC 8122, 4145)
 *
 * SHA-256 or better: with a weaker hash somebody could make a certificate
 * that fits, so such a line counts for nothing.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "fingerprint.h"

static const struct {
	const char *name;
	size_t len;
} hashes[] = {
	{ "", 0 }, { "sha-256", 32 }, { "sha-384", 48 }, { "sha-512", 64 }
};


static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;

	return -1;
}


int fingerprint_decode(struct fingerprint *fp, const char *value)
{
	const char *p = value;
	struct pl name;
	size_t i;
	int h, hi, lo;

	if (!fp || !value)
		return EINVAL;

	memset(fp, 0, sizeof(*fp));
	name.p = value;
	name.l = strcspn(value, " ");
	p += name.l;

	for (h = FINGERPRINT_SHA256; h <= FINGERPRINT_SHA512; h++) {
		if (!pl_strcasecmp(&name, hashes[h].name))
			break;
	}
	if (h > FINGERPRINT_SHA512)
		return ENOTSUP;

	while (*p == ' ')
		++p;

	for (i = 0; i < hashes[h].len; i++) {
		if (i && *p++ != ':')
			return EBADMSG;
		hi = hex(p[0]);
		lo = hi < 0 ? -1 : hex(p[1]);
		if (lo < 0)
			return EBADMSG;
		fp->md[i] = (uint8_t)(hi * 16 + lo);
		p += 2;
	}
	if (*p && *p != ' ')
		return EBADMSG;

	fp->hash = (enum fingerprint_hash)h;
	fp->len = hashes[h].len;

	return 0;
}


void fingerprint_encode(char *buf, size_t size, const struct fingerprint *fp)
{
	int n = re_snprintf(buf, size, "%s ", hashes[fp->hash].name);
	size_t i;

	for (i = 0; i < fp->len && n > 0; i++) {
		const int k = re_snprintf(buf + n, size - (size_t)n, "%s%02X",
					  i ? ":" : "", fp->md[i]);

		if (k < 0)
			break;
		n += k;
	}
}


bool fingerprint_equal(const struct fingerprint *a,
		       const struct fingerprint *b)
{
	return a->hash == b->hash && a->len == b->len &&
		!mem_seccmp(a->md, b->md, a->len);
}


enum setup setup_decode(const char *value)
{
	if (!str_casecmp(value, "actpass"))
		return SETUP_ACTPASS;
	if (!str_casecmp(value, "active"))
		return SETUP_ACTIVE;
	if (!str_casecmp(value, "passive"))
		return SETUP_PASSIVE;

	return SETUP_NONE;
}
