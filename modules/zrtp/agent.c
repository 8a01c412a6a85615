/**
 * @file agent.c  One ZRTP association: a bzrtp context and what it means
 *
 * bzrtp does RFC 6189; this file knows when it says nothing. It has no
 * callback for errors and none for a peer that never answers: the results
 * of its functions, a look at each packet and two times make the alarms.
 *
 * The words are always negotiated as four letters, which every ZRTP has to
 * know: they hold the two words as well, but not the other way round.
 */
#include "agent.h"

#include <errno.h>
#include <string.h>

#include <bzrtp/bzrtp.h>

#include "words.h"

enum {
	DETAILS_ROOM = 512,
	HEX_ZID      = 2 * ZRTP_ZID + 1,

	/* What processMessage() returns, as bzrtp's own headers number
	 * it; the public one has only the first */
	E_HELLO_HASH = BZRTP_ERROR_HELLOHASH_MISMATCH,
	E_CONFIRMMAC = 0xa020,
	E_HASHCHAIN  = 0xa080,
	E_MAC        = 0xa100,
	E_HVI        = 0xa400
};

struct zrtp_agent {
	bzrtpContext_t *z;
	struct zrtp_view *view;
	struct zrtp_agent_handlers h;
	uint32_t ssrc;
	bool started, secure;
	bool nobody, stalled;            /**< Was told                   */
	uint64_t since;                  /**< First tick, or last again  */
	uint64_t met;                    /**< Their first Hello, ms      */
	uint64_t now;
	unsigned alarms;                 /**< Told, a bit each           */

	struct zrtp_packet hello;        /**< The one that was taken     */
	bool has_hello;
	bool exports;
	uint8_t exported[ZRTP_EXPORT];
};

static const struct {
	uint8_t id;
	const char *name;
} namev[] = {
	{ ZRTP_KEYAGREEMENT_DH2k, "DH-2048" },
	{ ZRTP_KEYAGREEMENT_X255, "X25519" },
	{ ZRTP_KEYAGREEMENT_EC25, "NIST P-256" },
	{ ZRTP_KEYAGREEMENT_X448, "X448" },
	{ ZRTP_KEYAGREEMENT_DH3k, "DH-3072" },
	{ ZRTP_KEYAGREEMENT_EC38, "NIST P-384" },
	{ ZRTP_KEYAGREEMENT_EC52, "NIST P-521" },
	{ ZRTP_CIPHER_AES1, "AES-128" },
	{ ZRTP_CIPHER_AES3, "AES-256" },
	{ ZRTP_AUTHTAG_HS32, "HMAC-SHA1, 32 bits" },
	{ ZRTP_AUTHTAG_HS80, "HMAC-SHA1, 80 bits" },
	{ ZRTP_HASH_S256, "SHA-256" },
	{ ZRTP_HASH_S384, "SHA-384" },
};


static const char *name(uint8_t id)
{
	size_t i;

	for (i = 0; i < sizeof(namev) / sizeof(namev[0]); i++) {
		if (namev[i].id == id)
			return namev[i].name;
	}

	return "?";
}


static void agent_destructor(void *arg)
{
	struct zrtp_agent *agent = arg;

	if (agent->z)
		(void)bzrtp_destroyBzrtpContext(agent->z, agent->ssrc);
	mem_deref(agent->view);
	explicit_bzero(agent->exported, sizeof(agent->exported));
}


static void alarm_once(struct zrtp_agent *agent, enum zrtp_alarm alarm)
{
	if (agent->alarms & 1u << alarm)
		return;
	agent->alarms |= 1u << alarm;
	agent->h.alarmh(alarm, agent->h.arg);
}


/* What is new in memory goes to the file, by way of the main loop */
static void keep(struct zrtp_agent *agent)
{
	struct zrtp_rows *rows = NULL;

	if (zrtp_view_changes(agent->view, &rows) || !rows)
		return;
	agent->h.keeph(rows, agent->h.arg);
}


/* ---- what bzrtp calls ---------------------------------------------------*/

static int send_handler(void *arg, const uint8_t *p, uint16_t len)
{
	struct zrtp_agent *agent = arg;

	return agent->h.sendh(p, len, agent->h.arg);
}


