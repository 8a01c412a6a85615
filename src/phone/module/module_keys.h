/**
 * @file module_keys.h  The plugin ABI: packet protection, key agreement
 *
 * A part of module.h, which is what to include.
 */
#ifndef OFFHOOK_MODULE_KEYS_H
#define OFFHOOK_MODULE_KEYS_H

#include <sys/types.h>
#include <sys/socket.h>
#include <re.h>

#ifndef OFFHOOK_API
#define OFFHOOK_API __attribute__((visibility("default")))
#endif

/* ---- packet protection (SRTP) -------------------------------------------*/

enum {
	SRTP_KEY_MAX = 46,       /**< Key and salt of the longest suite   */
	SRTP_MKI_MAX = 16,
	SRTP_TRAILER = 32        /**< Most that protecting adds, bytes    */
};

/** What stands in each packet to name its key (RFC 3711 3.1) */
struct srtp_mki {
	uint8_t id[SRTP_MKI_MAX];
	size_t len;              /**< 0: nothing                          */
};

struct srtp_ctx;    /**< One direction of one stream, a libre mem object */

/**
 * Protects RTP and RTCP (RFC 3711, 7714). Suites are libre's enum
 * srtp_suite; srtp_suite_name() gives their names in SDP.
 *
 * Every function works in place on mb: pos at the header, end at the end
 * of the packet, both ways. There is always one engine or none.
 */
struct srtp_engine {
	struct le le;            /**< Used by the registry                */
	const char *name;        /**< The library, for the details shown  */

	/**
	 * [media] Make one direction
	 *
	 * @param ctxp  Result; wiped and freed with mem_deref()
	 * @param key   Master key, then master salt
	 * @param len   Bytes of both
	 * @param mki   What names the key in each packet, or NULL
	 * @param send  True: protects, false: unprotects
	 *
	 * @return 0 or errorcode (EINVAL: len is not that of the suite,
	 *         ENOTSUP: no such suite)
	 */
	int (*alloc)(struct srtp_ctx **ctxp, enum srtp_suite suite,
		     const uint8_t *key, size_t len,
		     const struct srtp_mki *mki, bool send);

	/** [media] mb has room for SRTP_TRAILER bytes, or grows */
	int (*protect)(struct srtp_ctx *ctx, struct mbuf *mb);

	/** [media] EALREADY: seen before; EAUTH: forged or damaged */
	int (*unprotect)(struct srtp_ctx *ctx, struct mbuf *mb);

	/** [media] The same for RTCP; always encrypted */
	int (*protect_rtcp)(struct srtp_ctx *ctx, struct mbuf *mb);
	int (*unprotect_rtcp)(struct srtp_ctx *ctx, struct mbuf *mb);
};

OFFHOOK_API int srtp_engine_register(struct srtp_engine *engine);
OFFHOOK_API void srtp_engine_unregister(struct srtp_engine *engine);

/* ---- key agreement ------------------------------------------------------*/

struct crypto_neg;   /**< [main] What is offered and what was answered    */
struct crypto_job;   /**< Made on main, read by start() on media          */
struct crypto_run;   /**< [media] An agreement under way, or done         */

/** Transport of a media line (RFC 4568, 5124, 5764); with or without the
 *  F of the feedback profile is the same */
enum media_profile {
	PROFILE_AVP      = 1 << 0,   /**< RTP/AVP                        */
	PROFILE_SAVP     = 1 << 1,   /**< RTP/SAVP                       */
	PROFILE_TLS_SAVP = 1 << 2    /**< UDP/TLS/RTP/SAVP               */
};

/** Which of the two streams of packets */
enum crypto_part {
	CRYPTO_RTP  = 1 << 0,
	CRYPTO_RTCP = 1 << 1
};

/** What an agreement is about; copied where it is kept */
struct crypto_param {
	const char *own_uri;     /**< "sip:alice@example.org"             */
	const char *peer_uri;    /**< As in our INVITE, or in theirs      */
	const char *dir;         /**< Folder for what has to last, 0700   */
	uint32_t ssrc;           /**< Ours                                */
	const char *identity;    /**< Our key for chats, base64, which the
				      words can vouch for; or NULL        */
	bool signalling_tls;     /**< Our hop to the server is TLS        */
	bool caller;             /**< We made the first offer             */
};

/** SDP that came: attributes of the media line, else of the session */
struct crypto_sdp {
	enum media_profile profile;
	bool offer;              /**< The peer's offer, else its answer   */
	bool up;                 /**< The call is answered: what was
				      agreed before may not get weaker    */
	bool mux;                /**< RTCP goes over the RTP port (known
				      in the peer's answer and offer)     */

	/** n-th value of an attribute, NULL: no more; "" if it is a flag */
	const char *(*attr)(const struct crypto_sdp *sdp, const char *name,
			    unsigned n);
	void *arg;               /**< attr's                              */
};

/**
 * Write one attribute of SDP
 *
 * @param session  Of the session, else of the media line
 * @param value    NULL: a flag
 */
typedef int (crypto_attr_h)(bool session, const char *name,
			    const char *value, void *arg);

