/**
 * @file digest.c  Digest authentication, the arithmetic (RFC 7616, 8760)
 *
 * A challenge comes from whoever answered, so its strings are hostile: a
 * control character (which would let a header be injected when we echo
 * the nonce) makes the challenge invalid, and so does an absurd length.
 * Escapes are kept as they are, because the hash runs over what stood
 * between the quotes and the echo repeats it byte for byte.
 */
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "digest.h"

static const struct {
	const char *name;
	const char *md;
	enum digest_alg alg;
} algv[] = {
	{ "MD5",         "MD5",        DIGEST_MD5 },
	{ "SHA-256",     "SHA256",     DIGEST_SHA256 },
	{ "SHA-512-256", "SHA512-256", DIGEST_SHA512_256 },
};

static void challenge_destructor(void *arg)
{
	struct digest_challenge *ch = arg;

	mem_deref(ch->realm);
	mem_deref(ch->nonce);
	mem_deref(ch->opaque);
}

static bool is_ws(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct pl *pl, const char *set, bool ws)
{
	while (pl->l && ((ws && is_ws(*pl->p)) ||
			 (*pl->p && strchr(set, *pl->p)))) {
		++pl->p;
		--pl->l;
	}
}

/* name = value | name = "quoted"; false at the end or on nonsense */
static int param_next(struct pl *pl, struct pl *name, struct pl *val)
{
	bool quoted;

	skip(pl, ",", true);
	if (!pl->l)
		return ENOENT;

	name->p = pl->p;
	while (pl->l && *pl->p != '=' && *pl->p != ',' && !is_ws(*pl->p)) {
		++pl->p;
		--pl->l;
	}
	name->l = (size_t)(pl->p - name->p);

	skip(pl, "", true);
	if (!name->l || !pl->l || *pl->p != '=')
		return EBADMSG;
	++pl->p;
	--pl->l;
	skip(pl, "", true);

	quoted = pl->l && *pl->p == '"';
	if (quoted) {
		++pl->p;
		--pl->l;
	}

	val->p = pl->p;
	while (pl->l) {
		if (quoted && *pl->p == '\\' && pl->l > 1) {
			++pl->p;
			--pl->l;
		}
		else if (quoted ? *pl->p == '"' :
			 (*pl->p == ',' || is_ws(*pl->p))) {
			break;
		}
		++pl->p;
		--pl->l;
	}
	val->l = (size_t)(pl->p - val->p);

	if (quoted) {
		if (!pl->l)
			return EBADMSG;
		++pl->p;
		--pl->l;
	}

	return 0;
}

static int take(char **strp, const struct pl *val)
{
	size_t i;

	if (*strp || val->l > DIGEST_NONCE_MAX)
		return EBADMSG;

	for (i = 0; i < val->l; i++) {
		uint8_t c = (uint8_t)val->p[i];

		if (c < 0x20 || c == 0x7f)
			return EBADMSG;
	}

	return pl_strdup(strp, val);
}

static int algorithm(struct digest_challenge *ch, struct pl val)
{
	static const char sess[] = "-sess";
	const size_t sl = sizeof(sess) - 1;
	struct pl tail;
	size_t i;

	tail.p = val.l > sl ? val.p + val.l - sl : NULL;
	tail.l = sl;

	if (tail.p && !pl_strcasecmp(&tail, sess)) {
		ch->sess = true;
		val.l -= sl;
	}

	for (i = 0; i < ARRAY_SIZE(algv); i++) {
		if (!pl_strcasecmp(&val, algv[i].name)) {
			ch->alg = algv[i].alg;
			ch->named = true;
			return 0;
		}
	}

	return ENOTSUP;
}

/* qop-options: a list in one string, e.g. "auth,auth-int" */
static int qop(struct digest_challenge *ch, struct pl val)
{
	while (val.l) {
		struct pl tok;

		skip(&val, ",", true);
		tok.p = val.p;
		while (val.l && *val.p != ',' && !is_ws(*val.p)) {
			++val.p;
			--val.l;
		}
		tok.l = (size_t)(val.p - tok.p);

		if (tok.l && !pl_strcasecmp(&tok, "auth"))
			ch->qop = true;
	}

	return ch->qop ? 0 : ENOTSUP;
}

static int challenge_param(struct digest_challenge *ch,
			   const struct pl *name, const struct pl *val)
{
	if (!pl_strcasecmp(name, "realm"))
		return take(&ch->realm, val);
	if (!pl_strcasecmp(name, "nonce"))
		return take(&ch->nonce, val);
	if (!pl_strcasecmp(name, "opaque"))
		return take(&ch->opaque, val);
	if (!pl_strcasecmp(name, "algorithm"))
		return algorithm(ch, *val);
	if (!pl_strcasecmp(name, "qop"))
		return val->l ? qop(ch, *val) : 0;
	if (!pl_strcasecmp(name, "stale"))
		ch->stale = !pl_strcasecmp(val, "true");

	return 0;
}