static void give_key(struct zrtp_agent *agent, const bzrtpSrtpSecrets_t *s,
		     bool send)
{
	const uint8_t *k = send ? s->selfSrtpKey : s->peerSrtpKey;
	const uint8_t *salt = send ? s->selfSrtpSalt : s->peerSrtpSalt;
	const size_t kn = send ? s->selfSrtpKeyLength : s->peerSrtpKeyLength;
	const size_t sn = send ? s->selfSrtpSaltLength :
		s->peerSrtpSaltLength;
	uint8_t key[ZRTP_KEY_MAX];

	if (!k || !salt || kn + sn > sizeof(key))
		return;

	memcpy(key, k, kn);
	memcpy(key + kn, salt, sn);
	agent->h.keyh(send, s->cipherAlgo == ZRTP_CIPHER_AES3,
		      s->authTagAlgo == ZRTP_AUTHTAG_HS80, key, kn + sn,
		      agent->h.arg);
	explicit_bzero(key, sizeof(key));
}


/* Each direction has its own moment in the handshake */
static int keys_handler(void *arg, const bzrtpSrtpSecrets_t *s, uint8_t part)
{
	if (part & ZRTP_SRTP_SECRETS_FOR_RECEIVER)
		give_key(arg, s, false);
	if (part & ZRTP_SRTP_SECRETS_FOR_SENDER)
		give_key(arg, s, true);

	return 0;
}


static void hex_zid(char *buf, const uint8_t *zid)
{
	size_t i;

	for (i = 0; i < ZRTP_ZID; i++)
		(void)re_snprintf(buf + 2 * i, 3, "%02x", zid[i]);
}


static const char *aux_words(const bzrtpSrtpSecrets_t *s)
{
	switch (s->auxSecretMismatch) {
	case BZRTP_AUXSECRET_MATCH:
		return "the same on both sides";
	case BZRTP_AUXSECRET_MISMATCH:
		return "not the same";
	default:
		return "none";
	}
}


static void describe(const struct zrtp_agent *agent,
		     const bzrtpSrtpSecrets_t *s, const char *zid, char *buf,
		     size_t size)
{
	uint8_t own[ZRTP_ZID];
	char hex[HEX_ZID];

	zrtp_view_zid(agent->view, own);
	hex_zid(hex, own);
	(void)re_snprintf(buf, size,
			  "Key agreement: %s\n"
			  "Cipher: %s\n"
			  "Authentication: %s\n"
			  "Hash: %s\n"
			  "Auxiliary secret: %s\n"
			  "Our device: %s\n"
			  "Their device: %s\n"
			  "Their program: %s\n",
			  name(s->keyAgreementAlgo), name(s->cipherAlgo),
			  name(s->authTagAlgo), name(s->hashAlgo),
			  aux_words(s), hex, zid, agent->hello.client);
}


static int secure_handler(void *arg, const bzrtpSrtpSecrets_t *s,
			  int32_t verified)
{
	struct zrtp_agent *agent = arg;
	char details[DETAILS_ROOM], zid[HEX_ZID], words[ZRTP_WORDS_MAX] = "";
	struct zrtp_secure sec;

	if (agent->secure || !s->sas)
		return 0;
	agent->secure = true;

	if (zrtp_words(words, sizeof(words), s->sas))
		words[0] = '\0';
	hex_zid(zid, agent->hello.zid);
	describe(agent, s, zid, details, sizeof(details));

	memset(&sec, 0, sizeof(sec));
	sec.b32 = s->sas;
	sec.words = words;
	sec.verified = verified != 0;
	sec.details = details;
	sec.peer_zid = zid;
	sec.aux_used = s->auxSecretMismatch != BZRTP_AUXSECRET_UNSET;
	sec.aux_match = s->auxSecretMismatch == BZRTP_AUXSECRET_MATCH;
	sec.exported = agent->exports ? agent->exported : NULL;

	agent->h.secureh(&sec, agent->h.arg);
	explicit_bzero(words, sizeof(words));

	if (agent->hello.mitm)
		alarm_once(agent, ZRTP_ALARM_MITM);
	if (s->cacheMismatch)
		alarm_once(agent, ZRTP_ALARM_MISMATCH);
	keep(agent);

	return 0;
}


/* The only moment at which a key can be exported: elsewhere bzrtp reads
 * what it has freed. With a cache mismatch it comes when the user confirms */