/** Keys that were agreed on; copy what is kept, the caller wipes */
struct crypto_keys {
	enum srtp_suite suite;
	unsigned parts;          /**< enum crypto_part: good for these    */
	const uint8_t *tx;       /**< Key and salt, NULL: not this time   */
	size_t tx_len;
	const uint8_t *rx;
	size_t rx_len;
	const struct srtp_mki *rx_mki;   /**< Or NULL                     */
	uint64_t lifetime;       /**< Packets each is good for, 0: as many
				      as SRTP allows                      */
};

enum crypto_event {
	CRYPTO_SECURE,           /**< All keys are there                  */
	CRYPTO_CHANGED,          /**< Something in info changed           */
	CRYPTO_NO_PEER,          /**< Nobody answers; text: a sentence    */
	CRYPTO_ALARM,            /**< alarm, text: somebody may be there  */
	CRYPTO_FAILED,           /**< There will be no keys; text         */
	/* these two come from the stream, not from a module */
	CRYPTO_WORN,             /**< Keys are nearly used up: negotiate  */
	CRYPTO_WANTED            /**< ZRTP came, and nobody deals with it */
};

/** Copied by whoever gets it; pointers may be NULL */
struct crypto_info {
	const char *sas_b32;     /**< "x9u4"                              */
	const char *sas_words;   /**< "egghead hamburger"                 */
	bool verified;           /**< Both sides compared, now or earlier */
	const char *details;     /**< Algorithms, for people: a line each,
				      "Key agreement: X25519\n..."       */
	const char *peer_id;     /**< Of the peer's device, if it has one
				      (ZID, fingerprint), hexadecimal     */
	const char *identity;    /**< The peer's key for chats, base64    */
	bool identity_same;      /**< Both sides mean the same two keys   */
	const uint8_t *exported; /**< 32 bytes that only the two phones
				      know, or NULL; not to be kept       */
	const char *alarm;       /**< CRYPTO_ALARM: one word, say
				      "fingerprint", "cache-mismatch",
				      "unverified", "hash", "mitm"        */
	const char *text;        /**< A sentence                          */
};

/** What a running agreement wants of its stream, all [media] */
struct crypto_handlers {
	/** Send to the peer; mb borrowed. 0 or errorcode */
	int (*sendh)(enum crypto_part part, struct mbuf *mb, void *arg);

	void (*keysh)(const struct crypto_keys *keys, void *arg);

	/** May come within start, input and tick; not the moment to free */
	void (*eventh)(enum crypto_event ev, const struct crypto_info *info,
		       void *arg);
	void *arg;
};

/**
 * A way to agree on keys. On the main loop a neg writes and reads SDP; what
 * it agreed on goes over to the media loop as a job, and there a run makes
 * it true. Each new negotiation gives a new job to the same run. mem_deref
 * ends neg, job and run and wipes what is secret.
 */
struct media_crypto {
	struct le le;            /**< Used by the registry                */
	const char *name;        /**< "sdes", "dtls-srtp", "zrtp"         */
	unsigned profiles;       /**< Where it can be offered, enum
				      media_profile                       */
	bool handshake;          /**< Keys come by packets, not by SDP    */

	/** [main] 0 or errorcode */
	int (*alloc)(struct crypto_neg **negp,
		     const struct crypto_param *prm);

	/**
	 * [main] Write what goes into our SDP
	 *
	 * @param offer  Our offer; else the answer to what decode() took
	 *
	 * @return 0 or errorcode
	 */
	int (*encode)(struct crypto_neg *neg, bool offer, crypto_attr_h *h,
		      void *arg);

	/**
	 * [main] What the peer's SDP says; a refused one leaves the neg as
	 * it was
	 *
	 * @return 0: agreed, ENOENT: nothing about this in there,
	 *         ENOTSUP: nothing that we can do, EPROTO: makes no sense,
	 *         EACCES: not who it was, or weaker (sdp->up): an alarm
	 */
	int (*decode)(struct crypto_neg *neg, const struct crypto_sdp *sdp);

	/**
	 * [main] The keys are nearly used up: the next offer brings others,
	 * which hold once it is answered. NULL: never needed
	 */
	void (*renew)(struct crypto_neg *neg);

	/** [main] What was agreed on, after encode and decode */
	int (*agree)(struct crypto_job **jobp, struct crypto_neg *neg);

	/**
	 * [media] Begin, or go on after another negotiation
	 *
	 * @param runp  *runp NULL: make it; else change it
	 * @param job   Borrowed; the caller frees it
	 * @param h     Copied
	 */
	int (*start)(struct crypto_run **runp, struct crypto_job *job,
		     const struct crypto_handlers *h);

	/**
	 * [media] A packet that is no RTP (RFC 7983: first byte not
	 * 128..191) came from the peer's address
	 *
	 * @return True if it was one of ours. NULL: never is
	 */
	bool (*input)(struct crypto_run *run, enum crypto_part part,
		      struct mbuf *mb);

	/**
	 * [media] Every 20 ms as long as it returns true; asked again after
	 * each start() and input(). NULL: needs none
	 *
	 * @param now  Monotonic, microseconds
	 */
	bool (*tick)(struct crypto_run *run, uint64_t now);

	/** [media] The user compared: words agree or not. NULL: no words */
	void (*confirm)(struct crypto_run *run, bool same);
};

OFFHOOK_API int media_crypto_register(struct media_crypto *mc);
OFFHOOK_API void media_crypto_unregister(struct media_crypto *mc);

#endif
