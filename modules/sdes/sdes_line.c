/**
 * @file sdes_line.c  One a=crypto line (RFC 4568)
 *
 *     tag suite "inline:" key||salt ["|" lifetime] ["|" MKI ":" length]
 *         { SP session-param }
 *
 * Strict: what is not understood makes a line useless, for a key that is
 * half understood protects nothing. A master key identifier stands in every
 * packet of whoever wrote the line; ours have none, one key needs no name.
 */
#include <errno.h>
#include <string.h>

#include "sdes_line.h"

enum { B64_MAX = 64, SUITES = 6 };

const enum srtp_suite sdes_offered[SDES_OFFERED] = {
	SRTP_AES_256_GCM, SRTP_AES_128_GCM, SRTP_AES_256_CM_HMAC_SHA1_80,
	SRTP_AES_CM_128_HMAC_SHA1_80
};

/* What can be done, best first; the last two only if a peer has no other */
static const struct {
	enum srtp_suite suite;
	const char *name;
	const char *also;        /* Another name in the field */
	size_t key_len;
} suites[SUITES] = {
	{ SRTP_AES_256_GCM, "AEAD_AES_256_GCM", NULL, 44 },
	{ SRTP_AES_128_GCM, "AEAD_AES_128_GCM", NULL, 28 },
	{ SRTP_AES_256_CM_HMAC_SHA1_80, "AES_256_CM_HMAC_SHA1_80",
	  "AES_CM_256_HMAC_SHA1_80", 46 },
	{ SRTP_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80", NULL, 30 },
	{ SRTP_AES_256_CM_HMAC_SHA1_32, "AES_256_CM_HMAC_SHA1_32",
	  "AES_CM_256_HMAC_SHA1_32", 46 },
	{ SRTP_AES_CM_128_HMAC_SHA1_32, "AES_CM_128_HMAC_SHA1_32", NULL, 30 },
};


size_t sdes_key_len(enum srtp_suite suite)
{
	size_t i;

	for (i = 0; i < SUITES; i++) {
		if (suites[i].suite == suite)
			return suites[i].key_len;
	}

	return 0;
}


unsigned sdes_rank(enum srtp_suite suite)
{
	unsigned i;

	for (i = 0; i < SUITES; i++) {
		if (suites[i].suite == suite)
			break;
	}

	return i;
}


/* A word up to the next space; false at the end */
static bool word(struct pl *rest, struct pl *w)
{
	while (rest->l && *rest->p == ' ')
		pl_advance(rest, 1);

	w->p = rest->p;
	w->l = 0;
	while (rest->l && *rest->p != ' ') {
		pl_advance(rest, 1);
		++w->l;
	}

	return w->l > 0;
}


/* A part up to the next bar; false at the end */
static bool part(struct pl *rest, struct pl *w)
{
	if (!rest->l || *rest->p != '|')
		return false;

	pl_advance(rest, 1);
	w->p = rest->p;
	w->l = 0;
	while (rest->l && *rest->p != '|') {
		pl_advance(rest, 1);
		++w->l;
	}

	return true;
}


static bool number(const struct pl *pl, size_t digits, uint64_t *np)
{
	size_t i;

	if (!pl->l || pl->l > digits)
		return false;

	*np = 0;
	for (i = 0; i < pl->l; i++) {
		if (pl->p[i] < '0' || pl->p[i] > '9')
			return false;
		*np = *np * 10 + (uint64_t)(pl->p[i] - '0');
	}

	return true;
}


static bool suite_find(enum srtp_suite *suite, size_t *len,
		       const struct pl *name)
{
	size_t i;

	for (i = 0; i < SUITES; i++) {
		if (pl_strcasecmp(name, suites[i].name) &&
		    (!suites[i].also ||
		     pl_strcasecmp(name, suites[i].also)))
			continue;

		*suite = suites[i].suite;
		*len = suites[i].key_len;
		return true;
	}

	return false;
}


/* base64, exactly of the right length: libre's decoder takes anything */
static int key_decode(struct sdes_line *line, const struct pl *b64)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	const size_t full = (line->key_len + 2) / 3 * 4;
	const size_t pad = (3 - line->key_len % 3) % 3;
	uint8_t key[B64_MAX / 4 * 3];
	size_t i, n = sizeof(key);
	char buf[B64_MAX + 1];
	int err;

	/* some leave the padding out */
	if ((b64->l != full && b64->l != full - pad) || full > B64_MAX)
		return EBADMSG;

	for (i = 0; i < full; i++) {
		buf[i] = i < b64->l ? b64->p[i] : '=';
		if (i < full - pad ? !buf[i] || !strchr(set, buf[i]) :
		    buf[i] != '=')
			return EBADMSG;
	}
	buf[full] = '\0';

	err = base64_decode(buf, full, key, &n);
	if (!err && n == line->key_len)
		memcpy(line->key, key, n);
	else
		err = EBADMSG;

	explicit_bzero(key, sizeof(key));
	explicit_bzero(buf, sizeof(buf));

	return err;
}


