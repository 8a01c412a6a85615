/**
 * @file session.h  An INVITE session (RFC 3261, 3264), own layer
 *
 * Stands on libre's sip_dialog, sip_drequestf and sip_strans. Knows
 * offers and answers as bodies only; what is in them is the media room's.
 * Caller side in session_uac.c, callee side in session_uas.c, what both
 * share in session.c; each extension has a file of its own: prack.c (RFC
 * 3262), update.c (3311), session_timer.c (4028), refer.c (3515),
 * replaces.c (3891). Main loop.
 */
#ifndef OFFHOOK_SESSION_H
#define OFFHOOK_SESSION_H

#include "common/re_compat.h"

struct stack;
struct session;

enum session_state {
	SESSION_NEW,           /**< Nothing sent yet, or INVITE came in    */
	SESSION_CALLING,       /**< INVITE sent                            */
	SESSION_PROCEEDING,    /**< 1xx sent or received                   */
	SESSION_ESTABLISHED,   /**< 2xx sent or received                   */
	SESSION_CLOSED
};

/**
 * 1xx came (caller). desc is the body if it is SDP, else NULL
 */
typedef void (session_progress_h)(uint16_t scode, const char *reason,
				  struct mbuf *desc, void *arg);

/** The peer's answer to our offer (desc: SDP; 2xx of INVITE/re-INVITE) */
typedef int (session_answer_h)(struct mbuf *desc, void *arg);

/**
 * The peer makes an offer in a re-INVITE (or in the 2xx of an INVITE that
 * we sent without one)
 *
 * @param descp  Set to our answer (mem_deref'd by the session)
 * @param desc   The offer; NULL: the peer asks us to make the offer
 *
 * @return 0; EPROTO or other error: 488 is answered
 */
typedef int (session_offer_h)(struct mbuf **descp, struct mbuf *desc,
			      void *arg);

/** 2xx was sent and acknowledged, or received */
typedef void (session_established_h)(void *arg);

/**
 * The session ended, from whatever side; called once, never from within a
 * function of this header
 *
 * @param err    0, or errorcode (ETIMEDOUT, ECONNREFUSED, EPROTO, ...)
 * @param scode  Status code of the final answer, 0 if there was none
 *               (BYE, or err)
 * @param reason One sentence: what happened, for people
 */
typedef void (session_close_h)(int err, uint16_t scode, const char *reason,
			       void *arg);

/**
 * The peer refused our re-INVITE; the session goes on as it was
 *
 * @param scode   Status code, 0 if err of the network
 * @param reason  One sentence
 */
typedef void (session_refused_h)(uint16_t scode, const char *reason,
				 void *arg);

/** DTMF by SIP INFO came in */
typedef void (session_info_h)(char digit, void *arg);

/** The peer wants us to call somebody else (REFER, RFC 3515) */
struct session_referral {
	const char *target;      /**< Whom: a plain SIP URI              */
	const char *by;          /**< Who says so: a plain URI           */
	const char *replaces;    /**< Value for Replaces, or NULL        */
};

/**
 * The peer asks to be transferred; answered now or later by
 * session_refer_answer(), which may be called again as things go on
 */
typedef void (session_refer_h)(const struct session_referral *ref,
			       void *arg);

/**
 * How the transfer goes that we asked for
 *
 * @param scode  What the peer hears from the new one; 0: it says no more
 * @param final  Nothing more will come
 */
typedef void (session_referred_h)(uint16_t scode, bool final, void *arg);

struct session_handlers {
	session_progress_h *progressh;
	session_answer_h *answerh;
	session_offer_h *offerh;
	session_established_h *estabh;
	session_close_h *closeh;
	session_info_h *infoh;
	session_refused_h *refusedh;   /**< May be NULL, as all of them   */
	session_refer_h *referh;
	session_referred_h *referredh;
	void *arg;
};

/** Reliable provisional answers (RFC 3262) */
enum session_rel {
	SESSION_REL_SUPPORTED,   /**< If the other side can              */
	SESSION_REL_REQUIRED,    /**< We insist on them                  */
	SESSION_REL_OFF
};

struct session_options {
	enum session_rel rel;
	uint32_t expires;        /**< Session timer in seconds, 0: none
					that we would ask for            */
	const char *hdrs;        /**< More lines of the INVITE, each with
					its CRLF, or NULL; copied         */
};

/**
 * Call somebody
 *
 * @param sessp   Session; free with mem_deref() (which hangs up silently:
 *                CANCEL or BYE is sent)
 * @param stack   Stack, referenced
 * @param target  Request-URI "sip:bob@example.org"; RFC 3261 addr-spec
 * @param desc    SDP offer, referenced
 * @param opt     Options, or NULL
 * @param h       Handlers, copied
 *
 * @return 0 if success, otherwise errorcode (EINVAL: bad target)
 */
