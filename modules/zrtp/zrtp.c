/**
 * @file zrtp.c  ZRTP: keys agreed between the two phones (RFC 6189)
 *
 * The Hello is made on the main loop, because its hash stands in our SDP,
 * and not before that is written: making it takes a millisecond, and not
 * every offer is answered. Then the agent goes over to the media loop with
 * the first job and stays there. What lasts beyond a call comes back to the
 * main loop in a pipe and is written there (keep.c; cache.c says why).
 *
 * Keys are agreed on once a call: another negotiation, say a hold, neither
 * changes nor ends them. A peer that announces another Hello later is
 * another peer, and that is refused.
 *
 * Config:   none
 * Requires: libbzrtp
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "keep.h"
#include "module.h"

enum { HASH_DIGITS = 64, IDENTITY = 192, KEY_ROOM = 128 };

struct crypto_neg {
	struct zrtp_agent *agent;        /**< From the first SDP of ours
					      to the first job           */
	char *own, *peer, *dir;          /**< What it is made of         */
	uint32_t ssrc;
	char own_hash[ZRTP_HASH_TEXT];
	char peer_hash[ZRTP_HASH_TEXT];  /**< "": none was announced     */
	char identity[IDENTITY];         /**< Keys for chats, base64     */
	char peer_identity[IDENTITY];
	bool caller;
	bool handed;
};

struct crypto_job {
	struct zrtp_agent *agent;        /**< Of the first one           */
	char peer_hash[ZRTP_HASH_TEXT];
	char peer_identity[IDENTITY];
	uint8_t aux[2 * KEY_ROOM];       /**< Both keys, the caller's first */
	size_t aux_len;
};

struct crypto_run {
	struct zrtp_agent *agent;
	struct crypto_handlers h;
	char peer_identity[IDENTITY];
	bool announced;                  /**< SDP told of their Hello    */
	bool wrong_hash;                 /**< And another one came       */
};

static const char version[] = "1.10 ";

/* ---- main loop ----------------------------------------------------------*/