int digest_challenge_parse(struct digest_challenge **chp,
			   const struct pl *val)
{
	struct digest_challenge *ch;
	struct pl pl, scheme, name, v;
	int err;

	if (!chp || !val || !val->p)
		return EINVAL;

	pl = *val;
	skip(&pl, "", true);
	scheme.p = pl.p;
	while (pl.l && !is_ws(*pl.p)) {
		++pl.p;
		--pl.l;
	}
	scheme.l = (size_t)(pl.p - scheme.p);

	if (pl_strcasecmp(&scheme, "Digest"))
		return EPROTONOSUPPORT;

	ch = mem_zalloc(sizeof(*ch), challenge_destructor);
	if (!ch)
		return ENOMEM;

	while (0 == (err = param_next(&pl, &name, &v))) {
		err = challenge_param(ch, &name, &v);
		if (err)
			goto out;
	}
	if (err != ENOENT)
		goto out;

	err = ch->realm && ch->nonce && *ch->nonce ? 0 : EBADMSG;

 out:
	if (err)
		mem_deref(ch);
	else
		*chp = ch;

	return err;
}

unsigned digest_rank(const struct digest_challenge *ch)
{
	if (!ch)
		return 0;

	return 1u + 2u * (unsigned)ch->alg + (ch->qop ? 1u : 0u);
}

/* H of the parts joined by ':' */
static int hash(char hex[DIGEST_HEX], enum digest_alg alg,
		const struct pl *partv, size_t partc)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	const EVP_MD *type = EVP_get_digestbyname(algv[alg].md);
	unsigned int len = 0;
	EVP_MD_CTX *ctx;
	size_t i;
	int ok;

	if (!type)
		return ENOTSUP;

	ctx = EVP_MD_CTX_new();
	if (!ctx)
		return ENOMEM;

	ok = EVP_DigestInit_ex(ctx, type, NULL);
	for (i = 0; ok && i < partc; i++) {
		if (i)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		if (ok && partv[i].l)
			ok = EVP_DigestUpdate(ctx, partv[i].p, partv[i].l);
	}
	if (ok)
		ok = EVP_DigestFinal_ex(ctx, md, &len);
	EVP_MD_CTX_free(ctx);

	if (!ok || len * 2 >= DIGEST_HEX)
		return ENOTSUP;

	return re_snprintf(hex, DIGEST_HEX, "%w", md, (size_t)len) < 0 ?
		ENOMEM : 0;
}

static struct pl part(const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str ? str : "");

	return pl;
}

int digest_ha1(char ha1[DIGEST_HEX], const struct digest_challenge *ch,
	       const char *user, const char *password)
{
	struct pl partv[3];

	if (!ha1 || !ch || !user || !password)
		return EINVAL;

	partv[0] = part(user);
	partv[1] = part(ch->realm);
	partv[2] = part(password);

	return hash(ha1, ch->alg, partv, 3);
}

int digest_response(char resp[DIGEST_HEX], const struct digest_challenge *ch,
		    const char *ha1, const struct pl *met,
		    const struct pl *uri, const char *cnonce, uint32_t nc)
{
	char a1[DIGEST_HEX], a2[DIGEST_HEX], ncs[9];
	struct pl partv[6];
	size_t n = 0;
	int err;

	if (!resp || !ch || !ha1 || !met || !uri || !cnonce)
		return EINVAL;

	(void)re_snprintf(ncs, sizeof(ncs), "%08x", nc);

	/* RFC 7616 3.4.2 */
	if (ch->sess) {
		partv[0] = part(ha1);
		partv[1] = part(ch->nonce);
		partv[2] = part(cnonce);
		err = hash(a1, ch->alg, partv, 3);
		if (err)
			return err;
	}
	else {
		str_ncpy(a1, ha1, sizeof(a1));
	}

	partv[0] = *met;
	partv[1] = *uri;
	err = hash(a2, ch->alg, partv, 2);
	if (err)
		goto out;

	partv[n++] = part(a1);
	partv[n++] = part(ch->nonce);
	if (ch->qop) {
		partv[n++] = part(ncs);
		partv[n++] = part(cnonce);
		partv[n++] = part("auth");
	}
	partv[n++] = part(a2);

	err = hash(resp, ch->alg, partv, n);

 out:
	OPENSSL_cleanse(a1, sizeof(a1));

	return err;
}

/* quoted-string of text that is ours */
static int quote(struct mbuf *mb, const char *str)
{
	int err = 0;

	for (; *str; str++) {
		if (*str == '"' || *str == '\\')
			err |= mbuf_write_u8(mb, '\\');
		err |= mbuf_write_u8(mb, (uint8_t)*str);
	}

	return err;
}

int digest_print(struct mbuf *mb, const struct digest_challenge *ch,
		 const char *user, const struct pl *uri, const char *resp,
		 const char *cnonce, uint32_t nc)
{
	int err;

	if (!mb || !ch || !user || !uri || !resp || !cnonce)
		return EINVAL;

	err  = mbuf_write_str(mb, "Digest username=\"");
	err |= quote(mb, user);
	err |= mbuf_printf(mb, "\", realm=\"%s\", nonce=\"%s\", uri=\"%r\""
			   ", response=\"%s\"",
			   ch->realm, ch->nonce, uri, resp);
	if (ch->opaque)
		err |= mbuf_printf(mb, ", opaque=\"%s\"", ch->opaque);
	if (ch->named)
		err |= mbuf_printf(mb, ", algorithm=%s%s",
				   algv[ch->alg].name,
				   ch->sess ? "-sess" : "");
	if (ch->qop || ch->sess)
		err |= mbuf_printf(mb, ", cnonce=\"%s\"", cnonce);
	if (ch->qop)
		err |= mbuf_printf(mb, ", qop=auth, nc=%08x", nc);

	return err;
}