static int export_handler(void *arg, int zuid, uint8_t role)
{
	static const char label[] = "offhook chat";
	struct zrtp_agent *agent = arg;
	char buf[sizeof(label)];
	size_t len = ZRTP_EXPORT;
	(void)zuid;
	(void)role;

	memcpy(buf, label, sizeof(label));
	agent->exports = !bzrtp_exportKey(agent->z, buf, sizeof(label) - 1,
					  agent->exported, &len) &&
		len == ZRTP_EXPORT;

	return 0;
}


static int message_handler(void *arg, const uint8_t level, const uint8_t id,
			   const char *text)
{
	(void)arg;
	(void)level;
	(void)id;
	(void)text;

	return 0;
}


/* ---- life ---------------------------------------------------------------*/

/* In order of preference; bzrtp adds what the RFC demands at the end. On the
 * media loop, where this runs, X25519 takes 0.1 ms and DH-3072, which only
 * old peers ask for, 14 ms, once a call */
static void set_algorithms(bzrtpContext_t *z)
{
	uint8_t ka[7] = { ZRTP_KEYAGREEMENT_X255, ZRTP_KEYAGREEMENT_X448,
			  ZRTP_KEYAGREEMENT_DH3k, ZRTP_KEYAGREEMENT_Mult };
	uint8_t cipher[7] = { ZRTP_CIPHER_AES3, ZRTP_CIPHER_AES1 };
	uint8_t hash[7] = { ZRTP_HASH_S384, ZRTP_HASH_S256 };
	uint8_t tag[7] = { ZRTP_AUTHTAG_HS80, ZRTP_AUTHTAG_HS32 };
	uint8_t sas[7] = { ZRTP_SAS_B32 };

	bzrtp_setSupportedCryptoTypes(z, ZRTP_KEYAGREEMENT_TYPE, ka, 4);
	bzrtp_setSupportedCryptoTypes(z, ZRTP_CIPHERBLOCK_TYPE, cipher, 2);
	bzrtp_setSupportedCryptoTypes(z, ZRTP_HASH_TYPE, hash, 2);
	bzrtp_setSupportedCryptoTypes(z, ZRTP_AUTHTAG_TYPE, tag, 2);
	bzrtp_setSupportedCryptoTypes(z, ZRTP_SAS_TYPE, sas, 1);
}


static int context_make(struct zrtp_agent *agent)
{
	static const bzrtpCallbacks_t callbacks = {
		.bzrtp_statusMessage = message_handler,
		.bzrtp_messageLevel = BZRTP_MESSAGE_ERROR,
		.bzrtp_sendData = send_handler,
		.bzrtp_srtpSecretsAvailable = keys_handler,
		.bzrtp_startSrtpSession = secure_handler,
		.bzrtp_contextReadyForExportedKeys = export_handler,
	};
	bzrtpContext_t *z = bzrtp_createBzrtpContext();
	int rc;

	if (!z)
		return ENOMEM;

	(void)bzrtp_setCallbacks(z, &callbacks);
	rc = bzrtp_setZIDCache_lock(z, zrtp_view_db(agent->view),
				    zrtp_view_self(agent->view),
				    zrtp_view_peer(agent->view), NULL);
	if (rc && rc != BZRTP_CACHE_SETUP && rc != BZRTP_CACHE_UPDATE)
		module_log("zrtp: the cache cannot be used (0x%x)\n", rc);

	/* before init, which makes the Hello */
	set_algorithms(z);
	rc = bzrtp_initBzrtpContext(z, agent->ssrc);
	agent->z = z;

	return rc ? EIO : 0;
}


int zrtp_agent_alloc(struct zrtp_agent **agentp, struct zrtp_view *view,
		     uint32_t ssrc)
{
	struct zrtp_agent *agent;
	int err;

	if (!agentp || !view)
		return EINVAL;

	agent = mem_zalloc(sizeof(*agent), agent_destructor);
	if (!agent)
		return ENOMEM;

	agent->view = mem_ref(view);
	agent->ssrc = ssrc;
	err = context_make(agent);

	if (err)
		mem_deref(agent);
	else
		*agentp = agent;

	return err;
}