/* One name for a person: no parameters, the host in lower case */
static int plain_uri(char **namep, const char *text)
{
	struct uri uri;
	struct pl pl;
	char *name, *p;
	int err;

	pl_set_str(&pl, text);
	err = uri_decode(&uri, &pl);
	if (err)
		return err;

	if (uri.port && uri.port != 5060 && uri.port != 5061)
		err = re_sdprintf(&name, "sip:%r@%r:%u", &uri.user, &uri.host,
				  uri.port);
	else
		err = re_sdprintf(&name, "sip:%r@%r", &uri.user, &uri.host);
	if (err)
		return err;

	for (p = name + 4 + uri.user.l; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	*namep = name;

	return 0;
}


static void neg_destructor(void *arg)
{
	struct crypto_neg *neg = arg;

	mem_deref(neg->agent);
	mem_deref(neg->own);
	mem_deref(neg->peer);
	mem_deref(neg->dir);
}


static int neg_alloc(struct crypto_neg **negp, const struct crypto_param *prm)
{
	struct crypto_neg *neg;
	int err;

	if (!negp || !prm || !prm->own_uri || !prm->peer_uri)
		return EINVAL;

	neg = mem_zalloc(sizeof(*neg), neg_destructor);
	if (!neg)
		return ENOMEM;

	neg->ssrc = prm->ssrc;
	neg->caller = prm->caller;
	if (prm->identity)
		str_ncpy(neg->identity, prm->identity,
			 sizeof(neg->identity));
	err = plain_uri(&neg->own, prm->own_uri);
	if (!err)
		err = plain_uri(&neg->peer, prm->peer_uri);
	if (!err && prm->dir)
		err = str_dup(&neg->dir, prm->dir);

	if (err)
		mem_deref(neg);
	else
		*negp = neg;

	return err;
}


static int agent_make(struct crypto_neg *neg)
{
	struct zrtp_view *view;
	int err;

	if (neg->own_hash[0])
		return 0;

	err = zrtp_view_alloc(&view, zrtp_keep_open(neg->dir), neg->own,
			      neg->peer);
	if (err)
		return err;

	err = zrtp_agent_alloc(&neg->agent, view, neg->ssrc);
	if (!err)
		err = zrtp_agent_hash(neg->agent, neg->own_hash,
				      sizeof(neg->own_hash));
	if (err) {
		neg->agent = mem_deref(neg->agent);
		neg->own_hash[0] = '\0';
	}
	mem_deref(view);

	return err;
}


static int neg_encode(struct crypto_neg *neg, bool offer, crypto_attr_h *h,
		      void *arg)
{
	int err;
	(void)offer;

	err = agent_make(neg);
	if (!err && neg->identity[0])
		err = h(true, "Ik", neg->identity, arg);
	if (!err)
		err = h(false, "zrtp-hash", neg->own_hash, arg);

	return err;
}


/* RFC 6189 8: the version, a blank and the SHA-256 of the Hello in hex;
 * there may be several, of versions that we do not speak */
static int find_hash(const struct crypto_sdp *sdp, char *hash)
{
	const char *value;
	unsigned n;

	for (n = 0; (value = sdp->attr(sdp, "zrtp-hash", n)); n++) {
		const char *hex = value + sizeof(version) - 1;

		if (strncmp(value, version, sizeof(version) - 1))
			continue;
		if (strspn(hex, "0123456789abcdefABCDEF") != HASH_DIGITS ||
		    hex[HASH_DIGITS])
			return EPROTO;
		str_ncpy(hash, value, ZRTP_HASH_TEXT);
		for (; *hash; hash++)
			*hash = (char)tolower((unsigned char)*hash);
		return 0;
	}

	return n ? ENOTSUP : ENOENT;
}


/* The name of the attribute has changed once */
static void find_identity(struct crypto_neg *neg,
			  const struct crypto_sdp *sdp)
{
	const char *value = sdp->attr(sdp, "Ik", 0);

	if (!value)
		value = sdp->attr(sdp, "lime-Ik", 0);
	if (value && strlen(value) < sizeof(neg->peer_identity))
		str_ncpy(neg->peer_identity, value,
			 sizeof(neg->peer_identity));
}


static int neg_decode(struct crypto_neg *neg, const struct crypto_sdp *sdp)
{
	char hash[ZRTP_HASH_TEXT] = "";
	int err;

	err = find_hash(sdp, hash);
	if (err)
		return err;

	/* Keys that are there, or under way, belong to the first */
	if (neg->handed && neg->peer_hash[0] &&
	    strcmp(neg->peer_hash, hash))
		return EACCES;

	memcpy(neg->peer_hash, hash, sizeof(hash));
	find_identity(neg, sdp);

	return 0;
}


static void job_destructor(void *arg)
{
	struct crypto_job *job = arg;

	mem_deref(job->agent);
}


/* RFC 6189 4.3: what both ends know besides; here the two keys for chats,
 * so that words compared aloud vouch for them, too */
static void join_keys(struct crypto_job *job, const struct crypto_neg *neg)
{
	const char *const keyv[] = {
		neg->caller ? neg->identity : neg->peer_identity,
		neg->caller ? neg->peer_identity : neg->identity,
	};
	size_t i, n = 0;

	for (i = 0; i < 2; i++) {
		size_t len = KEY_ROOM;

		if (!keyv[i][0] ||
		    base64_decode(keyv[i], strlen(keyv[i]), job->aux + n,
				  &len))
			return;
		n += len;
	}
	job->aux_len = n;
}


static int neg_agree(struct crypto_job **jobp, struct crypto_neg *neg)
{
	struct crypto_job *job;
	int err;

	err = agent_make(neg);
	if (err)
		return err;

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	/* Handed over, not shared: the main loop has no agent afterwards */
	job->agent = neg->agent;
	neg->agent = NULL;
	neg->handed = true;
	memcpy(job->peer_hash, neg->peer_hash, sizeof(job->peer_hash));
	memcpy(job->peer_identity, neg->peer_identity,
	       sizeof(job->peer_identity));
	join_keys(job, neg);
	*jobp = job;

	return 0;
}


/* ---- media loop: what the agent says ------------------------------------*/

static int send_handler(const uint8_t *p, size_t len, void *arg)
{
	struct crypto_run *run = arg;
	struct mbuf *mb = mbuf_alloc(len);
	int err;

	if (!mb)
		return ENOMEM;

	err = mbuf_write_mem(mb, p, len);
	mb->pos = 0;
	if (!err)
		err = run->h.sendh(CRYPTO_RTP, mb, run->h.arg);
	mem_deref(mb);

	return err;
}


static void key_handler(bool send, bool aes256, bool tag80,
			const uint8_t *key, size_t len, void *arg)
{
	struct crypto_run *run = arg;
	struct crypto_keys keys;

	memset(&keys, 0, sizeof(keys));
	keys.suite = aes256 ?
		(tag80 ? SRTP_AES_256_CM_HMAC_SHA1_80 :
			 SRTP_AES_256_CM_HMAC_SHA1_32) :
		(tag80 ? SRTP_AES_CM_128_HMAC_SHA1_80 :
			 SRTP_AES_CM_128_HMAC_SHA1_32);
	keys.parts = CRYPTO_RTP | CRYPTO_RTCP;
	if (send) {
		keys.tx = key;
		keys.tx_len = len;
	}
	else {
		keys.rx = key;
		keys.rx_len = len;
	}

	run->h.keysh(&keys, run->h.arg);
}


static void secure_handler(const struct zrtp_secure *sec, void *arg)
{
	struct crypto_run *run = arg;
	struct crypto_info info;

	memset(&info, 0, sizeof(info));
	info.sas_b32 = sec->b32;
	info.sas_words = sec->words;
	info.verified = sec->verified;
	info.details = sec->details;
	info.peer_id = sec->peer_zid;
	info.identity = run->peer_identity;
	info.identity_same = sec->aux_used && sec->aux_match;
	info.exported = sec->exported;

	run->h.eventh(CRYPTO_SECURE, &info, run->h.arg);
}


static void alarm_handler(enum zrtp_alarm alarm, void *arg)
{
	static const struct {
		const char *alarm, *text;
	} v[ZRTP_ALARMS] = {
		[ZRTP_ALARM_HASH] = { "hash",
			"What the other phone sends is not what the "
			"signalling announced" },
		[ZRTP_ALARM_FORGED] = { "forged",
			"Somebody sends forged packets into the key "
			"agreement" },
		[ZRTP_ALARM_GOCLEAR] = { "goclear",
			"Somebody asked to stop encrypting; it was refused" },
		[ZRTP_ALARM_MISMATCH] = { "cache-mismatch",
			"The keys kept from earlier calls are not the same "
			"on both sides" },
		[ZRTP_ALARM_MITM] = { "mitm",
			"The other side says that it is a server in the "
			"middle, which can listen" },
	};
	struct crypto_run *run = arg;
	struct crypto_info info;

	run->wrong_hash |= alarm == ZRTP_ALARM_HASH;
	memset(&info, 0, sizeof(info));
	info.alarm = v[alarm].alarm;
	info.text = v[alarm].text;

	run->h.eventh(CRYPTO_ALARM, &info, run->h.arg);
}


static void nopeer_handler(void *arg)
{
	struct crypto_run *run = arg;
	struct crypto_info info;

	/* Somebody is there, and not who the signalling named: that is no
	 * reason to go on without encryption */
	if (run->wrong_hash) {
		memset(&info, 0, sizeof(info));
		info.text = "Somebody else than the signalling announced "
			    "answers for the other phone";
		run->h.eventh(CRYPTO_FAILED, &info, run->h.arg);
		return;
	}

	memset(&info, 0, sizeof(info));
	info.text = run->announced ?
		"The other phone announced ZRTP, but none of its packets "
		"arrive" :
		"The other phone does not speak ZRTP";

	run->h.eventh(CRYPTO_NO_PEER, &info, run->h.arg);
}


static void stalled_handler(void *arg)
{
	struct crypto_run *run = arg;
	struct crypto_info info;

	memset(&info, 0, sizeof(info));
	info.text = "The key agreement did not come to its end";

	run->h.eventh(CRYPTO_FAILED, &info, run->h.arg);
}


static void rows_handler(struct zrtp_rows *rows, void *arg)
{
	(void)arg;

	zrtp_keep(rows);
}


/* ---- media loop ---------------------------------------------------------*/

static void run_destructor(void *arg)
{
	struct crypto_run *run = arg;

	mem_deref(run->agent);
}


static int run_start(struct crypto_run **runp, struct crypto_job *job,
		     const struct crypto_handlers *h)
{
	const struct zrtp_agent_handlers ah = {
		.sendh = send_handler, .keyh = key_handler,
		.secureh = secure_handler, .alarmh = alarm_handler,
		.nopeerh = nopeer_handler, .stalledh = stalled_handler,
		.keeph = rows_handler,
	};
	struct zrtp_agent_handlers agent_h = ah;
	struct crypto_run *run;
	int err;

	if (!runp || !job || !h)
		return EINVAL;

	if (*runp) {
		(*runp)->h = *h;
		zrtp_agent_again((*runp)->agent);
		return 0;
	}
	if (!job->agent)
		return EINVAL;

	run = mem_zalloc(sizeof(*run), run_destructor);
	if (!run)
		return ENOMEM;

	run->h = *h;
	run->announced = job->peer_hash[0] != '\0';
	run->agent = job->agent;
	job->agent = NULL;
	agent_h.arg = run;
	memcpy(run->peer_identity, job->peer_identity,
	       sizeof(run->peer_identity));
	err = zrtp_agent_start(run->agent, job->peer_hash, job->aux,
			       job->aux_len, &agent_h);

	if (err)
		mem_deref(run);
	else
		*runp = run;

	return err;
}


static bool run_input(struct crypto_run *run, enum crypto_part part,
		      struct mbuf *mb)
{
	return part == CRYPTO_RTP &&
		zrtp_agent_input(run->agent, mbuf_buf(mb),
				 mbuf_get_left(mb));
}


static bool run_tick(struct crypto_run *run, uint64_t now)
{
	return zrtp_agent_tick(run->agent, now / 1000);
}


static void run_confirm(struct crypto_run *run, bool same)
{
	zrtp_agent_confirm(run->agent, same);
}


/* ---- module -------------------------------------------------------------*/

static struct media_crypto zrtp = {
	.name = "zrtp",
	.profiles = PROFILE_AVP | PROFILE_SAVP | PROFILE_TLS_SAVP,
	.handshake = true,
	.alloc = neg_alloc,
	.encode = neg_encode,
	.decode = neg_decode,
	.agree = neg_agree,
	.start = run_start,
	.input = run_input,
	.tick = run_tick,
	.confirm = run_confirm,
};


static int module_init(void)
{
	return media_crypto_register(&zrtp);
}


static int module_close(void)
{
	media_crypto_unregister(&zrtp);
	zrtp_keep_close();

	return 0;
}


OFFHOOK_MODULE("zrtp", "media_crypto", module_init, module_close);