/* "2^20" or "1048576" (6.1: at most 2^48 packets). A key that is used up
   before a sentence was said would only make us negotiate all the time */
static int lifetime_decode(struct sdes_line *line, const struct pl *pl)
{
	const uint64_t most = (uint64_t)1 << 48;
	struct pl power = *pl;
	uint64_t n;

	if (pl->l > 2 && pl->p[0] == '2' && pl->p[1] == '^') {
		pl_advance(&power, 2);
		if (!number(&power, 2, &n) || n > 48)
			return EBADMSG;
		n = (uint64_t)1 << n;
	}
	else if (!number(pl, 15, &n) || !n || n > most) {
		return EBADMSG;
	}

	line->lifetime = n;

	return n < SDES_LIFE_MIN ? ENOTSUP : 0;
}


static bool short_tag(enum srtp_suite suite)
{
	return suite == SRTP_AES_256_CM_HMAC_SHA1_32 ||
		suite == SRTP_AES_CM_128_HMAC_SHA1_32;
}


/* "1:4": value, length; in a packet that is so many bytes, the first one
   the most significant */
static int mki_decode(struct sdes_line *line, const struct pl *pl,
		      const char *colon)
{
	struct pl value = { pl->p, (size_t)(colon - pl->p) };
	struct pl len = { colon + 1, pl->l - value.l - 1 };
	uint64_t n, v;

	size_t i;

	if (!number(&value, 18, &v) || !number(&len, 3, &n) || !n ||
	    n > 128 || (n < sizeof(v) && v >> 8 * n))
		return EBADMSG;
	/* where SRTCP has a longer tag than SRTP libsrtp 2.5 looks for it
	   in the wrong place */
	if (n > sizeof(line->mki) || short_tag(line->suite))
		return ENOTSUP;

	line->mki_len = (size_t)n;
	for (i = 1; i <= n && i <= sizeof(v); i++) {
		line->mki[n - i] = (uint8_t)v;
		v >>= 8;
	}

	return 0;
}


static int key_params(struct sdes_line *line, struct pl pl)
{
	static const char method[] = "inline:";
	struct pl key, p;
	unsigned n = 0;
	int err;

	if (pl.l < strlen(method) ||
	    strncasecmp(pl.p, method, strlen(method)))
		return ENOTSUP;
	pl_advance(&pl, (ssize_t)strlen(method));

	/* one of several keys, named by its MKI: nobody has been met who
	   does that */
	if (pl_strchr(&pl, ';'))
		return ENOTSUP;

	key.p = pl.p;
	key.l = 0;
	while (pl.l && *pl.p != '|') {
		pl_advance(&pl, 1);
		++key.l;
	}

	err = key_decode(line, &key);

	while (!err && part(&pl, &p)) {
		const char *colon = pl_strchr(&p, ':');

		if (n++ >= 2 || line->mki_len)
			err = EBADMSG;
		else if (colon)
			err = mki_decode(line, &p, colon);
		else if (n == 1)
			err = lifetime_decode(line, &p);
		else
			err = EBADMSG;
	}

	return err;
}


/* 6.3: what turns protection off or changes how it is done is not ours */
static int session_param(const struct pl *pl)
{
	struct pl v = *pl;
	uint64_t n;

	/* its writer says it may be left out */
	if (*pl->p == '-')
		return 0;

	/* a hint about the replay window */
	if (pl->l > 4 && !strncasecmp(pl->p, "WSH=", 4)) {
		pl_advance(&v, 4);
		return number(&v, 9, &n) ? 0 : EBADMSG;
	}

	return ENOTSUP;
}


int sdes_line_decode(struct sdes_line *line, const char *value)
{
	struct pl rest, tag, suite, key, param;
	uint64_t n;
	int err;

	if (!line || !value)
		return EINVAL;

	memset(line, 0, sizeof(*line));
	pl_set_str(&rest, value);

	if (!word(&rest, &tag) || !word(&rest, &suite) || !word(&rest, &key))
		return EBADMSG;
	if (!number(&tag, 9, &n))
		return EBADMSG;

	line->tag = (uint32_t)n;
	if (!suite_find(&line->suite, &line->key_len, &suite))
		return ENOTSUP;

	err = key_params(line, key);
	while (!err && word(&rest, &param))
		err = session_param(&param);

	if (err)
		explicit_bzero(line, sizeof(*line));

	return err;
}


int sdes_line_encode(char *buf, size_t size, const struct sdes_line *line)
{
	char b64[B64_MAX + 1];
	size_t n = sizeof(b64) - 1;
	int err;

	if (!buf || !line || line->key_len > sizeof(line->key) ||
	    sdes_rank(line->suite) >= SUITES)
		return EINVAL;

	err = base64_encode(line->key, line->key_len, b64, &n);
	if (!err) {
		b64[n] = '\0';
		if (re_snprintf(buf, size, "%u %s inline:%s", line->tag,
				suites[sdes_rank(line->suite)].name,
				b64) < 0)
			err = ENOMEM;
	}
	explicit_bzero(b64, sizeof(b64));

	return err;
}