int session_connect(struct session **sessp, struct stack *stack,
		    const char *target, struct mbuf *desc,
		    const struct session_options *opt,
		    const struct session_handlers *h);

/** The same for an incoming session, before anything is answered */
void session_set_options(struct session *sess,
			 const struct session_options *opt);

/** Take over an incoming session (from stack_invite_h): sets handlers */
void session_set_handlers(struct session *sess,
			  const struct session_handlers *h);

/** The offer of an incoming INVITE; NULL: none, we make it in the 200 */
struct mbuf *session_remote_desc(const struct session *sess);

/** Answer 180 (desc NULL) or 183 with early media (desc set) */
int session_ring(struct session *sess, struct mbuf *desc);

/** Answer 200 with our answer (or offer, if the INVITE had none) */
int session_accept(struct session *sess, struct mbuf *desc);

/** Refuse an incoming INVITE */
int session_reject(struct session *sess, uint16_t scode, const char *reason);

/** Send an incoming INVITE elsewhere: 302 with that target (RFC 5806 says
 *  in Diversion who did it, and its reason: "unconditional", "user-busy",
 *  "no-answer") */
int session_redirect(struct session *sess, const char *target,
		     const char *reason);

/**
 * Send a re-INVITE with a new offer; EALREADY if one is open
 *
 * If both sides offer at once (491) it is tried again after the wait of
 * RFC 3261 14.1, with an offer that offerh makes anew (desc NULL there).
 * A refusal comes as refusedh.
 */
int session_modify(struct session *sess, struct mbuf *desc);

/** Is an offer open, in either direction, so that another has to wait? */
bool session_is_modifying(const struct session *sess);

/**
 * Ask the peer to call somebody else (REFER, RFC 3515); referredh tells
 *
 * @param target    SIP URI
 * @param replaces  The session to take the place of (attended transfer,
 *                  RFC 3891), or NULL: then the device at its end is named,
 *                  and target only where that is not found (RFC 5589 7)
 *
 * @return 0, ENOTCONN: not up, EALREADY: one is under way, EINVAL
 */
int session_refer(struct session *sess, const char *target,
		  const struct session *replaces);

/** What became of the referral: 100, 180 ... 200 or why not. A final code
 *  ends it. ENOENT if there is none */
int session_refer_answer(struct session *sess, uint16_t scode);

/** Value of a Replaces header that names this session as its peer sees it;
 *  new string. ENOTCONN while there is no dialog */
int session_replaces_value(char **valuep, const struct session *sess);

/** May this text stand in a Replaces header as Call-ID or tag? */
bool session_token(const char *s);

/**
 * The session an incoming INVITE wants to take the place of (RFC 3891)
 *
 * @param scode  Set if it may not: 481, 486 or 603; else 0
 *
 * @return The session, or NULL
 */
struct session *session_replaced(const struct session *sess,
				 uint16_t *scode);

/** Send a DTMF digit by INFO (application/dtmf-relay) */
int session_dtmf(struct session *sess, char digit, uint32_t ms);

/** End: CANCEL before the 2xx, BYE after it, 480 if incoming; closeh comes
 *  with err 0 once this is under way */
int session_hangup(struct session *sess);

/** As session_hangup(), with a value for the header Reason (RFC 3326) */
int session_hangup_because(struct session *sess, const char *reason);

/** Where a 3xx answer points: a plain SIP URI, "" if nowhere. Meant for
 *  closeh with 300 to 399 */
const char *session_moved_to(const struct session *sess);

/** The peer ended a call that somebody else answered (RFC 3326) */
bool session_elsewhere(const struct session *sess);

/** Who sent the call on to us (Diversion, History-Info): its URI and name,
 *  "" if nobody. Claimed, not proven */
const char *session_diverted_uri(const struct session *sess);
const char *session_diverted_name(const struct session *sess);

/** The caller hides who it is (RFC 3323, 5079) */
bool session_anonymous(const struct session *sess);

/** The caller asks for an answer without a hand (RFC 5373 and what
 *  came before it): a wish, nothing more */
bool session_asks_answer(const struct session *sess);

/** The INVITE came from the account's own server over verified TLS */
bool session_from_server(const struct session *sess);

/** Address the INVITE came from */
const struct sa *session_source(const struct session *sess);

enum session_state session_state(const struct session *sess);
const char *session_peer_uri(const struct session *sess);
/** Display name of the peer, cleaned; "" if none */
const char *session_peer_name(const struct session *sess);
const char *session_call_id(const struct session *sess);
bool session_incoming(const struct session *sess);
/** Transport the signalling runs over, and the peer's address */
enum sip_transp session_transp(const struct session *sess);

#endif