int zrtp_agent_hash(struct zrtp_agent *agent, char *buf, size_t size)
{
	if (!agent || !buf || size < ZRTP_HASH_TEXT)
		return EINVAL;

	return bzrtp_getSelfHelloHash(agent->z, agent->ssrc, (uint8_t *)buf,
				      size) ? EIO : 0;
}


int zrtp_agent_start(struct zrtp_agent *agent, const char *hash,
		     const uint8_t *aux, size_t aux_len,
		     const struct zrtp_agent_handlers *h)
{
	char buf[ZRTP_HASH_TEXT];

	if (!agent || !hash || !h || agent->started)
		return EINVAL;

	agent->h = *h;
	(void)bzrtp_setClientData(agent->z, agent->ssrc, agent);

	str_ncpy(buf, hash, sizeof(buf));
	if (*buf && bzrtp_setPeerHelloHash(agent->z, agent->ssrc,
					   (uint8_t *)buf, strlen(buf)))
		return EPROTO;

	/* before their Hello can come */
	if (aux && aux_len && bzrtp_setAuxiliarySharedSecret(agent->z, aux,
							     aux_len))
		return EINVAL;

	if (bzrtp_startChannelEngine(agent->z, agent->ssrc))
		return EIO;
	agent->started = true;

	return 0;
}


void zrtp_agent_again(struct zrtp_agent *agent)
{
	if (!agent || !agent->started || agent->secure)
		return;

	agent->since = 0;
	agent->met = agent->now;
	agent->nobody = agent->stalled = false;
	(void)bzrtp_resetRetransmissionTimer(agent->z, agent->ssrc);
}


static void judge(struct zrtp_agent *agent, int rc)
{
	switch (rc) {

	case E_HELLO_HASH:
		alarm_once(agent, ZRTP_ALARM_HASH);
		break;

	case E_CONFIRMMAC:
	case E_HASHCHAIN:
	case E_MAC:
	case E_HVI:
		/* Once there are keys, nothing that is sent changes them */
		if (!agent->secure)
			alarm_once(agent, ZRTP_ALARM_FORGED);
		break;

	default:
		break;
	}
}


bool zrtp_agent_input(struct zrtp_agent *agent, uint8_t *p, size_t len)
{
	struct zrtp_packet pkt;
	int rc;

	if (!agent || !zrtp_packet_is(p, len))
		return false;
	if (!agent->started || zrtp_packet_read(&pkt, p, len))
		return true;

	if (pkt.type == ZRTP_GOCLEAR && agent->secure)
		alarm_once(agent, ZRTP_ALARM_GOCLEAR);

	/* The first that is taken stays: bzrtp lets no other in. Kept before
	 * it is asked, for what follows can be done within the same call */
	if (pkt.type == ZRTP_HELLO && !agent->has_hello)
		agent->hello = pkt;
	rc = bzrtp_processMessage(agent->z, agent->ssrc, p, (uint16_t)len);
	if (pkt.type == ZRTP_HELLO && !rc && !agent->has_hello) {
		agent->has_hello = true;
		agent->met = agent->now;
	}
	judge(agent, rc);

	return true;
}


bool zrtp_agent_tick(struct zrtp_agent *agent, uint64_t now)
{
	if (!agent || !agent->started)
		return false;

	agent->now = now;
	if (!agent->since)
		agent->since = now;

	/* Also in the secure state: it costs a comparison, and the last
	 * message of the handshake may have to be said again */
	(void)bzrtp_iterate(agent->z, agent->ssrc, now);
	if (agent->secure)
		return false;

	if (!agent->has_hello && !agent->nobody &&
	    now - agent->since >= ZRTP_NO_PEER_MS) {
		agent->nobody = true;
		agent->h.nopeerh(agent->h.arg);
	}
	if (agent->has_hello && !agent->stalled &&
	    now - agent->met >= ZRTP_STALLED_MS) {
		agent->stalled = true;
		agent->h.stalledh(agent->h.arg);
	}

	return agent->has_hello ? !agent->stalled : !agent->nobody;
}


void zrtp_agent_confirm(struct zrtp_agent *agent, bool same)
{
	if (!agent || !agent->secure)
		return;

	if (same)
		bzrtp_SASVerified(agent->z);
	else
		bzrtp_resetSASVerified(agent->z);
	keep(agent);
}


bool zrtp_agent_is_secure(const struct zrtp_agent *agent)
{
	return agent && agent->secure;
}
