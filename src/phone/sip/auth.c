/**
 * @file auth.c  Who gets our password's digest, and who does not
 *
 * A digest is worth money to a stranger: with it a password can be
 * guessed at leisure. So a realm that names some other domain is not
 * answered, a challenge weaker than one seen before is not answered, and
 * Basic never is. What the caller must see to: credentials go only to the
 * account's own server, and never into a dialog the peer opened.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>

#include "common/log.h"
#include "common/text.h"
#include "auth.h"
#include "digest.h"

enum { STALE_MAX = 3, CNONCE_SIZE = 17 };

/* One challenge that is being answered */
struct cred {
	struct digest_challenge *ch;
	char ha1[DIGEST_HEX];
	char cnonce[CNONCE_SIZE];
	uint32_t nc;
};

struct auth {
	struct cred credv[AUTH_SCOPES][2];     /* [scope][0: 401, 1: 407] */
	char *user;
	char *realm;
	char *domain;
	char *server;
	unsigned best;
	char reason[160];
	stack_password_h *passwordh;
	void *arg;
};

static void cred_reset(struct cred *cred)
{
	mem_deref(cred->ch);
	OPENSSL_cleanse(cred, sizeof(*cred));
	memset(cred, 0, sizeof(*cred));
}

static void destructor(void *arg)
{
	struct auth *auth = arg;
	size_t i;

	for (i = 0; i < AUTH_SCOPES; i++) {
		cred_reset(&auth->credv[i][0]);
		cred_reset(&auth->credv[i][1]);
	}

	mem_deref(auth->user);
	mem_deref(auth->realm);
	mem_deref(auth->domain);
	mem_deref(auth->server);
}

int auth_alloc(struct auth **authp, const char *user, const char *realm,
	       const struct pl *domain, const struct pl *server,
	       stack_password_h *h, void *arg)
{
	struct auth *auth;
	int err;

	if (!authp || !user || !domain)
		return EINVAL;

	auth = mem_zalloc(sizeof(*auth), destructor);
	if (!auth)
		return ENOMEM;

	err = str_dup(&auth->user, user);
	err |= pl_strdup(&auth->domain, domain);
	if (realm)
		err |= str_dup(&auth->realm, realm);
	if (pl_isset(server))
		err |= pl_strdup(&auth->server, server);

	auth->passwordh = h;
	auth->arg = arg;

	if (err)
		mem_deref(auth);
	else
		*authp = auth;

	return err ? ENOMEM : 0;
}

/* b is a, or below it: sip.example.org belongs to example.org */
static bool below(const char *a, const char *b)
{
	size_t al = str_len(a), bl = str_len(b);

	if (!al || bl < al || str_casecmp(b + bl - al, a))
		return false;

	return bl == al || (b[bl - al - 1] == '.' && strchr(a, '.'));
}

static bool kin(const char *a, const char *b)
{
	return a && b && (below(a, b) || below(b, a));
}

/*
 * A realm is no domain by law, but where it looks like one it must be one
 * of ours: "asterisk" is fine, "evil.example" is somebody else's. In an
 * answer to anything but REGISTER the far end may have made the challenge.
 */
static bool realm_ok(const struct auth *auth, enum auth_scope scope,
		     const char *realm)
{
	if (auth->realm)
		return 0 == str_casecmp(auth->realm, realm);

	if (kin(auth->domain, realm) || kin(auth->server, realm))
		return true;

	return scope == AUTH_REGISTER && !strchr(realm, '.');
}

struct pick {
	const struct auth *auth;
	enum auth_scope scope;
	struct digest_challenge *ch;
	char *foreign;
};

static bool pick_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			 void *arg)
{
	struct pick *pick = arg;
	struct digest_challenge *ch;
	(void)msg;

	if (digest_challenge_parse(&ch, &hdr->val))
		return false;

	if (!realm_ok(pick->auth, pick->scope, ch->realm)) {
		if (!pick->foreign)
			pick->foreign = text_clean(ch->realm,
						   strlen(ch->realm),
						   TEXT_NAME);
		mem_deref(ch);
	}
	/* RFC 8760 2.3: of equals the first */
	else if (digest_rank(ch) > digest_rank(pick->ch)) {
		mem_deref(pick->ch);
		pick->ch = ch;
	}
	else {
		mem_deref(ch);
	}

	return false;
}

static void say(struct auth *auth, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (re_vsnprintf(auth->reason, sizeof(auth->reason), fmt, ap) < 0)
		auth->reason[sizeof(auth->reason) - 1] = '\0';
	va_end(ap);
}

static int pick_challenge(struct digest_challenge **chp, struct auth *auth,
			  enum auth_scope scope, const struct sip_msg *msg)
{
	struct pick pick = { auth, scope, NULL, NULL };
	int err = 0;

	(void)sip_msg_hdr_apply(msg, true, msg->scode == 401 ?
				SIP_HDR_WWW_AUTHENTICATE :
				SIP_HDR_PROXY_AUTHENTICATE,
				pick_handler, &pick);

	if (!pick.ch && pick.foreign) {
		say(auth, "Someone asks for the password of \"%s\", which is"
		    " not this account's server: not answered",
		    pick.foreign);
		warning("sip: challenge for foreign realm %s refused\n",
			pick.foreign);
		err = EPERM;
	}
	else if (!pick.ch) {
		say(auth, "The server asks for a kind of login that is not"
		    " supported");
		err = ENOTSUP;
	}
	/* never back to MD5 after SHA, never without qop after qop */
	else if ((auth->best > 2 && digest_rank(pick.ch) <= 2) ||
		 (auth->best > 1 && !pick.ch->qop)) {
		say(auth, "The server asks for a weaker login than before:"
		    " not answered");
		err = EPERM;
	}

	free(pick.foreign);
	if (err)
		mem_deref(pick.ch);
	else
		*chp = pick.ch;

	return err;
}

static int cred_set(struct auth *auth, struct cred *cred,
		    struct digest_challenge *ch)
{
	char *pass = NULL;
	int err;

	if (!auth->passwordh && cred->ch && cred->ch->alg == ch->alg &&
	    !strcmp(cred->ch->realm, ch->realm)) {
		mem_deref(cred->ch);
		cred->ch = mem_ref(ch);
		cred->nc = 0;
		return 0;
	}

	err = auth->passwordh ? auth->passwordh(&pass, auth->arg) : ENOENT;
	if (!err && !pass)
		err = ENOENT;
	if (err) {
		say(auth, "The server asks for a password and there is none"
		    " for this account");
		return ENOENT;
	}

	cred_reset(cred);
	err = digest_ha1(cred->ha1, ch, auth->user, pass);
	OPENSSL_cleanse(pass, str_len(pass));
	mem_deref(pass);
	if (err)
		return err;

	cred->ch = mem_ref(ch);
	(void)re_snprintf(cred->cnonce, sizeof(cred->cnonce), "%016llx",
			  rand_u64());

	return 0;
}

int auth_challenge(struct auth *auth, enum auth_scope scope,
		   const struct sip_msg *msg, struct auth_try *try)
{
	struct digest_challenge *ch = NULL;
	struct cred *cred;
	int err, kind;

	if (!auth || scope >= AUTH_SCOPES || !msg || !try)
		return EINVAL;

	kind = msg->scode == 407;
	cred = &auth->credv[scope][kind];
	auth->reason[0] = '\0';

	err = pick_challenge(&ch, auth, scope, msg);
	if (err)
		goto out;

	if (try->answered[kind] &&
	    (!ch->stale || ++try->stale[kind] > STALE_MAX)) {
		say(auth, "The server refused the password");
		cred_reset(cred);
		err = EACCES;
		goto out;
	}

	err = cred_set(auth, cred, ch);
	if (err)
		goto out;

	if (!auth->realm)
		err = str_dup(&auth->realm, ch->realm);
	auth->best = MAX(auth->best, digest_rank(ch));
	++try->answered[kind];

 out:
	mem_deref(ch);

	return err;
}

int auth_print(struct auth *auth, enum auth_scope scope, struct mbuf *mb,
	       const struct pl *met, const struct pl *uri)
{
	char resp[DIGEST_HEX];
	int kind, err = 0;

	if (!auth || scope >= AUTH_SCOPES || !mb || !met || !uri)
		return EINVAL;

	for (kind = 0; kind < 2; kind++) {
		struct cred *cred = &auth->credv[scope][kind];

		if (!cred->ch)
			continue;

		++cred->nc;
		err = digest_response(resp, cred->ch, cred->ha1, met, uri,
				      cred->cnonce, cred->nc);
		if (err)
			break;

		err  = mbuf_write_str(mb, kind ? "Proxy-Authorization: " :
				      "Authorization: ");
		err |= digest_print(mb, cred->ch, auth->user, uri, resp,
				    cred->cnonce, cred->nc);
		err |= mbuf_write_str(mb, "\r\n");
		if (err)
			break;
	}

	return err;
}

void auth_close(struct auth *auth)
{
	if (auth)
		auth->passwordh = NULL;
}

const char *auth_reason(const struct auth *auth)
{
	return auth ? auth->reason : "";
}

const char *auth_realm(const struct auth *auth)
{
	return auth ? auth->realm : NULL;
}
